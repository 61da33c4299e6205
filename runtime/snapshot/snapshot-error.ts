import { EscapementError } from "../errors.js";

/**
 * Why a snapshot was not made or not taken.
 *   damaged      the bytes are no snapshot, or not all of one, or have been altered
 *   version      a format that this version does not read
 *   mismatch     made for another module, fuel schedule, base or set of instances
 *   limit        it does not fit the limits of the store
 *   unsupported  the state holds something of the host's that has no form in bytes
 */
export type SnapshotProblem = "damaged" | "version" | "mismatch" | "limit" | "unsupported";

/** A snapshot could not be made or restored. Nothing has changed. */
export class SnapshotError extends EscapementError {
  override readonly name = "SnapshotError";
  readonly kind = "usage";
  constructor(
    readonly problem: SnapshotProblem,
    message: string,
  ) {
    super(message);
  }
}

/** @throws SnapshotError */
export function damaged(detail: string): never {
  throw new SnapshotError("damaged", `the snapshot is damaged: ${detail}`);
}
