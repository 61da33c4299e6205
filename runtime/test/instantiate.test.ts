import { describe, expect, it } from "vitest";
import { FuelExhausted, Memory, MemoryLimitExceeded, Table, Trap, UncaughtException, UsageError } from "../index.js";
import { Embedding, errorOf } from "./support/embed.js";

const PAGE = 65536;

describe("the price of instantiation", () => {
  const TEXT = `(module (type $a (array i32)) (global (export "g") (mut i32) (i32.const 0)) (memory 1)
    (global $n i32 (i32.add (i32.const 90) (i32.const 10))) (global (ref $a) (array.new_default $a (global.get $n)))
    (func $f (global.set 0 (i32.const 1))) (start $f) (elem func $f))`;

  // What Wasmtime 49.0.0 and 50.0.1 say; 48.0.0 says 110 too, which wasmtime-48 does not follow.
  it.each([
    ["escapement-1", 3],
    ["wasmtime-48", 3],
    ["wasmtime-49", 110],
    ["wasmtime-50", 110],
  ] as const)("is paid from the budget of the call: %s", async (schedule, total) => {
    const instantiate = (fuel: number) => new Embedding({}, { schedule }).instantiate(TEXT, { fuel });
    const instance = await instantiate(total);
    expect(instance.getGlobal("g").value).toBe(1);
    expect(await errorOf(() => instantiate(total - 1))).toBeInstanceOf(FuelExhausted);
    expect(await errorOf(() => instantiate(0))).toBeInstanceOf(FuelExhausted);
  });
});

describe("active segments", () => {
  it("are copied in order: a later one writes over an earlier one", async () => {
    const instance = await new Embedding().instantiate(`(module (memory (export "m") 1)
      (data (i32.const 1) "abcdef") (data (i32.const 3) "XY") (data "passive") (data (i32.const 0) "0"))`);
    expect(text(instance.getMemory("m").read(0, 8))).toBe("0abXYef\0");
  });

  it("go to the table and memory that they name, at the offset of a global", async () => {
    const e = new Embedding();
    const instance = await e.instantiate(`(module
      (global $at i32 (i32.const 3)) (global $at64 i64 (i64.const 5))
      (memory 1) (memory (export "m1") i64 1)
      (table 1 funcref) (table (export "t1") i64 8 funcref)
      (func $f (export "f"))
      (data (memory 1) (global.get $at64) "hi")
      (elem (table 1) (i64.const 2) func $f $f))`);
    expect(text(instance.getMemory("m1").read(4, 4))).toBe("\0hi\0");
    const f = instance.getFunc("f");
    expect([1, 2, 3, 4].map((i) => instance.getTable("t1").get(i))).toEqual([null, f, f, null]);
  });

  it.each([
    [`(memory 1) (data (i32.const 65536) "")`, true],
    [`(memory 1) (data (i32.const 65535) "a")`, true],
    [`(memory 0) (data (i32.const 0) "")`, true],
    [`(memory 1) (data (i32.const 65537) "")`, false],
    [`(memory 1) (data (i32.const 65535) "ab")`, false],
    [`(memory 1) (data (i32.const -1) "a")`, false],
    [`(memory 0) (data (i32.const 1) "")`, false],
    [`(memory i64 1) (data (i64.const -1) "")`, false],
    [`(memory i64 1) (data (i64.const 65536) "")`, true],
    [`(table 2 funcref) (func $f) (elem (i32.const 1) $f)`, true],
    [`(table 2 funcref) (elem (i32.const 2) func)`, true],
    [`(table 2 funcref) (func $f) (elem (i32.const 1) $f $f)`, false],
    [`(table 2 funcref) (elem (i32.const 3) func)`, false],
    [`(table 2 funcref) (func $f) (elem (i32.const -1) $f)`, false],
    [`(table i64 2 funcref) (elem (i64.const -9223372036854775808) func)`, false],
  ])("%s fits: %s", async (fields, fits) => {
    const run = () => new Embedding().instantiate(`(module ${fields})`);
    if (fits) await run();
    else {
      const error = await errorOf(run);
      expect(error).toBeInstanceOf(Trap);
      expect(error.message).toBe(`out of bounds ${fields.includes("table") ? "table" : "memory"} access`);
    }
  });

  it("one that does not fit writes nothing, and those before it stay written", async () => {
    const e = new Embedding();
    const memory = Memory.create(e.store, { min: 1 });
    const table = Table.create(e.store, { element: "funcref", min: 3 });
    e.linker.define("env", "m", memory).define("env", "t", table);
    const module = `(module (import "env" "m" (memory 1)) (import "env" "t" (table 3 funcref)) (func $f)
      (elem (i32.const 0) $f) (data (i32.const 0) "early") (data (i32.const 65534) "late"))`;
    expect((await errorOf(() => e.instantiate(module))).message).toBe("out of bounds memory access");
    expect(text(memory.read(0, 5))).toBe("early");
    expect(memory.readU16(65534)).toBe(0);
    expect(table.get(0)).not.toBe(null);
    const elements = `(module (import "env" "m" (memory 1)) (import "env" "t" (table 3 funcref)) (func $f)
      (elem (i32.const 1) $f) (elem (i32.const 2) $f $f) (data (i32.const 0) "never"))`;
    expect((await errorOf(() => e.instantiate(elements))).message).toBe("out of bounds table access");
    expect([table.get(1) === null, table.get(2) === null]).toEqual([false, true]);
    expect(text(memory.read(0, 5))).toBe("early");
  });

  it("and declarative ones are dropped afterwards, passive ones stay", async () => {
    const instance = await new Embedding().instantiate(`(module (memory 1) (table 1 funcref) (func $f)
      (data (i32.const 0) "a") (data "b") (elem (i32.const 0) $f) (elem func $f) (elem declare func $f))`);
    expect([0, 1].map((i) => instance.dataBytes(i).length)).toEqual([0, 1]);
    expect(instance.elems.map((_, i) => instance.elemLength(i))).toEqual([0, 1, 0]);
  });

  it("a function that a failed instantiation left in a shared table can be called", async () => {
    const e = new Embedding();
    e.linker.define("env", "t", Table.create(e.store, { element: "funcref", min: 1 }));
    await errorOf(() =>
      e.instantiate(`(module (import "env" "t" (table 1 funcref)) (memory 1) (global $g i32 (i32.const 42))
        (func $f (result i32) (global.get $g)) (elem (i32.const 0) $f) (data (i32.const -1) "x"))`),
    );
    const caller = await e.instantiate(`(module (import "env" "t" (table 1 funcref))
      (func (export "f") (result i32) (call_indirect (result i32) (i32.const 0))))`);
    expect(caller.call("f")).toEqual([42]);
  });
});

describe("the start function", () => {
  it("runs after the segments", async () => {
    const instance = await new Embedding().instantiate(`(module (memory (export "m") 1) (data (i32.const 0) "\\05")
      (func $start (i32.store8 (i32.const 1) (i32.add (i32.load8_u (i32.const 0)) (i32.const 1)))) (start $start))`);
    expect([...instance.getMemory("m").read(0, 2)]).toEqual([5, 6]);
  });

  it("that traps, throws or runs for ever makes instantiation fail", async () => {
    const e = new Embedding();
    const run = (body: string, fuel?: number) =>
      errorOf(async () =>
        e.linker.instantiate(
          e.store,
          await e.compile(`(module (tag $e) (func $s ${body}) (start $s))`),
          fuel === undefined ? {} : { fuel },
        ),
      );
    expect((await run("unreachable")).message).toBe("unreachable");
    expect(await run("(throw $e)")).toBeInstanceOf(UncaughtException);
    expect(await run("(loop (br 0))", 1000)).toBeInstanceOf(FuelExhausted);
  });

  it("has exactly the fuel that it is given", async () => {
    // Entry 1, i32.const 1 + drop 0, twice.
    const e = new Embedding();
    const module = await e.compile(`(module (func $s (drop (i32.const 1)) (drop (i32.const 2))) (start $s))`);
    e.linker.instantiate(e.store, module, { fuel: 3 });
    expect(() => e.linker.instantiate(e.store, module, { fuel: 2 })).toThrow(FuelExhausted);
  });

  it("may be imported, and may be an asynchronous host function with instantiateAsync", async () => {
    const e = new Embedding();
    const seen: string[] = [];
    e.linker.defineFunc("env", "now", { params: [], results: [] }, () => void seen.push("now"));
    e.linker.defineFunc("env", "later", { params: [], results: [] }, async () => {
      await Promise.resolve();
      seen.push("later");
    });
    await e.instantiate(`(module (import "env" "now" (func $f)) (start $f))`);
    const later = await e.compile(`(module (import "env" "later" (func $f)) (func $s (call $f)) (start $s))`);
    await e.linker.instantiateAsync(e.store, later);
    expect(seen).toEqual(["now", "later"]);
    const error = await errorOf(() => e.linker.instantiate(e.store, later));
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toMatch(/use callAsync or instantiateAsync/);
  });
});

describe("limits of the store", () => {
  it("linear memory: the page that fits and the one that does not", async () => {
    const limits = { memoryBytes: 3 * PAGE };
    const e = new Embedding(limits);
    await e.instantiate(`(module (memory 2))`);
    await e.instantiate(`(module (memory 1))`);
    expect(e.store.memoryBytes).toBe(3 * PAGE);
    const error = await errorOf(() => e.instantiate(`(module (memory 1))`));
    expect(error).toBeInstanceOf(MemoryLimitExceeded);
    expect(error).toMatchObject({ resource: "linear memory", requested: 4 * PAGE, limit: 3 * PAGE });
    await e.instantiate(`(module (memory 0))`);
    expect(e.store).toMatchObject({ memoryBytes: 3 * PAGE, peakMemoryBytes: 3 * PAGE, instanceCount: 3 });
  });

  it("the memories of one module count together, and nothing is charged when they do not fit", async () => {
    const e = new Embedding({ memoryBytes: 3 * PAGE });
    await errorOf(() => e.instantiate(`(module (memory 2) (memory 2))`));
    expect(e.store).toMatchObject({ memoryBytes: 0, memoryCount: 0, instanceCount: 0, tableElements: 0 });
    await e.instantiate(`(module (memory 2) (memory 1))`);
  });

  it.each([`(module (memory 65536))`, `(module (memory i64 0x1000000))`, `(module (memory i64 0x1000000000000))`])(
    "%s is refused at once, without allocating",
    async (module) => {
      const error = await errorOf(() => new Embedding({ memoryBytes: 2 ** 30 }).instantiate(module));
      expect(error).toBeInstanceOf(MemoryLimitExceeded);
    },
  );

  it.each(["return -1", "trap"] as const)("memory.grow past the cap: %s", async (onGrowthFailure) => {
    const e = new Embedding({ memoryBytes: 3 * PAGE, onGrowthFailure });
    const instance = await e.instantiate(`(module (memory (export "m") 1 10)
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))`);
    expect(instance.call("grow", [2])).toEqual([1]);
    if (onGrowthFailure === "return -1") expect(instance.call("grow", [1])).toEqual([-1]);
    else {
      const error = await errorOf(() => instance.call("grow", [1]));
      expect(error).toMatchObject({
        kind: "memory-limit",
        resource: "linear memory",
        requested: 4 * PAGE,
        limit: 3 * PAGE,
      });
    }
    // Past the memory's own maximum it is −1 always.
    expect(instance.call("grow", [8])).toEqual([-1]);
    expect(instance.call("grow", [0])).toEqual([3]);
    expect(instance.getMemory("m").pages).toBe(3);
    expect(e.store.memoryBytes).toBe(3 * PAGE);
  });

  it.each(["return -1", "trap"] as const)("table.grow past the cap: %s", async (onGrowthFailure) => {
    const e = new Embedding({ tableElements: 10, onGrowthFailure });
    const instance = await e.instantiate(`(module (table (export "t") 6 20 funcref) (table 1 externref)
      (func (export "grow") (param i32) (result i32) (table.grow 0 (ref.null func) (local.get 0))))`);
    expect(instance.call("grow", [3])).toEqual([6]);
    if (onGrowthFailure === "return -1") expect(instance.call("grow", [1])).toEqual([-1]);
    else {
      const error = await errorOf(() => instance.call("grow", [1]));
      expect(error).toMatchObject({ kind: "memory-limit", resource: "table elements", requested: 11, limit: 10 });
    }
    expect(instance.call("grow", [12])).toEqual([-1]);
    expect(instance.getTable("t").length).toBe(9);
    expect(e.store.tableElements).toBe(10);
  });

  it("table elements: the one that fits and the one that does not", async () => {
    const e = new Embedding({ tableElements: 10 });
    await e.instantiate(`(module (table 7 funcref) (table 3 externref))`);
    const error = await errorOf(() => e.instantiate(`(module (table 1 funcref))`));
    expect(error).toMatchObject({ resource: "table elements", requested: 11, limit: 10 });
    await e.instantiate(`(module (table 0 funcref))`);
  });

  it("numbers of instances, memories and tables", async () => {
    const e = new Embedding({ instances: 2, memories: 2, tables: 1 });
    expect(await errorOf(() => e.instantiate(`(module (table 0 funcref) (table 0 funcref))`))).toMatchObject({
      resource: "tables",
      requested: 2,
      limit: 1,
    });
    await e.instantiate(`(module (memory 0) (table 0 funcref))`);
    expect(await errorOf(() => e.instantiate(`(module (memory 0) (memory 0))`))).toMatchObject({
      resource: "memories",
      requested: 3,
      limit: 2,
    });
    await e.instantiate(`(module (memory 0))`);
    expect(await errorOf(() => e.instantiate(`(module)`))).toMatchObject({
      resource: "instances",
      requested: 3,
      limit: 2,
    });
    expect(await errorOf(async () => Memory.create(e.store, { min: 0 }))).toMatchObject({ resource: "memories" });
    expect(await errorOf(async () => Table.create(e.store, { element: "funcref", min: 0 }))).toMatchObject({
      resource: "tables",
    });
  });

  it("ten million table elements are within the cap", async () => {
    const e = new Embedding({ tableElements: 10_000_000 });
    const module = await e.compile(`(module (table (export "t") 10000000 funcref))`);
    expect(e.linker.instantiate(e.store, module).getTable("t").length).toBe(10_000_000);
  });
});

function text(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
