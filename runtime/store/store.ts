// The store, spec 4.2.4, with hard caps on what its objects may take. What it answers never
// depends on the host's free memory below the caps.
import type { TypeRegistry } from "../../decoder/index.js";
import { MemoryLimitExceeded } from "../errors.js";
import type { StoreLimits } from "../limits.js";

export class Store {
  /** Bytes of all linear memories now, and the most there ever were. */
  memoryBytes = 0;
  peakMemoryBytes = 0;
  tableElements = 0;
  instanceCount = 0;

  constructor(
    readonly registry: TypeRegistry,
    readonly limits: StoreLimits,
  ) {}

  /** @throws MemoryLimitExceeded */
  chargeMemory(bytes: number): void {
    const total = this.memoryBytes + bytes;
    if (total > this.limits.memoryBytes) {
      throw new MemoryLimitExceeded("linear memory", total, this.limits.memoryBytes);
    }
    this.memoryBytes = total;
    if (total > this.peakMemoryBytes) this.peakMemoryBytes = total;
  }

  /** As {@link chargeMemory}, but false where the store answers growth past the cap with −1. */
  tryChargeMemory(bytes: number): boolean {
    if (this.memoryBytes + bytes > this.limits.memoryBytes && this.limits.onGrowthFailure !== "trap") return false;
    this.chargeMemory(bytes);
    return true;
  }

  /** @throws MemoryLimitExceeded */
  chargeTable(elements: number): void {
    const total = this.tableElements + elements;
    if (total > this.limits.tableElements) {
      throw new MemoryLimitExceeded("table elements", total, this.limits.tableElements);
    }
    this.tableElements = total;
  }

  tryChargeTable(elements: number): boolean {
    if (this.tableElements + elements > this.limits.tableElements && this.limits.onGrowthFailure !== "trap")
      return false;
    this.chargeTable(elements);
    return true;
  }

  /**
   * A zeroed buffer of at least `bytes`, rounded up so that every view fits; of `wanted` if the host has that much.
   * @throws MemoryLimitExceeded if the host cannot allocate what the cap allows
   */
  allocateBuffer(bytes: number, wanted = bytes): ArrayBuffer {
    for (const size of [wanted, bytes]) {
      try {
        return new ArrayBuffer(Math.ceil(Math.max(size, 128) / 8) * 8);
      } catch {
        // RangeError: the host has no such buffer; try the smaller one.
      }
    }
    throw new MemoryLimitExceeded("linear memory", bytes, bytes);
  }
}
