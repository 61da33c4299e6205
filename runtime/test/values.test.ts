import { describe, expect, test } from "vitest";
import { F32, F64, FUNCREF, I32, I64, V128 } from "../../decoder/types.js";
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
    expect([V.f64ToLo(value), V.f64ToHi(value)]).toEqual([V.loOf(bits), V.hiOf(bits)]);
    expect(Object.is(V.f64FromHalves(V.loOf(bits), V.hiOf(bits)), value)).toBe(true);
  });

  test("every NaN becomes the canonical one", () => {
    expect(V.f32ToBits(V.f32FromBits(0xffa00001 | 0))).toBe(0x7fc00000);
    const nan = V.f64FromHalves(1, 0xfff40000 | 0);
    expect([V.f64ToLo(nan), V.f64ToHi(nan)]).toEqual([0, 0x7ff80000]);
  });
});

test("v128 takes two slots, everything else one", () => {
  expect([I32, I64, F32, F64, V128, FUNCREF].map(V.slotsOf)).toEqual([1, 1, 1, 1, 2, 1]);
  expect(V.slotsOfAll([I32, V128, V128, I64])).toBe(6);
});
