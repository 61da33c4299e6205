// Shapes that the lowering has single operations for give what their instructions give, and stop between those.
import { expect, test } from "vitest";
import { I32 } from "../../decoder/index.js";
import { Execution } from "../index.js";
import { Embedding } from "./support/embed.js";
import { checkCall, newTally } from "./support/every-budget.js";
import { SHAPES, SHAPES_MODULE } from "./support/superinstruction-texts.js";
import { wat } from "./support/wat.js";

test.each(SHAPES)("$name: results", async ({ name, calls, expected }) => {
  const embedding = new Embedding();
  const instance = await embedding.instantiate(SHAPES_MODULE);
  for (const args of calls) {
    const result = new Execution(embedding.store).start(instance.getFunc(name), [...args]).run(1_000_000);
    expect(result, `${args}`).toEqual({ status: "done", results: [expected(...args)] });
  }
});

test("every budget stops where the reference stepper says", async () => {
  const bytes = await wat(SHAPES_MODULE);
  const tally = newTally();
  const plans = SHAPES.flatMap(({ name, calls }) => calls.map((args) => ({ name, args })));
  for (const { name, args } of plans) {
    const raw = args.map((arg) => BigInt.asUintN(32, BigInt(arg)));
    const call = { name, params: args.map(() => I32), results: [I32], args: raw };
    checkCall(`${name} ${args}`, bytes, call, { most: 500 }, tally);
  }
  expect(tally.kinds).toEqual(new Set(["results"]));
  expect(tally.calls).toBe(plans.length);
});
