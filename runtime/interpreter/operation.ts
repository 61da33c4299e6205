// What the driver's operations share: reading operands, going on.
import type { Ref } from "../store/refs.js";
import { payReturn } from "./flow.js";
import type { Machine } from "./machine.js";
import type { Thread } from "./thread.js";

/** Does an operation whose words follow position `at`. */
export type Operation = (thread: Thread, at: number) => void;

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

/** Goes on behind the operation, paying for the next segment. */
export function proceed(thread: Thread, next: number): undefined {
  thread.machine.pc = next;
  payReturn(thread);
  return undefined;
}

/**
 * Copies `n` references, which may overlap. Not by copyWithin, which takes 38 ns for an element of an array of
 * references where this takes 2 (Node 20).
 */
export function copyRefs(target: Ref[], to: number, source: readonly Ref[], from: number, n: number): void {
  if (target === source && to > from) for (let i = n - 1; i >= 0; i--) target[to + i] = source[from + i]!;
  else for (let i = 0; i < n; i++) target[to + i] = source[from + i]!;
}

/** `[start, start + n)` lies within `size`; numbers from 2^53 up have rounded, and are past every size. */
export function fits(start: number, n: number, size: number): boolean {
  return start + n <= size;
}
