// What `python` and `run` share: the flags that bound a guest, and running it so that signals are seen.

import type { FuelScheduleName, StoreLimits, Tier } from "../runtime/index.js";
import type { Artifact } from "./artifact.js";
import { stackLimits } from "./flags.js";
import { drained } from "./output.js";
import { UsageFailure } from "./report.js";

/** Flags as commander hands them over; cli/main.ts has their defaults. */
export interface GuestFlags {
  readonly fuel: number;
  /** Bytes. */
  readonly memory: number;
  /** Bytes; as `memory` if it is not given. Of `run` alone. */
  readonly gcHeap?: number;
  /** Bytes. */
  readonly stack: number;
  readonly seed: number;
  readonly schedule: FuelScheduleName;
  /** Undefined: the fastest that what is run has from the start. */
  readonly tier?: Tier;
  readonly json?: true;
}

/** The limits of a store that the flags set. */
export function limitsOf(flags: Pick<GuestFlags, "memory" | "stack" | "gcHeap">): Partial<StoreLimits> {
  const { memory, stack, gcHeap = memory } = flags;
  return { memoryBytes: memory, gcHeapBytes: gcHeap, ...stackLimits(stack) };
}

/**
 * The build of MicroPython that `--wasm` names, undefined without that flag; an exit status for a file that is no
 * valid module, which has been complained about.
 * @throws UsageFailure
 */
export async function artifactOf(flags: {
  readonly wasm?: string;
  readonly schedule: FuelScheduleName;
  readonly tier?: Tier;
}): Promise<Artifact | number | undefined> {
  if (flags.wasm === undefined) return undefined;
  const { Artifact } = await import("./artifact.js");
  if (flags.tier === "ahead-of-time")
    throw new UsageFailure("--tier ahead-of-time is for the package's own MicroPython, not for --wasm");
  return Artifact.load(flags.wasm, flags.schedule, flags.tier);
}

/** What an execution needs to be run in slices; an Execution of the runtime is one. */
export interface Sliceable<Result extends { readonly status: string }> {
  /** Grants `fuel` more and runs; a status of "paused" means that what was granted does not reach further. */
  run(fuel: number): Result | Promise<Result>;
}

/** From any start. Not performance.now(), which Node loads modules for when it is first called. */
export function milliseconds(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

/** A slice is to take about this long: what Ctrl-C waits at most, several times over. */
const SLICE_MS = 20;
const FIRST_SLICE = 2 ** 17;
const LEAST_SLICE = 2 ** 10;
const LARGEST_SLICE = 2 ** 30;

/** What is to be done once a run has used so much fuel. */
export interface LongRun {
  readonly fuel: number;
  begun(): void;
}

/** Slices of about {@link SLICE_MS}, between which signals are seen and a slow reader of the output is waited for. */
export class CommandPacing {
  /** Why the run is to stop, once it is. */
  stopped: string | undefined;
  private slice = FIRST_SLICE;
  private startedAt = 0;
  private granted = 0;

  constructor(private longRun?: LongRun) {}

  sliceFuel(): number {
    this.startedAt = milliseconds();
    if (this.longRun !== undefined && this.granted > this.longRun.fuel) {
      this.longRun.begun();
      this.longRun = undefined;
    }
    this.granted += this.slice;
    return this.slice;
  }

  async turn(): Promise<void> {
    const elapsed = milliseconds() - this.startedAt;
    if (elapsed < SLICE_MS) this.slice = Math.min(this.slice * 2, LARGEST_SLICE);
    else if (elapsed > 2 * SLICE_MS) this.slice = Math.max(this.slice / 2, LEAST_SLICE);
    await drained();
  }
}

/**
 * Runs to the end, or until `budget` does not reach further, which is a result of "paused". Between slices the
 * event loop turns, so that signals are handled and a slow reader of the output is waited for.
 */
export async function runInSlices<Result extends { readonly status: string }>(
  execution: Sliceable<Result>,
  budget: number,
): Promise<Result> {
  const pacing = new CommandPacing();
  // What a slice leaves over stays granted: one instruction may cost more than a slice (memory.grow).
  let granted = 0;
  for (;;) {
    const grant = Math.min(pacing.sliceFuel(), budget - granted);
    granted += grant;
    const result = await execution.run(grant);
    if (result.status !== "paused" || granted === budget) return result;
    await pacing.turn();
  }
}
