// What the interpreter asks of another tier that runs functions of a module. The compiler (floor 5) gives it to the
// module's register code, so that nothing here knows of it.
import type { CodeTier } from "../register-code/register-code.js";
import type { Thread } from "./thread.js";

export interface ThreadTier extends CodeTier {
  /** Fuel that the loop is given at once: at each end of such a slice the tier is asked. */
  slice(thread: Thread): number;
  /** The interpreter has called defined function `index`: its frame is in place, its first segment not paid. */
  enter(thread: Thread, index: number): void;
  /**
   * As {@link enter}, for the outermost function of a call that stays on the host's stack (direct-call.ts).
   * @returns "returned" where the results are in place, and nothing was done to the frame that waits for them; "absent",
   *   and nothing has happened, if the interpreter has to enter it; "left" where the interpreter goes on
   */
  call(thread: Thread, index: number): "returned" | "left" | "absent";
  /**
   * The interpreter has come to the head of a loop (RegisterCode.askedLoops), at `pc`, whose segment is paid.
   * @returns false, and nothing has happened, if the interpreter has to go on
   */
  enterLoop(thread: Thread, offset: number, cost: number): boolean;
  /** A slice has ended at `pc`, a charge point, and the next one has paid for the segment there. */
  sliceEnded(thread: Thread): void;
}

/** The tier of the running instance's code. */
export function tierOf(thread: Thread): ThreadTier | null {
  return thread.machine.instance.code.tier as ThreadTier | null;
}

/** Has the tier let go of what it knows of the running instance: the execution is over, or waits for long. */
export function forgetInstance({ machine: { instance } }: Thread): void {
  // Of an execution that never ran there is none.
  if (instance !== undefined) instance.code.tier?.forget();
}
