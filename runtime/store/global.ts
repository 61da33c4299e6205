// Global instances, spec 4.2.11.
import { type GlobalType, isRef } from "../../decoder/index.js";
import { UsageError } from "../errors.js";
import { readRaw, readValue, type Value, writeRaw, writeValue } from "./convert.js";
import { holdsHeapObjects, type RootSource, type VisitRef } from "./heap-trace.js";
import { requireOwner } from "./owner.js";
import type { RawValue, Ref } from "./refs.js";
import type { StoreState } from "./store-state.js";
import { type GlobalDescription, globalType } from "./type-names.js";

/**
 * A view of slot `slot` in cells that it may share with the other globals of its instance,
 * where the dispatch loop reads them directly.
 */
export class GlobalInst implements RootSource {
  constructor(
    readonly type: GlobalType,
    readonly store: StoreState,
    /** Two words per slot. */
    readonly cells: Int32Array,
    readonly refs: Ref[],
    readonly slot: number,
  ) {}

  /**
   * A global of the host's, for an import.
   * @throws UsageError if `value` is not of the type
   */
  static create(store: StoreState, type: GlobalDescription, value: Value): GlobalInst {
    requireOwner("global", store);
    const checked = globalType(store.registry, type);
    // More than 64 bytes, so that V8 keeps the cells off its heap.
    const global = new GlobalInst(checked, store, new Int32Array(new ArrayBuffer(128)), [null, null], 0);
    writeValue(global.cells, global.refs, 0, checked.type, value, store, "initial value");
    // Those of instances are roots with their instance.
    if (holdsHeapObjects(store.registry, checked.type)) store.addRoot(global);
    return global;
  }

  visitRoots(visit: VisitRef): void {
    visit(this.refs[this.slot]!);
  }

  get isReference(): boolean {
    return isRef(this.type.type);
  }

  get value(): Value {
    return readValue(this.cells, this.refs, this.slot, this.type.type);
  }

  /** @throws UsageError if the global is immutable, or the value is not of its type */
  set value(value: Value) {
    this.checkMutable();
    writeValue(this.cells, this.refs, this.slot, this.type.type, value, this.store, "global");
  }

  /** The value as unsigned bits, or as the reference that it is. */
  get raw(): RawValue {
    return readRaw(this.cells, this.refs, this.slot, this.type.type);
  }

  /** @throws UsageError if the global is immutable, or the value is not of its type */
  set raw(value: RawValue) {
    this.checkMutable();
    writeRaw(this.cells, this.refs, this.slot, this.type.type, value, this.store, "global");
  }

  /** Before the host writes it. */
  private checkMutable(): void {
    if (!this.type.mutable) throw new UsageError("the global is immutable");
    this.store.forgetTrace();
  }
}
