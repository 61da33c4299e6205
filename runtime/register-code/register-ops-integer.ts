// Rows of arithmetic on i32 and i64. Notation as in register-ops.ts. An i64 is two int32 words.
import { type RegisterOp, rowWriters } from "./register-op-rows.js";
import { COMPARE_I32, fill } from "./register-ops-control.js";

const rows: RegisterOp[] = [];
const { value, effect, compare, binary, divide } = rowWriters(rows, "cold");

// ---- i32 ----
interface BinaryI32 {
  readonly result: string;
  readonly commutes?: true;
  /** In the second loop, too. */
  readonly between?: true;
  readonly branch?: string;
  /** No form with a constant: the lowering has another operation for that. */
  readonly noConstant?: true;
}
const BINARY_I32: Readonly<Record<string, BinaryI32>> = {
  add: { result: "B + C | 0", commutes: true, between: true },
  sub: { result: "B - C | 0", between: true, noConstant: true },
  mul: { result: "Math.imul(B, C)", commutes: true, between: true },
  and: { result: "B & C", commutes: true, between: true, branch: "br_and_nz" },
  or: { result: "B | C", commutes: true, between: true },
  xor: { result: "B ^ C", commutes: true, between: true },
  shl: { result: "B << C", between: true },
  shr_s: { result: "B >> C", between: true },
  shr_u: { result: "B >>> C | 0", between: true },
  rotl: { result: "B << C | B >>> 32 - C" },
  rotr: { result: "B >>> C | B << 32 - C" },
};
const NO_FORMS = { branch: null, swapped: null, constant: null, load: null } as const;
for (const [name, { result, commutes, between = false, branch, noConstant }] of Object.entries(BINARY_I32)) {
  const plain = `i32.${name}`;
  const constant = noConstant ? null : `${plain}_k`;
  binary(plain, "abc", "", `R[a] = ${fill(result, "R[b]", "R[c]")};`, {
    takes: "i32",
    branch: null,
    swapped: commutes ? plain : null,
    constant,
    load: null,
    between,
  });
  if (constant === null) continue;
  const says = { ...NO_FORMS, takes: "i32", branch: branch ?? null, between } as const;
  binary(constant, "ab", "k", `R[a] = ${fill(result, "R[b]", "$k")};`, says);
}

const NOT_BY_ZERO = "if (y === 0) { @trap(TRAP_DIVIDE_BY_ZERO) }";
const NO_OVERFLOW = "if (y === -1 && x === -2147483648) { @trap(TRAP_INTEGER_OVERFLOW) }";
const SIGNED = "const x = R[b], y = R[c];";
const UNSIGNED = "const x = R[b] >>> 0, y = R[c] >>> 0;";
for (const [name, operands, check, result] of [
  ["div_s", SIGNED, `${NOT_BY_ZERO} ${NO_OVERFLOW}`, "x / y"],
  ["div_u", UNSIGNED, NOT_BY_ZERO, "x / y"],
  ["rem_s", SIGNED, NOT_BY_ZERO, "x % y"],
  ["rem_u", UNSIGNED, NOT_BY_ZERO, "x % y"],
] as const) {
  divide(`i32.${name}`, "abc", "", `{ ${operands} ${check} R[a] = ${result} | 0; }`, { takes: "i32" });
}
for (const [name, { test, inverse, swapped }] of Object.entries(COMPARE_I32)) {
  compare(`i32.${name}`, "abc", "", `R[a] = ${fill(test, "R[b]", "R[c]")} ? 1 : 0;`, {
    takes: "i32",
    inverse: `i32.${inverse}`,
    branch: `br_${name}`,
    swapped: `i32.${swapped}`,
    constant: `i32.${name}_k`,
  });
  compare(`i32.${name}_k`, "ab", "k", `R[a] = ${fill(test, "R[b]", "$k")} ? 1 : 0;`, {
    takes: "i32",
    inverse: `i32.${inverse}_k`,
    branch: `br_${name}_k`,
    swapped: null,
    constant: null,
  });
}
value("i32.eqz", "ab", "", "R[a] = R[b] === 0 ? 1 : 0;", { takes: "i32", between: true });
value("i32.clz", "ab", "", "R[a] = Math.clz32(R[b]);", { takes: "i32" });
const ctz = "{ const x = R[b]; R[a] = x === 0 ? 32 : 31 - Math.clz32(x & -x); }";
value("i32.ctz", "ab", "", ctz, { takes: "i32", between: true });
value("i32.extend8_s", "ab", "", "R[a] = R[b] << 24 >> 24;", { takes: "i32" });
value("i32.extend16_s", "ab", "", "R[a] = R[b] << 16 >> 16;", { takes: "i32" });
for (const k of [1, 2, 3]) {
  const sum = `R[a] = (R[b] << ${k}) + R[c] | 0;`;
  value(`i32.shl${k}_add`, "abc", "", sum, { takes: "i32", narrow: true, between: true });
}
const xorRotated = "{ const x = R[c]; R[a] = R[b] ^ (x >>> $k | x << 32 - $k); }";
value("i32.xor_rotr_k", "abc", "k", xorRotated, { takes: "i32", narrow: true });
const xorOfThree =
  "{ const x = R[b]; R[a] = (x >>> $k | x << 32 - $k) ^ (x >>> $h | x << 32 - $h) ^ (x >>> $s | x << 32 - $s & $mask); }";
// One value rotated by k, by h, and by s: or shifted, where the mask is 0 and not -1. SHA-2's sums.
value("i32.xor_rotr3", "ab", "k h s mask", xorOfThree, { takes: "i32", narrow: true });
value("i32.mul_add", "abc", "word", "R[a] = Math.imul(R[b], R[c]) + R[fp + $word] | 0;", {
  takes: "i32",
  narrow: true,
});
value("i32.mul_k_add_k", "ab", "k h", "R[a] = Math.imul(R[b], $k) + $h | 0;", { takes: "i32", narrow: true });
// Field c is the shift.
value("i32.shl_add_k", "ab", "k", "R[a] = (R[b] << (w >>> 24)) + $k | 0;", { takes: "i32", narrow: true });
const sumOfThree = "R[a] = R[b] + R[c] + R[fp + $word] | 0;";
value("i32.add3", "abc", "word", sumOfThree, { takes: "i32", narrow: true, between: true });

// ---- i64. l, h: words of the first operand; n: low word of the result, or a shift count. ----
/** `constant`: the operation's form with one, of which the words k and h are the halves. */
const binary64 = (name: string, body: string, commutes: boolean, constant: boolean) =>
  binary(`i64.${name}`, "abc", "", body, {
    ...NO_FORMS,
    takes: "i64",
    swapped: commutes ? `i64.${name}` : null,
    constant: constant ? `i64.${name}_k` : null,
  });
const constant64 = (name: string, words: string, body: string) =>
  binary(`i64.${name}_k`, "ab", words, body, { ...NO_FORMS, takes: "i64", narrow: true });

const sum64 = (low: string, high: string) =>
  `{ const l = R[b], n = l + ${low} | 0; H[a] = H[b] + ${high} + (n >>> 0 < l >>> 0 ? 1 : 0) | 0; R[a] = n; }`;
binary64("add", sum64("R[c]", "H[c]"), true, true);
constant64("add", "k h", sum64("$k", "$h"));
const difference64 = "l = R[b], n = R[c], h = H[b] - H[c] - (l >>> 0 < n >>> 0 ? 1 : 0) | 0;";
binary64("sub", `{ const ${difference64} R[a] = l - n | 0; H[a] = h; }`, false, false);
/** The low words' product has its high word from products of 16 bits. */
const product64 = (low: string, high: string) =>
  `{ const x = R[b], y = ${low}, h = Math.imul(x, ${high}) + Math.imul(H[b], y) | 0; const x0 = x & 65535, x1 = x >>> 16, y0 = y & 65535, y1 = y >>> 16; const low = Math.imul(x1, y0) + (Math.imul(x0, y0) >>> 16) | 0, mid = Math.imul(x0, y1) + (low & 65535) | 0; H[a] = Math.imul(x1, y1) + (low >>> 16) + (mid >>> 16) + h | 0; R[a] = Math.imul(x, y); }`;
binary64("mul", product64("R[c]", "H[c]"), true, true);
constant64("mul", "k h", product64("$k", "$h"));
for (const [name, o] of [
  ["and", "&"],
  ["or", "|"],
  ["xor", "^"],
] as const) {
  binary64(name, `{ const h = H[b] ${o} H[c]; R[a] = R[b] ${o} R[c]; H[a] = h; }`, true, name === "and");
}
constant64("and", "k h", "{ const h = H[b] & $h; R[a] = R[b] & $k; H[a] = h; }");
const SHIFTS = {
  shl: "if (n === 0) { R[a] = l; H[a] = h; } else if (n < 32) { H[a] = h << n | l >>> 32 - n; R[a] = l << n; } else { H[a] = l << n - 32; R[a] = 0; }",
  shr_u:
    "if (n === 0) { R[a] = l; H[a] = h; } else if (n < 32) { R[a] = l >>> n | h << 32 - n; H[a] = h >>> n; } else { R[a] = h >>> n - 32; H[a] = 0; }",
  shr_s:
    "if (n === 0) { R[a] = l; H[a] = h; } else if (n < 32) { R[a] = l >>> n | h << 32 - n; H[a] = h >> n; } else { R[a] = h >> n - 32; H[a] = h >> 31; }",
};
for (const [name, body] of Object.entries(SHIFTS)) {
  const withConstant = name !== "shr_s";
  binary64(name, `{ const n = R[c] & 63, l = R[b], h = H[b]; ${body} }`, false, withConstant);
  if (withConstant) constant64(name, "k", `{ const n = $k, l = R[b], h = H[b]; ${body} }`);
}
for (const [name, f] of [
  ["rotl", "i64Rotl"],
  ["rotr", "i64Rotr"],
] as const) {
  value(`i64.${name}`, "abc", "", `N.${f}(R, A, R[b], H[b], R[c]);`, { takes: "i64", cold: true });
}
for (const [name, f] of [
  ["div_s", "i64DivS"],
  ["div_u", "i64DivU"],
  ["rem_s", "i64RemS"],
  ["rem_u", "i64RemU"],
] as const) {
  const trapping = `{ const t = N.${f}(R, A, R[b], H[b], R[c], H[c]); if (t !== 0) return -t; }`;
  divide(`i64.${name}`, "abc", "", trapping, { takes: "i64", cold: true });
}
const test64 = (name: string, fields: "ab" | "abc", test: string, branch: string | null) =>
  compare(`i64.${name}`, fields, "", `R[a] = ${test} ? 1 : 0;`, {
    takes: "i64",
    inverse: null,
    branch,
    swapped: null,
    constant: null,
  });
test64("eqz", "ab", "(R[b] | H[b]) === 0", "br_i64_z");
test64("eq", "abc", "R[b] === R[c] && H[b] === H[c]", null);
test64("ne", "abc", "R[b] !== R[c] || H[b] !== H[c]", null);
for (const [name, o, strict] of [
  ["lt", "<", "<"],
  ["gt", ">", ">"],
  ["le", "<=", "<"],
  ["ge", ">=", ">"],
] as const) {
  const low = `R[b] >>> 0 ${o} R[c] >>> 0`;
  test64(`${name}_s`, "abc", `(H[b] === H[c] ? ${low} : H[b] ${strict} H[c])`, null);
  test64(`${name}_u`, "abc", `(H[b] === H[c] ? ${low} : H[b] >>> 0 ${strict} H[c] >>> 0)`, null);
}
for (const [name, f] of [
  ["clz", "i64Clz"],
  ["ctz", "i64Ctz"],
  ["popcnt", "i64Popcnt"],
] as const) {
  value(`i64.${name}`, "ab", "", `R[a] = N.${f}(R[b], H[b]); H[a] = 0;`, { takes: "i64", cold: true });
}
const extended = (low: string) => `{ const v = ${low}; R[a] = v; H[a] = v >> 31; }`;
value("i64.extend_i32_s", "ab", "", extended("R[b]"), { takes: "i32" });
value("i64.extend_i32_u", "ab", "", "R[a] = R[b]; H[a] = 0;", { takes: "i32" });
value("i64.extend8_s", "ab", "", extended("R[b] << 24 >> 24"), { takes: "i64", cold: true });
value("i64.extend16_s", "ab", "", extended("R[b] << 16 >> 16"), { takes: "i64", cold: true });
value("i64.extend32_s", "ab", "", extended("R[b]"), { takes: "i64", cold: true });

// 128-bit results, in the slots from a on; the operands' halves are in slots of their own.
const half = (word: string) => `R[fp + ($${word} << 1)], R[fp + ($${word} << 1) + 1]`;
for (const [name, f] of [
  ["add128", "i64Add128"],
  ["sub128", "i64Sub128"],
] as const) {
  const operands = ["b0", "b1", "c0", "c1"].map(half).join(", ");
  effect(`i64.${name}`, "a", "b0 b1 c0 c1", `N.${f}(R, A, ${operands});`, { cold: true });
}
for (const [name, f] of [
  ["mul_wide_s", "i64MulWideS"],
  ["mul_wide_u", "i64MulWideU"],
] as const) {
  effect(`i64.${name}`, "abc", "", `N.${f}(R, A, R[b], H[b], R[c], H[c]);`, { cold: true });
}

export const INTEGER_OPS: readonly RegisterOp[] = rows;
