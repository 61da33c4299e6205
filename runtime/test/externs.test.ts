import { describe, expect, it } from "vitest";
import { Func, Global, HostRef, hostFunc, Memory, MemoryLimitExceeded, Table, Tag, UsageError } from "../index.js";
import { Embedding } from "./support/embed.js";

const PAGE = 65536;
const { engine, store } = new Embedding();
const thunk = hostFunc(engine, { params: [], results: [] }, () => {});

describe("Memory", () => {
  it("reads and writes little-endian, up to its last byte", () => {
    const memory = Memory.create(store, { min: 1 });
    const end = PAGE;
    memory.writeU8(end - 1, 0x1ff);
    expect(memory.readU8(end - 1)).toBe(0xff);
    memory.writeU16(end - 2, 0x1234);
    expect([...memory.read(end - 2, 2)]).toEqual([0x34, 0x12]);
    expect(memory.readU16(end - 2)).toBe(0x1234);
    memory.writeU32(end - 4, -2);
    expect(memory.readU32(end - 4)).toBe(0xfffffffe);
    expect(memory.readI32(end - 4)).toBe(-2);
    memory.writeU32(end - 4, 0xfffffffd);
    expect(memory.readI32(end - 4)).toBe(-3);
    memory.writeU64(end - 8, -1n);
    expect(memory.readU64(end - 8)).toBe(2n ** 64n - 1n);
    memory.writeU64(1, 0x0102030405060708n);
    expect([...memory.read(1, 8)]).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    memory.writeF64(end - 8, -0.1);
    expect(memory.readF64(end - 8)).toBe(-0.1);
    memory.writeF32(end - 4, 0.1);
    expect(memory.readF32(end - 4)).toBe(Math.fround(0.1));
  });

  it("writes the canonical NaN", () => {
    const memory = Memory.create(store, { min: 1 });
    const odd = new Float64Array(new BigUint64Array([0xfff8000000000123n]).buffer)[0]!;
    memory.writeF64(0, odd);
    expect(memory.readU64(0)).toBe(0x7ff8000000000000n);
    memory.writeF32(0, odd);
    expect(memory.readU32(0)).toBe(0x7fc00000);
  });

  it("read gives a copy, view and bytes the memory itself until it grows", () => {
    const memory = Memory.create(store, { min: 1 });
    memory.write(0, new Uint8Array([1, 2, 3]));
    const copy = memory.read(0, 3);
    const view = memory.view();
    memory.writeU8(0, 9);
    expect(copy[0]).toBe(1);
    expect(view.getUint8(0)).toBe(9);
    expect(memory.bytes().length).toBe(PAGE);
    expect(memory.grow(1)).toBe(1);
    expect(view.byteLength).toBe(PAGE);
    expect(memory.view().byteLength).toBe(2 * PAGE);
    expect(memory.readU8(0)).toBe(9);
    expect(memory.readU8(2 * PAGE - 1)).toBe(0);
  });

  it("growth room beyond its size is not part of it", () => {
    const memory = Memory.create(store, { min: 2 });
    memory.grow(1);
    expect(memory.byteLength).toBe(3 * PAGE);
    expect(() => memory.readU8(3 * PAGE)).toThrow(UsageError);
    expect(() => memory.write(3 * PAGE - 1, new Uint8Array(2))).toThrow(UsageError);
    memory.fill(0, 3 * PAGE, 7);
    memory.grow(1);
    expect([memory.readU8(3 * PAGE - 1), memory.readU8(3 * PAGE), memory.readU8(4 * PAGE - 1)]).toEqual([7, 0, 0]);
  });

  it.each([
    [-1, 1],
    [PAGE, 1],
    [PAGE - 3, 4],
    [0.5, 1],
    [Number.NaN, 1],
    [2 ** 53, 1],
    [0, -1],
    [0, PAGE + 1],
    [0, 1.5],
  ])("address %d with length %d is out of bounds", (address, length) => {
    const memory = Memory.create(store, { min: 1 });
    expect(memory.inBounds(address, length)).toBe(false);
    expect(() => memory.read(address, length)).toThrow(UsageError);
    expect(() => memory.fill(address, length, 0)).toThrow("out of bounds memory access");
  });

  it("the empty range at its end is in bounds", () => {
    const memory = Memory.create(store, { min: 1 });
    expect(memory.read(PAGE, 0)).toEqual(new Uint8Array(0));
    memory.write(PAGE, new Uint8Array(0));
  });

  it("grows to its maximum and no further", () => {
    const memory = Memory.create(store, { min: 1, max: 2 });
    expect([memory.grow(0), memory.grow(2), memory.grow(1), memory.grow(1)]).toEqual([1, -1, 1, -1]);
    for (const wrong of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, "1"]) {
      expect(() => memory.grow(wrong as number)).toThrow(UsageError);
    }
    expect(memory.pages).toBe(2);
  });

  it.each([
    { min: -1 },
    { min: 0.5 },
    { min: 65537 },
    { min: 2, max: 1 },
    { min: 0, max: 65537 },
    { min: 2 ** 48 + 1, is64: true },
    { min: "1" as unknown as number },
    {} as { min: number },
  ])("%j is no memory type", (type) => {
    expect(() => Memory.create(store, type)).toThrow(UsageError);
  });

  it("is charged to its store", () => {
    const { store } = new Embedding({ memoryBytes: 2 * PAGE });
    Memory.create(store, { min: 1 });
    expect(() => Memory.create(store, { min: 2 })).toThrow(MemoryLimitExceeded);
    Memory.create(store, { min: 1 });
    expect(store.memoryBytes).toBe(2 * PAGE);
    expect(store.memoryCount).toBe(2);
  });
});

describe("Table", () => {
  it("gets and sets values of its element type", () => {
    const table = Table.create(store, { element: "funcref", min: 2, max: 4 });
    expect([table.get(0), table.get(1)]).toEqual([null, null]);
    table.set(0, thunk);
    expect(table.get(0)).toBe(thunk);
    expect(() => table.set(0, {})).toThrow("element: found an object, expected funcref");
    expect(table.get(0)).toBe(thunk);
    expect(table.grow(2, thunk)).toBe(2);
    expect(table.get(3)).toBe(thunk);
    expect(table.grow(1)).toBe(-1);
    expect(table.length).toBe(4);
  });

  it.each([-1, 2, 0.5, Number.NaN, "0"])("index %s is out of bounds", (index) => {
    const table = Table.create(store, { element: "externref", min: 2 });
    expect(() => table.get(index as number)).toThrow(UsageError);
    expect(() => table.set(index as number, 1)).toThrow("out of bounds table access");
  });

  it("holds any JavaScript value as externref", () => {
    const table = Table.create(store, { element: "externref", min: 1 }, "first");
    expect(table.get(0)).toBe("first");
    table.set(0, undefined);
    expect(table.get(0)).toBe(undefined);
    table.set(0, null);
    expect(table.elements[0]).toBe(null);
    table.set(0, new HostRef(5));
    expect(table.get(0)).toBe(5);
  });

  it("has no numbers as elements, and no null where its type has none", () => {
    expect(() => Table.create(store, { element: "i32", min: 1 })).toThrow("a table's elements are references, not i32");
    const nonNull = 0x64 | (-0x10 << 8);
    expect(() => Table.create(store, { element: nonNull, min: 1 })).toThrow(UsageError);
    const table = Table.create(store, { element: nonNull, min: 1 }, thunk);
    expect(() => table.grow(1)).toThrow("initial element: found null, expected (ref func)");
    expect(table.grow(0)).toBe(1);
  });

  it("has at most 2^26 elements, whatever the store allows", () => {
    const { store } = new Embedding({ tableElements: 2 ** 32 - 1 });
    const table = Table.create(store, { element: "funcref", min: 1 });
    expect(table.grow(2 ** 26)).toBe(-1);
    expect(() => Table.create(store, { element: "funcref", min: 2 ** 26 + 1 })).toThrow(MemoryLimitExceeded);
    expect(store).toMatchObject({ tableElements: 1, tableCount: 1 });
  });

  it.each([{ min: 2 ** 32 }, { min: -1 }, { min: 3, max: 2 }])("%j does not fit", (limits) => {
    expect(() => Table.create(store, { element: "funcref", ...limits })).toThrow(UsageError);
  });
});

describe("Global", () => {
  it("has a value, and its raw bits", () => {
    const global = Global.create(store, { type: "f32", mutable: true }, 1.5);
    expect(global.raw).toBe(0x3fc00000n);
    global.raw = 0x7fa00001n;
    expect(global.value).toBe(Number.NaN);
    expect(global.raw).toBe(0x7fa00001n);
    global.value = Number.NaN;
    expect(global.raw).toBe(0x7fc00000n);
  });

  it("checks what is set", () => {
    const global = Global.create(store, { type: "i32", mutable: true }, 1);
    expect(() => {
      global.value = 1n;
    }).toThrow("global: found bigint 1, expected i32");
    expect(() => {
      global.raw = 2n ** 32n;
    }).toThrow(UsageError);
    expect(global.value).toBe(1);
    expect(() => Global.create(store, { type: "i64" }, 1)).toThrow("initial value: found number 1, expected i64");
  });

  it("keeps its value if it is immutable", () => {
    const global = Global.create(store, { type: "v128" }, 2n ** 100n);
    expect(() => {
      global.value = 0n;
    }).toThrow("the global is immutable");
    expect(() => {
      global.raw = 0n;
    }).toThrow(UsageError);
    expect(global.value).toBe(2n ** 100n);
  });
});

describe("hostFunc and Tag", () => {
  it("have types of the engine", () => {
    const func = hostFunc(engine, { params: ["i32", "externref"], results: ["f64"] }, () => 1);
    expect(func).toBeInstanceOf(Func);
    expect(engine.registry.describeAll(func.type.params)).toBe("[i32 externref]");
    expect(Tag.create(store, ["i32"]).typeId).toBe(engine.registry.addFuncType([0x7f], []));
  });
});
