// The world as the default embedder supplies it: a clock that advances with fuel, and seeded
// randomness. Two runs with the same module, inputs, seed and fuel schedule see the same world.

import { UsageError } from "./errors.js";

/** A source of time for host functions. */
export interface Clock {
  /**
   * @param fuelUsed fuel that the guest has used in total
   * @returns nanoseconds since 1970-01-01T00:00:00Z
   */
  now(fuelUsed: number): bigint;
}

/** A clock that time can be added to: what sleeping does. */
export interface SleepClock {
  advance(nanoseconds: bigint): void;
}

/** 2000-01-01T00:00:00Z in nanoseconds since 1970. */
export const DEFAULT_START = 946_684_800_000_000_000n;

/** Time that passes only as fuel is used, or as the guest sleeps. */
export class VirtualClock implements Clock, SleepClock {
  private slept = 0n;

  /**
   * @param start nanoseconds since 1970 when no fuel is used
   * @param nanosecondsPerFuel how fast time goes; 1 is about what the interpreter takes
   */
  constructor(
    readonly start: bigint = DEFAULT_START,
    readonly nanosecondsPerFuel = 1,
  ) {
    if (!Number.isSafeInteger(nanosecondsPerFuel) || nanosecondsPerFuel < 0) {
      throw new UsageError(`nanosecondsPerFuel is an integer from 0 to 2^53 - 1, not ${String(nanosecondsPerFuel)}`);
    }
  }

  now(fuelUsed: number): bigint {
    return this.start + this.elapsed(fuelUsed);
  }

  /** Nanoseconds since the start; never decreases while `fuelUsed` does not. */
  elapsed(fuelUsed: number): bigint {
    return BigInt(fuelUsed) * BigInt(this.nanosecondsPerFuel) + this.slept;
  }

  /** Lets time pass without fuel: what a sleep does. @throws UsageError if time would go back */
  advance(nanoseconds: bigint): void {
    if (nanoseconds < 0n) throw new UsageError("time does not go back");
    this.slept += nanoseconds;
  }
}

/**
 * xoshiro128** (Blackman and Vigna, 2018), its state filled from a 64-bit seed by mixing.
 * For simulations and hash seeds; not for secrets.
 */
export class SeededRandom {
  private readonly state = new Uint32Array(new ArrayBuffer(16));

  /**
   * @param seed an integer from 0 to 2^64 − 1
   * @throws UsageError
   */
  constructor(seed: bigint | number = 0) {
    const wide = typeof seed === "bigint" ? seed : Number.isSafeInteger(seed) ? BigInt(seed) : -1n;
    if (wide < 0n || wide >= 2n ** 64n)
      throw new UsageError(`a seed is an integer from 0 to 2^64 - 1, not ${String(seed)}`);
    const low = Number(wide & 0xffffffffn);
    const high = Number(wide >> 32n);
    // Each half feeds its own sequence: no two seeds give the same state.
    let a = low;
    let b = high;
    for (let i = 0; i < 4; i += 2) {
      a = (a + 0x9e3779b9) | 0;
      b = (b + 0x9e3779b9) | 0;
      this.state[i] = mix(a);
      this.state[i + 1] = mix(b ^ 0x5bf03635);
    }
    // The one state that the generator never leaves.
    if (this.state.every((word) => word === 0)) this.state[0] = 1;
    // The first numbers come from one word alone, which half of the seed does not reach.
    for (let i = 0; i < 8; i++) this.nextU32();
  }

  /** From 0 to 2^32 − 1. */
  nextU32(): number {
    const s = this.state;
    const result = Math.imul(rotl(Math.imul(s[1]!, 5), 7), 9) >>> 0;
    const t = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= t;
    s[3] = rotl(s[3]!, 11);
    return result;
  }

  /** From 0 to 2^64 − 1. */
  nextU64(): bigint {
    const high = BigInt(this.nextU32());
    return (high << 32n) | BigInt(this.nextU32());
  }

  /** From 0 up to, not including, 1: a multiple of 2^−53. */
  nextFloat(): number {
    const high = this.nextU32() >>> 5;
    return (high * 2 ** 26 + (this.nextU32() >>> 6)) / 2 ** 53;
  }

  /** Fills `bytes`, four from each number, low byte first. */
  fill(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i += 4) {
      const word = this.nextU32();
      for (let j = i; j < i + 4 && j < bytes.length; j++) bytes[j] = word >>> (8 * (j - i));
    }
  }

  /** The generator's whole state, four words, for a snapshot. */
  save(): number[] {
    return [...this.state];
  }

  /** @throws UsageError if `words` is not what {@link save} gives */
  restore(words: readonly number[]): void {
    const fits = words.length === 4 && words.some((word) => word !== 0) && words.every((word) => word >>> 0 === word);
    if (!fits) throw new UsageError("the state of a random generator is four words that are not all zero");
    this.state.set(words);
  }
}

function rotl(x: number, count: number): number {
  return (x << count) | (x >>> (32 - count));
}

/** MurmurHash3's finaliser: a bijection of 32-bit words. */
function mix(word: number): number {
  let z = word;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}
