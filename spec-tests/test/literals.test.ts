import { describe, expect, it } from "vitest";
import { LiteralError, parseF32, parseF64, parseInteger } from "../literals.js";

describe("integers", () => {
  it.each([
    ["0", 32, 0n],
    ["-1", 32, 0xffffffffn],
    ["4294967295", 32, 0xffffffffn],
    ["-2147483648", 32, 0x80000000n],
    ["+7", 32, 7n],
    ["0x0123_4567_89ab_cdef", 64, 0x0123456789abcdefn],
    ["-0x8000000000000000", 64, 0x8000000000000000n],
    ["18446744073709551615", 64, 0xffffffffffffffffn],
    ["1_000", 32, 1000n],
    ["-128", 8, 0x80n],
    ["255", 8, 0xffn],
    ["00012", 32, 12n],
  ])("%s as i%i", (text, bits, expected) => expect(parseInteger(text, bits)).toBe(expected));

  it.each([
    ["4294967296", 32],
    ["-2147483649", 32],
    ["0x1_0000_0000", 32],
    ["256", 8],
    ["-129", 8],
    ["18446744073709551616", 64],
    ["-9223372036854775809", 64],
    ["", 32],
    ["+", 32],
    ["0x", 32],
    ["_1", 32],
    ["1_", 32],
    ["1__0", 32],
    ["1a", 32],
    ["- 1", 32],
  ])("refuses %j as i%i", (text, bits) => expect(() => parseInteger(text, bits)).toThrow(LiteralError));
});

// Bits from the definition of the formats (IEEE 754-2019, 3.4): sign, biased exponent, fraction.
describe("f32", () => {
  it.each([
    ["0", 0x00000000n],
    ["-0.0", 0x80000000n],
    ["1", 0x3f800000n],
    ["+1.5", 0x3fc00000n],
    ["-2", 0xc0000000n],
    ["0.1", 0x3dcccccdn],
    ["1_0.2_5e+1_0", 0x51beebcfn], // 1.025e11
    ["0x1.fffffep127", 0x7f7fffffn],
    ["0x1p-126", 0x00800000n],
    ["0x1p-149", 0x00000001n],
    ["0x0.8p-148", 0x00000001n],
    ["1.4e-45", 0x00000001n],
    ["0x1.8", 0x3fc00000n],
    ["0xAp1", 0x41a00000n],
    ["1.", 0x3f800000n],
    ["0x1.p1", 0x40000000n],
    ["inf", 0x7f800000n],
    ["-inf", 0xff800000n],
    ["nan", 0x7fc00000n],
    ["-nan", 0xffc00000n],
    ["nan:0x1", 0x7f800001n],
    ["-nan:0x20_0000", 0xffa00000n],
    ["nan:0x7fffff", 0x7fffffffn],
  ])("%s", (text, expected) => expect(parseF32(text)).toBe(expected));

  it("rounds a tie to even", () => {
    expect(parseF32("1.000000059604644775390625")).toBe(0x3f800000n); // 1 + 2^-24
    expect(parseF32("1.000000178813934326171875")).toBe(0x3f800002n); // 1 + 3 * 2^-24
    expect(parseF32("0x1p-150")).toBe(0n);
    expect(parseF32("0x3p-150")).toBe(2n);
  });

  it("rounds once, where rounding to f64 first would make a tie of what is above it", () => {
    expect(parseF32("0x1.000001000000001p0")).toBe(0x3f800001n); // 1 + 2^-24 + 2^-60
    expect(parseF32("1.000000059604644775390626")).toBe(0x3f800001n);
    expect(parseF32("0x1.000000000000001p-150")).toBe(1n);
  });

  it("rounds up into the next exponent", () => {
    expect(parseF32("0x1.ffffffp0")).toBe(0x40000000n);
    expect(parseF32("0x0.ffffffp-126")).toBe(0x00800000n); // the largest subnormal and a half unit
  });

  it("refuses what rounds to infinity, and no less", () => {
    // 2^128 - 2^103 lies half-way between the largest float and 2^128.
    expect(parseF32("340282356779733661637539395458142568447")).toBe(0x7f7fffffn);
    expect(() => parseF32("340282356779733661637539395458142568448")).toThrow("f32 constant out of range");
    expect(() => parseF32("-0x1p128")).toThrow("f32 constant out of range");
  });

  it("refuses NaN payloads that are zero or too wide", () => {
    expect(() => parseF32("nan:0x0")).toThrow(LiteralError);
    expect(() => parseF32("nan:0x800000")).toThrow(LiteralError);
    expect(() => parseF32("nan:1")).toThrow(LiteralError);
    expect(() => parseF32("nan:0x")).toThrow(LiteralError);
  });
});

describe("f64", () => {
  it.each([
    ["1", 0x3ff0000000000000n],
    ["0.1", 0x3fb999999999999an],
    ["-0", 0x8000000000000000n],
    ["3.141592653589793", 0x400921fb54442d18n],
    ["9007199254740993", 0x4340000000000000n], // 2^53 + 1, a tie
    ["9007199254740995", 0x4340000000000002n], // 2^53 + 3, a tie
    ["9007199254740993.00000000000000000001", 0x4340000000000001n],
    ["1.7976931348623157e308", 0x7fefffffffffffffn],
    ["2.2250738585072011e-308", 0x000fffffffffffffn],
    ["2.2250738585072014e-308", 0x0010000000000000n],
    ["4.9e-324", 0x0000000000000001n],
    ["2.4703282292062327e-324", 0n], // just below 2^-1075
    ["2.4703282292062328e-324", 1n],
    ["0x1p-1074", 1n],
    ["0x1.fffffffffffffp1023", 0x7fefffffffffffffn],
    ["nan:0xfffffffffffff", 0x7fffffffffffffffn],
    ["-nan:0x4000000000000", 0xfff4000000000000n],
  ])("%s", (text, expected) => expect(parseF64(text)).toBe(expected));

  it("agrees with Number() on seeded decimals, since that rounds to f64 once", () => {
    const view = new DataView(new ArrayBuffer(8));
    let seed = 1;
    const next = (limit: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return (seed >>> 8) % limit;
    };
    for (let i = 0; i < 2000; i++) {
      const digits = Array.from({ length: 1 + next(25) }, () => next(10)).join("");
      const text = `${digits}.${next(1_000_000)}e${next(660) - 340}`;
      view.setFloat64(0, Number(text));
      if (Number(text) === Number.POSITIVE_INFINITY) expect(() => parseF64(text)).toThrow("out of range");
      else expect([text, parseF64(text)]).toEqual([text, view.getBigUint64(0)]);
    }
  });

  it("answers absurd exponents at once", () => {
    expect(() => parseF64("1e1000000000000")).toThrow("f64 constant out of range");
    expect(() => parseF64(`1e${"9".repeat(400)}`)).toThrow("f64 constant out of range");
    expect(parseF64("1e-1000000000000")).toBe(0n);
    expect(parseF64("-0x1p-1000000000000")).toBe(0x8000000000000000n);
    expect(parseF64("0e1000000000000")).toBe(0n);
    expect(parseF64(`0.${"0".repeat(5000)}1e5001`)).toBe(0x3ff0000000000000n);
    expect(parseF64(`1${"0".repeat(5000)}e-5000`)).toBe(0x3ff0000000000000n);
  });

  it.each([
    "",
    "-",
    ".5",
    "1e",
    "1e+",
    "_1",
    "1_",
    "1._0",
    "1.0_",
    "0x",
    "0x.8",
    "0x1p",
    "0xe+1",
    "infinity",
    "NaN",
    "1 ",
  ])("refuses %j", (text) => expect(() => parseF64(text)).toThrow(LiteralError));
});
