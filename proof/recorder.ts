// Runs executions so that they stop at the checkpoints of a receipt.
import type { Execution } from "../runtime/interpreter/execution.js";
import type { RunResult } from "../runtime/interpreter/thread.js";
import { type Checkpoints, MAX_CHECKPOINTS } from "./receipt.js";

/** Fuel between the checkpoints of a run that has not doubled it yet. */
export const FIRST_INTERVAL = 2 ** 20;
/**
 * Of a run's fuel, the share that hashing its states may be worth. Machines differ, receipts do not: so work is counted
 * in blocks, and priced (StateHasher.work), not timed.
 */
const WORK_SHARE = 1 / 12;
/** Fuel of a slice at most: between slices the embedder has its turn. */
const SLICE = 2 ** 22;

export interface RecorderOptions {
  /** Hash of the state that the execution has stopped in; null for the end of a run. */
  readonly hashState: (execution: Execution | null) => string;
  /** Fuel between checkpoints; default {@link FIRST_INTERVAL}. */
  readonly interval?: number;
  /** Whether the interval doubles when there are {@link MAX_CHECKPOINTS}, or too much is hashed; default true. */
  readonly doubles?: boolean;
  /** Work that hashing took so far, in fuel that would take as long; a matter of the states alone. Default none. */
  readonly work?: () => number;
  /** Fuel at which recording begins, a multiple of the interval: checkpoints up to there are not known. */
  readonly from?: number;
  /** Called behind each checkpoint; true ends the run there. */
  readonly onCheckpoint?: (fuel: number, execution: Execution) => boolean | undefined;
  /** Awaited between slices. */
  readonly turn?: () => Promise<void>;
}

/** The checkpoints of one run, which is one execution or several, one behind the other. */
export class Recorder {
  /** Fuel of the run's executions that are over, and of what else it was charged for. */
  fuelBefore = 0;
  /** Why the run ended: `onCheckpoint` said so. */
  ended = false;
  private hashes: string[] = [];
  private interval: number;
  private next: number;

  constructor(private readonly options: RecorderOptions) {
    this.interval = options.interval ?? FIRST_INTERVAL;
    this.next = (options.from ?? 0) + this.interval;
  }

  /** State hashes so far, by fuel. */
  get checkpoints(): Checkpoints {
    return { interval: this.interval, states: this.hashes };
  }

  /**
   * Runs to the end, or until the run has used `fuelLimit` in all, which is a result of "paused".
   * @param execution one that was started, or restored: what it was granted counts
   */
  async run(execution: Execution, fuelLimit: number): Promise<RunResult> {
    for (;;) {
      const reached = this.fuelBefore + execution.fuelUsed + execution.fuelLeft;
      const grant = Math.max(0, Math.min(this.next - reached, fuelLimit - reached, SLICE));
      const result = await execution.runAsync(grant);
      if (result.status !== "paused") {
        this.fuelBefore += execution.fuelUsed;
        return result;
      }
      if (reached + grant === this.next && this.checkpoint(execution)) return result;
      if (reached + grant >= fuelLimit) return result;
      await this.options.turn?.();
    }
  }

  private checkpoint(execution: Execution): boolean {
    const { hashState, onCheckpoint, doubles = true, work = () => 0 } = this.options;
    const before = work();
    const fuel = this.next;
    this.hashes.push(hashState(execution));
    this.ended = onCheckpoint?.(fuel, execution) === true;
    // The next one is expected to be as much work as this one.
    const expected = Math.max(work() - before, work() - fuel * WORK_SHARE);
    while (doubles && (this.hashes.length === MAX_CHECKPOINTS || expected > this.interval * WORK_SHARE)) this.double();
    this.next = (Math.floor(fuel / this.interval) + 1) * this.interval;
    return this.ended;
  }

  /** Checkpoint i is at (i + 1) intervals: those at even numbers of them stay. */
  private double(): void {
    this.hashes = this.hashes.filter((_, i) => i % 2 === 1);
    this.interval *= 2;
  }
}
