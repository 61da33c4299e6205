// Equal states, equal bytes: a session that is paused after the same fuel has the same snapshot, however it got there.
// The same for generated modules is runtime/snapshot/test/canonical.test.ts.
import { describe, expect, test } from "vitest";
import { Random } from "../../runtime/test/support/random.js";
import { forms } from "../../test/support/form.js";
import type { Sandbox, SandboxOptions, SandboxResult } from "../index.js";
import { ARTIFACTS } from "./artifacts.js";

const PROGRAM = `
import random
class Node:
  def __init__(self, value, rest): self.value, self.rest = value, rest
def walk(node):
  while node:
    yield node.value
    node = node.rest
rest = None
for i in range(1000):
  try:
    rest = Node(add(i, random.randint(0, 9)) if i % 7 == 0 else i / 3, rest)
    if i % 11 == 0: raise ValueError(i)
  except ValueError as error:
    print(error, sum(walk(rest)))
`;
const STOPS = forms([70_000, 91_457], [70_000, 123_457, 200_001, 333_333]);
const OPTIONS: SandboxOptions = { functions: { add: (a: number, b: number) => a + b }, onFuelExhausted: "pause" };

describe.each(ARTIFACTS)("$kind:", (artifact) => {
  const whole = async (fuel: number) => {
    const sandbox = await artifact.create(OPTIONS);
    expect((await sandbox.run(PROGRAM, { fuel })).status).toBe("paused");
    return sandbox.snapshot();
  };

  /** Snapshots at each stop, of a session that is paused in between. */
  async function inSlices(next: (sandbox: Sandbox) => Promise<Sandbox>): Promise<Uint8Array[]> {
    const random = new Random(1);
    let sandbox = await artifact.create(OPTIONS);
    let given = 1000;
    let result: SandboxResult = await sandbox.run(PROGRAM, { fuel: given });
    const snapshots: Uint8Array[] = [];
    for (const stop of STOPS) {
      while (given < stop) {
        sandbox = await next(sandbox);
        const more = Math.min(stop - given, 1 + random.below(random.pick([10, 1000, 20_000])));
        given += more;
        result = await sandbox.resume(sandbox.paused ?? result, more);
        expect(result.status).toBe("paused");
      }
      snapshots.push(sandbox.snapshot());
    }
    return snapshots;
  }

  test.each([
    ["slices", async (sandbox: Sandbox) => sandbox],
    ["slices, restored in between", (sandbox: Sandbox) => artifact.restore(sandbox.snapshot(), OPTIONS)],
  ] as const)("a run in one go and in %s", async (_, next) => {
    const snapshots = await inSlices(next);
    for (const [i, stop] of STOPS.entries()) {
      expect(Buffer.compare(snapshots[i]!, await whole(stop)), `after ${stop}`).toBe(0);
    }
  });
});
