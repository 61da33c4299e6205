// What commands at a prompt have in common, whichever Python is behind it: their texts, and the states that `:undo`
// goes back to.

import { SnapshotError } from "../../runtime/index.js";
import { SandboxUsageError } from "../guest/errors.js";
import type { PythonState } from "../interpreter/interpreter.js";
import type { Session } from "../interpreter/session-codec.js";
import { checkEnvironment } from "../session/restore.js";
import type { Environment } from "../world/environment.js";

/** Errors are shown with their messages. */
export interface SnapshotStore {
  save(name: string, snapshot: Uint8Array): Promise<void> | void;
  load(name: string): Promise<Uint8Array> | Uint8Array;
}

export const HELP = `:fuel            what the last statement used, and the limit
:fuel COUNT      sets the limit of each statement
:memory          linear memory now, and its limit
:undo            back to before the last statement; in a block: drops the block
:save FILE       writes the session to a file
:load FILE       goes on with a session from a file
`;

/** Ctrl-C so many times during one statement: it is given up. */
export const INSISTENT = 3;

/** A command and what follows it, of a line without its colon. */
export function parseCommand(line: string): [name: string, argument: string] {
  const [, name, argument] = /^\s*(\S*)\s*(.*?)\s*$/.exec(line)!;
  return [name!, argument!];
}

/** @throws SandboxUsageError */
export function parseFuel(text: string): number {
  const fuel = /^\d[\d_]*$/.test(text) ? Number(text.replaceAll("_", "")) : Number.NaN;
  if (!Number.isSafeInteger(fuel)) throw new SandboxUsageError(`not a count of fuel: ${text}`);
  return fuel;
}

/** The interpreter behind a prompt. */
interface Rewindable<State extends PythonState> {
  readonly environment: Environment;
  checkpoint(): State;
  rewind(state: PythonState): void;
}

/**
 * Goes on with a session that was saved at a prompt.
 * @param functions names of those that the prompt itself has given to the guest
 * @returns the state before
 * @throws SnapshotError, and nothing has changed then
 */
export function takeSession<State extends PythonState>(
  python: Rewindable<State>,
  { python: state, names }: Session,
  functions: readonly string[],
): State {
  const isOfPrompt = names.length === functions.length && names.every((name, i) => name === functions[i]);
  if (state.run !== null || !isOfPrompt)
    throw new SnapshotError("mismatch", "the snapshot is not of a session at a terminal");
  const { environment } = python;
  const { maxBytes } = environment.files;
  try {
    checkEnvironment(environment, state, names);
  } finally {
    environment.files.maxBytes = maxBytes;
  }
  const before = python.checkpoint();
  try {
    python.rewind(state);
  } catch (error) {
    if (!(error instanceof SnapshotError) && !(error instanceof SandboxUsageError)) throw error;
    python.rewind(before);
    throw error;
  }
  return before;
}

/** States that `:undo` can go back to, and most bytes of them, unless the options say otherwise. */
const MAX_UNDO = 32;
const DEFAULT_UNDO_BYTES = 256 * 2 ** 20;

/** States before statements. */
export class UndoStates<State extends PythonState> {
  private readonly states: State[] = [];

  constructor(private readonly maxBytes: number = DEFAULT_UNDO_BYTES) {}

  /** Keeps a state to go back to. */
  remember(state: State): void {
    const { states } = this;
    states.push(state);
    let bytes = states.reduce((sum, kept) => sum + sizeOf(kept), 0);
    while (states.length > MAX_UNDO || (bytes > this.maxBytes && states.length > 1)) bytes -= sizeOf(states.shift()!);
  }

  take(): State | undefined {
    return this.states.pop();
  }
}

/** Bytes of memory that a state keeps. */
function sizeOf({ guest }: PythonState): number {
  return guest.picture.memories.reduce((sum, { ownBytes }) => sum + ownBytes, 0);
}
