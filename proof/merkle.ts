// Merkle trees over bytes in blocks of 1 KiB, kept from one state to the next: what has not changed is compared, not
// hashed again.
//
// Conventions
//   leaf   SHA-256 of a block: 1,024 bytes, zeros behind the end of the content
//   node   SHA-256 of its two children's hashes: 64 bytes. So no leaf can be taken for a node, nor a node for a leaf
//   depth  the least whose 2^depth leaves hold the content; what is behind it is zeros
import { sha256 as portable, type Sha256 } from "../runtime/sha256.js";
import { BLOCK_BYTES, type MemoryPicture } from "../runtime/store/memory-picture.js";

const HASH_BYTES = 32;
const BLOCK_WORDS = BLOCK_BYTES / 4;
const NO_BLOCKS = new Uint32Array(0);
const NO_BYTES = new Uint8Array(0);

/** Blocks by ascending numbers; all others are zeros. */
interface Blocks {
  readonly numbers: Uint32Array;
  readonly data: Uint8Array;
}

/** Hashes of subtrees of zeros, by their depth. */
class ZeroHashes {
  private readonly hashes: Uint8Array[];
  constructor(private readonly sha256: Sha256) {
    this.hashes = [sha256(new Uint8Array(BLOCK_BYTES))];
  }
  at(depth: number): Uint8Array {
    while (this.hashes.length <= depth) {
      const below = this.hashes.at(-1)!;
      this.hashes.push(this.sha256(joined(below, below)));
    }
    return this.hashes[depth]!;
  }
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(2 * HASH_BYTES);
  both.set(left);
  both.set(right, HASH_BYTES);
  return both;
}

export class MerkleTree {
  private readonly zeros: ZeroHashes;
  /** By level, leaves first: number → hash. What is not there is zeros. */
  private readonly levels: Map<number, Uint8Array>[] = [new Map()];
  /** Block number → its place in `copy`, which holds the content as it was last hashed. */
  private readonly places = new Map<number, number>();
  private copy = new Int32Array(16 * BLOCK_WORDS);
  /** The largest so far. */
  private depth = 0;
  /** Blocks of states that were compared so far, and those that were hashed: a matter of each state and the one before. */
  compared = 0;
  hashed = 0;

  /** @param sha256 the host's, if it has a faster one */
  constructor(private readonly sha256: Sha256 = portable) {
    this.zeros = new ZeroHashes(sha256);
  }

  /** The root of a memory: of its blocks, as the picture has them on top of its base. */
  ofMemory(picture: MemoryPicture): Uint8Array {
    return this.update(picture.byteLength, picture, picture.base ?? { numbers: NO_BLOCKS, data: NO_BYTES });
  }

  /** The root of plain bytes. */
  ofBytes(bytes: Uint8Array): Uint8Array {
    const count = Math.ceil(bytes.length / BLOCK_BYTES);
    const data = new Uint8Array(count * BLOCK_BYTES);
    data.set(bytes);
    const numbers = Uint32Array.from({ length: count }, (_, i) => i);
    return this.update(bytes.length, { numbers, data }, { numbers: NO_BLOCKS, data: NO_BYTES });
  }

  /** Hash of a node of the tree as it was hashed last; level 0 are leaves. */
  node(level: number, number: number): Uint8Array {
    return this.hashAt(level, number);
  }

  /** A block of the content as it was hashed last. */
  block(number: number): Uint8Array {
    const place = this.places.get(number);
    if (place === undefined) return ZEROS;
    const { buffer } = this.copy;
    return new Uint8Array(buffer, place * BLOCK_BYTES, BLOCK_BYTES);
  }

  private update(byteLength: number, own: Blocks, base: Blocks): Uint8Array {
    const count = Math.ceil(byteLength / BLOCK_BYTES);
    const changed = this.changedBlocks(count, own, base);
    let depth = 0;
    while (2 ** depth < count) depth++;
    // A deeper tree has more nodes on the way from its first leaf to its root.
    if (depth > this.depth && changed[0] !== 0) changed.unshift(0);
    this.depth = Math.max(depth, this.depth);
    let below = changed;
    // Above the root, too, where the tree was deeper before: it may be again.
    for (let level = 0; level < this.depth; level++) below = this.rehash(level, below);
    return this.hashAt(depth, 0);
  }

  /** Makes the nodes above the changed ones of a level anew. @returns their numbers, ascending */
  private rehash(level: number, changed: readonly number[]): number[] {
    this.levels[level + 1] ??= new Map();
    const above: number[] = [];
    for (const number of changed) {
      const parent = Math.floor(number / 2);
      if (parent === above.at(-1)) continue;
      above.push(parent);
      const hash = this.sha256(joined(this.hashAt(level, 2 * parent), this.hashAt(level, 2 * parent + 1)));
      this.levels[level + 1]!.set(parent, hash);
    }
    return above;
  }

  private hashAt(level: number, number: number): Uint8Array {
    return this.levels[level]?.get(number) ?? this.zeros.at(level);
  }

  /** Brings the copy and the leaves up to date. @returns the numbers of the blocks that differ from before, ascending */
  private changedBlocks(count: number, own: Blocks, base: Blocks): number[] {
    const changed: number[] = [];
    const seen = new Set<number>();
    let j = 0;
    const visit = (number: number, { data }: Blocks, i: number) => {
      if (number >= count) return;
      seen.add(number);
      this.compared++;
      if (this.take(number, data, i * BLOCK_BYTES)) changed.push(number);
    };
    for (let i = 0; i < own.numbers.length; i++) {
      const number = own.numbers[i]!;
      for (; j < base.numbers.length && base.numbers[j]! < number; j++) visit(base.numbers[j]!, base, j);
      // Of a block that both have, the picture's own counts.
      if (base.numbers[j] === number) j++;
      visit(number, own, i);
    }
    for (; j < base.numbers.length; j++) visit(base.numbers[j]!, base, j);
    if (seen.size < this.places.size) {
      for (const number of this.places.keys()) {
        if (!seen.has(number) && this.take(number, ZEROS, 0)) changed.push(number);
      }
      changed.sort((a, b) => a - b);
    }
    return changed;
  }

  /** Takes a block over, and hashes it if it differs from the one before. */
  private take(number: number, data: Uint8Array, at: number): boolean {
    let place = this.places.get(number);
    if (place === undefined) {
      place = this.places.size;
      this.places.set(number, place);
      if ((place + 1) * BLOCK_WORDS > this.copy.length) {
        const larger = new Int32Array(2 * this.copy.length);
        larger.set(this.copy);
        this.copy = larger;
      }
    }
    const words = new Int32Array(data.buffer, data.byteOffset + at, BLOCK_WORDS);
    const { copy } = this;
    const start = place * BLOCK_WORDS;
    let i = 0;
    while (i < BLOCK_WORDS && copy[start + i] === words[i]) i++;
    if (i === BLOCK_WORDS) return false;
    copy.set(words, start);
    this.levels[0]!.set(number, this.sha256(data.subarray(at, at + BLOCK_BYTES)));
    this.hashed++;
    return true;
  }
}

const ZEROS = new Uint8Array(BLOCK_BYTES);
