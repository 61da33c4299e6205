// Types as an embedder writes them: "i32", "funcref", { min: 1 }; and as it reads them.
import {
  ANYREF,
  EXNREF,
  EXTERNREF,
  F32,
  F64,
  FUNCREF,
  type FuncType,
  type GlobalType,
  HEAP_ARRAY,
  HEAP_EQ,
  HEAP_I31,
  HEAP_NOEXN,
  HEAP_NOEXTERN,
  HEAP_NOFUNC,
  HEAP_NONE,
  HEAP_STRUCT,
  heapTypeOf,
  I32,
  I64,
  isRef,
  type Limits,
  type MemoryType,
  refType,
  type TableType,
  type TypeRegistry,
  V128,
  type ValType,
} from "../../decoder/index.js";
import { UsageError } from "../errors.js";

const NAMED = {
  i32: I32,
  i64: I64,
  f32: F32,
  f64: F64,
  v128: V128,
  funcref: FUNCREF,
  externref: EXTERNREF,
  exnref: EXNREF,
  anyref: ANYREF,
  eqref: refType(HEAP_EQ, true),
  i31ref: refType(HEAP_I31, true),
  structref: refType(HEAP_STRUCT, true),
  arrayref: refType(HEAP_ARRAY, true),
  nullref: refType(HEAP_NONE, true),
  nullfuncref: refType(HEAP_NOFUNC, true),
  nullexternref: refType(HEAP_NOEXTERN, true),
  nullexnref: refType(HEAP_NOEXN, true),
} as const satisfies Record<string, ValType>;

const PACKED: ReadonlySet<number> = new Set(Object.values(NAMED));

/** A value type by its name in the text format, or packed (decoder/types.ts). */
export type ValTypeName = keyof typeof NAMED | ValType;

export interface FuncDescription {
  readonly params: readonly ValTypeName[];
  readonly results: readonly ValTypeName[];
}

export interface MemoryDescription {
  /** Size bounds in pages of 64 KiB. */
  readonly min: number;
  readonly max?: number | undefined;
  readonly is64?: boolean;
}

export interface TableDescription {
  readonly element: ValTypeName;
  readonly min: number;
  readonly max?: number | undefined;
  readonly is64?: boolean;
}

export interface GlobalDescription {
  readonly type: ValTypeName;
  readonly mutable?: boolean;
}

/** @throws UsageError if there is no such type */
export function valType(registry: TypeRegistry, name: ValTypeName): ValType {
  if (typeof name === "string" && Object.hasOwn(NAMED, name)) return NAMED[name];
  if (typeof name === "number" && isKnown(registry, name)) return name;
  throw new UsageError(`unknown value type ${String(name)}`);
}

function isKnown(registry: TypeRegistry, type: number): boolean {
  if (!Number.isInteger(type)) return false;
  if (!isRef(type)) return PACKED.has(type);
  const heap = heapTypeOf(type);
  return heap >= 0 ? heap < registry.size : PACKED.has(refType(heap, true));
}

/** Canonical id of a function type. @throws UsageError if a type in it is unknown */
export function funcTypeId(registry: TypeRegistry, type: FuncDescription): number {
  if (!Array.isArray(type?.params) || !Array.isArray(type.results)) {
    throw new UsageError("a function type is { params, results }, both arrays of types");
  }
  const toTypes = (names: readonly ValTypeName[]) => names.map((name) => valType(registry, name));
  return registry.addFuncType(toTypes(type.params), toTypes(type.results));
}

/** @throws UsageError */
export function memoryType(type: MemoryDescription): MemoryType {
  requireDescription("memory", "{ min, max, is64 }", type);
  const is64 = type.is64 ?? false;
  const limits = checkedLimits("memory", type.min, type.max, is64 ? 2 ** 48 : 65536);
  return { limits, is64, shared: false, pageSizeLog2: 16 };
}

/** @throws UsageError */
export function tableType(registry: TypeRegistry, type: TableDescription): TableType {
  requireDescription("table", "{ element, min, max, is64 }", type);
  const element = valType(registry, type.element);
  if (!isRef(element)) throw new UsageError(`a table's elements are references, not ${registry.describe(element)}`);
  const is64 = type.is64 ?? false;
  return { limits: checkedLimits("table", type.min, type.max, is64 ? 2 ** 64 : 2 ** 32 - 1), element, is64 };
}

/** @throws UsageError */
export function globalType(registry: TypeRegistry, type: GlobalDescription): GlobalType {
  requireDescription("global", "{ type, mutable }", type);
  return { type: valType(registry, type.type), mutable: type.mutable ?? false };
}

function requireDescription(what: string, shape: string, type: object): void {
  if (typeof type !== "object" || type === null)
    throw new UsageError(`a ${what}'s type is ${shape}, not ${String(type)}`);
}

function checkedLimits(what: string, min: number, max: number | undefined, most: number): Limits {
  const fits = (value: number) => Number.isInteger(value) && value >= 0 && value <= most;
  if (!fits(min) || (max !== undefined && (!fits(max) || max < min))) {
    throw new UsageError(`size bounds of the ${what} do not fit: min ${min}, max ${max}, at most ${most}`);
  }
  return { min, max };
}

/** A function type in words: `[i32] -> [i64]`. */
export function describeFunc(registry: TypeRegistry, type: FuncType): string {
  return `${registry.describeAll(type.params)} -> ${registry.describeAll(type.results)}`;
}

/** The size bounds of a table or memory in words: `1..2`, `1..`. */
export function describeLimits(limits: Limits): string {
  return `${limits.min}..${limits.max ?? ""}`;
}
