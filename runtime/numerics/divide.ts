// Division and remainder of 64-bit integers as int32 halves (spec 4.3.2, idiv and irem).
//
// Why doubles are exact here: for integers 0 <= x < 2^53 and 1 <= y < 2^53, floor(fl(x / y)) is the
// true quotient. A wrong one would mean that x / y < n was rounded up to the integer n. With
// r = n*y - x >= 1 the gap is r / y, and rounding closes at most half a unit in the last place of
// a number below n, less than n * 2^-53. So r * 2^53 < n * y = x + r, x > r * (2^53 - 1): impossible.
//
// Conventions as in numerics/integer.ts. Results: 0, or the code of the trap; then nothing is written.

import { TRAP_DIVIDE_BY_ZERO, TRAP_INTEGER_OVERFLOW } from "../trap-codes.js";
import { mulHighU } from "./integer.js";

const TWO_32 = 2 ** 32;

export function i64DivS(R: Int32Array, a: number, bl: number, bh: number, cl: number, ch: number): number {
  if ((cl | ch) === 0) return TRAP_DIVIDE_BY_ZERO;
  if (bh === bl >> 31 && ch === cl >> 31) {
    const quotient = bl / cl;
    R[a] = quotient; // stored modulo 2^32: -2^31 / -1 is 2^31
    R[a + 1] = quotient <= -1 ? -1 : 0;
    return 0;
  }
  if (fits53(bh) && fits53(ch)) {
    const quotient = Math.trunc((bh * TWO_32 + (bl >>> 0)) / (ch * TWO_32 + (cl >>> 0)));
    R[a] = quotient;
    R[a + 1] = Math.floor(quotient / TWO_32);
    return 0;
  }
  if (bl === 0 && bh === -0x80000000 && (cl & ch) === -1) return TRAP_INTEGER_OVERFLOW;
  divideMagnitudes(bl, bh, cl, ch);
  if ((bh ^ ch) < 0) writeNegated(R, a, quotientLo, quotientHi);
  else {
    R[a] = quotientLo;
    R[a + 1] = quotientHi;
  }
  return 0;
}

export function i64RemS(R: Int32Array, a: number, bl: number, bh: number, cl: number, ch: number): number {
  if ((cl | ch) === 0) return TRAP_DIVIDE_BY_ZERO;
  if (bh === bl >> 31 && ch === cl >> 31) {
    const remainder = (bl % cl) | 0;
    R[a] = remainder;
    R[a + 1] = remainder >> 31;
    return 0;
  }
  if (fits53(bh) && fits53(ch)) {
    const dividend = bh * TWO_32 + (bl >>> 0);
    const divisor = ch * TWO_32 + (cl >>> 0);
    const remainder = dividend - Math.trunc(dividend / divisor) * divisor;
    R[a] = remainder;
    R[a + 1] = Math.floor(remainder / TWO_32);
    return 0;
  }
  // -2^63 rem -1 is 0, not a trap: the magnitudes divide without overflow.
  divideMagnitudes(bl, bh, cl, ch);
  if (bh < 0) writeNegated(R, a, remainderLo, remainderHi);
  else {
    R[a] = remainderLo;
    R[a + 1] = remainderHi;
  }
  return 0;
}

export function i64DivU(R: Int32Array, a: number, bl: number, bh: number, cl: number, ch: number): number {
  if ((cl | ch) === 0) return TRAP_DIVIDE_BY_ZERO;
  if ((bh | ch) === 0) {
    R[a] = (bl >>> 0) / (cl >>> 0);
    R[a + 1] = 0;
    return 0;
  }
  if (bh >>> 21 === 0 && ch >>> 21 === 0) {
    const quotient = Math.floor((bh * TWO_32 + (bl >>> 0)) / (ch * TWO_32 + (cl >>> 0)));
    R[a] = quotient;
    R[a + 1] = Math.floor(quotient / TWO_32);
    return 0;
  }
  divide(bl, bh, cl, ch);
  R[a] = quotientLo;
  R[a + 1] = quotientHi;
  return 0;
}

export function i64RemU(R: Int32Array, a: number, bl: number, bh: number, cl: number, ch: number): number {
  if ((cl | ch) === 0) return TRAP_DIVIDE_BY_ZERO;
  if ((bh | ch) === 0) {
    R[a] = (bl >>> 0) % (cl >>> 0);
    R[a + 1] = 0;
    return 0;
  }
  if (bh >>> 21 === 0 && ch >>> 21 === 0) {
    const dividend = bh * TWO_32 + (bl >>> 0);
    const divisor = ch * TWO_32 + (cl >>> 0);
    const remainder = dividend - Math.floor(dividend / divisor) * divisor;
    R[a] = remainder;
    R[a + 1] = Math.floor(remainder / TWO_32);
    return 0;
  }
  divide(bl, bh, cl, ch);
  R[a] = remainderLo;
  R[a + 1] = remainderHi;
  return 0;
}

/** Whether a signed value with this high word lies in [-2^52, 2^52). */
function fits53(hi: number): boolean {
  return (hi + 0x100000) >>> 21 === 0;
}

function writeNegated(R: Int32Array, a: number, lo: number, hi: number): void {
  R[a] = -lo;
  R[a + 1] = ~hi + (lo === 0 ? 1 : 0);
}

// Results of `divide`; halves as int32s.
let quotientLo = 0;
let quotientHi = 0;
let remainderLo = 0;
let remainderHi = 0;

function divideMagnitudes(bl: number, bh: number, cl: number, ch: number): void {
  if (bh < 0) {
    bh = ~bh + (bl === 0 ? 1 : 0);
    bl = -bl;
  }
  if (ch < 0) {
    ch = ~ch + (cl === 0 ? 1 : 0);
    cl = -cl;
  }
  divide(bl | 0, bh | 0, cl | 0, ch | 0);
}

/** Unsigned 64-bit division; the divisor is not zero. */
function divide(bl: number, bh: number, cl: number, ch: number): void {
  if (ch === 0) divideByWord(bl, bh, cl >>> 0);
  else if (ch >>> 30 !== 0) divideBySubtraction(bl, bh, cl, ch);
  else divideByEstimate(bl, bh, cl, ch);
}

/** Long division by a divisor below 2^32, in digits of 16 bits below the first. */
function divideByWord(bl: number, bh: number, divisor: number): void {
  const high = bh >>> 0;
  quotientHi = Math.floor(high / divisor) | 0;
  let rest = high % divisor;
  // rest * 2^16 + digit < 2^48, so each quotient is exact and below 2^16.
  rest = rest * 0x10000 + (bl >>> 16);
  const upper = Math.floor(rest / divisor);
  rest -= upper * divisor;
  rest = rest * 0x10000 + (bl & 0xffff);
  const lower = Math.floor(rest / divisor);
  rest -= lower * divisor;
  quotientLo = (upper << 16) | lower;
  remainderLo = rest | 0;
  remainderHi = 0;
}

/** For divisors from 2^62 up: the quotient is at most 3. */
function divideBySubtraction(bl: number, bh: number, cl: number, ch: number): void {
  let count = 0;
  while (bh >>> 0 > ch >>> 0 || (bh === ch && bl >>> 0 >= cl >>> 0)) {
    bh = (bh - ch - (bl >>> 0 < cl >>> 0 ? 1 : 0)) | 0;
    bl = (bl - cl) | 0;
    count++;
  }
  quotientLo = count;
  quotientHi = 0;
  remainderLo = bl;
  remainderHi = bh;
}

/**
 * For divisors from 2^32 to 2^62: the quotient is below 2^32. Three roundings, each of relative
 * size 2^-53, leave the estimate within 1 of it; the remainder, in (-2^62, 2^63), tells which way.
 */
function divideByEstimate(bl: number, bh: number, cl: number, ch: number): void {
  const dividend = (bh >>> 0) * TWO_32 + (bl >>> 0);
  const divisor = ch * TWO_32 + (cl >>> 0);
  // The clamp keeps an estimate of 2^32 from becoming 0 as a word.
  let quotient = Math.min(Math.floor(dividend / divisor), 0xffffffff);
  const word = quotient | 0;
  // remainder = dividend - word * divisor, modulo 2^64
  const lo = Math.imul(word, cl);
  const hi = (mulHighU(word, cl) + Math.imul(word, ch)) | 0;
  let restHi = (bh - hi - (bl >>> 0 < lo >>> 0 ? 1 : 0)) | 0;
  let restLo = (bl - lo) | 0;
  if (restHi < 0) {
    quotient--;
    restLo = (restLo + cl) | 0;
    restHi = (restHi + ch + (restLo >>> 0 < cl >>> 0 ? 1 : 0)) | 0;
  } else if (restHi > ch || (restHi === ch && restLo >>> 0 >= cl >>> 0)) {
    quotient++;
    restHi = (restHi - ch - (restLo >>> 0 < cl >>> 0 ? 1 : 0)) | 0;
    restLo = (restLo - cl) | 0;
  }
  quotientLo = quotient | 0;
  quotientHi = 0;
  remainderLo = restLo;
  remainderHi = restHi;
}
