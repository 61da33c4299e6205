// Every scalar numeric instruction as a function from bits to bits, with BigInt for integers and
// the definitions of the specification, chapter 4.3, deterministic profile.

import { OP, type OpcodeName } from "../../decoder/opcodes.js";
import { TrapError } from "./errors.js";

type Numeric = (b: bigint, c: bigint) => bigint;

/** opcode → function of its one or two operands. */
export const NUMERIC = new Map<number, Numeric>();
/** opcode → number of operands. */
export const NUMERIC_ARITY = new Map<number, number>();

function unary(name: string, run: (b: bigint) => bigint): void {
  NUMERIC.set(OP[name as OpcodeName], run);
  NUMERIC_ARITY.set(OP[name as OpcodeName], 1);
}
function binary(name: string, run: Numeric): void {
  NUMERIC.set(OP[name as OpcodeName], run);
  NUMERIC_ARITY.set(OP[name as OpcodeName], 2);
}

const view = new DataView(new ArrayBuffer(8));
function toFloat(width: number, bits: bigint): number {
  if (width === 32) {
    view.setUint32(0, Number(bits));
    return view.getFloat32(0);
  }
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}
/** Rounds to the width; every NaN becomes the canonical positive one. */
function fromFloat(width: number, value: number): bigint {
  if (Number.isNaN(value)) return width === 32 ? 0x7fc00000n : 0x7ff8000000000000n;
  if (width === 32) {
    view.setFloat32(0, value);
    return BigInt(view.getUint32(0));
  }
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

for (const width of [32, 64]) {
  const i = `i${width}`;
  const modulus = 1n << BigInt(width);
  const wrap = (value: bigint) => BigInt.asUintN(width, value);
  const signed = (bits: bigint) => BigInt.asIntN(width, bits);
  const bool = (value: boolean) => (value ? 1n : 0n);
  const digits = (bits: bigint) => bits.toString(2).padStart(width, "0");
  const count = (value: number) => BigInt(value);

  unary(`${i}.clz`, (b) => count(`${digits(b)}1`.indexOf("1")));
  unary(`${i}.ctz`, (b) => count(width - 1 - `1${digits(b)}`.lastIndexOf("1") + 1));
  unary(`${i}.popcnt`, (b) => count(digits(b).replaceAll("0", "").length));
  unary(`${i}.eqz`, (b) => bool(b === 0n));

  binary(`${i}.add`, (b, c) => wrap(b + c));
  binary(`${i}.sub`, (b, c) => wrap(b - c));
  binary(`${i}.mul`, (b, c) => wrap(b * c));
  binary(`${i}.div_u`, (b, c) => b / nonZero(c));
  binary(`${i}.rem_u`, (b, c) => b % nonZero(c));
  binary(`${i}.div_s`, (b, c) => {
    const quotient = signed(b) / nonZero(signed(c));
    if (quotient === modulus / 2n) throw new TrapError("integer overflow");
    return wrap(quotient);
  });
  binary(`${i}.rem_s`, (b, c) => wrap(signed(b) % nonZero(signed(c))));
  binary(`${i}.and`, (b, c) => b & c);
  binary(`${i}.or`, (b, c) => b | c);
  binary(`${i}.xor`, (b, c) => b ^ c);
  binary(`${i}.shl`, (b, c) => wrap(b << (c % BigInt(width))));
  binary(`${i}.shr_u`, (b, c) => b >> (c % BigInt(width)));
  binary(`${i}.shr_s`, (b, c) => wrap(signed(b) >> (c % BigInt(width))));
  const rotateLeft = (b: bigint, by: bigint) => wrap(b << by) | (b >> (BigInt(width) - by));
  binary(`${i}.rotl`, (b, c) => rotateLeft(b, c % BigInt(width)));
  binary(`${i}.rotr`, (b, c) => rotateLeft(b, BigInt(width) - (c % BigInt(width))));

  binary(`${i}.eq`, (b, c) => bool(b === c));
  binary(`${i}.ne`, (b, c) => bool(b !== c));
  const comparisons: readonly [string, (b: bigint, c: bigint) => boolean][] = [
    ["lt", (b, c) => b < c],
    ["gt", (b, c) => b > c],
    ["le", (b, c) => b <= c],
    ["ge", (b, c) => b >= c],
  ];
  for (const [name, compare] of comparisons) {
    binary(`${i}.${name}_u`, (b, c) => bool(compare(b, c)));
    binary(`${i}.${name}_s`, (b, c) => bool(compare(signed(b), signed(c))));
  }
  for (const from of width === 32 ? [8, 16] : [8, 16, 32]) {
    unary(`${i}.extend${from}_s`, (b) => wrap(BigInt.asIntN(from, b)));
  }

  for (const source of [32, 64]) {
    for (const sign of ["s", "u"]) {
      const min = sign === "s" ? -modulus / 2n : 0n;
      const max = sign === "s" ? modulus / 2n - 1n : modulus - 1n;
      unary(`${i}.trunc_f${source}_${sign}`, (b) => {
        const value = toFloat(source, b);
        if (Number.isNaN(value)) throw new TrapError("invalid conversion to integer");
        if (!Number.isFinite(value)) throw new TrapError("integer overflow");
        const integer = BigInt(Math.trunc(value));
        if (integer < min || integer > max) throw new TrapError("integer overflow");
        return wrap(integer);
      });
      unary(`${i}.trunc_sat_f${source}_${sign}`, (b) => {
        const value = toFloat(source, b);
        if (Number.isNaN(value)) return 0n;
        if (!Number.isFinite(value)) return wrap(value < 0 ? min : max);
        const integer = BigInt(Math.trunc(value));
        return wrap(integer < min ? min : integer > max ? max : integer);
      });
      unary(`f${source}.convert_${i}_${sign}`, (b) =>
        fromFloat(
          source,
          source === 32 ? nearestF32(sign === "s" ? signed(b) : b) : Number(sign === "s" ? signed(b) : b),
        ),
      );
    }
  }

  const f = `f${width}`;
  const signBit = modulus / 2n;
  const arithmetic = (name: string, run: (x: number, y: number) => number) =>
    binary(`${f}.${name}`, (b, c) => fromFloat(width, run(toFloat(width, b), toFloat(width, c))));
  const rounding = (name: string, run: (x: number) => number) =>
    unary(`${f}.${name}`, (b) => fromFloat(width, run(toFloat(width, b))));
  arithmetic("add", (x, y) => x + y);
  arithmetic("sub", (x, y) => x - y);
  arithmetic("mul", (x, y) => x * y);
  arithmetic("div", (x, y) => x / y);
  arithmetic("min", (x, y) => lesser(x, y));
  arithmetic("max", (x, y) => -lesser(-x, -y));
  rounding("sqrt", Math.sqrt);
  rounding("ceil", Math.ceil);
  rounding("floor", Math.floor);
  rounding("trunc", Math.trunc);
  rounding("nearest", roundToEven);
  unary(`${f}.abs`, (b) => b & ~signBit);
  unary(`${f}.neg`, (b) => b ^ signBit);
  binary(`${f}.copysign`, (b, c) => (b & ~signBit) | (c & signBit));
  const relation = (name: string, run: (x: number, y: number) => boolean) =>
    binary(`${f}.${name}`, (b, c) => bool(run(toFloat(width, b), toFloat(width, c))));
  relation("eq", (x, y) => x === y);
  relation("ne", (x, y) => x !== y);
  relation("lt", (x, y) => x < y);
  relation("gt", (x, y) => x > y);
  relation("le", (x, y) => x <= y);
  relation("ge", (x, y) => x >= y);
  unary(`${i}.reinterpret_${f}`, (b) => b);
  unary(`${f}.reinterpret_${i}`, (b) => b);
}

unary("i32.wrap_i64", (b) => BigInt.asUintN(32, b));
unary("i64.extend_i32_u", (b) => b);
unary("i64.extend_i32_s", (b) => BigInt.asUintN(64, BigInt.asIntN(32, b)));
unary("f32.demote_f64", (b) => fromFloat(32, toFloat(64, b)));
unary("f64.promote_f32", (b) => fromFloat(64, toFloat(32, b)));

const join = (low: bigint, high: bigint) => (high << 64n) | low;
const split = (value: bigint) => [BigInt.asUintN(64, value), BigInt.asUintN(64, value >> 64n)];
const signed64 = (bits: bigint) => BigInt.asIntN(64, bits);
/** opcode → function from all operands to two results, low half first. */
export const WIDE = new Map<number, (operands: readonly bigint[]) => bigint[]>([
  [OP["i64.add128"], ([b0, b1, c0, c1]) => split(join(b0!, b1!) + join(c0!, c1!))],
  [OP["i64.sub128"], ([b0, b1, c0, c1]) => split(join(b0!, b1!) - join(c0!, c1!))],
  [OP["i64.mul_wide_u"], ([b, c]) => split(b! * c!)],
  [OP["i64.mul_wide_s"], ([b, c]) => split(signed64(b!) * signed64(c!))],
]);

/** The word of an atomic read-modify-write → what it leaves of what was there: as many low bits of it as are accessed. */
export const ATOMIC_UPDATES: Readonly<Record<string, (old: bigint, operand: bigint) => bigint>> = {
  add: (old, b) => old + b,
  sub: (old, b) => old - b,
  and: (old, b) => old & b,
  or: (old, b) => old | b,
  xor: (old, b) => old ^ b,
  xchg: (_, b) => b,
};

function nonZero(divisor: bigint): bigint {
  if (divisor === 0n) throw new TrapError("integer divide by zero");
  return divisor;
}

/** fmin: a NaN wins, and -0 is less than 0. */
function lesser(x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  if (x === 0 && y === 0) return Object.is(x, -0) ? x : y;
  return Math.min(x, y);
}

function roundToEven(x: number): number {
  const below = Math.floor(x);
  const fraction = x - below;
  if (!(fraction > 0)) return x; // integral, infinite or NaN
  const up = fraction > 0.5 || (fraction === 0.5 && below % 2 !== 0);
  const rounded = up ? below + 1 : below;
  return rounded === 0 && x < 0 ? -0 : rounded;
}

/** An integer rounded to 24 significant bits, ties to even. */
function nearestF32(value: bigint): number {
  const magnitude = value < 0n ? -value : value;
  const excess = BigInt(Math.max(0, magnitude.toString(2).length - 24));
  const unit = 1n << excess;
  let rounded = magnitude - (magnitude % unit);
  const rest = magnitude - rounded;
  if (rest * 2n > unit || (rest * 2n === unit && (rounded / unit) % 2n === 1n)) rounded += unit;
  return Number(value < 0n ? -rounded : rounded);
}
