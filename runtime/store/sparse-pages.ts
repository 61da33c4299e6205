// What a memory holds behind its buffer: pages of 4 KiB that were written, wherever they are. Behind the buffer all else
// is zero, and takes no room: a store at 4 GiB − 4 costs one slab.
import { MemoryLimitExceeded } from "../errors.js";

/** Bytes of a page; buffers end at multiples of it, so that no page lies partly in one. */
export const PAGE_BYTES = 4096;
/** Pages come in buffers of 16: one of its own would cost V8 three objects for each page. */
const SLAB_PAGES = 16;
const SLAB_BYTES = SLAB_PAGES * PAGE_BYTES;
/** Pictures of memories number blocks of 1 KiB in 32 bits. */
const MAX_PAGES = 2 ** 30;

export class SparsePages {
  /** Page number → its slot: page `slot % 16` of slab `slot / 16`. */
  private readonly slots = new Map<number, number>();
  private readonly slabs: Uint8Array[] = [];
  /** Slots that are in no use, zeroed. */
  private readonly free: number[] = [];

  /** @param allocate a zeroed buffer of so many bytes */
  constructor(private readonly allocate: (bytes: number) => ArrayBuffer) {}

  /** Pages that hold something. */
  get count(): number {
    return this.slots.size;
  }

  get isEmpty(): boolean {
    return this.slots.size === 0;
  }

  /** Numbers of the pages that hold something, ascending. */
  numbers(): number[] {
    return [...this.slots.keys()].sort((a, b) => a - b);
  }

  /** The bytes of a page, not a copy; null if it is all zeros. */
  page(number: number): Uint8Array | null {
    const slot = this.slots.get(number);
    return slot === undefined ? null : this.bytesOf(slot);
  }

  /** Copies the bytes `[address, address + length)` to `target`. */
  read(address: number, length: number, target: Uint8Array, to: number): void {
    for (let done = 0; done < length; ) {
      const number = Math.floor((address + done) / PAGE_BYTES);
      const start = address + done - number * PAGE_BYTES;
      const n = Math.min(PAGE_BYTES - start, length - done);
      const slot = this.slots.get(number);
      if (slot === undefined) target.fill(0, to + done, to + done + n);
      else copy(this.slabs[slot >> 4]!, (slot & 15) * PAGE_BYTES + start, target, to + done, n);
      done += n;
    }
  }

  /**
   * Writes `length` bytes of `source`. Zeros make no pages.
   * @returns bytes of pages that were made
   * @throws MemoryLimitExceeded
   */
  write(address: number, source: Uint8Array, from: number, length: number): number {
    let made = 0;
    for (let done = 0; done < length; ) {
      const number = Math.floor((address + done) / PAGE_BYTES);
      const start = address + done - number * PAGE_BYTES;
      const n = Math.min(PAGE_BYTES - start, length - done);
      let slot = this.slots.get(number);
      if (slot === undefined && !isZero(source, from + done, n)) {
        slot = this.make(number);
        made += PAGE_BYTES;
      }
      if (slot !== undefined) copy(source, from + done, this.slabs[slot >> 4]!, (slot & 15) * PAGE_BYTES + start, n);
      done += n;
    }
    return made;
  }

  /** Sets `length` bytes to `byte`. Zeros make no pages. @returns bytes of pages that were made @throws MemoryLimitExceeded */
  fill(address: number, length: number, byte: number): number {
    let made = 0;
    for (let done = 0; done < length; ) {
      const number = Math.floor((address + done) / PAGE_BYTES);
      const start = address + done - number * PAGE_BYTES;
      const n = Math.min(PAGE_BYTES - start, length - done);
      let slot = this.slots.get(number);
      if (slot === undefined && (byte & 255) !== 0) {
        slot = this.make(number);
        made += PAGE_BYTES;
      }
      if (slot !== undefined) {
        const at = (slot & 15) * PAGE_BYTES + start;
        this.slabs[slot >> 4]!.fill(byte, at, at + n);
      }
      done += n;
    }
    return made;
  }

  /** Moves the pages below `end`, a multiple of the page's size or the memory's end, to where they are in `target`. */
  moveTo(target: Uint8Array, end: number): void {
    for (const [number, slot] of this.slots) {
      const address = number * PAGE_BYTES;
      if (address >= end) continue;
      const bytes = this.bytesOf(slot);
      target.set(bytes.subarray(0, Math.min(PAGE_BYTES, target.length - address)), address);
      bytes.fill(0);
      this.slots.delete(number);
      this.free.push(slot);
    }
    if (this.slots.size === 0) this.slabs.length = this.free.length = 0;
  }

  private bytesOf(slot: number): Uint8Array {
    const at = (slot & 15) * PAGE_BYTES;
    return this.slabs[slot >> 4]!.subarray(at, at + PAGE_BYTES);
  }

  private make(number: number): number {
    if (number >= MAX_PAGES) {
      throw new MemoryLimitExceeded("linear memory", (number + 1) * PAGE_BYTES, MAX_PAGES * PAGE_BYTES);
    }
    if (this.free.length === 0) {
      const first = this.slabs.length * SLAB_PAGES;
      this.slabs.push(new Uint8Array(this.allocate(SLAB_BYTES)));
      for (let i = SLAB_PAGES - 1; i >= 0; i--) this.free.push(first + i);
    }
    const slot = this.free.pop()!;
    this.slots.set(number, slot);
    return slot;
  }
}

/** Copies `n` bytes. The few of a single access cost less one by one than a view does. */
function copy(source: Uint8Array, from: number, target: Uint8Array, to: number, n: number): void {
  if (n <= 16) for (let i = 0; i < n; i++) target[to + i] = source[from + i]!;
  else target.set(source.subarray(from, from + n), to);
}

function isZero(bytes: Uint8Array, from: number, n: number): boolean {
  for (let i = from; i < from + n; i++) if (bytes[i] !== 0) return false;
  return true;
}
