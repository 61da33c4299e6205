// Code that has to go: what can be seen of a run stays the same, and no more is kept than was asked for.
import { describe, expect, test } from "vitest";
import { Engine, Execution, Linker, Store, UsageError } from "../../index.js";
import { wat } from "../../test/support/wat.js";
import type { CompilerTier } from "../tier.js";

/** `count` functions that call one another in turn, each with a loop; $run calls them by table, in an order of its own. */
function manyFunctions(count: number): string {
  const body = (i: number) => `(func $f${i} (param i32) (result i32) (local i32)
    (loop $l (local.set 1 (i32.add (i32.mul (local.get 1) (i32.const ${2 * i + 3})) (local.get 0)))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    ${i % 7 === 0 ? "(local.get 1)" : `(i32.add (local.get 1) (call $f${i - 1} (i32.const 2)))`})`;
  const indices = Array.from({ length: count }, (_, i) => i);
  return `(module (type $t (func (param i32) (result i32)))
    ${indices.map(body).join("\n")}
    (table funcref (elem ${indices.map((i) => `$f${i}`).join(" ")}))
    (func (export "run") (param $n i32) (result i32) (local $sum i32) (local $at i32)
      (loop $l
        (local.set $at (i32.rem_u (i32.add (i32.mul (local.get $at) (i32.const 31)) (i32.const 17)) (i32.const ${count})))
        (local.set $sum (i32.add (i32.rotl (local.get $sum) (i32.const 1))
          (call_indirect (type $t) (i32.add (i32.const 1) (i32.and (local.get $at) (i32.const 3))) (local.get $at))))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (local.get $sum)))`;
}

function run(bytes: Uint8Array, options: ConstructorParameters<typeof Engine>[0], rounds: number) {
  const engine = new Engine(options);
  const store = new Store(engine);
  const instance = new Linker(engine).instantiate(store, engine.compile(bytes));
  const results: unknown[] = [];
  const kept: number[] = [];
  let tier: CompilerTier | null = null;
  for (let i = 0; i < rounds; i++) {
    const execution = new Execution(store).start(instance.getFunc("run"), [40 + i]);
    execution.run(10_000_000);
    results.push([execution.rawResults(), execution.fuelUsed]);
    tier = instance.code.tier as CompilerTier | null;
    if (tier !== null) kept.push(tier.budget.bytes);
  }
  return { results, kept, dropped: tier?.budget.dropped ?? 0 };
}

describe("a budget for generated code", () => {
  test.each([
    ["a quarter of what there is", 15_000],
    ["less than most functions take", 1_500],
    ["none", 0],
  ])("%s: results and fuel are the interpreter's, and it holds at each call's end", async (_, codeBytes) => {
    const bytes = await wat(manyFunctions(120));
    const { results } = run(bytes, { tier: "interpreter" }, 30);
    const limited = run(bytes, { tier: "compiler", compileAfter: 0, codeBytes }, 30);
    expect(limited.results).toEqual(results);
    expect(Math.max(...limited.kept)).toBeLessThanOrEqual(codeBytes);
    if (codeBytes === 15_000) expect(limited.dropped).toBeGreaterThan(50);
    const whole = run(bytes, { tier: "compiler", compileAfter: 0 }, 30);
    expect(whole.results).toEqual(results);
    expect(whole.dropped).toBe(0);
    expect(Math.max(...whole.kept)).toBeGreaterThan(60_000);
  });

  test("what has gone too often stays with the interpreter, so that nothing is compiled for ever", async () => {
    const bytes = await wat(manyFunctions(60));
    const { dropped } = run(bytes, { tier: "compiler", compileAfter: 0, codeBytes: 8_000 }, 300);
    // Functions and loops, eight times each.
    expect(dropped).toBeLessThanOrEqual(8 * 2 * 61);
    const longer = run(bytes, { tier: "compiler", compileAfter: 0, codeBytes: 8_000 }, 600);
    expect(longer.dropped).toBe(dropped);
  });

  test("is a number of bytes", () => {
    expect(() => new Engine({ tier: "compiler", codeBytes: -1 })).toThrow(UsageError);
  });
});
