// Pictures of memories against plain copies.
import { expect, test } from "vitest";
import { BLOCK_BYTES, MemoryPicture } from "../store/memory-picture.js";
import { Random } from "./support/random.js";

const SIZES = [0, 1, 3, 4, 7, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 5 * BLOCK_BYTES, 70_001];

/** Bytes in a buffer with room behind them, as memories have it. */
function memory(random: Random, length: number, from: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(new ArrayBuffer(Math.ceil(length / 8) * 8 + 64)).subarray(0, length);
  bytes.set(from.subarray(0, length));
  for (let n = random.below(4); n > 0 && length > 0; n--) {
    const at = random.below(length);
    bytes.set(random.bytes(random.below(Math.min(3000, length - at + 1))), at);
  }
  return bytes;
}

function bytesOf(picture: MemoryPicture): Uint8Array {
  const bytes = new Uint8Array(picture.byteLength);
  picture.writeTo(bytes);
  return bytes;
}

test("a picture shows the memory, with a base of any size and without", () => {
  const random = new Random(21);
  for (let i = 0; i < 400; i++) {
    const first = memory(random, random.pick(SIZES), new Uint8Array(0));
    const base = MemoryPicture.of(first, first.length, null);
    expect(Buffer.compare(bytesOf(base), first)).toBe(0);
    const second = memory(random, random.pick(SIZES), first);
    const picture = MemoryPicture.of(second, second.length, random.below(4) === 0 ? null : base);
    for (const shown of [picture, picture.flat(), picture.flat().flat()]) {
      expect(Buffer.compare(bytesOf(shown), second), `${first.length}, ${second.length}`).toBe(0);
    }
    expect(picture.flat().base).toBe(null);
    expect(picture.flat()).toBe(picture.flat());
  }
});

test("a picture holds no block that its base has, and none of zeros", () => {
  const bytes = new Uint8Array(new ArrayBuffer(64 * BLOCK_BYTES));
  bytes.fill(1, 10 * BLOCK_BYTES, 20 * BLOCK_BYTES);
  const base = MemoryPicture.of(bytes, bytes.length, null);
  expect([...base.numbers]).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  bytes[12 * BLOCK_BYTES + 5] = 9;
  bytes.fill(0, 15 * BLOCK_BYTES, 16 * BLOCK_BYTES);
  bytes[64 * BLOCK_BYTES - 1] = 1;
  const picture = MemoryPicture.of(bytes, bytes.length, base);
  expect([...picture.numbers]).toEqual([12, 15, 63]);
  expect(picture.ownBytes).toBe(3 * BLOCK_BYTES + 12);
});
