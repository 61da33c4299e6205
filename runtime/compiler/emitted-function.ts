// What the compiler is asked for, and what it gives: one function as JavaScript text. Blocks as it sees them on the way.
import type { ValType } from "../../decoder/index.js";
import type { CompiledFunction } from "./leave-site.js";
import type { Heat } from "./region.js";
import type { Segment } from "./source-buffer.js";

export interface Control {
  readonly kind: "function" | "block" | "loop" | "if" | "else";
  /** Byte offset of the instruction that opens it. */
  readonly start: number;
  readonly label: string;
  /** Operands below the block's parameters. */
  readonly height: number;
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
  /** Segments from which control comes to the label. */
  readonly from: Segment[];
  /** `if`: where the condition was tested. */
  readonly tested: Segment | null;
  /** `if`: nobody comes to its `else`. */
  elseIsDead?: true;
}

/** How a function is to be compiled. */
export interface EmitOptions {
  /** Name of the function, for who debugs it. */
  readonly name: string;
  /** Number by which the function says what has been left. */
  readonly id: number;
  /** Byte offset of the first instruction in a loop that is entered from outside; −1 to enter at the beginning. */
  readonly loopOffset: number;
  /** Leaves at random, where fuel is looked at. */
  readonly stress: boolean;
  /** How often its blocks ran, if that is known. */
  readonly heat?: Heat;
  /** The loop is entered as well as the beginning, by one function: see {@link enteredInLoop}. */
  readonly bothWays?: boolean;
  /** Names of the variables that defined functions are in; F0, F1, … by default. */
  readonly nameOf?: (index: number) => string;
  /** What stands for the canonical id of a type, which is another one in each process; the id itself by default. */
  readonly typeText?: (typeId: number) => string;
}

export interface EmittedFunction {
  readonly source: string;
  readonly func: CompiledFunction;
  /** Defined functions that it names. */
  readonly callees: ReadonlySet<number>;
  /** Imported functions that it names. */
  readonly hosts: ReadonlySet<number>;
  /** Functions that its regions become. */
  readonly regions: readonly string[];
  /** Characters of it alone, but for indentation. */
  readonly size: number;
  /** Fuel from the loop that it may be entered in to the next check, at the most. */
  readonly loopMost: number;
}
