// Lines entered at Python's prompt, from one session to the next, in a file of the user's.
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { type HistoryStore, MAX_HISTORY_LINES } from "../micropython-wasm/terminal/repl.js";

/** A file with more lines is made shorter when it is read. */
const MOST_LINES = 2 * MAX_HISTORY_LINES;

/**
 * Where the lines are: $ESCAPEMENT_HISTORY, and nowhere if that is empty; else in $XDG_STATE_HOME, ~/.local/state by default.
 * https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function historyPath(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = environment["ESCAPEMENT_HISTORY"];
  if (named !== undefined) return named === "" ? undefined : named;
  const state = environment["XDG_STATE_HOME"];
  const folder = state !== undefined && isAbsolute(state) ? state : join(homedir(), ".local", "state");
  return join(folder, "escapement", "python-history");
}

/** The lines of a file; what cannot be read or written there is kept for the session alone, as shells do. */
export function fileHistory(path: string | undefined): HistoryStore {
  if (path === undefined) return { lines: [], add() {} };
  return {
    lines: read(path),
    add(line) {
      attempt(() => {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        appendFileSync(path, `${line}\n`, { mode: 0o600 });
      });
    },
  };
}

function read(path: string): string[] {
  const lines = attempt(() => readFileSync(path, "utf8").split(/\r?\n/)) ?? [];
  const kept = lines.filter((line) => line !== "").slice(-MAX_HISTORY_LINES);
  if (lines.length > MOST_LINES)
    attempt(() => {
      // Put in its place whole: another session may be reading.
      const fresh = `${path}.${process.pid}`;
      writeFileSync(fresh, kept.map((line) => `${line}\n`).join(""), { mode: 0o600 });
      renameSync(fresh, path);
    });
  return kept;
}

/** Undefined where the file system refuses. */
function attempt<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}
