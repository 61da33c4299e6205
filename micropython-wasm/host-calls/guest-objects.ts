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
//
// The guest's add(2, "hi") leaves s = [(2, "hi"), {}, …], and s's address in the frame:
//   s       +12 → items: word of the tuple, word of the dict
//   tuple   (type of tuples, 2, 5, w)        5 is the small int 2: 2 n + 1
//   w       ...10 is the number of an interned string, found in the pools; any other str is an object
// The result "ok!" needs one block: the guest is told its size, 4 with the zero that C expects, makes a bytearray of
// that, and the host turns the bytearray's header into that of a str:
//   before  (type of bytearrays, –, 4, → data)   after  (type of strs, hash, 3, → data: o k ! 0)

import { decodeUtf8Strict } from "../../decoder/index.js";
import type { GuestMemory } from "../guest/engine-port.js";
import type { References } from "../values/capability.js";
import { dictOf, MAX_INTEGER_DIGITS, MAX_VALUE_DEPTH, type PythonValue, ValueError } from "../values/python-value.js";
import {
  boxSizes,
  type Sink,
  TAG_BYTES,
  TAG_DICT,
  TAG_FLOAT,
  TAG_INT,
  TAG_LIST,
  TAG_SET,
  TAG_STR,
  Walk,
} from "./object-builder.js";
import {
  areSamples,
  BYTEARRAY,
  BYTES,
  DICT,
  EMPTY,
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
  SAMPLE_COUNT,
  SET,
  STR,
  TRUE,
  TUPLE,
} from "./object-samples.js";
import { hashOf, type Immediate, isUnreadable, smallIntWord, unreadable } from "./object-words.js";

/**
 * The guest's half of an exchange: a list of
 *   [0] arguments or blocks; from the host: the result
 *   [1] keyword arguments; from the host: what the result needs
 *   [2] the samples, a tuple
 *   [3] address of the variable that holds the newest pool of interned strings; from the host
 */
const SAMPLES = 2;
const POOL = 3;

/** The interpreter's own variables are in the data segment, below this. */
const STATE_END = 1024 * 1024;
/** Fuel for {@link GuestObjects.learn}, for each word that it looks at. */
export const LEARNING_FUEL = STATE_END / 4;
/** Numbers from its negative on are errors: less -2 times the size of the message's block, less 1 for a ValueError. */
export const ERROR_CODE = 1 << 29;
const MAX_POOLS = 64;
/** Key of a table's entry that has been removed. */
const REMOVED = 4;
/** Fuel for an object that the host reads, which takes some thirty nanoseconds, and bytes of data that it reads for one. */
const ITEM_FUEL = 16;
const BYTES_PER_FUEL = 4;
/** Encoded, an entry of a dict takes twice as much, and tables have at most half as many slots again. */
const MIN_SLOT_BYTES = 4;
const TYPE_OF_TAG: Readonly<Record<number, number>> = {
  [TAG_INT]: INT,
  [TAG_FLOAT]: FLOAT,
  [TAG_STR]: STR,
  [TAG_BYTES]: BYTES,
  [TAG_LIST]: LIST,
  [TAG_SET]: SET,
  [TAG_DICT]: DICT,
};
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

const NO_BYTES = new Uint8Array(0);
const NO_VIEW = new DataView(NO_BYTES.buffer);

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
  /** What {@link size} may be. */
  private limit: number;

  constructor(
    private readonly references?: References,
    private readonly maxBytes = Number.POSITIVE_INFINITY,
  ) {
    this.limit = maxBytes;
  }

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
      if (isUnreadable(error)) return false;
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

  // ---- reading ----

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

  // ---- building ----

  /**
   * Puts a value that needs no block at index 0, and for others what they need at index 1: the size
   * of a block, the negative number of several, or 0 if they are not built here.
   * @param sizes what {@link boxSizes} says of the value
   * @returns whether the guest has the value
   */
  announce(encoded: Uint8Array, sizes: readonly number[] | undefined): boolean {
    if (sizes === undefined) this.refer();
    else if (sizes.length === 1) this.setItem(1, smallIntWord(Math.max(sizes[0]!, 1)));
    else if (sizes.length > 1) this.setItem(1, smallIntWord(-sizes.length));
    else {
      this.setItem(1, this.sample(NONE));
      this.put(encoded, 0, 0);
      return true;
    }
    return false;
  }

  /** Tells the guest to make a block of `size` bytes for the message of an error, which {@link build} then fills. */
  announceError(size: number, isValueError: boolean): void {
    this.setItem(1, smallIntWord(-ERROR_CODE - 2 * size - (isValueError ? 1 : 0)));
  }

  /** Puts a constant or a small integer at index 0. */
  give(value: Immediate): void {
    const { words } = this;
    const word = value === null ? words[NONE]! : value === true ? words[TRUE]! : value === false ? words[FALSE]! : 0;
    this.setItem(0, typeof value === "number" ? smallIntWord(value) : word);
    this.setItem(1, words[NONE]!);
  }

  /** Tells the guest to read what comes next from the device. */
  refer(): void {
    this.setItem(1, smallIntWord(0));
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
    for (const [i, size] of sizes.entries()) this.setWord(items + 4 * i, smallIntWord(size));
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
