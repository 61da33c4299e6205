// v128s as operands: as words, or as floats where instructions work on those, and from one to the other.
import { F32, F64, V128 } from "../../decoder/index.js";
import { F32_CANONICAL_NAN, F64_CANONICAL_NAN_HI, f32FromBits, f64FromHalves } from "../values.js";
import type { FunctionEmitter } from "./function-emitter.js";
import { F32X4, F64X2, type Held, partNames } from "./held.js";
import * as operand from "./operand.js";
import { asWords, literal, numberOf, type Operand, partsOf } from "./operand.js";
import { isOddNaN } from "./register-text.js";

/** Makes the top `count` operands words where they are vectors. */
export function wordsOnTop(e: FunctionEmitter, count: number): void {
  const { stack } = e;
  for (let k = stack.length - count; k < stack.length; k++) {
    const { type, isAtom } = stack[k]!;
    if (type !== F32X4 && type !== F64X2) continue;
    if (!isAtom) e.intoSlot(k);
    stack[k] = asWords(stack[k]!);
  }
}

/**
 * A vector as floats, for arithmetic: which NaN a lane is makes no difference to it. Whatever is not floats already is
 * an atom, and the result is not to stay on the stack.
 */
export function asFloats(value: Operand, held: Held): Operand {
  const { type, reads } = value;
  if (type === held) return value;
  const words = partsOf(asWords(value));
  if (reads.length === 0 && type === V128) {
    const numbers = words.map(numberOf);
    return operand.constant(held, ...spread(floatsOfWords(numbers, held).map(literal)));
  }
  const texts =
    held === F32X4
      ? words.map((word) => `OFBITS32(${word})`)
      : [`OFBITS64(${words[0]}, ${words[1]})`, `OFBITS64(${words[2]}, ${words[3]})`];
  return operand.expressions(held, [value], texts);
}

function spread([lo, hi, ...more]: readonly string[]): [string, string, readonly string[]] {
  return [lo!, hi!, more];
}

function floatsOfWords(words: readonly number[], held: Held): number[] {
  if (held === F32X4) return words.map(f32FromBits);
  return [f64FromHalves(words[0]!, words[1]!), f64FromHalves(words[2]!, words[3]!)];
}

/** Whether the floats of these words keep all bits. */
function keepsBits(words: readonly number[], held: Held): boolean {
  return floatsOfWords(words, held).every((value, i) => {
    if (!Number.isNaN(value)) return true;
    if (held === F32X4) return words[i] === F32_CANONICAL_NAN;
    return words[2 * i] === 0 && words[2 * i + 1] === F64_CANONICAL_NAN_HI;
  });
}

/**
 * Makes the operand `depth` below the top floats that stay on the stack, and leaves before the instruction that was read
 * last, which is not paid yet, if a lane is a NaN that floats do not hold.
 * @returns false if it always is: the instruction has been left
 */
export function floatsAt(e: FunctionEmitter, depth: number, held: Held): boolean {
  const { stack } = e;
  const k = stack.length - 1 - depth;
  const value = stack[k]!;
  if (value.type === held) return true;
  if (value.reads.length === 0 && value.type === V128) {
    if (!keepsBits(partsOf(value).map(numberOf), held)) {
      e.leaveBefore();
      return false;
    }
    stack[k] = asFloats(value, held);
    return true;
  }
  wordsOnTop(e, depth + 1);
  const leaving = e.leaving();
  const words = partsOf(stack[k]!);
  const name = e.slot(k, held);
  const names = partNames(name, held);
  const type = held === F32X4 ? F32 : F64;
  const made = partsOf(asFloats(stack[k]!, held)).map((text, i) => `${names[i]} = ${text};`);
  const odd = names.map((part, i) =>
    held === F32X4 ? isOddNaN(type, part, words[i]!, "") : isOddNaN(type, part, words[2 * i]!, words[2 * i + 1]!),
  );
  e.source.line(`${made.join(" ")} if (${odd.join(" || ")}) ${leaving}`);
  stack[k] = operand.variable(held, name);
  return true;
}
