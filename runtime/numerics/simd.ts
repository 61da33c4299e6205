// Lane operations on packed words: a v128 is four int32s, and what is here computes one of them
// from words of the operands. The interpreter's rows (register-code/register-ops-simd.ts) hold what
// is one expression; where a row calls two words x and y, y is the second operand's.
//
// Conventions
//   word     four i8 lanes or two i16 lanes, the first in the low bits
//   widen…   the two lowest i8 lanes, or the lowest i16 lane, extended to twice the width
//   R8       registers as bytes; `at` is a byte index there
// Relaxed operations have the deterministic profile's choice, which is the first of each list in
// the specification (4.3.7, R = 0): mostly the operation of the same name without "relaxed".

import { mulHighU } from "./integer.js";

/** Both i8 lanes at the bottom, as i16s. */
export function widen8S(x: number): number {
  return (((x << 24) >> 24) & 0xffff) | (((x << 16) >> 8) & -65536);
}
export function widen8U(x: number): number {
  return (x & 0xff) | ((x & 0xff00) << 8);
}

/** i16 lanes, modulo 2^16. */
export function mul16(x: number, y: number): number {
  return (Math.imul(x, y) & 0xffff) | (Math.imul(x >>> 16, y >>> 16) << 16);
}

/** Adjacent i8 lanes added, as i16 lanes. */
export function pairs8S(x: number): number {
  return ((((x << 24) >> 24) + ((x << 16) >> 24)) & 0xffff) | ((((x << 8) >> 24) + (x >> 24)) << 16);
}
export function pairs8U(x: number): number {
  return (x & 0x00ff00ff) + ((x >>> 8) & 0x00ff00ff);
}

/** Sum of the products of the i16 lanes, modulo 2^32. */
export function dot16(x: number, y: number): number {
  return (Math.imul((x << 16) >> 16, (y << 16) >> 16) + Math.imul(x >> 16, y >> 16)) | 0;
}

function saturate8S(x: number): number {
  return Math.min(Math.max(x, -128), 127);
}
function saturate8U(x: number): number {
  return Math.min(Math.max(x, 0), 255);
}
function saturate16S(x: number): number {
  return Math.min(Math.max(x, -32768), 32767);
}
function saturate16U(x: number): number {
  return Math.min(Math.max(x, 0), 65535);
}

/** Four i16 lanes, of x and then of y, as i8 lanes. */
export function narrow16S(x: number, y: number): number {
  return (
    (saturate8S((x << 16) >> 16) & 0xff) |
    ((saturate8S(x >> 16) & 0xff) << 8) |
    ((saturate8S((y << 16) >> 16) & 0xff) << 16) |
    (saturate8S(y >> 16) << 24)
  );
}
export function narrow16U(x: number, y: number): number {
  return (
    saturate8U((x << 16) >> 16) |
    (saturate8U(x >> 16) << 8) |
    (saturate8U((y << 16) >> 16) << 16) |
    (saturate8U(y >> 16) << 24)
  );
}
/** Two i32 lanes as i16 lanes. */
export function narrow32S(x: number, y: number): number {
  return (saturate16S(x) & 0xffff) | (saturate16S(y) << 16);
}
export function narrow32U(x: number, y: number): number {
  return saturate16U(x) | (saturate16U(y) << 16);
}

/** i16 lanes as fractions of 2^15: rounded product, saturated. */
export function q15mulr(x: number, y: number): number {
  const low = (Math.imul((x << 16) >> 16, (y << 16) >> 16) + 0x4000) >> 15;
  const high = (Math.imul(x >> 16, y >> 16) + 0x4000) >> 15;
  return (saturate16S(low) & 0xffff) | (saturate16S(high) << 16);
}

/** i16x8.relaxed_dot_i8x16_i7x16_s: both operands signed, sums saturated. */
export function dot8(x: number, y: number): number {
  const low = Math.imul((x << 24) >> 24, (y << 24) >> 24) + Math.imul((x << 16) >> 24, (y << 16) >> 24);
  const high = Math.imul((x << 8) >> 24, (y << 8) >> 24) + Math.imul(x >> 24, y >> 24);
  return (saturate16S(low) & 0xffff) | (saturate16S(high) << 16);
}

function byteOrZero(R8: Uint8Array, at: number, index: number): number {
  return index < 16 ? R8[at + index]! : 0;
}
/** i8x16.swizzle: the bytes that `indices` select of the vector at byte `at`, 0 for an index from 16 up. */
export function swizzle(R8: Uint8Array, at: number, indices: number): number {
  return (
    byteOrZero(R8, at, indices & 0xff) |
    (byteOrZero(R8, at, (indices >>> 8) & 0xff) << 8) |
    (byteOrZero(R8, at, (indices >>> 16) & 0xff) << 16) |
    (byteOrZero(R8, at, indices >>> 24) << 24)
  );
}
function byteOf(R8: Uint8Array, first: number, second: number, index: number): number {
  return R8[index < 16 ? first + index : second + index - 16]!;
}
/** i8x16.shuffle: `indices` below 16 select of the vector at byte `first`, the others of that at `second`. */
export function shuffle(R8: Uint8Array, first: number, second: number, indices: number): number {
  return (
    byteOf(R8, first, second, indices & 0xff) |
    (byteOf(R8, first, second, (indices >>> 8) & 0xff) << 8) |
    (byteOf(R8, first, second, (indices >>> 16) & 0xff) << 16) |
    (byteOf(R8, first, second, indices >>> 24) << 24)
  );
}

/** High word of the product of two signed 32-bit integers; the low word is Math.imul's. */
export function mulHighS(x: number, y: number): number {
  return (mulHighU(x, y) - (x < 0 ? y : 0) - (y < 0 ? x : 0)) | 0;
}
