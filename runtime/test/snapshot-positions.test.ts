// Snapshots at every instruction: restored into a fresh engine they end as the whole run does.
import { describe, expect, test } from "vitest";
import type { Execution } from "../index.js";
import { captureStore } from "../snapshot/capture.js";
import { decodeSnapshot, encodeSnapshot } from "../snapshot/format.js";
import { restoreStore } from "../snapshot/restore.js";
import { SNAPSHOT_PROGRAMS } from "./support/snapshot-program-texts.js";
import { assemble, Linked, type Program } from "./support/snapshot-programs.js";

function runToEnd(execution: Execution): void {
  // Nothing of a run is lost between slices.
  for (let i = 0; i < 100_000 && execution.run(1000).status === "paused"; i++);
}

/** Runs the program one unit of fuel at a time, and wherever it stops goes on in a fresh engine, too. */
function checkEverywhere(program: Program): number {
  const whole = new Linked(program);
  const expected = whole.start();
  runToEnd(expected);
  const lines = [Linked.outcome(expected), ...whole.describe()];
  const stepped = new Linked(program);
  const execution = stepped.start();
  let snapshots = 0;
  let last = "";
  for (;;) {
    const picture = captureStore(stepped.subject, { execution });
    const place = JSON.stringify([picture.execution!.top, picture.execution!.frames]);
    // Where it waits for more than one unit, once is enough.
    if (place !== last) {
      const used = execution.fuelUsed;
      const fresh = new Linked(program);
      const bytes = encodeSnapshot(picture, { compress: snapshots % 3 === 0 });
      const restored = restoreStore(decodeSnapshot(bytes).picture, fresh.subject)!;
      snapshots++;
      expect(restored.fuelUsed).toBe(used);
      // Some go on in stepping form, some at once in the fast form.
      restored.run(snapshots % 2 === 0 ? 1 : 1000);
      runToEnd(restored);
      expect([Linked.outcome(restored), ...fresh.describe()], `after ${used} units`).toEqual(lines);
      expect([...stepped.log, ...fresh.log], `after ${used} units`).toEqual(whole.log);
    }
    last = place;
    if (execution.run(1).status !== "paused") break;
  }
  expect([Linked.outcome(execution), ...stepped.describe()]).toEqual(lines);
  return snapshots;
}

describe("a snapshot at every instruction ends as the whole run does", () => {
  test.each(Object.entries(SNAPSHOT_PROGRAMS))("%s", async (_, text) => {
    expect(checkEverywhere(await assemble(text))).toBeGreaterThan(3);
  });
});
