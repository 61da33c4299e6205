import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { Engine, Store } from "../../runtime/index.js";
import { sha256 } from "../../runtime/sha256.js";
import { MemoryInst } from "../../runtime/store/memory.js";
import { MemoryPicture } from "../../runtime/store/memory-picture.js";
import { MerkleTree } from "../merkle.js";

const digest = (...parts: Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest();

/** The definition, written out: nothing is kept, and zeros are hashed like anything else. */
function rootOf(bytes: Uint8Array): string {
  let level: Buffer[] = [];
  for (let at = 0; at < bytes.length || at === 0; at += 1024) {
    const block = Buffer.alloc(1024);
    block.set(bytes.subarray(at, at + 1024));
    level.push(digest(block));
  }
  const padded = 2 ** Math.ceil(Math.log2(level.length));
  while (level.length < padded) level.push(digest(Buffer.alloc(1024)));
  while (level.length > 1) level = level.flatMap((left, i) => (i % 2 === 0 ? [digest(left, level[i + 1]!)] : []));
  return level[0]!.toString("hex");
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 32;
  };
}

describe("a root is that of the definition", () => {
  test.each([0, 1, 1023, 1024, 1025, 2048, 2049, 5000, 8192, 100_000])("of %i bytes", (length) => {
    const next = random(length);
    const bytes = Uint8Array.from({ length }, () => next() * 256);
    expect(hex(new MerkleTree().ofBytes(bytes))).toBe(rootOf(bytes));
    expect(hex(new MerkleTree({ sha256: digest, isEqual: (a, b) => Buffer.compare(a, b) === 0 }).ofBytes(bytes))).toBe(
      rootOf(bytes),
    );
  });

  test("after each of 300 changes of content and length", () => {
    const next = random(1);
    const tree = new MerkleTree({ sha256 });
    let bytes = new Uint8Array(3000);
    for (let i = 0; i < 300; i++) {
      const kind = next();
      if (kind < 0.2) {
        const length = Math.floor(next() * 20_000);
        const other = new Uint8Array(length);
        other.set(bytes.subarray(0, length));
        bytes = other;
      } else if (kind < 0.3) bytes.fill(0, Math.floor(next() * bytes.length));
      else for (let j = 0; j < 5; j++) bytes[Math.floor(next() * bytes.length)] = next() * 256;
      expect(hex(tree.ofBytes(bytes)), `change ${i}`).toBe(rootOf(bytes));
    }
    expect(tree.hashed).toBeLessThan(tree.compared / 2);
  });
});

test("a memory that is looked at where it lies has the root, and the work, of its pictures", () => {
  const next = random(7);
  const isEqual = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;
  const [inPlace, plain, pictured] = [new MerkleTree({ isEqual }), new MerkleTree(), new MerkleTree()];
  // 1 MiB near, pages of 4 KiB behind it, and a last block that is not whole.
  const store = new Store(new Engine());
  const type = { limits: { min: 3_000_001, max: undefined }, is64: false, shared: false, pageSizeLog2: 0 };
  const memory = new MemoryInst(type, store);
  for (let change = 0; change < 40; change++) {
    const length = 1 + Math.floor(next() * 5000);
    const at = Math.floor(next() * (memory.byteLength - length));
    // Every third takes something away.
    memory.write(
      at,
      Uint8Array.from({ length }, () => (change % 3 === 2 ? 0 : next() * 256)),
    );
    const passing = () => memory.picture(null, "passing");
    const root = hex(pictured.ofMemory(memory.picture()));
    expect(hex(inPlace.ofMemory(passing())), `change ${change}`).toBe(root);
    expect(hex(plain.ofMemory(passing())), `change ${change}`).toBe(root);
  }
  expect(hex(pictured.again())).toBe(rootOf(memory.read(0, memory.byteLength)));
  for (const tree of [inPlace, plain]) {
    tree.again();
    expect([tree.compared, tree.hashed]).toEqual([pictured.compared, pictured.hashed]);
  }
});

test("a memory's root does not depend on the base of its picture", () => {
  const bytes = new Uint8Array(40_960);
  bytes[5] = 1;
  bytes[20_000] = 2;
  const base = MemoryPicture.of(bytes, bytes.length, null);
  bytes[5] = 0;
  bytes[40_000] = 3;
  const tree = new MerkleTree();
  tree.ofMemory(base);
  expect(hex(tree.ofMemory(MemoryPicture.of(bytes, bytes.length, base)))).toBe(rootOf(bytes));
  expect(hex(new MerkleTree().ofMemory(MemoryPicture.of(bytes, bytes.length, null)))).toBe(rootOf(bytes));
  expect(hex(tree.ofMemory(MemoryPicture.empty(bytes.length)))).toBe(rootOf(new Uint8Array(bytes.length)));
});
