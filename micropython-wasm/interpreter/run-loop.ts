// The one loop that both Pythons run programs in: begin, slice after slice until the end or until the fuel is used up,
// resume, abandon. What differs, how a slice is run and what follows it, is theirs.
//
// The ledger of a run with a limit of 100, of which the interpreter's own work takes 30 that are not charged, in slices
// of 50:
//   granted 50, used 50 by the guest     20 charged
//   granted 100                          70 charged
//   granted 130 = 30 + 100               100 charged: paused, out of fuel
//   resumed with 10: limit 110, granted 140

import type { PictureManner } from "../../runtime/index.js";
import { SandboxUsageError } from "../guest/errors.js";
import { FuelLedger } from "../guest/fuel-ledger.js";
import type { Environment } from "../world/environment.js";
import { type Inputs, requireInputs } from "../world/host-callables.js";
import type {
  Pacing,
  PythonError,
  PythonResult,
  PythonState,
  RunMeter,
  RunObserver,
  RunOptions,
} from "./interpreter.js";
import type { PythonException } from "./python-error.js";
import { sourceText, withCapturedValue } from "./python-source.js";
import { errorOf, outOfFuel } from "./run-result.js";

/** Fuel of a run that is under way or paused. */
export interface RunFuel {
  /** What the run may be charged. */
  fuelLimit: number;
  /** Granted so far, what is not charged included. */
  fuelGranted: number;
}

/** What the loop is told of a slice: the fuel is used up; there is more to run; or how the run has ended. */
export type SliceEnd = "out-of-fuel" | "more" | RunEnded;
export interface RunEnded {
  readonly error: PythonError | null;
  readonly exception: PythonException | null;
}

/** What a run is begun with. */
export interface Beginning {
  readonly text: string;
  /** The text that also keeps the last expression's value; undefined if it is not wanted, or there is none. */
  readonly capturing: string | undefined;
  readonly fuelLimit: number;
}

export abstract class RunLoop<Run extends RunFuel> {
  /** The run that is under way or paused. */
  private current: Run | undefined;
  /** What all runs were charged so far, whatever states the interpreter went back to. */
  readonly ledger = new FuelLedger();
  protected running = false;
  protected broken: string | undefined;
  private meter: RunMeter | null = null;

  abstract readonly environment: Environment;
  interrupt: PythonException | null = null;
  /** The run that is under way or paused. */
  protected get pending(): Run | undefined {
    return this.current;
  }
  /** Makes a run the one that is under way or paused; without one nothing is charged. */
  protected take(run: Run | undefined): void {
    this.current = run;
    const meter = () => this.fuelUsed(run!);
    this.ledger.follow(
      run === undefined
        ? null
        : {
            get fuelUsed() {
              return meter();
            },
          },
    );
  }
  /** Gets the guest ready; nothing of the program runs. */
  protected abstract begin(beginning: Beginning): Run | Promise<Run>;
  /**
   * Runs for `fuel` more units.
   * @param exact whether anybody looks at where they end: not between two slices of a run that goes on
   */
  protected abstract slice(run: Run, fuel: number, exact: boolean): Promise<SliceEnd>;
  /** Interrupts the paused run until it has let go; false if it has not, or has broken the interpreter. */
  protected abstract unwind(run: Run): Promise<boolean>;
  /** What the run that {@link unwind} has ended raised; null if it ended otherwise. */
  protected abstract raised(run: Run): PythonException | null;
  /** Whether the program of the paused run has begun, and is not being compiled any more; undefined if that is not known. */
  protected abstract hasBegun(run: Run): boolean | undefined;
  /** What the run is charged. */
  protected abstract fuelUsed(run: Run): number;
  /** The same, when the guest has used `guestFuel` since it was instantiated, in a slice. */
  protected abstract chargedAt(run: Run, guestFuel: number): number;
  abstract checkpoint(manner?: PictureManner): PythonState;
  /** What of the run's fuel is not charged. */
  protected abstract freeFuel(run: Run): number;
  protected abstract result(run: Run, error: PythonError | null, exception: PythonException | null): PythonResult;
  /** Has the guest make globals of inputs: one at the least. */
  protected abstract takeInputs(inputs: Inputs): Promise<void>;
  /** The result of a run that could not begin. @throws error if it says nothing about the run */
  protected abstract unprepared(error: unknown, fuelLimit: number): PythonResult;

  async setGlobals(inputs: Inputs): Promise<void> {
    requireInputs(this.environment, inputs);
    this.requireIdle();
    // Receipts do not tell none from an empty object.
    if (Object.keys(inputs).length > 0) await this.takeInputs(inputs);
  }

  async run(code: string | Uint8Array, options: RunOptions = {}): Promise<PythonResult> {
    this.requireIdle();
    if (this.pending !== undefined) throw new SandboxUsageError("the last run is not over: it ran out of fuel");
    const {
      fuel: fuelLimit = Number.POSITIVE_INFINITY,
      value = true,
      pausesAtCalls = false,
      pacing,
      observer,
    } = options;
    requireFuel(fuelLimit);
    const text = sourceText(code);
    this.meter = options.meter ?? null;
    observer?.begins(this.describedState());
    const result = await this.exclusively(async () => {
      const { hostCalls, stdout, stderr } = this.environment;
      this.interrupt = null;
      hostCalls.runValue.begin(options.repr ?? 0);
      stdout.clear();
      stderr.clear();
      try {
        this.take(await this.begin({ text, capturing: value ? withCapturedValue(text) : undefined, fuelLimit }));
      } catch (error) {
        return this.unprepared(error, fuelLimit);
      }
      hostCalls.pauseAtCalls(pausesAtCalls);
      return this.proceed(this.pausedRun(), pacing, observer);
    });
    this.tellEnd(observer);
    return result;
  }

  runFuel(guestFuel: number): number {
    return this.pending === undefined ? 0 : this.chargedAt(this.pending, guestFuel);
  }

  /** The state between two slices, as it passes, without what the host has under way for the guest. */
  private describedState(): PythonState {
    const { running } = this;
    const { hostCalls } = this.environment;
    this.running = false;
    hostCalls.describes = true;
    try {
      return this.checkpoint("passing");
    } finally {
      this.running = running;
      hostCalls.describes = false;
    }
  }

  /** Runs the guest at the run's expense. */
  protected async charged<T>(body: () => T | Promise<T>): Promise<T> {
    const { meter } = this;
    if (meter === null) return body();
    meter.isOn = true;
    try {
      return await body();
    } finally {
      meter.isOn = false;
    }
  }

  async resume(moreFuel: number, pacing?: Pacing, observer?: RunObserver): Promise<PythonResult> {
    this.requireIdle();
    const run = this.pausedRun();
    requireFuel(moreFuel);
    run.fuelLimit += moreFuel;
    const result = await this.exclusively(() => this.proceed(run, pacing, observer));
    this.tellEnd(observer);
    return result;
  }

  private tellEnd(observer: RunObserver | undefined): void {
    observer?.ended(this.broken === undefined ? this.describedState() : null);
  }

  async abandon(): Promise<boolean> {
    this.requireIdle();
    const run = this.pending;
    this.interrupt = null;
    if (run === undefined) return true;
    const { hostCalls } = this.environment;
    hostCalls.refuse("the run is being given up");
    this.ledger.follow(null);
    try {
      const unwound = await this.exclusively(() => this.unwind(run));
      if (!unwound) return false;
      this.take(undefined);
      const exception = this.raised(run);
      if (exception?.type === "KeyboardInterrupt") this.interrupt = exception;
      return true;
    } finally {
      hostCalls.accept();
    }
  }

  get isPaused(): boolean {
    return this.pending !== undefined;
  }

  pausedResult(): PythonResult {
    const run = this.pausedRun();
    const call = this.environment.hostCalls.openCalls[0];
    const reason =
      call === undefined
        ? outOfFuel(this.fuelUsed(run), run.fuelLimit, this.hasBegun(run))
        : errorOf("host-call", `the run waits for the host function ${call.name}`);
    return this.result(run, reason, null);
  }

  get failure(): string | undefined {
    return this.broken;
  }

  private pausedRun(): Run {
    if (this.pending === undefined) throw new SandboxUsageError("there is no run to resume");
    return this.pending;
  }

  protected requireIdle(): void {
    if (this.broken !== undefined) throw new SandboxUsageError(`the interpreter is broken: ${this.broken}`);
    this.requireStill();
  }

  /** Idle, paused or broken. */
  protected requireStill(): void {
    if (this.running) throw new SandboxUsageError("a run is under way");
  }

  protected async exclusively<T>(body: () => Promise<T>): Promise<T> {
    this.requireIdle();
    this.running = true;
    try {
      return await body();
    } finally {
      this.running = false;
    }
  }

  private async proceed(run: Run, pacing: Pacing | undefined, observer?: RunObserver): Promise<PythonResult> {
    const charged = () => run.fuelGranted - this.freeFuel(run);
    for (;;) {
      const left = run.fuelLimit - charged();
      const unseen = observer === undefined ? Number.POSITIVE_INFINITY : observer.nextFuel - charged();
      const grant = Math.min(left, unseen, pacing?.sliceFuel() ?? Number.POSITIVE_INFINITY);
      run.fuelGranted += grant;
      const isLooked = grant === Math.min(left, unseen);
      let end = await this.slice(run, grant, isLooked && pacing === undefined);
      // To find the very instruction takes two lowerings of its function: in turns of their own.
      for (const exact of [false, true]) {
        if (end !== "out-of-fuel" || !isLooked || pacing === undefined || this.environment.hostCalls.isPaused) break;
        await pacing.turn(this.fuelUsed(run));
        end = await this.slice(run, 0, exact);
      }
      if (end === "more") continue;
      if (end !== "out-of-fuel") {
        this.take(undefined);
        const result = this.result(run, end.error, end.exception);
        this.environment.hostCalls.runValue.forget();
        return result;
      }
      if (charged() === observer?.nextFuel) await observer.reached(this.describedState());
      if (this.environment.hostCalls.isPaused || run.fuelGranted >= this.freeFuel(run) + run.fuelLimit)
        return this.pausedResult();
      await pacing?.turn(this.fuelUsed(run));
      const reason = pacing?.stopped;
      if (reason !== undefined) return this.result(run, errorOf("stopped", reason), null);
    }
  }
}

/** @throws SandboxUsageError */
function requireFuel(fuel: number): void {
  if (fuel === Number.POSITIVE_INFINITY || (Number.isSafeInteger(fuel) && fuel >= 0)) return;
  throw new SandboxUsageError(`fuel is a whole number from 0, or Infinity, not ${fuel}`);
}
