import { beforeEach, describe, expect, it } from "vitest";
import {
  ANYREF,
  EXNREF,
  EXTERNREF,
  F32,
  F64,
  FUNCREF,
  HEAP_FUNC,
  HEAP_NOEXTERN,
  I32,
  I64,
  nonNull,
  refType,
  TypeRegistry,
  V128,
} from "../../decoder/index.js";
import { UsageError } from "../errors.js";
import {
  describeValue,
  readRaw,
  readRaws,
  readValue,
  readValues,
  tryWriteRaw,
  tryWriteValue,
  writeRaw,
  writeValue,
  writeValues,
} from "../store/convert.js";
import { FuncInst } from "../store/func.js";
import type { RawValue } from "../store/refs.js";
import { ExnInst, HostRef, type Ref } from "../store/refs.js";
import { TagInst } from "../store/tag.js";

const registry = new TypeRegistry();
const owner = { registry };
const unary = registry.addFuncType([I32], [I32]);
const thunk = registry.addFuncType([], []);
const func = new FuncInst(registry.funcType(unary), unary, null, -1, null);
const exception = new ExnInst(new TagInst(thunk, registry.funcType(thunk)), new Int32Array(0), []);

let words: Int32Array;
let refs: Ref[];
beforeEach(() => {
  words = new Int32Array(16).fill(0x55555555);
  refs = [null, null, null, null];
});

function roundTrip(type: number, value: unknown): unknown {
  writeValue(words, refs, 1, type, value, owner);
  return readValue(words, refs, 1, type);
}
function roundTripRaw(type: number, value: RawValue): RawValue {
  writeRaw(words, refs, 1, type, value, owner);
  return readRaw(words, refs, 1, type);
}

describe("values", () => {
  it.each([
    [I32, 0, 0],
    [I32, -(2 ** 31), -(2 ** 31)],
    [I32, 2 ** 31, -(2 ** 31)],
    [I32, 2 ** 32 - 1, -1],
    [I32, -0, 0],
    [I64, -(2n ** 63n), -(2n ** 63n)],
    [I64, 2n ** 64n - 1n, -1n],
    [I64, 0x123456789abcdef0n, 0x123456789abcdef0n],
    [F32, 0.1, Math.fround(0.1)],
    [F32, 1e300, Number.POSITIVE_INFINITY],
    [F32, -0, -0],
    [F64, 0.1, 0.1],
    [F64, Number.NaN, Number.NaN],
    [V128, 2n ** 128n - 1n, 2n ** 128n - 1n],
    [V128, 0x0102030405060708090a0b0c0d0e0f10n, 0x0102030405060708090a0b0c0d0e0f10n],
  ])("type %i: %s comes back as %s", (type, value, expected) => {
    expect(roundTrip(type, value)).toBe(expected);
  });

  it("writes only the slots of the value", () => {
    roundTrip(I32, 1);
    expect([...words.subarray(0, 4)]).toEqual([0x55555555, 0x55555555, 1, 0x55555555]);
    roundTrip(V128, 0n);
    expect([...words.subarray(0, 8)]).toEqual([0x55555555, 0x55555555, 0, 0, 0, 0, 0x55555555, 0x55555555]);
  });

  it("makes every NaN from JavaScript the canonical one", () => {
    const odd = new Float64Array(new BigUint64Array([0xfff8000000000123n]).buffer)[0]!;
    writeValue(words, refs, 0, F64, odd, owner);
    expect(readRaw(words, refs, 0, F64)).toBe(0x7ff8000000000000n);
    writeValue(words, refs, 0, F32, odd, owner);
    expect(readRaw(words, refs, 0, F32)).toBe(0x7fc00000n);
  });

  it.each([
    [I32, 2 ** 32],
    [I32, -(2 ** 31) - 1],
    [I32, 1.5],
    [I32, Number.NaN],
    [I32, 1n],
    [I32, true],
    [I32, "1"],
    [I32, undefined],
    [I64, 1],
    [I64, 2n ** 64n],
    [I64, -(2n ** 63n) - 1n],
    [F32, 1n],
    [F64, "0"],
    [F64, null],
    [V128, -1n],
    [V128, 2n ** 128n],
    [FUNCREF, undefined],
    [FUNCREF, () => 0],
    [FUNCREF, 5],
    [nonNull(FUNCREF), null],
    [EXNREF, func],
    [nonNull(EXTERNREF), null],
    [refType(HEAP_NOEXTERN, true), "x"],
    [ANYREF, 2 ** 30],
    [ANYREF, "x"],
    [refType(thunk, true), func],
  ])("type %i refuses %s and writes nothing", (type, value) => {
    expect(tryWriteValue(words, refs, 1, type, value, owner)).toBe(false);
    expect(() => writeValue(words, refs, 1, type, value, owner)).toThrow(UsageError);
    expect(words.every((word) => word === 0x55555555)).toBe(true);
    expect(refs).toEqual([null, null, null, null]);
  });

  it("keeps the identity of references", () => {
    expect(roundTrip(FUNCREF, func)).toBe(func);
    expect(roundTrip(refType(HEAP_FUNC, false), func)).toBe(func);
    expect(roundTrip(refType(unary, true), func)).toBe(func);
    expect(roundTrip(FUNCREF, null)).toBe(null);
    expect(roundTrip(EXNREF, exception)).toBe(exception);
  });

  it.each([undefined, 0, -0, "x", Symbol.iterator, {}, [], () => 0, func, exception, 12n, true])(
    "carries %s as an externref",
    (value) => {
      expect(roundTrip(EXTERNREF, value)).toBe(value);
      expect(refs[1]).toBeInstanceOf(HostRef);
    },
  );

  it("has one null for JavaScript's null and the null reference", () => {
    expect(roundTrip(EXTERNREF, null)).toBe(null);
    expect(refs[1]).toBe(null);
  });

  it("takes small integers as i31 references", () => {
    expect(roundTrip(ANYREF, -(2 ** 30))).toBe(-(2 ** 30));
    expect(refs[1]).toBe(-(2 ** 30));
  });
});

describe("raw values", () => {
  it.each([
    [I32, 0xffffffffn],
    [F32, 0xffa00001n],
    [I64, 2n ** 64n - 1n],
    [F64, 0x7ff0000000000001n],
    [V128, 0xfffefdfcfbfaf9f8f7f6f5f4f3f2f1f0n],
  ])("type %i keeps the bits %s", (type, bits) => {
    expect(roundTripRaw(type, bits)).toBe(bits);
  });

  it.each([
    [I32, 2n ** 32n],
    [I32, -1n],
    [F32, 2n ** 32n],
    [I64, 2n ** 64n],
    [V128, 2n ** 128n],
    [I32, 1 as unknown as bigint],
    [EXTERNREF, 1n],
    [EXTERNREF, "x" as unknown as bigint],
    [EXTERNREF, undefined as unknown as bigint],
    [FUNCREF, {} as unknown as bigint],
    [FUNCREF, new HostRef(1)],
    [EXTERNREF, func],
  ])("type %i refuses %s", (type, bits) => {
    expect(tryWriteRaw(words, refs, 1, type, bits, owner)).toBe(false);
    expect(() => writeRaw(words, refs, 1, type, bits, owner)).toThrow(UsageError);
  });

  it("keeps host references as they are", () => {
    const ref = new HostRef("x");
    expect(roundTripRaw(EXTERNREF, ref)).toBe(ref);
    expect(readValue(words, refs, 1, EXTERNREF)).toBe("x");
  });
});

describe("sequences of values", () => {
  it("gives v128 two slots", () => {
    writeValues(words, refs, 0, [I32, V128, I32], [1, 2n, 3], owner, false, "argument", "f");
    expect(readValues(words, refs, 0, [I32, V128, I32])).toEqual([1, 2n, 3]);
    expect(readRaws(words, refs, 0, [I32, V128, I32])).toEqual([1n, 2n, 3n]);
    expect(words[6]).toBe(3);
  });

  it("names the argument, what was found and what was expected", () => {
    const write = (values: unknown[], raw = false) =>
      writeValues(words, refs, 0, [I32, FUNCREF], values, owner, raw, "argument", "env.f");
    expect(() => write([1, "x"])).toThrow('env.f: argument 1: found string "x", expected funcref');
    expect(() => write([1.5, null])).toThrow("env.f: argument 0: found number 1.5, expected i32");
    expect(() => write([1, null], true)).toThrow(
      "env.f: argument 0: found number 1, expected the unsigned bits of i32",
    );
    expect(() => write([1])).toThrow("env.f: found 1 arguments, expected 2 [i32 funcref]");
  });
});

describe("describeValue", () => {
  it("is short, and runs no code of the value's", () => {
    const hostile = new Proxy({}, { get: () => expect.fail("touched") });
    expect(describeValue(hostile)).toBe("an object");
    expect(describeValue("x".repeat(1e6)).length).toBeLessThan(60);
    expect(describeValue(2n ** 100000n)).toBe("a bigint of more than 160 bits");
    expect(describeValue(-0)).toBe("number -0");
  });
});
