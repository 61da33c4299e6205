// How a guest's end is told: exit statuses, and the text on standard error.

import type { BacktraceFrame } from "../runtime/index.js";
import { formatSize } from "./flags.js";

/** Exit statuses of the command; README "Exit status". */
export const STATUS = {
  done: 0,
  /** The guest failed: a Python exception, a trap, a module that is not valid. */
  guestFailed: 1,
  /** Wrong use: unknown flags, unreadable files. */
  usage: 2,
  /** A limit stopped the guest. */
  limit: 3,
  /** A bug of ours (EX_SOFTWARE). */
  internal: 70,
  /** Ctrl-C: 128 + SIGINT. */
  interrupted: 130,
  /** Nobody reads standard output any more: 128 + SIGPIPE. */
  outputClosed: 141,
} as const;

/** The command was used wrongly; cli/main.ts prints the message and exits with {@link STATUS.usage}. */
export class UsageFailure extends Error {}

/** Does it; an error of a kind that the user can mend is wrong use. @throws UsageFailure */
export async function asUsage<T>(kind: abstract new (...args: never[]) => Error, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof kind) throw new UsageFailure(error.message);
    throw error;
  }
}

type LimitKind = "fuel" | "stack" | "memory" | "gc-heap" | "time";

/** Which limit stopped the guest, how much it used, and the flag that raises it. */
export interface LimitStop {
  readonly limit: string;
  readonly message: string;
}

const FLAGS: Readonly<Record<LimitKind, string>> = {
  fuel: "--fuel",
  stack: "--stack",
  memory: "--memory",
  "gc-heap": "--gc-heap",
  time: "--timeout",
};

export function fuelStop(used: number, limit: number, schedule: string): LimitStop {
  return stop("fuel", `used ${used} of ${limit} fuel (schedule ${schedule})`);
}

export function timeStop(seconds: number): LimitStop {
  return stop("time", `the program took longer than ${seconds} s`);
}

export function stackStop(limitBytes: number): LimitStop {
  return stop("stack", `the guest's calls are nested deeper than ${formatSize(limitBytes)} of stack hold`);
}

export function memoryStop(usedBytes: number, limitBytes: number, requestedBytes?: number): LimitStop {
  const more = requestedBytes === undefined ? "" : ` and asked for ${formatSize(requestedBytes)}`;
  return stop("memory", `used ${formatSize(usedBytes)} of ${formatSize(limitBytes)} of linear memory${more}`);
}

/** The heap of structs and arrays is full of what the guest still uses. */
export function gcHeapStop(usedBytes: number, limitBytes: number, requestedBytes: number): LimitStop {
  const used = `used ${formatSize(usedBytes)} of ${formatSize(limitBytes)} of structs and arrays`;
  return stop("gc-heap", `${used} and asked for ${formatSize(requestedBytes)}`);
}

/** The heap of a WASI build is full, which does not grow. */
export function heapStop(usedBytes: number): LimitStop {
  const message = `stopped by the memory limit: used ${formatSize(usedBytes)} of linear memory; a WASI build's heap has what --memory leaves, and 8MiB at most`;
  return { limit: "memory", message };
}

/** A limit of the store's that no flag sets: tables, instances. */
export function storeStop(resource: string, requested: number, limit: number): LimitStop {
  return {
    limit: resource,
    message: `stopped by the limit on ${resource}: ${requested} asked for, ${limit} allowed; no flag raises it`,
  };
}

function stop(limit: LimitKind, used: string): LimitStop {
  return { limit, message: `stopped by the ${limit} limit: ${used}; raise it with ${FLAGS[limit]}` };
}

/** Frames that are shown from each end of a long backtrace. */
const SHOWN_FRAMES = 16;

/** A backtrace, innermost frame first, one line per frame; the middle of a long one is left out. */
export function formatBacktrace(frames: readonly BacktraceFrame[]): string[] {
  const line = (frame: BacktraceFrame) => {
    const name = frame.name === undefined ? `func ${frame.funcidx}` : `${frame.name} (func ${frame.funcidx})`;
    const module = frame.moduleName === undefined ? "" : `${frame.moduleName}!`;
    return `    at ${printable(module + name)}, offset 0x${frame.offset.toString(16)}`;
  };
  if (frames.length <= 2 * SHOWN_FRAMES) return frames.map(line);
  return [
    ...frames.slice(0, SHOWN_FRAMES).map(line),
    `    … ${frames.length - 2 * SHOWN_FRAMES} more frames …`,
    ...frames.slice(-SHOWN_FRAMES).map(line),
  ];
}

/** Text from a module, fit for a terminal: control characters as `\u{…}`. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`);
}
