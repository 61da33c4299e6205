// Memory instances, spec 4.2.9.
import type { MemoryType } from "../../decoder/index.js";
import { UsageError } from "../errors.js";
import { f32ToBits, f64ToHi, f64ToLo, toBigUint } from "../values.js";
import { MemoryImage } from "./memory-image.js";
import type { Store } from "./store.js";
import { type MemoryDescription, memoryType } from "./type-names.js";

/**
 * glibc takes smaller blocks from its heap once one has been freed, and fills them with zeros; from
 * here on the kernel gives pages, none of which takes room or time before it is touched.
 */
const LEAST_MAPPED = 33 * 2 ** 20;

/**
 * What a buffer covers at least, if the memory is as large. A guest touches little of what it
 * declares: MicroPython 0.7 of 16 MiB. What nobody touches costs no room, and no time when the
 * memory is copied, compared or made.
 */
export const LEAST_REACH = 2 ** 20;

/**
 * A linear memory. Its buffer covers the first {@link reach} bytes; behind them all is zero, and
 * {@link cover} extends it. The buffer may be larger than the memory (growth room): accesses are
 * checked against `reach` and {@link byteLength}, never against the views' lengths. When the
 * buffer is replaced, the old one is dropped, not detached (a detached ArrayBuffer anywhere in
 * the process slows V8 down by 15–45%).
 *
 * An embedder uses the methods; the typed arrays are the dispatch loop's, and hold whatever
 * byte order the host has.
 */
export class MemoryInst {
  byteLength = 0;
  /** Bytes that the views cover, at most byteLength; none while the memory hibernates. */
  reach = 0;
  private views: MemoryViews = NO_VIEWS;
  /** What the memory holds while it has no buffer. */
  private sleeping: MemoryImage | null = null;

  /**
   * Charges the store for the initial size. The first access makes a buffer.
   * @throws MemoryLimitExceeded
   */
  constructor(
    readonly type: MemoryType,
    readonly store: Store,
  ) {
    const bytes = type.limits.min * 2 ** type.pageSizeLog2;
    store.admitMemory(bytes);
    this.become(MemoryImage.empty(bytes));
    store.chargeMemory(bytes);
    store.memoryCount++;
  }

  /**
   * A memory of the host's, for an import.
   * @throws UsageError if the type is not valid
   * @throws MemoryLimitExceeded
   */
  static create(store: Store, type: MemoryDescription): MemoryInst {
    return new MemoryInst(memoryType(type), store);
  }

  // The views: they end at `reach`.
  get u8(): Uint8Array {
    return this.awake().u8;
  }
  get i8(): Int8Array {
    return this.awake().i8;
  }
  get u16(): Uint16Array {
    return this.awake().u16;
  }
  get i32(): Int32Array {
    return this.awake().i32;
  }

  private awake(): MemoryViews {
    if (this.sleeping !== null) this.wake(this.sleeping);
    return this.views;
  }
  private wake(image: MemoryImage): void {
    this.views = NO_VIEWS;
    this.reach = 0;
    this.enlarge(Math.max(Math.min(this.byteLength, LEAST_REACH), image.end));
    image.writeTo(this.views.u8);
    this.sleeping = null;
  }

  /**
   * The views' u8, covering the bytes below `end`, which is at most byteLength. Views that were taken
   * before may be stale.
   * @throws MemoryLimitExceeded if the host has less memory than the cap allows
   */
  cover(end: number): Uint8Array {
    const { u8 } = this.awake();
    if (end <= this.reach) return u8;
    this.enlarge(end);
    return this.views.u8;
  }

  /** Covers more of the memory. @returns false if all of it was covered */
  coverMore(): boolean {
    this.awake();
    if (this.reach === this.byteLength) return false;
    this.enlarge(Math.min(this.byteLength, this.reach + 1));
    return true;
  }

  /** A buffer of at least `end` bytes, and at least double the size, so that many small steps do not copy each time. */
  private enlarge(end: number): void {
    const { u8 } = this.views;
    if (end > u8.length) {
      const most = Math.min(this.maxPages * 2 ** this.type.pageSizeLog2, this.store.limits.memoryBytes);
      const wanted = Math.max(end, Math.min(2 * u8.length, most));
      this.views = new MemoryViews(
        this.store.allocateBuffer(end, wanted < LEAST_MAPPED / 8 ? wanted : Math.max(wanted, LEAST_MAPPED)),
      );
      this.views.u8.set(u8.subarray(0, this.reach));
    }
    this.reach = Math.min(this.byteLength, this.views.u8.length);
  }

  /**
   * A picture of the memory as it is now.
   * @param base a picture to share blocks with: of this memory earlier, or of another one that began alike
   */
  image(base: MemoryImage | null = null): MemoryImage {
    const flat = base?.flat() ?? null;
    if (this.sleeping !== null) {
      if (this.sleeping.base === flat) return this.sleeping;
      if (this.sleeping === flat) return MemoryImage.like(flat);
    }
    this.cover(Math.min(this.byteLength, flat?.end ?? 0));
    return MemoryImage.of(this.touched(), this.byteLength, flat);
  }

  /**
   * Drops the buffer, and keeps only the blocks that differ from `base`. The next access makes a
   * buffer again. Arrays and views that were handed out are stale, as after growth.
   * @returns bytes that the memory holds now, `base` not counted
   */
  hibernate(base: MemoryImage | null = null): number {
    this.sleeping = this.image(base);
    this.views = NO_VIEWS;
    this.reach = 0;
    return this.sleeping.ownBytes;
  }

  /** Whether the memory has no buffer at the moment. */
  get isHibernating(): boolean {
    return this.sleeping !== null;
  }

  /**
   * Makes the memory what the picture shows, its size included, which must fit the memory's type.
   * The store's account is the caller's to keep. Arrays and views that were handed out are stale.
   */
  become(image: MemoryImage): void {
    this.sleeping = image;
    this.views = NO_VIEWS;
    this.reach = 0;
    this.byteLength = image.byteLength;
  }

  get pages(): number {
    return this.byteLength / 2 ** this.type.pageSizeLog2;
  }

  /** Largest size in pages that the type allows. */
  get maxPages(): number {
    const { is64, pageSizeLog2 } = this.type;
    // memory.size of an i32 memory must fit an i32, also with pages of one byte.
    const hard = is64 ? 2 ** (64 - pageSizeLog2) : Math.min(2 ** (32 - pageSizeLog2), 2 ** 32 - 1);
    return Math.min(this.type.limits.max ?? hard, hard);
  }

  /**
   * memory.grow: the old size in pages, or −1 if the type or the store's cap forbids it. The host gives
   * the room when it is touched.
   * @throws MemoryLimitExceeded if the store traps on growth past its cap
   */
  grow(delta: number): number {
    if (!Number.isInteger(delta) || delta < 0) throw new UsageError(`memory.grow by ${delta} pages`);
    const old = this.pages;
    if (delta === 0) return old;
    if (old + delta > this.maxPages) return -1;
    const bytes = (old + delta) * 2 ** this.type.pageSizeLog2;
    if (!this.store.mayGrowMemory(bytes - this.byteLength)) return -1;
    const { u8 } = this.awake();
    this.store.chargeMemory(bytes - this.byteLength);
    this.byteLength = bytes;
    this.reach = Math.min(bytes, u8.length);
    return old;
  }

  /** The memory's bytes, exactly; stale after growth. All of the memory takes room from here on: see {@link range}. */
  bytes(): Uint8Array {
    return this.cover(this.byteLength).subarray(0, this.byteLength);
  }

  /** A DataView of the memory's bytes, as {@link bytes}. Memory is little-endian. */
  view(): DataView {
    return new DataView(this.cover(this.byteLength).buffer, 0, this.byteLength);
  }

  /** The memory's beginning, as far as the buffer covers it: behind it all is zero. Stale as {@link range}. */
  touched(): Uint8Array {
    return this.u8.subarray(0, this.reach);
  }

  /** The bytes `[address, address + length)`, not a copy; stale after growth, and after any access beyond them. */
  range(address: number, length: number): Uint8Array {
    this.check(address, length);
    return this.u8.subarray(address, address + length);
  }

  /** Whether `[address, address + length)` lies within the memory. */
  inBounds(address: number, length: number): boolean {
    return (
      Number.isInteger(address) &&
      Number.isInteger(length) &&
      address >= 0 &&
      length >= 0 &&
      address + length <= this.byteLength
    );
  }

  private check(address: number, length: number): void {
    if (this.inBounds(address, length)) {
      this.cover(address + length);
      return;
    }
    throw new UsageError(
      `out of bounds memory access: ${length} bytes at ${address}, the memory has ${this.byteLength}`,
    );
  }

  // Addresses below are bytes, as numbers; all throw UsageError outside the memory.

  /** A copy of `length` bytes. */
  read(address: number, length: number): Uint8Array {
    this.check(address, length);
    return this.u8.slice(address, address + length);
  }

  write(address: number, bytes: Uint8Array): void {
    this.check(address, bytes.length);
    this.u8.set(bytes, address);
  }

  fill(address: number, length: number, byte: number): void {
    this.check(address, length);
    this.u8.fill(byte, address, address + length);
  }

  readU8(address: number): number {
    this.check(address, 1);
    return this.u8[address]!;
  }

  readU16(address: number): number {
    this.check(address, 2);
    return this.views.data.getUint16(address, true);
  }

  readU32(address: number): number {
    this.check(address, 4);
    return this.views.data.getUint32(address, true);
  }

  readI32(address: number): number {
    this.check(address, 4);
    return this.views.data.getInt32(address, true);
  }

  readU64(address: number): bigint {
    this.check(address, 8);
    return toBigUint(this.views.data.getInt32(address, true), this.views.data.getInt32(address + 4, true));
  }

  readF32(address: number): number {
    this.check(address, 4);
    return this.views.data.getFloat32(address, true);
  }

  readF64(address: number): number {
    this.check(address, 8);
    return this.views.data.getFloat64(address, true);
  }

  writeU8(address: number, value: number): void {
    this.check(address, 1);
    this.u8[address] = value;
  }

  writeU16(address: number, value: number): void {
    this.check(address, 2);
    this.views.data.setUint16(address, value, true);
  }

  /** Takes signed values as well. */
  writeU32(address: number, value: number): void {
    this.check(address, 4);
    this.views.data.setInt32(address, value, true);
  }

  /** Takes signed values as well; any bigint is taken modulo 2^64. */
  writeU64(address: number, value: bigint): void {
    this.check(address, 8);
    this.views.data.setBigUint64(address, BigInt.asUintN(64, value), true);
  }

  /** A NaN is written as the canonical one. */
  writeF32(address: number, value: number): void {
    this.check(address, 4);
    this.views.data.setInt32(address, f32ToBits(value), true);
  }

  /** A NaN is written as the canonical one. */
  writeF64(address: number, value: number): void {
    this.check(address, 8);
    this.views.data.setInt32(address, f64ToLo(value), true);
    this.views.data.setInt32(address + 4, f64ToHi(value), true);
  }
}

/** Views of one buffer. */
class MemoryViews {
  readonly u8: Uint8Array;
  readonly i8: Int8Array;
  readonly u16: Uint16Array;
  readonly i32: Int32Array;
  readonly data: DataView;
  constructor(buffer: ArrayBuffer) {
    this.u8 = new Uint8Array(buffer);
    this.i8 = new Int8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.data = new DataView(buffer);
  }
}
const NO_VIEWS = new MemoryViews(new ArrayBuffer(0));
