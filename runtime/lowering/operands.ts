// The virtual operand stack: which operands are in their slots, and which are only known to be
// a local's value or a constant and have cost no code yet.
import { F64, I64, isRef, V128, type ValType } from "../../decoder/index.js";

/** How many bits an operand moves: it decides between the forms of moves and selects. */
export const WIDTH_32 = 0;
export const WIDTH_64 = 1;
export const WIDTH_128 = 2;
export const WIDTH_REF = 3;

export function widthOf(type: ValType): number {
  if (isRef(type)) return WIDTH_REF;
  return type === V128 ? WIDTH_128 : type === I64 || type === F64 ? WIDTH_64 : WIDTH_32;
}
export function slotsOfWidths(widths: readonly number[]): number {
  let slots = 0;
  for (const width of widths) slots += width === WIDTH_128 ? 2 : 1;
  return slots;
}

export const IN_SLOT = 0;
/** value: the slot of the local. */
export const LOCAL = 1;
/** value: the constant. */
export const CONST_32 = 2;
/** value, high: the constant's halves. */
export const CONST_64 = 3;

/**
 * Operands that may be promised at once, so that a scan of them costs little however high the stack
 * is: all are brought into their slots before another one is. Compilers' code has a few.
 */
export const PROMISE_LIMIT = 64;

export class Operands {
  height = 0;
  /**
   * Indices of the operands that are not in their slots, ascending; the first `promisedCount` count.
   * Some among them may have been brought into their slots, or taken off, since.
   */
  readonly promised: number[] = [];
  promisedCount = 0;
  readonly kind: number[] = [];
  readonly value: number[] = [];
  readonly high: number[] = [];
  readonly width: number[] = [];
  /** Slot where the operand belongs. */
  readonly slot: number[] = [];
  /** Slots in use at the most, locals and operands. */
  maxSlots: number;

  constructor(private readonly localSlots: number) {
    this.maxSlots = localSlots;
  }

  /** First slot above operand `height − 1`. */
  slotAt(height: number): number {
    if (height === 0) return this.localSlots;
    const below = height - 1;
    return this.slot[below]! + (this.width[below] === WIDTH_128 ? 2 : 1);
  }

  push(kind: number, width: number, value = 0, high = 0): number {
    const at = this.height;
    const { promised } = this;
    while (this.promisedCount > 0 && promised[this.promisedCount - 1]! >= at) this.promisedCount--;
    if (kind !== IN_SLOT) promised[this.promisedCount++] = at;
    const slot = this.slotAt(at);
    this.kind[at] = kind;
    this.width[at] = width;
    this.value[at] = value;
    this.high[at] = high;
    this.slot[at] = slot;
    this.height = at + 1;
    const top = slot + (width === WIDTH_128 ? 2 : 1);
    if (top > this.maxSlots) this.maxSlots = top;
    return slot;
  }

  /** The operands from `from` up, which are in their slots, become constants that are only promised: zero or null. */
  promiseTop(from: number): void {
    const { promised } = this;
    while (this.promisedCount > 0 && promised[this.promisedCount - 1]! >= from) this.promisedCount--;
    for (let i = from; i < this.height; i++) {
      this.kind[i] = CONST_32;
      this.value[i] = 0;
      promised[this.promisedCount++] = i;
    }
  }

  hasPending(): boolean {
    for (let n = 0; n < this.promisedCount; n++) {
      const i = this.promised[n]!;
      if (i < this.height && this.kind[i] !== IN_SLOT) return true;
    }
    return false;
  }

  /** Operands that are not in their slots: quadruples of slot, kind, value, high. */
  pending(): number[] {
    const result: number[] = [];
    for (let n = 0; n < this.promisedCount; n++) {
      const i = this.promised[n]!;
      if (i < this.height && this.kind[i] !== IN_SLOT)
        result.push(this.slot[i]!, this.kind[i]! | (this.width[i]! << 4), this.value[i]!, this.high[i]!);
    }
    return result;
  }
}
