// How a check ends otherwise than well.
import type { TrapMessage } from "../../decoder/opcodes.js";

/** The proof does not show what it says, or shows nothing. The message says what is wrong with it. */
export class ProofError extends Error {
  override readonly name = "ProofError";
}

/** @throws ProofError */
export function refuse(reason: string): never {
  throw new ProofError(reason);
}

/** Traps of what no instruction says: limits, and waiting for nobody. */
export type OtherTrap =
  | "call stack exhausted"
  | "memory limit exceeded"
  | "wait without timeout, and no other agent to notify it";

/** What ends an execution in a trap; caught by the step. */
export class TrapError extends Error {
  constructor(readonly trap: TrapMessage | OtherTrap) {
    super(trap);
  }
}
