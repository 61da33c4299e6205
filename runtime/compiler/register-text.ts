// Text that reads a slot of the registers, for adapters and for loops that are entered in the middle; and the bits of the
// canonical NaNs, which are the only ones that JavaScript's variables hold.
import { F32, F64 } from "../../decoder/index.js";
import { F32_CANONICAL_NAN, F64_CANONICAL_NAN_HI } from "../values.js";
import { F32X4, F64X2, type Held, partNames, REF } from "./held.js";

/** Condition that variable `name` has a NaN that is not the canonical one; `lo` and `hi` are its words, `hi` of an f64. */
export function isOddNaN(type: Held, name: string, lo: string, hi: string): string {
  if (type === F32) return `${name} !== ${name} && ${lo} !== ${F32_CANONICAL_NAN}`;
  return `${name} !== ${name} && (${lo} !== 0 || ${hi} !== ${F64_CANONICAL_NAN_HI})`;
}

/**
 * Statements that take slot `slot` of the frame at word `b` into variable `name`; of an f32 or f64 that JavaScript's
 * variables do not hold, `refuse`. Views: R of the words, D of f64, S of f32; references are in X.
 */
export function slotInto(name: string, held: Held, slot: number, refuse: string): string[] {
  const parts = partNames(name, held);
  const word = (i: number) => `R[b + ${2 * slot + i}]`;
  const checked = (type: Held, part: string, view: string, lo: string, hi: string) => [
    `${part} = ${view};`,
    `if (${isOddNaN(type, part, lo, hi)}) ${refuse}`,
  ];
  switch (held) {
    case REF:
      return [`${name} = X[(b >> 1) + ${slot}];`];
    case F32:
    case F32X4:
      return parts.flatMap((part, i) => checked(F32, part, `S[b + ${2 * slot + i}]`, word(i), ""));
    case F64:
    case F64X2:
      return parts.flatMap((part, i) => checked(F64, part, `D[(b >> 1) + ${slot + i}]`, word(2 * i), word(2 * i + 1)));
    default:
      return parts.map((part, i) => `${part} = ${word(i)};`);
  }
}

/** Statements that write a value, whose parts are `parts`, to slot `slot` of the frame at word `b`. */
export function intoRegisters(held: Held, parts: readonly string[], slot: number): string[] {
  const word = (i: number) => `R[b + ${2 * slot + i}]`;
  if (held === REF) return [`X[(b >> 1) + ${slot}] = ${parts[0]};`];
  if (held === F32) return [`${word(0)} = BITS32(${parts[0]});`];
  if (held === F64) return [`${word(0)} = BITS64(${parts[0]}); ${word(1)} = RH;`];
  return parts.map((part, i) => `${word(i)} = ${part};`);
}
