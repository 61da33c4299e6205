// The driver's operations on arrays: allocation of a length known only at run time, and bulk work.
//
// Conventions
//   Operands lie from slot `base` on, in the order of the specification; a result goes to `base`.
//   An allocation larger than the heap may ever be traps on its base price; any other pays for
//   its size before the heap is asked for room.
import { I8, I16, isRef, type ValType } from "../../decoder/index.js";
import { BULK_ARRAY, BULK_ARRAY_NEW, extraCost } from "../fuel-schedule.js";
import {
  type ArrayData,
  ArrayInst,
  arrayBytes,
  cellsOf,
  elementStorage,
  newElements,
  storageBytes,
} from "../store/heap.js";
import type { Ref } from "../store/refs.js";
import { slotsOf } from "../values.js";
import { load32 } from "./access.js";
import { payExtra, payForRoom, trap } from "./flow.js";
import { copyRefs, fits, type Operation, proceed, refAt, unsigned } from "./operation.js";
import type { Thread } from "./thread.js";

/** From the position before the words (base, type, other, fuel) to the next operation. */
const LENGTH = 5;
const OUT_OF_ARRAY = "out of bounds array access";

interface Operands {
  readonly base: number;
  readonly typeId: number;
  readonly other: number;
  /** Of the elements of the array, by its static type. */
  readonly storage: ValType;
}

function operandsAt(thread: Thread, at: number): Operands {
  const { code } = thread.machine;
  const typeId = code[at + 2]!;
  return { base: code[at + 1]!, typeId, other: code[at + 3]!, storage: elementStorage(thread.store.registry, typeId) };
}

/** Pays for a new array, in fuel and in room; undefined if it has to wait for fuel. */
function allocate(thread: Thread, { typeId, storage }: Operands, length: number): ArrayInst | undefined {
  const bytes = arrayBytes(storage, length);
  thread.store.admitHeap(bytes);
  const size = extraCost(thread.context.schedule, BULK_ARRAY_NEW, length, storageBytes(storage));
  if (!payForRoom(thread, bytes, size)) return undefined;
  thread.store.chargeHeap(bytes);
  return new ArrayInst(typeId, length, newElements(storage, length));
}

function finish(thread: Thread, at: number, base: number, array: ArrayInst): undefined {
  const { machine: m } = thread;
  m.refs[(m.fp >> 1) + base] = array;
  return proceed(thread, at + LENGTH);
}

/** Copies the value in slot `slot` to elements [from, to). */
function fill(thread: Thread, data: ArrayData, storage: ValType, slot: number, from: number, to: number): void {
  const { R, fp } = thread.machine;
  if (isRef(storage)) {
    (data as Ref[]).fill(refAt(thread.machine, slot), from, to);
    return;
  }
  const words = cellsOf(storage);
  const at = fp + slot * 2;
  const typed = data as Int32Array;
  if (words === 1) typed.fill(R[at]!, from, to);
  else if (from < to) {
    // One element, then twice as many each time.
    const end = to * words;
    let done = from * words;
    for (let i = 0; i < words; i++) typed[done++] = R[at + i]!;
    for (let n = words; done < end; done += n, n = Math.min(2 * n, end - done))
      typed.copyWithin(done, from * words, from * words + n);
  }
}

/** Copies elements from a data segment, whose bytes are little-endian. */
function fillFromBytes(
  data: ArrayData,
  storage: ValType,
  at: number,
  bytes: Uint8Array,
  from: number,
  n: number,
): void {
  if (storage === I8) (data as Uint8Array).set(bytes.subarray(from, from + n), at);
  else if (storage === I16) {
    for (let i = 0; i < n; i++) data[at + i] = bytes[from + i * 2]! | (bytes[from + i * 2 + 1]! << 8);
  } else {
    const words = cellsOf(storage);
    for (let i = 0; i < n * words; i++) data[at * words + i] = load32(bytes, from + i * 4);
  }
}

// ---- Allocation ----

function arrayNew(thread: Thread, at: number): undefined {
  const operands = operandsAt(thread, at);
  const { base, storage } = operands;
  const length = unsigned(thread.machine, base + slotsOf(storage), false);
  const array = allocate(thread, operands, length);
  if (array === undefined) return undefined;
  fill(thread, array.data, storage, base, 0, length);
  return finish(thread, at, base, array);
}

function arrayNewDefault(thread: Thread, at: number): undefined {
  const operands = operandsAt(thread, at);
  const array = allocate(thread, operands, unsigned(thread.machine, operands.base, false));
  return array === undefined ? undefined : finish(thread, at, operands.base, array);
}

function arrayNewData(thread: Thread, at: number): undefined {
  const { machine: m } = thread;
  const operands = operandsAt(thread, at);
  const { base, storage, other } = operands;
  const bytes = m.instance.dataBytes(other);
  const from = unsigned(m, base, false);
  const length = unsigned(m, base + 1, false);
  if (!fits(from, length * storageBytes(storage), bytes.length)) return trap(thread, "out of bounds memory access");
  const array = allocate(thread, operands, length);
  if (array === undefined) return undefined;
  fillFromBytes(array.data, storage, 0, bytes, from, length);
  return finish(thread, at, base, array);
}

function arrayNewElem(thread: Thread, at: number): undefined {
  const { machine: m } = thread;
  const operands = operandsAt(thread, at);
  const { base, other } = operands;
  const from = unsigned(m, base, false);
  const length = unsigned(m, base + 1, false);
  if (!fits(from, length, m.instance.elemLength(other))) return trap(thread, "out of bounds table access");
  const array = allocate(thread, operands, length);
  if (array === undefined) return undefined;
  copyRefs(array.data as Ref[], 0, m.instance.elemRefsAgain(other, from, length), 0, length);
  return finish(thread, at, base, array);
}

// ---- Bulk work on arrays that exist ----

/** Pays for moving `n` elements, and goes on; false if it has to wait for fuel. */
function payFor(thread: Thread, storage: ValType, n: number): boolean {
  return payExtra(thread, extraCost(thread.context.schedule, BULK_ARRAY, n, storageBytes(storage)));
}

function arrayFill(thread: Thread, at: number): undefined {
  const { machine: m } = thread;
  const { base, storage } = operandsAt(thread, at);
  const array = refAt(m, base) as ArrayInst | null;
  if (array === null) return trap(thread, "null array reference");
  const to = unsigned(m, base + 1, false);
  const n = unsigned(m, base + 2 + slotsOf(storage), false);
  if (!fits(to, n, array.length)) return trap(thread, OUT_OF_ARRAY);
  if (!payFor(thread, storage, n)) return undefined;
  fill(thread, array.data, storage, base + 2, to, to + n);
  return proceed(thread, at + LENGTH);
}

function arrayCopy(thread: Thread, at: number): undefined {
  const { machine: m } = thread;
  const { base, storage } = operandsAt(thread, at);
  const target = refAt(m, base) as ArrayInst | null;
  const source = refAt(m, base + 2) as ArrayInst | null;
  if (target === null || source === null) return trap(thread, "null array reference");
  const to = unsigned(m, base + 1, false);
  const from = unsigned(m, base + 3, false);
  const n = unsigned(m, base + 4, false);
  if (!fits(to, n, target.length) || !fits(from, n, source.length)) return trap(thread, OUT_OF_ARRAY);
  if (!payFor(thread, storage, n)) return undefined;
  if (isRef(storage)) copyRefs(target.data as Ref[], to, source.data as Ref[], from, n);
  else {
    const words = cellsOf(storage);
    const data = (source.data as Int32Array).subarray(from * words, (from + n) * words);
    (target.data as Int32Array).set(data, to * words);
  }
  return proceed(thread, at + LENGTH);
}

function arrayInitData(thread: Thread, at: number): undefined {
  const { machine: m } = thread;
  const { base, storage, other } = operandsAt(thread, at);
  const array = refAt(m, base) as ArrayInst | null;
  if (array === null) return trap(thread, "null array reference");
  const bytes = m.instance.dataBytes(other);
  const to = unsigned(m, base + 1, false);
  const from = unsigned(m, base + 2, false);
  const n = unsigned(m, base + 3, false);
  if (!fits(to, n, array.length)) return trap(thread, OUT_OF_ARRAY);
  if (!fits(from, n * storageBytes(storage), bytes.length)) return trap(thread, "out of bounds memory access");
  if (!payFor(thread, storage, n)) return undefined;
  fillFromBytes(array.data, storage, to, bytes, from, n);
  return proceed(thread, at + LENGTH);
}

function arrayInitElem(thread: Thread, at: number): undefined {
  const { machine: m } = thread;
  const { base, storage, other } = operandsAt(thread, at);
  const array = refAt(m, base) as ArrayInst | null;
  if (array === null) return trap(thread, "null array reference");
  const to = unsigned(m, base + 1, false);
  const from = unsigned(m, base + 2, false);
  const n = unsigned(m, base + 3, false);
  if (!fits(to, n, array.length)) return trap(thread, OUT_OF_ARRAY);
  if (!fits(from, n, m.instance.elemLength(other))) return trap(thread, "out of bounds table access");
  if (!payFor(thread, storage, n)) return undefined;
  copyRefs(array.data as Ref[], to, m.instance.elemRefsAgain(other, from, n), 0, n);
  return proceed(thread, at + LENGTH);
}

/** By the names of register-ops-gc.ts. */
export const GC_OPERATIONS: Readonly<Record<string, Operation>> = {
  "array.new": arrayNew,
  "array.new_default": arrayNewDefault,
  "array.new_data": arrayNewData,
  "array.new_elem": arrayNewElem,
  "array.fill": arrayFill,
  "array.copy": arrayCopy,
  "array.init_data": arrayInitData,
  "array.init_elem": arrayInitElem,
};
