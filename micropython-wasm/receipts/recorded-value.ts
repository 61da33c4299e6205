// What crosses between host and guest as plain JSON, for receipts: hashed, read by people, and given to the guest again.
//
// What JSON has no word for is an object with one name that begins with `$`; so is an object with such a name of its own.
//   b"\x01"          {"$bytes":"01"}            2 ** 60 as an int     {"$int":"1152921504606846976"}
//   {1: 2}           {"$dict":[[1,2]]}          an object of the host's   {"$object":0,"methods":["read"]}

import { Capability, type HostCallable } from "../values/capability.js";
import { PythonObject } from "../values/python-value.js";

/** Numbers of the host's objects, in the order in which they are met. */
export class ObjectNumbers {
  private readonly numbers = new Map<Capability, number>();

  get count(): number {
    return this.numbers.size;
  }

  numberOf(object: Capability): number {
    const known = this.numbers.get(object);
    if (known !== undefined) return known;
    this.numbers.set(object, this.numbers.size);
    return this.numbers.size - 1;
  }
}

/** A value that can cross, as JSON. */
export function recordValue(value: unknown, objects: ObjectNumbers): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === "number") return recordNumber(value);
  if (typeof value === "bigint") return { $int: value.toString() };
  if (typeof value === "function") return { $function: true };
  if (typeof value !== "object") return value;
  const record = (item: unknown) => recordValue(item, objects);
  if (value instanceof Uint8Array) return { $bytes: hexOf(value) };
  if (Array.isArray(value)) return Array.from(value, record);
  if (value instanceof Set) return { $set: [...value].map(record) };
  if (value instanceof Map) return { $dict: [...value].map(([key, item]) => [record(key), record(item)]) };
  if (value instanceof Capability) return { $object: objects.numberOf(value), methods: [...value.methods.keys()] };
  if (value instanceof PythonObject) return { $python: value.pythonType };
  const entries = Object.entries(value).map(([name, item]) => [name, record(item)] as const);
  if (entries.some(([name]) => name.startsWith("$") || name === "__proto__")) return { $dict: entries };
  // In the order in which they are: a dict has one.
  return Object.fromEntries(entries);
}

function recordNumber(value: number): unknown {
  if (Number.isFinite(value) && !Object.is(value, -0)) return value;
  return { $float: Object.is(value, -0) ? "-0" : String(value) };
}

/** Makes the host's objects anew: each number the same one. */
export class ReplayedObjects {
  private readonly objects = new Map<number, Capability>();

  /** @param method what calling a method of one does */
  constructor(private readonly method: HostCallable) {}

  get(number: number, methods: readonly string[]): Capability {
    let found = this.objects.get(number);
    if (found === undefined) {
      found = new Capability({}, new Map(methods.map((name) => [name, this.method])));
      this.objects.set(number, found);
    }
    return found;
  }
}

/** The value that was recorded. @throws TypeError if it is none */
export function replayValue(recorded: unknown, objects: ReplayedObjects): unknown {
  if (recorded === null || typeof recorded !== "object") return recorded;
  const replay = (item: unknown) => replayValue(item, objects);
  if (Array.isArray(recorded)) return recorded.map(replay);
  const entries = Object.entries(recorded);
  const [[name, content] = ["", null]] = entries;
  switch (name) {
    case "$int":
      return BigInt(content as string);
    case "$float":
      return Number(content);
    case "$bytes":
      return bytesOfHex(content as string);
    case "$set":
      return new Set((content as unknown[]).map(replay));
    case "$dict":
      return new Map((content as [unknown, unknown][]).map(([key, item]) => [replay(key), replay(item)]));
    case "$object":
      return objects.get(content as number, (recorded as { methods: string[] }).methods);
    default:
      if (name.startsWith("$")) throw new TypeError(`a value that cannot be given again: ${name}`);
      return Object.fromEntries(entries.map(([key, item]) => [key, replay(item)]));
  }
}

function hexOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

function bytesOfHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}
