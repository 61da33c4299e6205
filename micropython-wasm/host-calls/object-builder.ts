// Encoded values as objects in blocks of the guest's memory: how large the blocks have to be, and
// what is in them.

import { MAX_VALUE_DEPTH } from "../values/python-value.js";
import { hashOf, isSmallInt, isUnreadable, smallIntWord, unreadable } from "./object-words.js";

export const TAG_NONE = 0x4e;
export const TAG_TRUE = 0x54;
export const TAG_FALSE = 0x46;
export const TAG_INT = 0x69;
export const TAG_FLOAT = 0x66;
export const TAG_STR = 0x73;
export const TAG_BYTES = 0x62;
export const TAG_LIST = 0x6c;
export const TAG_SET = 0x65;
export const TAG_DICT = 0x64;
/** Where a walk over an encoded value puts its objects. */
export interface Sink {
  /** Whether hashes matter. */
  readonly builds: boolean;
  /** Whether the interpreter's tables are those of patch/tables.wat. */
  readonly keepsOrder: boolean;
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
 * which GuestObjects.build takes them; undefined if the value is not built here.
 * @param keepsOrder as in {@link Sink}
 */
export function boxSizes(encoded: Uint8Array, keepsOrder: boolean): number[] | undefined {
  const sizes: number[] = [];
  const sink: Sink = {
    builds: false,
    keepsOrder,
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
    if (isUnreadable(error)) return undefined;
    throw error;
  }
  return sizes;
}

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

/** Entries of a dict's table that needs no more than its entries; a larger one has a word behind them, 0 without an index. */
const MAX_PLAIN_ENTRIES = 8;
const INDEX_HEADER_BYTES = 8;
/** What a set's table has behind its members. */
const SET_TAIL_BYTES = 8;
const MIN_SET_PLACES = 8;
/** Places that are tried one after the other before the search goes elsewhere. */
const LINEAR_PROBES = 9;

/** Places of the set that has come to `used` members in so many places (patch/tables.wat). */
function setPlaces(used: number, places: number): number {
  if (used * 5 < (places - 1) * 3) return places;
  const least = used > 50_000 ? 2 * used : 4 * used;
  let larger = MIN_SET_PLACES;
  while (larger <= least) larger *= 2;
  return larger;
}

/** Where members with these hashes are in a set to which they came one by one: for each place the index of a member, or -1. */
function placedInSet(hashes: readonly number[]): Int32Array {
  let table = new Int32Array(hashes.length === 0 ? 0 : MIN_SET_PLACES).fill(-1);
  for (const member of hashes.keys()) {
    placeInSet(table, member, hashes);
    const places = setPlaces(member + 1, table.length);
    if (places === table.length) continue;
    const old = table;
    table = new Int32Array(places).fill(-1);
    for (const known of old) if (known >= 0) placeInSet(table, known, hashes);
  }
  return table;
}

function placeInSet(table: Int32Array, member: number, hashes: readonly number[]): void {
  const mask = table.length - 1;
  const hash = hashes[member]!;
  // Two halves of a signed number of 64 bits, shifted as an unsigned one.
  let low = hash === 0xffffffff ? -2 : hash | 0;
  let high = low >> 31;
  let place = low & mask;
  for (;;) {
    const last = place + LINEAR_PROBES <= mask ? place + LINEAR_PROBES : place;
    for (let at = place; at <= last; at++)
      if (table[at] === -1) {
        table[at] = member;
        return;
      }
    low = (low >>> 5) | (high << 27);
    high >>>= 5;
    place = (Math.imul(place, 5) + 1 + low) & mask;
  }
}

/** Entries and bytes of a table for `length` entries of `width` words. */
function tableRoom(length: number, width: 1 | 2, keepsOrder: boolean): { allocated: number; bytes: number } {
  if (!keepsOrder) {
    const allocated = tableSize(length);
    return { allocated, bytes: 4 * width * allocated };
  }
  if (width === 2)
    return { allocated: length, bytes: 8 * length + (length > MAX_PLAIN_ENTRIES ? INDEX_HEADER_BYTES : 0) };
  let allocated = length === 0 ? 0 : MIN_SET_PLACES;
  for (let used = 1; used <= length; used++) allocated = setPlaces(used, allocated);
  return { allocated, bytes: allocated === 0 ? 0 : 4 * allocated + SET_TAIL_BYTES };
}

/** One pass over an encoded value of the host's own making, or from a snapshot. */
export class Walk {
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
    if (value !== undefined) return smallIntWord(value);
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
    const { allocated, bytes } = tableRoom(length, width, sink.keepsOrder);
    const { box, data } =
      tag === TAG_DICT
        ? sink.box(tag, length === 0 ? 1 : length << 3, allocated, bytes)
        : sink.box(tag, allocated, length, bytes);
    const hashes: number[] = [];
    const words: number[] = [];
    const integers = new Set<number>();
    for (let i = 0; i < length; i++) {
      hashes.push(this.keyHash(integers));
      for (let k = 0; k < width; k++) words.push(this.value(depth));
    }
    if (!sink.builds) return box;
    if (sink.keepsOrder && tag === TAG_DICT) {
      for (const [i, word] of words.entries()) sink.setWord(data + 4 * i, word);
      return box;
    }
    const slots = sink.keepsOrder ? placedInSet(hashes) : placed(hashes);
    for (const [slot, key] of slots.entries())
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
