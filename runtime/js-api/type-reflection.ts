// Types as JavaScript objects: the proposal js-types, with what memory64 and threads have added to its dictionaries.
// https://webassembly.github.io/js-types/js-api/
//
// No part of the specification 3.0, and in no engine without a flag: there if WebAssemblyOptions.typeReflection asks for
// it. Programs look for WebAssembly.Function, and work otherwise where it is.
import type {
  FuncType,
  GlobalType,
  Limits,
  MemoryType,
  TableType,
  TypeRegistry,
  ValType,
} from "../../decoder/index.js";
import type { ExternType } from "../store/exports.js";
import { nameOfValueType } from "./value-types.js";
import { fromAddress, toAddress } from "./web-idl.js";

/** A type as a dictionary: its members in the proposal's order. */
export type ReflectedType = Readonly<Record<string, unknown>>;

export function reflectFunc(registry: TypeRegistry, { params, results }: FuncType): ReflectedType {
  const names = (types: readonly ValType[]) => types.map((type) => nameOfValueType(registry, type));
  return { parameters: names(params), results: names(results) };
}

export function reflectTag(registry: TypeRegistry, { params }: FuncType): ReflectedType {
  return { parameters: params.map((type) => nameOfValueType(registry, type)) };
}

export function reflectGlobal(registry: TypeRegistry, { type, mutable }: GlobalType): ReflectedType {
  return { mutable, value: nameOfValueType(registry, type) };
}

export function reflectMemory({ limits, is64, shared }: MemoryType): ReflectedType {
  return { ...reflectLimits(limits, is64), shared, address: addressOf(is64) };
}

export function reflectTable(registry: TypeRegistry, { limits, element, is64 }: TableType): ReflectedType {
  return { element: nameOfValueType(registry, element), ...reflectLimits(limits, is64), address: addressOf(is64) };
}

function reflectLimits({ min, max }: Limits, is64: boolean): ReflectedType {
  const minimum = fromAddress(min, is64);
  return max === undefined ? { minimum } : { minimum, maximum: fromAddress(max, is64) };
}

function addressOf(is64: boolean): string {
  return is64 ? "i64" : "i32";
}

/** "IDL representation of the extern type". */
export function reflectExtern(registry: TypeRegistry, extern: ExternType): ReflectedType {
  switch (extern.kind) {
    case "func":
      return reflectFunc(registry, registry.funcType(extern.typeId));
    case "tag":
      return reflectTag(registry, registry.funcType(extern.typeId));
    case "table":
      return reflectTable(registry, extern.type);
    case "memory":
      return reflectMemory(extern.type);
    case "global":
      return reflectGlobal(registry, extern.type);
  }
}

/**
 * `initial` of a descriptor; with the proposal `minimum` says the same.
 * @throws TypeError if none is there, or both
 */
export function toInitial(
  { initial, minimum }: Readonly<Record<string, unknown>>,
  reflection: boolean,
  is64: boolean,
  what: string,
): number {
  if (!reflection || minimum === undefined) {
    if (initial === undefined) throw new TypeError(`${what}: Property 'initial' is required`);
    return toAddress(initial, is64, `${what}: Property 'initial'`);
  }
  if (initial !== undefined) {
    throw new TypeError(`${what}: The properties 'initial' and 'minimum' are not allowed at the same time`);
  }
  return toAddress(minimum, is64, `${what}: Property 'minimum'`);
}

/** Gives a prototype the method `type`. */
export function addTypeMethod(prototype: object, typeOf: (receiver: unknown) => ReflectedType): void {
  const { type } = {
    type(this: unknown): ReflectedType {
      return typeOf(this);
    },
  };
  Object.defineProperty(prototype, "type", { value: type, writable: true, configurable: true });
}
