// Python values as JSON, for output that other programs read.

import { Capability } from "./capability.js";
import { PythonObject, type PythonValue } from "./python-value.js";

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/**
 * A value in the terms of JSON. What JSON has no word for becomes an object with one key that
 * starts with `$`: `$int` (decimal digits, beyond 2^53), `$float` (nan, inf, -inf), `$bytes`
 * (hexadecimal), `$set`, `$dict` (pairs; keys that are not all str), `$object` (class name).
 */
export function toJson(value: PythonValue | undefined): JsonValue {
  if (value === undefined || value === null) return null;
  if (typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "bigint") return { $int: value.toString() };
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value;
    return { $float: Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf" };
  }
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Uint8Array) {
    let hex = "";
    for (const byte of value) hex += byte.toString(16).padStart(2, "0");
    return { $bytes: hex };
  }
  if (value instanceof Set) return { $set: [...value].map(toJson) };
  if (value instanceof Map) return { $dict: [...value].map(([key, item]) => [toJson(key), toJson(item)]) };
  if (typeof value === "function") return { $object: "function" };
  if (value instanceof Capability) return { $object: "HostObject" };
  if (value instanceof PythonObject) return { $object: value.pythonType };
  const object = Object.create(null) as { [key: string]: JsonValue };
  for (const [key, item] of Object.entries(value)) object[key] = toJson(item);
  return object;
}
