// Eight kernels in AssemblyScript. Each takes a size and returns a checksum; memory is used by
// absolute address, so that what is timed is the code of the loops and no library's.

/** Calls: about fibonacci(n) of them. */
export function fib(n: i32): i32 {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

const FLAGS = memory.data(1 << 20);

/** Byte loads and stores with a stride: the number of primes below n; n is at most 2^20. */
export function sieve(n: i32): i32 {
  memory.fill(FLAGS, 1, n);
  let primes = 0;
  for (let i = 2; i < n; i++) {
    if (load<u8>(FLAGS + i) == 0) continue;
    primes++;
    for (let multiple = i << 1; multiple < n; multiple += i) store<u8>(FLAGS + multiple, 0);
  }
  return primes;
}

/** f64 arithmetic with a data-dependent exit: iterations over an n by n image. */
export function mandelbrot(n: i32): i32 {
  let total = 0;
  for (let row = 0; row < n; row++) {
    const im = (<f64>row / <f64>n) * 2.5 - 1.25;
    for (let column = 0; column < n; column++) {
      const re = (<f64>column / <f64>n) * 3.0 - 2.25;
      let x: f64 = 0;
      let y: f64 = 0;
      let k = 0;
      while (k < 64) {
        const xx = x * x;
        const yy = y * y;
        if (xx + yy > 4.0) break;
        y = 2.0 * x * y + im;
        x = xx - yy + re;
        k++;
      }
      total += k;
    }
  }
  return total;
}

const MATRICES = memory.data(3 * 128 * 128 * 8, 8);

/** f64 loads: the trace of the product of two n by n matrices; n is at most 128. */
export function matmul(n: i32): f64 {
  const a = MATRICES;
  const b = a + ((n * n) << 3);
  const c = b + ((n * n) << 3);
  for (let i = 0; i < n * n; i++) {
    store<f64>(a + (i << 3), <f64>(i % 17) * 0.25);
    store<f64>(b + (i << 3), <f64>(i % 13) - 6.0);
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum: f64 = 0;
      for (let k = 0; k < n; k++) {
        sum += load<f64>(a + ((i * n + k) << 3)) * load<f64>(b + ((k * n + j) << 3));
      }
      store<f64>(c + ((i * n + j) << 3), sum);
    }
  }
  let trace: f64 = 0;
  for (let i = 0; i < n; i++) trace += load<f64>(c + ((i * n + i) << 3));
  return trace;
}

/** i64 arithmetic: FNV-1a over the bytes of n numbers from xorshift64*. */
export function hash64(n: i32): i32 {
  let hash: u64 = 0xcbf29ce484222325;
  let state: u64 = 0x9e3779b97f4a7c15;
  for (let i = 0; i < n; i++) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    let word = state * 0x2545f4914f6cdd1d;
    while (word != 0) {
      hash = (hash ^ (word & 0xff)) * 0x100000001b3;
      word >>= 8;
    }
  }
  return <i32>(hash ^ (hash >> 32));
}

const ROUND_CONSTANTS = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);
const SCHEDULE = memory.data(64 * 4, 4);

/** Rotations and 32-bit logic: SHA-256 of n blocks of 64 zero bytes and the padding; the first word of the digest. */
export function sha256(n: i32): i32 {
  let h0: u32 = 0x6a09e667;
  let h1: u32 = 0xbb67ae85;
  let h2: u32 = 0x3c6ef372;
  let h3: u32 = 0xa54ff53a;
  let h4: u32 = 0x510e527f;
  let h5: u32 = 0x9b05688c;
  let h6: u32 = 0x1f83d9ab;
  let h7: u32 = 0x5be0cd19;
  for (let block = 0; block <= n; block++) {
    memory.fill(SCHEDULE, 0, 64);
    if (block == n) {
      store<u32>(SCHEDULE, 0x80000000);
      store<u32>(SCHEDULE + 60, <u32>n << 9);
    }
    for (let i = 16; i < 64; i++) {
      const w15 = load<u32>(SCHEDULE + ((i - 15) << 2));
      const w2 = load<u32>(SCHEDULE + ((i - 2) << 2));
      const s0 = rotr<u32>(w15, 7) ^ rotr<u32>(w15, 18) ^ (w15 >> 3);
      const s1 = rotr<u32>(w2, 17) ^ rotr<u32>(w2, 19) ^ (w2 >> 10);
      const word = load<u32>(SCHEDULE + ((i - 16) << 2)) + s0 + load<u32>(SCHEDULE + ((i - 7) << 2)) + s1;
      store<u32>(SCHEDULE + (i << 2), word);
    }
    let a = h0;
    let b = h1;
    let c = h2;
    let d = h3;
    let e = h4;
    let f = h5;
    let g = h6;
    let h = h7;
    for (let i = 0; i < 64; i++) {
      const s1 = rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25);
      const choice = (e & f) ^ (~e & g);
      const t1 = h + s1 + choice + load<u32>(ROUND_CONSTANTS + (i << 2)) + load<u32>(SCHEDULE + (i << 2));
      const s0 = rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22);
      const majority = (a & b) ^ (a & c) ^ (b & c);
      h = g;
      g = f;
      f = e;
      e = d + t1;
      d = c;
      c = b;
      b = a;
      a = t1 + s0 + majority;
    }
    h0 += a;
    h1 += b;
    h2 += c;
    h3 += d;
    h4 += e;
    h5 += f;
    h6 += g;
    h7 += h;
  }
  return h0;
}

const NUMBERS = memory.data(1 << 18, 4);

function sortRange(low: i32, high: i32): void {
  while (low < high) {
    const pivot = load<i32>(NUMBERS + (((low + high) >> 1) << 2));
    let i = low;
    let j = high;
    while (i <= j) {
      while (load<i32>(NUMBERS + (i << 2)) < pivot) i++;
      while (load<i32>(NUMBERS + (j << 2)) > pivot) j--;
      if (i > j) break;
      const swapped = load<i32>(NUMBERS + (i << 2));
      store<i32>(NUMBERS + (i << 2), load<i32>(NUMBERS + (j << 2)));
      store<i32>(NUMBERS + (j << 2), swapped);
      i++;
      j--;
    }
    sortRange(low, j);
    low = i;
  }
}

/** Compares, swaps, recursion: n pseudo-random numbers sorted in place; n is at most 2^16. */
export function quicksort(n: i32): i32 {
  let seed: u32 = 2463534242;
  for (let i = 0; i < n; i++) {
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    store<i32>(NUMBERS + (i << 2), <i32>seed);
  }
  sortRange(0, n - 1);
  let checksum = 0;
  for (let i = 0; i < n; i++) {
    if (i > 0 && load<i32>(NUMBERS + ((i - 1) << 2)) > load<i32>(NUMBERS + (i << 2))) return -1;
    checksum = checksum * 31 + load<i32>(NUMBERS + (i << 2));
  }
  return checksum;
}

/** A state machine of ten states over a pseudo-random tape: one br_table per step. */
export function states(n: i32): i32 {
  let state = 0;
  let count = 0;
  let seed: u32 = 88172645;
  for (let i = 0; i < n; i++) {
    seed = seed * 1664525 + 1013904223;
    const symbol = <i32>(seed >> 29);
    switch (state) {
      case 0: state = symbol; count++; break;
      case 1: state = symbol > 3 ? 8 : 2; break;
      case 2: count ^= symbol; state = 3 + (symbol & 1); break;
      case 3: state = 9 - symbol; break;
      case 4: count += symbol << 1; state = 5; break;
      case 5: state = symbol & 3; count -= 3; break;
      case 6: count = count * 5 + 1; state = 7; break;
      case 7: state = symbol < 5 ? 0 : 6; break;
      case 8: count = rotl<i32>(count, 3); state = 9; break;
      default: state = (symbol + 4) & 7; count += 7; break;
    }
  }
  return count;
}
