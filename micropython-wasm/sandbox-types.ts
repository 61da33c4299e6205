// The shapes of the Python sandbox (sandbox.ts): what is asked of it and what it answers.
import type { FuelScheduleName } from "../runtime/index.js";
import type { PythonError } from "./micropython.js";
import type { PythonValue } from "./python-value.js";

/** A function of the host's that the guest can call; it may return a promise. */
export type SandboxFunction = (...args: never[]) => unknown;

export interface SandboxOptions {
  /** Fuel of each run, refreshed; default 20,000,000. */
  readonly fuel?: number;
  /** Fuel of the whole session. */
  readonly sessionFuel?: number;
  /** Cap on linear memory: bytes, or text such as "64MiB". */
  readonly memory?: number | string;
  readonly schedule?: FuelScheduleName;
  readonly seed?: number;
  /** Functions by name, in the guest's global scope and in `js`. */
  readonly functions?: Readonly<Record<string, SandboxFunction>>;
  /** Modules of functions: `{ db: { query } }` gives `import db`. */
  readonly modules?: Readonly<Record<string, Readonly<Record<string, SandboxFunction>>>>;
  /** Host calls that one run may make. */
  readonly maxHostCalls?: number;
  /** Fuel charged for each host call. */
  readonly hostCallFuel?: number;
  /** Size limit of one value that a host function returns, in bytes; default 256 KiB. */
  readonly maxValueBytes?: number;
  /** Read-only files under /input: path → content. */
  readonly files?: Readonly<Record<string, Uint8Array | string>>;
  /** Quota of /work in bytes. */
  readonly workBytes?: number;
  /** Most bytes of stdout and of stderr that a result holds; default 1,000,000 each. */
  readonly outputBytes?: number;
  readonly onOutputLimit?: "truncate" | "stop";
  /** What running out of fuel means: the run is given up and the session stays usable, or it waits for more. */
  readonly onFuelExhausted?: "abandon" | "pause";
  readonly artifact?: Uint8Array;
}

export interface SandboxRunOptions {
  /** In place of the session's. */
  readonly fuel?: number;
  readonly signal?: AbortSignal;
  /** Wall-clock limit in milliseconds. */
  readonly timeout?: number;
}

export interface SandboxResult {
  readonly status: "ok" | "error" | "paused" | "out-of-fuel" | "out-of-memory" | "aborted" | "timeout";
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutTruncated: boolean;
  readonly stderrTruncated: boolean;
  /** Value of the last expression; undefined if there is none. */
  readonly value: PythonValue | undefined;
  readonly error: PythonError | null;
  readonly fuel: { readonly schedule: string; readonly limit: number; readonly used: number; readonly left: number };
  readonly memory: { readonly bytes: number; readonly peakBytes: number; readonly limitBytes: number };
  readonly hostCalls: number;
  readonly elapsedMs: number;
}

/** What sandbox.ts offers; its class has the same as `Sandbox.create`, `Sandbox.restore` and `runPython`. */
export interface SandboxSession extends Disposable {
  run(code: string, options?: SandboxRunOptions): Promise<SandboxResult>;
  /** Goes on with a run whose result was "paused". */
  resume(result: SandboxResult, moreFuel: number): Promise<SandboxResult>;
  /** The idle or paused session as bytes. */
  snapshot(): Uint8Array;
  /** An independent copy. */
  fork(): Promise<SandboxSession>;
  /** Back to the state before the last run. */
  rewind(): Promise<void>;
  readFile(path: string): Uint8Array;
  writeFile(path: string, content: Uint8Array | string): void;
  close(): void;
}
