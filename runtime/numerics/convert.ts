// Conversions between integers and floats, and rounding to integral floats (spec 4.3.2, 4.3.4).
//
// An f32 operand is passed as the double of the same value, so f32 and f64 sources share one
// function; and a result of type f32 is a double that is exactly an f32. What else the
// interpreter computes in place is correct for these reasons:
//   f32.add, sub, mul, div, sqrt   Math.fround of the double result rounds as if once, because
//                                  53 >= 2 * 24 + 2 (Figueroa, "When is double rounding innocuous?")
//   f64 arithmetic, Math.sqrt      IEEE 754 as ECMAScript prescribes it
//   Math.min, max, ceil, floor, trunc   exact, with wasm's zeros and NaNs
//   NaN                            one in JavaScript: the interpreter writes the canonical bits
// abs, neg, copysign work on bits, not here: they keep a NaN's payload.
//
// Conventions as in numerics/integer.ts. trunc functions return 0 or the code of a trap.

import { TRAP_INTEGER_OVERFLOW, TRAP_INVALID_CONVERSION } from "../trap-codes.js";

const TWO_32 = 2 ** 32;
const TWO_52 = 2 ** 52;
const TWO_63 = 2 ** 63;
const TWO_64 = 2 ** 64;

export function i64TruncS(R: Int32Array, a: number, x: number): number {
  if (x >= -TWO_63 && x < TWO_63) {
    writeInteger(R, a, x);
    return 0;
  }
  return truncTrap(x);
}
export function i64TruncU(R: Int32Array, a: number, x: number): number {
  if (x > -1 && x < TWO_64) {
    writeInteger(R, a, x);
    return 0;
  }
  return truncTrap(x);
}

/** Saturating: NaN gives 0, values out of range the nearest bound. */
export function i32TruncSatS(x: number): number {
  return x >= 2147483647 ? 0x7fffffff : x <= -2147483648 ? -0x80000000 : x | 0;
}
/** The result as an int32. */
export function i32TruncSatU(x: number): number {
  return x >= 4294967295 ? -1 : x <= 0 ? 0 : x | 0;
}
export function i64TruncSatS(R: Int32Array, a: number, x: number): void {
  if (x >= -TWO_63 && x < TWO_63) writeInteger(R, a, x);
  else if (x >= TWO_63) writeHalves(R, a, -1, 0x7fffffff);
  else if (x < 0) writeHalves(R, a, 0, -0x80000000);
  else writeHalves(R, a, 0, 0);
}
export function i64TruncSatU(R: Int32Array, a: number, x: number): void {
  if (x > -1 && x < TWO_64) writeInteger(R, a, x);
  else if (x >= TWO_64) writeHalves(R, a, -1, -1);
  else writeHalves(R, a, 0, 0);
}

/** The i64 as a double, rounded once: both halves are exact, only their sum rounds. */
export function f64ConvertI64S(bl: number, bh: number): number {
  return bh * TWO_32 + (bl >>> 0);
}
export function f64ConvertI64U(bl: number, bh: number): number {
  return (bh >>> 0) * TWO_32 + (bl >>> 0);
}
/** The i64 rounded once to f32. */
export function f32ConvertI64S(bl: number, bh: number): number {
  const exact = (bh + 0x200000) >>> 22 === 0;
  return Math.fround(bh * TWO_32 + (exact ? bl >>> 0 : sticky(bl)));
}
export function f32ConvertI64U(bl: number, bh: number): number {
  const high = bh >>> 0;
  return Math.fround(high * TWO_32 + (high < 0x200000 ? bl >>> 0 : sticky(bl)));
}

/** Rounds to the nearest integral value, ties to even, keeping the sign of zero; exact for f32 too. */
export function nearest(x: number): number {
  // Adding 2^52 leaves no bits for a fraction, so the addition itself rounds.
  if (x > 0 && x < TWO_52) return x + TWO_52 - TWO_52;
  if (x < 0 && x > -TWO_52) {
    const rounded = x - TWO_52 + TWO_52;
    return rounded === 0 ? -0 : rounded;
  }
  return x;
}

function truncTrap(x: number): number {
  return Number.isNaN(x) ? TRAP_INVALID_CONVERSION : TRAP_INTEGER_OVERFLOW;
}

/** Writes the integer part of x, in [-2^63, 2^64), modulo 2^64. */
function writeInteger(R: Int32Array, a: number, x: number): void {
  const integer = Math.trunc(x);
  R[a] = integer;
  R[a + 1] = Math.floor(integer / TWO_32);
}

function writeHalves(R: Int32Array, a: number, lo: number, hi: number): void {
  R[a] = lo;
  R[a + 1] = hi;
}

/**
 * For values of 2^53 and more: the low 12 bits replaced by one bit that says whether any was set.
 * The value then fits a double, and lies on the same side of every midpoint between two f32s,
 * because those are multiples of 2^29: the one rounding that is left is the right one.
 */
function sticky(lo: number): number {
  return ((lo & ~0xfff) | ((lo & 0xfff) === 0 ? 0 : 0x800)) >>> 0;
}
