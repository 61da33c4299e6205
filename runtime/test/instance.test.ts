import { describe, expect, it } from "vitest";
import {
  captureStore,
  Engine,
  encodeSnapshot,
  FuelExhausted,
  Global,
  hashMemory,
  hibernateStore,
  Instance,
  InvalidError,
  Linker,
  MalformedError,
  Memory,
  Module,
  restoreStore,
  Store,
  Table,
  Tag,
  Trap,
  UncaughtException,
  UsageError,
} from "../index.js";
import { Embedding, errorOf } from "./support/embed.js";
import { wat } from "./support/wat.js";

describe("Engine and Store", () => {
  it("refuse unknown options and things that are no modules", () => {
    expect(() => new Engine({ schedule: "free" as never })).toThrow(
      "unknown fuel schedule free; there are escapement-1",
    );
    expect(() => new Engine().compile("(module)" as never)).toThrow(UsageError);
    expect(() => new Engine().compile(new Uint8Array([0, 1]))).toThrow(MalformedError);
    expect(() => Engine.validate(new Uint8Array(0))).toThrow(MalformedError);
    expect(() => new Store({} as never)).toThrow("a store needs an Engine");
    expect(() => new Store(new Engine(), { limits: { memoryByte: 1 } as never })).toThrow("unknown limit memoryByte");
    for (const fuel of [-1, 0.5, Number.NaN, 2 ** 53, "many"]) {
      expect(() => new Store(new Engine(), { fuel: fuel as number })).toThrow(UsageError);
    }
  });

  it("refuse options that are misspelt: a limit would not hold", () => {
    const engine = new Engine();
    for (const [make, message] of [
      [
        () => new Engine({ shedule: "escapement-1" } as never),
        "unknown shedule among options of an Engine: did you mean schedule?",
      ],
      [
        () => new Engine({ decodeLimits: { function: 2 } } as never),
        "unknown function among decodeLimits: did you mean functions?",
      ],
      [() => new Engine(5 as never), "options of an Engine are an object, not 5"],
      [() => new Store(engine, { limit: {} } as never), "unknown limit among options of a Store: did you mean limits?"],
      [() => new Store(engine, { limits: 5 as never }), "limits are an object, not 5"],
      [() => new Store(engine, { limits: { frame: 5 } as never }), "unknown limit frame: did you mean frames?"],
    ] as const)
      expect(() => make()).toThrow(message);
  });

  it("refuse what is no engine, store, memory or snapshot, and say what they need", () => {
    const store = new Store(new Engine());
    for (const [make, message] of [
      [() => new Linker(undefined as never), "a linker needs an Engine"],
      [() => Memory.create(undefined as never, { min: 1 }), "a memory needs a Store"],
      [() => new Memory(store as never, {} as never), "a memory needs a Store"],
      [() => Memory.create(store, undefined as never), "a memory's type is { min, max, is64 }, not undefined"],
      [() => Table.create({} as never, { element: "funcref", min: 1 }), "a table needs a Store"],
      [() => Global.create(undefined as never, { type: "i32" }, 1), "a global needs a Store"],
      [() => Tag.create(undefined as never, []), "a tag needs a Store"],
      [() => captureStore({ store } as never), "the subject of a snapshot is { store, instances }"],
      [() => hibernateStore(undefined as never), "the subject of a snapshot is { store, instances }"],
      [() => restoreStore({} as never, { store, instances: [] }), "a picture of a store is what captureStore gives"],
      [() => encodeSnapshot(5 as never), "a picture of a store is what captureStore gives"],
      [() => hashMemory(5 as never), "hashMemory takes a Memory"],
    ] as const) {
      expect(() => make()).toThrow(UsageError);
      expect(() => make()).toThrow(message);
    }
  });

  it("take limits on the shape of modules", async () => {
    const bytes = await wat(`(module (func) (func))`);
    new Engine({ decodeLimits: { functions: 2 } }).compile(bytes);
    expect(() => new Engine({ decodeLimits: { functions: 1 } }).compile(bytes)).toThrow(InvalidError);
    expect(() => new Engine({ decodeLimits: { moduleBytes: bytes.length - 1 } }).compile(bytes)).toThrow(InvalidError);
  });

  it("give equal types of different modules one id", async () => {
    const engine = new Engine();
    const text = (name: string) => wat(`(module (func (export "${name}") (param i32) (result f64) (f64.const 0)))`);
    const [a, b] = [engine.compile(await text("a")), engine.compile(await text("b"))];
    expect(a.exports()[0]!.type).toEqual(b.exports()[0]!.type);
  });
});

describe("Module", () => {
  it("describes imports and exports in order", async () => {
    const { engine } = new Embedding();
    const module = engine.compile(
      await wat(`(module
        (import "a" "f" (func (param i32 f32) (result i64)))
        (import "a" "m" (memory i64 1 2))
        (import "b" "t" (table 1 funcref))
        (import "b" "g" (global (mut externref)))
        (import "b" "e" (tag (param v128)))
        (export "again" (func 0)) (export "mem" (memory 0)) (export "tab" (table 0))
        (export "glob" (global 0)) (export "exn" (tag 0)))`),
    );
    expect(module.imports().map((entry) => [entry.module, entry.name, entry.kind, entry.description])).toEqual([
      ["a", "f", "func", "func [i32 f32] -> [i64]"],
      ["a", "m", "memory", "memory i64 1..2"],
      ["b", "t", "table", "table 1.. funcref"],
      ["b", "g", "global", "global mut externref"],
      ["b", "e", "tag", "tag [v128] -> []"],
    ]);
    expect(module.exports().map((entry) => [entry.name, entry.kind, entry.description])).toEqual([
      ["again", "func", "func [i32 f32] -> [i64]"],
      ["mem", "memory", "memory i64 1..2"],
      ["tab", "table", "table 1.. funcref"],
      ["glob", "global", "global mut externref"],
      ["exn", "tag", "tag [v128] -> []"],
    ]);
  });

  it("gives copies of its custom sections", async () => {
    const { engine } = new Embedding();
    const module = engine.compile(
      await wat(`(module (@custom "x" "one") (func) (@custom "x" "two") (@custom "y" ""))`),
    );
    expect(module.customSections("x").map((bytes) => Buffer.from(bytes).toString())).toEqual(["one", "two"]);
    module.customSections("x")[0]!.fill(0);
    expect(Buffer.from(module.customSections("x")[0]!).toString()).toBe("one");
    expect(module.customSections("z")).toEqual([]);
    expect(module).toBeInstanceOf(Module);
  });
});

describe("Instance", () => {
  const text = `(module (memory (export "memory") 1) (table (export "table") 1 funcref)
    (global (export "global") i32 (i32.const 1)) (tag $e (export "tag"))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "swap") (param i32 i64) (result i64 i32) (local.get 1) (local.get 0))
    (func (export "nothing"))
    (func (export "trap") unreachable)
    (func (export "throw") (throw $e))
    (func (export "spin") (loop (br 0)))
    (func (export "__proto__") (result i32) (i32.const 5)))`;

  it("has its exports by name and kind", async () => {
    const instance = await new Embedding().instantiate(text);
    expect(instance).toBeInstanceOf(Instance);
    expect([...instance.exports.keys()].slice(0, 4)).toEqual(["memory", "table", "global", "tag"]);
    expect(instance.getMemory("memory").pages).toBe(1);
    expect(instance.getTable("table").length).toBe(1);
    expect(instance.getGlobal("global").value).toBe(1);
    expect(instance.getTag("tag").type.params).toEqual([]);
    expect(instance.call("__proto__")).toEqual([5]);
  });

  it("names close exports, and the kind that was found", async () => {
    const instance = await new Embedding().instantiate(text);
    expect(() => instance.getFunc("ad")).toThrow(`the instance has no export "ad"; did you mean "add"?`);
    expect(() => instance.getMemory("Memory")).toThrow(`did you mean "memory"?`);
    expect(() => instance.getFunc("constructor")).toThrow(UsageError);
    expect(() => instance.getFunc("memory")).toThrow(`export "memory" is a memory, not a func`);
    expect(() => instance.getMemory("add")).toThrow(`export "add" is a func, not a memory`);
  });

  it("calls functions with values, and gives all results", async () => {
    const instance = await new Embedding().instantiate(text);
    expect(instance.call("add", [2, 0xffffffff])).toEqual([1]);
    expect(instance.call("swap", [1, 2n])).toEqual([2n, 1]);
    expect(instance.call("nothing")).toEqual([]);
    expect(await instance.callAsync("add", [1, 2])).toEqual([3]);
  });

  it("refuses arguments that do not fit", async () => {
    const instance = await new Embedding().instantiate(text);
    expect(() => instance.call("add", [1])).toThrow(UsageError);
    expect(() => instance.call("add", [1, 2, 3])).toThrow(/found 3 arguments, expected 2 \[i32 i32\]/);
    expect(() => instance.call("add", [1, "2"])).toThrow(/argument 1: found string "2", expected i32/);
    expect(() => instance.call("adds")).toThrow(UsageError);
    expect(() => instance.call("add", [1, 2], { fuel: -1 })).toThrow(UsageError);
  });

  it("throws what the guest ended with", async () => {
    const instance = await new Embedding().instantiate(text);
    expect(await errorOf(() => instance.call("trap"))).toBeInstanceOf(Trap);
    expect(await errorOf(() => instance.callAsync("trap"))).toBeInstanceOf(Trap);
    const thrown = await errorOf(() => instance.call("throw"));
    expect(thrown).toBeInstanceOf(UncaughtException);
    expect((thrown as UncaughtException).exception.tag).toBe(instance.getTag("tag"));
  });

  it("stops at exactly its fuel", async () => {
    const instance = await new Embedding().instantiate(text);
    // Entry, two local.get, i32.add.
    expect(instance.call("add", [1, 2], { fuel: 4 })).toEqual([3]);
    expect(await errorOf(() => instance.call("add", [1, 2], { fuel: 3 }))).toBeInstanceOf(FuelExhausted);
    expect(await errorOf(() => instance.callAsync("spin", [], { fuel: 100_000 }))).toMatchObject({ kind: "fuel" });
  });

  it("stops at the store's fuel if it is given none", async () => {
    const engine = new Engine();
    const store = new Store(engine, { fuel: 10_000 });
    const { Linker } = await import("../index.js");
    const instance = new Linker(engine).instantiate(store, engine.compile(await wat(text)));
    expect(await errorOf(() => instance.call("spin"))).toBeInstanceOf(FuelExhausted);
  });

  it("makes a function instance when it is taken, and the same one however that is done", async () => {
    const e = new Embedding();
    const instance =
      await e.instantiate(`(module (table (export "t") 8 funcref) (global (export "g") funcref (ref.func $c))
      (elem (i32.const 0) $a $b) (elem $passive func $d $e $a)
      (func $never) (func $caller (export "caller") (call $callee)) (func $callee)
      (func $a (export "a")) (func $b) (func $c) (func $d (export "d")) (func $e) (elem declare func $e)
      (func (export "e") (result funcref) (ref.func $e))
      (func (export "init") (table.init $passive (i32.const 2) (i32.const 0) (i32.const 3))))`);
    const table = instance.getTable("t");
    // $a and $b in the table, $c in the global.
    expect(instance.takenFuncCount).toBe(3);
    expect(table.get(0)).toBe(instance.getFunc("a"));
    expect(instance.getGlobal("g").value).toBe(instance.func(5));
    // A call by index takes nothing but what the host asked for.
    instance.call("caller");
    expect(instance.takenFuncCount).toBe(4);
    const [returned] = instance.call("e");
    instance.call("init");
    expect([table.get(2), table.get(3), table.get(4)]).toEqual([instance.func(6), returned, table.get(0)]);
    expect(returned).toBe(instance.func(7));
    expect(instance.getFunc("d")).toBe(table.get(2));
    expect([...instance.exports.values()].slice(2, 5)).toEqual(
      ["caller", "a", "d"].map((name) => instance.getFunc(name)),
    );
    expect(instance.exports.size).toBe(7);
    expect(instance.exports.has("b")).toBe(false);
    // caller, a, b, c, d, e, and the two functions that the host has called.
    expect(instance.takenFuncCount).toBe(8);
  });
});
