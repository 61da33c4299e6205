// Memory instances, spec 4.2.9.
import type { MemoryType } from "../../decoder/index.js";
import type { Store } from "./store.js";

const MAX_PAGES_32 = 65536;

/**
 * A linear memory. The buffer may be larger than the memory (growth room): accesses are
 * checked against {@link byteLength}, never against the views' lengths. After growth the
 * views are new ones; the old buffer is dropped, not detached (a detached ArrayBuffer
 * anywhere in the process slows V8 down by 15–45%).
 */
export class MemoryInst {
  byteLength = 0;
  u8!: Uint8Array;
  i8!: Int8Array;
  u16!: Uint16Array;
  i32!: Int32Array;

  /** Charges the store for the initial size. @throws MemoryLimitExceeded */
  constructor(
    readonly type: MemoryType,
    private readonly store: Store,
  ) {
    const bytes = type.limits.min * 2 ** type.pageSizeLog2;
    store.chargeMemory(bytes);
    this.byteLength = bytes;
    this.setBuffer(store.allocateBuffer(bytes));
  }

  private setBuffer(buffer: ArrayBuffer): void {
    this.u8 = new Uint8Array(buffer);
    this.i8 = new Int8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.i32 = new Int32Array(buffer);
  }

  get pages(): number {
    return this.byteLength / 2 ** this.type.pageSizeLog2;
  }

  /** Largest size in pages that the type allows. */
  get maxPages(): number {
    const hard = (this.type.is64 ? 2 ** 64 : MAX_PAGES_32 * 65536) / 2 ** this.type.pageSizeLog2;
    return Math.min(this.type.limits.max ?? hard, hard);
  }

  /**
   * memory.grow: the old size in pages, or −1 if the type or the store's cap forbids it.
   * @throws MemoryLimitExceeded if the store traps on growth past its cap
   */
  grow(delta: number): number {
    const old = this.pages;
    if (delta === 0) return old;
    if (old + delta > this.maxPages) return -1;
    const bytes = (old + delta) * 2 ** this.type.pageSizeLog2;
    if (!this.store.tryChargeMemory(bytes - this.byteLength)) return -1;
    if (bytes > this.u8.length) {
      // Grow by half again, so that many small steps do not copy the memory each time.
      const buffer = this.store.allocateBuffer(bytes, Math.min(Math.ceil(bytes * 1.5), this.store.limits.memoryBytes));
      new Uint8Array(buffer).set(this.u8.subarray(0, this.byteLength));
      this.setBuffer(buffer);
    }
    this.byteLength = bytes;
    return old;
  }

  /** The memory's bytes, exactly; stale after growth. */
  bytes(): Uint8Array {
    return this.u8.subarray(0, this.byteLength);
  }
}
