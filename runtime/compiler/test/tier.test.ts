// The compiler changes nothing that can be seen: what the interpreter's own tests ask, of compiled code, and of compiled
// code that is left wherever it may be. ESCAPEMENT_TIER=compiler or =stress runs all other tests so.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { I32 } from "../../../decoder/index.js";
import { forms } from "../../../test/support/form.js";
import { atRandom } from "../../../test/support/stress.js";
import { defaultTier } from "../../embedding/engine.js";
import { Engine, Execution, Linker, Store, UsageError } from "../../index.js";
import { testEveryBudget } from "../../test/support/budget-suite.js";
import { checkCall, newTally } from "../../test/support/every-budget.js";
import { wat } from "../../test/support/wat.js";
import { AT_ONCE, type CompilerSettings } from "../settings.js";

describe.each([
  ["compiled at once", 0, AT_ONCE],
  ["left at random", 1, { ...AT_ONCE, stress: atRandom(1) }],
] as readonly (readonly [string, number, CompilerSettings])[])("%s", (_, number, settings) => {
  const before = { ...defaultTier };
  beforeAll(() => {
    Object.assign(defaultTier, { tier: "compiler", settings });
  });
  afterAll(() => {
    Object.assign(defaultTier, before);
  });

  testEveryBudget({
    programs: forms(3, 12),
    modules: forms(1, 3),
    every: forms(421, 31),
    steps: { every: forms(7, 1), first: forms(number, 0) },
    moreCalls: forms(2, 5),
  });

  test("every budget of vectors that are held as words and as floats", async () => {
    const tally = newTally();
    const bytes = await wat(VECTORS);
    // Steps of one unit are the interpreter's.
    for (const name of ["floats", "words", "doubles"]) {
      const call = { name, args: [3n], params: [I32], results: [I32] };
      checkCall(name, bytes, call, { most: 400, every: forms(3, 1), reference: false }, tally);
    }
    expect(tally.calls).toBe(3);
  });

  test("every budget of a loop around what may throw", async () => {
    const tally = newTally();
    checkCall(
      "f",
      await wat(THROWS),
      { name: "f", args: [16n], params: [I32], results: [I32] },
      { most: 1000, every: forms(7, 1) },
      tally,
    );
    expect(tally.calls).toBe(1);
  });

  test("every budget of objects", async () => {
    const tally = newTally();
    const bytes = await wat(OBJECTS);
    for (const name of ["list", "arrays", "trap"]) {
      const call = { name, args: [3n], params: [I32], results: [I32] };
      checkCall(name, bytes, call, { most: 400, every: forms(3, 1), reference: false }, tally);
    }
    expect(tally.calls).toBe(3);
  });
});

const OBJECTS = `(module
  (type $node (struct (field (mut i32)) (field (mut f64)) (field (mut (ref null $node))) (field (mut i8))))
  (type $longs (array (mut i64)))
  (type $nodes (array (mut (ref null $node))))
  (func (export "list") (param $n i32) (result i32) (local $head (ref null $node)) (local $sum i32)
    (loop $make
      (local.set $head (struct.new $node (local.get $n) (f64.const nan:0x8000000000001) (local.get $head) (i32.const -3)))
      (struct.set $node 0 (local.get $head) (i32.mul (local.get $n) (i32.const 3)))
      (br_if $make (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (block $end
      (loop $walk
        (local.set $sum (i32.add (local.get $sum) (i32.add (struct.get_s $node 3 (br_on_null $end (local.get $head)))
          (i32.add (i32.wrap_i64 (i64.reinterpret_f64 (struct.get $node 1 (local.get $head))))
            (struct.get $node 0 (local.get $head))))))
        (local.set $head (struct.get $node 2 (local.get $head)))
        (br $walk)))
    (local.get $sum))
  (func (export "arrays") (param $n i32) (result i32) (local $l (ref null $longs)) (local $r (ref null $nodes))
    (local.set $l (array.new $longs (i64.const -5) (local.get $n)))
    (local.set $r (array.new_fixed $nodes 2 (ref.null $node) (struct.new_default $node)))
    (array.set $longs (local.get $l) (i32.const 1) (i64.const 0x100000007))
    (array.set $nodes (local.get $r) (i32.const 0) (array.get $nodes (local.get $r) (i32.const 1)))
    (i32.add (ref.eq (array.get $nodes (local.get $r) (i32.const 0)) (array.get $nodes (local.get $r) (i32.const 1)))
      (i32.add (ref.test (ref $node) (array.get $nodes (local.get $r) (i32.const 0)))
        (i32.add (i31.get_s (ref.i31 (i32.const -7)))
          (i32.wrap_i64 (i64.add (array.get $longs (local.get $l) (i32.const 1))
            (array.get $longs (local.get $l) (local.get $n))))))))
  (func (export "trap") (param i32) (result i32) (struct.get $node 0 (ref.cast (ref $node) (ref.i31 (local.get 0))))))`;

/** Each loop has a vector in a local, a load that is not aligned, and lanes that are NaNs, with bits of their own, too. */
const VECTORS = `(module (memory 1)
  (data (i32.const 0) "\\00\\00\\80\\3f\\00\\00\\00\\40\\01\\00\\c0\\7f\\00\\00\\80\\40\\00\\00\\a0\\40\\01\\00\\80\\ff\\00\\00\\e0\\40")
  (func (export "floats") (param i32) (result i32) (local $s v128)
    (loop $l
      (local.set $s (f32x4.add (local.get $s) (f32x4.mul (v128.load (i32.const 4)) (v128.load offset=3 (local.get 0)))))
      (v128.store offset=64 (local.get 0) (f32x4.pmin (local.get $s) (v128.load (i32.const 8))))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (i32x4.extract_lane 2 (local.get $s)))
  (func (export "words") (param i32) (result i32) (local $s v128)
    (loop $l
      (local.set $s (i8x16.add_sat_s (local.get $s) (i8x16.shuffle 3 2 1 0 5 6 7 8 9 10 11 12 31 30 29 16
        (v128.load offset=1 (local.get 0)) (f32x4.neg (v128.load (i32.const 8))))))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (i16x8.bitmask (local.get $s)))
  (func (export "doubles") (param i32) (result i32) (local $s v128)
    (loop $l
      (local.set $s (f64x2.max (local.get $s) (f64x2.promote_low_f32x4 (v128.load offset=4 (local.get 0)))))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (i32.wrap_i64 (i64x2.extract_lane 1 (local.get $s)))))`;

/** What a call gives on a tier: its results or trap, and its fuel. */
function outcomeOf(
  bytes: Uint8Array,
  tier: "interpreter" | "compiler",
  name: string,
  args: (number | bigint)[],
  limits = {},
) {
  const engine = new Engine({ tier, ...(tier === "compiler" ? { compileAfter: 0 } : {}) });
  const store = new Store(engine, { limits });
  const instance = new Linker(engine).instantiate(store, engine.compile(bytes));
  const execution = new Execution(store).start(instance.getFunc(name), args);
  const result = execution.run(100_000_000);
  if (result.status === "trapped")
    return { trap: result.error.message, trace: result.error.backtrace.length, fuel: execution.fuelUsed };
  return { results: execution.rawResults(), fuel: execution.fuelUsed };
}

const NANS = `(module (memory 1)
  (data (i32.const 8) "\\01\\00\\00\\00\\00\\00\\f0\\7f")
  (data (i32.const 16) "\\01\\00\\80\\ff")
  (func (export "keep64") (result i64) (local f64)
    (local.set 0 (f64.load (i32.const 8))) (f64.store (i32.const 32) (local.get 0)) (i64.load (i32.const 32)))
  (func (export "keep32") (result i32) (local f32)
    (local.set 0 (f32.load (i32.const 16))) (f32.store (i32.const 40) (local.get 0)) (i32.load (i32.const 40)))
  (func (export "made") (param f64) (result i64)
    (f64.store (i32.const 48) (f64.div (local.get 0) (local.get 0))) (i64.load (i32.const 48)))
  (func (export "negated") (param f64) (result i64) (i64.reinterpret_f64 (f64.neg (f64.div (local.get 0) (local.get 0)))))
)`;

test("NaNs keep their bits where they are moved, and are canonical where they are made", async () => {
  const bytes = await wat(NANS);
  const of = (name: string, args: number[] = []) => outcomeOf(bytes, "compiler", name, args).results;
  expect(of("keep64")).toEqual([0x7ff0000000000001n]);
  expect(of("keep32")).toEqual([0xff800001n]);
  expect(of("made", [0])).toEqual([0x7ff8000000000000n]);
  expect(of("negated", [0])).toEqual([0xfff8000000000000n]);
});

const DEEP = `(module
  (func $sum (export "sum") (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0))
      (else (i32.add (local.get 0) (call $sum (i32.sub (local.get 0) (i32.const 1)))))))
  (func $endless (export "endless") (call $endless)))`;

test.each([
  ["frames", { frames: 5_000 }],
  ["register slots", { stackSlots: 9_000 }],
  ["defaults", {}],
])(
  "recursion ends at the same depth as the interpreter's, by %s, and goes deeper than the host's stack",
  async (_, limits) => {
    const bytes = await wat(DEEP);
    for (const [name, args] of [
      ["endless", []],
      ["sum", [4_000]],
      ["sum", [20_000]],
    ] as [string, number[]][])
      expect(outcomeOf(bytes, "compiler", name, args, limits)).toEqual(
        outcomeOf(bytes, "interpreter", name, args, limits),
      );
  },
);

test("memory that grows, and what lies behind its buffer, is there at once", async () => {
  const bytes = await wat(`(module (memory 1 64)
    (func (export "f") (param i32) (result i32) (local i32)
      (loop $l
        (drop (memory.grow (i32.const 1)))
        (i32.store (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4)) (local.get 0))
        (local.set 1 (i32.add (local.get 1) (i32.load (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4)))))
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      (local.get 1)))`);
  const expected = { results: [1275n], fuel: outcomeOf(bytes, "interpreter", "f", [50]).fuel };
  expect(outcomeOf(bytes, "compiler", "f", [50])).toEqual(expected);
});

test("an engine says what it runs functions by, and refuses what there is not", () => {
  expect(new Engine().tiers).toEqual(["interpreter"]);
  expect(new Engine({ tier: "compiler" }).tiers).toEqual(["interpreter", "compiler"]);
  expect(() => new Engine({ tier: "jit" as never })).toThrow(UsageError);
  expect(() => new Engine({ tier: "compiler", compileAfter: -1 })).toThrow(UsageError);
});

test("what leaves at the first instruction of a loop is not entered there again and again", async () => {
  const bytes = await wat(`(module (func (export "f") (loop unreachable))
    (func (export "g") (param i32) (result i32) (loop (result i32) (return_call $h (local.get 0))))
    (func $h (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))`);
  expect(outcomeOf(bytes, "compiler", "f", [])).toEqual(outcomeOf(bytes, "interpreter", "f", []));
  expect(outcomeOf(bytes, "compiler", "g", [6]).results).toEqual([7n]);
});

test("a loop in one arm of an if is entered in the middle, whatever the other arm has", async () => {
  const loop = (to: string) =>
    `(loop $l (local.set 1 (i32.add (local.get 1) (i32.const 1))) (br_if $l (i32.lt_u (local.get 1) (i32.const ${to}))))`;
  const bytes = await wat(`(module (func (export "f") (param i32) (result i32) (local i32)
    (if (local.get 0) (then ${loop("3000")}) (else (local.set 1 (i32.const -5)) ${loop("-1")})) (local.get 1)))`);
  for (const [arg, result] of [
    [1, 3000n],
    [0, 0xffff_ffffn],
  ] as const) {
    const outcome = outcomeOf(bytes, "compiler", "f", [arg]);
    expect(outcome.results).toEqual([result]);
    expect(outcome).toEqual(outcomeOf(bytes, "interpreter", "f", [arg]));
  }
});

test("a loop behind the size of a memory of 64-bit addresses is entered in the middle", async () => {
  const bytes = await wat(`(module (memory i64 1 2) (func (export "f") (result i32) (local i32)
    (loop $outer
      (if (i64.eqz (memory.size)) (then unreachable))
      (if (i64.eqz (memory.grow (i64.const 0))) (then unreachable))
      (loop $l (local.set 0 (i32.add (local.get 0) (i32.const 1)))
        (br_if $l (i32.rem_u (local.get 0) (i32.const 1000))))
      (br_if $outer (i32.lt_u (local.get 0) (i32.const 3000))))
    (local.get 0)))`);
  const outcome = outcomeOf(bytes, "compiler", "f", []);
  expect(outcome.results).toEqual([3000n]);
  expect(outcome).toEqual(outcomeOf(bytes, "interpreter", "f", []));
});

const THROWS = `(module (tag $t (param i32)) (tag $u)
  (func $maybe (param i32) (result i32)
    (if (i32.eqz (i32.rem_u (local.get 0) (i32.const 3))) (then (throw $t (local.get 0))))
    (if (i32.eqz (i32.rem_u (local.get 0) (i32.const 5))) (then (throw $u)))
    (local.get 0))
  (func (export "f") (param i32) (result i32) (local $sum i32)
    (loop $l
      (block $all
        (local.set $sum (i32.add (local.get $sum) (i32.mul (i32.const 1000)
          (block $t (result i32) (try_table (result i32) (catch $t $t) (catch_all $all) (call $maybe (local.get 0)))
            (local.set $sum (i32.add (local.get $sum))) (i32.const 0))))))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get $sum)))`;

test("a function calls the one whose index among the defined functions is its own among all", async () => {
  const bytes = await wat(`(module (import "env" "f" (func $unused))
    (func $a (export "a") (result i32) (call $b))
    (func $b (export "b") (result i32) (i32.const 7)))`);
  const engine = new Engine({ tier: "compiler", compileAfter: 0 });
  const store = new Store(engine);
  const linker = new Linker(engine);
  linker.defineFunc("env", "f", { params: [], results: [] }, () => {});
  const instance = linker.instantiate(store, engine.compile(bytes));
  for (let i = 0; i < 3; i++) expect(instance.call("a")).toEqual([7]);
});
