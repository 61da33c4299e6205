// Sessions as bytes: the engine's snapshot of the guest, with the host's side attached.

import { decodeSnapshot, encodeSnapshot, type Module, SnapshotError } from "../runtime/index.js";
import type { Environment } from "./environment.js";
import { checkFileSystemState, requireThat } from "./filesystem-check.js";
import type { PythonInterpreter, PythonState } from "./interpreter.js";
import { pythonFrom, registerNewFunctions, setQuota } from "./sandbox-boot.js";
import type { SandboxOptions } from "./sandbox-types.js";
import { decodeSessionState, encodeSessionState, type SessionState } from "./session-state.js";

/** Name of the attachment with the host's side, and of the one with the state before a paused run. */
const SESSION = "session";
const BEFORE = "before";

export interface Session extends Omit<SessionState, "python" | "guestFuelUsed"> {
  readonly python: PythonState;
}

/** @param before the state to which a paused run can go back */
export function encodeSession(session: Session, before: Session | null): Uint8Array {
  const { guest, ...python } = session.python;
  const attachments: Record<string, Uint8Array> = {
    [SESSION]: encodeSessionState({ ...session, python, guestFuelUsed: guest.fuelUsed }),
  };
  if (before !== null) attachments[BEFORE] = encodeSession(before, null);
  return encodeSnapshot(guest.image, { attachments });
}

/** @throws SnapshotError */
export function decodeSession(bytes: Uint8Array): { session: Session; before: Session | null } {
  const { image, attachments } = decodeSnapshot(bytes);
  const own = attachments[SESSION];
  if (own === undefined) throw new SnapshotError("mismatch", "the snapshot is not one of a Python session");
  const { guestFuelUsed, python, ...rest } = decodeSessionState(own);
  requireThat((python.run === null) === (image.execution === null), "a paused run");
  const before = attachments[BEFORE];
  requireThat((python.run === null) === (before === undefined), "the state before a paused run");
  const session = { ...rest, python: { ...python, guest: { image, fuelUsed: guestFuelUsed } } };
  return { session, before: before === undefined ? null : decodeSession(before).session };
}

/**
 * An interpreter with the session's state.
 * @throws SnapshotError if the state is not one that a session with these options can be in
 */
export async function pythonOfSession(
  module: Module,
  options: SandboxOptions,
  { python: state, names }: Session,
): Promise<PythonInterpreter> {
  const python = await pythonFrom(module, options, state, (environment) => checkEnvironment(environment, state, names));
  setQuota(python, options);
  const { files } = python.environment;
  if (files.usedBytes > files.maxBytes)
    throw new SnapshotError(
      "limit",
      `the session's files have ${files.usedBytes} bytes, ${files.maxBytes} are allowed`,
    );
  if (state.run === null) await registerNewFunctions(python, options, names);
  return python;
}

/** @throws SnapshotError if an environment cannot take over the state */
export function checkEnvironment(environment: Environment, state: PythonState, names: readonly string[]): void {
  const registered = new Set(environment.hostCalls.names());
  for (const name of names) {
    if (!registered.has(name))
      throw new SnapshotError("mismatch", `the session uses the host function ${name}, which is not given`);
  }
  const { files, stdout, stderr } = state.environment;
  environment.files.maxBytes = Number.MAX_SAFE_INTEGER;
  checkFileSystemState(files, environment.files);
  for (const [stream, saved] of [
    [environment.stdout, stdout],
    [environment.stderr, stderr],
  ] as const) {
    if (!stream.accepts(saved))
      throw new SnapshotError(
        "mismatch",
        `the output of the session does not fit a limit of ${stream.limitBytes} bytes`,
      );
  }
}
