// How JavaScript holds the values of compiled code: a value is one variable or more.
//
//   i32, f32, f64   a number
//   i64             two int32s, the low word first
//   v128            four int32s; or, where lanes are what the code works on, four f32s or two f64s
//   references      as the registers hold them (store/refs.ts)
//
// Numbers that are f32s or f64s hold no NaN but the canonical one: what would bring another leaves.
import { F32, F64, I32, I64, isRef, V128, type ValType } from "../../decoder/index.js";

/** One of i32, i64, f32, f64, v128, or of those below, which are no value types. */
export type Held = number;
export const REF: Held = 1;
export const F32X4: Held = 2;
export const F64X2: Held = 3;

/** How values of a type are held where nothing says better. */
export function heldOf(type: ValType): Held {
  return isRef(type) ? REF : type;
}

/** What the variables of a value are called, behind their common name. */
const SUFFIXES: Readonly<Record<Held, readonly string[]>> = {
  [I32]: [""],
  [I64]: ["", "h"],
  [F32]: [""],
  [F64]: [""],
  [V128]: ["", "h", "x", "y"],
  [F32X4]: ["", "h", "x", "y"],
  [F64X2]: ["", "h"],
  [REF]: [""],
};

/** The variables of a value. */
export function partNames(name: string, held: Held): string[] {
  return SUFFIXES[held]!.map((suffix) => name + suffix);
}
export function partCount(held: Held): number {
  return SUFFIXES[held]!.length;
}

/** How many register slots it takes. */
export function slotsOfHeld(held: Held): number {
  return held === V128 || held === F32X4 || held === F64X2 ? 2 : 1;
}

/** Whether its variables are f32s or f64s. */
export function isFloat(held: Held): boolean {
  return held === F32 || held === F64 || held === F32X4 || held === F64X2;
}

/** Values that a function returns: see {@link resultNames}. */
export const MOST_RESULTS = 8;

/** What variables have before anything is stored in them. */
export function zeroText(held: Held): string {
  return held === REF ? "null" : "0";
}

/** Names of variables begin with a letter for how they hold, so that each has values of one kind. */
const LETTERS: Readonly<Record<Held, string>> = {
  [I32]: "i",
  [I64]: "j",
  [F32]: "q",
  [F64]: "d",
  [V128]: "v",
  [F32X4]: "w",
  [F64X2]: "y",
  [REF]: "r",
};

/** The variable of a stack position. */
export function slotName(position: number, held: Held): string {
  return `${LETTERS[held]}${position}`;
}

/** Whether a variable, or a part of one, is a local's: see the names in function-emitter.ts. */
export function isLocal(name: string): boolean {
  return name[0] === "l";
}

/**
 * Where a function's result `i` is when it has returned: the first part of the first one is what JavaScript returns,
 * all others are in variables of the scope.
 */
export function resultNames(i: number, held: Held, returned: string): string[] {
  const names = partNames(`R${i}`, held);
  return i === 0 ? [returned, ...names.slice(1)] : names;
}

/** Statement that takes a part of a value, as text that V8 knows no kind of, into a variable of one; "" if it says nothing. */
export function kindText(name: string, text: string, held: Held): string {
  if (held === REF) return name === text ? "" : `${name} = ${text};`;
  return isFloat(held) ? `${name} = +${text};` : `${name} = ${text} | 0;`;
}
