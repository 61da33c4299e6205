// ToJSValue and ToWebAssemblyValue.
// https://webassembly.github.io/spec/js-api/#tojsvalue
//
// Conventions
//   Value, RawValue   as in store/convert.ts. Functions whose types have references pass raw values, because a number
//                     under an externref is an i31; all others pass numbers as they are.
import {
  F32,
  F64,
  type FuncType,
  HEAP_EXN,
  HEAP_EXTERN,
  HEAP_FUNC,
  heapTypeOf,
  I32,
  I64,
  isNullable,
  isRef,
  topHeap,
  V128,
  type ValType,
} from "../../decoder/index.js";
import { refMatches, refToValue, type Value } from "../store/convert.js";
import { FuncInst } from "../store/func.js";
import { HeapObject, HostRef, type RawValue, type Ref } from "../store/refs.js";
import { f32FromBits, f32ToBits, f64FromHalves, f64ToHi, f64ToLo, hiOf, loOf, toBigUint } from "../values.js";
import type { Agent } from "./agent.js";
import { gcObject } from "./gc-object.js";

export const NO_SUCH_VALUE = "type incompatibility when transforming from/to JS";

/** Whether no value of the type crosses the border: v128 and exceptions. */
export function isOpaque({ engine: { registry } }: Agent, type: ValType): boolean {
  return type === V128 || (isRef(type) && topHeap(registry, heapTypeOf(type)) === HEAP_EXN);
}

/** How values of a function type cross the border. */
export interface Passing {
  readonly type: FuncType;
  /** As raw values: where the type has references. */
  readonly raw: boolean;
  /** Not at all: calls throw. */
  readonly never: boolean;
  /** All parameters, and the result if there is one, are i32. */
  readonly isPlain: boolean;
}

export function passingOf(agent: Agent, type: FuncType): Passing {
  const types = [...type.params, ...type.results];
  return {
    type,
    raw: types.some(isRef),
    never: types.some((each) => isOpaque(agent, each)),
    isPlain: types.every((each) => each === I32) && type.results.length <= 1,
  };
}

/** "Coerce JavaScript arguments": values, or raw ones. @throws TypeError, and what converting them throws */
export function toWasmArguments(agent: Agent, passing: Passing, args: readonly unknown[]): unknown[] {
  const { type, raw, never } = passing;
  if (never) throw new TypeError(NO_SUCH_VALUE);
  return type.params.map((param, i) => (raw ? toWasmRaw(agent, args[i], param) : toWasmNumber(args[i], param)));
}

/** What a call with these results, as values or raw ones, returns to JavaScript. */
export function resultToJS(agent: Agent, { type, raw }: Passing, results: readonly unknown[]): unknown {
  if (results.length === 0) return undefined;
  const converted = raw ? results.map((result, i) => rawToJS(agent, result as RawValue, type.results[i]!)) : results;
  return converted.length === 1 ? converted[0] : converted;
}

/** ToJSValue, of a value as the store's methods give it. */
export function toJSValue(agent: Agent, value: Value): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof FuncInst) return agent.exportFunc(value);
  return value instanceof HeapObject ? gcObject(agent, value) : value;
}

/** ToJSValue, of a reference. */
export function refToJS(agent: Agent, ref: Ref): unknown {
  return ref instanceof HostRef ? ref.value : toJSValue(agent, refToValue(ref));
}

/** ToJSValue, of raw bits or a reference. */
export function rawToJS(agent: Agent, raw: RawValue, type: ValType): unknown {
  switch (type) {
    case I32:
      return loOf(raw as bigint);
    case I64:
      return BigInt.asIntN(64, raw as bigint);
    case F32:
      return f32FromBits(loOf(raw as bigint));
    case F64:
      return f64FromHalves(loOf(raw as bigint), hiOf(raw as bigint));
    default:
      return refToJS(agent, raw as Ref);
  }
}

/** ToWebAssemblyValue, of a number type. @throws TypeError, and whatever converting the value throws */
export function toWasmNumber(value: unknown, type: ValType): number | bigint {
  switch (type) {
    case I32:
      return (value as number) | 0;
    case I64:
      return BigInt.asIntN(64, value as bigint);
    case F32:
      return Math.fround(+(value as number));
    case F64:
      return +(value as number);
    default:
      throw new TypeError(NO_SUCH_VALUE);
  }
}

/** ToWebAssemblyValue, as raw bits or a reference. @throws as {@link toWasmNumber} */
export function toWasmRaw(agent: Agent, value: unknown, type: ValType): RawValue {
  if (isRef(type)) return toWasmRef(agent, value, type);
  const number = toWasmNumber(value, type);
  switch (type) {
    case I32:
      return BigInt((number as number) >>> 0);
    case I64:
      return BigInt.asUintN(64, number as bigint);
    case F32:
      return BigInt(f32ToBits(number as number) >>> 0);
    default:
      return toBigUint(f64ToLo(number as number), f64ToHi(number as number));
  }
}

/** ToWebAssemblyValue, of a reference type. @throws TypeError if the value is not of it */
export function toWasmRef(agent: Agent, value: unknown, type: ValType): Ref {
  const { registry } = agent.engine;
  const ref = candidate(agent, value, topHeap(registry, heapTypeOf(type)));
  if (ref === null ? !isNullable(type) : ref === undefined || !refMatches(registry, ref, type)) {
    throw new TypeError(NO_SUCH_VALUE);
  }
  return ref as Ref;
}

/** The reference that a value is in the hierarchy under `top`; undefined if it is none. */
function candidate(agent: Agent, value: unknown, top: number): Ref | undefined {
  if (value === null) return null;
  if (top === HEAP_FUNC) return agent.functions.thingOf(value);
  if (top === HEAP_EXN) return undefined;
  if (typeof value === "number" && isI31(value)) return value;
  return agent.gcObjects.thingOf(value) ?? new HostRef(value);
}

/** −0 is no i31: as one it would come back as 0. */
function isI31(value: number): boolean {
  return Number.isInteger(value) && value >= -(2 ** 30) && value < 2 ** 30 && !Object.is(value, -0);
}

/** DefaultValue, of a reference type; undefined if it has none. */
export function defaultRef(type: ValType): Ref | undefined {
  if (!isNullable(type)) return undefined;
  return heapTypeOf(type) === HEAP_EXTERN ? new HostRef(undefined) : null;
}
