// Pictures of linear memories: the blocks in which one differs from another picture, or from zeros.
// A guest touches little of the memory that it declares, so a picture is small.

/** Bytes of a block. */
export const BLOCK_BYTES = 1024;
const BLOCK_WORDS = BLOCK_BYTES / 4;

export class MemoryImage {
  /** Block number → which block of `data` it is, −1 if none; made when first asked for. */
  private index: Int32Array | null = null;
  private flattened: MemoryImage | null = null;

  /**
   * @param byteLength of the memory
   * @param base what the other blocks are: a picture without a base of its own, or null for zeros
   * @param numbers of the blocks in `data`, ascending; the last one is within the memory
   * @param data the blocks, one behind the other; zeros behind the memory's end
   */
  constructor(
    readonly byteLength: number,
    readonly base: MemoryImage | null,
    readonly numbers: Uint32Array,
    readonly data: Uint8Array,
  ) {}

  /** A memory of zeros. */
  static empty(byteLength: number): MemoryImage {
    return new MemoryImage(byteLength, null, new Uint32Array(0), new Uint8Array(0));
  }

  /** The same picture as `base`, with nothing of its own. */
  static like(base: MemoryImage): MemoryImage {
    return new MemoryImage(base.byteLength, base, new Uint32Array(0), new Uint8Array(0));
  }

  /**
   * Takes a picture of a memory of `byteLength` bytes.
   * @param bytes its beginning, behind which it is all zeros, at least up to the end of `base`; 4-byte aligned, and
   *   with zeros behind it up to a multiple of 4
   */
  static of(bytes: Uint8Array, byteLength: number, base: MemoryImage | null): MemoryImage {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, Math.ceil(bytes.length / 4));
    const blocks = Math.ceil(bytes.length / BLOCK_BYTES);
    const baseIndex = base?.blockIndex() ?? NO_INDEX;
    const baseWords = base === null ? NO_WORDS : new Int32Array(base.data.buffer, base.data.byteOffset);
    const numbers: number[] = [];
    for (let block = 0; block < blocks; block++) {
      const from = block * BLOCK_WORDS;
      const to = Math.min(from + BLOCK_WORDS, words.length);
      const at = block < baseIndex.length ? baseIndex[block]! : -1;
      const same = at < 0 ? isZero(words, from, to) : isSame(words, from, to, baseWords, at * BLOCK_WORDS);
      if (!same) numbers.push(block);
    }
    const data = new Uint8Array(numbers.length * BLOCK_BYTES);
    for (let i = 0; i < numbers.length; i++) {
      const from = numbers[i]! * BLOCK_BYTES;
      data.set(bytes.subarray(from, Math.min(from + BLOCK_BYTES, bytes.length)), i * BLOCK_BYTES);
    }
    return new MemoryImage(byteLength, base, Uint32Array.from(numbers), data);
  }

  /** Bytes that this picture holds beside its base. */
  get ownBytes(): number {
    return this.data.length + this.numbers.byteLength;
  }

  /** Bytes of the memory up to which this picture and its base have blocks. */
  get end(): number {
    const { numbers, base, byteLength } = this;
    const own = numbers.length === 0 ? 0 : (numbers[numbers.length - 1]! + 1) * BLOCK_BYTES;
    return Math.min(byteLength, Math.max(own, base?.end ?? 0));
  }

  /** The memory's bytes into `target`, which holds zeros up to {@link end}. */
  writeTo(target: Uint8Array): void {
    const { base, numbers, data, byteLength } = this;
    if (base !== null) base.writeBlocks(target, byteLength);
    for (let i = 0; i < numbers.length; i++) writeBlock(target, numbers[i]! * BLOCK_BYTES, data, i, byteLength);
  }

  /** Blocks of a base, as far as they lie in a memory of `byteLength`, which may be smaller. */
  private writeBlocks(target: Uint8Array, byteLength: number): void {
    const { numbers, data } = this;
    for (let i = 0; i < numbers.length; i++) {
      const at = numbers[i]! * BLOCK_BYTES;
      if (at < byteLength) writeBlock(target, at, data, i, byteLength);
    }
  }

  /** The same picture without a base. */
  flat(): MemoryImage {
    if (this.base === null) return this;
    this.flattened ??= this.flatten(this.base);
    return this.flattened;
  }

  private flatten(base: MemoryImage): MemoryImage {
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
    return new MemoryImage(byteLength, null, numbers, data);
  }

  private blockIndex(): Int32Array {
    if (this.index === null) {
      this.index = new Int32Array(Math.ceil(this.byteLength / BLOCK_BYTES)).fill(-1);
      for (let i = 0; i < this.numbers.length; i++) this.index[this.numbers[i]!] = i;
    }
    return this.index;
  }
}

const NO_INDEX = new Int32Array(0);
const NO_WORDS = new Int32Array(0);

function writeBlock(target: Uint8Array, at: number, data: Uint8Array, i: number, byteLength: number): void {
  const from = i * BLOCK_BYTES;
  target.set(data.subarray(from, from + Math.min(BLOCK_BYTES, byteLength - at)), at);
}

function isZero(words: Int32Array, from: number, to: number): boolean {
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
  for (let i = from, j = start; i < to; i++, j++) if (words[i] !== others[j]) return false;
  return true;
}
