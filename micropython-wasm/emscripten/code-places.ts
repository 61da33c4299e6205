// Functions of a Python program and their lines, read in the guest's memory while it runs: where opcodes stand.
//
// The layouts are those of the artifact's MicroPython (py/bc.h, py/objfun.h, py/qstr.h):
//   code_state   +0 → function  +4 → opcode
//   function     +4 → its module's context (+8 → numbers of interned strings, shorts; the first is the file's)
//                +12 → bytecode: a signature, two sizes, then *information* (the function's name, its arguments' names,
//                lines), numbers of cells, opcodes
//   lines        pairs (so many bytes of opcodes, so many lines on), in one byte or two
//   a pool       +0 → the one before  +4 strings before it  +12 how many  +20 → lengths, bytes  +24 → strings, words
// The guest may have written anything there: what is out of bounds reads as 0, and all is bounded.

import { decodeUtf8Lossy } from "../../decoder/index.js";
import type { ChargedThread } from "../../runtime/index.js";

type Memory = ChargedThread["machine"]["instance"]["memories"][number];

/** Bytes of information that are looked at. */
const MOST_INFORMATION = 1 << 20;
const MOST_POOLS = 64;
const MOST_ARGUMENTS = 1 << 12;
/** A number in groups of seven bits, of 32 bits in all. */
const MOST_GROUPS = 5;
/** The opcode (py/bc0.h); what it loads follows. */
const LOAD_NAME = 0x11;

export interface FunctionPlace {
  readonly name: string;
  readonly file: string;
}

/** Words and bytes of the guest's memory. */
export class GuestWords {
  constructor(readonly memory: Memory) {}

  byte(address: number): number {
    return this.memory.inBounds(address, 1) ? this.memory.readU8(address) : 0;
  }
  short(address: number): number {
    return this.memory.inBounds(address, 2) ? this.memory.readU16(address) : 0;
  }
  word(address: number): number {
    return this.memory.inBounds(address, 4) ? this.memory.readU32(address) : 0;
  }
  bytes(address: number, length: number): Uint8Array {
    return this.memory.inBounds(address, length) ? this.memory.read(address, length) : new Uint8Array(0);
  }
}

/** The code of a function: {@link lineOf} of its opcodes. */
export class CodePlaces {
  private readonly lines = new Map<number, number>();

  private constructor(
    readonly place: FunctionPlace,
    /** All that was read but the opcodes: whether a function that lies there later is the same one. */
    private readonly head: Uint8Array,
    private readonly fileNumber: number,
    private readonly nameNumber: number,
    /** Where in {@link head} the lines begin and end. */
    private readonly from: number,
    private readonly to: number,
    /** Bytes from the bytecode's beginning to the first opcode. */
    private readonly first: number,
  ) {}

  /** Line of the opcode that stands so many bytes behind the bytecode's beginning. */
  lineOf(at: number): number {
    const known = this.lines.get(at);
    if (known !== undefined) return known;
    const { head, to } = this;
    let rest = Math.max(at - this.first, this.unnoted);
    let line = 1;
    for (let i = this.from; i < to; ) {
      const pair = head[i++]!;
      const isLong = pair >= 0x80;
      const bytes = isLong ? pair & 0xf : pair & 0x1f;
      const lines = isLong ? ((pair << 4) & 0x700) | (head[i++] ?? 0) : pair >> 5;
      if (rest < bytes) break;
      rest -= bytes;
      line += lines;
    }
    this.lines.set(at, line);
    return line;
  }

  /** Whether the function at `code` of a module with such a context is the one that was read. */
  isAt(guest: GuestWords, code: number, context: number): boolean {
    const { head } = this;
    const numbers = guest.word(context + 8);
    if (guest.short(numbers) !== this.fileNumber) return false;
    if (numberAt(guest, numbers, this.nameNumber) !== this.name) return false;
    const now = guest.bytes(code, head.length);
    return now.length === head.length && head.every((byte, i) => byte === now[i]);
  }

  /** The interned string that the name was. */
  private name = 0;
  /** Bytes of a class's first opcodes, which are noted to be of line 1: they are its first statement's here. */
  private unnoted = 0;

  static read(guest: GuestWords, code: number, context: number, lastPool: number): CodePlaces {
    let at = code;
    let byte = guest.byte(at++);
    let positional = byte & 3;
    let named = 0;
    for (let n = 0; (byte & 0x80) !== 0 && n < MOST_GROUPS; n++) {
      byte = guest.byte(at++);
      positional |= (byte & 4) << n;
      named |= ((byte & 8) >> 3) << n;
    }
    let information = 0;
    let cells = 0;
    for (let n = 0; n < MOST_GROUPS; n++) {
      byte = guest.byte(at++);
      cells |= (byte & 1) << n;
      information |= ((byte & 0x7e) >> 1) << (6 * n);
      if ((byte & 0x80) === 0) break;
    }
    const length = at - code + Math.min(information >>> 0, MOST_INFORMATION);
    const head = guest.bytes(code, length);
    let from = at - code;
    const skip = (): number => {
      let value = 0;
      for (let n = 0; n < MOST_GROUPS && from < length; n++) {
        const group = head[from++] ?? 0;
        value = (value << 7) | (group & 0x7f);
        if ((group & 0x80) === 0) break;
      }
      return value >>> 0;
    };
    const nameNumber = skip();
    for (let n = Math.min(positional + named, MOST_ARGUMENTS); n > 0; n--) skip();
    const numbers = guest.word(context + 8);
    const fileNumber = guest.short(numbers);
    const name = numberAt(guest, numbers, nameNumber);
    const place = { name: interned(guest, name, lastPool), file: interned(guest, fileNumber, lastPool) };
    const first = length + (cells >>> 0);
    const read = new CodePlaces(place, head, fileNumber, nameNumber, from, Math.min(length, head.length), first);
    read.name = name;
    // A class begins with `__module__ = __name__`, a module with what its text says.
    const isClass =
      guest.byte(code + first) === LOAD_NAME &&
      place.name !== "<module>" &&
      interned(guest, numberAt(guest, numbers, guest.byte(code + first + 1)), lastPool) === "__name__";
    if (isClass) read.unnoted = head[from]! >= 0x80 ? head[from]! & 0xf : head[from]! & 0x1f;
    return read;
  }
}

/** The interned string that a module's n-th is. */
function numberAt(guest: GuestWords, numbers: number, n: number): number {
  return guest.short(numbers + 2 * n);
}

/** Text of an interned string. */
function interned(guest: GuestWords, number: number, lastPool: number): string {
  let pool = guest.word(lastPool);
  for (let hops = 0; hops < MOST_POOLS && pool !== 0; hops++) {
    const index = number - (guest.word(pool + 4) & 0x7fffffff);
    if (index >= 0) {
      if (index >= guest.word(pool + 12)) break;
      const length = guest.byte(guest.word(pool + 20) + index);
      return decodeUtf8Lossy(guest.bytes(guest.word(pool + 24 + 4 * index), length));
    }
    pool = guest.word(pool);
  }
  return "?";
}
