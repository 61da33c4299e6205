// Python objects where they lie in the guest's memory: read as values without the guest's help (object-reader.ts),
// and built into blocks that the guest has allocated.
//
// The guest's add(2, "hi") leaves s = [(2, "hi"), {}, …], and s's address in the frame:
//   s       +12 → items: word of the tuple, word of the dict
//   tuple   (type of tuples, 2, 5, w)        5 is the small int 2: 2 n + 1
//   w       ...10 is the number of an interned string, found in the pools; any other str is an object
// The result "ok!" needs one block: the guest is told its size, 4 with the zero that C expects, makes a bytearray of
// that, and the host turns the bytearray's header into that of a str:
//   before  (type of bytearrays, –, 4, → data)   after  (type of strs, hash, 3, → data: o k ! 0)

import {
  AFTERWARDS,
  FALLBACK,
  FUNCTION,
  NATIVE_AREA,
  NATIVE_MAGIC,
  SLOTS,
  TABLE_INDEX,
  TYPE,
  TYPE_BYTES,
} from "../guest/native-calls.js";
import {
  type boxSizes,
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
import { AFTER, POOL, SLOW, SPARE } from "./object-memory.js";
import { ObjectReader } from "./object-reader.js";
import { BYTEARRAY, BYTES, DICT, EMPTY, FALSE, FLOAT, INT, LIST, NONE, SET, STR, TRUE } from "./object-samples.js";
import { type Immediate, isUnreadable, smallIntWord, unreadable } from "./object-words.js";

/** Numbers from its negative on are errors: less -2 times the size of the message's block, less 1 for a ValueError. */
export const ERROR_CODE = 1 << 29;
/** The number that says that a message is in the block to spare: several objects are two or more. */
export const IN_SPARE = -1;
const TYPE_OF_TAG: Readonly<Record<number, number>> = {
  [TAG_INT]: INT,
  [TAG_FLOAT]: FLOAT,
  [TAG_STR]: STR,
  [TAG_BYTES]: BYTES,
  [TAG_LIST]: LIST,
  [TAG_SET]: SET,
  [TAG_DICT]: DICT,
};

/** The objects of one exchange with the guest, one after the other. */
export class GuestObjects extends ObjectReader {
  /** The word of the value that was put at index 0 last, for who takes it from here; 0 if it is not there yet. */
  given = 0;

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
      this.put(encoded, 0, 0, 0);
      this.given = this.item(0);
      return true;
    }
    return false;
  }

  /**
   * Makes the block to spare the message of a RuntimeError, and says so at index 1.
   * @returns whether there is one, and the message has room in it
   */
  giveMessage(encoded: Uint8Array): boolean {
    if (!this.hasSpare) return false;
    try {
      this.put(encoded, this.items + 4 * SPARE, 1, SPARE);
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      return false;
    }
    this.setItem(1, smallIntWord(IN_SPARE));
    return true;
  }

  /** Tells the guest to make a block of `size` bytes for the message of an error, which {@link build} then fills. */
  announceError(size: number, isValueError: boolean): void {
    this.setItem(1, smallIntWord(-ERROR_CODE - 2 * size - (isValueError ? 1 : 0)));
  }

  /** Puts a constant or a small integer at index 0. */
  give(value: Immediate): void {
    const { words } = this;
    const word = value === null ? words[NONE]! : value === true ? words[TRUE]! : value === false ? words[FALSE]! : 0;
    this.given = typeof value === "number" ? smallIntWord(value) : word;
    this.setItem(0, this.given);
    this.setItem(1, words[NONE]!);
  }

  /**
   * Makes the bound method at index 0 one of the artifact's own function (patch/calls.wat), which is called with the
   * frame at index 1, where the artifact has one. The function looks like the one that was bound: it has a copy of its
   * type, with another slot for calls, and its code, whose name it tells.
   * @throws an error that {@link isUnreadable} if this is no method
   */
  makeNative(): undefined {
    if (!this.learned || this.word(NATIVE_AREA) !== NATIVE_MAGIC) return;
    const method = this.item(0);
    const bound = this.word(method + 4);
    const type = this.word(bound);
    const slot = this.word(type + 8) >>> 16;
    const call = type + SLOTS + 4 * (slot & 0xff);
    if ((slot & 0xff) === 0 || call + 4 > type + TYPE_BYTES) return;
    for (let at = 0; at < TYPE_BYTES; at += 4) this.setWord(NATIVE_AREA + TYPE + at, this.word(type + at));
    this.setWord(NATIVE_AREA + TYPE + call - type, this.word(NATIVE_AREA + TABLE_INDEX));
    this.setWord(NATIVE_AREA + FUNCTION, NATIVE_AREA + TYPE);
    for (let at = 4; at < 16; at += 4) this.setWord(NATIVE_AREA + FUNCTION + at, this.word(bound + at));
    this.setWord(NATIVE_AREA + FALLBACK, this.item(SLOW));
    this.setWord(NATIVE_AREA + AFTERWARDS, this.item(AFTER));
    this.setWord(method + 4, NATIVE_AREA + FUNCTION);
    this.setWord(method + 8, this.item(1));
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

  /** A small number at index 0, in place of a confirmation. */
  answerNumber(value: number): void {
    this.setItem(0, smallIntWord(value));
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
    if (type === this.type(BYTEARRAY)) this.put(encoded, this.items, 1, 0);
    else if (type === this.type(LIST)) this.put(encoded, this.word(first + 12), this.word(first + 8), 0);
    else unreadable();
  }

  /** Puts a value at index `at`, built of the `given` blocks whose words begin at `start`. */
  private put(encoded: Uint8Array, start: number, given: number, at: number): void {
    const bytearray = this.type(BYTEARRAY);
    let taken = 0;
    const sink: Sink = {
      builds: true,
      keepsOrder: this.keepsOrder,
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
    this.setItem(at, new Walk(encoded, sink).value(0));
  }
}
