// What a run's caller has to say while it goes on: that it is to stop (by a signal, a time limit, or the end of the
// session), and that progress is to be told.
import type { PythonInterpreter } from "../interpreter/interpreter.js";
import type { EventLoop, SlicePacing } from "../interpreter/turns.js";
import type { Resolved } from "./checks.js";
import type { SandboxRunOptions } from "./sandbox-types.js";

/** What stopped a run that neither ended nor ran out of fuel. */
export type Stop = "aborted" | "timeout" | "closed";

export const STOP_MESSAGES: Readonly<Record<Stop, string>> = {
  aborted: "the run was aborted",
  timeout: "the run took longer than its time limit",
  closed: "the session was closed",
};

export class RunWatch {
  /** What came first; undefined while the run is to go on. */
  stopped: Stop | undefined;
  private readonly startedAt: number;
  private readonly cancelTimer: (() => void) | undefined;

  /** @param timeout milliseconds; undefined: no limit */
  constructor(
    private readonly loop: EventLoop,
    private readonly pacing: SlicePacing,
    private readonly python: PythonInterpreter,
    private readonly options: Resolved<SandboxRunOptions>,
    timeout: number | undefined,
  ) {
    this.startedAt = loop.now();
    pacing.begin();
    pacing.onTurn = this.progress();
    options.signal?.addEventListener("abort", this.abort);
    this.cancelTimer = timeout === undefined ? undefined : loop.timer(() => this.stop("timeout"), timeout);
  }

  get elapsedMs(): number {
    return this.loop.now() - this.startedAt;
  }

  /** The run ends before its next slice, and host calls that it waits for are refused. */
  stop(why: Stop): void {
    this.stopped ??= why;
    this.pacing.stopped ??= STOP_MESSAGES[why];
    this.python.environment.hostCalls.refuse(STOP_MESSAGES[why]);
  }

  /** Stops the run if the signal was given before it began to be watched. */
  stopIfAborted(): void {
    if (this.options.signal?.aborted) this.stop("aborted");
  }

  /** The run is over, or paused. */
  end(): void {
    this.cancelTimer?.();
    this.options.signal?.removeEventListener("abort", this.abort);
    this.pacing.onTurn = undefined;
    if (this.stopped !== undefined) this.python.environment.hostCalls.accept();
  }

  private readonly abort = (): void => this.stop("aborted");

  private progress(): ((fuelUsed: number) => void) | undefined {
    const { onProgress } = this.options;
    if (onProgress === undefined) return undefined;
    return (fuelUsed) => {
      try {
        onProgress({ fuelUsed, elapsedMs: this.elapsedMs });
      } catch (error) {
        // The run is not to blame, and goes on: it is the embedder's, as in a timer.
        this.loop.macrotask(() => {
          throw error;
        });
      }
    };
  }
}
