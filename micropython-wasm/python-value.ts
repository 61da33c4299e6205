// Python values as data, and the bytes in which they cross between guest and host.
//
// A value is a tag byte and its payload; lengths and counts are unsigned 32-bit,
// little-endian. The other end is guest-library.py.ts.
//   N None   T True   F False   i length, hexadecimal digits   f IEEE double
//   s length, UTF-8   b length, bytes   l/t/e count, items (list, tuple, set)
//   d count, key, value, …   o length, UTF-8 (class name of an object that is not data)
//   h number (an object of the host's; to the guest, the list of its methods' names follows)
//   c number (a function of the guest's)

import { Capability, type PythonCallable, type References } from "./capability.js";
import { decodeUtf8Strict, encodeUtf8, isWellFormed } from "./utf8.js";

/** A Python object that is not data: only its class name leaves the sandbox. */
export class PythonObject {
  constructor(readonly pythonType: string) {}
  toString(): string {
    return `<${this.pythonType} object>`;
  }
}

/**
 * A Python value on the host. int: a number if it is a safe integer, else a bigint; float: a
 * number; bytes: a Uint8Array; list and tuple: an array; dict: an object without prototype if
 * all keys are str, else a Map; set: a Set.
 */
export type PythonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PythonValue[]
  | Set<PythonValue>
  | Map<PythonValue, PythonValue>
  | { [key: string]: PythonValue }
  | PythonObject
  /** An object of the host's that the guest has handed back: what was made a capability. */
  | Capability
  | PythonCallable;

/** Deepest nesting of containers that crosses. */
export const MAX_VALUE_DEPTH = 32;

/** Bytes that are not a value, or a value that cannot cross. */
export class ValueError extends Error {
  override readonly name = "ValueError";
}

/** Decodes one value that must fill `bytes`. The bytes come from the guest: nothing is trusted. */
export function decodeValue(bytes: Uint8Array, references?: References): PythonValue {
  let position = 0;
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - position) throw new ValueError("value cut short");
    position += length;
    return bytes.subarray(position - length, position);
  };
  const word = (): number => {
    const b = take(4);
    return (b[0]! | (b[1]! << 8) | (b[2]! << 16) | (b[3]! << 24)) >>> 0;
  };
  const text = (): string => {
    const decoded = decodeUtf8Strict(take(word()));
    if (typeof decoded === "number") throw new ValueError("text is not UTF-8");
    return decoded;
  };
  const items = (depth: number): PythonValue[] => {
    const count = word();
    // Every item takes a byte at least: a count beyond the rest is a lie, and costs nothing.
    if (count > bytes.length - position) throw new ValueError("value cut short");
    const list: PythonValue[] = [];
    for (let i = 0; i < count; i++) list.push(value(depth));
    return list;
  };
  const value = (depth: number): PythonValue => {
    if (depth > MAX_VALUE_DEPTH) throw new ValueError("value nested too deeply");
    switch (String.fromCharCode(take(1)[0]!)) {
      case "N":
        return null;
      case "T":
        return true;
      case "F":
        return false;
      case "i":
        return integer(String.fromCharCode(...take(Math.min(word(), MAX_INTEGER_DIGITS + 1))));
      case "f": {
        const b = take(8);
        return new DataView(b.buffer, b.byteOffset, 8).getFloat64(0, true);
      }
      case "s":
        return text();
      case "b":
        return take(word()).slice();
      case "l":
      case "t":
        return items(depth + 1);
      case "e":
        return new Set(items(depth + 1));
      case "d":
        return dictionary(depth + 1);
      case "o":
        return new PythonObject(text());
      case "h": {
        const found = references?.capability(word());
        if (found === undefined) throw new ValueError("the host's object is gone");
        return found;
      }
      case "c": {
        if (references === undefined) throw new ValueError("a function is not data");
        return references.callable(word());
      }
      default:
        throw new ValueError("unknown kind of value");
    }
  };
  const dictionary = (depth: number): PythonValue => {
    const count = word();
    const map = new Map<PythonValue, PythonValue>();
    let allText = true;
    for (let i = 0; i < count; i++) {
      const key = value(depth);
      if (typeof key !== "string") allText = false;
      map.set(key, value(depth));
    }
    if (!allText) return map;
    const object = Object.create(null) as { [key: string]: PythonValue };
    for (const [key, item] of map) object[key as string] = item;
    return object;
  };
  const result = value(0);
  if (position !== bytes.length) throw new ValueError("bytes after the value");
  return result;
}

/** Larger integers do not cross; a host that parses them would take quadratic time. */
const MAX_INTEGER_DIGITS = 32768;

function integer(hex: string): number | bigint {
  const match = /^(-?)([0-9a-f]+)$/.exec(hex);
  if (match === null || match[2]!.length > MAX_INTEGER_DIGITS) throw new ValueError("not an integer, or too large");
  const magnitude = BigInt(`0x${match[2]}`);
  const wide = match[1] === "-" ? -magnitude : magnitude;
  const narrow = Number(wide);
  return Number.isSafeInteger(narrow) ? narrow : wide;
}

/**
 * Encodes what a host function returned. Only data crosses: undefined and null as None;
 * booleans; numbers (whole ones in the safe range as int, others as float); bigints; strings;
 * Uint8Arrays; arrays; Sets; Maps; objects of no class, by their own enumerable data
 * properties. Getters are never run. Capabilities cross by number.
 *
 * @throws ValueError for everything else and past `maxBytes`
 */
export function encodeValue(value: unknown, maxBytes: number, references?: References): Uint8Array {
  const chunks: Uint8Array[] = [];
  let total = 0;
  const push = (chunk: Uint8Array): void => {
    total += chunk.length;
    if (total > maxBytes) throw new ValueError(`value larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  };
  const tag = (letter: string, length?: number): void => {
    if (length === undefined) push(Uint8Array.of(letter.charCodeAt(0)));
    else push(Uint8Array.of(letter.charCodeAt(0), length, length >>> 8, length >>> 16, length >>> 24));
  };
  const blob = (letter: string, bytes: Uint8Array): void => {
    tag(letter, bytes.length);
    push(bytes.slice());
  };
  const put = (item: unknown, depth: number): void => {
    if (depth > MAX_VALUE_DEPTH) throw new ValueError("value nested too deeply");
    if (item === undefined || item === null) tag("N");
    else if (item === true) tag("T");
    else if (item === false) tag("F");
    else if (typeof item === "number") putNumber(item);
    else if (typeof item === "bigint") putInteger(item);
    else if (typeof item === "string") putText(item);
    else if (item instanceof Uint8Array) blob("b", item);
    else if (Array.isArray(item)) {
      tag("l", item.length);
      for (let i = 0; i < item.length; i++) put(ownData(item, String(i)), depth + 1);
    } else if (item instanceof Set) {
      tag("e", item.size);
      for (const member of item) put(member, depth + 1);
    } else if (item instanceof Map) {
      tag("d", item.size);
      for (const [key, member] of item) {
        put(key, depth + 1);
        put(member, depth + 1);
      }
    } else if (typeof item === "function" && references?.callableNumber(item) !== undefined) {
      tag("c", references.callableNumber(item));
    } else if (item instanceof Capability && references !== undefined) {
      tag("h", references.numberOf(item));
      put([...item.methods.keys()], depth + 1);
    } else if (typeof item === "object" && isPlain(item)) {
      const keys = Object.keys(item);
      tag("d", keys.length);
      for (const key of keys) {
        putText(key);
        put(ownData(item, key), depth + 1);
      }
    } else throw new ValueError(`a ${typeof item === "object" ? "class instance" : typeof item} is not data`);
  };
  const putText = (item: string): void => {
    if (!isWellFormed(item)) throw new ValueError("text with a lone surrogate");
    if (item.length > maxBytes) throw new ValueError(`value larger than ${maxBytes} bytes`);
    blob("s", encodeUtf8(item));
  };
  const putInteger = (item: bigint): void => {
    const digits = item.toString(16);
    if (digits.length > MAX_INTEGER_DIGITS) throw new ValueError("integer too large");
    blob("i", encodeUtf8(digits));
  };
  const putNumber = (item: number): void => {
    if (Number.isSafeInteger(item) && !Object.is(item, -0)) {
      putInteger(BigInt(item));
      return;
    }
    const bytes = new Uint8Array(9);
    bytes[0] = "f".charCodeAt(0);
    new DataView(bytes.buffer).setFloat64(1, item, true);
    push(bytes);
  };
  put(value, 0);
  const all = new Uint8Array(total);
  let position = 0;
  for (const chunk of chunks) {
    all.set(chunk, position);
    position += chunk.length;
  }
  return all;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** An own data property; accessors are refused, missing elements are undefined. */
function ownData(value: object, key: string): unknown {
  const descriptor = Object.getOwnPropertyDescriptor(value, key);
  if (descriptor === undefined) return undefined;
  if (!("value" in descriptor)) throw new ValueError(`property ${key} is an accessor`);
  return descriptor.value;
}
