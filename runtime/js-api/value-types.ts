// ToValueType. https://webassembly.github.io/spec/js-api/#tovaluetype
import {
  ANYREF,
  EXNREF,
  EXTERNREF,
  F32,
  F64,
  FUNCREF,
  HEAP_ARRAY,
  HEAP_EQ,
  HEAP_I31,
  HEAP_STRUCT,
  I32,
  I64,
  isRef,
  refType,
  type TypeRegistry,
  V128,
  type ValType,
} from "../../decoder/index.js";
import { toDomString } from "./web-idl.js";

/** Non-spec: the types of the heap are V8's extension. */
const BY_NAME: ReadonlyMap<string, ValType> = new Map([
  ["i32", I32],
  ["i64", I64],
  ["f32", F32],
  ["f64", F64],
  ["v128", V128],
  ["externref", EXTERNREF],
  ["anyfunc", FUNCREF],
  ["funcref", FUNCREF],
  ["exnref", EXNREF],
  ["anyref", ANYREF],
  ["eqref", refType(HEAP_EQ, true)],
  ["i31ref", refType(HEAP_I31, true)],
  ["structref", refType(HEAP_STRUCT, true)],
  ["arrayref", refType(HEAP_ARRAY, true)],
]);

const NAMES: ReadonlyMap<ValType, string> = new Map([...BY_NAME].map(([name, type]) => [type, name]));

/** FromValueType. Types that no name makes are in the text format's words: `(ref 3)`. */
export function nameOfValueType(registry: TypeRegistry, type: ValType): string {
  return NAMES.get(type) ?? registry.describe(type);
}

/** @throws TypeError if there is no such type */
export function toValueType(value: unknown, what: string): ValType {
  const type = BY_NAME.get(toDomString(value));
  if (type === undefined) throw new TypeError(`${what}: value must be a WebAssembly type`);
  return type;
}

/** @throws TypeError if there is no such reference type */
export function toElementType(registry: TypeRegistry, value: unknown, what: string): ValType {
  const type = toValueType(value, what);
  if (!isRef(type)) throw new TypeError(`${what}: ${registry.describe(type)} is not a reference type`);
  return type;
}
