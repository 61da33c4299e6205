import { EscapementError } from "../errors.js";
import type { ExnInst } from "./refs.js";

/** A guest exception that no handler of the guest caught (spec 4.2.14). */
export class UncaughtException extends EscapementError {
  override readonly name = "UncaughtException";
  readonly kind = "exception";
  constructor(readonly exception: ExnInst) {
    super("uncaught exception");
  }
}
