// Heap objects, i31, tables and globals of references, string builtins. Node 20 has no GC: values are the specification's.
import { beforeAll, describe, expect, test } from "vitest";
import { wat } from "../../test/support/wat.js";
import { type Api, native, ours, outcomeClass } from "./support.js";

const W = ours();

async function load(text: string, imports: object = {}, options: object = {}): Promise<Api> {
  return new W.Instance(new W.Module(await wat(text), options), imports).exports;
}

describe("heap objects", () => {
  let exports: Api;
  beforeAll(async () => {
    exports = await load(`(module
      (type $s (struct (field (mut i32)))) (type $a (array (mut i8)))
      (func (export "struct") (param i32) (result anyref) (struct.new $s (local.get 0)))
      (func (export "array") (result (ref $a)) (array.new_default $a (i32.const 3)))
      (func (export "get") (param (ref $s)) (result i32) (struct.get $s 0 (local.get 0)))
      (func (export "same") (param eqref eqref) (result i32) (ref.eq (local.get 0) (local.get 1)))
      (func (export "any") (param anyref) (result anyref) (local.get 0))
      (func (export "extern") (param externref) (result anyref) (any.convert_extern (local.get 0)))
      (func (export "isI31") (param externref) (result i32) (ref.test i31ref (any.convert_extern (local.get 0))))
      (func (export "i31") (param i31ref) (result i32) (i31.get_s (local.get 0)))
      (global (export "g") (mut anyref) (ref.null any))
      (table (export "t") 2 eqref))`);
  });

  test("keep their identity, and are opaque", () => {
    const object = exports.struct(7);
    expect(exports.get(object)).toBe(7);
    expect(exports.any(object)).toBe(object);
    expect(exports.extern(object)).toBe(object);
    expect(exports.same(object, object)).toBe(1);
    expect(exports.same(object, exports.struct(7))).toBe(0);
    expect([typeof object, Object.isFrozen(object), Reflect.ownKeys(object), object.x]).toEqual([
      "object",
      true,
      [],
      undefined,
    ]);
    expect(Object.getPrototypeOf(object)).toBe(null);
    expect(() => {
      object.x = 1;
    }).toThrow(TypeError);
    expect(() => Object.freeze(object)).toThrow(TypeError);
    expect(() => exports.get(exports.array())).toThrow(TypeError);
    expect(() => exports.get(null)).toThrow(TypeError);
    exports.g.value = object;
    exports.t.set(1, object);
    expect([exports.g.value, exports.t.get(0), exports.t.get(1)]).toEqual([object, null, object]);
  });

  test("numbers in the range of i31 are i31s, all else is a host's value", () => {
    for (const [value, is] of [
      [0, 1],
      [-(2 ** 30), 1],
      [2 ** 30 - 1, 1],
      [2 ** 30, 0],
      [0.5, 0],
      [-0, 0],
      ["0", 0],
      [0n, 0],
    ]) {
      expect(exports.isI31(value), String(value)).toBe(is);
      expect(exports.any(value)).toBe(value);
    }
    expect(exports.i31(-5)).toBe(-5);
    for (const value of [2 ** 30, 1.5, "1", {}]) expect(() => exports.i31(value)).toThrow(TypeError);
    expect(() => exports.t.set(0, {})).toThrow(TypeError);
    expect(() => exports.t.set(0, exports.i31)).toThrow(TypeError);
  });
});

describe("tables", () => {
  test.each([
    [(table: Api) => table.get(5)],
    [(table: Api) => table.get(-1)],
    [(table: Api) => table.get("1")],
    [(table: Api) => table.get()],
    [(table: Api) => table.set(0, {})],
    [(table: Api) => table.set(9, null)],
    [(table: Api) => table.grow(1)],
    [(table: Api) => [table.grow(2, null), table.length]],
    [(table: Api) => table.grow(100)],
    [(table: Api) => table.set(0)],
    [(table: Api) => table.length],
  ])("%s is V8's", (program) => {
    const make = (api: Api) => new api.Table({ element: "anyfunc", initial: 2, maximum: 5 });
    expect(outcomeClass(() => program(make(W)))).toEqual(outcomeClass(() => program(make(native))));
  });

  test("of externref begin with undefined, or the value", () => {
    for (const api of [native, W]) {
      const object = {};
      expect(new api.Table({ element: "externref", initial: 1 }).get(0)).toBe(undefined);
      const table = new api.Table({ element: "externref", initial: 1 }, object);
      table.grow(1);
      table.grow(1, 5);
      expect([table.get(0), table.get(1), table.get(2)]).toEqual([object, undefined, 5]);
    }
  });

  test("with i64 addresses count in bigints", () => {
    const table = new W.Table({ element: "anyfunc", initial: 1n, maximum: 3n, address: "i64" });
    expect([table.length, table.grow(1n), table.length, table.get(1n)]).toEqual([1n, 1n, 2n, null]);
    expect(() => table.get(0)).toThrow(TypeError);
    expect(() => table.get(2n)).toThrow(RangeError);
  });

  test("hold at most ten million", () => {
    expect(() => new W.Table({ element: "anyfunc", initial: 10_000_001 })).toThrow(RangeError);
    expect(() => new W.Table({ element: "anyfunc", initial: 1 }).grow(10_000_000)).toThrow(RangeError);
  });
});

describe("globals", () => {
  test.each([
    [(api: Api) => new api.Global({ value: "i64" }, 1)],
    [(api: Api) => new api.Global({ value: "i64", mutable: true }, 5n).value],
    [(api: Api) => new api.Global({ value: "i32" }, 2 ** 31).valueOf()],
    [(api: Api) => new api.Global({ value: "f32" }, 0.1).value],
    [(api: Api) => new api.Global({ value: "anyfunc" }).value],
    [(api: Api) => new api.Global({ value: "v128" })],
    [(api: Api) => new api.Global({ value: "i33" })],
    [(api: Api) => new api.Global({})],
    [
      (api: Api) => {
        new api.Global({ value: "i32" }, 1).value = 2;
      },
    ],
  ])("%s is V8's", (program) => {
    expect(outcomeClass(() => program(W))).toEqual(outcomeClass(() => program(native)));
  });
});

test("a global of externref begins with undefined", () => {
  // DefaultValue(externref); Node 20 has null.
  expect(new W.Global({ value: "externref" }).value).toBe(undefined);
});

describe("imports of the engine's own", () => {
  const TEXT = `(module
    (type $halves (array (mut i16)))
    (import "wasm:js-string" "concat" (func $concat (param externref externref) (result (ref extern))))
    (import "wasm:js-string" "length" (func $length (param externref) (result i32)))
    (import "wasm:js-string" "charCodeAt" (func $at (param externref i32) (result i32)))
    (import "wasm:js-string" "fromCharCodeArray" (func $from (param (ref null $halves) i32 i32) (result (ref extern))))
    (import "strings" "hällo " (global $hello externref))
    (export "concat" (func $concat)) (export "length" (func $length)) (export "at" (func $at))
    (func (export "greet") (param externref) (result externref) (call $concat (global.get $hello) (local.get 0)))
    (func (export "halves") (param i32) (result externref)
      (call $from (array.new_fixed $halves 2 (i32.const 0xd83d) (i32.const 0xde00)) (i32.const 0) (local.get 0))))`;
  const OPTIONS = { builtins: ["js-string"], importedStringConstants: "strings" };

  test("string builtins and constants", async () => {
    const module = new W.Module(await wat(TEXT), OPTIONS);
    expect(W.Module.imports(module)).toEqual([]);
    const exports = await load(TEXT, {}, OPTIONS);
    expect(exports.greet("wörld")).toBe("hällo wörld");
    expect(exports.halves(2)).toBe("\u{1f600}");
    expect(() => exports.halves(3)).toThrow(W.RuntimeError);
    expect([exports.concat("a", "b"), exports.length("abc"), exports.at("abc", 1)]).toEqual(["ab", 3, 98]);
    for (const program of [() => exports.length(5), () => exports.at("abc", 3), () => exports.greet(null)]) {
      expect(program).toThrow(W.RuntimeError);
    }
  });

  test("are the import object's where they are not enabled, and types must fit", async () => {
    const seen: unknown[] = [];
    const text = `(module (import "wasm:js-string" "length" (func $f (param externref) (result i32)))
      (func (export "f") (result i32) (call $f (ref.null extern))))`;
    const imports = { "wasm:js-string": { length: (value: unknown) => seen.push(value) } };
    expect((await load(text, imports)).f()).toBe(1);
    expect(seen).toEqual([null]);
    const wrong = await wat(`(module (import "wasm:js-string" "length" (func (param i32) (result i32))))`);
    expect(W.validate(wrong)).toBe(true);
    expect(W.validate(wrong, { builtins: ["js-string"] })).toBe(false);
    expect(() => new W.Module(wrong, { builtins: ["js-string"] })).toThrow(W.CompileError);
    expect(() => new W.Module(wrong, { builtins: ["x", "x"] })).toThrow(W.CompileError);
  });
});
