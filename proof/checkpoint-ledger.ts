// The checkpoints of a run as they come: where the next one is, and how their distance doubles.
import { type Checkpoints, MAX_CHECKPOINTS } from "./receipt.js";

/** Fuel between the checkpoints of a run that has not doubled it yet. */
export const FIRST_INTERVAL = 2 ** 20;
/**
 * Of a run's fuel, the share that hashing its states may be worth. Machines differ, receipts do not: so work is counted
 * in blocks, and priced (StateHasher.work), not timed.
 */
const WORK_SHARE = 1 / 12;

export interface LedgerOptions {
  /** Fuel between checkpoints; default {@link FIRST_INTERVAL}. */
  readonly interval?: number | undefined;
  /** Whether the interval doubles when there are {@link MAX_CHECKPOINTS}, or too much is hashed; default true. */
  readonly doubles?: boolean | undefined;
  /** Work that hashing took so far, in fuel that would take as long; a matter of the states alone. Default none. */
  readonly work?: (() => number) | undefined;
  /** Fuel at which recording begins, a multiple of the interval: checkpoints up to there are not known. */
  readonly from?: number | undefined;
}

export class CheckpointLedger {
  private hashes: string[] = [];
  private interval: number;
  /** Fuel of the next checkpoint. */
  next: number;
  /** Work that was done before the run. */
  private workBefore = 0;

  constructor(private readonly options: LedgerOptions = {}) {
    this.interval = options.interval ?? FIRST_INTERVAL;
    this.next = (options.from ?? 0) + this.interval;
  }

  /** State hashes so far, by fuel. */
  get checkpoints(): Checkpoints {
    return { interval: this.interval, states: this.hashes };
  }

  /** The state before the run has been hashed, whole: what that was worth is not the run's. */
  begin(): void {
    this.workBefore = this.options.work?.() ?? 0;
  }

  /**
   * Takes the checkpoint at {@link next}.
   * @param hashState hashes the state, which is work
   * @param taken called before the interval may double
   */
  take(hashState: () => string, taken: (fuel: number) => void = () => {}): void {
    const { doubles = true, work = () => 0 } = this.options;
    const before = work();
    const fuel = this.next;
    this.hashes.push(hashState());
    taken(fuel);
    // The next one is expected to be as much work as this one.
    const expected = Math.max(work() - before, work() - this.workBefore - fuel * WORK_SHARE);
    while (doubles && (this.hashes.length === MAX_CHECKPOINTS || expected > this.interval * WORK_SHARE)) this.double();
    this.next = (Math.floor(fuel / this.interval) + 1) * this.interval;
  }

  /** Checkpoint i is at (i + 1) intervals: those at even numbers of them stay. */
  private double(): void {
    this.hashes = this.hashes.filter((_, i) => i % 2 === 1);
    this.interval *= 2;
  }
}
