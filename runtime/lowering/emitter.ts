// Writes register code. Positions are indices into RegisterCode.code, also while a function is
// lowered again into scratch space to learn its map (code-map.ts).
import { COLD, REGISTER_OP_COUNT, registerOps, WIDE } from "../register-code/register-op-table.js";
import type { Recording } from "./recording.js";

/** Per operation, as arrays for speed: number of fields, of words, and the flags. They are filled for the first emitter. */
const FIELDS = new Uint8Array(REGISTER_OP_COUNT);
const WORDS = new Uint8Array(REGISTER_OP_COUNT);
const IS_COLD = new Uint8Array(REGISTER_OP_COUNT);
const NARROW_ONLY = new Uint8Array(REGISTER_OP_COUNT);
export const WRITES_A = new Uint8Array(REGISTER_OP_COUNT);
/** Index of the word `fuel`, −1 where there is none. */
const FUEL_WORD = new Int8Array(REGISTER_OP_COUNT);
let isFilled = false;

function fill(): void {
  registerOps().forEach(({ fields, words, cold, narrowOnly, writesA }, op) => {
    FIELDS[op] = fields.length;
    WORDS[op] = words.length;
    IS_COLD[op] = cold ? 1 : 0;
    NARROW_ONLY[op] = narrowOnly ? 1 : 0;
    WRITES_A[op] = writesA ? 1 : 0;
    FUEL_WORD[op] = words.indexOf("fuel");
  });
  isFilled = true;
}

export class Emitter {
  /** Where the next word goes. */
  at: number;
  /** A field did not fit its byte: the function must be lowered again in wide form. */
  overflow = false;
  /** Start and number of the last operation, −1 after a label: what may be fused or retargeted. */
  lastAt = -1;
  lastOp = -1;
  /** The same for the one before it. */
  beforeAt = -1;
  beforeOp = -1;
  /** And for the one before that. */
  earlierAt = -1;
  earlierOp = -1;
  /** The operation whose result a local was given, since when nothing may be changed but this: see setBy. */
  private setAt = -1;
  private setOp = -1;

  constructor(
    public code: Int32Array,
    start: number,
    readonly wide: boolean,
    private readonly grow: ((words: number) => Int32Array) | null,
    readonly recording: Recording | null,
  ) {
    if (!isFilled) fill();
    this.at = start;
  }

  /** Set by the lowering at each instruction, for what is recorded. */
  offset = 0;
  paid = 0;

  private reserve(words: number): void {
    if (this.at + words > this.code.length) {
      if (this.grow !== null) this.code = this.grow(this.at + words);
      else {
        const grown = new Int32Array(Math.max(this.code.length * 2, this.at + words));
        grown.set(this.code);
        this.code = grown;
      }
    }
  }

  /** Emits one operation; returns its position. Unused operands are ignored. */
  emit(op: number, a = 0, b = 0, c = 0, w0 = 0, w1 = 0, w2 = 0, w3 = 0, w4 = 0, w5 = 0): number {
    this.reserve(16);
    const code = this.code;
    const start = this.at;
    let at = start;
    const fields = FIELDS[op]!;
    const { recording } = this;
    if (recording?.operations === true) recording.operation(start, this.offset, this.paid);
    if (!this.wide || NARROW_ONLY[op] === 1 || fields === 0) {
      if ((a | b | c) > 255) {
        this.overflow = true;
        a = b = c = 0;
      }
      const operands = (a << 8) | (b << 16) | (c << 24);
      if (IS_COLD[op] === 1) {
        code[at++] = COLD | operands;
        code[at++] = op;
      } else code[at++] = op | operands;
    } else {
      code[at++] = WIDE | (op << 8);
      code[at++] = a;
      if (fields > 1) code[at++] = b;
      if (fields > 2) code[at++] = c;
    }
    const words = WORDS[op]!;
    if (words > 0) code[at++] = w0;
    if (words > 1) code[at++] = w1;
    if (words > 2) code[at++] = w2;
    if (words > 3) code[at++] = w3;
    if (words > 4) code[at++] = w4;
    if (words > 5) code[at++] = w5;
    this.at = at;
    this.earlierAt = this.beforeAt;
    this.earlierOp = this.beforeOp;
    this.beforeAt = this.lastAt;
    this.beforeOp = this.lastOp;
    this.lastAt = start;
    this.lastOp = op;
    return start;
  }

  /** Appends a bare word, of a run or of a jump table. */
  word(value: number): void {
    this.reserve(1);
    this.code[this.at++] = value;
  }

  /** Position of word `index` of the (narrow or wide) operation at `start`. */
  wordAt(start: number, op: number, index: number): number {
    const wide = (this.code[start]! & 255) === WIDE;
    return start + index + (wide ? 1 + FIELDS[op]! : IS_COLD[op] === 1 ? 2 : 1);
  }

  /** Position of the word of the operation at `start` that says what the segment behind it costs. */
  fuelWord(start: number, op: number): number {
    return this.wordAt(start, op, FUEL_WORD[op]!);
  }

  /** Takes the last operation back. */
  unemit(): void {
    this.at = this.lastAt;
    this.lastAt = this.beforeAt;
    this.lastOp = this.beforeOp;
    this.beforeAt = this.earlierAt;
    this.beforeOp = this.earlierOp;
    this.earlierAt = this.earlierOp = -1;
  }

  /** Makes the last operation, in narrow form, another of the same encoding. */
  replaceLast(op: number): void {
    this.code[this.lastAt] = (this.code[this.lastAt]! & ~255) | op;
    this.lastOp = op;
  }

  /** Control may arrive here from elsewhere: nothing before may be changed any more. */
  barrier(): void {
    this.lastAt = this.lastOp = this.beforeAt = this.beforeOp = this.earlierAt = this.earlierOp = -1;
    this.setAt = this.setOp = -1;
  }

  /** Gives the last operation's result to a local: who fuses with it next would take its result from there. */
  setLocal(slot: number): void {
    const { lastAt, lastOp } = this;
    this.setFieldA(lastAt, slot);
    this.barrier();
    this.setAt = lastAt;
    this.setOp = lastOp;
  }

  /** Start of the operation `op`, if it is the last one that was emitted, and has given a local its value; else −1. */
  setBy(op: number): number {
    return !this.wide && this.setOp === op && this.setAt + 1 + WORDS[op]! === this.at ? this.setAt : -1;
  }

  /** Takes back the operation at `at`, and what was emitted behind it. */
  takeBack(at: number): void {
    this.barrier();
    this.at = at;
  }

  /** Byte offset and cost that were recorded for the last operation; null where nothing is recorded. */
  lastOrigin(): readonly [offset: number, paid: number] | null {
    const { recording } = this;
    return recording?.operations !== true ? null : [recording.offset.last(), recording.paid.last()];
  }
  /** Gives the last operation another origin. */
  setOrigin(origin: readonly [offset: number, paid: number] | null): void {
    const { recording } = this;
    if (recording === null || origin === null) return;
    const last = recording.at.length - 1;
    recording.offset.set(last, origin[0]);
    recording.paid.set(last, origin[1]);
  }

  /** Field a of the operation at `start`. */
  fieldA(start: number): number {
    const word = this.code[start]!;
    return (word & 255) === WIDE ? this.code[start + 1]! : (word >>> 8) & 255;
  }
  fieldB(start: number): number {
    const word = this.code[start]!;
    return (word & 255) === WIDE ? this.code[start + 2]! : (word >>> 16) & 255;
  }
  setFieldA(start: number, slot: number): void {
    const word = this.code[start]!;
    if ((word & 255) === WIDE) this.code[start + 1] = slot;
    else if (slot > 255) this.overflow = true;
    else this.code[start] = (word & ~0xff00) | (slot << 8);
  }
}
