// Progress notifications of a run: while it waits for a sandbox, and what it has used while it runs.
import type { RunProgress } from "../session/sandbox-types.js";

/** What a notification says, besides whose it is. */
export interface ProgressNote {
  /** Seconds since the request came: they grow also while a run waits for a function of the host's. */
  readonly progress: number;
  /** Seconds at which the run is stopped; not known while it waits for a sandbox. */
  readonly total?: number;
  readonly message: string;
}

/** Runs that are over before have no notifications. */
const INTERVAL_MS = 500;

export class ProgressReporter {
  private readonly startedAt = performance.now();
  private readonly timer: NodeJS.Timeout;
  /** How many requests are before this one; undefined once it has begun. */
  private before: number | undefined;
  private beganAt: number | undefined;
  private fuelUsed = 0;

  constructor(
    private readonly timeoutMs: number,
    private readonly send: (note: ProgressNote) => void,
  ) {
    this.timer = setInterval(() => this.send(this.note()), INTERVAL_MS);
    this.timer.unref();
  }

  readonly onWaiting = (before: number): void => {
    this.before = before;
  };

  readonly onProgress = ({ fuelUsed, elapsedMs }: RunProgress): void => {
    this.before = undefined;
    this.beganAt ??= performance.now() - elapsedMs;
    this.fuelUsed = fuelUsed;
  };

  stop(): void {
    clearInterval(this.timer);
  }

  private note(): ProgressNote {
    const now = performance.now();
    const progress = seconds(now - this.startedAt);
    if (this.before !== undefined) {
      const before = this.before === 0 ? "it is the next" : `${this.before} before it`;
      return { progress, message: `waiting until another sandbox is done: ${before}` };
    }
    if (this.beganAt === undefined) return { progress, message: "starting" };
    const total = seconds(this.beganAt - this.startedAt + this.timeoutMs);
    const ran = seconds(now - this.beganAt);
    return { progress, total, message: `${this.fuelUsed} fuel used, ${ran} of ${this.timeoutMs / 1000} s` };
  }
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}
