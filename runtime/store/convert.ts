// Values between JavaScript and slots (DESIGN.md, "values").
//
// Conventions
//   words, refs   a register file, or anything shaped like one: two int32 words per slot, and
//                 the references in a parallel array under the same slot number
//   Value         what an embedder sees: i32 a signed number, i64 a signed bigint, f32 and f64
//                 numbers, v128 an unsigned bigint; funcref a FuncInst or null, externref any
//                 JavaScript value (null is the null reference), exnref an opaque ExnInst or null
//   RawValue      every number type as an unsigned bigint of its bits; references as they are

import {
  F32,
  F64,
  HEAP_ANY,
  HEAP_EXN,
  HEAP_EXTERN,
  HEAP_FUNC,
  HEAP_I31,
  heapTypeOf,
  I32,
  I64,
  isNullable,
  isRef,
  matchesHeap,
  type TypeRegistry,
  topHeap,
  V128,
  type ValType,
} from "../../decoder/index.js";
import { UsageError } from "../errors.js";
import {
  f32FromBits,
  f32ToBits,
  f64FromHalves,
  f64ToHi,
  f64ToLo,
  hiOf,
  loOf,
  slotsOf,
  toBigInt,
  toBigUint,
} from "../values.js";
import { FuncInst } from "./func.js";
import type { Owner } from "./owner.js";
import { belongsTo } from "./ownership.js";
import { ExnInst, HeapObject, HostRef, type RawValue, type Ref } from "./refs.js";

/** A WebAssembly value as an embedder sees it; an externref may be anything. */
export type Value = unknown;

/** Whether `ref` is a value of the reference type `type`, spec 4.2.2 and appendix "Type Soundness". */
export function refMatches(registry: TypeRegistry, ref: Ref, type: ValType): boolean {
  if (ref === null) return isNullable(type);
  const heap = heapTypeOf(type);
  const top = topHeap(registry, heap);
  if (top === HEAP_FUNC) return ref instanceof FuncInst && funcMatches(registry, ref.typeId, type);
  if (top === HEAP_EXN) return heap === HEAP_EXN && ref instanceof ExnInst;
  if (top === HEAP_EXTERN) {
    // Any reference of the host, or one of the any hierarchy made extern.
    return heap === HEAP_EXTERN && (ref instanceof HostRef || ref instanceof HeapObject || isI31(ref));
  }
  if (ref instanceof HostRef) return heap === HEAP_ANY;
  if (isI31(ref)) return matchesHeap(registry, HEAP_I31, heap);
  return ref instanceof HeapObject && matchesHeap(registry, ref.typeId, heap);
}

/** Whether functions of a canonical type are values of the reference type `type`. */
export function funcMatches(registry: TypeRegistry, typeId: number, type: ValType): boolean {
  return matchesHeap(registry, typeId, heapTypeOf(type));
}

function isI31(ref: Ref): ref is number {
  return typeof ref === "number" && Number.isInteger(ref) && ref >= -(2 ** 30) && ref < 2 ** 30;
}

/** As {@link refMatches}; and a function is one of the owner's. */
function refFits(owner: Owner, ref: Ref, type: ValType): boolean {
  return refMatches(owner.registry, ref, type) && !isForeign(owner, ref);
}

/** Whether a value is a function of another store or engine: called here, it would spend what another store has. */
function isForeign(owner: Owner, value: unknown): boolean {
  return value instanceof FuncInst && !belongsTo(owner, value);
}

/** The reference that a JavaScript value stands for, or undefined if it does not fit the type. */
function toRef(owner: Owner, type: ValType, value: unknown): Ref | undefined {
  const heap = heapTypeOf(type);
  if (value === null) return isNullable(type) ? null : undefined;
  if (heap === HEAP_EXTERN) return value instanceof HostRef || value instanceof HeapObject ? value : new HostRef(value);
  const candidate = value as Ref;
  return value !== undefined && refFits(owner, candidate, type) ? candidate : undefined;
}

/**
 * Writes a value of the embedder's into slot `slot`.
 * @returns false, with nothing written, if the value does not fit the type
 */
export function tryWriteValue(
  words: Int32Array,
  refs: Ref[],
  slot: number,
  type: ValType,
  value: Value,
  owner: Owner,
): boolean {
  switch (type) {
    case I32:
      if (typeof value !== "number" || !Number.isInteger(value) || value < -(2 ** 31) || value >= 2 ** 32) return false;
      words[slot * 2] = value;
      return true;
    case I64:
      if (typeof value !== "bigint" || value < -(2n ** 63n) || value >= 2n ** 64n) return false;
      writeNumber(words, slot * 2, type, value);
      return true;
    case F32:
    case F64:
      if (typeof value !== "number") return false;
      writeNumber(words, slot * 2, type, value);
      return true;
    case V128:
      return tryWriteBits(words, slot, type, value);
    default: {
      const ref = toRef(owner, type, value);
      if (ref === undefined) return false;
      refs[slot] = ref;
      return true;
    }
  }
}

/** Writes a number that is of its type already, at word `at`. */
export function writeNumber(words: Int32Array, at: number, type: ValType, value: number | bigint): void {
  switch (type) {
    case I32:
      words[at] = value as number;
      return;
    case I64:
      words[at] = loOf(value as bigint);
      words[at + 1] = hiOf(value as bigint);
      return;
    case F32:
      words[at] = f32ToBits(value as number);
      return;
    default:
      words[at] = f64ToLo(value as number);
      words[at + 1] = f64ToHi(value as number);
  }
}

/** The number at word `at`. */
export function readNumber(words: Int32Array, at: number, type: ValType): number | bigint {
  switch (type) {
    case I32:
      return words[at]!;
    case I64:
      return toBigInt(words[at]!, words[at + 1]!);
    case F32:
      return f32FromBits(words[at]!);
    default:
      return f64FromHalves(words[at]!, words[at + 1]!);
  }
}

function tryWriteBits(words: Int32Array, slot: number, type: ValType, bits: unknown): boolean {
  if (typeof bits !== "bigint" || bits < 0n) return false;
  const at = slot * 2;
  if (type === V128) {
    if (bits >> 128n !== 0n) return false;
    words[at + 2] = loOf(bits >> 64n);
    words[at + 3] = hiOf(bits >> 64n);
  } else if (type === I32 || type === F32) {
    if (bits >> 32n !== 0n) return false;
    words[at] = loOf(bits);
    return true;
  } else if (bits >> 64n !== 0n) return false;
  words[at] = loOf(bits);
  words[at + 1] = hiOf(bits);
  return true;
}

/** As {@link tryWriteValue}, for a raw value. */
export function tryWriteRaw(
  words: Int32Array,
  refs: Ref[],
  slot: number,
  type: ValType,
  value: RawValue,
  owner: Owner,
): boolean {
  if (!isRef(type)) return tryWriteBits(words, slot, type, value);
  if (value === undefined || typeof value === "bigint" || !refFits(owner, value, type)) return false;
  refs[slot] = value;
  return true;
}

/**
 * Writes a value of the embedder's into slot `slot`.
 * @param what names the value in the error: `argument`
 * @throws UsageError if it does not fit the type
 */
export function writeValue(
  words: Int32Array,
  refs: Ref[],
  slot: number,
  type: ValType,
  value: Value,
  owner: Owner,
  what = "value",
): void {
  if (tryWriteValue(words, refs, slot, type, value, owner)) return;
  throw new UsageError(`${what}: found ${describeGiven(owner, value)}, expected ${owner.registry.describe(type)}`);
}

/** As {@link writeValue}, for a raw value. @throws UsageError */
export function writeRaw(
  words: Int32Array,
  refs: Ref[],
  slot: number,
  type: ValType,
  value: RawValue,
  owner: Owner,
  what = "value",
): void {
  if (tryWriteRaw(words, refs, slot, type, value, owner)) return;
  throw new UsageError(
    `${what}: found ${describeGiven(owner, value)}, expected the unsigned bits of ${owner.registry.describe(type)}`,
  );
}

/**
 * Writes a sequence of values from slot `slot` on: the arguments of a call, the results of a
 * host function.
 * @param raw whether `values` are raw values
 * @param what names each of them in errors: `argument`, `result`
 * @param of the function, for errors: `"env.now"`
 * @throws UsageError if their number is wrong or one does not fit its type
 */
export function writeValues(
  words: Int32Array,
  refs: Ref[],
  slot: number,
  types: readonly ValType[],
  values: readonly unknown[],
  owner: Owner,
  raw: boolean,
  what: string,
  of: string,
): void {
  if (values.length !== types.length) {
    const expected = `${types.length} ${owner.registry.describeAll(types)}`;
    throw new UsageError(`${of}: found ${values.length} ${what}s, expected ${expected}`);
  }
  let at = slot;
  for (let i = 0; i < types.length; i++) {
    const type = types[i]!;
    const fits = raw
      ? tryWriteRaw(words, refs, at, type, values[i] as RawValue, owner)
      : tryWriteValue(words, refs, at, type, values[i], owner);
    if (!fits) {
      const expected = `${raw && !isRef(type) ? "the unsigned bits of " : ""}${owner.registry.describe(type)}`;
      throw new UsageError(`${of}: ${what} ${i}: found ${describeGiven(owner, values[i])}, expected ${expected}`);
    }
    at += slotsOf(type);
  }
}

/** The value in slot `slot` as an embedder sees it. */
export function readValue(words: Int32Array, refs: readonly Ref[], slot: number, type: ValType): Value {
  if (isRef(type)) return refToValue(refs[slot]!);
  return type === V128 ? readBits(words, slot, type) : readNumber(words, slot * 2, type);
}

function readBits(words: Int32Array, slot: number, type: ValType): bigint {
  const at = slot * 2;
  if (type === I32 || type === F32) return BigInt(words[at]! >>> 0);
  const low = toBigUint(words[at]!, words[at + 1]!);
  return type === V128 ? (toBigUint(words[at + 2]!, words[at + 3]!) << 64n) | low : low;
}

/** The value in slot `slot` as raw bits or a reference. */
export function readRaw(words: Int32Array, refs: readonly Ref[], slot: number, type: ValType): RawValue {
  return isRef(type) ? refs[slot]! : readBits(words, slot, type);
}

/** A sequence of values from slot `slot` on. */
export function readValues(words: Int32Array, refs: readonly Ref[], slot: number, types: readonly ValType[]): Value[] {
  let at = slot;
  return types.map((type) => {
    const value = readValue(words, refs, at, type);
    at += slotsOf(type);
    return value;
  });
}

/** As {@link readValues}, raw. */
export function readRaws(words: Int32Array, refs: readonly Ref[], slot: number, types: readonly ValType[]): RawValue[] {
  let at = slot;
  return types.map((type) => {
    const value = readRaw(words, refs, at, type);
    at += slotsOf(type);
    return value;
  });
}

/** A reference as an embedder sees it: host references are unwrapped. */
export function refToValue(ref: Ref): Value {
  return ref instanceof HostRef ? ref.value : ref;
}

/**
 * The reference that a JavaScript value stands for.
 * @throws UsageError if it does not fit the reference type
 */
export function valueToRef(owner: Owner, type: ValType, value: Value, what = "value"): Ref {
  const ref = toRef(owner, type, value);
  if (ref !== undefined) return ref;
  throw new UsageError(`${what}: found ${describeGiven(owner, value)}, expected ${owner.registry.describe(type)}`);
}

function describeGiven(owner: Owner, value: unknown): string {
  return isForeign(owner, value) ? "a function of another store or engine" : describeValue(value);
}

const LONGEST = 40;

/** A JavaScript value for an error message: short, and without running code of the value's. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case "string":
      return `string ${JSON.stringify(value.length > LONGEST ? value.slice(0, LONGEST) + "…" : value)}`;
    case "number":
      return `number ${Object.is(value, -0) ? "-0" : value}`;
    case "bigint":
      return BigInt.asIntN(160, value) === value ? `bigint ${value}` : "a bigint of more than 160 bits";
    case "boolean":
      return `boolean ${value}`;
    case "undefined":
    case "symbol":
      return typeof value;
    case "function":
      return "a JavaScript function";
    default:
      if (value === null) return "null";
      if (value instanceof FuncInst) return `a function of type ${value.typeId}`;
      if (value instanceof ExnInst) return "an exception reference";
      return "an object";
  }
}
