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

import { HEAP_FUNC, heapTypeOf, isRef, type TypeRegistry, topHeap, type ValType } from "../../decoder/index.js";
import { ArrayInst, bytesOf, exceptionBytes, StructInst } from "./heap.js";
import { ExnInst, HeapObject, type Ref } from "./refs.js";

export type VisitRef = (ref: Ref) => void;

/** Something that keeps objects alive. */
export interface RootSource {
  /** Calls `visit` with each reference that it has. */
  visitRoots(visit: VisitRef): void;
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

/** Bytes of everything that is reachable from `sources`. */
export function liveBytes(registry: TypeRegistry, sources: Iterable<RootSource>): number {
  const mark = ++lastMark;
  // Objects that are marked, and whose references are still to be looked at.
  const pending: (HeapObject | ExnInst)[] = [];
  let bytes = 0;
  const visit: VisitRef = (ref) => {
    if (typeof ref !== "object" || ref === null) return;
    if ((ref instanceof HeapObject || ref instanceof ExnInst) && ref.mark !== mark) {
      ref.mark = mark;
      pending.push(ref);
    }
  };
  for (const source of sources) {
    source.visitRoots(visit);
    for (let object = pending.pop(); object !== undefined; object = pending.pop()) {
      if (object instanceof ExnInst) {
        bytes += exceptionBytes(object.refs.length);
        object.refs.forEach(visit);
      } else {
        bytes += bytesOf(registry, object);
        if (object instanceof StructInst) object.cells.forEach(visit);
        else if (object instanceof ArrayInst && Array.isArray(object.data)) object.data.forEach(visit);
      }
    }
  }
  return bytes;
}
