// Blocks as the lowering sees them while it is in them.
import type { Label } from "./control.js";

/** An entry of the control stack (spec, appendix "Validation Algorithm"). */
export interface Control {
  /** A legacy `try` becomes `catch` at its first handler. */
  kind: "function" | "block" | "loop" | "if" | "try_table" | "try" | "catch";
  /** Operands below the block's parameters. */
  readonly height: number;
  readonly params: readonly number[];
  readonly results: readonly number[];
  readonly label: Label;
  /** `if`: where to go on a zero, until `else` or `end`. */
  elseLabel: Label | null;
  /** `loop`: its first operation, if that is a conditional branch; see Rotation. */
  rotation: Rotation | null;
  /** The end of this block is not reached by falling through. */
  dead: boolean;
  /** `try_table`, `try`: its clauses, until `end`. */
  clauses: Clause[];
  /** `try`: where its body begins and, once it has ended, ends. */
  from: number;
  to: number;
  /** Index of the first handler that is this block's own or lies outside of it; set at its end. */
  firstHandler: number;
}

/**
 * A loop that begins with its test. A branch back to it does the test itself, inverted, and goes
 * straight to `next`: one operation less each time around.
 */
export interface Rotation {
  readonly inverse: number;
  readonly a: number;
  readonly b: number;
  readonly k: number;
  /** Position behind the test. */
  readonly next: number;
  /** Where the test goes that leaves the loop. */
  readonly exit: Label;
  /** What the loop's segment has cost up to and with the test. */
  readonly paid: number;
}

/** A handler whose label may not be bound yet. */
export interface Clause {
  readonly from: number;
  to: number;
  readonly kind: number;
  readonly tagidx: number;
  readonly label: Label;
  readonly slot: number;
  /** `delegate`: the block whose handlers are the next to be asked. */
  readonly delegate: Control | null;
}
