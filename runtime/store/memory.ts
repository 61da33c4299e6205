// Memory instances, spec 4.2.9.
import type { MemoryType } from "../../decoder/index.js";
import { MemoryLimitExceeded, UsageError } from "../errors.js";
import { MemoryNumbers } from "./memory-numbers.js";
import { MemoryPicture, type PictureManner } from "./memory-picture.js";
import { copyWritten, LEAST_MAPPED, MemoryViews } from "./memory-views.js";
import { requireOwner } from "./owner.js";
import { PAGE_BYTES, SparsePages } from "./sparse-pages.js";
import type { StoreState } from "./store-state.js";
import { type MemoryDescription, memoryType } from "./type-names.js";

/**
 * What a buffer covers at least, if the memory is as large. A guest touches little of what it
 * declares: MicroPython 0.7 of 16 MiB. What nobody touches costs no room, and no time when the
 * memory is copied, compared or made.
 */
export const LEAST_REACH = 2 ** 20;

/**
 * Bytes that an access behind the buffer earns: about what can be copied in the time that it takes. A larger
 * buffer is made when accesses have earned what it costs, so its cost is never more than theirs, whatever the
 * addresses: a 4 GiB memory in which one byte is written has a buffer of 1 MiB and one page.
 */
const EARNED_BY_ACCESS = 1024;

/**
 * A linear memory. Its buffer covers the first {@link reach} bytes; behind them are {@link SparsePages}, and
 * zeros. {@link cover} extends the buffer. It may be larger than the memory (growth room): accesses are
 * checked against `reach` and {@link byteLength}, never against the views' lengths. When the
 * buffer is replaced, the old one is dropped, not detached (a detached ArrayBuffer anywhere in
 * the process slows V8 down by 15–45%).
 *
 * An embedder uses the methods; the typed arrays are the dispatch loop's, and hold whatever
 * byte order the host has.
 */
export class MemoryInst extends MemoryNumbers {
  byteLength = 0;
  /** Bytes that the views cover, at most byteLength; none while the memory hibernates. */
  reach = 0;
  private views: MemoryViews = NO_VIEWS;
  /** The views of the memory's own buffer: `views`, but while others stand in for them. */
  private own: MemoryViews = NO_VIEWS;
  /** What the memory holds while it has no buffer. */
  private sleeping: MemoryPicture | null = null;
  /** What the memory holds behind `reach`. */
  private far: SparsePages;
  /** Room for a copy of what the views cover, of a picture that was given back. */
  private spareCopy: Uint8Array | null = null;
  /** What the memory held when its pages were last all unwritten; null while that is not known. */
  private since: MemoryPicture | null = null;
  /** Whether somebody has arrays of the buffer, and may write by them whenever he likes. */
  private isLent = false;
  /** Bytes earned by accesses behind `reach` since the buffer was made. */
  private earned = 0;
  /** Called after each growth, by nothing as well: who shows the memory's buffer to others keeps it true. */
  onGrow: (() => void) | null = null;

  /**
   * Charges the store for the initial size. The first access makes a buffer.
   * @throws MemoryLimitExceeded
   */
  constructor(
    readonly type: MemoryType,
    readonly store: StoreState,
  ) {
    super();
    requireOwner("memory", store);
    const bytes = type.limits.min * 2 ** type.pageSizeLog2;
    store.admitMemory(bytes);
    this.far = this.noPages();
    this.become(MemoryPicture.empty(bytes));
    store.chargeMemory(bytes);
    store.memoryCount++;
  }

  /**
   * A memory of the host's, for an import.
   * @throws UsageError if the type is not valid, or there is no store
   * @throws MemoryLimitExceeded
   */
  static create(store: StoreState, type: MemoryDescription): MemoryInst {
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

  /** Per page that the views cover: 1 once it was written; of a store that begins in one and ends in the next, the first. */
  get written(): Uint8Array {
    return this.awake().written;
  }

  /** Says that `[address, address + length)`, which the views cover, may be written before the next picture is taken. */
  mark(address: number, length: number): void {
    if (length === 0) return;
    const { written } = this.own;
    const first = Math.floor(address / PAGE_BYTES);
    if (length === 1) written[first] = 1;
    else written.fill(1, first, Math.floor((address + length - 1) / PAGE_BYTES) + 1);
  }

  /** Says that anything may be written before the next picture is taken. */
  markAll(): void {
    this.since = null;
  }

  private lend(): void {
    this.isLent = true;
    this.markAll();
  }

  private awake(): MemoryViews {
    if (this.sleeping !== null) this.wake(this.sleeping);
    return this.views;
  }
  private wake(picture: MemoryPicture): void {
    this.drop();
    const most = this.maxPages * 2 ** this.type.pageSizeLog2;
    const spare = (picture.base === null ? MemoryPicture.like(picture) : picture).takeSpare(most);
    if (spare === null) {
      this.enlarge(Math.max(Math.min(this.byteLength, LEAST_REACH), picture.denseEnd));
      picture.writeTo(this.views.u8.subarray(0, this.reach), this.far);
    } else {
      this.views = this.own = spare;
      this.limitReach();
      if (picture.base !== null) picture.writeOwn(spare.u8.subarray(0, this.reach), this.far);
    }
    this.sleeping = null;
    this.beginsAs(picture);
  }

  /** The memory is what `picture` shows, from here on. */
  private beginsAs(picture: MemoryPicture): void {
    this.own.written.fill(0);
    this.since = this.isLent ? null : picture;
  }

  private limitReach(): void {
    const { length } = this.views.u8;
    this.reach = Math.min(this.byteLength, length - (length % PAGE_BYTES));
  }
  private drop(): void {
    this.views = this.own = NO_VIEWS;
    this.reach = 0;
    this.far = this.noPages();
    this.earned = 0;
    this.spareCopy = null;
    this.since = null;
    this.isLent = false;
  }
  private noPages(): SparsePages {
    return new SparsePages((bytes) => this.store.allocateBuffer(bytes));
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

  /**
   * Whether the views cover the bytes below `end` for an access of one instruction. They are extended once it is worth
   * it; otherwise the access is done by {@link peek} and {@link poke}.
   */
  covers(end: number): boolean {
    this.awake();
    return end <= this.reach || this.earns(EARNED_BY_ACCESS, end);
  }

  /** Counts work that was done behind the buffer, and extends it as far as `end` if that is worth it by now. */
  private earns(bytes: number, end: number): boolean {
    this.earned += bytes;
    if (end > LEAST_REACH && this.earned < Math.max(end, 2 * this.reach) - this.reach) return false;
    this.earned = 0;
    try {
      this.enlarge(end);
    } catch (error) {
      // The host has no such buffer: pages do as well.
      if (error instanceof MemoryLimitExceeded) return false;
      throw error;
    }
    return true;
  }

  /** A buffer of at least `end` bytes, and at least double the size, so that many small steps do not copy each time. */
  private enlarge(end: number): void {
    const { u8, written } = this.views;
    if (end > u8.length) {
      const most = Math.min(this.maxPages * 2 ** this.type.pageSizeLog2, this.store.limits.memoryBytes);
      const least = wholePages(end);
      const wanted = Math.max(least, wholePages(Math.min(2 * u8.length, most)));
      this.views = this.own = new MemoryViews(
        this.store.allocateBuffer(least, wanted < LEAST_MAPPED / 8 ? wanted : Math.max(wanted, LEAST_MAPPED)),
      );
      copyWritten(u8, this.reach, this.views.u8);
      this.own.written.set(written);
    }
    this.limitReach();
    if (!this.far.isEmpty) this.markAll();
    this.far.moveTo(this.views.u8, this.reach);
  }

  /** Copies `length` bytes at `address`, which are within the memory, to `target`. */
  peek(address: number, length: number, target: Uint8Array, to: number): void {
    const { u8 } = this.awake();
    const near = Math.max(0, Math.min(length, this.reach - address));
    if (near > 0) target.set(u8.subarray(address, address + near), to);
    if (near < length) this.far.read(address + near, length - near, target, to + near);
  }

  /** Writes `length` bytes at `address`, which are within the memory. @throws MemoryLimitExceeded */
  poke(address: number, length: number, source: Uint8Array, from: number): void {
    const { u8 } = this.awake();
    const near = Math.max(0, Math.min(length, this.reach - address));
    if (near > 0) {
      this.mark(address, near);
      u8.set(source.subarray(from, from + near), address);
    }
    if (near < length) this.earned += this.far.write(address + near, source, from + near, length - near);
  }

  /** Has the memory show other views for one operation, until it is called with null. */
  substitute(views: MemoryViews | null): void {
    this.views = views ?? this.own;
  }

  /** Whether views cover the bytes below `end` for work on `n` of them, which is worth `n`. */
  private coversWork(end: number, n: number): boolean {
    this.awake();
    return end <= this.reach || this.earns(n, end);
  }

  /**
   * A picture of the memory as it is now.
   * @param base a picture to share blocks with: of this memory earlier, or of another one that began alike
   * @param manner `deferred` if it is likely not to be looked at: then it keeps a copy until it is, or is given back.
   *   `passing` if it is looked at before the memory changes, or not at all: it keeps no copy
   */
  picture(base: MemoryPicture | null = null, manner: PictureManner = "lasting"): MemoryPicture {
    const flat = base?.flat() ?? null;
    if (this.sleeping !== null) {
      if (this.sleeping.base === flat) return this.sleeping;
      if (this.sleeping === flat) return MemoryPicture.like(flat);
    }
    // Made of the memory where it lies: nothing is remembered of it.
    if (manner === "passing") return MemoryPicture.passing(this.covered(), this.byteLength, flat, this.far);
    const since = this.since !== null && this.since === flat ? MemoryPicture.like(flat) : this.since;
    if (since !== null && since.base === flat && since.canTell && this.far.isEmpty) {
      const picture = MemoryPicture.changed(this.covered(), this.byteLength, since, this.own.written);
      this.beginsAs(picture);
      return picture;
    }
    if (manner === "deferred" && this.far.isEmpty)
      return MemoryPicture.deferred(this.copyTouched(), this.byteLength, flat);
    const picture = MemoryPicture.of(this.covered(), this.byteLength, flat, this.far);
    this.beginsAs(picture);
    return picture;
  }

  private copyTouched(): Uint8Array {
    const touched = this.covered();
    const { length } = touched;
    const spare = this.spareCopy;
    this.spareCopy = null;
    const copy =
      spare?.length === length ? spare : new Uint8Array(new ArrayBuffer(4 * Math.ceil(length / 4)), 0, length);
    copy.set(touched);
    return copy;
  }

  /** Takes the room of a deferred picture that nobody is going to look at any more. */
  giveBack(picture: MemoryPicture): void {
    const copy = picture.giveUp();
    if (copy !== null && copy.length === this.reach) this.spareCopy = copy;
  }

  /**
   * Drops the buffer, and keeps only the blocks that differ from `base`. The next access makes a
   * buffer again. Arrays and views that were handed out are stale, as after growth.
   * @param lends whether another memory that began as `base` may have the buffer: then nobody may have such views
   * @returns bytes that the memory holds now, `base` not counted
   */
  hibernate(base: MemoryPicture | null = null, lends = false): number {
    const sleeping = this.picture(base);
    if (lends && this.sleeping === null && this.far.isEmpty && !this.isLent) sleeping.giveSpare(this.own);
    this.sleeping = sleeping;
    this.drop();
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
  become(picture: MemoryPicture): void {
    // One that passes is of a memory that may go on before this one is used: of this memory itself, even.
    picture.settle();
    this.sleeping = picture;
    this.drop();
    this.byteLength = picture.byteLength;
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
    if (delta === 0) {
      this.onGrow?.();
      return old;
    }
    if (old + delta > this.maxPages) return -1;
    const bytes = (old + delta) * 2 ** this.type.pageSizeLog2;
    if (!this.store.mayGrowMemory(bytes - this.byteLength)) return -1;
    this.awake();
    this.store.chargeMemory(bytes - this.byteLength);
    this.byteLength = bytes;
    this.limitReach();
    this.onGrow?.();
    return old;
  }

  /**
   * A buffer that is the memory, exactly, and stays so until it grows or hibernates.
   * @throws RangeError if the host has none so large
   */
  exactBuffer(): ArrayBuffer {
    const { u8 } = this.awake();
    this.lend();
    if (u8.length === this.byteLength && this.reach === this.byteLength && this.byteLength > 0) {
      return u8.buffer as ArrayBuffer;
    }
    const buffer = new ArrayBuffer(this.byteLength);
    const { reach } = this;
    this.views = this.own = new MemoryViews(buffer);
    copyWritten(u8, reach, this.views.u8);
    this.reach = this.byteLength;
    this.far.moveTo(this.views.u8, this.reach);
    return buffer;
  }

  /**
   * Puts `buffer` in the place of the memory's own, whose bytes it holds. It is at most as large as the memory.
   * @param shown how much of it the views show, if it may grow while they are used
   */
  adopt(buffer: ArrayBufferLike, shown?: number): void {
    this.views = this.own = new MemoryViews(buffer, shown);
    this.lend();
    this.limitReach();
  }

  /** The memory's bytes, exactly; stale after growth. All of the memory takes room from here on: see {@link range}. */
  bytes(): Uint8Array {
    const bytes = this.cover(this.byteLength).subarray(0, this.byteLength);
    this.lend();
    return bytes;
  }

  /** A DataView of the memory's bytes, as {@link bytes}. Memory is little-endian. */
  view(): DataView {
    const view = new DataView(this.cover(this.byteLength).buffer, 0, this.byteLength);
    this.lend();
    return view;
  }

  /** The memory's beginning, as far as the buffer covers it; stale as {@link range}. */
  touched(): Uint8Array {
    const bytes = this.covered();
    this.lend();
    return bytes;
  }

  /** A DataView of {@link touched}. */
  touchedView(): DataView {
    const { data } = this.awake();
    this.lend();
    return data.byteLength === this.reach ? data : new DataView(data.buffer, 0, this.reach);
  }

  /** The bytes of {@link touched}, only to be read. */
  private covered(): Uint8Array {
    const { u8 } = this.awake();
    return u8.length === this.reach ? u8 : u8.subarray(0, this.reach);
  }

  /** The bytes `[address, address + length)`, not a copy; stale after growth, and after any access beyond them. */
  range(address: number, length: number): Uint8Array {
    this.check(address, length);
    const bytes = this.cover(address + length).subarray(address, address + length);
    this.lend();
    return bytes;
  }

  /**
   * As {@link range}, of a buffer of the whole memory, so that other such arrays do not make it stale; but what is written
   * after a picture was taken may be missing in the next one.
   */
  part(address: number, length: number): Uint8Array {
    this.check(address, length);
    const bytes = this.cover(this.byteLength).subarray(address, address + length);
    this.mark(address, length);
    return bytes;
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
    if (this.inBounds(address, length)) return;
    throw new UsageError(
      `out of bounds memory access: ${length} bytes at ${address}, the memory has ${this.byteLength}`,
    );
  }

  // Addresses below are bytes, as numbers; all throw UsageError outside the memory, and those that write
  // MemoryLimitExceeded if the host has less memory than the cap allows.

  /** A copy of `length` bytes. */
  read(address: number, length: number): Uint8Array {
    this.check(address, length);
    if (this.coversWork(address + length, length)) return this.views.u8.slice(address, address + length);
    const bytes = new Uint8Array(length);
    this.peek(address, length, bytes, 0);
    return bytes;
  }

  write(address: number, bytes: Uint8Array): void {
    const { length } = bytes;
    this.check(address, length);
    if (length === 0) return;
    if (this.coversWork(address + length, length)) {
      this.mark(address, length);
      this.views.u8.set(bytes, address);
    } else this.poke(address, length, bytes, 0);
  }

  fill(address: number, length: number, byte: number): void {
    this.check(address, length);
    if (length === 0) return;
    const end = address + length;
    const covered = this.coversWork(end, length);
    const near = covered ? end : Math.min(end, Math.max(address, this.reach));
    this.mark(address, near - address);
    this.views.u8.fill(byte, address, near);
    if (near < end) this.earned += this.far.fill(near, end - near, byte);
  }

  /** Copies `length` bytes from `from` of `source`, which may be this memory, to `to`; as if by a buffer between. */
  copy(to: number, source: MemoryInst, from: number, length: number): void {
    this.check(to, length);
    source.check(from, length);
    if (length === 0) return;
    const end = source === this ? Math.max(to, from) + length : to + length;
    if (this.coversWork(end, length) && (source === this || source.coversWork(from + length, length))) {
      this.mark(to, length);
      if (source === this) this.views.u8.copyWithin(to, from, from + length);
      else this.views.u8.set(source.views.u8.subarray(from, from + length), to);
      return;
    }
    const piece = new Uint8Array(Math.min(length, COPY_BYTES));
    // From the end, where a piece would overwrite what a later one reads.
    const backwards = source === this && to > from;
    for (let done = 0; done < length; done += piece.length) {
      const n = Math.min(piece.length, length - done);
      const at = backwards ? length - done - n : done;
      source.peek(from + at, n, piece, 0);
      this.poke(to + at, n, piece, 0);
    }
  }

  protected override load<T>(address: number, width: number, get: (data: DataView, at: number) => T): T {
    this.check(address, width);
    if (this.covers(address + width)) return get(this.views.data, address);
    this.peek(address, width, WORD.u8, 0);
    return get(WORD.data, 0);
  }

  protected override put(address: number, width: number, set: (data: DataView, at: number) => void): void {
    this.check(address, width);
    if (this.covers(address + width)) {
      this.mark(address, width);
      set(this.views.data, address);
      return;
    }
    set(WORD.data, 0);
    this.poke(address, width, WORD.u8, 0);
  }
}

const NO_VIEWS = new MemoryViews(new ArrayBuffer(0));
/** One value on its way to a page or from one. */
const WORD = new MemoryViews(new ArrayBuffer(128));
/** Bytes that are copied at once between pages. */
const COPY_BYTES = 65536;

function wholePages(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}
