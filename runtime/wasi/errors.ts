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

/** The guest called proc_exit or proc_raise: how an execution ends that has not failed. Status 0 is success. */
export class ProcExit extends EscapementError {
  override readonly name = "ProcExit";
  readonly kind = "host";
  /**
   * @param code the exit status, from 0 to 2^32 − 1
   * @param signal the number of the signal that ended the guest, if it was one
   */
  constructor(
    readonly code: number,
    readonly signal?: number,
  ) {
    super(signal === undefined ? `the guest exited with status ${code}` : `the guest raised signal ${signal}`);
  }
}
