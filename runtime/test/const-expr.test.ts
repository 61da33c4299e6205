import { describe, expect, it } from "vitest";
import { Engine, Linker, Store, UsageError } from "../index.js";
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

  it.each(["ref.i31 (i32.const 1)", "array.new_default $a (i32.const 1)"])(
    "says that %s is not built yet",
    async (text) => {
      const module = `(module (type $a (array i32)) (global anyref (${text})))`;
      await expect(instantiate(module)).rejects.toThrow(UsageError);
      await expect(instantiate(module)).rejects.toThrow(/GC instruction .* not built yet/);
    },
  );
});
