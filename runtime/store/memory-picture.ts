// Pictures of linear memories: the blocks in which one differs from another picture, or from zeros.
// A guest touches little of the memory that it declares, so a picture is small.
import { PAGE_BYTES, type SparsePages } from "./sparse-pages.js";

/** Bytes of a block. */
export const BLOCK_BYTES = 1024;
const BLOCK_WORDS = BLOCK_BYTES / 4;
const PAGE_BLOCKS = PAGE_BYTES / BLOCK_BYTES;
/** A memory's beginning is worth a buffer as far as at least one block in so many has something in it. */
const DENSE = 16;

/** How long a picture is to last, and whether it is likely to be looked at: see CaptureOptions.manner. */
export type PictureManner = "lasting" | "deferred" | "passing";

/** A memory as it lies: its beginning, and what lies behind that; null if that is all zeros. */
export interface PictureSource {
  readonly bytes: Uint8Array;
  readonly pages: SparsePages | null;
}

export class MemoryPicture {
  private flattened: MemoryPicture | null = null;

  /** What is not compared with the base yet: the memory, or a copy of it. */
  private unsettled: PictureSource | null = null;
  private isCopied = false;

  /**
   * @param byteLength of the memory
   * @param base what the other blocks are: a picture without a base of its own, or null for zeros
   * @param ownNumbers of the blocks in `ownData`, ascending; the last one is within the memory
   * @param ownData the blocks, one behind the other; zeros behind the memory's end
   */
  constructor(
    readonly byteLength: number,
    readonly base: MemoryPicture | null,
    private ownNumbers: Uint32Array,
    private ownData: Uint8Array,
  ) {}

  /**
   * A picture that is made when it is first looked at, of a copy that is nobody else's until then: to compare takes five
   * times as long as to copy, and most pictures of a session before its run are never looked at.
   * @param copy as the bytes of {@link of}; zeros lie behind them
   */
  static deferred(copy: Uint8Array, byteLength: number, base: MemoryPicture | null): MemoryPicture {
    const picture = MemoryPicture.passing(copy, byteLength, base, null);
    picture.isCopied = true;
    return picture;
  }

  /**
   * A picture that is made when it is first looked at, of the memory itself: to be looked at before that changes. What
   * only wants to read the memory, such as a hash of it, takes {@link source}, and nothing is compared.
   * @param bytes as those of {@link of}, and `pages`
   */
  static passing(
    bytes: Uint8Array,
    byteLength: number,
    base: MemoryPicture | null,
    pages: SparsePages | null,
  ): MemoryPicture {
    const picture = new MemoryPicture(byteLength, base, NO_NUMBERS, NO_BYTES);
    picture.unsettled = { bytes, pages };
    return picture;
  }

  /** The memory, or the copy, that the picture is going to be made of; null when it has been made. */
  get source(): PictureSource | null {
    return this.unsettled;
  }

  get numbers(): Uint32Array {
    this.settle();
    return this.ownNumbers;
  }

  get data(): Uint8Array {
    this.settle();
    return this.ownData;
  }

  /** Makes a deferred or passing picture. */
  settle(): void {
    if (this.unsettled === null) return;
    const { bytes, pages } = this.unsettled;
    const { numbers, data } = MemoryPicture.of(bytes, this.byteLength, this.base, pages);
    this.unsettled = null;
    this.ownNumbers = numbers;
    this.ownData = data;
  }

  /** Gives a copy back that was never looked at: the picture is not to be used any more. */
  giveUp(): Uint8Array | null {
    if (!this.isCopied) return null;
    const { unsettled } = this;
    this.unsettled = null;
    return unsettled?.bytes ?? null;
  }

  /** A memory of zeros. */
  static empty(byteLength: number): MemoryPicture {
    return new MemoryPicture(byteLength, null, new Uint32Array(0), new Uint8Array(0));
  }

  /** The same picture as `base`, with nothing of its own. */
  static like(base: MemoryPicture): MemoryPicture {
    return new MemoryPicture(base.byteLength, base, new Uint32Array(0), new Uint8Array(0));
  }

  /**
   * Takes a picture of a memory of `byteLength` bytes.
   * @param bytes its beginning; 4-byte aligned, and with zeros behind it up to a multiple of 4. It ends with the memory
   *   or at a multiple of a page's size
   * @param pages what lies behind `bytes`; null if that is all zeros
   */
  static of(
    bytes: Uint8Array,
    byteLength: number,
    base: MemoryPicture | null,
    pages: SparsePages | null = null,
  ): MemoryPicture {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, Math.ceil(bytes.length / 4));
    const blocks = Math.ceil(bytes.length / BLOCK_BYTES);
    const baseNumbers = base?.numbers ?? NO_NUMBERS;
    const baseWords = base === null ? NO_WORDS : new Int32Array(base.data.buffer, base.data.byteOffset);
    const numbers: number[] = [];
    let next = 0;
    for (let block = 0; block < blocks; block++) {
      const from = block * BLOCK_WORDS;
      const to = Math.min(from + BLOCK_WORDS, words.length);
      const same =
        baseNumbers[next] === block
          ? isSame(words, from, to, baseWords, next++ * BLOCK_WORDS)
          : isZero(words, from, to);
      if (!same) numbers.push(block);
    }
    const near = numbers.length;
    const far: Int32Array[] = [];
    for (const block of blocksBehind(blocks, byteLength, baseNumbers, next, pages)) {
      const found = blockOf(pages, block);
      const words = Math.ceil(Math.min(BLOCK_BYTES, byteLength - block * BLOCK_BYTES) / 4);
      while (baseNumbers[next]! < block) next++;
      const same =
        baseNumbers[next] === block ? isSame(found, 0, words, baseWords, next * BLOCK_WORDS) : isZero(found, 0, words);
      if (same) continue;
      numbers.push(block);
      far.push(found);
    }
    const data = new Uint8Array(numbers.length * BLOCK_BYTES);
    for (let i = 0; i < near; i++) {
      const from = numbers[i]! * BLOCK_BYTES;
      data.set(bytes.subarray(from, Math.min(from + BLOCK_BYTES, bytes.length)), i * BLOCK_BYTES);
    }
    far.forEach((block, i) => {
      data.set(new Uint8Array(block.buffer, block.byteOffset, BLOCK_BYTES), (near + i) * BLOCK_BYTES);
    });
    return new MemoryPicture(byteLength, base, Uint32Array.from(numbers), data);
  }

  /** Bytes that this picture holds beside its base. */
  get ownBytes(): number {
    return this.data.length + this.numbers.byteLength;
  }

  /** Bytes of the memory up to which a buffer is worth its room: behind it blocks are few and far between. */
  get denseEnd(): number {
    const { numbers, base, byteLength } = this;
    let i = numbers.length;
    while (i > 0 && i * DENSE < numbers[i - 1]! + 1) i--;
    const own = i === 0 ? 0 : (numbers[i - 1]! + 1) * BLOCK_BYTES;
    return Math.min(byteLength, Math.max(own, base?.denseEnd ?? 0));
  }

  /**
   * The memory's bytes into `target`, which holds zeros.
   * @param pages where blocks behind the end of `target` go, which is at a multiple of their size; null if there are none
   */
  writeTo(target: Uint8Array, pages: SparsePages | null = null): void {
    this.base?.writeBlocks(target, pages, this.byteLength);
    this.writeBlocks(target, pages, this.byteLength);
  }

  /** Blocks as far as they lie in a memory of `byteLength`, which may be smaller than a base. */
  private writeBlocks(target: Uint8Array, pages: SparsePages | null, byteLength: number): void {
    const { numbers, data } = this;
    const near = Math.min(target.length, byteLength);
    for (let i = 0; i < numbers.length; i++) {
      const at = numbers[i]! * BLOCK_BYTES;
      // Blocks that lie one behind the other at once: most of a large memory is one piece.
      let count = 1;
      while (numbers[i + count] === numbers[i]! + count && at + (count + 1) * BLOCK_BYTES <= near) count++;
      if (count > 1) {
        target.set(data.subarray(i * BLOCK_BYTES, (i + count) * BLOCK_BYTES), at);
        i += count - 1;
        continue;
      }
      if (at < target.length) writeBlock(target, at, data, i, byteLength);
      else if (at < byteLength) pages!.write(at, data, i * BLOCK_BYTES, Math.min(BLOCK_BYTES, byteLength - at));
    }
  }

  /** The same picture without a base. */
  flat(): MemoryPicture {
    if (this.base === null) return this;
    this.flattened ??= this.flatten(this.base);
    return this.flattened;
  }

  private flatten(base: MemoryPicture): MemoryPicture {
    const { byteLength, numbers: own, data: ownData } = this;
    const below = base.numbers.filter((number) => number * BLOCK_BYTES < byteLength);
    const numbers = Uint32Array.from(new Set([...own, ...below])).sort();
    const data = new Uint8Array(numbers.length * BLOCK_BYTES);
    let i = 0;
    let j = 0;
    numbers.forEach((number, at) => {
      const isBelow = below[j] === number;
      // Of a block that both have, this picture's counts.
      if (own[i] === number) data.set(ownData.subarray(i * BLOCK_BYTES, ++i * BLOCK_BYTES), at * BLOCK_BYTES);
      else writeBlock(data, at * BLOCK_BYTES, base.data, j, at * BLOCK_BYTES + byteLength - number * BLOCK_BYTES);
      if (isBelow) j++;
    });
    return new MemoryPicture(byteLength, null, numbers, data);
  }
}

/** Numbers from `first` on of the blocks that are in `pages` or among `baseNumbers`, which are read from `next` on; ascending. */
function blocksBehind(
  first: number,
  byteLength: number,
  baseNumbers: Uint32Array,
  next: number,
  pages: SparsePages | null,
): number[] {
  const end = Math.ceil(byteLength / BLOCK_BYTES);
  const found = new Set<number>();
  for (let i = next; i < baseNumbers.length; i++) if (baseNumbers[i]! >= first) found.add(baseNumbers[i]!);
  for (const page of pages?.numbers() ?? []) for (let i = 0; i < PAGE_BLOCKS; i++) found.add(page * PAGE_BLOCKS + i);
  return [...found].filter((block) => block < end).sort((a, b) => a - b);
}

/** The words of a block behind the buffer, not a copy. */
function blockOf(pages: SparsePages | null, block: number): Int32Array {
  const number = Math.floor(block / PAGE_BLOCKS);
  const page = pages?.page(number);
  if (page == null) return ZEROS;
  return new Int32Array(page.buffer, page.byteOffset + (block - number * PAGE_BLOCKS) * BLOCK_BYTES, BLOCK_WORDS);
}

const ZEROS = new Int32Array(BLOCK_WORDS);
const NO_NUMBERS = new Uint32Array(0);
const NO_WORDS = new Int32Array(0);
const NO_BYTES = new Uint8Array(0);

function writeBlock(target: Uint8Array, at: number, data: Uint8Array, i: number, byteLength: number): void {
  const from = i * BLOCK_BYTES;
  target.set(data.subarray(from, from + Math.min(BLOCK_BYTES, byteLength - at)), at);
}

/** Whether the words from `from` to `to` are all zero. */
export function isZero(words: Int32Array, from: number, to: number): boolean {
  let i = from;
  // Eight at a time: most of a memory is zeros, and this reads all of it.
  for (const end = to - 7; i < end; i += 8) {
    const any =
      words[i]! |
      words[i + 1]! |
      words[i + 2]! |
      words[i + 3]! |
      words[i + 4]! |
      words[i + 5]! |
      words[i + 6]! |
      words[i + 7]!;
    if (any !== 0) return false;
  }
  for (; i < to; i++) if (words[i] !== 0) return false;
  return true;
}

function isSame(words: Int32Array, from: number, to: number, others: Int32Array, start: number): boolean {
  let i = from;
  let j = start;
  for (const end = to - 7; i < end; i += 8, j += 8) {
    const differs =
      (words[i]! ^ others[j]!) |
      (words[i + 1]! ^ others[j + 1]!) |
      (words[i + 2]! ^ others[j + 2]!) |
      (words[i + 3]! ^ others[j + 3]!) |
      (words[i + 4]! ^ others[j + 4]!) |
      (words[i + 5]! ^ others[j + 5]!) |
      (words[i + 6]! ^ others[j + 6]!) |
      (words[i + 7]! ^ others[j + 7]!);
    if (differs !== 0) return false;
  }
  for (; i < to; i++, j++) if (words[i] !== others[j]) return false;
  return true;
}
