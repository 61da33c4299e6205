// Where compiled code can be left: what the frame is there in terms of the module, and where its values are.
//
//   (i32.div_s (local.get 0) (i32.load (local.get 1)))     before the load: operands l0 and l1, nothing charged for it
//   { kind: "before", offset: 12, charged: 3, operands: [[0, I32, l0], [1, I32, l1]] }
import type { Ref } from "../store/refs.js";
import type { Held } from "./held.js";

/** An operand that lives at a site: number of its variable among the function's, or its value. */
export interface LiveOperand {
  /** Where it belongs in the frame. */
  readonly slot: number;
  readonly held: Held;
  /** Index of its first variable, −1 for a constant. */
  readonly variable: number;
  /** Of a constant. */
  readonly parts: readonly Ref[];
}

/** In the order in which ahead-sites.ts numbers them; calls last. */
export const LEAVE_KINDS = ["entry", "before", "check", "call", "invoke"] as const;

export interface LeaveSite {
  /**
   * entry: before the price of entering; before: before the instruction at `offset`; check: the same, for want of fuel;
   * call, invoke: in the call at `callOffset` while the callee has left, otherwise behind it, before the instruction at
   * `offset`
   */
  readonly kind: (typeof LEAVE_KINDS)[number];
  readonly offset: number;
  readonly callOffset: number;
  /** Fuel that is due, and not taken from the function's count yet. */
  readonly charged: number;
  /** Number of the region that it lies in; 0: none. */
  readonly region: number;
  /** Of calls: while the callee runs. */
  readonly operands: readonly LiveOperand[];
  /** Of calls: slot of the first argument; what lies from there on when it has returned. */
  readonly base: number;
  readonly results: readonly LiveOperand[];
}

/** A variable of a compiled function. */
export interface Variable {
  readonly name: string;
  readonly type: Held;
}

/** What is known of a function that has been compiled. */
export interface CompiledFunction {
  /** Index among the defined functions. */
  readonly index: number;
  readonly sites: readonly LeaveSite[];
  /** Per local: how it is held, and its slot. */
  readonly held: readonly Held[];
  readonly localSlots: readonly number[];
  /** Per region, and first for sites in none: per local, number of its first variable. */
  readonly localVariables: readonly (readonly number[])[];
  /** Fuel that it takes to get from its entry to the next check at the most. */
  readonly most: number;
  /** Position of each site's instruction in stepping form, and of calls where they return in fast form; made when one is left. */
  positions: Int32Array | null;
  returnsTo: Int32Array | null;
}
