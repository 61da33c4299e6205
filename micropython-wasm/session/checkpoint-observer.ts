// Shows a run's states on its way to the embedder, who keeps snapshots of them: from the last one the run can go on when
// the process is lost.

import type { PythonState, RunObserver } from "../interpreter/interpreter.js";
import type { PythonRecording } from "../receipts/recording.js";

/** Fuel between two checkpoints where the embedder does not say: about a second of running. */
export const DEFAULT_CHECKPOINT_FUEL = 100_000_000;

export interface CheckpointOptions {
  /** Least fuel between two of them. */
  readonly every: number;
  /** Fuel that the run has used before this begins to look. */
  readonly from: number;
  /** The receipt's, whose checkpoints are the only ones then: elsewhere nobody could go on recording. */
  readonly recording: PythonRecording | undefined;
  /** Whether the run could be taken up from the state in which it is. */
  readonly canBeTaken: () => boolean;
  readonly take: (state: PythonState, fuelUsed: number) => void | Promise<void>;
}

export class CheckpointObserver implements RunObserver {
  private next: number;

  constructor(private readonly options: CheckpointOptions) {
    this.next = this.behind(options.from);
  }

  get nextFuel(): number {
    return this.options.recording?.nextFuel ?? this.next;
  }

  begins(state: PythonState): void {
    this.options.recording?.begins(state);
  }

  async reached(state: PythonState): Promise<void> {
    const { recording, canBeTaken, take } = this.options;
    const fuel = this.nextFuel;
    recording?.reached(state);
    if (fuel < this.next) return;
    this.next = this.behind(fuel);
    if (canBeTaken()) await take(state, fuel);
  }

  ended(state: PythonState | null): void {
    this.options.recording?.ended(state);
  }

  /** The next multiple: so a run that was taken up is looked at where it would have been. */
  private behind(fuel: number): number {
    const { every } = this.options;
    return (Math.floor(fuel / every) + 1) * every;
  }
}
