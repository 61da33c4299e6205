// https://webassembly.github.io/spec/js-api/#memories
import { beforeAll, describe, expect, test } from "vitest";
import { wat } from "../../test/support/wat.js";
import { type Api, native, ours, outcome, outcomeClass } from "./support.js";

const W = ours();
let bytes: Uint8Array;

beforeAll(async () => {
  bytes = await wat(`(module
    (import "m" "memory" (memory 1 10))
    (export "memory" (memory 0))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
    (func (export "store") (param i32 i32) (i32.store8 (local.get 0) (local.get 1))))`);
});

function instance(api: Api, initial = 1): Api {
  const memory = new api.Memory({ initial, maximum: 10 });
  const { exports } = new api.Instance(new api.Module(bytes), { m: { memory } });
  return { memory, exports };
}

describe("the descriptor", () => {
  const log: string[] = [];
  const watched = (name: string, value: unknown) => ({
    [name]: 0,
    get [name as string]() {
      log.push(name);
      const convert = (how: string) => () => {
        log.push(`${name} ${how}`);
        return value;
      };
      return { valueOf: convert("valueOf"), toString: convert("toString") };
    },
  });

  test("is read in V8's order, each value converted at once", () => {
    const descriptor = Object.create(null, {
      ...Object.getOwnPropertyDescriptors(watched("maximum", 2)),
      ...Object.getOwnPropertyDescriptors(watched("initial", 1)),
    });
    log.length = 0;
    new native.Memory(descriptor);
    const expected = log.splice(0);
    new W.Memory(descriptor);
    expect(log).toEqual(expected);
    expect(expected).toEqual(["initial", "initial valueOf", "maximum", "maximum valueOf"]);
  });

  test.each([
    [{ initial: 65536 }],
    [{ initial: 65537 }],
    [{ initial: 1, maximum: 65537 }],
    [{ initial: 2, maximum: 1 }],
    [{ initial: -1 }],
    [{ initial: Number.NaN }],
    [{ initial: 1n }],
    [{ initial: 2 ** 32 }],
    [{}],
    [5],
    [null],
  ])("%o has V8's class of answer", (descriptor) => {
    expect(outcomeClass(() => new W.Memory(descriptor) && 0)).toEqual(
      outcomeClass(() => new native.Memory(descriptor) && 0),
    );
  });

  test("the text for 65,537 pages is V8's", () => {
    const text = outcome(() => new W.Memory({ initial: 65537 }));
    expect(text).toEqual(outcome(() => new native.Memory({ initial: 65537 })));
  });

  test("addresses of i64 are bigints", () => {
    const memory = new W.Memory({ address: "i64", initial: 1n, maximum: 3n });
    expect(memory.grow(2n)).toBe(1n);
    expect(memory.buffer.byteLength).toBe(3 * 65536);
    expect(() => memory.grow(1)).toThrow(TypeError);
    expect(() => memory.grow(-1n)).toThrow(TypeError);
    expect(() => new W.Memory({ address: "i64", initial: 2n ** 37n })).toThrow(RangeError);
    expect(() => new W.Memory({ address: "i64", initial: 2n ** 64n })).toThrow(TypeError);
    expect(() => new W.Memory({ address: "i16", initial: 1 })).toThrow(TypeError);
  });
});

describe("the buffer", () => {
  test.each([
    ["V8", native],
    ["ours", W],
  ])("%s: what one side writes, the other reads, through growth of either side", (_, api) => {
    const { memory, exports } = instance(api);
    expect(exports.memory).toBe(memory);
    const first = memory.buffer;
    expect(memory.buffer).toBe(first);
    new Uint8Array(first)[5] = 7;
    expect(exports.load(5)).toBe(7);
    exports.store(6, 8);
    expect(new Uint8Array(first)[6]).toBe(8);
    expect(exports.grow(1)).toBe(1);
    expect(first.byteLength).toBe(0);
    const second = memory.buffer;
    expect(second.byteLength).toBe(2 * 65536);
    expect([...new Uint8Array(second, 5, 2)]).toEqual([7, 8]);
    new Uint8Array(second)[2 * 65536 - 1] = 9;
    expect(exports.load(2 * 65536 - 1)).toBe(9);
    expect(memory.grow(1)).toBe(2);
    expect(second.byteLength).toBe(0);
    expect(exports.load(2 * 65536 - 1)).toBe(9);
    exports.store(3 * 65536 - 1, 4);
    expect(new Uint8Array(memory.buffer)[3 * 65536 - 1]).toBe(4);
  });

  test.each([
    ["V8", native],
    ["ours", W],
  ])("%s: growth by nothing detaches as well, growth that fails does not", (_, api) => {
    const { memory, exports } = instance(api);
    const first = memory.buffer;
    expect(exports.grow(100)).toBe(-1);
    expect(() => memory.grow(100)).toThrow(RangeError);
    expect(memory.buffer).toBe(first);
    expect(first.byteLength).toBe(65536);
    expect(memory.grow(0)).toBe(1);
    expect(first.byteLength).toBe(0);
    const second = memory.buffer;
    expect(exports.grow(0)).toBe(1);
    expect(second.byteLength).toBe(0);
    expect(memory.buffer.byteLength).toBe(65536);
  });

  test("a memory of no pages has buffers, too", () => {
    const [a, b] = [new W.Memory({ initial: 0, maximum: 1 }), new W.Memory({ initial: 0 })];
    expect(a.buffer).not.toBe(b.buffer);
    expect(a.buffer.byteLength).toBe(0);
    const old = a.buffer;
    a.grow(1);
    expect(a.buffer).not.toBe(old);
    expect(a.buffer.byteLength).toBe(65536);
  });

  test("growth in the middle of a call is seen by the JavaScript that it calls, and the other way", async () => {
    const module = await wat(`(module
      (import "m" "look" (func $look (result i32)))
      (memory (export "memory") 1 10)
      (func (export "run") (result i32)
        (i32.store8 (i32.const 3) (i32.const 1))
        (drop (memory.grow (i32.const 1)))
        (i32.add (call $look) (i32.load8_u (i32.const 70000)))))`);
    for (const api of [native, W]) {
      const look = () => {
        const { memory } = exports;
        new Uint8Array(memory.buffer)[70000] = 20;
        memory.grow(1);
        return new Uint8Array(memory.buffer)[3]! + memory.buffer.byteLength / 65536;
      };
      const { exports } = new api.Instance(new api.Module(module), { m: { look } });
      expect(exports.run()).toBe(24);
    }
  });
});

describe("resizable buffers", () => {
  test("stay, and follow the memory", () => {
    const { memory, exports } = instance(W);
    const fixed = memory.buffer;
    new Uint8Array(fixed)[1] = 5;
    const buffer = memory.toResizableBuffer();
    expect([fixed.byteLength, buffer.byteLength, buffer.maxByteLength]).toEqual([0, 65536, 10 * 65536]);
    expect(memory.buffer).toBe(buffer);
    expect(memory.toResizableBuffer()).toBe(buffer);
    expect(exports.load(1)).toBe(5);
    expect(exports.grow(1)).toBe(1);
    expect(memory.buffer).toBe(buffer);
    expect(buffer.byteLength).toBe(2 * 65536);
    exports.store(100_000, 6);
    expect(new Uint8Array(buffer)[100_000]).toBe(6);
    buffer.resize(3 * 65536);
    expect(memory.grow(0)).toBe(3);
    exports.store(190_000, 7);
    expect(new Uint8Array(buffer)[190_000]).toBe(7);
    expect(() => buffer.resize(3 * 65536 + 1)).toThrow(RangeError);
    expect(() => buffer.resize(65536)).toThrow(RangeError);
    const again = memory.toFixedLengthBuffer();
    expect(buffer.byteLength).toBe(0);
    expect(memory.buffer).toBe(again);
    expect([again.byteLength, new Uint8Array(again)[190_000]]).toEqual([3 * 65536, 7]);
    expect(exports.load(100_000)).toBe(6);
  });

  test("need a maximum", () => {
    expect(() => new W.Memory({ initial: 1 }).toResizableBuffer()).toThrow(TypeError);
  });
});
