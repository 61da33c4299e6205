// SIMD kernels in AssemblyScript. Each takes a number of passes over its data and returns a
// checksum; memory is used by absolute address, as in kernels.ts.

const WORDS: u32 = 1 << 14;
const LEFT = memory.data(1 << 16);
const RIGHT = memory.data(1 << 16);

function fillWords(): void {
  for (let i: u32 = 0; i < WORDS; i++) store<u32>(LEFT + (i << 2), i * 2654435761);
}

/** v128.load and i32x4.add: the sum of an array of i32s. */
export function i32x4Sum(passes: i32): i32 {
  fillWords();
  let sum = i32x4.splat(0);
  for (let pass = 0; pass < passes; pass++) {
    for (let at = LEFT; at < LEFT + (WORDS << 2); at += 16) sum = i32x4.add(sum, v128.load(at));
  }
  return (
    i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3)
  );
}

/** f32x4.mul and f32x4.add: the dot product of two arrays of f32s. */
export function f32x4Dot(passes: i32): i32 {
  for (let i: u32 = 0; i < WORDS; i++) {
    store<f32>(LEFT + (i << 2), <f32>(i % 1000) * 0.25);
    store<f32>(RIGHT + (i << 2), <f32>(i % 77) - 38.0);
  }
  let sum = f32x4.splat(0);
  for (let pass = 0; pass < passes; pass++) {
    for (let i: usize = 0; i < WORDS << 2; i += 16) {
      sum = f32x4.add(sum, f32x4.mul(v128.load(LEFT + i), v128.load(RIGHT + i)));
    }
  }
  const total =
    f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3);
  return reinterpret<i32>(total);
}

/** i8x16.eq and i8x16.bitmask: how often a byte occurs, as a search for a delimiter has it. */
export function i8x16Compare(passes: i32): i32 {
  fillWords();
  const wanted = i8x16.splat(42);
  let count = 0;
  for (let pass = 0; pass < passes; pass++) {
    for (let at = LEFT; at < LEFT + (WORDS << 2); at += 16) {
      count += popcnt(i8x16.bitmask(i8x16.eq(v128.load(at), wanted)));
    }
  }
  return count;
}
