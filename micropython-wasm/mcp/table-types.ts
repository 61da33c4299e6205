// What a table of sandboxes is asked and what it answers (sandbox-table.ts).
import { BOOLEAN, type Checks, FUNCTION, NUMBER } from "../session/checks.js";
import type { SandboxRunOptions, SandboxSession } from "../session/sandbox-types.js";
import type { Waiting } from "./waiting-line.js";

/** Makes sandboxes; limits, functions and files are the operator's choice in here. */
export interface SandboxFactory {
  create(): Promise<SandboxSession>;
  restore(snapshot: Uint8Array): Promise<SandboxSession>;
}

export interface SandboxTableOptions {
  /** Most sandboxes awake at a time; the idle one that was used longest ago makes room. Default 8. */
  readonly maxSandboxes?: number | undefined;
  /** Most sandboxes asleep; beyond, the one used longest ago is closed. Default 100; with 0 none sleeps. */
  readonly maxAsleep?: number | undefined;
  /** Most snapshots kept; default 32. */
  readonly maxSnapshots?: number | undefined;
  /** Most bytes of all snapshots, and of all sandboxes asleep; default 256 MiB each. */
  readonly maxSnapshotBytes?: number | undefined;
  /** A sandbox that has been idle for this long is put to sleep. Default 5 minutes, in milliseconds. */
  readonly idleMs?: number | undefined;
  /** A sandbox that has not been used for this long is closed. Default 24 hours, in milliseconds. */
  readonly keepMs?: number | undefined;
  /** Wall-clock limit of each run in milliseconds; default 30,000. */
  readonly timeoutMs?: number | undefined;
  /** Whether ids have a part that nobody can guess; default false. */
  readonly secretIds?: boolean | undefined;
  /** Milliseconds since some start; default `performance.now`. */
  readonly now?: (() => number) | undefined;
}

export const TABLE_CHECKS: Checks<SandboxTableOptions> = {
  maxSandboxes: NUMBER,
  maxAsleep: NUMBER,
  maxSnapshots: NUMBER,
  maxSnapshotBytes: NUMBER,
  idleMs: NUMBER,
  keepMs: NUMBER,
  timeoutMs: NUMBER,
  secretIds: BOOLEAN,
  now: FUNCTION,
};

export interface SandboxInfo {
  readonly id: string;
  readonly busy: boolean;
  readonly asleep: boolean;
  readonly runs: number;
  readonly idleMs: number;
  /** Bytes of linear memory after the last run; 0 before the first. */
  readonly memoryBytes: number;
}

export interface SnapshotInfo {
  readonly id: string;
  /** The sandbox it was taken of. */
  readonly of: string;
  readonly bytes: number;
}

/** A request that cannot be served. The message says why, and what to do instead: agents read it. */
export class SandboxRequestError extends Error {
  override readonly name = "SandboxRequestError";
}

/** Who asks, and how long it waits. */
export interface Asking extends Waiting {
  /** Default: the one owner of a table with one client. */
  readonly owner?: string | undefined;
}

export interface TableRunOptions extends Asking, Pick<SandboxRunOptions, "repr" | "onProgress" | "onHostCall"> {
  /** The sandbox; a new one if it is left out. */
  readonly id?: string | undefined;
  /** Start the sandbox afresh before. */
  readonly reset?: boolean | undefined;
}
