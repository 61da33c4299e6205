// What a terminal needs of CPython: an interpreter that takes statements (CPython.interact), and its sessions as bytes.

import type { CPython } from "../cpython/python.js";
import type { PythonState } from "../interpreter/interpreter.js";
import { decodeSession, encodeSession } from "../interpreter/session-codec.js";
import { createPython } from "../session/create-python.js";
import type { PythonOptions } from "../session/python-options.js";
import { channelPythonReader } from "../wasi/state.js";
import { takeSession } from "./commands.js";

export type { CPython } from "../cpython/python.js";
export { HELP, INSISTENT, parseCommand, parseFuel, type SnapshotStore, UndoStates } from "./commands.js";
export { type HistoryStore, LineHistory } from "./line-history.js";
export { TypedBlock } from "./typed-block.js";

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
  return takeSession(python, session, []);
}
