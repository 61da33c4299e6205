// Runs executions so that they stop at the checkpoints of a receipt.
import type { Execution } from "../runtime/interpreter/execution.js";
import type { RunResult } from "../runtime/interpreter/thread.js";
import { CheckpointLedger, type LedgerOptions, type LedgerState } from "./checkpoint-ledger.js";
import type { Checkpoints } from "./receipt.js";

/** Fuel of a slice at most: between slices the embedder has its turn. */
const SLICE = 2 ** 22;

export interface RecorderOptions extends LedgerOptions {
  /** Hash of the state that the execution has stopped in; null for the end of a run. */
  readonly hashState: (execution: Execution | null) => string;
  /** Called behind each checkpoint; true ends the run there. */
  readonly onCheckpoint?: (fuel: number, execution: Execution) => boolean | undefined;
  /** The same, when it is settled where the next checkpoint is: the run's recording is whole there. */
  readonly onTaken?: ((execution: Execution) => boolean | undefined) | undefined;
  /** Awaited between slices. */
  readonly turn?: () => Promise<void>;
}

/** The checkpoints of one run, which is one execution or several, one behind the other. */
export class Recorder {
  /** Fuel of the run's executions that are over, and of what else it was charged for. */
  fuelBefore = 0;
  /** Why the run ended: `onCheckpoint` said so. */
  ended = false;
  private readonly ledger: CheckpointLedger;

  constructor(private readonly options: RecorderOptions) {
    this.ledger = new CheckpointLedger(options);
  }

  /** State hashes so far, by fuel. */
  get checkpoints(): Checkpoints {
    return this.ledger.checkpoints;
  }

  /** What {@link LedgerOptions.state} takes. */
  get state(): LedgerState {
    return this.ledger.state;
  }

  /** The run begins: hashes the state before it, so that checkpoints are worth what has changed since. */
  begin(): void {
    this.options.hashState(null);
    this.ledger.begin();
  }

  /**
   * Runs to the end, or until the run has used `fuelLimit` in all, which is a result of "paused".
   * @param execution one that was started, or restored: what it was granted counts
   */
  async run(execution: Execution, fuelLimit: number): Promise<RunResult> {
    const { ledger } = this;
    for (;;) {
      const reached = this.fuelBefore + execution.fuelUsed + execution.fuelLeft;
      const grant = Math.max(0, Math.min(ledger.next - reached, fuelLimit - reached, SLICE));
      const result = await execution.runAsync(grant);
      if (result.status !== "paused") {
        this.fuelBefore += execution.fuelUsed;
        return result;
      }
      if (reached + grant === ledger.next && this.checkpoint(execution)) return result;
      if (reached + grant >= fuelLimit) return result;
      await this.options.turn?.();
    }
  }

  private checkpoint(execution: Execution): boolean {
    const { hashState, onCheckpoint, onTaken } = this.options;
    this.ledger.take(
      () => hashState(execution),
      (fuel) => {
        this.ended = onCheckpoint?.(fuel, execution) === true;
      },
    );
    if (onTaken?.(execution) === true) this.ended = true;
    return this.ended;
  }
}
