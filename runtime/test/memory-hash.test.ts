import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { Engine, hashMemory, Memory, type MemoryDescription, Store } from "../index.js";

const memoryOf = (description: MemoryDescription) => Memory.create(new Store(new Engine()), description);

/** As hashMemory's comment says, by Node's own SHA-256. */
function expectedHash(bytes: Uint8Array): string {
  const hash = createHash("sha256");
  const word = (value: number) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigUInt64LE(BigInt(value));
    hash.update(buffer);
  };
  for (let at = 0; at < bytes.length; at += 1024) {
    const block = Buffer.alloc(1024);
    block.set(bytes.subarray(at, at + 1024));
    if (block.every((byte) => byte === 0)) continue;
    word(at / 1024);
    hash.update(block);
  }
  word(bytes.length);
  return hash.digest("hex");
}

describe("hashMemory", () => {
  test("is the SHA-256 of the blocks that are not zero, with their numbers, and of the size", () => {
    const memory = memoryOf({ min: 2 });
    expect(hashMemory(memory)).toBe(expectedHash(memory.bytes()));
    memory.bytes().set([1, 2, 3], 1022);
    memory.bytes()[131_071] = 255;
    expect(hashMemory(memory)).toBe(expectedHash(memory.bytes()));
  });

  test("tells sizes and places apart, and forgets what was there before", () => {
    const memory = memoryOf({ min: 1 });
    const empty = hashMemory(memory);
    memory.bytes()[0] = 1;
    const first = hashMemory(memory);
    memory.bytes()[0] = 0;
    memory.bytes()[1024] = 1;
    expect(new Set([empty, first, hashMemory(memory)]).size).toBe(3);
    memory.bytes()[1024] = 0;
    expect(hashMemory(memory)).toBe(empty);
    memory.grow(1);
    expect(hashMemory(memory)).not.toBe(empty);
  });

  test("is the same whether the memory has a buffer or hibernates, on whatever base", () => {
    const memory = memoryOf({ min: 1 });
    memory.bytes().fill(7, 0, 2000);
    const base = memory.picture();
    memory.bytes().fill(0, 0, 1024);
    const hash = hashMemory(memory);
    for (const picture of [base, null]) {
      memory.hibernate(picture);
      expect(hashMemory(memory)).toBe(hash);
    }
    memory.become(memory.picture(base).flat());
    expect(hashMemory(memory)).toBe(hash);
  });
});
