// The proposal js-types, https://webassembly.github.io/js-types/js-api/: expected values are its text's, and those of
// V8 26 behind --experimental-wasm-type-reflection where memory64 and threads have added members.
import { describe, expect, test } from "vitest";
import { type Api, ours } from "./support.js";

const W = ours({ typeReflection: true });

/** (module (import "m" "f" (func (param i32) (result i64 f32))) (import "m" "t" (table 1 2 externref))
 *   (import "m" "mem" (memory 1)) (import "m" "g" (global (mut f64))) (export "f" (func 0)) (export "g" (global 0))) */
const MODULE = new Uint8Array([
  ...[0, 97, 115, 109, 1, 0, 0, 0],
  ...[1, 7, 1, 0x60, 1, 0x7f, 2, 0x7e, 0x7d],
  ...[2, 32, 4, 1, 109, 1, 102, 0, 0, 1, 109, 1, 116, 1, 0x6f, 1, 1, 2, 1, 109, 3, 109, 101, 109, 2, 0, 1],
  ...[1, 109, 1, 103, 3, 0x7c, 1],
  ...[7, 9, 2, 1, 102, 0, 0, 1, 103, 3, 0],
]);

test("off by default: no engine has it without a flag, and the specification 3.0 has it not", () => {
  const plain = ours();
  expect("Function" in plain).toBe(false);
  for (const name of ["Memory", "Table", "Global", "Tag"]) expect("type" in plain[name].prototype, name).toBe(false);
  expect(plain.Module.exports(new plain.Module(MODULE))[0]).toEqual({ name: "f", kind: "function" });
  expect(() => new plain.Memory({ minimum: 1 })).toThrow(TypeError);
});

test("type() says what a thing is now, its members in the proposal's order", () => {
  const memory = new W.Memory({ initial: 1, maximum: 3 });
  memory.grow(1);
  expect(JSON.stringify(memory.type())).toBe('{"minimum":2,"maximum":3,"shared":false,"address":"i32"}');
  expect(new W.Memory({ initial: 1n, address: "i64" }).type()).toEqual({
    minimum: 1n,
    shared: false,
    address: "i64",
  });
  expect(new W.Memory({ initial: 1, maximum: 2, shared: true }).type().shared).toBe(true);
  const table = new W.Table({ initial: 1, element: "anyfunc" });
  expect(JSON.stringify(table.type())).toBe('{"element":"funcref","minimum":1,"address":"i32"}');
  const global = new W.Global({ value: "i64", mutable: true });
  expect(JSON.stringify(global.type())).toBe('{"mutable":true,"value":"i64"}');
  expect(new W.Tag({ parameters: ["i64", "anyfunc"] }).type()).toEqual({ parameters: ["i64", "funcref"] });
});

test("modules list types", () => {
  const module = new W.Module(MODULE);
  const func = { parameters: ["i32"], results: ["i64", "f32"] };
  expect(W.Module.imports(module)).toEqual([
    { module: "m", name: "f", kind: "function", type: func },
    {
      module: "m",
      name: "t",
      kind: "table",
      type: { element: "externref", minimum: 1, maximum: 2, address: "i32" },
    },
    { module: "m", name: "mem", kind: "memory", type: { minimum: 1, shared: false, address: "i32" } },
    { module: "m", name: "g", kind: "global", type: { mutable: true, value: "f64" } },
  ]);
  expect(W.Module.exports(module).map(({ type }: Api) => type)).toEqual([func, { mutable: true, value: "f64" }]);
});

test("minimum is another name of initial, and only one of them may be given", () => {
  expect(new W.Memory({ minimum: 1 }).type().minimum).toBe(1);
  expect(new W.Table({ minimum: 2, element: "anyfunc" }).length).toBe(2);
  for (const make of [
    () => new W.Memory({ minimum: 1, initial: 1 }),
    () => new W.Memory({}),
    () => new W.Table({ minimum: 1, initial: 1, element: "anyfunc" }),
  ])
    expect(make).toThrow(TypeError);
});

describe("WebAssembly.Function", () => {
  const SIGNATURE = { parameters: ["i32", "i32"], results: ["i32"] };
  const add = (a: number, b: number) => a + b;

  test("is an interface whose objects are functions", () => {
    expect([W.Function.name, W.Function.length]).toEqual(["Function", 2]);
    expect(Object.getPrototypeOf(W.Function.prototype)).toBe(Function.prototype);
    const func = new W.Function(SIGNATURE, add);
    expect(func).toBeInstanceOf(W.Function);
    expect(func).toBeInstanceOf(Function);
    expect(Object.prototype.toString.call(func)).toBe("[object WebAssembly.Function]");
    expect([func(1, 2), func("3", { valueOf: () => 4 }), func.length]).toEqual([3, 7, 2]);
    expect(func.type()).toEqual(SIGNATURE);
    expect(() => new func(1, 2)).toThrow(TypeError);
    expect(() => W.Function.prototype.type.call(add)).toThrow(TypeError);
  });

  test("converts twice where a function of the store is given another type", () => {
    const seen: unknown[][] = [];
    const inner = new W.Function({ parameters: ["i32", "externref"], results: ["f32"] }, (...args: unknown[]) => {
      seen.push(args);
      return Number.NaN;
    });
    const outer = new W.Function({ parameters: ["f32"], results: ["i32"] }, inner);
    expect(outer(Number.NaN, {})).toBe(0);
    expect(seen).toEqual([[0, undefined]]);
    const wrong = new W.Function({ parameters: ["i64"], results: ["i32"] }, inner);
    expect(() => wrong(1n)).toThrow(TypeError);
  });

  test.each([
    ["no arguments", []],
    ["no function", [SIGNATURE]],
    ["no results", [{ parameters: [] }, add]],
    ["no parameters", [{ results: [] }, add]],
    ["unknown types", [{ parameters: ["invalid"], results: [] }, add]],
    ["a number", [SIGNATURE, 72]],
    ["an object", [SIGNATURE, {}]],
  ])("refuses %s", (_, args) => {
    expect(() => new W.Function(...args)).toThrow(TypeError);
    expect(() => W.Function(...args)).toThrow(TypeError);
  });

  test("goes into tables and comes out the same, and is called by a guest under its type only", () => {
    const table = new W.Table({ element: "anyfunc", initial: 1 });
    const func = new W.Function({ parameters: ["i32"], results: ["i64", "f32"] }, (a: number) => [BigInt(a), 0.5]);
    table.set(0, func);
    expect(table.get(0)).toBe(func);
    const imports = (f: unknown) => ({
      m: {
        f,
        t: new W.Table({ initial: 1, maximum: 2, element: "externref" }),
        mem: new W.Memory({ initial: 1 }),
        g: new W.Global({ value: "f64", mutable: true }, 0),
      },
    });
    const { exports } = new W.Instance(new W.Module(MODULE), imports(func));
    expect(exports.f).toBe(func);
    expect(exports.f(7)).toEqual([7n, 0.5]);
    const other = new W.Function({ parameters: [], results: [] }, () => undefined);
    expect(() => new W.Instance(new W.Module(MODULE), imports(other))).toThrow(W.LinkError);
  });
});
