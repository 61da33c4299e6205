// The store, spec 4.2.4, with hard caps on what its objects may take. What it answers never
// depends on the host's free memory below the caps.
import type { TypeRegistry } from "../../decoder/index.js";
import { type SleepClock, VirtualClock } from "../deterministic.js";
import { MemoryLimitExceeded } from "../errors.js";
import type { StoreLimits } from "../limits.js";

export class Store {
  /** Bytes of all linear memories now, and the most there ever were. */
  memoryBytes = 0;
  peakMemoryBytes = 0;
  tableElements = 0;
  instanceCount = 0;
  memoryCount = 0;
  tableCount = 0;
  /** Bytes of structs and arrays, as heap.ts accounts for them. */
  gcHeapBytes = 0;

  constructor(
    readonly registry: TypeRegistry,
    readonly limits: StoreLimits,
    /** On which memory.atomic.wait spends its timeouts. */
    readonly clock: SleepClock = new VirtualClock(),
  ) {}

  // admit… answers whether something new fits, before anything is allocated; mayGrow… the
  // same for growth, where the store may be set to answer false instead; charge… accounts for it.

  /** @throws MemoryLimitExceeded */
  admitInstance(): void {
    if (this.instanceCount >= this.limits.instances) {
      throw new MemoryLimitExceeded("instances", this.instanceCount + 1, this.limits.instances);
    }
  }

  /** `count` memories of `bytes` in total. @throws MemoryLimitExceeded */
  admitMemory(bytes: number, count = 1): void {
    if (this.memoryCount + count > this.limits.memories) {
      throw new MemoryLimitExceeded("memories", this.memoryCount + count, this.limits.memories);
    }
    const total = this.memoryBytes + bytes;
    if (total > this.limits.memoryBytes) {
      throw new MemoryLimitExceeded("linear memory", total, this.limits.memoryBytes);
    }
  }

  /** `count` tables of `elements` in total. @throws MemoryLimitExceeded */
  admitTable(elements: number, count = 1): void {
    if (this.tableCount + count > this.limits.tables) {
      throw new MemoryLimitExceeded("tables", this.tableCount + count, this.limits.tables);
    }
    const total = this.tableElements + elements;
    if (total > this.limits.tableElements) {
      throw new MemoryLimitExceeded("table elements", total, this.limits.tableElements);
    }
  }

  /** @throws MemoryLimitExceeded if the store traps on growth past its cap */
  mayGrowMemory(bytes: number): boolean {
    if (this.memoryBytes + bytes > this.limits.memoryBytes && this.limits.onGrowthFailure !== "trap") return false;
    this.admitMemory(bytes, 0);
    return true;
  }

  /** @throws MemoryLimitExceeded if the store traps on growth past its cap */
  mayGrowTable(elements: number): boolean {
    if (this.tableElements + elements > this.limits.tableElements && this.limits.onGrowthFailure !== "trap")
      return false;
    this.admitTable(elements, 0);
    return true;
  }

  chargeMemory(bytes: number): void {
    this.memoryBytes += bytes;
    if (this.memoryBytes > this.peakMemoryBytes) this.peakMemoryBytes = this.memoryBytes;
  }

  chargeTable(elements: number): void {
    this.tableElements += elements;
  }

  /** An object of `bytes` is not larger than the heap may ever be. @throws MemoryLimitExceeded */
  admitHeap(bytes: number): void {
    if (bytes > this.limits.gcHeapBytes) throw new MemoryLimitExceeded("GC heap", bytes, this.limits.gcHeapBytes);
  }

  /** The heap has room for `bytes` more. @throws MemoryLimitExceeded */
  makeRoom(bytes: number): void {
    const total = this.gcHeapBytes + bytes;
    if (total > this.limits.gcHeapBytes) throw new MemoryLimitExceeded("GC heap", total, this.limits.gcHeapBytes);
  }

  /** Before anything is allocated. @throws MemoryLimitExceeded */
  chargeHeap(bytes: number): void {
    this.makeRoom(bytes);
    this.gcHeapBytes += bytes;
  }

  /**
   * A zeroed buffer of at least `bytes`, rounded up so that every view fits; of `wanted` if the host has that much.
   * @throws MemoryLimitExceeded if the host cannot allocate what the cap allows
   */
  allocateBuffer(bytes: number, wanted = bytes, what: "linear memory" | "GC heap" = "linear memory"): ArrayBuffer {
    for (const size of [wanted, bytes]) {
      try {
        return new ArrayBuffer(Math.ceil(Math.max(size, 128) / 8) * 8);
      } catch {
        // RangeError: the host has no such buffer; try the smaller one.
      }
    }
    throw new MemoryLimitExceeded(what, bytes, bytes);
  }
}
