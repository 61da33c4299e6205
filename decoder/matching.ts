// Subtyping between types: spec 3.3 ("Matching").

import {
  BOT,
  type CompType,
  type FieldType,
  type GlobalType,
  HEAP_ANY,
  HEAP_ARRAY,
  HEAP_BOT,
  HEAP_EQ,
  HEAP_EXN,
  HEAP_EXTERN,
  HEAP_FUNC,
  HEAP_I31,
  HEAP_NOEXN,
  HEAP_NOEXTERN,
  HEAP_NOFUNC,
  HEAP_NONE,
  HEAP_STRUCT,
  type HeapType,
  heapTypeOf,
  isNullable,
  isRef,
  type Limits,
  type MemoryType,
  type TableType,
  type ValType,
} from "./types.js";

/** What matching asks about defined types, by canonical id: of a TypeRegistry. */
export interface DefinedTypes {
  get(id: number): { readonly comp: CompType };
  isSubtypeId(a: number, b: number): boolean;
}

/** The top of a heap type's hierarchy: any, func, extern or exn. */
export function topHeap(registry: DefinedTypes, heap: HeapType): HeapType {
  if (heap >= 0) return registry.get(heap).comp.kind === "func" ? HEAP_FUNC : HEAP_ANY;
  if (heap === HEAP_FUNC || heap === HEAP_NOFUNC) return HEAP_FUNC;
  if (heap === HEAP_EXTERN || heap === HEAP_NOEXTERN) return HEAP_EXTERN;
  if (heap === HEAP_EXN || heap === HEAP_NOEXN) return HEAP_EXN;
  return HEAP_ANY;
}

/** The bottom of a heap type's hierarchy: none, nofunc, noextern or noexn. */
export function bottomHeap(registry: DefinedTypes, heap: HeapType): HeapType {
  const top = topHeap(registry, heap);
  if (top === HEAP_FUNC) return HEAP_NOFUNC;
  if (top === HEAP_EXTERN) return HEAP_NOEXTERN;
  return top === HEAP_EXN ? HEAP_NOEXN : HEAP_NONE;
}

/** Heap types; the rules of "Heap Types", reflexive and transitive. */
export function matchesHeap(registry: DefinedTypes, a: HeapType, b: HeapType): boolean {
  if (a === b) return true;
  if (a >= 0) {
    if (b >= 0) return registry.isSubtypeId(a, b);
    const kind = registry.get(a).comp.kind;
    if (kind === "func") return b === HEAP_FUNC;
    return b === HEAP_ANY || b === HEAP_EQ || b === (kind === "struct" ? HEAP_STRUCT : HEAP_ARRAY);
  }
  switch (a) {
    case HEAP_EQ:
      return b === HEAP_ANY;
    case HEAP_I31:
    case HEAP_STRUCT:
    case HEAP_ARRAY:
      return b === HEAP_EQ || b === HEAP_ANY;
    case HEAP_NONE:
    case HEAP_NOFUNC:
    case HEAP_NOEXTERN:
    case HEAP_NOEXN:
      return bottomHeap(registry, b) === a;
    default:
      return a === HEAP_BOT;
  }
}

/** Value types, the bottom type included. */
export function matchesVal(registry: DefinedTypes, a: ValType, b: ValType): boolean {
  if (a === b || a === BOT) return true;
  if (!isRef(a) || !isRef(b) || (isNullable(a) && !isNullable(b))) return false;
  return matchesHeap(registry, heapTypeOf(a), heapTypeOf(b));
}

/** Whether each of `a` matches its counterpart in `b`. */
export function matchesResult(registry: DefinedTypes, a: readonly ValType[], b: readonly ValType[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!matchesVal(registry, a[i]!, b[i]!)) return false;
  return true;
}

function matchesField(registry: DefinedTypes, a: FieldType, b: FieldType): boolean {
  if (a.mutable !== b.mutable || !matchesVal(registry, a.storage, b.storage)) return false;
  return !a.mutable || matchesVal(registry, b.storage, a.storage);
}

/** Composite types. */
export function matchesComp(registry: DefinedTypes, a: CompType, b: CompType): boolean {
  if (a.kind === "func") {
    return (
      b.kind === "func" && matchesResult(registry, b.params, a.params) && matchesResult(registry, a.results, b.results)
    );
  }
  if (a.kind === "array") return b.kind === "array" && matchesField(registry, a.element, b.element);
  if (b.kind !== "struct" || a.fields.length < b.fields.length) return false;
  for (let i = 0; i < b.fields.length; i++) if (!matchesField(registry, a.fields[i]!, b.fields[i]!)) return false;
  return true;
}

/** Limits. */
export function matchesLimits(a: Limits, b: Limits): boolean {
  return a.min >= b.min && (b.max === undefined || (a.max !== undefined && a.max <= b.max));
}

/** Table types: the element types must be equivalent. `a.limits.min` is the actual size at run time. */
export function matchesTable(registry: DefinedTypes, a: TableType, b: TableType): boolean {
  return (
    a.is64 === b.is64 &&
    matchesLimits(a.limits, b.limits) &&
    matchesVal(registry, a.element, b.element) &&
    matchesVal(registry, b.element, a.element)
  );
}

/** Memory types, with the threads and custom-page-sizes proposals. */
export function matchesMemory(a: MemoryType, b: MemoryType): boolean {
  return (
    a.is64 === b.is64 && a.shared === b.shared && a.pageSizeLog2 === b.pageSizeLog2 && matchesLimits(a.limits, b.limits)
  );
}

/** Global types: a mutable one only matches itself. */
export function matchesGlobal(registry: DefinedTypes, a: GlobalType, b: GlobalType): boolean {
  if (a.mutable !== b.mutable || !matchesVal(registry, a.type, b.type)) return false;
  return !a.mutable || matchesVal(registry, b.type, a.type);
}

/** Function types: a function of the type with id `a` can be imported as one with id `b`. */
export function matchesFunc(registry: DefinedTypes, a: number, b: number): boolean {
  return registry.isSubtypeId(a, b);
}

/** Tag types must be equivalent, which is equality of ids. */
export function matchesTag(_registry: DefinedTypes, a: number, b: number): boolean {
  return a === b;
}
