// Code that was compiled ahead of time changes nothing that can be seen, and is refused where it does not fit.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DecodedModule, parseModule } from "../../../decoder/index.js";
import { aheadOf, importAhead } from "../../../test/support/ahead.js";
import { forms } from "../../../test/support/form.js";
import { defaultTier } from "../../embedding/engine.js";
import type { FuelScheduleName } from "../../fuel-schedule.js";
import { type AheadModule, compileAhead, Engine, Execution, Linker, Store, UsageError } from "../../index.js";
import { testEveryBudget } from "../../test/support/budget-suite.js";
import { wat } from "../../test/support/wat.js";

/** Counts that look random, for every byte: of three blocks, one never ran, one seldom, one often. */
function anyCounts({ bytes, bodies }: DecodedModule): Map<number, number> {
  const counts = new Map(Array.from(bytes, (_, i) => [i, [0, 10, 5000][(Math.imul(i, 0x9e3779b1) >>> 16) % 3]!]));
  for (const { start } of bodies) counts.set(start, 100);
  return counts;
}

describe.each([
  ["everything compiled", 0, (bytes: Uint8Array, schedule: FuelScheduleName) => aheadOf(bytes, schedule)],
  ["by a profile", 1, (bytes: Uint8Array, schedule: FuelScheduleName) => aheadOf(bytes, schedule, anyCounts)],
] as const)("%s", (_, number, ahead) => {
  const before = { ...defaultTier };
  beforeAll(() => {
    Object.assign(defaultTier, { tier: "ahead-of-time", ahead });
  });
  afterAll(() => {
    Object.assign(defaultTier, before);
  });

  testEveryBudget({
    programs: forms(3, 12),
    modules: forms(1, 3),
    every: forms(421, 31),
    steps: { every: forms(7, 1), first: forms(number, 0) },
    moreCalls: forms(2, 3),
  });
});

const FIB = `(module
  (type $t (func (param i32) (result i32)))
  (table funcref (elem $fib))
  (func $fib (export "fib") (type $t)
    (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
        (call_indirect (type $t) (i32.sub (local.get 0) (i32.const 2)) (i32.const 0)))))))`;

function fib(engine: Engine, bytes: Uint8Array, n: number) {
  const store = new Store(engine);
  const instance = new Linker(engine).instantiate(store, engine.compile(bytes));
  const execution = new Execution(store).start(instance.getFunc("fib"), [n]);
  return { result: execution.run(10_000_000), fuel: execution.fuelUsed };
}

test("the engine says that it runs such code, and does", async () => {
  const bytes = await wat(FIB);
  const { text, compiled, leftOut } = compileAhead(bytes);
  expect(compiled.map(({ name }) => name)).toEqual(["fib_0"]);
  expect(leftOut).toEqual([]);
  let calls = 0;
  const code = importAhead(text);
  const counted: AheadModule = {
    ...code,
    make(parts) {
      const scope = code.make(parts);
      const entries = scope.entries.map(([call, adapter, loop]) => {
        const counting: typeof adapter = (...args) => {
          calls++;
          return adapter(...args);
        };
        return [call, counting, loop] as const;
      });
      return { ...scope, entries };
    },
  };
  const engine = new Engine({ ahead: counted });
  // Types of other modules have taken the first numbers: the code means its own.
  const others = await wat("(module (type (func (param f64))) (type (func (result i64))))");
  parseModule(others, { registry: engine.registry });
  expect(engine.tiers).toEqual(["interpreter", "ahead-of-time"]);
  expect(fib(engine, bytes, 15)).toEqual(fib(new Engine({ tier: "interpreter" }), bytes, 15));
  // Of 1973 calls, all but those that begin a slice are of compiled code by compiled code.
  expect(calls).toBeGreaterThan(0);
  expect(calls).toBeLessThan(50);
});

test("it is plain text that makes no code, and names functions as the name section does", async () => {
  const { text } = compileAhead(await wat(FIB));
  expect(text).toMatch(/^function fib_0\(l0, z\) \{$/m);
  expect(text).not.toMatch(/\beval\b|\bFunction\b|\bimport\b/);
});

test("code of another module, schedule or version is refused, and says which", async () => {
  const bytes = await wat(FIB);
  const code = importAhead(compileAhead(bytes).text);
  const other = await wat(`(module (func (export "fib") (param i32) (result i32) (local.get 0)))`);
  expect(() => new Engine({ ahead: code }).compile(other)).toThrow(
    /compiled ahead of time from another module: SHA-256 [0-9a-f]{64}, where this one has [0-9a-f]{64}/,
  );
  expect(() => new Engine({ ahead: code, schedule: "escapement-1" }).compile(bytes)).toThrow(
    "for the fuel schedule escapement-2, not escapement-1",
  );
  const older = { ...code, about: { ...code.about, format: "0-00000000" } };
  expect(() => new Engine({ ahead: older })).toThrow(/by another version of this engine \(format 0-00000000, not 2-/);
  expect(() => new Engine({ ahead: {} as never })).toThrow("ahead is a module that escapement compile has written");
  expect(() => new Engine({ ahead: code, tier: "compiler" })).toThrow("is for the tier ahead-of-time, not compiler");
  expect(() => new Engine({ tier: "ahead-of-time" })).toThrow("needs the option ahead");
  const two = importAhead(compileAhead(other).text);
  for (const ahead of [[two, code], () => code])
    expect(fib(new Engine({ ahead }), bytes, 8).result).toEqual({ status: "done", results: [21] });
  expect(() => new Engine({ ahead: () => two }).compile(bytes)).toThrow("from another module");
  expect(() => compileAhead(bytes, { profile: "x" })).toThrow(UsageError);
});

test("the functions that a profile did not see are left to the interpreter", async () => {
  const text = `(module (func $a (export "a") (result i32) (call $b)) (func $b (result i32) (i32.const 7)) (func $c))`;
  const bytes = await wat(text);
  const profiled = new Engine({ profile: true }).compile(bytes);
  const store = new Store(profiled.engine);
  const instance = new Linker(profiled.engine).instantiate(store, profiled);
  new Execution(store).start(instance.getFunc("a")).run(100);
  const { compiled, leftOut } = compileAhead(bytes, { profile: profiled.profile() });
  expect(compiled.map(({ name }) => name)).toEqual(["a_0", "b_1"]);
  expect(leftOut).toEqual([{ funcidx: 2, name: "c_2", reason: "called 0 times" }]);
});

test("constants of any size are restored to the bit where code is left", async () => {
  const numbers = [
    "1.6353833116450433e+134",
    "-1.7976931348623157e308",
    "9007199254740993",
    "0.1",
    "-0",
    "inf",
    "5e-324",
  ];
  const text = `(module (import "m" "f" (func $f (param f64)))
    (func (export "g") ${numbers.map((n) => `(call $f (f64.const ${n}))`).join(" ")}))`;
  const bytes = await wat(text);
  const seen: number[] = [];
  const engine = new Engine({ ahead: importAhead(compileAhead(bytes).text) });
  const store = new Store(engine);
  const linker = new Linker(engine).defineFunc("m", "f", { params: ["f64"], results: [] }, (_, value) => {
    seen.push(value as number);
  });
  const execution = new Execution(store).start(linker.instantiate(store, engine.compile(bytes)).getFunc("g"), []);
  expect(execution.run(10_000)).toMatchObject({ status: "done" });
  expect(seen).toEqual(numbers.map((n) => (n === "inf" ? Number.POSITIVE_INFINITY : Number(n))));
});
