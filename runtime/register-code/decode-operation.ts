// One operation of register code, taken apart: for what is rare. The dispatch loop has its own way.
import type { Field } from "./register-op-layout.js";
import { COLD, registerOps, WIDE } from "./register-op-table.js";

export interface DecodedOperation {
  readonly op: number;
  /** What is in a field of the row's: a slot, or an offset. */
  readonly field: (field: Field) => number;
  /** The row's word of that name. */
  readonly word: (name: string) => number;
  /** Position behind the row's words. */
  readonly next: number;
}

const SHIFTS: Readonly<Record<Field, number>> = { a: 8, b: 16, c: 24 };

/** The operation at `pc`, in narrow or wide form. */
export function decodeOperation(code: Int32Array, pc: number): DecodedOperation {
  const first = code[pc]!;
  const byte = first & 255;
  const op = byte === COLD ? code[pc + 1]! : byte === WIDE ? first >>> 8 : byte;
  const { fields, words } = registerOps()[op]!;
  const start = pc + (byte === WIDE ? 1 + fields.length : byte === COLD ? 2 : 1);
  return {
    op,
    field: (field) => (byte === WIDE ? code[pc + 1 + fields.indexOf(field)]! : (first >>> SHIFTS[field]) & 255),
    word: (name) => code[start + words.indexOf(name)]!,
    next: start + words.length,
  };
}
