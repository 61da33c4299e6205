// Types of the specification, chapter 2.3, packed so that comparing two is comparing two integers.
//
// Conventions
//   ValType    an int32. Low 8 bits: the binary format's code (0x7f i32 … 0x7b v128,
//              0x64 ref, 0x63 ref null). Above them, for references, the heap type.
//   HeapType   an int. Negative: an abstract heap type, as its s33 value in the binary
//              format (0x70 func is -0x10). From 0 up: a defined type, by its *canonical id*
//              in a TypeRegistry (type-registry.ts), never by its index in one module.

/** A value type, packed; see the conventions at the head of this file. */
export type ValType = number;
/** A heap type: negative abstract, or the canonical id of a defined type. */
export type HeapType = number;

export const I32: ValType = 0x7f;
export const I64: ValType = 0x7e;
export const F32: ValType = 0x7d;
export const F64: ValType = 0x7c;
export const V128: ValType = 0x7b;
/** Packed storage types: only in fields of structs and arrays. */
export const I8: ValType = 0x78;
export const I16: ValType = 0x77;
/** The bottom type of the validation algorithm; no value has it. */
export const BOT: ValType = 0;

/** The bottom heap type of the validation algorithm; it matches every other. */
export const HEAP_BOT: HeapType = -0x01;
export const HEAP_NOEXN: HeapType = -0x0c;
export const HEAP_NOFUNC: HeapType = -0x0d;
export const HEAP_NOEXTERN: HeapType = -0x0e;
export const HEAP_NONE: HeapType = -0x0f;
export const HEAP_FUNC: HeapType = -0x10;
export const HEAP_EXTERN: HeapType = -0x11;
export const HEAP_ANY: HeapType = -0x12;
export const HEAP_EQ: HeapType = -0x13;
export const HEAP_I31: HeapType = -0x14;
export const HEAP_STRUCT: HeapType = -0x15;
export const HEAP_ARRAY: HeapType = -0x16;
export const HEAP_EXN: HeapType = -0x17;

const REF_NON_NULL = 0x64;
const REF_NULL = 0x63;

/** `(ref null? heapType)` as a packed value type. */
export function refType(heapType: HeapType, nullable: boolean): ValType {
  return (heapType << 8) | (nullable ? REF_NULL : REF_NON_NULL);
}
/** Whether `type` is a reference type. */
export function isRef(type: ValType): boolean {
  return (type & 0xff) === REF_NULL || (type & 0xff) === REF_NON_NULL;
}
/** The heap type of a reference type. */
export function heapTypeOf(type: ValType): HeapType {
  return type >> 8;
}
/** Whether a reference type admits null. */
export function isNullable(type: ValType): boolean {
  return (type & 0xff) === REF_NULL;
}
/** The same reference type without null. */
export function nonNull(type: ValType): ValType {
  return (type & ~0xff) | REF_NON_NULL;
}
/** Whether a local of this type has a value before it is set (spec, 3.2.8 "defaultable"). */
export function isDefaultable(type: ValType): boolean {
  return (type & 0xff) !== REF_NON_NULL;
}

export const FUNCREF: ValType = refType(HEAP_FUNC, true);
export const EXTERNREF: ValType = refType(HEAP_EXTERN, true);
export const EXNREF: ValType = refType(HEAP_EXN, true);
export const ANYREF: ValType = refType(HEAP_ANY, true);

/** A field of a struct, or the element of an array. `storage` may be I8 or I16. */
export interface FieldType {
  readonly storage: ValType;
  readonly mutable: boolean;
}

export interface FuncType {
  readonly kind: "func";
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
}
export interface StructType {
  readonly kind: "struct";
  readonly fields: readonly FieldType[];
}
export interface ArrayType {
  readonly kind: "array";
  readonly element: FieldType;
}
/** Composite types, spec 2.3.9. */
export type CompType = FuncType | StructType | ArrayType;

/** A defined type as the registry holds it: heap types inside are canonical ids. */
export interface SubType {
  readonly comp: CompType;
  readonly final: boolean;
  /** Canonical id of the declared supertype, -1 if none (the grammar allows at most one). */
  readonly supertype: number;
}

/** Size bounds of a table or memory, in elements or pages. Values above 2^53 are rounded and can never be reached. */
export interface Limits {
  readonly min: number;
  readonly max: number | undefined;
}
export interface TableType {
  readonly limits: Limits;
  readonly element: ValType;
  /** Table indices are i64 (memory64's table64). */
  readonly is64: boolean;
}
export interface MemoryType {
  readonly limits: Limits;
  /** Addresses are i64. */
  readonly is64: boolean;
  readonly shared: boolean;
  /** log2 of the page size in bytes: 16, or 0 with custom page sizes. */
  readonly pageSizeLog2: number;
}
export interface GlobalType {
  readonly type: ValType;
  readonly mutable: boolean;
}
