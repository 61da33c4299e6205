import { describe, expect, test } from "vitest";
import { EXTERNREF, F32, F64, I32, I64, nonNull, V128 } from "../../decoder/index.js";
import { ArgumentError, formatValue, parseValue } from "../wasi/values.js";

describe("parseValue", () => {
  test.each([
    ["0", I32, 0],
    ["-5", I32, -5],
    ["+5", I32, 5],
    ["4294967295", I32, -1],
    ["0xffffffff", I32, -1],
    ["-0x80000000", I32, -2147483648],
    ["18446744073709551615", I64, -1n],
    ["-9223372036854775808", I64, -(2n ** 63n)],
    ["1.5", F64, 1.5],
    [".5e1", F64, 5],
    ["-inf", F64, -Infinity],
    ["0.1", F32, Math.fround(0.1)],
    ["0xff", V128, 255n],
    ["null", EXTERNREF, null],
  ])("reads %s", (text, type, value) => {
    expect(parseValue(text, type)).toBe(value);
  });

  test("reads nan", () => {
    expect(parseValue("nan", F32)).toBeNaN();
    expect(parseValue("-NaN", F64)).toBeNaN();
  });

  test.each([
    ["", I32],
    ["1.0", I32],
    ["4294967296", I32],
    ["-2147483649", I32],
    ["0x", I32],
    ["1n", I64],
    ["18446744073709551616", I64],
    ["", F64],
    ["one", F64],
    ["0x10", F64],
    ["255", V128],
    [`0x${"f".repeat(33)}`, V128],
    ["0", EXTERNREF],
    ["null", nonNull(EXTERNREF)],
    ["null", I32],
  ])("refuses %j for type %i", (text, type) => {
    expect(() => parseValue(text, type)).toThrow(ArgumentError);
  });
});

describe("formatValue", () => {
  test.each([
    [-1, I32, "-1"],
    [-(2n ** 63n), I64, "-9223372036854775808"],
    [0.1, F64, "0.1"],
    [Math.fround(0.1), F32, "0.1"],
    [Math.fround(16777216), F32, "16777216"],
    [-0, F64, "-0"],
    [-0, F32, "-0"],
    [Number.NaN, F32, "nan"],
    [-Infinity, F64, "-inf"],
    [255n, V128, `0x${"0".repeat(30)}ff`],
    [null, EXTERNREF, "null"],
  ])("writes %s", (value, type, text) => {
    expect(formatValue(value, type)).toBe(text);
  });

  test("f32 results name the same f32 when read back, in at most 9 digits", () => {
    const bits = new Uint32Array(1);
    const float = new Float32Array(bits.buffer);
    for (let i = 0; i < 5000; i++) {
      bits[0] = Math.imul(i, 0x9e3779b1);
      const text = formatValue(float[0], F32);
      expect(Object.is(parseValue(text, F32), float[0])).toBe(true);
      const digits = text
        .replace(/e.*/, "")
        .replace(/[-.]/g, "")
        .replace(/^0+|0+$/g, "");
      expect(digits.length).toBeLessThanOrEqual(9);
    }
  });
});
