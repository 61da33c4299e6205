// Operands of the virtual stack: JavaScript expressions that have not been evaluated yet, or variables and constants.
//
//   (i32.add (local.get 0) (i32.const 5))     { lo: "(l0 + 5 | 0)", reads: ["l0"], isAtom: false }
//   in its variable, at stack position 2      { lo: "i2", reads: ["i2"], isAtom: true }
//   an i64 of local 1                         { lo: "l1", hi: "l1h", reads: ["l1"], isAtom: true }
//   a v128 of local 2                         { lo: "l2", hi: "l2h", more: ["l2x", "l2y"], … }
import { I32, V128 } from "../../decoder/index.js";
import { F32X4, F64X2, type Held, partNames } from "./held.js";

export interface Operand {
  readonly type: Held;
  /** The value; its first part where it has several. An i32 is an int32, an f32 a number that is one. */
  readonly lo: string;
  /** The second part; "" if there is none. */
  readonly hi: string;
  /** The others. */
  readonly more: readonly string[];
  /** Variables that it depends on; of a value's parts the first. */
  readonly reads: readonly string[];
  /** A variable or a constant: may be named more than once. */
  readonly isAtom: boolean;
  /** `lo` is a condition: true for 1, false for 0. */
  readonly isCondition: boolean;
  /** Of an i32: how many of its lowest bits are known to be 0, so that an address need not be asked whether it is aligned. */
  readonly zeros: number;
}

const NOTHING: readonly string[] = [];

export function variable(type: Held, name: string, zeros = 0): Operand {
  const [lo, hi = "", ...more] = partNames(name, type);
  return { type, lo: lo!, hi, more, reads: [name], isAtom: true, isCondition: false, zeros };
}

export function constant(type: Held, lo: string, hi = "", more = NOTHING): Operand {
  const zeros = type === I32 ? lowZeros(numberOf(lo)) : 0;
  return { type, lo, hi, more, reads: NOTHING, isAtom: true, isCondition: false, zeros };
}

/**
 * Whether a value is the variable of that name. An expression whose first part is that variable's is not: the others of
 * `(i8x16.shuffle …)` may be other words.
 */
export function isVariable({ lo, isAtom }: Operand, name: string): boolean {
  return isAtom && lo === name;
}

/** All parts of a value. */
export function partsOf({ lo, hi, more }: Operand): string[] {
  return hi === "" ? [lo] : [lo, hi, ...more];
}

/** A number as JavaScript text that stands anywhere in an expression. */
export function literal(value: number): string {
  if (Object.is(value, -0)) return "(-0)";
  return value < 0 ? `(${value})` : String(value);
}

/** The number that {@link literal} has made text of; null is 0. */
export function numberOf(text: string): number {
  return text === "null" ? 0 : Number(text.replace(/[()]/g, ""));
}

export function expression(type: Held, operands: readonly Operand[], lo: string, hi = "", more = NOTHING): Operand {
  return { type, lo, hi, more, reads: readsOf(operands), isAtom: false, isCondition: false, zeros: 0 };
}

/** An expression for each part. */
export function expressions(type: Held, operands: readonly Operand[], parts: readonly string[]): Operand {
  return expression(type, operands, parts[0]!, parts[1], parts.slice(2));
}

export function condition(operands: readonly Operand[], lo: string): Operand {
  return { type: I32, lo, hi: "", more: NOTHING, reads: readsOf(operands), isAtom: false, isCondition: true, zeros: 0 };
}

function lowZeros(value: number): number {
  return value === 0 ? 32 : 31 - Math.clz32(value & -value);
}

/** The lowest bits of results that are 0, by those of the operands: how a sum, a product and so on have them. */
export const ZEROS = {
  sum: (a: Operand, b: Operand) => Math.min(a.zeros, b.zeros),
  product: (a: Operand, b: Operand) => Math.min(32, a.zeros + b.zeros),
  and: (a: Operand, b: Operand) => Math.max(a.zeros, b.zeros),
  // JavaScript and WebAssembly both take the count modulo 32.
  shiftLeft: (a: Operand, b: Operand) => Math.min(32, a.zeros + ((constantOf(b) ?? 0) & 31)),
} as const;

/** A vector as four words; anything else as it is. */
export function asWords(value: Operand): Operand {
  const { type } = value;
  if (type !== F32X4 && type !== F64X2) return value;
  const parts = partsOf(value);
  const words =
    type === F32X4
      ? parts.map((part) => `BITS32(${part})`)
      : parts.flatMap((part) => [`LO64(${part})`, `HI64(${part})`]);
  return expressions(V128, [value], words);
}

function readsOf(operands: readonly Operand[]): readonly string[] {
  let reads = NOTHING;
  for (const operand of operands)
    if (operand.reads.length > 0) reads = reads.length === 0 ? operand.reads : [...reads, ...operand.reads];
  return reads;
}

/** An i32, f32 or f64 as a value. */
export function valueText({ lo, isCondition }: Operand): string {
  return isCondition ? `(${lo} ? 1 : 0)` : lo;
}

/** An i32 as a condition. */
export function conditionText({ lo, isCondition }: Operand): string {
  return isCondition ? lo : `(${lo} !== 0)`;
}

/** The i32 that a constant is; undefined of others. */
export function constantOf({ type, reads, isAtom, lo }: Operand): number | undefined {
  return type === I32 && isAtom && reads.length === 0 ? numberOf(lo) : undefined;
}

/** Without the parentheses around all of it. */
export function bare(text: string): string {
  if (text[0] !== "(" || text[text.length - 1] !== ")") return text;
  let depth = 0;
  for (let i = 0; i < text.length - 1; i++) {
    if (text[i] === "(") depth++;
    else if (text[i] === ")" && --depth === 0) return text;
  }
  return text.slice(1, -1);
}
