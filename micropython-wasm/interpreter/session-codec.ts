// Sessions as bytes: the engine's snapshot of the guest, with the host's side attached.

import { decodeSnapshot, encodeSnapshot, type Sha256, SnapshotError } from "../../runtime/index.js";
import { hostSha256 } from "../guest/engine-options.js";
import { requireThat } from "../world/posix-files-check.js";
import type { PythonState } from "./interpreter.js";
import { decodeSessionState, encodeSessionState, type SessionState, type StateReaders } from "./session-state.js";

/** Name of the attachment with the host's side, and of the one with the state before a paused run. */
const SESSION = "session";
const BEFORE = "before";
/** And of what a run has recorded for its receipt. */
const RECORDING = "recording";

export interface Session extends Omit<SessionState, "python" | "guestFuelUsed"> {
  readonly python: PythonState;
}

/**
 * @param before the state to which a paused run can go back
 * @param recording what the paused run has recorded
 */
export function encodeSession(
  session: Session,
  before: Session | null,
  compress = true,
  recording?: Uint8Array,
): Uint8Array {
  const { guest, ...python } = session.python;
  const attachments: Record<string, Uint8Array> = {
    [SESSION]: encodeSessionState({ ...session, python, guestFuelUsed: guest.fuelUsed }),
  };
  if (recording !== undefined) attachments[RECORDING] = recording;
  if (before !== null) attachments[BEFORE] = encodeSession(before, null, compress);
  return encodeSnapshot(guest.picture, { attachments, compress, ...digest() });
}

/**
 * @param readers of the kinds of artifacts that there may be
 * @param checksum whether it is looked at: not needed for bytes of this package's own
 * @throws SnapshotError
 */
export function decodeSession(
  bytes: Uint8Array,
  readers: StateReaders,
  checksum = true,
): { session: Session; before: Session | null; recording?: Uint8Array | undefined } {
  const { picture, attachments } = decodeSnapshot(bytes, { checksum, ...digest() });
  const own = attachments[SESSION];
  if (own === undefined) throw new SnapshotError("mismatch", "the snapshot is not one of a Python session");
  const { guestFuelUsed, python, ...rest } = decodeSessionState(own, readers);
  // The loop of a guest that reads its programs never returns: it always waits in the midst of a call.
  const isPaused = python.kind !== "emscripten" || python.run !== null;
  requireThat(isPaused === (picture.execution !== null), "a paused run");
  const before = attachments[BEFORE];
  requireThat((python.run === null) === (before === undefined), "the state before a paused run");
  const session = { ...rest, python: { ...python, guest: { picture, fuelUsed: guestFuelUsed } } };
  if (before === undefined) return { session, before: null };
  const earlier = decodeSession(before, readers);
  requireThat(earlier.before === null, "the state before a paused run");
  return { session, before: earlier.session, recording: attachments[RECORDING] };
}

/** The host's SHA-256, where it has one. */
function digest(): { sha256?: Sha256 } {
  const sha256 = hostSha256();
  return sha256 === undefined ? {} : { sha256 };
}
