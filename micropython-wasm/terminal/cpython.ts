// What a terminal needs of CPython: an interpreter that takes statements (CPython.interact), and its sessions as bytes.

import { SnapshotError } from "../../runtime/index.js";
import type { CPython } from "../cpython/python.js";
import { SandboxUsageError } from "../guest/errors.js";
import type { PythonState } from "../interpreter/interpreter.js";
import { decodeSession, encodeSession } from "../interpreter/session-codec.js";
import { createPython } from "../session/create-python.js";
import type { PythonOptions } from "../session/python-options.js";
import { checkEnvironment } from "../session/restore.js";
import { channelPythonReader } from "../wasi/state.js";

export type { CPython } from "../cpython/python.js";
export { HELP, INSISTENT, parseCommand, parseFuel, type SnapshotStore, UndoStates } from "./commands.js";

/** @throws SandboxUsageError if it is not on this machine, or the options make no sense; BootLimitError */
export async function startCPython(options: Omit<PythonOptions, "python">): Promise<CPython> {
  return (await createPython({ ...options, python: "cpython" })) as CPython;
}

/** @param fuelUsed by all statements */
export function saveSession(python: CPython, fuelUsed: number): Uint8Array {
  return encodeSession({ python: python.checkpoint(), sessionFuelUsed: fuelUsed, callsBefore: 0, names: [] }, null);
}

/**
 * Goes on with a session that {@link saveSession} has given.
 * @returns the state before
 * @throws SnapshotError, and nothing has changed then
 */
export function loadSession(python: CPython, bytes: Uint8Array): PythonState {
  const { session } = decodeSession(bytes, { cpython: channelPythonReader("cpython", 1) });
  if (session.python.run !== null || session.names.length > 0)
    throw new SnapshotError("mismatch", "the snapshot is not of a session at a terminal");
  const { environment } = python;
  const { maxBytes } = environment.files;
  try {
    checkEnvironment(environment, session.python, session.names);
  } finally {
    environment.files.maxBytes = maxBytes;
  }
  const before = python.checkpoint();
  try {
    python.rewind(session.python);
  } catch (error) {
    if (!(error instanceof SnapshotError) && !(error instanceof SandboxUsageError)) throw error;
    python.rewind(before);
    throw error;
  }
  return before;
}
