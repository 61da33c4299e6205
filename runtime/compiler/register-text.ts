// Text that reads a slot of the registers, for adapters and for loops that are entered in the middle; and the bits of the
// canonical NaNs, which are the only ones that JavaScript's variables hold.
import { F32, I32, I64, type ValType } from "../../decoder/index.js";
import { F32_CANONICAL_NAN, F64_CANONICAL_NAN_HI } from "../values.js";

/** Condition that variable `name` has a NaN that is not the canonical one; `lo` and `hi` are its words, `hi` of an f64. */
export function isOddNaN(type: ValType, name: string, lo: string, hi: string): string {
  if (type === F32) return `${name} !== ${name} && ${lo} !== ${F32_CANONICAL_NAN}`;
  return `${name} !== ${name} && (${lo} !== 0 || ${hi} !== ${F64_CANONICAL_NAN_HI})`;
}

/**
 * Statements that take slot `slot` of the frame at word `b` into variable `name`; of an f32 or f64 that JavaScript's
 * variables do not hold, `refuse`. Views: R of the words, D of f64, S of f32.
 */
export function slotInto(name: string, type: ValType, slot: number, refuse: string): string[] {
  const [lo, hi] = [`R[b + ${2 * slot}]`, `R[b + ${2 * slot + 1}]`];
  if (type === I32) return [`${name} = ${lo};`];
  if (type === I64) return [`${name} = ${lo}; ${name}h = ${hi};`];
  const value = type === F32 ? `S[b + ${2 * slot}]` : `D[(b >> 1) + ${slot}]`;
  return [`${name} = ${value};`, `if (${isOddNaN(type, name, lo, hi)}) ${refuse}`];
}
