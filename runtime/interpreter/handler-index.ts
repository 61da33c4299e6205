// Which handlers cover an instruction, without looking at the others: a function may have hundreds
// of thousands of them, and a throw costs 1. Walking outwards from the innermost is paid for, since
// each block left had to be entered.
import type { Handler } from "../register-code/register-code.js";

export class HandlerIndex {
  /** Ascending positions; from each up to the next one, the innermost handler is the same. */
  private readonly positions: number[] = [];
  /** Parallel: the index of that handler, −1 for none. */
  private readonly innermost: number[] = [];
  /** Per handler: the next one that covers all that it covers, −1 for none. */
  private readonly outer: Int32Array;

  /** @param handlers innermost first; of any two, one covers all of the other or nothing of it */
  constructor(private readonly handlers: readonly Handler[]) {
    this.outer = new Int32Array(handlers.length);
    const order = handlers.map((_, i) => i).filter((i) => handlers[i]!.from < handlers[i]!.to);
    // By where they begin, outer ones before inner ones.
    order.sort((i, j) => handlers[i]!.from - handlers[j]!.from || handlers[j]!.to - handlers[i]!.to || j - i);
    const open: number[] = [];
    const closeUpTo = (position: number) => {
      while (open.length > 0 && handlers[open[open.length - 1]!]!.to <= position) {
        const { to } = handlers[open.pop()!]!;
        this.mark(to, open[open.length - 1] ?? -1);
      }
    };
    for (const i of order) {
      const { from } = handlers[i]!;
      closeUpTo(from);
      this.outer[i] = open[open.length - 1] ?? -1;
      open.push(i);
      this.mark(from, i);
    }
    closeUpTo(Number.POSITIVE_INFINITY);
  }

  private mark(position: number, handler: number): void {
    const last = this.positions.length - 1;
    if (this.positions[last] === position) this.innermost[last] = handler;
    else {
      this.positions.push(position);
      this.innermost.push(handler);
    }
  }

  /** Index of the innermost handler that covers `pc`, −1 if none does. */
  at(pc: number): number {
    let low = 0;
    let high = this.positions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.positions[middle]! <= pc) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? -1 : this.innermost[low - 1]!;
  }

  /** Index of the next handler outwards from handler `index`, none below index `first`; −1 if there is none. */
  after(index: number, first = 0): number {
    let next = this.outer[index]!;
    while (next >= 0 && next < first) next = this.outer[next]!;
    return next;
  }

  get(index: number): Handler {
    return this.handlers[index]!;
  }
}
