// The heap: struct and array instances, spec 4.2.12 and 4.2.13, and what they are accounted with.
//
// Conventions
//   cells     a struct's fields in one JavaScript array: a reference is one cell; i32, f32 and
//             packed fields are one int32 word; i64 and f64 two, low word first; v128 four.
//             Packed fields hold their 8 or 16 bits, zero-extended. (V8 keeps int32s in such an
//             array unboxed; a typed array for each struct takes five times as long to make.)
//   data      an array's elements: bytes, halves, or 1, 2 or 4 words; references in an array
//   bytes     what the store's heap limit counts: about what V8 takes on a 64-bit machine, but
//             fixed numbers, so that the limit is met at the same instruction everywhere
//   size      what fuel is charged for: the sum of the fields' or elements' own widths

import {
  type ArrayType,
  F32,
  I8,
  I16,
  I32,
  isRef,
  type StructType,
  type TypeRegistry,
  V128,
  type ValType,
} from "../../decoder/index.js";
import { MemoryLimitExceeded } from "../errors.js";
import { hiOf, loOf } from "../values.js";
import { HeapObject, type RawValue, type Ref } from "./refs.js";

/** A struct beyond its cells, and an array of references beyond its elements. */
const HEADER_BYTES = 96;
/** An array of numbers beyond its elements. */
const TYPED_HEADER_BYTES = 256;
/** A cell, or a reference in an array. */
export const CELL_BYTES = 8;
/** References in one array. V8 ends the process, rather than throw, when an array gets a few times as long. */
const MAX_REFERENCES = 2 ** 25;

/** A reference, or a word of a number. */
export type Cell = Ref;

export class StructInst extends HeapObject {
  // `declare`: the base has no fields to define first, and V8 stores each of these but once.
  declare readonly cells: Cell[];
  constructor(typeId: number, cells: Cell[]) {
    super(typeId);
    this.cells = cells;
  }
}

export type ArrayData = Uint8Array | Uint16Array | Int32Array | Ref[];

export class ArrayInst extends HeapObject {
  declare readonly length: number;
  declare readonly data: ArrayData;
  constructor(typeId: number, length: number, data: ArrayData) {
    super(typeId);
    this.length = length;
    this.data = data;
  }
}

/** Bytes of a field or an element; 8 for references. */
export function storageBytes(storage: ValType): number {
  if (storage === I8) return 1;
  if (storage === I16) return 2;
  if (storage === I32 || storage === F32) return 4;
  return storage === V128 ? 16 : 8;
}

/** How a cell or element is made from what an instruction has for it. */
export const CELL_WORD = 0;
export const CELL_REF = 1;
export const CELL_8 = 2;
export const CELL_16 = 3;

/** In place of where a cell comes from: it is zero, or null. */
export const DEFAULT_WORD = -1;
export const DEFAULT_REF = -2;

/** The kind of the cells of a field or element. */
export function cellKind(storage: ValType): number {
  if (isRef(storage)) return CELL_REF;
  return storage === I8 ? CELL_8 : storage === I16 ? CELL_16 : CELL_WORD;
}
/** How many cells a field or element takes. */
export function cellsOf(storage: ValType): number {
  return isRef(storage) ? 1 : Math.ceil(storageBytes(storage) / 4);
}

/** Where a struct type's fields are. */
export interface StructLayout {
  readonly type: StructType;
  /** Per field: its first cell. */
  readonly cells: readonly number[];
  /** The cells of a struct of default values. */
  readonly defaults: readonly Cell[];
  readonly size: number;
  readonly bytes: number;
}

const layouts = new WeakMap<TypeRegistry, Map<number, StructLayout>>();

/** The layout of the struct type with this canonical id; a subtype's begins as its supertype's. */
export function structLayout(registry: TypeRegistry, typeId: number): StructLayout {
  let ofRegistry = layouts.get(registry);
  if (ofRegistry === undefined) {
    ofRegistry = new Map();
    layouts.set(registry, ofRegistry);
  }
  let layout = ofRegistry.get(typeId);
  if (layout === undefined) {
    layout = makeLayout(registry.get(typeId).comp as StructType);
    ofRegistry.set(typeId, layout);
  }
  return layout;
}

function makeLayout(type: StructType): StructLayout {
  const cells: number[] = [];
  // Once it has held an object, V8 keeps it, and the copies made of it, as an array of anything.
  const defaults: Cell[] = [null];
  defaults.pop();
  let size = 0;
  for (const { storage } of type.fields) {
    cells.push(defaults.length);
    size += storageBytes(storage);
    for (let i = cellsOf(storage); i > 0; i--) defaults.push(isRef(storage) ? null : 0);
  }
  return { type, cells, defaults, size, bytes: HEADER_BYTES + defaults.length * CELL_BYTES };
}

/** The element type of the array type with this canonical id. */
export function elementStorage(registry: TypeRegistry, typeId: number): ValType {
  return (registry.get(typeId).comp as ArrayType).element.storage;
}

/**
 * What an array is accounted with.
 * @throws MemoryLimitExceeded if it has more references than one array can hold
 */
export function arrayBytes(storage: ValType, length: number): number {
  if (isRef(storage)) {
    if (length <= MAX_REFERENCES) return HEADER_BYTES + length * CELL_BYTES;
    throw new MemoryLimitExceeded("GC heap", length * CELL_BYTES, MAX_REFERENCES * CELL_BYTES);
  }
  return TYPED_HEADER_BYTES + Math.ceil((length * storageBytes(storage)) / 8) * 8;
}

/** What an exception with this many slots of arguments is accounted with. */
export function exceptionBytes(slots: number): number {
  return TYPED_HEADER_BYTES + slots * 2 * CELL_BYTES;
}

/** What an object is accounted with. */
export function bytesOf(registry: TypeRegistry, object: HeapObject): number {
  if (object instanceof StructInst) return HEADER_BYTES + object.cells.length * CELL_BYTES;
  return arrayBytes(elementStorage(registry, object.typeId), (object as ArrayInst).length);
}

/**
 * The elements of a new array, zero or null, whose bytes are charged for.
 * @throws MemoryLimitExceeded if the host cannot hold that many in one array
 */
export function newElements(storage: ValType, length: number): ArrayData {
  // Filled with an object: the array is then of one kind in V8, whatever is stored later.
  if (isRef(storage)) return new Array<Ref>(length).fill(null);
  const bytes = length * storageBytes(storage);
  try {
    if (storage === I8) return new Uint8Array(length);
    if (storage === I16) return new Uint16Array(length);
    return new Int32Array(bytes / 4);
  } catch {
    // RangeError: the host has no such buffer.
    throw new MemoryLimitExceeded("GC heap", bytes, bytes);
  }
}

/** A struct with these fields, of which packed ones are wrapped. Its bytes are charged for. */
export function newStruct(registry: TypeRegistry, typeId: number, fields: readonly RawValue[]): StructInst {
  const cells: Cell[] = [];
  structLayout(registry, typeId).type.fields.forEach(({ storage }, i) => {
    if (isRef(storage)) cells.push(fields[i] as Ref);
    else for (const word of wordsOf(storage, fields[i] as bigint)) cells.push(word);
  });
  return new StructInst(typeId, cells);
}

/**
 * An array of `length` elements `init`, or default ones, whose bytes are charged for.
 * @throws MemoryLimitExceeded as {@link newElements}
 */
export function newArray(registry: TypeRegistry, typeId: number, length: number, init?: RawValue): ArrayInst {
  const storage = elementStorage(registry, typeId);
  const array = new ArrayInst(typeId, length, newElements(storage, length));
  if (init !== undefined && init !== null && init !== 0n) {
    for (let i = 0; i < length; i++) setElement(array, storage, i, init);
  }
  return array;
}

/** Writes an element; packed ones are wrapped. `index` is in bounds. */
export function setElement(array: ArrayInst, storage: ValType, index: number, value: RawValue): void {
  if (isRef(storage)) {
    (array.data as Ref[])[index] = value as Ref;
    return;
  }
  const words = wordsOf(storage, value as bigint);
  const data = array.data as Int32Array;
  for (let i = 0; i < words.length; i++) data[index * words.length + i] = words[i]!;
}

/** The words of a number from its bits; packed ones wrapped. */
function wordsOf(storage: ValType, bits: bigint): number[] {
  if (storage === I8) return [loOf(bits) & 0xff];
  if (storage === I16) return [loOf(bits) & 0xffff];
  const words = [loOf(bits), hiOf(bits), loOf(bits >> 64n), hiOf(bits >> 64n)];
  return words.slice(0, cellsOf(storage));
}
