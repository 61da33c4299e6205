// What the driver's operations share: reading operands, paying, ending.
import { Trap } from "../errors.js";
import type { Ref } from "../store/refs.js";
import type { Execution } from "./execution.js";
import type { Machine } from "./machine.js";
import { stepHere } from "./positions.js";

/** Does an operation whose words follow position `at`. */
export type Operation = (x: Execution, at: number) => void;

const TWO_32 = 4294967296;

/** A slot as an unsigned number: its low word, or all of it where `is64`. */
export function unsigned(m: Machine, slot: number, is64: boolean): number {
  const word = m.fp + slot * 2;
  const low = m.R[word]! >>> 0;
  return is64 ? (m.R[word + 1]! >>> 0) * TWO_32 + low : low;
}
export function refAt(m: Machine, slot: number): Ref {
  return m.refs[(m.fp >> 1) + slot]!;
}

/** Ends in a trap; undefined, so that operations can return with it. */
export function trap(x: Execution, message: string): undefined {
  x.trap(new Trap(message));
  return undefined;
}

/** Goes on behind the operation, paying for the next segment. */
export function proceed(x: Execution, next: number): undefined {
  x.machine.pc = next;
  x.payReturn();
  return undefined;
}

/** Pays for work beyond the base price; if that is not left, the operation waits to be done anew. */
export function payExtra(x: Execution, extra: number): boolean {
  if (x.tryPay(extra)) return true;
  stepHere(x);
  x.pause("fuel");
  return false;
}

/** `[start, start + n)` lies within `size`; numbers from 2^53 up have rounded, and are past every size. */
export function fits(start: number, n: number, size: number): boolean {
  return start + n <= size;
}
