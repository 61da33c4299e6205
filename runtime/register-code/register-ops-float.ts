// Rows of arithmetic on f32 and f64. Notation as in register-ops.ts. Math.* only where IEEE 754 or ECMAScript fixes
// every bit.
import { type RegisterOp, rowWriters } from "./register-op-rows.js";
import { COMPARE_FLOAT } from "./register-ops-control.js";

const rows: RegisterOp[] = [];
const { value, compare, truncate } = rowWriters(rows, "cold");

const ARITHMETIC = { add: "+", sub: "-", mul: "*", div: "/" } as const;
for (const [letter, size] of [
  ["D", "f64"],
  ["S", "f32"],
] as const) {
  const B = `${letter}[b]`;
  const C = `${letter}[c]`;
  const isF64 = size === "f64";
  for (const [name, o] of Object.entries(ARITHMETIC)) {
    // A kernel that mixes f32 and vectors stays in the second loop.
    const between = !isF64 && (name === "add" || name === "mul");
    value(`${size}.${name}`, "abc", "", `@${size}(a, ${B} ${o} ${C})`, { takes: size, between });
  }
  for (const name of ["min", "max"]) {
    value(`${size}.${name}`, "abc", "", `@${size}(a, Math.${name}(${B}, ${C}))`, { takes: size, cold: true });
  }
  for (const [name, o] of Object.entries(COMPARE_FLOAT)) {
    compare(`${size}.${name}`, "abc", "", `R[a] = ${B} ${o} ${C} ? 1 : 0;`, {
      takes: size,
      // A NaN makes a comparison and the opposite one false.
      inverse: null,
      branch: isF64 ? `br_f64_${name}` : null,
      swapped: null,
      constant: null,
      cold: !isF64,
    });
  }
  for (const name of ["ceil", "floor", "trunc", "sqrt"]) {
    value(`${size}.${name}`, "ab", "", `@${size}(a, Math.${name}(${B}))`, { takes: size, cold: name !== "sqrt" });
  }
  value(`${size}.nearest`, "ab", "", `@${size}(a, N.nearest(${B}))`, { takes: size, cold: true });
  for (const [sign, upper, inRange, toInt] of [
    ["s", "S", "v > -2147483649 && v < 2147483648", "v | 0"],
    ["u", "U", "v > -1 && v < 4294967296", "v >>> 0"],
  ] as const) {
    const takes = { takes: size, cold: true } as const;
    value(`i32.trunc_sat_${size}_${sign}`, "ab", "", `R[a] = N.i32TruncSat${upper}(${B});`, takes);
    const trapping = `{ const t = N.i64Trunc${upper}(R, A, ${B}); if (t !== 0) return -t; }`;
    truncate(`i64.trunc_${size}_${sign}`, "ab", "", trapping, takes);
    value(`i64.trunc_sat_${size}_${sign}`, "ab", "", `N.i64TruncSat${upper}(R, A, ${B});`, takes);
    const why = "if (v !== v) { @trap(TRAP_INVALID_CONVERSION) } @trap(TRAP_INTEGER_OVERFLOW)";
    const checked = `{ const v = ${B}; if (!(${inRange})) { ${why} } R[a] = ${toInt}; }`;
    truncate(`i32.trunc_${size}_${sign}`, "ab", "", checked, { takes: size, cold: !(isF64 && sign === "s") });
  }
}
// Bits, not arithmetic: a NaN keeps its payload.
value("f64.abs", "ab", "", "{ const h = H[b]; R[a] = R[b]; H[a] = h & 0x7fffffff; }", { takes: "f64" });
value("f64.neg", "ab", "", "{ const h = H[b]; R[a] = R[b]; H[a] = h ^ 0x80000000; }", { takes: "f64" });
const copysign64 = "{ const h = H[c]; R[a] = R[b]; H[a] = H[b] & 0x7fffffff | h & 0x80000000; }";
value("f64.copysign", "abc", "", copysign64, { takes: "f64", cold: true });
value("f32.abs", "ab", "", "R[a] = R[b] & 0x7fffffff;", { takes: "f32", cold: true });
value("f32.neg", "ab", "", "R[a] = R[b] ^ 0x80000000;", { takes: "f32", cold: true });
const copysign32 = "R[a] = R[b] & 0x7fffffff | R[c] & 0x80000000;";
value("f32.copysign", "abc", "", copysign32, { takes: "f32", cold: true });
value("f64.convert_i32_s", "ab", "", "D[a] = R[b];", { takes: "i32" });
value("f64.convert_i32_u", "ab", "", "D[a] = R[b] >>> 0;", { takes: "i32" });
value("f32.convert_i32_s", "ab", "", "S[a] = R[b];", { takes: "i32", cold: true });
value("f32.convert_i32_u", "ab", "", "S[a] = R[b] >>> 0;", { takes: "i32", cold: true });
for (const [letter, size] of [
  ["D", "f64"],
  ["S", "f32"],
] as const) {
  for (const sign of ["S", "U"]) {
    const converted = `${letter}[a] = N.${size}ConvertI64${sign}(R[b], H[b]);`;
    value(`${size}.convert_i64_${sign.toLowerCase()}`, "ab", "", converted, { takes: "i64", cold: true });
  }
}
value("f32.demote_f64", "ab", "", "@f32(a, D[b])", { takes: "f64", cold: true });
value("f64.promote_f32", "ab", "", "@f64(a, S[b])", { takes: "f32", cold: true });
// Rounded twice.
const sumOfProduct = "@f64(a, D[(fp >> 1) + $slot] + D[b] * D[c])";
value("f64.mul_add", "abc", "slot", sumOfProduct, { takes: "f64", narrow: true });

export const FLOAT_OPS: readonly RegisterOp[] = rows;
