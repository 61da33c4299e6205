// Python values as data, and the bytes in which they cross between guest and host.
//
// A value is a tag byte and its payload; lengths and counts are unsigned 32-bit,
// little-endian. The other end is guest-library.py.ts.
//   N None   T True   F False   i length, hexadecimal digits   f IEEE double
//   s length, UTF-8   b length, bytes   l/t/e count, items (list, tuple, set)
//   d count, key, value, …   o length, UTF-8 (class name of an object that is not data)
//   h number (an object of the host's; to the guest, the list of its methods' names follows)
//   c number (a function of the guest's)

import { decodeUtf8Strict, encodeUtf8, isWellFormed } from "../../decoder/index.js";
import { Capability, type PythonCallable, type References } from "./capability.js";

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
 * all keys are str (and it has no function under "then", which would make it a promise), else a Map; set: a Set.
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
    const entries: [PythonValue, PythonValue][] = [];
    for (let i = 0; i < count; i++) {
      const key = value(depth);
      entries.push([key, value(depth)]);
    }
    return dictOf(entries);
  };
  const result = value(0);
  if (position !== bytes.length) throw new ValueError("bytes after the value");
  return result;
}

/**
 * A dict on the host: an object, where that cannot be mistaken. A guest's `{"then": f}` stays a Map: as an object it
 * would be a promise to JavaScript, whose `await` would call f.
 */
export function dictOf(entries: readonly (readonly [key: PythonValue, value: PythonValue])[]): PythonValue {
  const object = Object.create(null) as { [key: string]: PythonValue };
  for (const [key, value] of entries) {
    if (typeof key !== "string" || (key === "then" && typeof value === "function")) return new Map(entries);
    object[key] = value;
  }
  return object;
}

/** Larger integers do not cross; a host that parses them would take quadratic time. */
export const MAX_INTEGER_DIGITS = 32768;

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
 * @param head bytes to leave free before the value, which count for nothing
 * @throws ValueError for everything else and past `maxBytes`
 */
export function encodeValue(value: unknown, maxBytes: number, references?: References, head = 0): Uint8Array {
  const encoder = new Encoder(maxBytes, references, head);
  encoder.put(value, 0);
  return encoder.take();
}

/**
 * Encodes what {@link decodeValue} gave, for a state that is taken up in the same process or another: also objects that
 * are no data, by their class's name. A capability is its number.
 */
export function encodeKept(value: PythonValue, references: References): Uint8Array {
  const encoder = new Encoder(Number.MAX_SAFE_INTEGER, references, 0, true);
  encoder.put(value, 0);
  return encoder.take();
}

/** A value as it was encoded before: states have parts that hardly ever change. Of this package, and never of the guest's. */
export class EncodedValue {
  constructor(readonly bytes: Uint8Array) {}
}

class Encoder {
  private bytes: Uint8Array;
  private length: number;

  constructor(
    private readonly maxBytes: number,
    private readonly references: References | undefined,
    private readonly head: number,
    /** For {@link encodeKept}, not for the guest. */
    private readonly keeps = false,
  ) {
    this.bytes = new Uint8Array(head + 64);
    this.length = head;
  }

  take(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  /** Makes room for `count` more bytes; returns where they are. */
  private reserve(count: number): number {
    const start = this.length;
    const end = start + count;
    if (end - this.head > this.maxBytes) throw new ValueError(`value larger than ${this.maxBytes} bytes`);
    if (end > this.bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.bytes.length * 2));
      grown.set(this.bytes.subarray(0, start));
      this.bytes = grown;
    }
    this.length = end;
    return start;
  }

  private tag(letter: string): void {
    const at = this.reserve(1);
    this.bytes[at] = letter.charCodeAt(0);
  }

  /** A tag and a length or count; returns where the `payload` bytes behind them are. */
  private counted(letter: string, count: number, payload = 0): number {
    const at = this.reserve(5 + payload);
    const { bytes } = this;
    bytes[at] = letter.charCodeAt(0);
    bytes[at + 1] = count;
    bytes[at + 2] = count >>> 8;
    bytes[at + 3] = count >>> 16;
    bytes[at + 4] = count >>> 24;
    return at + 5;
  }

  private blob(letter: string, content: Uint8Array): void {
    const at = this.counted(letter, content.length, content.length);
    this.bytes.set(content, at);
  }

  put(item: unknown, depth: number): void {
    if (depth > MAX_VALUE_DEPTH) throw new ValueError("value nested too deeply");
    if (item === undefined || item === null) this.tag("N");
    else if (item === true) this.tag("T");
    else if (item === false) this.tag("F");
    else if (typeof item === "number") this.number(item);
    else if (typeof item === "bigint") this.integer(item);
    else if (typeof item === "string") this.text(item);
    else if (typeof item === "object") this.object(item, depth + 1);
    else if (typeof item === "function" && this.references?.callableNumber(item) !== undefined)
      this.counted("c", this.references.callableNumber(item)!);
    else throw new ValueError(`a ${typeof item} is not data`);
  }

  private object(item: object, depth: number): void {
    if (item instanceof Uint8Array) this.blob("b", item);
    else if (Array.isArray(item)) {
      this.counted("l", item.length);
      for (let i = 0; i < item.length; i++) this.put(ownData(item, i), depth);
    } else if (item instanceof Set) {
      this.counted("e", item.size);
      for (const member of item) this.put(member, depth);
    } else if (item instanceof Map) {
      this.counted("d", item.size);
      for (const [key, member] of item) {
        this.put(key, depth);
        this.put(member, depth);
      }
    } else if (item instanceof Capability && this.references !== undefined) {
      this.counted("h", this.references.numberOf(item));
      if (!this.keeps) this.put([...item.methods.keys()], depth);
    } else if (item instanceof PythonObject && this.keeps) {
      this.blob("o", encodeUtf8(item.pythonType));
    } else if (isPlain(item)) {
      const keys = Object.keys(item);
      this.counted("d", keys.length);
      for (const key of keys) {
        this.text(key);
        this.put(ownData(item, key), depth);
      }
    } else if (item instanceof EncodedValue) {
      const at = this.reserve(item.bytes.length);
      this.bytes.set(item.bytes, at);
    } else throw new ValueError("a class instance is not data");
  }

  private text(item: string): void {
    const { length } = item;
    if (length > this.maxBytes) throw new ValueError(`value larger than ${this.maxBytes} bytes`);
    const start = this.length;
    const at = this.counted("s", length, length);
    const { bytes } = this;
    for (let i = 0; i < length; i++) {
      const unit = item.charCodeAt(i);
      if (unit >= 0x80) {
        this.length = start;
        this.unicode(item);
        return;
      }
      bytes[at + i] = unit;
    }
  }

  private unicode(item: string): void {
    if (!isWellFormed(item)) throw new ValueError("text with a lone surrogate");
    this.blob("s", encodeUtf8(item));
  }

  private integer(item: number | bigint): void {
    const digits = item.toString(16);
    if (digits.length > MAX_INTEGER_DIGITS) throw new ValueError("integer too large");
    const at = this.counted("i", digits.length, digits.length);
    for (let i = 0; i < digits.length; i++) this.bytes[at + i] = digits.charCodeAt(i);
  }

  private number(item: number): void {
    if (Number.isSafeInteger(item) && !Object.is(item, -0)) {
      this.integer(item);
      return;
    }
    const at = this.reserve(9);
    this.bytes[at] = "f".charCodeAt(0);
    new DataView(this.bytes.buffer).setFloat64(at + 1, item, true);
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** An own data property; accessors are refused, missing elements are undefined. */
function ownData(value: object, key: string | number): unknown {
  const descriptor = Object.getOwnPropertyDescriptor(value, key);
  if (descriptor === undefined) return undefined;
  if (!("value" in descriptor)) throw new ValueError(`property ${key} is an accessor`);
  return descriptor.value;
}
