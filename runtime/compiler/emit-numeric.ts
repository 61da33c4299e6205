// Numeric instructions, as templates: an i32 is an int32, an i64 two of them, an f32 a number that is one.
// What a template names more than once is an atom: a variable or a constant.
import { F32, F64, I32, I64, OP, type OpcodeName } from "../../decoder/index.js";
import { F32_CANONICAL_NAN, F64_CANONICAL_NAN_HI } from "../values.js";
import type { EmitRule, FunctionEmitter } from "./function-emitter.js";
import * as operand from "./operand.js";
import { conditionText, constantOf, valueText, ZEROS } from "./operand.js";

type Rules = [number, EmitRule][];
const rules: Rules = [];
type Text = (a: string, b: string) => string;

function unary(name: OpcodeName, type: number, text: (a: string) => string, atoms = false): void {
  rules.push([
    OP[name],
    (e) => {
      e.pay(e.price);
      if (atoms) e.settle(1);
      const a = e.pop();
      e.push(operand.expression(type, [a], text(valueText(a))));
    },
  ]);
}
type Zeros = (a: operand.Operand, b: operand.Operand) => number;

function binary(name: OpcodeName, type: number, text: Text, atoms = false, zeros: Zeros | null = null): void {
  rules.push([
    OP[name],
    (e) => {
      e.pay(e.price);
      if (atoms) e.settle(2);
      const b = e.pop();
      const a = e.pop();
      const value = operand.expression(type, [a, b], text(valueText(a), valueText(b)));
      e.push(zeros === null ? value : { ...value, zeros: zeros(a, b) });
    },
  ]);
}
function compare(name: OpcodeName, text: Text): void {
  rules.push([
    OP[name],
    (e) => {
      e.pay(e.price);
      const b = e.pop();
      const a = e.pop();
      e.push(operand.condition([a, b], `(${text(valueText(a), valueText(b))})`));
    },
  ]);
}

// ---- i32 ----
rules.push([
  OP["i32.eqz"],
  (e) => {
    e.pay(e.price);
    const a = e.pop();
    e.push(operand.condition([a], a.isCondition ? `(!${conditionText(a)})` : `(${a.lo} === 0)`));
  },
]);
const COMPARISONS = { eq: "===", ne: "!==", lt: "<", gt: ">", le: "<=", ge: ">=" } as const;
for (const [name, sign] of Object.entries(COMPARISONS)) {
  if (name === "eq" || name === "ne") compare(`i32.${name}`, (a, b) => `${a} ${sign} ${b}`);
  else {
    const order = name as "lt" | "gt" | "le" | "ge";
    compare(`i32.${order}_s`, (a, b) => `${a} ${sign} ${b}`);
    compare(`i32.${order}_u`, (a, b) => `${a} >>> 0 ${sign} ${b} >>> 0`);
  }
  for (const type of ["f32", "f64"] as const)
    compare(`${type}.${name as keyof typeof COMPARISONS}`, (a, b) => `${a} ${sign} ${b}`);
}
binary("i32.add", I32, (a, b) => `(${a} + ${b} | 0)`, false, ZEROS.sum);
binary("i32.sub", I32, (a, b) => `(${a} - ${b} | 0)`, false, ZEROS.sum);
binary("i32.mul", I32, (a, b) => `imul(${a}, ${b})`, false, ZEROS.product);
binary("i32.and", I32, (a, b) => `(${a} & ${b})`, false, ZEROS.and);
binary("i32.or", I32, (a, b) => `(${a} | ${b})`, false, ZEROS.sum);
binary("i32.xor", I32, (a, b) => `(${a} ^ ${b})`, false, ZEROS.sum);
binary("i32.shl", I32, (a, b) => `(${a} << ${b})`, false, ZEROS.shiftLeft);
binary("i32.shr_s", I32, (a, b) => `(${a} >> ${b})`);
binary("i32.shr_u", I32, (a, b) => `(${a} >>> ${b} | 0)`);
binary("i32.rotl", I32, (a, b) => `(${a} << ${b} | ${a} >>> 32 - ${b})`, true);
binary("i32.rotr", I32, (a, b) => `(${a} >>> ${b} | ${a} << 32 - ${b})`, true);
unary("i32.clz", I32, (a) => `clz32(${a})`);
unary("i32.ctz", I32, (a) => `CTZ(${a})`);
unary("i32.popcnt", I32, (a) => `POPCNT(${a})`);
unary("i32.extend8_s", I32, (a) => `(${a} << 24 >> 24)`);
unary("i32.extend16_s", I32, (a) => `(${a} << 16 >> 16)`);

/** Division: leaves where `traps` says so, of the divisor as text, where it is not a constant that cannot. */
function divide(name: OpcodeName, traps: Text, safe: (divisor: number) => boolean, text: Text): void {
  rules.push([
    OP[name],
    (e) => {
      e.settle(2);
      const divisor = constantOf(e.top());
      if (divisor === undefined || !safe(divisor)) {
        const leaving = e.leaving();
        e.source.line(`if (${traps(e.top(1).lo, e.top().lo)}) ${leaving}`);
      }
      e.pay(e.price);
      const b = e.pop();
      const a = e.pop();
      e.push(operand.expression(I32, [a, b], text(a.lo, b.lo)));
    },
  ]);
}
const notZero = (divisor: number) => divisor !== 0;
divide(
  "i32.div_s",
  (a, b) => `${b} === 0 || ${b} === -1 && ${a} === -2147483648`,
  (divisor) => divisor !== 0 && divisor !== -1,
  (a, b) => `(${a} / ${b} | 0)`,
);
divide(
  "i32.rem_s",
  (_, b) => `${b} === 0`,
  notZero,
  (a, b) => `(${a} % ${b} | 0)`,
);
divide(
  "i32.div_u",
  (_, b) => `${b} === 0`,
  notZero,
  (a, b) => `((${a} >>> 0) / (${b} >>> 0) | 0)`,
);
divide(
  "i32.rem_u",
  (_, b) => `${b} === 0`,
  notZero,
  (a, b) => `((${a} >>> 0) % (${b} >>> 0) | 0)`,
);

// ---- i64 ----
type Pair = readonly [lo: string, hi: string];

/** An instruction on one or two operands that are atoms: their halves may be named more than once. */
function onAtoms(
  name: OpcodeName,
  count: 1 | 2,
  emit: (e: FunctionEmitter, a: operand.Operand, b: operand.Operand) => void,
): void {
  rules.push([
    OP[name],
    (e) => {
      e.pay(e.price);
      e.settle(count);
      const b = e.pop();
      emit(e, count === 2 ? e.pop() : b, b);
    },
  ]);
}
/** A result whose halves are expressions of their own. */
function wide(name: OpcodeName, count: 1 | 2, halves: (a: operand.Operand, b: operand.Operand) => Pair): void {
  onAtoms(name, count, (e, a, b) => e.push(operand.expression(I64, [a, b], ...halves(a, b))));
}
/** A result that is computed by a statement into the two halves of a variable. */
function wideStatement(
  name: OpcodeName,
  count: 1 | 2,
  text: (v: string, a: operand.Operand, b: operand.Operand) => string,
): void {
  onAtoms(name, count, (e, a, b) => e.compute(I64, (v) => text(v, a, b)));
}
function wideCompare(name: OpcodeName, text: (a: operand.Operand, b: operand.Operand) => string): void {
  onAtoms(name, 2, (e, a, b) => e.push(operand.condition([a, b], `(${text(a, b)})`)));
}
rules.push([
  OP["i64.eqz"],
  (e) => {
    e.pay(e.price);
    const a = e.pop();
    e.push(operand.condition([a], `((${a.lo} | ${a.hi}) === 0)`));
  },
]);
const isZero = ({ lo, hi }: operand.Operand) => lo === "0" && hi === "0";
wideCompare("i64.eq", (a, b) =>
  isZero(b) ? `(${a.lo} | ${a.hi}) === 0` : `${a.lo} === ${b.lo} && ${a.hi} === ${b.hi}`,
);
wideCompare("i64.ne", (a, b) =>
  isZero(b) ? `(${a.lo} | ${a.hi}) !== 0` : `${a.lo} !== ${b.lo} || ${a.hi} !== ${b.hi}`,
);
for (const order of ["lt", "gt", "le", "ge"] as const) {
  const sign = COMPARISONS[order];
  const strict = sign[0]!;
  const low = (a: operand.Operand, b: operand.Operand) => `${a.hi} === ${b.hi} && ${a.lo} >>> 0 ${sign} ${b.lo} >>> 0`;
  wideCompare(`i64.${order}_s`, (a, b) => `${a.hi} ${strict} ${b.hi} || ${low(a, b)}`);
  wideCompare(`i64.${order}_u`, (a, b) => `${a.hi} >>> 0 ${strict} ${b.hi} >>> 0 || ${low(a, b)}`);
}
for (const [name, sign] of [
  ["and", "&"],
  ["or", "|"],
  ["xor", "^"],
] as const)
  wide(`i64.${name}`, 2, (a, b) => [`(${a.lo} ${sign} ${b.lo})`, `(${a.hi} ${sign} ${b.hi})`]);
// The sum of the low words has wrapped if it is less than one of them.
wideStatement("i64.add", 2, (v, a, b) => {
  return `t = ${a.lo} + ${b.lo} | 0; ${v}h = ${a.hi} + ${b.hi} + (t >>> 0 < ${a.lo} >>> 0 ? 1 : 0) | 0; ${v} = t;`;
});
wideStatement("i64.sub", 2, (v, a, b) => {
  return `t = ${a.lo} - ${b.lo} | 0; ${v}h = ${a.hi} - ${b.hi} - (${a.lo} >>> 0 < ${b.lo} >>> 0 ? 1 : 0) | 0; ${v} = t;`;
});
const called = (func: string) => (v: string, a: operand.Operand, b: operand.Operand) =>
  `${v} = ${func}(${a.lo}, ${a.hi}, ${b.lo}, ${b.hi}); ${v}h = RH | 0;`;
wideStatement("i64.mul", 2, (v, a, b) => {
  const [x, y] = a.reads.length === 0 ? [b, a] : [a, b];
  const products = [highProduct(x.lo, y), ...product(x.lo, y.hi), ...product(x.hi, y.lo)];
  // The low word last: the high one is made of the old ones.
  return `${v}h = ${products.join(" + ")} | 0; ${v} = imul(${x.lo}, ${y.lo});`;
});

/** A product of two words, if it is not 0. */
function product(a: string, b: string): string[] {
  return a === "0" || b === "0" ? [] : [`imul(${a}, ${b})`];
}

/** The high word of the unsigned product of two words. */
function highProduct(a: string, { lo, reads }: operand.Operand): string {
  const known = reads.length === 0 ? operand.numberOf(lo) : -1;
  if (known === 0) return "0";
  // Both halves of the other word, times 16 bits, fit into a word.
  if (known > 0 && known < 1 << 16)
    return `((imul(${a} >>> 16, ${known}) >>> 0) + (imul(${a} & 65535, ${known}) >>> 16) >>> 16)`;
  return `MULHIGH(${a}, ${lo})`;
}
wide("i64.clz", 1, (a) => [`CLZ64(${a.lo}, ${a.hi})`, "0"]);
wide("i64.ctz", 1, (a) => [`CTZ64(${a.lo}, ${a.hi})`, "0"]);
wide("i64.popcnt", 1, (a) => [`POPCNT64(${a.lo}, ${a.hi})`, "0"]);

/** Halves of `a` shifted by a constant from 0 to 63. */
const SHIFTED: Readonly<Record<string, (lo: string, hi: string, k: number) => Pair>> = {
  "i64.shl": (lo, hi, k) =>
    k < 32 ? [`(${lo} << ${k})`, `(${hi} << ${k} | ${lo} >>> ${32 - k})`] : ["0", `(${lo} << ${k - 32})`],
  "i64.shr_s": (lo, hi, k) =>
    k < 32 ? [`(${lo} >>> ${k} | ${hi} << ${32 - k})`, `(${hi} >> ${k})`] : [`(${hi} >> ${k - 32})`, `(${hi} >> 31)`],
  "i64.shr_u": (lo, hi, k) =>
    k < 32 ? [`(${lo} >>> ${k} | ${hi} << ${32 - k})`, `(${hi} >>> ${k} | 0)`] : [`(${hi} >>> ${k - 32} | 0)`, "0"],
  "i64.rotl": (lo, hi, k) => {
    const [l, h] = k < 32 ? [lo, hi] : [hi, lo];
    const by = k & 31;
    return by === 0 ? [l, h] : [`(${l} << ${by} | ${h} >>> ${32 - by})`, `(${h} << ${by} | ${l} >>> ${32 - by})`];
  },
  "i64.rotr": (lo, hi, k) => SHIFTED["i64.rotl"]!(lo, hi, (64 - k) & 63),
};
for (const [name, func] of [
  ["i64.shl", "SHL64"],
  ["i64.shr_s", "SHRS64"],
  ["i64.shr_u", "SHRU64"],
  ["i64.rotl", "ROTL64"],
  ["i64.rotr", "ROTR64"],
] as const) {
  onAtoms(name, 2, (e, a, b) => {
    if (b.reads.length > 0) {
      e.compute(I64, (v) => `${v} = ${func}(${a.lo}, ${a.hi}, ${b.lo}); ${v}h = RH | 0;`);
      return;
    }
    const k = operand.numberOf(b.lo) & 63;
    // By 0, the other half would be shifted by 32, which is 0 to JavaScript.
    const [lo, hi] = k === 0 ? [a.lo, a.hi] : SHIFTED[name]!(a.lo, a.hi, k);
    e.push(operand.expression(I64, [a], lo, hi));
  });
}
for (const [name, traps, func] of [
  ["i64.div_s", true, "DIVS64"],
  ["i64.div_u", false, "DIVU64"],
  ["i64.rem_s", false, "REMS64"],
  ["i64.rem_u", false, "REMU64"],
] as const) {
  rules.push([
    OP[name],
    (e) => {
      e.settle(2);
      const leaving = e.leaving();
      const b = e.top();
      const a = e.top(1);
      const overflow = traps ? ` || (${b.lo} & ${b.hi}) === -1 && ${a.lo} === 0 && ${a.hi} === -2147483648` : "";
      e.source.line(`if ((${b.lo} | ${b.hi}) === 0${overflow}) ${leaving}`);
      e.pay(e.price);
      e.pop();
      e.pop();
      e.compute(I64, (v) => called(func)(v, a, b));
    },
  ]);
}
wide("i64.extend_i32_s", 1, (a) => [a.lo, `(${a.lo} >> 31)`]);
wide("i64.extend_i32_u", 1, (a) => [a.lo, "0"]);
wide("i64.extend8_s", 1, (a) => [`(${a.lo} << 24 >> 24)`, `(${a.lo} << 24 >> 31)`]);
wide("i64.extend16_s", 1, (a) => [`(${a.lo} << 16 >> 16)`, `(${a.lo} << 16 >> 31)`]);
wide("i64.extend32_s", 1, (a) => [a.lo, `(${a.lo} >> 31)`]);
unary("i32.wrap_i64", I32, (a) => a);

// ---- Floats ----
for (const [type, round] of [
  [F32, "fround"],
  [F64, ""],
] as const) {
  const prefix = type === F32 ? "f32" : "f64";
  for (const [name, sign] of [
    ["add", "+"],
    ["sub", "-"],
    ["mul", "*"],
    ["div", "/"],
  ] as const)
    binary(`${prefix}.${name}`, type, (a, b) => `${round}(${a} ${sign} ${b})`);
  for (const name of ["abs", "ceil", "floor", "trunc"] as const)
    unary(`${prefix}.${name}`, type, (a) => `${name}(${a})`);
  unary(`${prefix}.nearest`, type, (a) => `NEAREST(${a})`);
  unary(`${prefix}.sqrt`, type, (a) => `${round}(sqrt(${a}))`);
  binary(`${prefix}.min`, type, (a, b) => `min(${a}, ${b})`);
  binary(`${prefix}.max`, type, (a, b) => `max(${a}, ${b})`);
  // The sign of a NaN is not JavaScript's to change.
  rules.push([
    OP[`${prefix}.neg`],
    (e) => {
      e.settle(1);
      e.source.line(`if (${e.top().lo} !== ${e.top().lo}) ${e.leaving()}`);
      e.pay(e.price);
      const a = e.pop();
      e.push(operand.expression(type, [a], `(-${a.lo})`));
    },
  ]);
  rules.push([
    OP[`${prefix}.copysign`],
    (e) => {
      e.settle(2);
      e.source.line(`if (${e.top(1).lo} !== ${e.top(1).lo}) ${e.leaving()}`);
      e.pay(e.price);
      const b = e.pop();
      const a = e.pop();
      e.push(operand.expression(type, [a, b], `COPYSIGN(${a.lo}, ${b.lo})`));
    },
  ]);
  /** Truncation of what is in range, and leaving otherwise. */
  const truncates = (
    name: OpcodeName,
    range: (a: string) => string,
    push: (e: FunctionEmitter, a: operand.Operand) => void,
  ) =>
    rules.push([
      OP[name],
      (e) => {
        e.settle(1);
        e.source.line(`if (!(${range(e.top().lo)})) ${e.leaving()}`);
        e.pay(e.price);
        push(e, e.pop());
      },
    ]);
  const truncate32 = (e: FunctionEmitter, a: operand.Operand) => e.push(operand.expression(I32, [a], `(${a.lo} | 0)`));
  truncates(`i32.trunc_${prefix}_s`, (a) => `${a} > -2147483649 && ${a} < 2147483648`, truncate32);
  truncates(`i32.trunc_${prefix}_u`, (a) => `${a} > -1 && ${a} < 4294967296`, truncate32);
  const truncate64 = (e: FunctionEmitter, a: operand.Operand) =>
    e.compute(I64, (v) => `${v} = TRUNC64(${a.lo}); ${v}h = RH | 0;`);
  truncates(`i64.trunc_${prefix}_s`, (a) => `${a} >= -9223372036854775808 && ${a} < 9223372036854775808`, truncate64);
  truncates(`i64.trunc_${prefix}_u`, (a) => `${a} > -1 && ${a} < 18446744073709551616`, truncate64);
  unary(`i32.trunc_sat_${prefix}_s`, I32, (a) => `SATS32(${a})`);
  unary(`i32.trunc_sat_${prefix}_u`, I32, (a) => `SATU32(${a})`);
  wideStatement(`i64.trunc_sat_${prefix}_s`, 1, (v, a) => `${v} = SATS64(${a.lo}); ${v}h = RH | 0;`);
  wideStatement(`i64.trunc_sat_${prefix}_u`, 1, (v, a) => `${v} = SATU64(${a.lo}); ${v}h = RH | 0;`);
}
unary("f32.convert_i32_s", F32, (a) => `fround(${a})`);
unary("f32.convert_i32_u", F32, (a) => `fround(${a} >>> 0)`);
unary("f64.convert_i32_s", F64, (a) => a);
unary("f64.convert_i32_u", F64, (a) => `(${a} >>> 0)`);
for (const [name, type, text] of [
  ["f32.convert_i64_s", F32, (a) => `F32OFS64(${a.lo}, ${a.hi})`],
  ["f32.convert_i64_u", F32, (a) => `F32OFU64(${a.lo}, ${a.hi})`],
  ["f64.convert_i64_s", F64, (a) => `(${a.hi} * 4294967296 + (${a.lo} >>> 0))`],
  ["f64.convert_i64_u", F64, (a) => `((${a.hi} >>> 0) * 4294967296 + (${a.lo} >>> 0))`],
] as const satisfies readonly (readonly [OpcodeName, number, (a: operand.Operand) => string])[]) {
  rules.push([
    OP[name],
    (e) => {
      e.pay(e.price);
      const a = e.pop();
      e.push(operand.expression(type, [a], text(a)));
    },
  ]);
}
unary("f32.demote_f64", F32, (a) => `fround(${a})`);
unary("f64.promote_f32", F64, (a) => a);

// ---- Bits ----
unary("i32.reinterpret_f32", I32, (a) => `BITS32(${a})`);
wideStatement("i64.reinterpret_f64", 1, (v, a) => `${v} = BITS64(${a.lo}); ${v}h = RH | 0;`);
rules.push([
  OP["f32.reinterpret_i32"],
  (e) => {
    e.settle(1);
    const leaving = e.leaving();
    e.pay(e.price);
    const a = e.pop();
    e.compute(
      F32,
      (v) => `${v} = OFBITS32(${a.lo}); if (${v} !== ${v} && ${a.lo} !== ${F32_CANONICAL_NAN}) ${leaving}`,
    );
  },
]);
rules.push([
  OP["f64.reinterpret_i64"],
  (e) => {
    e.settle(1);
    const leaving = e.leaving();
    e.pay(e.price);
    const a = e.pop();
    e.compute(F64, (v) => {
      const other = `(${a.lo} !== 0 || ${a.hi} !== ${F64_CANONICAL_NAN_HI})`;
      return `${v} = OFBITS64(${a.lo}, ${a.hi}); if (${v} !== ${v} && ${other}) ${leaving}`;
    });
  },
]);

export const NUMERIC_RULES: readonly (readonly [number, EmitRule])[] = rules;
