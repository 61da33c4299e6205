// The checkpoints of a run as they come: where the next one is, and how their distance doubles.
import { type Checkpoints, type Hash, MAX_CHECKPOINTS } from "./receipt.js";

/** Fuel between the checkpoints of a run that has not doubled it yet: the least of which a state's picture is worth no more than {@link WORK_SHARE}. */
export const FIRST_INTERVAL = 2 ** 27;
/**
 * Of a run's fuel, the share that hashing its states may be worth. Machines differ, receipts do not: so work is counted
 * in blocks, and priced (StateHasher.work), not timed.
 */
const WORK_SHARE = 1 / 12;

/** What ledgers begin with that are not told otherwise: test/support/sooner-checkpoints.ts makes it less for a while. */
export const ledgerDefaults = { interval: FIRST_INTERVAL, share: WORK_SHARE };

/** A ledger as data, between two checkpoints. */
export interface LedgerState extends Checkpoints {
  /** Fuel of the next checkpoint. */
  readonly next: number;
  readonly workBefore: number;
}

/** A recording as data, at a checkpoint: another process can go on with it there. */
export interface SavedRecording {
  readonly ledger: LedgerState;
  /** Of the hasher. */
  readonly work: number;
  /** Hash of the state at the checkpoint. */
  readonly state: Hash;
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

/** Whether data that may come from anybody has the form of a recording. */
export function isSavedRecording(value: unknown): value is SavedRecording {
  if (typeof value !== "object" || value === null) return false;
  const { ledger, work, state } = value as Partial<SavedRecording>;
  if (typeof ledger !== "object" || ledger === null || typeof state !== "string" || typeof work !== "number")
    return false;
  const { interval, next, states, workBefore } = ledger;
  const counts = isCount(interval) && interval > 0 && isCount(next) && next % interval === 0;
  const known = Array.isArray(states) && states.every((hash) => typeof hash === "string");
  return counts && known && states.length <= MAX_CHECKPOINTS && Number.isFinite(work) && Number.isFinite(workBefore);
}

export interface LedgerOptions {
  /** Fuel between checkpoints; default {@link FIRST_INTERVAL}. */
  readonly interval?: number | undefined;
  /** Whether the interval doubles when there are {@link MAX_CHECKPOINTS}, or too much is hashed; default true. */
  readonly doubles?: boolean | undefined;
  /** Of the run's fuel, the share that hashing its states may be worth; default a twelfth. */
  readonly share?: number | undefined;
  /** Work that hashing took so far, in fuel that would take as long; a matter of the states alone. Default none. */
  readonly work?: (() => number) | undefined;
  /** Fuel at which recording begins, a multiple of the interval: checkpoints up to there are not known. */
  readonly from?: number | undefined;
  /** That of a ledger of the same run, to go on from; in place of `interval` and `from`. */
  readonly state?: LedgerState | undefined;
}

export class CheckpointLedger {
  private hashes: string[];
  private interval: number;
  /** Fuel of the next checkpoint. */
  next: number;
  /** Work that was done before the run. */
  private workBefore: number;

  constructor(private readonly options: LedgerOptions = {}) {
    const { state, interval = ledgerDefaults.interval, from = 0 } = options;
    this.interval = state?.interval ?? interval;
    this.next = state?.next ?? from + interval;
    this.hashes = [...(state?.states ?? [])];
    this.workBefore = state?.workBefore ?? 0;
  }

  get state(): LedgerState {
    const { interval, next, hashes, workBefore } = this;
    return { interval, next, states: [...hashes], workBefore };
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
    const { doubles = true, work = () => 0, share = ledgerDefaults.share } = this.options;
    const before = work();
    const fuel = this.next;
    this.hashes.push(hashState());
    taken(fuel);
    // The next one is expected to be as much work as this one.
    const expected = Math.max(work() - before, work() - this.workBefore - fuel * share);
    while (doubles && (this.hashes.length === MAX_CHECKPOINTS || expected > this.interval * share)) this.double();
    this.next = (Math.floor(fuel / this.interval) + 1) * this.interval;
  }

  /** Checkpoint i is at (i + 1) intervals: those at even numbers of them stay. */
  private double(): void {
    this.hashes = this.hashes.filter((_, i) => i % 2 === 1);
    this.interval *= 2;
  }
}
