import { describe, expect, it } from "vitest";
import { ArrayInst, Engine, Linker, MemoryLimitExceeded, Store, StructInst } from "../index.js";
import { wat } from "./support/wat.js";

async function instantiate(text: string) {
  const engine = new Engine();
  const store = new Store(engine);
  const linker = new Linker(engine);
  return linker.instantiate(store, engine.compile(await wat(text)));
}

describe("constant expressions", () => {
  it.each([
    ["i32", "i32.const -1", -1, 0xffffffffn],
    ["i64", "i64.const -2", -2n, 2n ** 64n - 2n],
    ["f32", "f32.const -0", -0, 0x80000000n],
    ["f32", "f32.const nan:0x200001", Number.NaN, 0x7fa00001n],
    ["f64", "f64.const 0x1p-1074", 5e-324, 1n],
    ["f64", "f64.const -nan:0x4000000000001", Number.NaN, 0xfff4000000000001n],
    ["v128", "v128.const i32x4 1 2 3 4", 0x00000004000000030000000200000001n, 0x00000004000000030000000200000001n],
  ])("gives %s from %s, bits included", async (type, text, value, raw) => {
    const instance = await instantiate(`(module (global (export "g") ${type} (${text})))`);
    expect(instance.getGlobal("g").value).toBe(value);
    expect(instance.getGlobal("g").raw).toBe(raw);
  });

  it.each([
    ["i32", "(i32.add (i32.const 0x7fffffff) (i32.const 1))", -(2 ** 31)],
    ["i32", "(i32.sub (i32.const -0x80000000) (i32.const 1))", 2 ** 31 - 1],
    ["i32", "(i32.mul (i32.const 0x10001) (i32.const 0x10001))", 0x20001],
    ["i64", "(i64.add (i64.const 0x7fffffffffffffff) (i64.const 1))", -(2n ** 63n)],
    ["i64", "(i64.sub (i64.const 0) (i64.const 1))", -1n],
    ["i64", "(i64.mul (i64.const 0x100000001) (i64.const 0x100000001))", 0x200000001n],
    ["i32", "(i32.sub (i32.mul (i32.const 3) (i32.const 4)) (i32.add (i32.const 1) (i32.const 2)))", 9],
  ])("wraps around: %s %s", async (type, text, value) => {
    const instance = await instantiate(`(module (global (export "g") ${type} ${text}))`);
    expect(instance.getGlobal("g").value).toBe(value);
  });

  it("reads imported and earlier globals", async () => {
    const engine = new Engine();
    const store = new Store(engine);
    const linker = new Linker(engine);
    const base = linker.instantiate(
      store,
      engine.compile(await wat(`(module (global (export "g") i32 (i32.const 40)))`)),
    );
    linker.defineInstance("base", base);
    const bytes = await wat(`(module
      (import "base" "g" (global $a i32))
      (global $b (export "b") i32 (i32.add (global.get $a) (i32.const 1)))
      (global (export "c") i32 (i32.add (global.get $b) (i32.const 1))))`);
    const instance = linker.instantiate(store, engine.compile(bytes));
    expect(instance.getGlobal("b").value).toBe(41);
    expect(instance.getGlobal("c").value).toBe(42);
  });

  it("keeps v128 and the globals after it apart", async () => {
    const instance = await instantiate(`(module
      (global (export "a") v128 (v128.const i64x2 -1 -1))
      (global (export "b") (mut i32) (i32.const 7))
      (global (export "c") (mut v128) (v128.const i64x2 1 2)))`);
    expect(instance.getGlobal("a").value).toBe(2n ** 128n - 1n);
    expect(instance.getGlobal("b").value).toBe(7);
    instance.getGlobal("c").value = 2n ** 127n;
    expect(instance.getGlobal("c").raw).toBe(2n ** 127n);
    expect(instance.getGlobal("b").value).toBe(7);
  });

  it("makes references: the function itself, and null", async () => {
    const instance = await instantiate(`(module
      (func $f (export "f"))
      (global (export "f0") funcref (ref.func $f))
      (global (export "n") externref (ref.null extern))
      (table (export "t") 3 funcref (ref.func $f)))`);
    const f = instance.getFunc("f");
    expect(instance.getGlobal("f0").value).toBe(f);
    expect(instance.getGlobal("n").value).toBe(null);
    expect([0, 1, 2].map((i) => instance.getTable("t").get(i))).toEqual([f, f, f]);
  });

  it("evaluates a very deep expression without the host's stack", async () => {
    const depth = 50_000;
    const text = `${"i32.const 1 ".repeat(depth)}${"i32.add ".repeat(depth - 1)}`;
    const instance = await instantiate(`(module (global (export "g") i32 ${text}))`);
    expect(instance.getGlobal("g").value).toBe(depth);
  });

  it("makes i31 references of the low 31 bits, signed", async () => {
    const instance = await instantiate(`(module
      (global (export "a") i31ref (ref.i31 (i32.const 0x40000000)))
      (global (export "b") (ref i31) (ref.i31 (i32.const -1)))
      (global (export "c") anyref (ref.i31 (i32.const 0x3fffffff))))`);
    expect(["a", "b", "c"].map((name) => instance.getGlobal(name).value)).toEqual([-(2 ** 30), -1, 2 ** 30 - 1]);
  });

  it("makes structs: packed fields wrapped, wide ones word by word", async () => {
    const instance = await instantiate(`(module
      (type $s (struct (field i8) (field i64) (field (mut funcref)) (field v128) (field f32)))
      (func $f (export "f"))
      (global (export "s") (ref $s) (struct.new $s (i32.const 0x1ff) (i64.const -2) (ref.func $f)
        (v128.const i32x4 1 2 3 4) (f32.const nan:0x200000)))
      (global (export "d") (ref $s) (struct.new_default $s)))`);
    const struct = instance.getGlobal("s").value as StructInst;
    expect(struct).toBeInstanceOf(StructInst);
    expect(struct.cells).toEqual([0xff, -2, -1, instance.getFunc("f"), 1, 2, 3, 4, 0x7fa00000]);
    expect(struct.typeId).toBe(instance.module.types[0]);
    const empty = instance.getGlobal("d").value as StructInst;
    expect(empty.cells).toEqual([0, 0, 0, null, 0, 0, 0, 0, 0]);
  });

  it.each([
    ["i8", "(i32.const 0x1ff)", [0xff, 0xff]],
    ["i16", "(i32.const -1)", [0xffff, 0xffff]],
    ["i32", "(i32.const -1)", [-1, -1]],
    ["i64", "(i64.const 0x100000002)", [2, 1, 2, 1]],
    ["f64", "(f64.const 1)", [0, 0x3ff00000, 0, 0x3ff00000]],
    ["v128", "(v128.const i32x4 1 2 3 4)", [1, 2, 3, 4, 1, 2, 3, 4]],
  ])("makes arrays of %s", async (type, init, data) => {
    const instance = await instantiate(`(module (type $a (array ${type}))
      (global (export "new") (ref $a) (array.new $a ${init} (i32.const 2)))
      (global (export "fixed") (ref $a) (array.new_fixed $a 2 ${init} ${init}))
      (global (export "default") (ref $a) (array.new_default $a (i32.const 2))))`);
    const array = (name: string) => instance.getGlobal(name).value as ArrayInst;
    expect(array("new")).toBeInstanceOf(ArrayInst);
    expect([...array("new").data]).toEqual(data);
    expect([...array("fixed").data]).toEqual(data);
    expect([...array("default").data]).toEqual(data.map(() => 0));
    expect(array("fixed").length).toBe(2);
  });

  it("makes arrays of references, in the order of their operands", async () => {
    const instance = await instantiate(`(module (type $a (array (mut i31ref)))
      (global (export "fixed") (ref $a)
        (array.new_fixed $a 3 (ref.i31 (i32.const 1)) (ref.null i31) (ref.i31 (i32.const 3))))
      (global (export "new") (ref $a) (array.new $a (ref.i31 (i32.const 7)) (i32.const 2))))`);
    expect((instance.getGlobal("fixed").value as ArrayInst).data).toEqual([1, null, 3]);
    expect((instance.getGlobal("new").value as ArrayInst).data).toEqual([7, 7]);
  });

  it("converts between extern and any without losing the reference", async () => {
    const instance = await instantiate(`(module (type $a (array i8))
      (global $any anyref (array.new_default $a (i32.const 1)))
      (global $ext (export "ext") externref (extern.convert_any (global.get $any)))
      (global (export "any") anyref (any.convert_extern (global.get $ext)))
      (global (export "n") anyref (any.convert_extern (ref.null extern))))`);
    expect(instance.getGlobal("any").value).toBeInstanceOf(ArrayInst);
    expect(instance.getGlobal("any").value).toBe(instance.getGlobal("ext").value);
    expect(instance.getGlobal("n").value).toBe(null);
  });

  it.each([
    ["i8", "1000"],
    ["i8", "-1"],
    ["i64", "0x20000000"],
    ["v128", "-1"],
    ["funcref", "-1"],
  ])("an array of %s with %s elements beyond the heap's cap is refused at once", async (type, length) => {
    const engine = new Engine();
    const store = new Store(engine, { limits: { gcHeapBytes: 1255 } });
    const module = `(module (type $a (array ${type})) (global (ref $a) (array.new_default $a (i32.const ${length}))))`;
    const compiled = engine.compile(await wat(module));
    expect(() => new Linker(engine).instantiate(store, compiled)).toThrow(MemoryLimitExceeded);
    expect(store).toMatchObject({ gcHeapBytes: 0, instanceCount: 0 });
  });

  it("an array of references that JavaScript could not hold is refused under the default limits", async () => {
    const module = `(module (type $a (array funcref)) (global (ref $a) (array.new_default $a (i32.const 134000000))))`;
    await expect(instantiate(module)).rejects.toThrow(MemoryLimitExceeded);
  });

  it("what fits the heap's cap exactly is made", async () => {
    const engine = new Engine();
    const store = new Store(engine, { limits: { gcHeapBytes: 1256 } });
    const module = `(module (type $a (array i8)) (global (ref $a) (array.new_default $a (i32.const 1000))))`;
    new Linker(engine).instantiate(store, engine.compile(await wat(module)));
    expect(store.gcHeapBytes).toBe(1256);
  });
});
