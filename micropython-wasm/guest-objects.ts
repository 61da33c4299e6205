// Python objects where they lie in the guest's memory: read as values without the guest's help,
// and built into blocks that the guest has allocated.
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

import type { References } from "./capability.js";
import type { GuestMemory } from "./host-environment.js";
import { MAX_INTEGER_DIGITS, MAX_VALUE_DEPTH, type PythonValue, ValueError } from "./python-value.js";
import { decodeUtf8Strict } from "./utf8.js";

/**
 * The guest's half of an exchange: a list of
 *   [0] arguments or blocks; from the host: the result
 *   [1] keyword arguments; from the host: what the result needs
 *   [2] the samples, a tuple
 *   [3] address of the variable that holds the newest pool of interned strings; from the host
 */
const SAMPLES = 2;
const POOL = 3;

/** What the tuple of samples has, in Python; `HostObject` has to be defined. */
export const SAMPLES_SOURCE = `(
    None, True, False, "", 1 << 40, 1.5, "a text that nobody interns \\u20ac", b"some bytes, 20 of them",
    bytearray(b"a bytearray"), (1,), [2], {"a": -3, "a long key that nobody interns": 4}, {5, 600}, frozenset((6,)),
    HostObject(7, ()), "_number", "_a_sample_")`;
const NAMED_SAMPLE = "_a_sample_";
const SAMPLE_VALUES: readonly PythonValue[] = [
  null,
  true,
  false,
  "",
  2 ** 40,
  1.5,
  "a text that nobody interns \u20ac",
  Uint8Array.from("some bytes, 20 of them", (c) => c.charCodeAt(0)),
  Uint8Array.from("a bytearray", (c) => c.charCodeAt(0)),
  [1],
  [2],
  Object.assign(Object.create(null) as object, { a: -3, "a long key that nobody interns": 4 }),
  new Set([5, 600]),
  new Set([6]),
];
/** Where in the tuple which sample is. */
const NONE = 0;
const TRUE = 1;
const FALSE = 2;
const EMPTY = 3;
const INT = 4;
const FLOAT = 5;
const STR = 6;
const BYTES = 7;
const BYTEARRAY = 8;
const TUPLE = 9;
const LIST = 10;
const DICT = 11;
const SET = 12;
const FROZENSET = 13;
const HOST_OBJECT = 14;
const NUMBER_NAME = 15;
const NEWEST_NAME = 16;
const SAMPLE_COUNT = 17;

/** The interpreter's own variables are in the data segment, below this. */
const STATE_END = 1024 * 1024;
const MAX_POOLS = 64;
const SMALL_INT_MAX = 0x3fffffff;
const SMALL_INT_MIN = -0x40000000;
/** Key of a table's entry that has been removed. */
const REMOVED = 4;
/** Fuel for an object that the host reads, which takes some thirty nanoseconds, and bytes of data that it reads for one. */
const ITEM_FUEL = 16;
const BYTES_PER_FUEL = 4;
/** Encoded, an entry of a dict takes twice as much, and tables have at most half as many slots again. */
const MIN_SLOT_BYTES = 4;
/** Arguments of one call of a JavaScript function, which are on its stack. */
const MAX_ARGUMENTS = 4096;

/** A value that needs no memory. */
export type Immediate = null | boolean | number;

/** The value as an immediate one; undefined if it is none. */
export function immediate(value: unknown): Immediate | undefined {
  if (value === undefined || value === null) return null;
  return value === true || value === false || (typeof value === "number" && isSmallInt(value)) ? value : undefined;
}

const NO_BYTES = new Uint8Array(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);

/** Not an object that is read or built here; the guest's library does it then. */
class Unreadable extends Error {}

/** What is to be read cannot be read here; not a value that cannot cross. */
export function isUnreadable(error: unknown): boolean {
  return error instanceof Unreadable;
}

function unreadable(): never {
  throw new Unreadable("not read here");
}

/** The objects of one exchange with the guest, one after the other. */
export class GuestObjects {
  /** Fuel that what has been read so far is worth. */
  fuel = 0;
  private memory!: GuestMemory;
  private bytes: Uint8Array = NO_BYTES;
  private view: DataView = NO_VIEW;
  private items = 0;
  /** The words of the samples, and the types of those that are not constants. */
  private readonly words = new Array<number>(SAMPLE_COUNT).fill(0);
  private readonly types = new Array<number>(SAMPLE_COUNT).fill(0);
  /** Bytes that the values read so far take when they are encoded. */
  private size = 0;
  private slotCount = 0;

  constructor(
    private readonly references?: References,
    private readonly maxBytes = Number.POSITIVE_INFINITY,
  ) {}

  /**
   * Begins with an exchange.
   * @param list address of the list described above
   * @returns whether there is one
   */
  open(memory: GuestMemory, list: number): boolean {
    this.memory = memory;
    this.fuel = 0;
    this.size = 0;
    this.slotCount = 0;
    this.refresh();
    try {
      if (this.word(list + 8) <= POOL) return false;
      this.items = this.word(list + 12);
      const samples = this.item(SAMPLES);
      if ((samples & 3) !== 0 || this.word(samples + 4) !== SAMPLE_COUNT) return false;
      for (let i = 0; i < SAMPLE_COUNT; i++) {
        const word = this.word(samples + 8 + 4 * i);
        this.words[i] = word;
        this.types[i] = (word & 3) === 0 ? this.word(word) : 0;
      }
      return this.word(list) === this.types[LIST] && this.word(samples) === this.types[TUPLE];
    } catch (error) {
      if (error instanceof Unreadable) return false;
      throw error;
    }
  }

  /** Lets go of the memory's buffer until {@link refresh}. */
  rest(): void {
    this.bytes = NO_BYTES;
    this.view = NO_VIEW;
  }

  /** To be called when the guest's memory may have got another buffer. */
  refresh(): void {
    this.bytes = this.memory.touched();
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
  }

  /** Makes sure that everything below `end` can be accessed. */
  private reach(end: number): void {
    if (end <= this.bytes.length) return;
    if (end > this.memory.byteLength) unreadable();
    this.memory.range(end - 1, 1);
    this.refresh();
  }

  private word(address: number): number {
    this.reach(address + 4);
    return this.view.getUint32(address, true);
  }

  private sample(index: number): number {
    return this.words[index]!;
  }

  private type(index: number): number {
    return this.types[index]!;
  }

  private setWord(address: number, word: number): void {
    this.reach(address + 4);
    this.view.setUint32(address, word, true);
  }

  // ---- the list ----

  /** The word at an index of the list. */
  item(index: number): number {
    return this.word(this.items + 4 * index);
  }

  setItem(index: number, word: number): void {
    this.setWord(this.items + 4 * index, word);
  }

  /** A small integer as a word. */
  static smallInt(value: number): number {
    return ((value << 1) | 1) >>> 0;
  }

  // ---- reading ----

  /** Counts bytes of what encloses the values. @throws ValueError past the limit */
  count(bytes: number): void {
    this.size += bytes;
    if (this.size > this.maxBytes) throw new ValueError(`value larger than ${this.maxBytes} bytes`);
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
    if (this.slotCount > this.maxBytes / MIN_SLOT_BYTES) unreadable();
    this.fuel += allocated;
    return allocated;
  }

  private readDict(address: number, depth: number): PythonValue {
    this.count(5);
    const slots = this.slots(this.word(address + 8));
    const table = this.word(address + 12);
    const keys: PythonValue[] = [];
    const values: PythonValue[] = [];
    let allText = true;
    for (let i = 0; i < slots; i++) {
      const word = this.word(table + 8 * i);
      if (word === 0 || word === REMOVED) continue;
      const key = this.read(word, depth + 1);
      if (typeof key !== "string") allText = false;
      keys.push(key);
      values.push(this.read(this.word(table + 8 * i + 4), depth + 1));
    }
    if (!allText) return new Map(keys.map((key, i) => [key, values[i]!]));
    const object = Object.create(null) as { [key: string]: PythonValue };
    for (let i = 0; i < keys.length; i++) object[keys[i] as string] = values[i]!;
    return object;
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

  // ---- building ----

  /**
   * Puts a value that needs no block at index 0, and for others what they need at index 1: the size
   * of a block, the negative number of several, or 0 if they are not built here.
   * @param sizes what {@link boxSizes} says of the value
   * @returns whether the guest has the value
   */
  announce(encoded: Uint8Array, sizes: readonly number[] | undefined): boolean {
    if (sizes === undefined) this.refer();
    else if (sizes.length === 1) this.setItem(1, GuestObjects.smallInt(Math.max(sizes[0]!, 1)));
    else if (sizes.length > 1) this.setItem(1, GuestObjects.smallInt(-sizes.length));
    else {
      this.setItem(1, this.sample(NONE));
      this.put(encoded, 0, 0);
      return true;
    }
    return false;
  }

  /** Puts a constant or a small integer at index 0. */
  give(value: Immediate): void {
    const { words } = this;
    const word = value === null ? words[NONE]! : value === true ? words[TRUE]! : value === false ? words[FALSE]! : 0;
    this.setItem(0, typeof value === "number" ? GuestObjects.smallInt(value) : word);
    this.setItem(1, words[NONE]!);
  }

  /** Tells the guest to read what comes next from the device. */
  refer(): void {
    this.setItem(1, GuestObjects.smallInt(0));
  }

  /** Tells the guest that its objects are not read here. */
  decline(): void {
    this.setItem(1, this.sample(FALSE));
  }

  /** Whether {@link learn} has had success. */
  get learned(): boolean {
    return (this.item(POOL) & 1) !== 0;
  }

  /** Notes at index 0 that the value at index 1 was taken. */
  confirm(): void {
    this.setItem(0, this.sample(TRUE));
    this.setItem(1, this.sample(NONE));
  }

  /** Writes numbers into the list at index 0. @throws an error that {@link isUnreadable} if it is not as long */
  giveSizes(sizes: readonly number[]): void {
    const list = this.item(0);
    if (this.word(list) !== this.type(LIST) || this.word(list + 8) !== sizes.length) unreadable();
    const items = this.word(list + 12);
    for (const [i, size] of sizes.entries()) this.setWord(items + 4 * i, GuestObjects.smallInt(size));
  }

  /**
   * Builds a value into the blocks at index 0 — a bytearray, or a list of them — and puts it there.
   * @param encoded an encoded value for which {@link boxSizes} has sizes
   * @throws an error that {@link isUnreadable} if the blocks are not what it needs
   */
  build(encoded: Uint8Array): void {
    const first = this.item(0);
    const type = this.word(first);
    if (type === this.type(BYTEARRAY)) this.put(encoded, this.items, 1);
    else if (type === this.type(LIST)) this.put(encoded, this.word(first + 12), this.word(first + 8));
    else unreadable();
  }

  private put(encoded: Uint8Array, start: number, given: number): void {
    const bytearray = this.type(BYTEARRAY);
    let taken = 0;
    const sink: Sink = {
      builds: true,
      none: this.sample(NONE),
      true: this.sample(TRUE),
      false: this.sample(FALSE),
      empty: this.sample(EMPTY),
      box: (tag, first, second, size) => {
        if (taken >= given) unreadable();
        const box = this.word(start + 4 * taken++);
        if ((box & 3) !== 0 || this.word(box) !== bytearray || this.word(box + 8) < size) unreadable();
        const data = this.word(box + 12);
        this.reach(data + size);
        this.setWord(box, this.type(TYPE_OF_TAG[tag]!));
        this.setWord(box + 4, first);
        this.setWord(box + 8, second);
        if (size === 0) this.setWord(box + 12, 0);
        return { box, data };
      },
      setWord: (address, word) => this.setWord(address, word),
      setBytes: (address, content) => {
        this.reach(address + content.length);
        this.bytes.set(content, address);
      },
    };
    this.setItem(0, new Walk(encoded, sink).value(0));
  }

  // ---- the samples ----

  /**
   * Whether the interpreter lays objects out as this file has it. If so, finds the pools of
   * interned strings, and leaves where they are in the list.
   */
  learn(): boolean {
    try {
      const newest = this.sample(NEWEST_NAME) >>> 3;
      for (let address = 1024; address < Math.min(STATE_END, this.bytes.length - 4); address += 4) {
        if (!this.isNewestPool(this.view.getUint32(address, true), newest)) continue;
        this.setItem(POOL, GuestObjects.smallInt(address));
        return this.samplesAreRead() && this.keysAreFound();
      }
    } catch (error) {
      if (!(error instanceof Unreadable || error instanceof ValueError)) throw error;
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

  private samplesAreRead(): boolean {
    return SAMPLE_VALUES.every((expected, i) => {
      return sameSample(this.read(this.sample(i), 0), expected);
    });
  }

  /** Whether the keys of the sample dict are where their hashes lead. */
  private keysAreFound(): boolean {
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

function sameSample(found: PythonValue, expected: PythonValue): boolean {
  const plain = (value: PythonValue): unknown =>
    value instanceof Set || value instanceof Uint8Array ? [...value].sort((a, b) => Number(a) - Number(b)) : value;
  return JSON.stringify(plain(found)) === JSON.stringify(plain(expected));
}

function isSmallInt(value: number): boolean {
  return (value | 0) === value && value <= SMALL_INT_MAX && value >= SMALL_INT_MIN && !Object.is(value, -0);
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

/** MicroPython's hash of text and bytes. */
function hashOf(bytes: Uint8Array): number {
  let hash = 5381;
  for (let i = 0; i < bytes.length; i++) hash = (Math.imul(hash, 33) ^ bytes[i]!) | 0;
  return hash & 0xffff || 1;
}

// ---- encoded values as objects ----

const TAG_NONE = 0x4e;
const TAG_TRUE = 0x54;
const TAG_FALSE = 0x46;
const TAG_INT = 0x69;
const TAG_FLOAT = 0x66;
const TAG_STR = 0x73;
const TAG_BYTES = 0x62;
const TAG_LIST = 0x6c;
const TAG_SET = 0x65;
const TAG_DICT = 0x64;
const TYPE_OF_TAG: Readonly<Record<number, number>> = {
  [TAG_INT]: INT,
  [TAG_FLOAT]: FLOAT,
  [TAG_STR]: STR,
  [TAG_BYTES]: BYTES,
  [TAG_LIST]: LIST,
  [TAG_SET]: SET,
  [TAG_DICT]: DICT,
};

/** Where a walk over an encoded value puts its objects. */
interface Sink {
  /** Whether hashes matter. */
  readonly builds: boolean;
  readonly none: number;
  readonly true: number;
  readonly false: number;
  /** The empty str. */
  readonly empty: number;
  /** Makes an object of four words, the last one the address of `size` bytes; returns both addresses. */
  box(tag: number, first: number, second: number, size: number): { box: number; data: number };
  setWord(address: number, word: number): void;
  setBytes(address: number, content: Uint8Array): void;
}

/**
 * The sizes of the blocks of data that the objects of an encoded value need, in the order in
 * which {@link GuestObjects.build} takes them; undefined if the value is not built here.
 */
export function boxSizes(encoded: Uint8Array): number[] | undefined {
  const sizes: number[] = [];
  const sink: Sink = {
    builds: false,
    none: 0,
    true: 0,
    false: 0,
    empty: 0,
    box: (_tag, _first, _second, size) => {
      sizes.push(size);
      return { box: 0, data: 0 };
    },
    setWord: () => {},
    setBytes: () => {},
  };
  try {
    new Walk(encoded, sink).value(0);
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
  return sizes;
}

/** Fuel for {@link GuestObjects.learn}, for each word that it looks at. */
export const LEARNING_FUEL = STATE_END / 4;

/** MicroPython's sizes of hash tables. */
const TABLE_SIZES = [
  0, 1, 2, 4, 6, 8, 10, 12, 17, 23, 29, 37, 47, 59, 73, 97, 127, 167, 223, 293, 389, 521, 691, 919, 1223, 1627, 2161,
  3229, 4831, 7243, 10861, 16273, 24407, 36607, 54907,
];

function nextTableSize(size: number): number {
  return TABLE_SIZES.find((candidate) => candidate > size) ?? (size + 1 + ((size + 1) >> 1)) | 1;
}

/** Slots of a table into which `count` keys have been put one after the other. */
function tableSize(count: number): number {
  let size = 0;
  while (size < count) size = nextTableSize(size);
  return size;
}

/**
 * Where keys with these hashes are in a table: for each slot the index of a key, -1 if it is
 * free. Keys go in one by one, and all anew, in their order in the table, whenever it is full.
 */
function placed(hashes: readonly number[]): Int32Array {
  let table = new Int32Array(0);
  const insert = (key: number): void => {
    let slot = hashes[key]! % table.length;
    while (table[slot] !== -1) slot = slot + 1 === table.length ? 0 : slot + 1;
    table[slot] = key;
  };
  for (let i = 0; i < hashes.length; i++) {
    if (i === table.length) {
      const old = table;
      table = new Int32Array(nextTableSize(i)).fill(-1);
      for (const key of old) insert(key);
    }
    insert(i);
  }
  return table;
}

/** One pass over an encoded value of the host's own making, or from a snapshot. */
class Walk {
  private position = 0;

  constructor(
    private readonly encoded: Uint8Array,
    private readonly sink: Sink,
  ) {}

  private count(): number {
    const { encoded, position } = this;
    this.position += 4;
    return (
      (encoded[position]! |
        (encoded[position + 1]! << 8) |
        (encoded[position + 2]! << 16) |
        (encoded[position + 3]! << 24)) >>>
      0
    );
  }

  /** The word of the next value's object. */
  value(depth: number): number {
    if (depth > MAX_VALUE_DEPTH) unreadable();
    const { sink } = this;
    const tag = this.encoded[this.position++];
    switch (tag) {
      case TAG_NONE:
        return sink.none;
      case TAG_TRUE:
        return sink.true;
      case TAG_FALSE:
        return sink.false;
      case TAG_FLOAT: {
        const { box } = sink.box(TAG_FLOAT, 0, 0, 0);
        sink.setBytes(box + 8, this.encoded.subarray(this.position, this.position + 8));
        this.position += 8;
        return box;
      }
      case TAG_INT:
        return this.integer();
      case TAG_STR:
      case TAG_BYTES:
        return this.data(tag);
      case TAG_LIST:
        return this.list(depth + 1);
      case TAG_DICT:
        return this.table(TAG_DICT, 2, depth + 1);
      case TAG_SET:
        return this.table(TAG_SET, 1, depth + 1);
      default:
        return unreadable();
    }
  }

  private data(tag: number): number {
    const { sink } = this;
    const bytes = this.take();
    if (bytes.length === 0 && tag === TAG_STR) return sink.empty;
    // With a zero behind the data, as C expects it.
    const { box, data } = sink.box(tag, sink.builds ? hashOf(bytes) : 0, bytes.length, bytes.length + 1);
    sink.setBytes(data, bytes);
    return box;
  }

  /** How many values follow; each takes a byte at least. */
  private length(): number {
    const length = this.count();
    return length <= this.encoded.length ? length : unreadable();
  }

  private take(): Uint8Array {
    const length = this.count();
    const start = this.position;
    this.position += length;
    return this.encoded.subarray(start, start + length);
  }

  private integer(): number {
    const value = this.smallInt();
    if (value !== undefined) return GuestObjects.smallInt(value);
    const text = String.fromCharCode(...this.take());
    const negative = text.startsWith("-");
    const digits = negative ? text.slice(1) : text;
    const count = Math.ceil(digits.length / 4);
    const { box, data } = this.sink.box(TAG_INT, (count << 2) | (negative ? 1 : 0), count, 2 * count);
    const content = new Uint8Array(2 * count);
    for (let i = 0; i < 2 * count; i++) {
      const end = digits.length - 2 * i;
      content[i] = Number.parseInt(digits.slice(Math.max(0, end - 2), Math.max(0, end)) || "0", 16);
    }
    this.sink.setBytes(data, content);
    return box;
  }

  /** The integer that comes next if it is a small one; otherwise undefined, and it still comes. */
  private smallInt(): number | undefined {
    const { encoded } = this;
    const start = this.position;
    const end = start + 4 + this.count();
    let at = start + 4;
    const negative = encoded[at] === 0x2d;
    if (negative) at++;
    if (end - at <= 8) {
      let value = 0;
      for (; at < end; at++) value = value * 16 + (encoded[at]! & 0xf) + (encoded[at]! > 0x39 ? 9 : 0);
      if (negative) value = -value;
      if (isSmallInt(value)) {
        this.position = end;
        return value;
      }
    }
    this.position = start;
    return undefined;
  }

  private list(depth: number): number {
    const length = this.length();
    // A list never has room for fewer than four.
    const allocated = Math.max(length, 4);
    const { box, data } = this.sink.box(TAG_LIST, allocated, length, 4 * allocated);
    for (let i = 0; i < length; i++) {
      this.sink.setWord(data + 4 * i, this.value(depth));
    }
    return box;
  }

  /** A dict's or a set's table, whose entries have `width` words. */
  private table(tag: number, width: 1 | 2, depth: number): number {
    const { sink } = this;
    const length = this.length();
    const allocated = tableSize(length);
    const { box, data } =
      tag === TAG_DICT
        ? sink.box(tag, length === 0 ? 1 : length << 3, allocated, 4 * width * allocated)
        : sink.box(tag, allocated, length, 4 * width * allocated);
    const hashes: number[] = [];
    const words: number[] = [];
    const integers = new Set<number>();
    for (let i = 0; i < length; i++) {
      hashes.push(this.keyHash(integers));
      for (let k = 0; k < width; k++) words.push(this.value(depth));
    }
    if (!sink.builds) return box;
    for (const [slot, key] of placed(hashes).entries())
      for (let k = 0; k < width && key >= 0; k++) sink.setWord(data + 4 * (width * slot + k), words[width * key + k]!);
    return box;
  }

  /** The hash of the key that comes next. Only str and small int, and none twice, are keys here. */
  private keyHash(integers: Set<number>): number {
    const start = this.position;
    const tag = this.encoded[this.position++];
    let hash: number;
    if (tag === TAG_STR) hash = hashOf(this.take());
    else {
      const value = tag === TAG_INT ? this.smallInt() : undefined;
      if (value === undefined || integers.has(value)) return unreadable();
      integers.add(value);
      hash = value >>> 0;
    }
    this.position = start;
    return hash;
  }
}
