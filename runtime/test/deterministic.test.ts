import { describe, expect, it } from "vitest";
import { DEFAULT_START, SeededRandom, VirtualClock } from "../deterministic.js";
import { UsageError } from "../errors.js";

const MASK = 0xffffffffn;

/** xoshiro128** as its authors publish it, in exact integers. */
function* reference(state: readonly number[]): Generator<number> {
  const rotl = (x: bigint, k: bigint) => ((x << k) | (x >> (32n - k))) & MASK;
  const s = state.map(BigInt);
  for (;;) {
    yield Number((rotl((s[1]! * 5n) & MASK, 7n) * 9n) & MASK);
    const t = (s[1]! << 9n) & MASK;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= t;
    s[3] = rotl(s[3]!, 11n);
  }
}

describe("SeededRandom", () => {
  it("is xoshiro128**", () => {
    const random = new SeededRandom();
    random.restore([1, 2, 3, 4]);
    // The first numbers of the authors' generator from this state.
    expect([random.nextU32(), random.nextU32(), random.nextU32(), random.nextU32()]).toEqual([
      11520, 0, 5927040, 70819200,
    ]);
    for (const seed of [0, 1, 0xdeadbeefn, 2n ** 64n - 1n]) {
      const other = new SeededRandom(seed);
      const expected = reference(other.save());
      for (let i = 0; i < 1000; i++) expect(other.nextU32()).toBe(expected.next().value);
    }
  });

  it("gives the same for the same seed, and something else for every other", () => {
    const first = (seed: number | bigint) => new SeededRandom(seed).nextU64();
    expect(first(42)).toBe(first(42n));
    const seeds = [0n, 1n, 2n, 2n ** 32n, 2n ** 32n + 1n, 2n ** 63n, 2n ** 64n - 1n];
    expect(new Set(seeds.map(first)).size).toBe(seeds.length);
    expect(new Set(seeds.map((seed) => new SeededRandom(seed).nextU32())).size).toBe(seeds.length);
  });

  it.each([-1, 0.5, 2 ** 53, -1n, 2n ** 64n, Number.NaN, "1"])("refuses the seed %s", (seed) => {
    expect(() => new SeededRandom(seed as number)).toThrow(UsageError);
  });

  it("fills bytes of any number, and floats below one", () => {
    const bytes = new Uint8Array(7);
    new SeededRandom(1).fill(bytes);
    const words = new SeededRandom(1);
    const view = new DataView(new ArrayBuffer(8));
    view.setUint32(0, words.nextU32(), true);
    view.setUint32(4, words.nextU32(), true);
    expect([...bytes]).toEqual([...new Uint8Array(view.buffer, 0, 7)]);
    const random = new SeededRandom(3);
    let sum = 0;
    for (let i = 0; i < 10_000; i++) {
      const value = random.nextFloat();
      expect(value >= 0 && value < 1).toBe(true);
      sum += value;
    }
    expect(Math.abs(sum / 10_000 - 0.5)).toBeLessThan(0.02);
  });

  it("goes on from a saved state", () => {
    const random = new SeededRandom(5);
    random.nextU32();
    const saved = random.save();
    const next = [random.nextU32(), random.nextU32()];
    const other = new SeededRandom(6);
    other.restore(saved);
    expect([other.nextU32(), other.nextU32()]).toEqual(next);
    for (const wrong of [
      [0, 0, 0, 0],
      [1, 2, 3],
      [1, 2, 3, -1],
      [1, 2, 3, 0.5],
    ]) {
      expect(() => other.restore(wrong)).toThrow(UsageError);
    }
  });
});

describe("VirtualClock", () => {
  it("advances with fuel and with sleep, and with nothing else", () => {
    const clock = new VirtualClock();
    expect(clock.now(0)).toBe(DEFAULT_START);
    expect(clock.now(5)).toBe(DEFAULT_START + 5n);
    clock.advance(10n);
    expect(clock.elapsed(5)).toBe(15n);
    expect(clock.now(5)).toBe(clock.now(5));
    expect(new VirtualClock(0n, 1000).now(2 ** 53 - 1)).toBe((2n ** 53n - 1n) * 1000n);
  });

  it("starts at 2000-01-01", () => {
    expect(new Date(Number(DEFAULT_START / 1_000_000n)).toISOString()).toBe("2000-01-01T00:00:00.000Z");
  });

  it("does not go back", () => {
    expect(() => new VirtualClock().advance(-1n)).toThrow(UsageError);
    for (const rate of [-1, 0.5, Number.NaN]) expect(() => new VirtualClock(0n, rate)).toThrow(UsageError);
  });
});
