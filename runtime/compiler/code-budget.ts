// How much code a module's tier keeps. What has not been used for longest goes when there is no room for more; its next
// calls are the interpreter's again, and are counted anew. Nothing of it can be seen by a guest.
//
// Who calls a function from the interpreter uses it there and then. Calls between compiled functions are not seen, so when
// code has had to go, what stays is asked: the next call of each function passes by here once (`ask`).
import type { EmittedFunction } from "./emitted-function.js";

/** Bytes of generated code that a module keeps by default. */
export const DEFAULT_CODE_BYTES = 64 << 20;

/** What is kept for a place where code can be left, and for an operand there. */
const SITE_BYTES = 96;
const OPERAND_BYTES = 40;

/** A piece of generated code that can go. */
export interface Code {
  readonly bytes: number;
  /** When it was used last, in sweeps. */
  used: number;
  /** Lets go of it. No compiled code is running. */
  drop(): void;
  /** Has its next call say so, where it can be called without the interpreter. */
  ask(): void;
}

/** What a function's code takes, about: its text, and what is known of where it can be left. */
export function bytesOf({ func }: EmittedFunction, text: string): number {
  let bytes = text.length;
  for (const { operands, results } of func.sites)
    bytes += SITE_BYTES + OPERAND_BYTES * (operands.length + results.length);
  return bytes;
}

export class CodeBudget {
  /** In the order of their making. */
  private readonly pieces = new Set<Code>();
  private sweeps = 0;
  /** Bytes that are kept, and pieces that have gone. */
  bytes = 0;
  dropped = 0;

  constructor(readonly limit: number) {}

  use(code: Code): void {
    code.used = this.sweeps;
  }

  /** Whether there can be room for so much. */
  admits(bytes: number): boolean {
    return bytes <= this.limit;
  }

  /** Keeps `code`; others go if they have to, and some more, so that it is not the same with the next. */
  keep(code: Code): void {
    this.use(code);
    this.bytes += code.bytes;
    if (this.bytes > this.limit) this.sweep();
    this.pieces.add(code);
  }

  /** `code` has gone by itself. */
  discard(code: Code): void {
    if (this.pieces.delete(code)) this.bytes -= code.bytes;
  }

  private sweep(): void {
    const most = Math.floor(this.limit / 4) * 3;
    // A sort keeps the order of what was used in the same sweep: the oldest goes.
    for (const code of [...this.pieces].sort((a, b) => a.used - b.used)) {
      if (this.bytes <= most) break;
      this.pieces.delete(code);
      this.bytes -= code.bytes;
      this.dropped++;
      code.drop();
    }
    this.sweeps++;
    for (const code of this.pieces) code.ask();
  }
}
