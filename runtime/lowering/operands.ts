// The virtual operand stack: which operands are in their slots, and which are only known to be
// a local's value or a constant and have cost no code yet.

/** How many bits an operand moves: it decides between the forms of moves and selects. */
export const WIDTH_32 = 0;
export const WIDTH_64 = 1;
export const WIDTH_128 = 2;
export const WIDTH_REF = 3;

export const IN_SLOT = 0;
/** value: the slot of the local. */
export const LOCAL = 1;
/** value: the constant. */
export const CONST_32 = 2;
/** value, high: the constant's halves. */
export const CONST_64 = 3;

export class Operands {
  height = 0;
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

  /** Operands that are not in their slots: quadruples of slot, kind, value, high. */
  pending(): number[] {
    const result: number[] = [];
    for (let i = 0; i < this.height; i++) {
      if (this.kind[i] !== IN_SLOT)
        result.push(this.slot[i]!, this.kind[i]! | (this.width[i]! << 4), this.value[i]!, this.high[i]!);
    }
    return result;
  }
}
