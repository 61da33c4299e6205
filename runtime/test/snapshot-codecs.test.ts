// The codes below snapshots: SHA-256, and the compression.
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { hex, sha256 } from "../sha256.js";
import { compress, decompress, isPlausible } from "../snapshot/compress.js";
import { SnapshotError } from "../snapshot/snapshot-error.js";
import { Random } from "./support/random.js";

describe("sha256", () => {
  test("gives what node:crypto gives, at every length around the block size", () => {
    const bytes = new Random(1).bytes(1000);
    const lengths = [...Array(200).keys(), 447, 448, 511, 512, 513, 1000];
    for (const length of lengths) {
      const part = bytes.subarray(0, length);
      expect(hex(sha256(part)), `${length} bytes`).toBe(createHash("sha256").update(part).digest("hex"));
    }
  });

  test("gives what node:crypto gives for a megabyte", () => {
    const bytes = new Random(2).bytes(1 << 20);
    expect(hex(sha256(bytes))).toBe(createHash("sha256").update(bytes).digest("hex"));
  });
});

/** Bytes of many kinds: noise, runs, repeats near and far, text. */
function sample(random: Random): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let n = random.below(8); n > 0; n--) {
    const kind = random.below(4);
    if (kind === 0) parts.push(random.bytes(random.below(300)));
    else if (kind === 1) parts.push(new Uint8Array(random.below(5000)).fill(random.below(256)));
    else if (kind === 2 && parts.length > 0) parts.push(random.pick(parts));
    else parts.push(Uint8Array.from({ length: random.below(400) }, () => 97 + random.below(3)));
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** Compresses, and compares what comes back. (The matchers of the test library are slow on long arrays.) */
function comesBack(input: Uint8Array): Uint8Array {
  const packed = compress(input);
  expect(Buffer.compare(decompress(packed, input.length), input)).toBe(0);
  return packed;
}

describe("compress", () => {
  test.each([0, 1, 2, 3, 4, 5, 14, 15, 16, 17, 18, 19, 269, 270, 271, 272, 70000])(
    "comes back from runs and noise of %i bytes",
    (length) => {
      for (const input of [new Uint8Array(length), new Random(length).bytes(length)]) {
        expect(isPlausible(comesBack(input).length, length)).toBe(true);
      }
    },
  );

  test("comes back from random mixtures, and makes repetitions small", () => {
    const random = new Random(3);
    for (let i = 0; i < 400; i++) {
      const input = sample(random);
      expect(comesBack(input).length).toBeLessThanOrEqual(input.length + Math.ceil(input.length / 255) + 16);
    }
    expect(compress(new Uint8Array(1 << 20)).length).toBeLessThan(5000);
  });

  test("refers back over 65,535 bytes, not further", () => {
    const noise = new Random(4).bytes(100);
    for (const gap of [65535 - 100, 65535 - 99, 70000]) {
      const input = new Uint8Array(200 + gap);
      input.set(noise);
      input.set(noise, 100 + gap);
      comesBack(input);
    }
  });
});

describe("decompress", () => {
  test("takes no length other than the right one", () => {
    const packed = compress(new Uint8Array(1000).fill(7));
    for (const length of [0, 1, 999, 1001, 2 ** 40]) expect(() => decompress(packed, length)).toThrow(SnapshotError);
  });

  test("ends in a SnapshotError or in bytes, whatever it is given", () => {
    const random = new Random(5);
    let refused = 0;
    for (let i = 0; i < 10_000; i++) {
      const input = i % 2 === 0 ? random.bytes(random.below(40)) : compress(sample(random)).subarray(0, 3000).slice();
      for (let n = i % 2 === 0 ? 0 : 1 + random.below(3); n > 0 && input.length > 0; n--) {
        input[random.below(input.length)] = random.below(256);
      }
      const length = random.below(6000);
      try {
        expect(decompress(input, length).length).toBe(length);
      } catch (error) {
        expect(error).toBeInstanceOf(SnapshotError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(8000);
  });
});
