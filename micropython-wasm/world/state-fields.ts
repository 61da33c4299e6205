// Fields of a state that was read from bytes, which may come from anybody.

import type { PythonValue } from "../values/python-value.js";
import { requireThat } from "./posix-files-check.js";

/** Some 146 years. */
const MAX_NANOSECONDS = 2n ** 62n;

/** @throws SnapshotError */
export function asText(value: PythonValue): string {
  requireThat(typeof value === "string", "text");
  return value;
}

/** @throws SnapshotError */
export function asInteger(value: PythonValue): number {
  requireThat(typeof value === "number" && Number.isSafeInteger(value), "a number");
  return value;
}

const MAX_COUNT = 2 ** 50;

/** A dictionary of which each field is checked when it is read. */
export class Fields {
  private readonly values: { readonly [key: string]: PythonValue };

  constructor(value: PythonValue) {
    const isObject = typeof value === "object" && value !== null && Object.getPrototypeOf(value) === null;
    requireThat(isObject, "an object");
    this.values = value as { [key: string]: PythonValue };
  }

  private value(name: string): PythonValue {
    const value = this.values[name];
    requireThat(value !== undefined, name);
    return value;
  }
  isNull(name: string): boolean {
    return this.value(name) === null;
  }
  object(name: string): Fields {
    return new Fields(this.value(name));
  }
  list<T>(name: string, read: (value: PythonValue) => T): T[] {
    const value = this.value(name);
    requireThat(Array.isArray(value), name);
    return value.map(read);
  }
  text(name: string): string {
    return asText(this.value(name));
  }
  integer(name: string): number {
    return asInteger(this.value(name));
  }
  count(name: string): number {
    const value = this.integer(name);
    // So that sums of a few of them are exact.
    requireThat(value >= 0 && value <= MAX_COUNT, name);
    return value;
  }
  nanoseconds(name: string): bigint {
    const time = this.timestamp(name);
    requireThat(time < MAX_NANOSECONDS, name);
    return time;
  }
  /** WASI's `timestamp`: nanoseconds since 1970. */
  timestamp(name: string): bigint {
    const value = this.value(name);
    requireThat(typeof value === "bigint" || Number.isSafeInteger(value), name);
    const time = BigInt(value as bigint | number);
    requireThat(time >= 0n && time < 2n ** 64n, name);
    return time;
  }
  flag(name: string): boolean {
    const value = this.value(name);
    requireThat(typeof value === "boolean", name);
    return value;
  }
  bytes(name: string): Uint8Array {
    const value = this.value(name);
    requireThat(value instanceof Uint8Array, name);
    return value;
  }
}
