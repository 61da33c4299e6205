// What `python` and `run` share: the flags that bound a guest, and running it so that signals are seen.
import { stackLimits } from "./cli-options.js";
import { drained } from "./cli-output.js";
import type { FuelScheduleName, StoreLimits } from "./runtime/index.js";

/** Flags as commander hands them over; cli.ts has their defaults. */
export interface GuestFlags {
  readonly fuel: number;
  /** Bytes. */
  readonly memory: number;
  /** Bytes. */
  readonly stack: number;
  readonly seed: number;
  readonly schedule: FuelScheduleName;
  readonly tier: "interpreter";
  readonly json?: true;
}

/** The limits of a store that the flags set. */
export function limitsOf(flags: GuestFlags): Partial<StoreLimits> {
  return { memoryBytes: flags.memory, ...stackLimits(flags.stack) };
}

/** What an execution needs to be run in slices; an Execution of the runtime is one. */
export interface Sliceable<Result extends { readonly status: string }> {
  /** Runs for at most `fuel`; a status of "paused" means that it can go on. */
  run(fuel: number): Result | Promise<Result>;
  /** All that it has used so far. */
  readonly fuelUsed: number;
}

/** A slice is to take about this long: what Ctrl-C waits at most, several times over. */
const SLICE_MS = 20;
const FIRST_SLICE = 1 << 17;
const MAX_SLICE = 1 << 30;

/**
 * Runs to the end, or until `budget` is used up, which is a result of "paused". Between slices the event loop
 * turns, so that signals are handled and a slow reader of the output is waited for.
 */
export async function runInSlices<Result extends { readonly status: string }>(
  execution: Sliceable<Result>,
  budget: number,
): Promise<Result> {
  let slice = FIRST_SLICE;
  for (;;) {
    const before = execution.fuelUsed;
    const left = budget - before;
    const started = performance.now();
    const result = await execution.run(Math.min(slice, left));
    if (result.status !== "paused" || left <= slice) return result;
    const elapsed = performance.now() - started;
    // One instruction can cost more than a slice (memory.grow): then nothing moves until the slice has grown.
    if (elapsed < SLICE_MS || execution.fuelUsed === before) slice = Math.min(slice * 2, MAX_SLICE);
    else if (elapsed > 2 * SLICE_MS) slice = Math.max(slice >> 1, 1024);
    await drained();
  }
}
