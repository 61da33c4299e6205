// Which objects of the heap are live: what the store's budget is reduced to.
//
// An allocation is counted when it is made. When the count would pass the limit, the live objects
// are traced from the roots, and the count becomes the sum of their bytes. Nothing is freed here:
// objects that are not reached are left to the host's collector.
//
// The count is the same everywhere, because each part of this is:
//   when      a function of the allocations alone (Store.makeRoom)
//   roots     globals, tables and element segments of the store; of every execution that is not
//             over, the locals and operands of its frames at their instructions in the module
//             (not what their slots happen to hold: interpreter/roots.ts), and the arguments of
//             host calls under way; and what the host holds on to (Store.hold)
//   bytes     fixed by an object's type and length (heap.ts)
// A guest cannot observe the host's collector: WebAssembly has no finalizers and no weak
// references, references have no addresses and compare by identity, and the limit counts what is
// reachable, never what the host still keeps. References that only the host has are not counted,
// unless it holds them: what a host function stores away is the host's memory, as anything else is.
//
// A trace is paid for before it counts, and can be looked at in steps while its price is gathered
// (Store.traceAhead): a step of so much fuel does no more of it than that much pays for. Between
// steps the execution stands before its allocation with all of its fuel, and what was found is
// nobody's state: a snapshot there says nothing of it, and the restored store begins anew.

import { HEAP_FUNC, heapTypeOf, isRef, type TypeRegistry, topHeap, type ValType } from "../../decoder/index.js";
import { ArrayInst, bytesOf, CELL_BYTES, exceptionBytes, StructInst } from "./heap.js";
import { ExnInst, HeapObject, type Ref } from "./refs.js";

export type VisitRef = (ref: Ref) => void;
/** Visits all of an array that does not change before the trace is over. */
export type VisitRefs = (refs: readonly Ref[]) => void;

/** Something that keeps objects alive. */
export interface RootSource {
  /** Calls `visit` with each reference that it has, or `visitAll` with many. */
  visitRoots(visit: VisitRef, visitAll: VisitRefs): void;
}

/** The bytes of one store's heap. A class of its own, for the dispatch loop. */
export class HeapBudget {
  /** What was live at the last trace, and everything made since. */
  used = 0;
  /** What was live at the last trace. */
  live = 0;
  constructor(readonly limit: number) {}
}

/** Whether a reference of this type can lead to objects of the heap: all but functions can. */
export function holdsHeapObjects(registry: TypeRegistry, type: ValType): boolean {
  return isRef(type) && topHeap(registry, heapTypeOf(type)) !== HEAP_FUNC;
}

// Marks are only ever compared for equality. One sequence for all stores: the host may carry
// references from one to another.
let lastMark = 0;

// Marks of traces that wait, the first of which is the oldest. A trace of another store that comes to an object of
// theirs takes the mark from it, and they begin anew.
const waiting = new Set<number>();
/** So many traces wait at most, of stores that are in use or were forgotten: one more, and the oldest begins anew. */
const MOST_WAITING = 64;
let oldestWaiting = Number.POSITIVE_INFINITY;

function updateOldest(): void {
  oldestWaiting = waiting.size === 0 ? Number.POSITIVE_INFINITY : waiting.values().next().value!;
}

/** References that are looked at in one go. */
const PORTION = 1024;

/**
 * Finds what is reachable from `sources` and adds up its bytes, in as many steps as one likes. Nothing of what it looks
 * at may change between them.
 */
export class HeapTrace {
  private bytes = 0;
  private mark = ++lastMark;
  private nextSource = 0;
  /** Objects that are marked, and whose references are still to be looked at. */
  private readonly pending: (HeapObject | ExnInst)[] = [];
  /** Arrays longer than a portion, and how far each was looked at. */
  private readonly long: { readonly refs: readonly Ref[]; at: number }[] = [];

  constructor(
    private readonly registry: TypeRegistry,
    private readonly sources: readonly RootSource[],
  ) {}

  /**
   * Goes on for about `bytes` of objects and of references in roots, or to the end.
   * @returns the sum of all bytes if it came to the end
   */
  advance(bytes = Number.POSITIVE_INFINITY): number | undefined {
    const { pending, long, sources } = this;
    let left = bytes;
    let counted = 0;
    while (left > 0) {
      const object = pending.pop();
      if (object !== undefined) {
        const before = long.length;
        const size = this.look(object);
        counted += size;
        // Of a long array, all but its elements.
        left -= long.length === before ? size : CELL_BYTES;
      } else if (long.length > 0) left -= this.lookOn() * CELL_BYTES;
      else if (this.nextSource < sources.length) {
        sources[this.nextSource++]!.visitRoots(this.visit, this.visitAll);
        left -= pending.length * CELL_BYTES;
      } else {
        this.bytes += counted;
        return this.bytes;
      }
    }
    this.bytes += counted;
    return undefined;
  }

  /** Until it goes on: other traces may run meanwhile. */
  wait(): void {
    if (waiting.size >= MOST_WAITING) waiting.delete(waiting.values().next().value!);
    waiting.add(this.mark);
    updateOldest();
  }

  /** Ends {@link wait}. @returns whether its marks are still there; if not, it cannot go on */
  goOn(): boolean {
    const isWhole = waiting.delete(this.mark);
    updateOldest();
    return isWhole;
  }

  private readonly visit: VisitRef = (ref) => {
    if (!(ref instanceof HeapObject || ref instanceof ExnInst) || ref.mark === this.mark) return;
    if (ref.mark >= oldestWaiting && waiting.delete(ref.mark)) updateOldest();
    ref.mark = this.mark;
    this.pending.push(ref);
  };

  private readonly visitAll: VisitRefs = (refs) => {
    if (refs.length > PORTION) this.long.push({ refs, at: 0 });
    else this.visitSome(refs, 0, refs.length);
  };

  private visitSome(refs: readonly Ref[], from: number, to: number): void {
    const { visit } = this;
    for (let i = from; i < to; i++) {
      const ref = refs[i]!;
      // Numbers and null are most of what there is, and not worth a call.
      if (typeof ref === "object" && ref !== null) visit(ref);
    }
  }

  /** @returns what the object counts with */
  private look(object: HeapObject | ExnInst): number {
    if (object instanceof StructInst) {
      this.visitAll(object.cells);
      return bytesOf(this.registry, object);
    }
    if (object instanceof ExnInst) {
      this.visitAll(object.refs);
      return exceptionBytes(object.refs.length);
    }
    if (object instanceof ArrayInst && Array.isArray(object.data)) this.visitAll(object.data);
    return bytesOf(this.registry, object);
  }

  /** @returns how many references it has looked at */
  private lookOn(): number {
    const last = this.long.at(-1)!;
    const from = last.at;
    const to = Math.min(from + PORTION, last.refs.length);
    // Before its elements, which may be long, too.
    if (to === last.refs.length) this.long.pop();
    last.at = to;
    this.visitSome(last.refs, from, to);
    return to - from;
  }
}
