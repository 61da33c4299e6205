// How much is compiled at once, in counts: no clock is looked at, here or there.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defaultTier } from "../../embedding/engine.js";
import { Engine, Execution, Linker, Store } from "../../index.js";
import { wat } from "../../test/support/wat.js";
import { DEFAULT_SETTINGS } from "../settings.js";
import type { CompilerTier } from "../tier.js";

const COUNT = 200;

/** `COUNT` functions of some 190 bytes; $run calls each of them `n` times, one behind the other. */
const MANY = `(module
  ${Array.from({ length: COUNT }, (_, i) => {
    const more = Array.from(
      { length: 30 },
      (_, k) => `(local.set 0 (i32.xor (local.get 0) (i32.const ${(i + k) % 60})))`,
    );
    return `(func $f${i} (param i32) (result i32) ${more.join(" ")} (local.get 0))`;
  }).join("\n")}
  (func (export "run") (param $n i32) (result i32) (local $sum i32)
    (loop $l
      ${Array.from({ length: COUNT }, (_, i) => `(local.set $sum (call $f${i} (local.get $sum)))`).join("\n")}
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))`;

/** Compiled functions, and fuel used, after each of `runs` runs of `fuel`; the first call's result and fuel at its end. */
async function compiledAfter(tier: "interpreter" | "compiler", fuel: number, runs: number) {
  const engine = new Engine({ tier, ...(tier === "compiler" ? { compileAfter: 1 } : {}) });
  const store = new Store(engine);
  const instance = new Linker(engine).instantiate(store, engine.compile(await wat(MANY)));
  const execution = new Execution(store).start(instance.getFunc("run"), [1000]);
  const compiled: number[] = [];
  for (let i = 0; i < runs; i++) {
    execution.run(fuel);
    compiled.push((instance.code.tier as CompilerTier | null)?.compiledFunctions ?? 0);
  }
  const end = execution.run(100_000_000);
  return { compiled, end, used: execution.fuelUsed };
}

describe("how much is compiled at once", () => {
  // Where all tests run on the compiler, everything is compiled at once.
  const before = { ...defaultTier };
  beforeAll(() => {
    Object.assign(defaultTier, { settings: DEFAULT_SETTINGS });
  });
  afterAll(() => {
    Object.assign(defaultTier, before);
  });

  test("a run compiles some, more as it uses fuel, and the next run goes on; results and fuel are the same", async () => {
    const fuel = 400_000;
    const { compiled, end, used } = await compiledAfter("compiler", fuel, 20);
    const expected = await compiledAfter("interpreter", fuel, 20);
    expect([end, used]).toEqual([expected.end, expected.used]);
    // 4,096 bytes at the beginning, 400,000 / 128 more: 7,221 in all, of 190 each, and one begun with credit left.
    const most = Math.ceil((4096 + fuel / 128) / 180);
    const gained = compiled.map((count, i) => count - (compiled[i - 1] ?? 0));
    expect(Math.max(...gained)).toBeLessThanOrEqual(most);
    expect(compiled[0]).toBeGreaterThan(10);
    expect(compiled[0]).toBeLessThan(COUNT / 2);
    // $run, too.
    expect(compiled.at(-1)).toBe(COUNT + 1);
  });
});
