// Shapes of the objects: https://webassembly.github.io/spec/js-api/#idl-index under Web IDL's rules.
import { describe, expect, test } from "vitest";
import { type Api, native, ours } from "./support.js";

const W = ours();

/** Every own property of an object, as flags and, for functions, name and length. */
function shapeOf(object: object): Record<string, unknown> {
  const shape: Record<string, unknown> = {};
  for (const key of Reflect.ownKeys(object)) {
    // V8's built-in functions have these two beside what the language says.
    if (key === "caller" || key === "arguments") continue;
    const { value, get, set, ...flags } = Object.getOwnPropertyDescriptor(object, key)! as PropertyDescriptor;
    const describeFunction = (f: unknown) =>
      typeof f === "function" ? [f.name, f.length, Object.hasOwn(f, "prototype")] : f;
    shape[String(key)] = {
      ...flags,
      value: typeof value === "object" ? "object" : describeFunction(value),
      get: describeFunction(get),
      set: describeFunction(set),
    };
  }
  return shape;
}

const CLASSES = [
  ...["Module", "Instance", "Memory", "Table", "Global", "Tag"],
  ...["CompileError", "LinkError", "RuntimeError"],
];
/** Newer than some hosts: of the 3.0 interface, or of threads and stack switching, which are no part of it. */
const NEWER = new Set([
  "toFixedLengthBuffer",
  "toResizableBuffer",
  "JSTag",
  "compileStreaming",
  "instantiateStreaming",
  "promising",
  "Suspending",
  "SuspendError",
]);

function without(shape: Record<string, unknown>, names: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(shape).filter(([name]) => !names.has(name)));
}

describe("attributes of properties are V8's", () => {
  test.each(CLASSES)("%s and its prototype", (name) => {
    const [mine, theirs] = [W[name], native[name]] as [Api, Api];
    expect(shapeOf(mine)).toEqual(shapeOf(theirs));
    expect(without(shapeOf(mine.prototype), NEWER)).toEqual(without(shapeOf(theirs.prototype), NEWER));
  });

  test("the namespace", () => {
    // Node 20's Exception has a length of 1, the specification's 2.
    const names = new Set([...NEWER, "Exception"]);
    expect(without(shapeOf(W), names)).toEqual(without(shapeOf(native), names));
    expect(Object.prototype.toString.call(W)).toBe("[object WebAssembly]");
    expect(Object.getPrototypeOf(W)).toBe(Object.prototype);
  });
});

describe("by Web IDL, where hosts are older", () => {
  test("Exception is no Error, and its members are enumerable", () => {
    expect(Object.getPrototypeOf(W.Exception.prototype)).toBe(Object.prototype);
    expect(Object.keys(W.Exception.prototype).sort()).toEqual(["getArg", "is", "stack"]);
    expect([W.Exception.length, W.Exception.prototype.getArg.length, W.Exception.prototype.is.length]).toEqual([
      2, 2, 1,
    ]);
    expect(Object.prototype.toString.call(W.Exception.prototype)).toBe("[object WebAssembly.Exception]");
  });

  test("JSTag is an enumerable attribute without a setter, always the same tag", () => {
    const { get, set, ...flags } = Object.getOwnPropertyDescriptor(W, "JSTag")!;
    expect(flags).toEqual({ enumerable: true, configurable: true });
    expect([get?.name, set]).toEqual(["get JSTag", undefined]);
    expect(W.JSTag).toBe(W.JSTag);
    expect(W.JSTag).toBeInstanceOf(W.Tag);
  });

  test("streaming methods are there with a host that has Response, and not without", () => {
    expect("instantiateStreaming" in W).toBe(false);
    const streaming = ours({ host: { isResponse: () => false } });
    expect(shapeOf(streaming).compileStreaming).toMatchObject({
      enumerable: true,
      value: ["compileStreaming", 1, false],
    });
    expect(Object.getPrototypeOf(streaming.instantiateStreaming)).toBe(Function.prototype);
  });
});

describe("error classes are native errors", () => {
  test.each(["CompileError", "LinkError", "RuntimeError"])("%s", (name) => {
    const Class = W[name];
    const cause = {};
    for (const error of [new Class("text", { cause }), Class("text", { cause })]) {
      expect(error).toBeInstanceOf(Class);
      expect(error).toBeInstanceOf(Error);
      expect([error.name, error.message, error.cause]).toEqual([name, "text", cause]);
      expect(String(error.stack)).toContain(`${name}: text`);
    }
    expect(Object.getPrototypeOf(Class)).toBe(Error);
    expect(Object.hasOwn(new Class(), "message")).toBe(false);
    class Sub extends (Class as ErrorConstructor) {}
    expect(new Sub("x")).toBeInstanceOf(Class);
  });
});

test("what is not constructed by new, or is no object of the class, is a TypeError", () => {
  for (const name of ["Module", "Instance", "Memory", "Table", "Global", "Tag", "Exception"]) {
    expect(() => W[name]({}), name).toThrow(TypeError);
    expect(() => new W[name](), name).toThrow(TypeError);
  }
  const fakes = [undefined, null, 1, {}, W.Memory.prototype, new native.Memory({ initial: 0 })];
  for (const fake of fakes) {
    expect(() => W.Memory.prototype.grow.call(fake, 1)).toThrow(TypeError);
    expect(() => Reflect.get(W.Memory.prototype, "buffer", fake as object)).toThrow(TypeError);
  }
});

test("objects of one WebAssembly object mean nothing to another", () => {
  const other = ours();
  expect(() => other.Module.exports(new W.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])))).toThrow(TypeError);
});

test("a module keeps what its bytes were: they may change afterwards", () => {
  // (func (export "f") (result i32) (i32.const 42))
  const [header, types] = [
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    [1, 5, 1, 0x60, 0, 1, 0x7f],
  ];
  const rest = [3, 2, 1, 0, 7, 5, 1, 1, 0x66, 0, 0, 10, 6, 1, 4, 0, 0x41, 42, 0x0b];
  for (const api of [W, native]) {
    const bytes = Uint8Array.from([...header!, ...types!, ...rest]);
    const module = new api.Module(bytes);
    bytes.fill(0);
    const { f } = new api.Instance(module).exports as { f(): number };
    expect(f()).toBe(42);
  }
});
