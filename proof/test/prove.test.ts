import { describe, expect, test } from "vitest";
import { checkStep } from "../check-step/index.js";
import type { ModuleRun } from "../module-run.js";
import { proveStepAt } from "../prove-run.js";
import { StateHasher } from "../state-hash.js";
import { mixer } from "./support.js";

/** Proves and checks every step of a run. */
async function everyStep(make: () => ModuleRun, limit = 400) {
  const whole = make();
  await whole.runTo(2 ** 40);
  const { calls } = whole.linker;
  const run = make();
  await run.runTo(0);
  const hasher = new StateHasher();
  const seen = new Map<string, number>();
  for (let n = 0; n < limit && run.underWay !== null; n++) {
    const proof = await proveStepAt(run, run.fuelUsed, { calls, hasher });
    const checked = checkStep(JSON.parse(JSON.stringify(proof)));
    expect(checked.after).toBe(run.stateHash());
    const { instruction } = checked.step;
    seen.set(instruction, (seen.get(instruction) ?? 0) + 1);
  }
  return seen;
}

describe("every step of a run is proved and checked", () => {
  test("with calls, memory, a table, globals and a call of the host's", async () => {
    const seen = await everyStep(() => mixer({ n: 3 }));
    // (mix 3): three calls of $step, and one of the host's at i = 0.
    expect([seen.get("entry of a function"), seen.get("call"), seen.get("i32.store")]).toEqual([4, 4, 3]);
    expect([...seen.keys()]).toEqual(expect.arrayContaining(["table.set", "ref.func", "global.set", "br_if"]));
  });
});
