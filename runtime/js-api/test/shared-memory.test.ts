// Shared memories as one agent sees them: https://webassembly.github.io/threads/js-api/#memories. What is expected is
// V8's answer to the same program, but where the specification cannot be done without the engine, which is said.
import { describe, expect, test } from "vitest";
import { hostFacilities } from "../../../cli/js-api/host.js";
import { type Api, native, ours, outcomeClass } from "./support.js";

const W = ours({ host: hostFacilities() });
const SHARED = { initial: 1, maximum: 4, shared: true };

/** (module (import "m" "m" (memory 1 4 shared)) (func (export "wait") (param i32 i32 i64) (result i32) ...)
 *   (func (export "notify") (param i32 i32) (result i32) ...) (func (export "add") (param i32 i32) (result i32)
 *   i32.atomic.rmw.add) (func (export "grow") (param i32) (result i32) memory.grow)) */
const MODULE = new Uint8Array([
  ...[0, 97, 115, 109, 1, 0, 0, 0],
  ...[1, 19, 3, 0x60, 3, 0x7f, 0x7f, 0x7e, 1, 0x7f, 0x60, 2, 0x7f, 0x7f, 1, 0x7f, 0x60, 1, 0x7f, 1, 0x7f],
  ...[2, 9, 1, 1, 109, 1, 109, 2, 3, 1, 4],
  ...[3, 5, 4, 0, 1, 1, 2],
  ...[7, 31, 4, 4, 119, 97, 105, 116, 0, 0, 6, 110, 111, 116, 105, 102, 121, 0, 1, 3, 97, 100, 100, 0, 2],
  ...[4, 103, 114, 111, 119, 0, 3],
  ...[10, 46, 4],
  ...[12, 0, 0x20, 0, 0x20, 1, 0x20, 2, 0xfe, 1, 2, 0, 0x0b],
  ...[10, 0, 0x20, 0, 0x20, 1, 0xfe, 0, 2, 0, 0x0b],
  ...[10, 0, 0x20, 0, 0x20, 1, 0xfe, 0x1e, 2, 0, 0x0b],
  ...[6, 0, 0x20, 0, 0x40, 0, 0x0b],
]);

function instance(api: Api, memory: unknown): Api {
  return new api.Instance(new api.Module(MODULE), { m: { m: memory } }).exports;
}

describe("as V8", () => {
  test.each<[string, (api: Api) => unknown]>([
    ["needs a maximum", (api) => new api.Memory({ initial: 1, shared: true })],
    ["a wrong limit is said before", (api) => new api.Memory({ initial: 2, maximum: 1, shared: true })],
    ["is not given for an unshared one", (api) => instance(api, new api.Memory({ initial: 1, maximum: 4 }))],
    ["a shared one is linked", (api) => typeof instance(api, new api.Memory(SHARED)).wait],
    ["shared is a boolean", (api) => new api.Memory({ initial: 1, shared: 0 }).buffer instanceof ArrayBuffer],
    [
      "the buffer is a frozen SharedArrayBuffer, the same each time",
      (api) => {
        const memory = new api.Memory(SHARED);
        const { buffer } = memory;
        const tag = Object.prototype.toString.call(buffer);
        return [tag, buffer.byteLength, Object.isFrozen(buffer), buffer === memory.buffer];
      },
    ],
    [
      "grows into another buffer, and the old one has its length",
      (api) => {
        const memory = new api.Memory(SHARED);
        const old = memory.buffer;
        new Uint8Array(old)[1] = 1;
        const before = memory.grow(2);
        const now = memory.buffer;
        return [before, old.byteLength, now.byteLength, old === now, new Uint8Array(now)[1], Object.isFrozen(now)];
      },
    ],
    [
      "what is written through an old buffer is in the memory",
      (api) => {
        const memory = new api.Memory(SHARED);
        const { add, grow } = instance(api, memory);
        const old = new Int32Array(memory.buffer);
        grow(1);
        old[0] = 5;
        const added = [add(0, 2), old[0], new Int32Array(memory.buffer)[0]];
        return [...added, Atomics.add(old, 0, 1), add(0, 0)];
      },
    ],
    [
      "wait and notify with nobody else",
      (api) => {
        const memory = new api.Memory(SHARED);
        const { wait, notify } = instance(api, memory);
        return [wait(0, 1, -1n), wait(0, 0, 1_000_000n), notify(0, 1)];
      },
    ],
    ["grows to its maximum and no further", (api) => new api.Memory(SHARED).grow(4)],
    ["has no room for more by the guest either", (api) => instance(api, new api.Memory(SHARED)).grow(4)],
  ])("%s", (_, program) => {
    expect(outcomeClass(() => program(W))).toEqual(outcomeClass(() => program(native)));
  });
});

test("the buffer that grows is the memory, and `grow` grows it", () => {
  const memory = new W.Memory(SHARED);
  const fixed = memory.buffer;
  const growable = memory.toResizableBuffer();
  expect([growable.growable, growable.maxByteLength, growable === fixed]).toEqual([true, 4 * 65536, false]);
  expect(memory.buffer).toBe(growable);
  growable.grow(2 * 65536);
  expect([memory.grow(0), growable.byteLength]).toEqual([2, 2 * 65536]);
  expect(() => growable.grow(2 * 65536 + 1)).toThrow(RangeError);
  expect(() => growable.grow(65536)).toThrow(RangeError);
  expect(memory.buffer).toBe(growable);
  const back = memory.toFixedLengthBuffer();
  expect([back.growable, back.byteLength, Object.isFrozen(back)]).toEqual([false, 2 * 65536, true]);
});

test("a buffer that does not grow is copied, and the old one keeps its bytes", () => {
  const { another } = hostFacilities().sharedBuffers!;
  const create = (length: number) => new SharedArrayBuffer(length);
  const memory = new (ours({ host: { sharedBuffers: { create, another } } }).Memory)(SHARED);
  const { buffer } = memory;
  new Uint8Array(buffer)[3] = 7;
  memory.grow(1);
  expect([buffer.byteLength, memory.buffer.byteLength, new Uint8Array(memory.buffer)[3]]).toEqual([65536, 131072, 7]);
});

test("a host that has none gets the memory, but no buffer", () => {
  const memory = new (ours().Memory)(SHARED);
  expect(memory.grow(1)).toBe(1);
  expect(() => memory.buffer).toThrow(RangeError);
});
