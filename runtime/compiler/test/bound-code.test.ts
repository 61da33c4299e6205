// Code that has the views of one memory as constants: what it computes is right whatever becomes of that memory, and it
// goes with it.
import { describe, expect, test } from "vitest";
import { Engine, Execution, hibernateStore, Linker, Store } from "../../index.js";
import { wat } from "../../test/support/wat.js";
import type { CompilerTier } from "../tier.js";

/** $fill writes up to the end of memory; $sum reads it all; $grow grows it; $both grows it in the midst of its own loop. */
const MODULE = `(module (memory (export "m") 1) (global $calls (mut i32) (i32.const 0))
  (func $store (param i32 i32) (i32.store (local.get 0) (local.get 1)))
  (func (export "fill") (param $by i32) (result i32) (local $at i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (loop $l
      (call $store (local.get $at) (i32.add (local.get $at) (local.get $by)))
      (local.set $at (i32.add (local.get $at) (i32.const 2052)))
      (br_if $l (i32.lt_u (local.get $at) (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4)))))
    (global.get $calls))
  (func (export "sum") (param i32) (result i32) (local $at i32) (local $sum i32)
    (loop $l
      (local.set $sum (i32.add (i32.rotl (local.get $sum) (i32.const 1)) (i32.load (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 2052)))
      (br_if $l (i32.lt_u (local.get $at) (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4)))))
    (i32.add (local.get $sum) (global.get $calls)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "both") (param $n i32) (result i32) (local $last i32)
    (loop $l
      (local.set $last (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4)))
      (i32.store (local.get $last) (i32.add (local.get $n) (i32.load (i32.shr_u (local.get $last) (i32.const 1)))))
      (if (i32.eqz (i32.and (local.get $n) (i32.const 63))) (then (drop (memory.grow (i32.const 1)))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.load (local.get $last)))
  (func (export "over") (param i32) (result i32) (i32.load (i32.mul (memory.size) (i32.const 65536)))))`;

type Step = readonly [instance: number, name: string, arg: number];

/** Results, traps and fuel of the steps, on `instances` instances of one module. */
async function outcomes(tier: "interpreter" | "compiler", instances: number, steps: readonly Step[]) {
  const engine = new Engine({ tier, ...(tier === "compiler" ? { compileAfter: 0 } : {}) });
  const module = engine.compile(await wat(MODULE));
  const store = new Store(engine);
  const made = Array.from({ length: instances }, () => new Linker(engine).instantiate(store, module));
  const compiler = made[0]!.code.tier as CompilerTier | null;
  const outcomes = steps.map(([i, name, arg]) => {
    const execution = new Execution(store).start(made[i]!.getFunc(name), [arg]);
    const end = execution.run(10_000_000);
    return [end.status, end.status === "done" ? end.results : String(end.status), execution.fuelUsed];
  });
  return { outcomes, compiler };
}

async function expectSame(instances: number, steps: readonly Step[]): Promise<CompilerTier> {
  const { outcomes: expected } = await outcomes("interpreter", instances, steps);
  const { outcomes: compiled, compiler } = await outcomes("compiler", instances, steps);
  expect(compiled).toEqual(expected);
  return compiler!;
}

describe("code for one memory", () => {
  const rounds = (count: number, round: (i: number) => readonly Step[]) =>
    Array.from({ length: count }, (_, i) => round(i)).flat();

  test("a memory that grows between calls, more often than code is made anew for", async () => {
    const steps = rounds(12, (i) => [
      [0, "fill", i],
      [0, "sum", 0],
      [0, "over", 0],
      [0, "grow", 1 + (i % 3)],
      [0, "sum", 0],
    ]);
    await expectSame(1, steps);
  });

  test("a memory that grows in the midst of a loop", async () => {
    await expectSame(1, [
      [0, "fill", 1],
      [0, "both", 400],
      [0, "sum", 0],
      [0, "both", 1000],
      [0, "sum", 0],
    ]);
  });

  test("is made anew each time that its memory has hibernated, and given up only where views change while it is used", async () => {
    const engine = new Engine({ tier: "compiler", compileAfter: 0 });
    const store = new Store(engine);
    const instance = new Linker(engine).instantiate(store, engine.compile(await wat(MODULE)));
    const bound = Reflect.get(instance.code.tier as CompilerTier, "boundCode") as ReadonlyMap<object, unknown>;
    const [expected] = instance.call("sum", [0]);
    for (let i = 0; i < 12; i++) {
      expect(bound.size, `after ${i} times`).toBeGreaterThan(0);
      hibernateStore({ store, instances: [instance] });
      expect(bound.size).toBe(0);
      expect(instance.call("sum", [0])).toEqual([expected]);
    }
    for (let i = 0; i < 12; i++) {
      instance.call("grow", [1]);
      instance.call("sum", [0]);
    }
    expect(bound.size).toBe(0);
  });

  test("instances that take turns see their own memory and globals", async () => {
    const compiler = await expectSame(
      3,
      rounds(15, (i) => [
        [i % 3, "fill", 7 * i],
        [(i + 1) % 3, "sum", 0],
        [i % 3, "grow", i % 2],
        [i % 3, "sum", 0],
      ]),
    );
    // What has gone is counted no more: three functions, and each one's loop.
    expect(compiler.budget.bytes).toBeLessThan(30_000);
  });
});
