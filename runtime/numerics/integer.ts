// Integer operations on 64-bit values held as int32 halves, without BigInt (spec 4.3.2): those that
// the dispatch loop has not inline.
//
// Conventions, for all numerics/*.ts
//   R        the register words, an Int32Array
//   a        index of the result's low word in R; the high word goes to R[a + 1]
//   bl, bh   halves of the first operand, int32; cl, ch of the second
//   Functions with one i32 result return it.
//   Operands are passed by value, so the result may overwrite an operand's slot.

/** High word of the 64-bit product of two unsigned words, as an int32. */
export function mulHighU(b: number, c: number): number {
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const c0 = c & 0xffff;
  const c1 = c >>> 16;
  // Each sum is below 2^32: (2^16 - 1)^2 + (2^16 - 1) < 2^32.
  const low = (Math.imul(b1, c0) + (Math.imul(b0, c0) >>> 16)) | 0;
  const mid = (Math.imul(b0, c1) + (low & 0xffff)) | 0;
  return (Math.imul(b1, c1) + (low >>> 16) + (mid >>> 16)) | 0;
}

/** `count` is the low word of the second operand; its lowest six bits count. */
export function i64Rotl(R: Int32Array, a: number, bl: number, bh: number, count: number): void {
  const low = count & 32 ? bh : bl;
  const high = count & 32 ? bl : bh;
  const rest = 31 - (count & 31);
  R[a] = (low << count) | ((high >>> 1) >>> rest);
  R[a + 1] = (high << count) | ((low >>> 1) >>> rest);
}
export function i64Rotr(R: Int32Array, a: number, bl: number, bh: number, count: number): void {
  i64Rotl(R, a, bl, bh, -count);
}

export function i32Ctz(b: number): number {
  // b & -b isolates the lowest one; of zero nothing is left, and clz32(0) is 32.
  return b === 0 ? 32 : 31 - Math.clz32(b & -b);
}
export function i32Popcnt(b: number): number {
  let bits = b - ((b >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
/** The result as a number from 0 to 64: the low word; the high one is 0. So are the next two. */
export function i64Clz(bl: number, bh: number): number {
  return bh === 0 ? 32 + Math.clz32(bl) : Math.clz32(bh);
}
export function i64Ctz(bl: number, bh: number): number {
  return bl === 0 ? 32 + i32Ctz(bh) : i32Ctz(bl);
}
export function i64Popcnt(bl: number, bh: number): number {
  return i32Popcnt(bl) + i32Popcnt(bh);
}
