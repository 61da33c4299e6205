// Booted interpreters as bytes: a process that has them begins with a copy, and boots nothing.

import { SnapshotBase } from "../runtime/index.js";
import type { PythonState } from "./interpreter.js";
import { decodeSession, encodeSession } from "./session-codec.js";

/** The state in which sessions begin, and the memory that they share. */
export interface Booted {
  readonly state: PythonState;
  readonly base: SnapshotBase;
}

/** The bytes of a state in which sessions can begin. Not compressed: they are read at each start. */
export function encodeBooted(state: PythonState): Uint8Array {
  return encodeSession({ python: state, sessionFuelUsed: 0, callsBefore: 0, names: [] }, null, false);
}

/**
 * @param checksum whether it is looked at: not needed for bytes of this package's own
 * @throws SnapshotError
 */
export function decodeBooted(bytes: Uint8Array, checksum: boolean): Booted {
  const { python } = decodeSession(bytes, checksum).session;
  return { state: python, base: SnapshotBase.of(python.guest.image) };
}
