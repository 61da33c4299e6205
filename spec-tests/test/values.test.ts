import { describe, expect, it } from "vitest";
import { parseScript } from "../script.js";
import { matches, type Pattern, showValue, type Value } from "../values.js";

function pattern(text: string): Pattern {
  const command = parseScript(`(assert_return (invoke "f") ${text})`)[0]!;
  return command.kind === "assert_return" ? command.results[0]! : expect.fail("no assert_return");
}
const f32 = (bits: bigint): Value => ({ type: "f32", bits });
const f64 = (bits: bigint): Value => ({ type: "f64", bits });
const ref = (
  kind: "null" | "func" | "extern" | "host" | "i31" | "struct" | "array" | "exn" | "other",
  host?: number,
): Value => (host === undefined ? { type: "ref", kind } : { type: "ref", kind, host });

describe("constants", () => {
  it("match by type and all bits", () => {
    expect(matches(pattern("(i32.const 1)"), { type: "i32", bits: 1n })).toBe(true);
    expect(matches(pattern("(i32.const 1)"), { type: "i64", bits: 1n })).toBe(false);
    expect(matches(pattern("(i32.const 1)"), { type: "i32", bits: 0x80000001n })).toBe(false);
    expect(matches(pattern("(f32.const 0)"), f32(0x80000000n))).toBe(false);
    expect(matches(pattern("(f32.const nan:0x1)"), f32(0x7fc00001n))).toBe(false);
    expect(matches(pattern("(i32.const 0)"), ref("null"))).toBe(false);
  });
});

describe("NaN classes", () => {
  it.each([
    ["nan:canonical", 0x7fc00000n, true],
    ["nan:canonical", 0xffc00000n, true],
    ["nan:canonical", 0x7fc00001n, false],
    ["nan:canonical", 0x7fa00000n, false],
    ["nan:canonical", 0x7f800000n, false],
    ["nan:arithmetic", 0x7fc00000n, true],
    ["nan:arithmetic", 0xffd23456n, true],
    ["nan:arithmetic", 0x7fa00000n, false],
    ["nan:arithmetic", 0x7f800000n, false],
    ["nan:arithmetic", 0x3fc00000n, false],
  ])("f32 %s, %i: %s", (kind, bits, expected) =>
    expect(matches(pattern(`(f32.const ${kind})`), f32(bits))).toBe(expected),
  );

  it.each([
    ["nan:canonical", 0xfff8000000000000n, true],
    ["nan:canonical", 0x7ff8000000000001n, false],
    ["nan:arithmetic", 0x7ff8000000000001n, true],
    ["nan:arithmetic", 0x7ff4000000000000n, false],
  ])("f64 %s, %i: %s", (kind, bits, expected) =>
    expect(matches(pattern(`(f64.const ${kind})`), f64(bits))).toBe(expected),
  );

  it("in one lane leave the other lanes exact", () => {
    const wanted = pattern("(v128.const f32x4 nan:canonical 0 0 1)");
    const vector = (bits: bigint): Value => ({ type: "v128", bits });
    expect(matches(wanted, vector(0x3f800000_00000000_00000000_ffc00000n))).toBe(true);
    expect(matches(wanted, vector(0x3f800000_00000000_80000000_ffc00000n))).toBe(false);
    expect(matches(wanted, vector(0x3f800000_00000000_00000000_ffc00001n))).toBe(false);
  });
});

describe("references", () => {
  it.each([
    ["(ref.null)", ref("null"), true],
    ["(ref.null func)", ref("null"), true],
    ["(ref.null)", ref("func"), false],
    ["(ref.func)", ref("func"), true],
    ["(ref.func)", ref("null"), false],
    ["(ref.extern)", ref("extern", 5), true],
    ["(ref.extern)", ref("extern"), true],
    ["(ref.extern)", ref("host", 5), false],
    ["(ref.extern 5)", ref("extern", 5), true],
    ["(ref.extern 5)", ref("extern", 6), false],
    ["(ref.extern 5)", ref("extern"), false],
    ["(ref.host 5)", ref("host", 5), true],
    ["(ref.host 5)", ref("extern", 5), false],
    ["(ref.i31)", ref("i31"), true],
    ["(ref.eq)", ref("i31"), true],
    ["(ref.eq)", ref("struct"), true],
    ["(ref.eq)", ref("array"), true],
    ["(ref.eq)", ref("func"), false],
    ["(ref.struct)", ref("array"), false],
    ["(ref.array)", ref("array"), true],
    ["(ref.exn)", ref("exn"), true],
    ["(ref.any)", ref("host", 0), true],
    ["(ref.any)", ref("func"), false],
    ["(ref)", ref("other"), true],
    ["(ref)", ref("null"), false],
  ])("%s", (text, value, expected) => expect(matches(pattern(text), value)).toBe(expected));

  it("are never matched by numbers", () => {
    expect(matches(pattern("(ref.null)"), { type: "i32", bits: 0n })).toBe(false);
  });
});

describe("alternatives", () => {
  it("match if one of them does", () => {
    const wanted = pattern("(either (i32.const 1) (i32.const 2))");
    expect([1n, 2n, 3n].map((bits) => matches(wanted, { type: "i32", bits }))).toEqual([true, true, false]);
  });
});

describe("values in reports", () => {
  it("show bits, and what they mean", () => {
    expect(showValue({ type: "i32", bits: 0xffffffffn })).toBe("(i32 -1 = 0xffffffff)");
    expect(showValue({ type: "f32", bits: 0x3fc00000n })).toBe("(f32 1.5 = 0x3fc00000)");
    expect(showValue({ type: "f64", bits: 0x7ff8000000000000n })).toBe("(f64 NaN = 0x7ff8000000000000)");
    expect(showValue({ type: "v128", bits: 1n })).toBe(`(v128 0x${"1".padStart(32, "0")})`);
    expect(showValue({ type: "ref", kind: "extern", host: 3 })).toBe("(ref.extern 3)");
  });
});
