// Table instances, spec 4.2.8.
import { isNullable, type TableType } from "../../decoder/index.js";
import { MemoryLimitExceeded, UsageError } from "../errors.js";
import { refToValue, type Value, valueToRef } from "./convert.js";
import { holdsHeapObjects, type RootSource, type VisitRef, type VisitRefs } from "./heap-trace.js";
import { requireOwner } from "./owner.js";
import type { Ref } from "./refs.js";
import type { StoreState } from "./store-state.js";
import { type FuncSource, LAZY_ELEMENTS, newElements, TableOrigin, UNTAKEN } from "./table-origin.js";
import { type TableDescription, tableType } from "./type-names.js";

/** Non-spec: the most elements of one table. V8 ends the process, rather than throw, when an array gets twice as long. */
const MAX_ELEMENTS = 2 ** 26;

export class TableInst implements RootSource {
  /**
   * The elements. The array object stays the same for the table's whole life: the dispatch
   * loop holds on to it. An embedder uses the methods. Of an origin's functions, those that nobody has taken are
   * {@link UNTAKEN}: see {@link at}.
   */
  readonly elements: Ref[];
  /** What the table began with, where that is functions of one instance. */
  origin: TableOrigin | null = null;

  /** Charges the store for the initial size. @throws MemoryLimitExceeded */
  constructor(
    readonly type: TableType,
    readonly store: StoreState,
    init: Ref,
  ) {
    requireOwner("table", store);
    store.admitTable(type.limits.min);
    if (type.limits.min > MAX_ELEMENTS) {
      throw new MemoryLimitExceeded("table elements", type.limits.min, MAX_ELEMENTS);
    }
    store.chargeTable(type.limits.min);
    store.tableCount++;
    if (holdsHeapObjects(store.registry, type.element)) store.addRoot(this);
    this.elements = newElements(type.limits.min, init);
  }

  /**
   * A table of the host's, for an import; all elements are `init`.
   * @throws UsageError if the type is not valid, or `init` is not of it
   * @throws MemoryLimitExceeded
   */
  static create(store: StoreState, type: TableDescription, init: Value = null): TableInst {
    requireOwner("table", store);
    const checked = tableType(store.registry, type);
    return new TableInst(checked, store, valueToRef(store, checked.element, init, "initial element"));
  }

  visitRoots(_: VisitRef, visitAll: VisitRefs): void {
    visitAll(this.elements);
  }

  get length(): number {
    return this.elements.length;
  }

  /** @throws UsageError if `index` is out of bounds */
  get(index: number): Value {
    return refToValue(this.at(this.check(index)));
  }

  /** The element at an index, which there is. */
  at(index: number): Ref {
    const ref = this.elements[index]!;
    if (ref !== UNTAKEN) return ref;
    const { instance, funcidxs } = this.origin!;
    const func = instance.func(funcidxs[index]!);
    this.elements[index] = func;
    return func;
  }

  /** Takes the functions of the elements `[from, to)`, which there are. */
  take(from: number, to: number): void {
    if (this.origin === null) return;
    for (let i = from; i < to; i++) this.at(i);
  }

  /**
   * Puts functions of an instance's module into a table that has no origin yet, where they fit.
   * @returns false, and nothing has changed, if so few are not worth it, or it has one
   */
  beginWith(instance: FuncSource, offset: number, funcs: Int32Array): boolean {
    if (funcs.length < LAZY_ELEMENTS || this.origin !== null) return false;
    const funcidxs = new Int32Array(this.elements.length).fill(-1);
    funcidxs.set(funcs, offset);
    this.origin = TableOrigin.of(instance, funcidxs);
    if (this.origin === null) return false;
    this.elements.fill(UNTAKEN, offset, offset + funcs.length);
    return true;
  }

  /** Makes the table what an origin says, its length included; that fits the type. */
  goBackTo(origin: TableOrigin): void {
    const { elements } = this;
    const { instance, funcidxs } = origin;
    const { length } = funcidxs;
    const isIts = this.origin?.instance === instance && this.origin.funcidxs === funcidxs;
    if (isIts && origin.isIn(elements)) return;
    this.origin = origin;
    // The array stays the same.
    while (elements.length < length) elements.push(null);
    elements.length = length;
    const isLazy = length >= LAZY_ELEMENTS;
    for (let i = 0; i < length; i++) {
      const funcidx = funcidxs[i]!;
      elements[i] = funcidx < 0 ? null : isLazy ? UNTAKEN : instance.func(funcidx);
    }
  }

  /** @throws UsageError if `index` is out of bounds, or `value` is not of the element type */
  set(index: number, value: Value): void {
    this.setRaw(this.check(index), valueToRef(this.store, this.type.element, value, "element"));
  }

  /** As {@link set}, with an index in bounds and a reference of the element type. */
  setRaw(index: number, ref: Ref): void {
    this.store.forgetTrace();
    this.elements[index] = ref;
  }

  /**
   * Adds `delta` elements.
   * @returns the old length, or −1 if the type or the store's cap forbids it
   * @throws UsageError if `init` is not of the element type
   * @throws MemoryLimitExceeded if the store traps on growth past its cap
   */
  grow(delta: number, init: Value = null): number {
    if (!Number.isInteger(delta) || delta < 0) throw new UsageError(`table.grow by ${delta} elements`);
    const element = this.type.element;
    if (delta === 0 && init === null && !isNullable(element)) return this.length;
    return this.growRaw(delta, valueToRef(this.store, element, init, "initial element"));
  }

  /** Whether {@link growRaw} would succeed. @throws MemoryLimitExceeded if the store traps on growth past its cap */
  mayGrow(delta: number): boolean {
    const max = Math.min(this.type.limits.max ?? MAX_ELEMENTS, MAX_ELEMENTS);
    return this.elements.length + delta <= max && this.store.mayGrowTable(delta);
  }

  /** table.grow as the instruction has it: as {@link grow}, with a reference of the element type. */
  growRaw(delta: number, init: Ref): number {
    const old = this.elements.length;
    if (delta === 0) return old;
    if (!this.mayGrow(delta)) return -1;
    this.store.chargeTable(delta);
    this.store.forgetTrace();
    for (let i = 0; i < delta; i++) this.elements.push(init);
    return old;
  }

  private check(index: number): number {
    if (Number.isInteger(index) && index >= 0 && index < this.elements.length) return index;
    throw new UsageError(`out of bounds table access: element ${index}, the table has ${this.elements.length}`);
  }
}
