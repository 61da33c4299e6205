// The limit on the heap: what is counted, what counts as live, and that it does not depend on
// how the execution is driven.
import { describe, expect, test } from "vitest";
import {
  Engine,
  Execution,
  FuelExhausted,
  type FuelScheduleName,
  GuestException,
  type Instance,
  Linker,
  MemoryLimitExceeded,
  type RunResult,
  Store,
  type StructInst,
} from "../index.js";
import { wat } from "./support/wat.js";

// Sizes as heap.ts documents them.
const STRUCT = (cells: number) => 96 + 8 * cells;
const REFS = (length: number) => 96 + 8 * length;
const NUMBERS = (bytes: number) => 256 + Math.ceil(bytes / 8) * 8;
const EXCEPTION = (slots: number) => 256 + 16 * slots;

interface Setup {
  readonly store: Store;
  readonly instance: Instance;
  /** What the guest asked for with `h.live`, each time. */
  readonly live: number[];
}

/** `h.live` counts the live bytes; `h.keep` is a host function that does so while it has its argument. */
async function setUp(text: string, gcHeapBytes = 2 ** 30, schedule: FuelScheduleName = "escapement-2"): Promise<Setup> {
  const engine = new Engine({ schedule });
  const store = new Store(engine, { limits: { gcHeapBytes } });
  const linker = new Linker(engine);
  const live: number[] = [];
  linker.defineFunc("h", "live", { params: [], results: [] }, () => {
    live.push(store.traceHeap());
  });
  linker.defineFunc("h", "keep", { params: ["anyref"], results: [] }, () => {
    live.push(store.traceHeap());
  });
  const instance = linker.instantiate(store, engine.compile(await wat(text)));
  return { store, instance, live };
}

function drive({ store, instance }: Setup, name: string, args: readonly unknown[], slice: () => number): Execution {
  const execution = new Execution(store).start(instance.getFunc(name), args);
  let result: RunResult;
  do result = execution.run(slice());
  while (result.status === "paused");
  if (result.status === "failed") throw result.error;
  return execution;
}

/** Ways to drive an execution, which must not matter. */
const WAYS: readonly (readonly [string, () => number])[] = [
  ["whole", () => 1_000_000],
  ["one at a time", () => 1],
  ["three at a time", () => 3],
];

const IMPORTS = `(import "h" "live" (func $live)) (import "h" "keep" (func $keep (param anyref)))`;
const TYPES = `
  (type $s (struct (field (mut (ref null $s))) (field (mut i32))))
  (type $a (array (mut anyref)))`;
const S = STRUCT(2);

describe("what an object is counted with", () => {
  test.each([
    ["struct.new_default $e", STRUCT(0)],
    ["struct.new $p (i32.const 1) (i32.const 2) (i32.const 3)", STRUCT(3)],
    ["struct.new_default $w", STRUCT(2 + 2 + 4 + 1)],
    ["array.new_default $i8 (i32.const 0)", NUMBERS(0)],
    ["array.new_default $i8 (i32.const 9)", NUMBERS(9)],
    ["array.new $i16 (i32.const 7) (i32.const 9)", NUMBERS(18)],
    ["array.new_fixed $i32 3 (i32.const 1) (i32.const 2) (i32.const 3)", NUMBERS(12)],
    ["array.new $i64 (i64.const 1) (i32.const 3)", NUMBERS(24)],
    ["array.new_default $v128 (i32.const 3)", NUMBERS(48)],
    ["array.new_default $refs (i32.const 5)", REFS(5)],
    ["array.new_fixed $refs 2 (ref.null any) (ref.i31 (i32.const 1))", REFS(2)],
    ["array.new_data $i16 $d (i32.const 0) (i32.const 2)", NUMBERS(4)],
    ["array.new_elem $refs $el (i32.const 0) (i32.const 1)", REFS(1)],
  ])("%s: %i bytes", async (expression, bytes) => {
    const text = `(module
      (type $e (struct)) (type $p (struct (field i8) (field i16) (field i32)))
      (type $w (struct (field i64) (field f64) (field v128) (field anyref)))
      (type $i8 (array i8)) (type $i16 (array i16)) (type $i32 (array i32)) (type $i64 (array i64))
      (type $v128 (array v128)) (type $refs (array anyref))
      (data $d "abcdef") (elem $el anyref (ref.null any))
      (func (export "f") (drop (${expression}))))`;
    const setup = await setUp(text);
    setup.instance.call("f");
    expect(setup.store.gcHeapBytes).toBe(bytes);
    expect(setup.store.traceHeap()).toBe(0);
    // As much fits, and not a byte less.
    const exact = await setUp(text, bytes);
    exact.instance.call("f");
    const short = await setUp(text, bytes - 1);
    expect(() => short.instance.call("f")).toThrow(MemoryLimitExceeded);
    expect(short.store.gcHeapBytes).toBe(0);
  });
});

describe("the limit", () => {
  const LIST = `(module ${TYPES} (global $list (mut (ref null $s)) (ref.null $s))
    (func (export "grow") (param $n i32)
      (loop $l
        (global.set $list (struct.new $s (global.get $list) (i32.const 7)))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (func (export "churn") (param $n i32)
      (loop $l
        (drop (struct.new $s (global.get $list) (i32.const 7)))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (func (export "clear") (global.set $list (ref.null $s))))`;

  test.each(WAYS)("lets live objects fill it to the last byte, and traps at the next: %s", async (_, slice) => {
    const setup = await setUp(LIST, 100 * S);
    drive(setup, "grow", [100], slice);
    expect(setup.store.gcHeapBytes).toBe(100 * S);
    setup.instance.call("clear");
    const execution = drive(setup, "grow", [101], slice);
    const result = execution.run(0);
    expect(result.status).toBe("trapped");
    const { error } = result as Extract<RunResult, { status: "trapped" }>;
    expect(error).toBeInstanceOf(MemoryLimitExceeded);
    expect(error).toMatchObject({ kind: "memory-limit", resource: "GC heap", requested: 101 * S, limit: 100 * S });
    // Entry; 100 rounds of nine instructions, one of which costs one more; and of the last round
    // global.get, i32.const and struct.new, whose size is paid before it is refused; and two traces, when the heap is
    // full of the first list and when it is full of the second.
    expect(execution.fuelUsed).toBe(1 + 100 * 10 + 4 + 2 * Math.ceil((100 * S) / 128));
    expect(error.backtrace).toMatchObject([{ name: "grow" }]);
  });

  test.each(WAYS)("is met again and again by garbage: %s", async (_, slice) => {
    const setup = await setUp(LIST, 10 * S);
    drive(setup, "grow", [5], slice);
    const execution = drive(setup, "churn", [1000], slice);
    expect(execution.run(0)).toEqual({ status: "done", results: [] });
    // Five live ones, and a whole number of refills of the other five.
    expect(setup.store.gcHeapBytes).toBe(10 * S);
    expect(setup.store.traceHeap()).toBe(5 * S);
  });

  test("is not traced for more than once for each eighth of it", async () => {
    const setup = await setUp(LIST, 16 * S);
    setup.instance.call("grow", [14]);
    setup.instance.call("churn", [100]);
    setup.instance.call("grow", [1]);
    // One of sixteen is left: less than an eighth.
    expect(() => setup.instance.call("churn", [3])).toThrow(MemoryLimitExceeded);
  });

  test("refuses at once what could never fit, for the base price", async () => {
    const setup = await setUp(
      `(module (type $a (array i64)) (func (export "f") (drop (array.new_default $a (i32.const -1)))))`,
      1000,
    );
    const execution = drive(setup, "f", [], () => 100);
    expect(execution.run(0)).toMatchObject({ status: "trapped", error: { kind: "memory-limit" } });
    expect(execution.fuelUsed).toBe(3);
  });
});

describe("live", () => {
  const cases: readonly (readonly [string, string, readonly number[]])[] = [
    [
      "a local, until it is set to something else",
      `(func (export "f") (local $x (ref null $s))
        (local.set $x (struct.new_default $s)) (call $live)
        (local.set $x (ref.null $s)) (call $live))`,
      [S, 0],
    ],
    [
      "a parameter",
      `(func $g (param $x (ref null $s)) (call $live) (local.set $x (ref.null $s)) (call $live))
       (func (export "f") (call $g (struct.new_default $s)) (call $live))`,
      [S, 0, 0],
    ],
    [
      "an operand below the arguments of a call",
      `(func $g (param i32) (call $live))
       (func (export "f") (struct.new_default $s) (call $g (i32.const 1)) (drop) (call $live))`,
      [S, 0],
    ],
    [
      "a copy of a local that was set meanwhile",
      `(func (export "f") (local $x (ref null $s))
        (local.set $x (struct.new_default $s))
        (local.get $x) (local.set $x (struct.new_default $s)) (call $live) (drop) (call $live))`,
      [2 * S, S],
    ],
    [
      "not what a slot held before a number came into it",
      `(func $g (param i32 i32) (call $live))
       (func (export "f") (drop (struct.new_default $s)) (drop (struct.new_default $s))
        (i32.const 1) (i32.const 2) (i32.const 3) (call $g) (drop))`,
      [0],
    ],
    [
      "not what an earlier call has left above the stack",
      `(func $g (local $x (ref null $s)) (local.set $x (struct.new_default $s)) (call $live))
       (func $h (local i32 i64) (call $live))
       (func (export "f") (call $g) (call $h))`,
      [S, 0],
    ],
    [
      "the argument of a host function until it returns",
      `(func (export "f") (call $keep (struct.new_default $s)) (call $live))`,
      [S, 0],
    ],
    [
      "a mutable global",
      `(global $g (mut anyref) (ref.null any))
       (func (export "f") (global.set $g (struct.new_default $s)) (call $live)
        (global.set $g (ref.i31 (i32.const 1))) (call $live))`,
      [S, 0],
    ],
    [
      "an element of a table, also as an externref",
      `(table $t 2 externref)
       (func (export "f") (table.set $t (i32.const 1) (extern.convert_any (struct.new_default $s))) (call $live)
        (table.fill $t (i32.const 0) (ref.null extern) (i32.const 2)) (call $live))`,
      [S, 0],
    ],
    [
      "an element segment until it is dropped",
      `(elem $e (ref $s) (struct.new_default $s) (struct.new_default $s))
       (func (export "f") (call $live) (elem.drop $e) (call $live))`,
      [2 * S, 0],
    ],
    [
      "everything behind a cycle, and nothing of one that is cut off",
      `(func (export "f") (local $x (ref null $s)) (local $y (ref null $s))
        (local.set $x (struct.new_default $s)) (local.set $y (struct.new $s (local.get $x) (i32.const 0)))
        (struct.set $s 0 (local.get $x) (local.get $y)) (local.set $y (ref.null $s))
        (call $live) (local.set $x (ref.null $s)) (call $live))`,
      [2 * S, 0],
    ],
    [
      "what an array of references leads to",
      `(func (export "f") (local $x (ref null $a))
        (local.set $x (array.new $a (struct.new_default $s) (i32.const 3))) (call $live)
        (array.fill $a (local.get $x) (i32.const 0) (ref.null any) (i32.const 3)) (call $live))`,
      [REFS(3) + S, REFS(3)],
    ],
    [
      "an exception and its arguments while it is referred to",
      `(tag $t (param (ref null $s) i64))
       (func (export "f") (local $e exnref)
        (block $h (result (ref null $s) i64 exnref)
          (try_table (catch_ref $t $h) (throw $t (struct.new_default $s) (i64.const 1)))
          (unreachable))
        (local.set $e) (drop) (drop) (call $live)
        (local.set $e (ref.null exn)) (call $live))`,
      [EXCEPTION(2) + S, 0],
    ],
    [
      "the arguments of a handler without its exception",
      `(tag $t (param (ref null $s)))
       (func (export "f")
        (block $h (result (ref null $s))
          (try_table (catch $t $h) (throw $t (struct.new_default $s)))
          (unreachable))
        (call $live) (drop) (call $live))`,
      [S, 0],
    ],
    [
      "what the frames below a tail call have, but not its own",
      `(func $g (param anyref) (local.set 0 (ref.null any)) (call $live))
       (func $m (local $x (ref null $s)) (local.set $x (struct.new_default $s)) (return_call $g (local.get $x)))
       (func (export "f") (local $x (ref null $s)) (local.set $x (struct.new_default $s))
        (call $m) (drop (local.get $x)) (call $live))`,
      [S, S],
    ],
  ];

  test.each(cases)("%s", async (_, body, expected) => {
    for (const [name, slice] of WAYS) {
      const setup = await setUp(`(module ${TYPES} ${IMPORTS} ${body})`);
      const execution = drive(setup, "f", [], slice);
      expect({ name, status: execution.run(0).status, live: setup.live }).toEqual({
        name,
        status: "done",
        live: expected,
      });
    }
    // With more slots than the narrow form of register code has.
    const wide = body.replace(
      /\(export "f"\)/,
      `(export "f") ${Array.from({ length: 300 }, () => "(local i64)").join(" ")}`,
    );
    const setup = await setUp(`(module ${TYPES} ${IMPORTS} ${wide})`);
    setup.instance.call("f");
    expect(setup.live).toEqual(expected);
  });

  test("is the same wherever an execution is paused, however it got there", async () => {
    const text = `(module ${TYPES} ${IMPORTS}
      (func $g (param $x (ref null $s)) (param $n i32) (result (ref null $s)) (local $y (ref null $s))
        (if (i32.eqz (local.get $n)) (then (return (local.get $x))))
        (local.set $y (struct.new $s (local.get $x) (local.get $n)))
        (struct.set $s 0 (local.get $y) (call $g (struct.new_default $s) (i32.sub (local.get $n) (i32.const 1))))
        (select (result (ref null $s)) (local.get $y) (local.get $x) (i32.and (local.get $n) (i32.const 1))))
      (func (export "f") (result i32)
        (i32.add (struct.get $s 1 (struct.new $s (call $g (ref.null $s) (i32.const 4)) (i32.const 5)))
          (array.len (array.new $a (call $g (ref.null $s) (i32.const 3)) (i32.const 6))))))`;
    const atFuel: number[] = [];
    for (const slice of [1, 2, 3, 5, 7, 11, 64]) {
      const { store, instance } = await setUp(text);
      const execution = new Execution(store).start(instance.getFunc("f"));
      while (execution.run(slice).status === "paused") {
        const live = store.traceHeap();
        if (slice === 1) atFuel[execution.fuelUsed] = live;
        // A slice may leave some fuel over, before an instruction that costs more.
        else expect(live).toBe(atFuel[execution.fuelUsed]);
      }
      expect(execution.results()).toEqual([11]);
      expect(store.traceHeap()).toBe(0);
    }
    expect(Math.max(...atFuel.filter((live) => live !== undefined))).toBeGreaterThan(5 * S);
  });

  test("an execution that was started counts until it is over or abandoned", async () => {
    const setup = await setUp(`(module ${TYPES}
      (global (export "g") (mut (ref null $s)) (struct.new_default $s))
      (func (export "f") (param (ref null $s)) (local.set 0 (struct.new_default $s)) (loop $l (br $l))))`);
    const { store, instance } = setup;
    const global = instance.getGlobal("g");
    const first = new Execution(store).start(instance.getFunc("f"), [global.value]);
    global.value = null;
    expect(store.traceHeap()).toBe(S);
    expect(first.run(0).status).toBe("paused");
    expect(store.traceHeap()).toBe(S);
    first.run(100);
    expect(store.traceHeap()).toBe(S);
    first.abandon();
    expect(store.traceHeap()).toBe(0);
    expect(() => first.run(1)).toThrow("abandoned");
    // A call that runs out of fuel is never gone on with.
    expect(() => instance.call("f", [null], { fuel: 50 })).toThrow(FuelExhausted);
    expect(store.traceHeap()).toBe(0);
  });

  test("what the host holds, as often as it does", async () => {
    const { store, instance } = await setUp(`(module ${TYPES}
      (func (export "f") (result anyref) (struct.new $s (struct.new_default $s) (i32.const 1))))`);
    const [object] = instance.call("f") as [StructInst];
    expect(store.traceHeap()).toBe(0);
    store.hold(object);
    store.hold(object);
    expect(store.traceHeap()).toBe(2 * S);
    store.release(object);
    expect(store.traceHeap()).toBe(2 * S);
    store.release(object);
    expect(store.traceHeap()).toBe(0);
    expect(() => store.release(object)).toThrow("not held");
  });

  test("a host function that calls the guest keeps its arguments, and the guest's frames count", async () => {
    const engine = new Engine();
    const store = new Store(engine);
    const linker = new Linker(engine);
    const live: number[] = [];
    linker.defineFunc("h", "live", { params: [], results: [] }, () => {
      live.push(store.traceHeap());
    });
    linker.defineFunc("h", "back", { params: ["anyref"], results: ["i32"] }, (caller) =>
      caller.callGuest(caller.instance.exports.get("g") as never, [], () => {
        live.push(store.traceHeap());
        return 0;
      }),
    );
    const text = `(module ${TYPES} (import "h" "live" (func $live)) (import "h" "back" (func $back (param anyref) (result i32)))
      (func (export "g") (local $x (ref null $s)) (local.set $x (struct.new_default $s)) (call $live))
      (func (export "f") (local $x (ref null $s)) (local.set $x (struct.new_default $s))
        (drop (call $back (struct.new_default $s))) (call $live)))`;
    const instance = linker.instantiate(store, engine.compile(await wat(text)));
    for (const [, slice] of WAYS) {
      live.length = 0;
      drive({ store, instance, live }, "f", [], slice);
      expect(live).toEqual([3 * S, 2 * S, S]);
    }
  });
});

describe("other allocations", () => {
  test("exceptions are counted, and their garbage is not", async () => {
    const text = `(module (tag $t (param i64 i64)) (table $all 100 exnref)
      (func $catch (param $i i32) (local $e exnref)
        (block $h (result i64 i64 exnref)
          (try_table (catch_ref $t $h) (throw $t (i64.const 1) (i64.const 2)))
          (unreachable))
        (local.set $e) (drop) (drop) (table.set $all (local.get $i) (local.get $e)))
      (func (export "f") (param $n i32) (param $step i32) (local $i i32)
        (loop $l
          (call $catch (local.get $i))
          (local.set $i (i32.add (local.get $i) (local.get $step)))
          (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))`;
    const { store, instance } = await setUp(text, 10 * EXCEPTION(2));
    instance.call("f", [1000, 0]);
    expect(store.traceHeap()).toBe(EXCEPTION(2));
    instance.call("f", [10, 1]);
    expect(store.traceHeap()).toBe(10 * EXCEPTION(2));
    expect(() => instance.call("f", [11, 1])).toThrow(MemoryLimitExceeded);
  });

  test("an exception that the host throws is counted", async () => {
    const engine = new Engine();
    const store = new Store(engine, { limits: { gcHeapBytes: EXCEPTION(1) } });
    const linker = new Linker(engine);
    const tags: GuestException[] = [];
    linker.defineFunc("h", "throw", { params: [], results: [] }, () => {
      throw tags[0]!;
    });
    const text = `(module (import "h" "throw" (func $throw)) (tag $t (export "t") (param i32))
      (func (export "f") (result i32) (block $h (result i32) (try_table (catch $t $h) (call $throw)) (i32.const 0))))`;
    const instance = linker.instantiate(store, engine.compile(await wat(text)));
    tags.push(new GuestException(instance.getTag("t"), [5]));
    // The second needs the room of the first, which is garbage by then.
    expect([instance.call("f"), instance.call("f")]).toEqual([[5], [5]]);
    expect(store.gcHeapBytes).toBe(EXCEPTION(1));
  });

  test("constant expressions find room where there is garbage, and keep what they have made so far", async () => {
    const engine = new Engine();
    const nested = `(module (type $a (array anyref))
      (global (export "g") (ref $a) (array.new_fixed $a 2
        (array.new_fixed $a 1 (array.new_default $a (i32.const 4))) (array.new_default $a (i32.const 4))))
      (table (ref null $a) (elem (array.new_default $a (i32.const 1)) (array.new_default $a (i32.const 2)))))`;
    const size = REFS(2) + REFS(1) + 2 * REFS(4) + REFS(1) + REFS(2);
    const garbage = `(module (type $a (array i8)) (func $f (param $n i32)
      (loop $l (drop (array.new_default $a (i32.const 8)))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
      (func $start (call $f (i32.const 100))) (start $start))`;
    const compile = async (text: string) => engine.compile(await wat(text));
    const [first, second] = [await compile(garbage), await compile(nested)];
    for (const [limit, fits] of [
      [size, true],
      [size - 1, false],
    ] as const) {
      const store = new Store(engine, { limits: { gcHeapBytes: limit } });
      const linker = new Linker(engine);
      linker.instantiate(store, first);
      expect(store.gcHeapBytes).toBeGreaterThan(0);
      if (fits) linker.instantiate(store, second);
      else expect(() => linker.instantiate(store, second)).toThrow(MemoryLimitExceeded);
      expect(store.traceHeap()).toBe(fits ? size : 0);
    }
  });
});

describe("fuel", () => {
  const TEXT = `(module
    (type $s8 (struct (field i64))) (type $s64 (struct ${"(field i64)".repeat(8)}))
    (type $s65 (struct ${"(field i64)".repeat(8)} (field i8))) (type $e (struct))
    (type $b (array (mut i8))) (type $r (array (mut anyref))) (data $d "${"x".repeat(200)}")
    (elem $el anyref ${"(ref.null any)".repeat(20)})
    (func (export "e") (drop (struct.new_default $e)))
    (func (export "s8") (drop (struct.new $s8 (i64.const 1))))
    (func (export "s64") (drop (struct.new_default $s64)))
    (func (export "s65") (drop (struct.new_default $s65)))
    (func (export "fixed") (drop (array.new_fixed $r 9 ${"(ref.null any)".repeat(9)})))
    (func (export "new") (param i32) (drop (array.new $b (i32.const 1) (local.get 0))))
    (func (export "default") (param i32) (drop (array.new_default $r (local.get 0))))
    (func (export "data") (param i32) (drop (array.new_data $b $d (i32.const 0) (local.get 0))))
    (func (export "elem") (param i32) (drop (array.new_elem $r $el (i32.const 0) (local.get 0))))
    (func (export "fill") (param i32) (array.fill $b (array.new_default $b (i32.const 100)) (i32.const 0) (i32.const 1) (local.get 0)))
    (func (export "copy") (param i32) (local $a (ref null $r)) (local.set $a (array.new_default $r (i32.const 100)))
      (array.copy $r $r (local.get $a) (i32.const 1) (local.get $a) (i32.const 0) (local.get 0)))
    (func (export "init_data") (param i32) (array.init_data $b $d (array.new_default $b (i32.const 100)) (i32.const 0) (i32.const 0) (local.get 0)))
    (func (export "init_elem") (param i32) (array.init_elem $r $el (array.new_default $r (i32.const 100)) (i32.const 0) (i32.const 0) (local.get 0))))`;
  // Per schedule: what is charged beyond one for each instruction and one for the entry.
  const extra: readonly (readonly [string, readonly number[], number, readonly [number, number, number]])[] = [
    ["e", [], 1, [0, 0, 0]],
    ["s8", [], 2, [1, 0, 0]],
    ["s64", [], 1, [1, 0, 0]],
    ["s65", [], 1, [2, 0, 0]],
    ["fixed", [], 10, [2, 0, 0]],
    ["new", [0], 3, [0, 0, 0]],
    ["new", [64], 3, [1, 0, 64]],
    ["new", [65], 3, [2, 0, 65]],
    ["default", [8], 2, [1, 0, 8]],
    ["default", [9], 2, [2, 0, 9]],
    ["data", [130], 3, [3, 0, 130]],
    ["elem", [17], 3, [3, 0, 17]],
    ["fill", [65], 6, [2 + 2, 0, 100 + 65]],
    ["copy", [9], 9, [13 + 2, 0, 100 + 9]],
    ["init_data", [1], 6, [2 + 1, 0, 100 + 1]],
    ["init_elem", [16], 6, [13 + 2, 0, 100 + 16]],
    ["init_elem", [0], 6, [13, 0, 100]],
  ];

  test.each(extra)("%s %j", async (name, args, instructions, byPrice) => {
    const schedules = ["escapement-1", "wasmtime-45", "wasmtime-48"] as const;
    for (const [i, schedule] of schedules.entries()) {
      const setup = await setUp(TEXT, 2 ** 20, schedule);
      const total = 1 + instructions + byPrice[i]!;
      for (const [, slice] of WAYS) expect(drive(setup, name, args, slice).fuelUsed).toBe(total);
      // So much is enough, and one less stops it.
      setup.instance.call(name, args, { fuel: total });
      expect(() => setup.instance.call(name, args, { fuel: total - 1 })).toThrow(FuelExhausted);
    }
  });

  test("an array whose bounds check fails has paid its base price", async () => {
    const setup = await setUp(TEXT);
    for (const [, slice] of WAYS) {
      const execution = drive(setup, "data", [201], slice);
      expect(execution.run(0)).toMatchObject({ status: "trapped", error: { reason: "out of bounds memory access" } });
      expect(execution.fuelUsed).toBe(1 + 3);
      expect(drive(setup, "copy", [100], slice).fuelUsed).toBe(1 + 9 + 13);
    }
  });
});
