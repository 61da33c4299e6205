import { EscapementError } from "../../decoder/index.js";

/** A call that fails with an error code; the guest gets the code, the host never sees this. */
export class WasiError extends Error {
  override readonly name = "WasiError";
  constructor(
    readonly errno: number,
    message: string,
  ) {
    super(message);
  }
}

/** The guest called proc_exit: how an execution ends that has not failed. Status 0 is success. */
export class ProcExit extends EscapementError {
  override readonly name = "ProcExit";
  readonly kind = "host";
  /** @param code the exit status, from 0 to 2^32 − 1 */
  constructor(readonly code: number) {
    super(`the guest exited with status ${code}`);
  }
}
