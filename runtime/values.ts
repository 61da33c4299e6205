// Values as bits (spec, chapter 4.2.2). A slot is 8 bytes: i32 and f32 in the low word,
// i64 as low word then high word, f64 as its bits; v128 takes two slots.
//
// Conventions
//   lo, hi   the halves of a 64-bit value, as int32s
//   bits     a value's bit pattern: an int32 for f32, two int32 halves for f64

import { F32, I32, isRef, V128, type ValType } from "../decoder/types.js";

/** The canonical positive NaN, the only one that arithmetic makes. */
export const F32_CANONICAL_NAN = 0x7fc00000;
export const F64_CANONICAL_NAN_HI = 0x7ff80000;
export const F64_CANONICAL_NAN_LO = 0;

/** The low half of a 64-bit integer; any bigint is first taken modulo 2^64. */
export function loOf(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}
/** The high half of a 64-bit integer; any bigint is first taken modulo 2^64. */
export function hiOf(value: bigint): number {
  return Number(BigInt.asIntN(32, value >> 32n));
}
/** The signed 64-bit integer with these halves. */
export function toBigInt(lo: number, hi: number): bigint {
  return (BigInt(hi | 0) << 32n) | BigInt(lo >>> 0);
}
/** The unsigned 64-bit integer with these halves. */
export function toBigUint(lo: number, hi: number): bigint {
  return (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
}

// One scratch buffer for every conversion. It is larger than 64 bytes because V8 keeps smaller
// ones on its heap, where their addresses never become constants in compiled code.
// A DataView, not typed arrays: bits must be the same on a big-endian host.
const scratch = new DataView(new ArrayBuffer(128));

/** The bits of `value` rounded to f32, as an int32. A NaN gives the canonical one. */
export function f32ToBits(value: number): number {
  if (Number.isNaN(value)) return F32_CANONICAL_NAN;
  scratch.setFloat32(0, value, true);
  return scratch.getInt32(0, true);
}
/** The f32 with these bits. A JavaScript number holds no NaN payload: every NaN is one NaN. */
export function f32FromBits(bits: number): number {
  scratch.setInt32(0, bits, true);
  return scratch.getFloat32(0, true);
}
/** The low half of the bits of an f64. A NaN gives the canonical one. */
export function f64ToLo(value: number): number {
  if (Number.isNaN(value)) return F64_CANONICAL_NAN_LO;
  scratch.setFloat64(0, value, true);
  return scratch.getInt32(0, true);
}
/** The high half of the bits of an f64. A NaN gives the canonical one. */
export function f64ToHi(value: number): number {
  if (Number.isNaN(value)) return F64_CANONICAL_NAN_HI;
  scratch.setFloat64(0, value, true);
  return scratch.getInt32(4, true);
}
/** The f64 with these halves. */
export function f64FromHalves(lo: number, hi: number): number {
  scratch.setInt32(0, lo, true);
  scratch.setInt32(4, hi, true);
  return scratch.getFloat64(0, true);
}

/** How many register slots a value of this type takes. */
export function slotsOf(type: ValType): number {
  return type === V128 ? 2 : 1;
}
/** How many register slots a sequence of values takes. */
export function slotsOfAll(types: readonly ValType[]): number {
  let slots = 0;
  for (const type of types) slots += slotsOf(type);
  return slots;
}

/**
 * Values of these types that lie together: per slot, how many of its two words mean something: 0 of
 * a reference, 1 of i32 and f32, 2 of others. What is in the rest depends on who used the slot before.
 */
export function wordsOfAll(types: readonly ValType[]): Uint8Array {
  const words = new Uint8Array(slotsOfAll(types));
  let slot = 0;
  for (const type of types) {
    const count = isRef(type) ? 0 : type === I32 || type === F32 ? 1 : 2;
    for (let i = slotsOf(type); i > 0; i--) words[slot++] = count;
  }
  return words;
}

/** A copy of the words of values that lie together, with zeros where they mean nothing. */
export function canonicalWords(words: Int32Array, types: readonly ValType[]): Int32Array {
  const copy = words.slice();
  wordsOfAll(types).forEach((count, slot) => {
    copy.fill(0, 2 * slot + count, 2 * slot + 2);
  });
  return copy;
}
