// Table instances, spec 4.2.8.
import type { TableType } from "../../decoder/index.js";
import type { Ref } from "./refs.js";
import type { Store } from "./store.js";

export class TableInst {
  /** The elements. The array object stays the same for the table's whole life: the dispatch loop holds on to it. */
  readonly elements: Ref[] = [];

  /** Charges the store for the initial size. @throws MemoryLimitExceeded */
  constructor(
    readonly type: TableType,
    private readonly store: Store,
    init: Ref,
  ) {
    store.chargeTable(type.limits.min);
    for (let i = 0; i < type.limits.min; i++) this.elements.push(init);
  }

  /** table.grow: the old size, or −1 if the type or the store's cap forbids it. */
  grow(delta: number, init: Ref): number {
    const old = this.elements.length;
    if (delta === 0) return old;
    const max = Math.min(this.type.limits.max ?? Number.POSITIVE_INFINITY, 2 ** 32 - 1);
    if (old + delta > max || !this.store.tryChargeTable(delta)) return -1;
    for (let i = 0; i < delta; i++) this.elements.push(init);
    return old;
  }
}
