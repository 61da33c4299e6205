// Rows of the SIMD instructions on floats: the unit `simdFloat`. Notation as in
// register-ops-simd-rows.ts. Reading or storing a lane of S or D is a conversion: NaNs move as
// words of R.
import type { RegisterOp } from "./register-op-rows.js";
import { COMPARE, D_S, D_S_T, each, SimdRows, storeFour } from "./register-ops-simd-rows.js";

const rows = new SimdRows("simdFloat");

const F32_NAN = 2143289344;
const F64_NAN_HIGH = 2146959360;
/** Stores an arithmetic result in a lane; any NaN becomes the canonical one. */
const toF32 = (i: number, value: string) =>
  `{ const v = ${value}; if (v === v) S[d + ${i}] = v; else R[d + ${i}] = ${F32_NAN}; }`;
const toF64 = (i: number, value: string) =>
  `{ const v = ${value}; if (v === v) D[(d >> 1) + ${i}] = v; else { R[d + ${2 * i}] = 0; R[d + ${2 * i + 1}] = ${F64_NAN_HIGH}; } }`;
const f32 = (word: string, i: number) => `S[${word} + ${i}]`;
const f64 = (word: string, i: number) => `D[(${word} >> 1) + ${i}]`;

for (const [shape, lanes, lane, to] of [
  ["f32x4", 4, f32, toF32],
  ["f64x2", 2, f64, toF64],
] as const) {
  const lanesOf = (name: string, result: (x: string, y: string) => string) =>
    rows.op(name, "abc", `{ ${D_S_T} ${each(lanes, (i) => to(i, result(lane("s", i), lane("t", i))))} }`);
  for (const [name, o] of [
    ["add", "+"],
    ["sub", "-"],
    ["mul", "*"],
    ["div", "/"],
  ] as const) {
    lanesOf(`${shape}.${name}`, (x, y) => `${x} ${o} ${y}`);
  }
  for (const name of ["min", "max"]) lanesOf(`${shape}.${name}`, (x, y) => `Math.${name}(${x}, ${y})`);
  for (const name of ["ceil", "floor", "trunc", "sqrt", "nearest"]) {
    const f = name === "nearest" ? "N.nearest" : `Math.${name}`;
    rows.op(`${shape}.${name}`, "ab", `{ ${D_S} ${each(lanes, (i) => to(i, `${f}(${lane("s", i)})`))} }`);
  }
  for (const [name, o] of Object.entries(COMPARE)) {
    const store = (i: number) => (lanes === 4 ? `R[d + ${i}] = k;` : `R[d + ${2 * i}] = k; R[d + ${2 * i + 1}] = k;`);
    const compared = (i: number) => `{ const k = ${lane("s", i)} ${o} ${lane("t", i)} ? -1 : 0; ${store(i)} }`;
    rows.op(`${shape}.${name}`, "abc", `{ ${D_S_T} ${each(lanes, compared)} }`);
  }
  // The second operand if it is the less (or the greater), else the first: bits, not arithmetic.
  for (const [name, o] of [
    ["pmin", "<"],
    ["pmax", ">"],
  ] as const) {
    const move =
      lanes === 4
        ? (i: number) => `R[d + ${i}] = R[e + ${i}];`
        : (i: number) =>
            `const v = R[e + ${2 * i}], h = R[e + ${2 * i + 1}]; R[d + ${2 * i}] = v; R[d + ${2 * i + 1}] = h;`;
    const chosen = (i: number) => `{ const e = ${lane("t", i)} ${o} ${lane("s", i)} ? t : s; ${move(i)} }`;
    rows.op(`${shape}.${name}`, "abc", `{ ${D_S_T} ${each(lanes, chosen)} }`);
  }
  // Two roundings: the deterministic profile's choice.
  for (const [name, sign] of [
    ["relaxed_madd", ""],
    ["relaxed_nmadd", "-"],
  ]) {
    const product = (i: number) => `${sign}${lane("s", i)} * ${lane("t", i)}`;
    const rounded = (i: number) => (lanes === 4 ? `Math.fround(${product(i)})` : product(i));
    rows.ternary(
      `${shape}.${name}`,
      each(lanes, (i) => to(i, `${rounded(i)} + ${lane("u", i)}`)),
    );
  }
}
rows.unary("f32x4.abs", "x & 0x7fffffff");
rows.unary("f32x4.neg", "x ^ -2147483648");
rows.lanes64("f64x2.abs", 1, "x", "xh & 0x7fffffff");
rows.lanes64("f64x2.neg", 1, "x", "xh ^ -2147483648");

// ---- Conversions ----
const eachF32 = (name: string, text: (i: number) => string) => rows.op(name, "ab", `{ ${D_S} ${each(4, text)} }`);
eachF32("f32x4.convert_i32x4_s", (i) => `S[d + ${i}] = R[s + ${i}];`);
eachF32("f32x4.convert_i32x4_u", (i) => `S[d + ${i}] = R[s + ${i}] >>> 0;`);
for (const sign of ["s", "u"]) {
  const truncate = `N.i32TruncSat${sign.toUpperCase()}`;
  eachF32(`i32x4.trunc_sat_f32x4_${sign}`, (i) => `R[d + ${i}] = ${truncate}(S[s + ${i}]);`);
  const truncated = storeFour([`${truncate}(${f64("s", 0)})`, `${truncate}(${f64("s", 1)})`, "0", "0"]);
  rows.op(`i32x4.trunc_sat_f64x2_${sign}_zero`, "ab", `{ ${D_S} ${truncated} }`);
  const lanes = sign === "s" ? "x = R[s], y = R[s + 1]" : "x = R[s] >>> 0, y = R[s + 1] >>> 0";
  rows.op(`f64x2.convert_low_i32x4_${sign}`, "ab", `{ ${D_S} const ${lanes}; D[d >> 1] = x; D[(d >> 1) + 1] = y; }`);
}
const demoted = `const x = ${f64("s", 0)}, y = ${f64("s", 1)}; ${toF32(0, "x")} ${toF32(1, "y")} R[d + 2] = 0; R[d + 3] = 0;`;
rows.op("f32x4.demote_f64x2_zero", "ab", `{ ${D_S} ${demoted} }`);
const promoted = `const x = ${f32("s", 0)}, y = ${f32("s", 1)}; ${toF64(0, "x")} ${toF64(1, "y")}`;
rows.op("f64x2.promote_low_f32x4", "ab", `{ ${D_S} ${promoted} }`);

export const FLOAT_ROWS: readonly RegisterOp[] = rows.rows;
