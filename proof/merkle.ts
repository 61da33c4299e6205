// Merkle trees over bytes in blocks of 1 KiB, kept from one state to the next: what has not changed is compared, not
// hashed again. A memory is compared where it lies, 16 KiB at once where the host has something fast for that.
//
// Conventions
//   leaf   SHA-256 of a block: 1,024 bytes, zeros behind the end of the content
//   node   SHA-256 of its two children's hashes: 64 bytes. So no leaf can be taken for a node, nor a node for a leaf
//   depth  the least whose 2^depth leaves hold the content; what is behind it is zeros
import { sha256 as portable, type Sha256 } from "../runtime/sha256.js";
import { BLOCK_BYTES, type MemoryPicture } from "../runtime/store/memory-picture.js";
import { isSame, isZero } from "../runtime/store/same-words.js";
import { PAGE_BYTES, type SparsePages } from "../runtime/store/sparse-pages.js";

const HASH_BYTES = 32;
const BLOCK_WORDS = BLOCK_BYTES / 4;
/** Blocks that are compared at once. */
const STRETCH = 16;
const NO_BLOCKS = { numbers: new Uint32Array(0), data: new Uint8Array(0) };

/** Whether two rows of as many bytes are equal: the host may have something faster than a loop. */
export type IsEqual = (a: Uint8Array, b: Uint8Array) => boolean;

/** What of the host's trees are made with; what it has nothing faster for is left out. */
export interface HashTools {
  readonly sha256?: Sha256 | undefined;
  readonly isEqual?: IsEqual | undefined;
}

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
  private readonly sha256: Sha256;
  private readonly zeros: ZeroHashes;
  /** By level, leaves first: number → hash. What is not there is zeros. */
  private readonly levels: Map<number, Uint8Array>[] = [new Map()];
  /** The content as it was last hashed: its beginning, and blocks behind that by their numbers. */
  private near = new Int32Array(0);
  private readonly far = new Map<number, Int32Array>();
  /** Numbers of the blocks that are not zeros; none of them was ever larger than `top`. */
  private readonly held = new Set<number>();
  private top = -1;
  /** The largest so far. */
  private depth = 0;
  private root: Uint8Array;
  private readonly pair = new Uint8Array(2 * HASH_BYTES);
  /**
   * Work so far. For each state the blocks that are not zeros, which have to be compared, and those that differ from the
   * state before, which are hashed: a matter of the states alone, however they were looked at.
   */
  compared = 0;
  hashed = 0;

  constructor(private readonly tools: HashTools = {}) {
    this.sha256 = tools.sha256 ?? portable;
    this.zeros = new ZeroHashes(this.sha256);
    this.root = this.zeros.at(0);
  }

  /** The root of a memory: of the memory itself or its copy, as long as the picture has that, otherwise of its blocks. */
  ofMemory(picture: MemoryPicture): Uint8Array {
    const { byteLength, source } = picture;
    const count = Math.ceil(byteLength / BLOCK_BYTES);
    if (source !== null) return this.update(count, this.changesOfBytes(source.bytes, source.pages, count));
    return this.update(count, this.changesOfBlocks(count, picture, picture.base ?? NO_BLOCKS));
  }

  /** The root of plain bytes. */
  ofBytes(bytes: Uint8Array): Uint8Array {
    const count = Math.ceil(bytes.length / BLOCK_BYTES);
    // Words are compared.
    const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
    return this.update(count, this.changesOfBytes(aligned, null, count));
  }

  /** The root of the same content once more: as much work as finding out that it is the same. */
  again(): Uint8Array {
    this.compared += this.held.size;
    return this.root;
  }

  /** Bytes that the tree has copied. */
  get contentBytes(): number {
    return this.near.byteLength + this.far.size * BLOCK_BYTES;
  }

  /** Hash of a node of the tree as it was hashed last; level 0 are leaves. */
  node(level: number, number: number): Uint8Array {
    return this.hashAt(level, number);
  }

  /** A block of the content as it was hashed last. */
  block(number: number): Uint8Array {
    const words = this.wordsOf(number);
    return words === null ? ZEROS : new Uint8Array(words.buffer, words.byteOffset, BLOCK_BYTES);
  }

  /** @param changed numbers of the blocks that differ from before, ascending */
  private update(count: number, changed: number[]): Uint8Array {
    this.compared += this.held.size;
    let depth = 0;
    while (2 ** depth < count) depth++;
    // A deeper tree has more nodes on the way from its first leaf to its root.
    if (depth > this.depth && changed[0] !== 0) changed.unshift(0);
    this.depth = Math.max(depth, this.depth);
    let below = changed;
    // Above the root, too, where the tree was deeper before: it may be again.
    for (let level = 0; level < this.depth; level++) below = this.rehash(level, below);
    this.root = this.hashAt(depth, 0);
    return this.root;
  }

  /** Makes the nodes above the changed ones of a level anew. @returns their numbers, ascending */
  private rehash(level: number, changed: readonly number[]): number[] {
    this.levels[level + 1] ??= new Map();
    const { pair } = this;
    const above: number[] = [];
    for (const number of changed) {
      const parent = Math.floor(number / 2);
      if (parent === above.at(-1)) continue;
      above.push(parent);
      pair.set(this.hashAt(level, 2 * parent));
      pair.set(this.hashAt(level, 2 * parent + 1), HASH_BYTES);
      this.levels[level + 1]!.set(parent, this.sha256(pair));
    }
    return above;
  }

  private hashAt(level: number, number: number): Uint8Array {
    return this.levels[level]?.get(number) ?? this.zeros.at(level);
  }

  // ---- Finding what differs; the copy and the leaves are then up to date, and the numbers ascending ----

  /** @param bytes aligned for words; behind them are `pages` */
  private changesOfBytes(bytes: Uint8Array, pages: SparsePages | null, count: number): number[] {
    const { isEqual } = this.tools;
    const changed: number[] = [];
    const whole = Math.floor(bytes.length / BLOCK_BYTES);
    const blocks = Math.ceil(bytes.length / BLOCK_BYTES);
    this.cover(blocks);
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, whole * BLOCK_WORDS);
    const known = new Uint8Array(this.near.buffer);
    for (let block = 0; block < whole; block += STRETCH) {
      const end = Math.min(block + STRETCH, whole);
      const [from, to] = [block * BLOCK_BYTES, end * BLOCK_BYTES];
      if (isEqual?.(bytes.subarray(from, to), known.subarray(from, to))) continue;
      for (let number = block; number < end; number++)
        if (this.take(number, words, number * BLOCK_WORDS)) changed.push(number);
    }
    if (whole < blocks) {
      const last = new Uint8Array(BLOCK_BYTES);
      last.set(bytes.subarray(whole * BLOCK_BYTES));
      if (this.take(whole, new Int32Array(last.buffer), 0)) changed.push(whole);
    }
    for (const number of this.numbersBehind(blocks, pages)) {
      const page = number < count ? pages?.page(Math.floor(number / PAGE_BLOCKS)) : null;
      const at = (number % PAGE_BLOCKS) * BLOCK_BYTES;
      const found = page == null ? ZERO_WORDS : new Int32Array(page.buffer, page.byteOffset + at, BLOCK_WORDS);
      if (this.take(number, found, 0)) changed.push(number);
    }
    return changed;
  }

  /** Numbers from `first` on of blocks that are in `pages`, or are not zeros until now; ascending. */
  private numbersBehind(first: number, pages: SparsePages | null): number[] {
    const found = new Set<number>();
    for (const page of pages?.numbers() ?? []) for (let i = 0; i < PAGE_BLOCKS; i++) found.add(page * PAGE_BLOCKS + i);
    if (this.top >= first) for (const number of this.held) if (number >= first) found.add(number);
    return [...found].sort((a, b) => a - b);
  }

  private changesOfBlocks(count: number, own: Blocks, base: Blocks): number[] {
    const changed: number[] = [];
    const seen = new Set<number>();
    let j = 0;
    const visit = (number: number, { data }: Blocks, i: number) => {
      if (number >= count) return;
      seen.add(number);
      const words = new Int32Array(data.buffer, data.byteOffset + i * BLOCK_BYTES, BLOCK_WORDS);
      if (this.take(number, words, 0)) changed.push(number);
    };
    for (let i = 0; i < own.numbers.length; i++) {
      const number = own.numbers[i]!;
      for (; j < base.numbers.length && base.numbers[j]! < number; j++) visit(base.numbers[j]!, base, j);
      // Of a block that both have, the picture's own counts.
      if (base.numbers[j] === number) j++;
      visit(number, own, i);
    }
    for (; j < base.numbers.length; j++) visit(base.numbers[j]!, base, j);
    const gone = [...this.held].filter((number) => !seen.has(number));
    for (const number of gone) if (this.take(number, ZERO_WORDS, 0)) changed.push(number);
    return gone.length === 0 ? changed : changed.sort((a, b) => a - b);
  }

  /** Takes a block over, and hashes it if it differs from the one before. */
  private take(number: number, words: Int32Array, at: number): boolean {
    const known = this.wordsOf(number) ?? ZERO_WORDS;
    if (isSame(words, at, at + BLOCK_WORDS, known, 0)) return false;
    this.hashed++;
    const copy = this.roomFor(number);
    copy.set(words.subarray(at, at + BLOCK_WORDS));
    if (isZero(copy, 0, BLOCK_WORDS)) {
      this.held.delete(number);
      this.levels[0]!.delete(number);
    } else {
      this.held.add(number);
      this.top = Math.max(this.top, number);
      this.levels[0]!.set(number, this.sha256(this.block(number)));
    }
    return true;
  }

  // ---- The copy ----

  private wordsOf(number: number): Int32Array | null {
    const at = number * BLOCK_WORDS;
    return at < this.near.length ? this.near.subarray(at, at + BLOCK_WORDS) : (this.far.get(number) ?? null);
  }

  private roomFor(number: number): Int32Array {
    const known = this.wordsOf(number);
    if (known !== null) return known;
    const words = new Int32Array(BLOCK_WORDS);
    this.far.set(number, words);
    return words;
  }

  /** Has the first blocks lie one behind the other. */
  private cover(blocks: number): void {
    if (blocks * BLOCK_WORDS <= this.near.length) return;
    const larger = new Int32Array(Math.max(blocks * BLOCK_WORDS, Math.min(2 * this.near.length, 1 << 20)));
    larger.set(this.near);
    this.near = larger;
    for (const [number, words] of this.far) {
      const at = number * BLOCK_WORDS;
      if (at >= larger.length) continue;
      larger.set(words, at);
      this.far.delete(number);
    }
  }
}

const PAGE_BLOCKS = PAGE_BYTES / BLOCK_BYTES;
const ZEROS = new Uint8Array(BLOCK_BYTES);
const ZERO_WORDS = new Int32Array(BLOCK_WORDS);
