// Operands of the virtual stack: JavaScript expressions that have not been evaluated yet, or variables and constants.
//
//   (i32.add (local.get 0) (i32.const 5))     { lo: "(l0 + 5 | 0)", reads: ["l0"], isAtom: false }
//   in its variable, at stack position 2      { lo: "i2", reads: ["i2"], isAtom: true }
//   an i64 of local 1                         { lo: "l1", hi: "l1h", reads: ["l1"], isAtom: true }
import { F32, F64, I32, I64, type ValType } from "../../decoder/index.js";

export interface Operand {
  readonly type: ValType;
  /** The value; of an i64 its low word. An i32 is an int32, an f32 a number that is one. No f32 or f64 is a NaN other than the canonical one. */
  readonly lo: string;
  /** High word of an i64; "" of others. */
  readonly hi: string;
  /** Variables that it depends on; of an i64's two the first. */
  readonly reads: readonly string[];
  /** A variable or a constant: may be named more than once. */
  readonly isAtom: boolean;
  /** `lo` is a condition: true for 1, false for 0. */
  readonly isCondition: boolean;
}

const NOTHING: readonly string[] = [];

/** Names of variables begin with a letter for their type, so that each has values of one type. */
const LETTERS: Readonly<Record<number, string>> = { [I32]: "i", [I64]: "j", [F32]: "q", [F64]: "d" };

/** Whether the compiler has values of this type. */
export function isScalar(type: ValType): boolean {
  return LETTERS[type] !== undefined;
}

/** The variable of a stack position. */
export function slotName(position: number, type: ValType): string {
  return `${LETTERS[type]}${position}`;
}

export function highName(name: string, type: ValType): string {
  return type === I64 ? `${name}h` : "";
}

export function variable(type: ValType, name: string): Operand {
  return { type, lo: name, hi: highName(name, type), reads: [name], isAtom: true, isCondition: false };
}

export function constant(type: ValType, lo: string, hi = ""): Operand {
  return { type, lo, hi, reads: NOTHING, isAtom: true, isCondition: false };
}

/** A number as JavaScript text that stands anywhere in an expression. */
export function literal(value: number): string {
  if (Object.is(value, -0)) return "(-0)";
  return value < 0 ? `(${value})` : String(value);
}

/** The number that {@link literal} has made text of. */
export function numberOf(text: string): number {
  return Number(text.replace(/[()]/g, ""));
}

export function expression(type: ValType, operands: readonly Operand[], lo: string, hi = ""): Operand {
  return { type, lo, hi, reads: readsOf(operands), isAtom: false, isCondition: false };
}

export function condition(operands: readonly Operand[], lo: string): Operand {
  return { type: I32, lo, hi: "", reads: readsOf(operands), isAtom: false, isCondition: true };
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
