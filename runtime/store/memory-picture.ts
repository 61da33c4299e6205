// Pictures of linear memories: the blocks in which one differs from another picture, or from zeros.
// A guest touches little of the memory that it declares, so a picture is small.
import type { MemoryViews } from "./memory-views.js";
import { isSame, isZero } from "./same-words.js";
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

  /**
   * Takes a picture of a memory of which is known what has been written since another picture of it.
   * @param bytes as of {@link of}; behind it lie zeros
   * @param since what the memory held, over the same base; {@link canTell}
   * @param written per page: 1 if something was. A store that begins in one may end in the next one's first block
   */
  static changed(bytes: Uint8Array, byteLength: number, since: MemoryPicture, written: Uint8Array): MemoryPicture {
    const { base, byteLength: before, numbers: known, data: knownData } = since;
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, Math.ceil(bytes.length / 4));
    const baseWords = base === null ? NO_WORDS : new Int32Array(base.data.buffer, base.data.byteOffset);
    const blocks = writtenBlocks(written, Math.ceil(bytes.length / BLOCK_BYTES));
    if (blocks.length === 0 && before === byteLength) return since;
    const numbers: number[] = [];
    /** Per number: its place in the data of `since`, or −1 where it is of the memory. */
    const places: number[] = [];
    let next = 0;
    const keep = (end: number) => {
      for (; next < known.length && known[next]! < end; next++) {
        numbers.push(known[next]!);
        places.push(next);
      }
    };
    for (const block of blocks) {
      keep(block);
      if (known[next] === block) next++;
      const from = block * BLOCK_WORDS;
      const to = Math.min(from + BLOCK_WORDS, words.length);
      const place = base?.placeOf(block) ?? -1;
      const same = place < 0 ? isZero(words, from, to) : isSame(words, from, to, baseWords, place * BLOCK_WORDS);
      if (same) continue;
      numbers.push(block);
      places.push(-1);
    }
    keep(Number.POSITIVE_INFINITY);
    const data = new Uint8Array(numbers.length * BLOCK_BYTES);
    numbers.forEach((number, i) => {
      const [from, at] = places[i]! < 0 ? [bytes, number * BLOCK_BYTES] : [knownData, places[i]! * BLOCK_BYTES];
      data.set(from.subarray(at, at + BLOCK_BYTES), i * BLOCK_BYTES);
    });
    return new MemoryPicture(byteLength, base, Uint32Array.from(numbers), data);
  }

  /** Whether {@link changed} can begin here: what a base holds behind a memory's end would seem to be in it once it grows. */
  get canTell(): boolean {
    return this.unsettled === null && (this.base === null || this.base.byteLength <= this.byteLength);
  }

  private places: Int32Array | null = null;

  /** Where a block of a picture without a base is in its data; −1 if it is zeros. */
  private placeOf(block: number): number {
    if (this.places === null) {
      const { numbers } = this;
      this.places = new Int32Array((numbers.at(-1) ?? -1) + 1).fill(-1);
      for (const [i, number] of numbers.entries()) this.places[number] = i;
    }
    return this.places[block] ?? -1;
  }

  /** A buffer of a memory that sleeps, and what is in it: of pictures without a base. One is kept. */
  private spare: { readonly views: MemoryViews; readonly holds: MemoryPicture } | null = null;

  /** Gives the buffer whose memory this is a picture of to the next one that begins as its base does. */
  giveSpare(views: MemoryViews): void {
    const { base } = this;
    if (base !== null && this.unsettled === null) base.spare = { views, holds: this };
  }

  /**
   * A buffer that holds what the base does, zeros behind it, if a memory has left one that is large enough for this
   * picture, and no larger than `most`.
   */
  takeSpare(most: number): MemoryViews | null {
    const { base, byteLength } = this;
    const spare = base?.spare ?? null;
    if (base === null || spare === null) return null;
    const { views, holds } = spare;
    const { length } = views.u8;
    if (base.byteLength > byteLength || length > most || length < Math.max(this.denseEnd, base.denseEnd)) return null;
    base.spare = null;
    for (const number of holds.numbers) {
      const at = number * BLOCK_BYTES;
      const place = base.placeOf(number);
      if (place < 0) views.u8.fill(0, at, Math.min(at + BLOCK_BYTES, length));
      else
        views.u8.set(
          base.data.subarray(place * BLOCK_BYTES, place * BLOCK_BYTES + Math.min(BLOCK_BYTES, length - at)),
          at,
        );
    }
    return views;
  }

  /** Writes what this picture has beside its base, which `target` holds: see {@link writeTo}. */
  writeOwn(target: Uint8Array, pages: SparsePages | null): void {
    this.writeBlocks(target, pages, this.byteLength);
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

/** Numbers below `end` of the blocks that may have been written, ascending. */
function writtenBlocks(written: Uint8Array, end: number): number[] {
  const blocks: number[] = [];
  const words = new Int32Array(written.buffer, written.byteOffset, written.length >> 2);
  for (let word = 0; word < words.length; word++) {
    if (words[word] === 0) continue;
    for (let page = word * 4; page < word * 4 + 4; page++) {
      if (written[page] === 0) continue;
      const first = page * PAGE_BLOCKS;
      // The page's own, and the first one behind it.
      for (let block = blocks.at(-1) === first ? first + 1 : first; block <= first + PAGE_BLOCKS; block++) {
        if (block < end) blocks.push(block);
      }
    }
  }
  return blocks;
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
