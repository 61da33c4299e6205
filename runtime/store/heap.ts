// The heap: struct and array instances, spec 4.2.12 and 4.2.13.
//
// Conventions
//   Fields of a struct are in slots, as registers are: two words each (v128 two slots), and
//   references in a parallel array. Packed fields hold their 8 or 16 bits, zero-extended.
//   Elements of an array are as wide as their type: bytes, halves, or 1, 2 or 4 words.

import { type ArrayType, F32, I8, I16, I32, isRef, type StructType, V128, type ValType } from "../../decoder/index.js";
import { MemoryLimitExceeded } from "../errors.js";
import { hiOf, loOf, slotsOf } from "../values.js";
import { type RawValue, writeRaw } from "./convert.js";
import { HeapObject, type Ref } from "./refs.js";
import type { Store } from "./store.js";

/** What an object is accounted with beyond its slots or elements. */
const HEADER_BYTES = 32;
/** References in one array. V8 ends the process, rather than throw, when an array gets a few times as long. */
const MAX_REFERENCES = 2 ** 25;

export class StructInst extends HeapObject {
  constructor(
    readonly typeId: number,
    /** Two words per slot. */
    readonly words: Int32Array,
    /** Per slot: the reference, or null. */
    readonly refs: Ref[],
  ) {
    super();
  }
}

/** Elements that are numbers. */
export type ArrayData = Uint8Array | Uint16Array | Int32Array;

export class ArrayInst extends HeapObject {
  constructor(
    readonly typeId: number,
    readonly length: number,
    /** The elements if they are numbers; empty if they are references. */
    readonly data: ArrayData,
    /** The elements if they are references; empty if they are numbers. */
    readonly refs: Ref[],
  ) {
    super();
  }
}

/** Bytes of one element of an array; 8 for references. */
export function elementBytes(storage: ValType): number {
  if (storage === I8) return 1;
  if (storage === I16) return 2;
  if (storage === I32 || storage === F32) return 4;
  return storage === V128 ? 16 : 8;
}

/**
 * A struct with default fields.
 * @throws MemoryLimitExceeded
 */
export function allocateStruct(store: Store, typeId: number): StructInst {
  let slots = 0;
  for (const { storage } of structType(store, typeId).fields) slots += slotsOf(storage);
  store.chargeHeap(HEADER_BYTES + slots * 8);
  return new StructInst(typeId, new Int32Array(slots * 2), new Array<Ref>(slots).fill(null));
}

/**
 * A struct with these fields, of which packed ones are wrapped.
 * @throws MemoryLimitExceeded
 */
export function newStruct(store: Store, typeId: number, fields: readonly RawValue[]): StructInst {
  const struct = allocateStruct(store, typeId);
  let slot = 0;
  structType(store, typeId).fields.forEach(({ storage }, i) => {
    const packed = storage === I8 || storage === I16;
    const value = packed ? BigInt.asUintN(8 * elementBytes(storage), fields[i] as bigint) : fields[i]!;
    writeRaw(struct.words, struct.refs, slot, packed ? I32 : storage, value, store.registry);
    slot += slotsOf(storage);
  });
  return struct;
}

/**
 * An array of `length` elements: default ones, or `init`.
 * @throws MemoryLimitExceeded
 */
export function allocateArray(store: Store, typeId: number, length: number, init?: RawValue): ArrayInst {
  const { storage } = arrayType(store, typeId).element;
  const bytes = length * elementBytes(storage);
  if (isRef(storage) && length > MAX_REFERENCES) throw new MemoryLimitExceeded("GC heap", bytes, MAX_REFERENCES * 8);
  store.chargeHeap(HEADER_BYTES + bytes);
  if (isRef(storage)) {
    return new ArrayInst(typeId, length, NO_DATA, new Array<Ref>(length).fill((init as Ref | undefined) ?? null));
  }
  const buffer = store.allocateBuffer(bytes, bytes, "GC heap");
  const data = dataOf(storage, buffer, length);
  const array = new ArrayInst(typeId, length, data, []);
  if (init !== undefined && init !== 0n) for (let i = 0; i < length; i++) setElement(array, storage, i, init);
  return array;
}

const NO_DATA = new Uint8Array(0);

function dataOf(storage: ValType, buffer: ArrayBuffer, length: number): ArrayData {
  if (storage === I8) return new Uint8Array(buffer, 0, length);
  if (storage === I16) return new Uint16Array(buffer, 0, length);
  return new Int32Array(buffer, 0, length * (elementBytes(storage) >> 2));
}

/** Writes an element; packed ones are wrapped. `index` is in bounds. */
export function setElement(array: ArrayInst, storage: ValType, index: number, value: RawValue): void {
  if (isRef(storage)) {
    array.refs[index] = value as Ref;
    return;
  }
  const { data } = array;
  const bits = value as bigint;
  if (!(data instanceof Int32Array)) {
    data[index] = loOf(bits);
    return;
  }
  const words = elementBytes(storage) >> 2;
  const at = index * words;
  data[at] = loOf(bits);
  if (words > 1) data[at + 1] = hiOf(bits);
  if (words > 2) {
    data[at + 2] = loOf(bits >> 64n);
    data[at + 3] = hiOf(bits >> 64n);
  }
}

function structType(store: Store, typeId: number): StructType {
  return store.registry.get(typeId).comp as StructType;
}

function arrayType(store: Store, typeId: number): ArrayType {
  return store.registry.get(typeId).comp as ArrayType;
}
