// What has come of a run: plain JSON.
import type { JsonValue } from "../micropython-wasm/index.js";
import type { Receipt } from "../proof/index.js";

/**
 * How the program ended. ok: at its end, or with exit status 0; error: an exception, a trap, another exit status, or a limit
 * without a word of its own; the other words are limits.
 */
export type OutcomeStatus = "ok" | "error" | "out-of-fuel" | "out-of-memory" | "timeout";

export interface RunError {
  readonly kind: string;
  readonly type: string | null;
  readonly message: string;
  readonly traceback: string;
}

/** What one worker says of a run. */
export interface Outcome {
  readonly status: OutcomeStatus;
  /** Value of a program's last expression as JSON (what JSON has no word for as an object with one key: `$int`, `$bytes`, …); results of a function as text; an exit status. */
  readonly value: JsonValue;
  readonly error: RunError | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutTruncated: boolean;
  readonly stderrTruncated: boolean;
  readonly fuel: { readonly schedule: string; readonly limit: number; readonly used: number };
  /** Base64 of the files that were asked for and are there. */
  readonly files: Readonly<Record<string, string>>;
  readonly receipt: Receipt | null;
}

/** One worker that said otherwise than those who agree. */
export interface Dissent {
  readonly worker: string;
  /** What differs first: names of fields of receipt or outcome. */
  readonly where: string;
  /** Fuel of the last checkpoint at which its receipt agrees, and of the first at which it does not; null where no checkpoint differs. */
  readonly part: { readonly before: number; readonly after: number } | null;
  /** Fuel of the last state that it has in common with those who agree; null if it did not answer, or did not do it again. */
  readonly at: number | null;
  /** The instruction that is next there, or else at `part.before`, as text, and the functions it is in, innermost first. */
  readonly instruction: string | null;
  readonly stack: readonly string[];
  /** Where the Python program is there, innermost last: `file, line N, in NAME`. */
  readonly python: readonly string[];
  /** What differs behind that instruction, as text: `memory 0 at 1024`, `stack word 7`, …; at most 32 things. */
  readonly differences: readonly { readonly what: string; readonly agreed: string; readonly other: string }[];
  /** Whether the judging engine gets to the state that those who agree have; null if it was not asked. */
  readonly judgedRight: boolean | null;
}

/**
 * done: there is an outcome; disputed: not enough workers agree; failed: there is none, and why.
 */
export type FarmResult =
  | (Outcome & {
      readonly state: "done";
      readonly id: string;
      readonly workers: readonly string[];
      readonly dissent: readonly Dissent[];
    })
  | {
      readonly state: "disputed";
      readonly id: string;
      readonly reason: string;
      readonly workers: readonly string[];
      readonly dissent: readonly Dissent[];
    }
  | { readonly state: "failed"; readonly id: string; readonly reason: string };

/** What a run was charged, once. */
export interface Bill {
  readonly id: string;
  readonly tenant: string;
  /** Of one run of it. */
  readonly fuel: number;
  /** How many workers were asked to run it. */
  readonly times: number;
}

export interface Progress {
  readonly fuelUsed: number;
  readonly fuelLimit: number;
  /** Fuel of the last state that was kept; 0 if there is none. */
  readonly checkpoint: number;
  readonly worker: string;
}
