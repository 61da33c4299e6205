// Helpers of the generated code: allocation, and tests of references against types.
import {
  HEAP_ANY,
  HEAP_ARRAY,
  HEAP_EQ,
  HEAP_EXN,
  HEAP_EXTERN,
  HEAP_FUNC,
  HEAP_I31,
  HEAP_STRUCT,
  type HeapType,
  type TypeRegistry,
} from "../../decoder/index.js";
import {
  ArrayInst,
  CELL_8,
  CELL_16,
  CELL_REF,
  CELL_WORD,
  type Cell,
  DEFAULT_REF,
  StructInst,
  structLayout,
} from "../store/heap.js";
import { HeapObject, type Ref } from "../store/refs.js";
import type { Machine } from "./machine.js";

/** Charges the heap; false, with the request noted for the driver, if it has no such room now. */
function charge(m: Machine, bytes: number): boolean {
  const { heap } = m;
  const total = heap.used + bytes;
  if (total > heap.limit) {
    m.heapRequest = bytes;
    return false;
  }
  heap.used = total;
  return true;
}

/** The cell that a source word describes (lower-gc.ts). */
function cellFrom(m: Machine, source: number, fp: number): Cell {
  if (source < 0) return source === DEFAULT_REF ? null : 0;
  const at = fp + (source >> 2);
  switch (source & 3) {
    case CELL_WORD:
      return m.R[at]!;
    case CELL_REF:
      return m.refs[at >> 1]!;
    case CELL_8:
      return m.R[at]! & 0xff;
    default:
      return m.R[at]! & 0xffff;
  }
}

/** struct.new, its `count` sources at `at`; null if the heap has no room now. */
export function newStruct(
  m: Machine,
  typeId: number,
  bytes: number,
  at: number,
  count: number,
  fp: number,
): StructInst | null {
  if (!charge(m, bytes)) return null;
  return new StructInst(typeId, newCells(m, at, count, fp));
}

function newCells(m: Machine, at: number, count: number, fp: number): Cell[] {
  const { loopCode: code } = m;
  // A literal is allocated in one piece. They all end up of one kind in V8: packed, of anything.
  switch (count) {
    case 0:
      return [];
    case 1:
      return [cellFrom(m, code[at]!, fp)];
    case 2:
      return [cellFrom(m, code[at]!, fp), cellFrom(m, code[at + 1]!, fp)];
    case 3:
      return [cellFrom(m, code[at]!, fp), cellFrom(m, code[at + 1]!, fp), cellFrom(m, code[at + 2]!, fp)];
  }
  const cells: Cell[] = [null, null, null, null];
  for (let i = 0; i < 4; i++) cells[i] = cellFrom(m, code[at + i]!, fp);
  for (let i = 4; i < count; i++) cells.push(cellFrom(m, code[at + i]!, fp));
  return cells;
}

export function newDefaultStruct(m: Machine, typeId: number): StructInst | null {
  const layout = structLayout(m.instance.store.registry, typeId);
  return charge(m, layout.bytes) ? new StructInst(typeId, layout.defaults.slice()) : null;
}

/** array.new_fixed: `length` elements, whose `count` cells have their sources at `at`. */
export function newFixedArray(
  m: Machine,
  typeId: number,
  bytes: number,
  length: number,
  kind: number,
  at: number,
  count: number,
  fp: number,
): ArrayInst | null {
  if (!charge(m, bytes)) return null;
  if (kind === CELL_REF) return new ArrayInst(typeId, length, newCells(m, at, count, fp));
  const data =
    kind === CELL_8 ? new Uint8Array(count) : kind === CELL_16 ? new Uint16Array(count) : new Int32Array(count);
  for (let i = 0; i < count; i++) data[i] = m.R[fp + (m.loopCode[at + i]! >> 2)]!;
  return new ArrayInst(typeId, length, data);
}

/** 1 if `ref`, of the same hierarchy as `heap`, is of the reference type; else 0. Spec 4.6.2. */
export function refTest(m: Machine, ref: Ref, heap: HeapType, nullable: number): number {
  return isOfType(m.instance.store, ref, heap, nullable);
}

/** {@link refTest} with the types of a store, which are asked only where a type is named. */
export function isOfType(
  store: { readonly registry: TypeRegistry },
  ref: Ref,
  heap: HeapType,
  nullable: number,
): number {
  if (ref === null) return nullable;
  if (heap >= 0) {
    if (typeof ref === "number") return 0;
    // Host values and exceptions have no type id.
    const id = (ref as HeapObject).typeId;
    return id === heap || (id !== undefined && store.registry.isSubtypeId(id, heap)) ? 1 : 0;
  }
  switch (heap) {
    case HEAP_ANY:
    case HEAP_FUNC:
    case HEAP_EXTERN:
    case HEAP_EXN:
      return 1;
    case HEAP_EQ:
      return typeof ref === "number" || ref instanceof HeapObject ? 1 : 0;
    case HEAP_I31:
      return typeof ref === "number" ? 1 : 0;
    case HEAP_STRUCT:
      return ref instanceof StructInst ? 1 : 0;
    case HEAP_ARRAY:
      return ref instanceof ArrayInst ? 1 : 0;
    default:
      // The bottom of a hierarchy has no value but null.
      return 0;
  }
}
