// 128-bit results from 64-bit operands (wide-arithmetic proposal).
//
// Conventions as in numerics/integer.ts; results take two slots of R: words a, a + 1 are the low
// 64 bits, a + 2, a + 3 the high ones. 128-bit operands come as four words b0 … b3, lowest first.

import { mulHighU } from "./integer.js";

export function i64Add128(
  R: Int32Array,
  a: number,
  b0: number,
  b1: number,
  b2: number,
  b3: number,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
): void {
  // Sums of two words and a carry are below 2^33: exact as doubles, stored modulo 2^32.
  const w0 = (b0 >>> 0) + (c0 >>> 0);
  const w1 = (b1 >>> 0) + (c1 >>> 0) + (w0 > 0xffffffff ? 1 : 0);
  const w2 = (b2 >>> 0) + (c2 >>> 0) + (w1 > 0xffffffff ? 1 : 0);
  R[a] = w0;
  R[a + 1] = w1;
  R[a + 2] = w2;
  R[a + 3] = b3 + c3 + (w2 > 0xffffffff ? 1 : 0);
}

export function i64Sub128(
  R: Int32Array,
  a: number,
  b0: number,
  b1: number,
  b2: number,
  b3: number,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
): void {
  const w0 = (b0 >>> 0) - (c0 >>> 0);
  const w1 = (b1 >>> 0) - (c1 >>> 0) - (w0 < 0 ? 1 : 0);
  const w2 = (b2 >>> 0) - (c2 >>> 0) - (w1 < 0 ? 1 : 0);
  R[a] = w0;
  R[a + 1] = w1;
  R[a + 2] = w2;
  R[a + 3] = b3 - c3 - (w2 < 0 ? 1 : 0);
}

export function i64MulWideU(R: Int32Array, a: number, bl: number, bh: number, cl: number, ch: number): void {
  // Four partial products of words; each column's sum is below 2^34.
  const w1 = (mulHighU(bl, cl) >>> 0) + (Math.imul(bl, ch) >>> 0) + (Math.imul(bh, cl) >>> 0);
  const w2 =
    (mulHighU(bl, ch) >>> 0) + (mulHighU(bh, cl) >>> 0) + (Math.imul(bh, ch) >>> 0) + Math.floor(w1 / 4294967296);
  R[a] = Math.imul(bl, cl);
  R[a + 1] = w1;
  R[a + 2] = w2;
  R[a + 3] = mulHighU(bh, ch) + Math.floor(w2 / 4294967296);
}

export function i64MulWideS(R: Int32Array, a: number, bl: number, bh: number, cl: number, ch: number): void {
  i64MulWideU(R, a, bl, bh, cl, ch);
  // As unsigned, a negative operand is 2^64 too large: the product is too large by the other one, 64 bits up.
  if (bh < 0) subtractHigh(R, a + 2, cl, ch);
  if (ch < 0) subtractHigh(R, a + 2, bl, bh);
}

function subtractHigh(R: Int32Array, a: number, lo: number, hi: number): void {
  const borrow = R[a]! >>> 0 < lo >>> 0 ? 1 : 0;
  R[a] = R[a]! - lo;
  R[a + 1] = R[a + 1]! - hi - borrow;
}
