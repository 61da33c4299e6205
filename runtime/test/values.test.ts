import { describe, expect, test } from "vitest";
import { EXTERNREF, F32, F64, FUNCREF, HEAP_FUNC, I32, I64, refType, V128 } from "../../decoder/types.js";
import * as V from "../values.js";

describe("64-bit integers as halves", () => {
  test.each([
    [0n, 0, 0],
    [1n, 1, 0],
    [-1n, -1, -1],
    [0x80000000n, -0x80000000, 0],
    [0xffffffffn, -1, 0],
    [0x100000000n, 0, 1],
    [0x7fffffffffffffffn, -1, 0x7fffffff],
    [-0x8000000000000000n, 0, -0x80000000],
    [-0x80000001n, 0x7fffffff, -1],
  ])("%s", (value, lo, hi) => {
    expect([V.loOf(value), V.hiOf(value)]).toEqual([lo, hi]);
    expect(V.toBigInt(lo, hi)).toBe(value);
    expect(V.toBigUint(lo, hi)).toBe(BigInt.asUintN(64, value));
  });

  test("are taken modulo 2^64", () => {
    expect([V.loOf(2n ** 64n + 5n), V.hiOf(2n ** 64n + 5n)]).toEqual([5, 0]);
    expect([V.loOf(2n ** 63n), V.hiOf(2n ** 63n)]).toEqual([0, -0x80000000]);
  });

  test("may be given as unsigned words", () => {
    expect(V.toBigInt(0xffffffff, 0xffffffff)).toBe(-1n);
    expect(V.toBigUint(-1, 0)).toBe(0xffffffffn);
  });
});

describe("floats as bits", () => {
  test.each([
    [0, 0],
    [-0, -0x80000000],
    [1, 0x3f800000],
    [Number.POSITIVE_INFINITY, 0x7f800000],
    [2 ** -149, 1],
    [3.4028234663852886e38, 0x7f7fffff],
  ])("f32 %s", (value, bits) => {
    expect(V.f32ToBits(value)).toBe(bits);
    expect(Object.is(V.f32FromBits(bits), value)).toBe(true);
  });

  test.each([
    [0, 0n],
    [-0, 0x8000000000000000n],
    [1, 0x3ff0000000000000n],
    [Number.MIN_VALUE, 1n],
    [Number.MAX_VALUE, 0x7fefffffffffffffn],
    [Math.PI, 0x400921fb54442d18n],
  ])("f64 %s", (value, bits) => {
    expect(V.f64ToBits(value)).toBe(bits);
    expect(Object.is(V.f64FromBits(bits), value)).toBe(true);
    expect(V.f64FromHalves(V.loOf(bits), V.hiOf(bits))).toBe(value);
  });

  test("every NaN becomes the canonical one", () => {
    expect(V.f32ToBits(V.f32FromBits(0xffa00001 | 0))).toBe(0x7fc00000);
    expect(V.f64ToBits(V.f64FromBits(0xfff4000000000001n))).toBe(0x7ff8000000000000n);
  });

  test("NaNs are told from infinities and numbers by bits", () => {
    expect([0x7f800001, 0x7fc00000, -1, 0xff800001 | 0].map(V.isF32NaN)).toEqual([true, true, true, true]);
    expect([0x7f800000, 0xff800000 | 0, 0, 0x7f7fffff].map(V.isF32NaN)).toEqual([false, false, false, false]);
    const isNaN64 = (bits: bigint) => V.isF64NaN(V.loOf(bits), V.hiOf(bits));
    for (const bits of [0x7ff0000000000001n, 0x7ff0000080000000n, 0xfff8000000000000n, 0x7ff8000000000000n]) {
      expect(isNaN64(bits)).toBe(true);
    }
    for (const bits of [0x7ff0000000000000n, 0xfff0000000000000n, 0n, 0x7fefffffffffffffn]) {
      expect(isNaN64(bits)).toBe(false);
    }
  });
});

test("v128 takes two slots, everything else one", () => {
  expect([I32, I64, F32, F64, V128, FUNCREF].map(V.slotsOf)).toEqual([1, 1, 1, 1, 2, 1]);
  expect(V.slotsOfAll([I32, V128, V128, I64])).toBe(6);
});

test("default values are zero, null, or none for references that are not nullable", () => {
  expect([I32, I64, F32, F64, V128].map(V.defaultValue)).toEqual([0, 0n, 0, 0, 0n]);
  expect([FUNCREF, EXTERNREF, refType(0, true)].map(V.defaultValue)).toEqual([null, null, null]);
  expect(V.defaultValue(refType(HEAP_FUNC, false))).toBe(undefined);
});
