// Reads Python objects where they lie, as the values that decoding their encoding would give.
//
// The layouts are those of the artifact's MicroPython (32-bit objects, representation A). A word
// is an object: a small int (bit 0), an interned string (bits 10), a constant, or the address of
//   float (type, –, double)                int    (type, sign | …, digit count, → 16-bit digits)
//   str, bytes (type, hash, length, → data)  bytearray (type, –, length, → data)
//   list (type, allocated, length, → items)  tuple  (type, length, items …)
//   dict (type, flags | used << 3, allocated, → table of pairs)
//   set, frozenset (type, allocated, used, → table)   instance (class, its members as in a dict)
// Which types are which, the guest tells by samples. It may tell anything: addresses are checked,
// and what a lie can change is the guest's own memory, which it can change anyway.

import { decodeUtf8Strict } from "../../decoder/index.js";
import type { GuestMemory } from "../guest/engine-port.js";
import type { References } from "../values/capability.js";
import { dictOf, MAX_INTEGER_DIGITS, MAX_VALUE_DEPTH, type PythonValue, ValueError } from "../values/python-value.js";
import { ObjectMemory, POOL } from "./object-memory.js";
import {
  areSamples,
  BYTEARRAY,
  BYTES,
  DICT,
  FALSE,
  FLOAT,
  FROZENSET,
  HOST_OBJECT,
  INT,
  LIST,
  NAMED_SAMPLE,
  NEWEST_NAME,
  NONE,
  NUMBER_NAME,
  ORDER,
  SET,
  STR,
  TRUE,
  TUPLE,
} from "./object-samples.js";
import { hashOf, isUnreadable, smallIntWord, unreadable } from "./object-words.js";

/** The interpreter's own variables are in the data segment, below this. */
const STATE_END = 1024 * 1024;
/** Fuel for {@link ObjectReader.learn}, for each word that it looks at. */
export const LEARNING_FUEL = STATE_END / 4;
const MAX_POOLS = 64;
/** Key of a table's entry that has been removed. */
const REMOVED = 4;
/** Fuel for an object that the host reads, which takes some thirty nanoseconds, and bytes of data that it reads for one. */
const ITEM_FUEL = 16;
const BYTES_PER_FUEL = 4;
/** Encoded, a member of a set takes 6 bytes, and a table that has just grown has less than seven places for each. */
const MIN_SLOT_BYTES = 0.5;
const CLASS_NAMES: readonly (readonly [index: number, name: string])[] = [
  [INT, "int"],
  [STR, "str"],
  [BYTES, "bytes"],
  [BYTEARRAY, "bytearray"],
  [TUPLE, "tuple"],
  [LIST, "list"],
  [DICT, "dict"],
  [SET, "set"],
  [FROZENSET, "frozenset"],
  [HOST_OBJECT, "HostObject"],
];
/** Arguments of one call of a JavaScript function, which are on its stack. */
const MAX_ARGUMENTS = 4096;

export class ObjectReader extends ObjectMemory {
  /** Bytes that the values read so far take when they are encoded. */
  protected size = 0;
  protected slotCount = 0;
  /** What {@link size} may be. */
  protected limit: number;

  constructor(
    private readonly references?: References,
    private readonly maxBytes = Number.POSITIVE_INFINITY,
  ) {
    super();
    this.limit = maxBytes;
  }

  override open(memory: GuestMemory, list: number): boolean {
    this.size = 0;
    this.slotCount = 0;
    return super.open(memory, list);
  }

  /** Counts bytes of what encloses the values. @throws ValueError past the limit */
  count(bytes: number): void {
    this.size += bytes;
    if (this.size > this.limit) throw new ValueError(`value larger than ${this.maxBytes} bytes`);
  }

  /**
   * The value of an object, exactly as decoding its encoding would give it.
   * @throws ValueError if it cannot cross; an error that {@link isUnreadable} if it is not read here
   */
  read(word: number, depth: number): PythonValue {
    if (depth > MAX_VALUE_DEPTH) throw new ValueError("value nested too deeply");
    this.fuel += ITEM_FUEL;
    if ((word & 1) !== 0) {
      const value = (word | 0) >> 1;
      this.count(5 + smallIntDigits(value));
      return value;
    }
    if ((word & 3) === 2) return this.readInterned(word);
    const { types } = this;
    const type = this.word(word);
    if (type === types[STR]) return this.readText(this.word(word + 12), this.word(word + 8));
    if (type === types[INT]) return this.readInt(word);
    if (type === types[FLOAT]) {
      this.count(9);
      this.reach(word + 16);
      return this.view.getFloat64(word + 8, true);
    }
    if (type === types[TUPLE]) return this.readItems(word + 8, this.word(word + 4), depth);
    if (type === types[LIST]) return this.readItems(this.word(word + 12), this.word(word + 8), depth);
    if (type === types[DICT]) return this.readDict(word, depth);
    if (type === types[BYTES] || type === types[BYTEARRAY])
      return this.range(this.word(word + 12), this.word(word + 8)).slice();
    if (type === types[SET] || type === types[FROZENSET]) return this.readSet(word, depth);
    if (type === types[HOST_OBJECT]) return this.readHostObject(word);
    return unreadable();
  }

  /** The values of `count` objects whose words lie one behind the other, as those of a tuple. */
  readWords(start: number, count: number): PythonValue[] {
    return this.readItems(start, count, 1) as PythonValue[];
  }

  /** Name of the class of an object that {@link read} has found too large or too deep. */
  className(word: number): string {
    if ((word & 3) !== 0) return (word & 1) !== 0 ? "int" : "str";
    const type = this.word(word);
    return CLASS_NAMES.find(([index]) => this.type(index) === type)?.[1] ?? unreadable();
  }

  private readInterned(word: number): PythonValue {
    if ((word & 7) !== 2) {
      this.count(1);
      if (word === this.sample(NONE)) return null;
      if (word === this.sample(TRUE)) return true;
      if (word === this.sample(FALSE)) return false;
      unreadable();
    }
    const [address, length] = this.interned(word >>> 3, this.word(this.pool()));
    return this.readText(address, length);
  }

  /** Address of the variable with the newest pool. */
  private pool(): number {
    const word = this.item(POOL);
    return (word & 1) !== 0 ? word >>> 1 : unreadable();
  }

  /** Where the interned string with a number is: pools are (previous, strings before, –, count, → hashes, → lengths, addresses …). */
  private interned(number: number, newest: number): readonly [address: number, length: number] {
    let pool = newest;
    for (let hops = 0; hops < MAX_POOLS && pool !== 0; hops++) {
      const index = number - (this.word(pool + 4) & 0x7fffffff);
      if (index >= 0) {
        if (index >= this.word(pool + 12)) break;
        const length = this.word(pool + 20) + index;
        this.reach(length + 1);
        return [this.word(pool + 24 + 4 * index), this.bytes[length]!];
      }
      pool = this.word(pool);
    }
    return unreadable();
  }

  /** Bytes of data, counted. */
  private range(address: number, length: number): Uint8Array {
    this.count(5 + length);
    this.reach(address + length);
    this.fuel += Math.floor(length / BYTES_PER_FUEL);
    return this.bytes.subarray(address, address + length);
  }

  private readText(address: number, length: number): string {
    return textOf(this.range(address, length));
  }

  private readInt(address: number): number | bigint {
    const digits = this.word(address + 8);
    const start = this.word(address + 12);
    if (digits > MAX_INTEGER_DIGITS / 4) throw new ValueError("not an integer, or too large");
    this.reach(start + digits * 2);
    let text = "";
    for (let i = digits - 1; i >= 0; i--) {
      const digit = this.bytes[start + 2 * i]! | (this.bytes[start + 2 * i + 1]! << 8);
      text += text === "" ? (digit === 0 ? "" : digit.toString(16)) : digit.toString(16).padStart(4, "0");
    }
    const negative = (this.word(address + 4) & 1) !== 0 && text !== "";
    const count = Math.max(text.length, 1) + (negative ? 1 : 0);
    this.count(5 + count);
    if (text.length > MAX_INTEGER_DIGITS) throw new ValueError("not an integer, or too large");
    this.fuel += Math.floor(text.length / BYTES_PER_FUEL);
    const magnitude = BigInt(`0x${text || "0"}`);
    const narrow = Number(magnitude);
    if (Number.isSafeInteger(narrow)) return negative ? -narrow : narrow;
    return negative ? -magnitude : magnitude;
  }

  private readItems(start: number, length: number, depth: number): PythonValue[] {
    this.count(5);
    const items: PythonValue[] = [];
    for (let i = 0; i < length; i++) items.push(this.read(this.word(start + 4 * i), depth + 1));
    return items;
  }

  /** Counts the entries of a table that will be looked at. */
  private slots(allocated: number): number {
    // A table that is nearly empty may be large, and be named many times.
    this.slotCount += allocated;
    if (this.slotCount > this.limit / MIN_SLOT_BYTES) unreadable();
    this.fuel += allocated;
    return allocated;
  }

  private readDict(address: number, depth: number): PythonValue {
    this.count(5);
    const slots = this.slots(this.word(address + 8));
    const table = this.word(address + 12);
    const entries: [PythonValue, PythonValue][] = [];
    for (let i = 0; i < slots; i++) {
      const word = this.word(table + 8 * i);
      if (word === 0 || word === REMOVED) continue;
      const key = this.read(word, depth + 1);
      entries.push([key, this.read(this.word(table + 8 * i + 4), depth + 1)]);
    }
    return dictOf(entries);
  }

  private readSet(address: number, depth: number): PythonValue {
    this.count(5);
    const slots = this.slots(this.word(address + 4));
    const table = this.word(address + 12);
    const set = new Set<PythonValue>();
    for (let i = 0; i < slots; i++) {
      const word = this.word(table + 4 * i);
      if (word !== 0 && word !== REMOVED) set.add(this.read(word, depth + 1));
    }
    return set;
  }

  private readHostObject(address: number): PythonValue {
    this.count(5);
    const slots = this.slots(this.word(address + 8));
    const table = this.word(address + 12);
    for (let i = 0; i < slots; i++) {
      if (this.word(table + 8 * i) !== this.sample(NUMBER_NAME)) continue;
      const number = this.word(table + 8 * i + 4);
      if ((number & 1) === 0) break;
      const found = this.references?.capability(number >>> 1);
      if (found === undefined) throw new ValueError("the host's object is gone");
      return found;
    }
    return unreadable();
  }

  // ---- the samples ----

  /**
   * Whether the interpreter lays objects out as this file has it. If so, finds the pools of
   * interned strings, and leaves where they are in the list.
   */
  learn(): boolean {
    const before = this.item(POOL);
    let learned = false;
    this.limit = Number.POSITIVE_INFINITY;
    try {
      learned = this.findPool() && areSamples((i) => this.read(this.sample(i), 0)) && this.keysAreFound();
    } catch (error) {
      if (!(isUnreadable(error) || error instanceof ValueError)) throw error;
    }
    this.limit = this.maxBytes;
    if (!learned) this.setItem(POOL, before);
    return learned;
  }

  private findPool(): boolean {
    const newest = this.sample(NEWEST_NAME) >>> 3;
    for (let address = 1024; address < Math.min(STATE_END, this.bytes.length - 4); address += 4) {
      if (!this.isNewestPool(this.view.getUint32(address, true), newest)) continue;
      this.setItem(POOL, smallIntWord(address));
      return true;
    }
    return false;
  }

  private isNewestPool(pool: number, newest: number): boolean {
    if ((pool & 3) !== 0 || pool < 1024 || pool + 24 > this.bytes.length) return false;
    const index = newest - (this.view.getUint32(pool + 4, true) & 0x7fffffff);
    if (index < 0 || index >= this.view.getUint32(pool + 12, true) || index > 65536) return false;
    try {
      const [address, length] = this.interned(newest, pool);
      return textOf(this.range(address, length)) === NAMED_SAMPLE;
    } catch {
      return false;
    }
  }

  /** Whether tables of dicts have their entries in the order in which they came (patch/tables.wat). */
  get keepsOrder(): boolean {
    return this.word(this.word(this.sample(ORDER) + 12)) === smallIntWord(1);
  }

  /** Whether the keys of the sample dict are where their hashes lead, unless they are in order. */
  private keysAreFound(): boolean {
    if (this.keepsOrder) return true;
    const dict = this.sample(DICT);
    const slots = this.word(dict + 8);
    const table = this.word(dict + 12);
    let found = 0;
    for (let i = 0; i < slots; i++) {
      const word = this.word(table + 8 * i);
      if (word === 0) continue;
      const key = this.read(word, 0);
      const text = Uint8Array.from(key as string, (c) => c.charCodeAt(0));
      for (let k = hashOf(text) % slots; k !== i; k = (k + 1) % slots) if (this.word(table + 8 * k) === 0) return false;
      found++;
    }
    return found === 2;
  }
}

/** Hexadecimal digits of a small integer, with its sign. */
function smallIntDigits(value: number): number {
  const magnitude = Math.abs(value);
  return Math.max(1, (35 - Math.clz32(magnitude)) >> 2) + (value < 0 ? 1 : 0);
}

/** @throws ValueError if the bytes are not UTF-8 */
export function textOf(bytes: Uint8Array): string {
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i]! < 0x80) continue;
    const text = decodeUtf8Strict(bytes);
    if (typeof text === "number") throw new ValueError("text is not UTF-8");
    return text;
  }
  let text = "";
  for (let start = 0; start < bytes.length; start += MAX_ARGUMENTS)
    text += String.fromCharCode.apply(null, bytes.subarray(start, start + MAX_ARGUMENTS) as unknown as number[]);
  return text;
}
