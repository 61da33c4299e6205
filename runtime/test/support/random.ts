// A seeded generator for tests: the same seed gives the same sequence everywhere.

export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  /** 32 random bits as an unsigned integer (mulberry32). */
  word(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return (bits ^ (bits >>> 14)) >>> 0;
  }

  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number {
    return this.word() % limit;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  /** `length` random bits as an unsigned bigint. */
  bits(length: number): bigint {
    let value = 0n;
    for (let have = 0; have < length; have += 32) value = (value << 32n) | BigInt(this.word());
    return BigInt.asUintN(length, value);
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.word() >>> 24;
    return bytes;
  }
}
