/// <reference lib="esnext.disposable" preserve="true" />
// A session of Python with limits: the class that most embedders use.

import { type Amount, type FuelScheduleName, Module, SnapshotError } from "../../runtime/index.js";
import { artifactKind } from "../guest/artifact-kind.js";
import { CallContext } from "../guest/call-context.js";
import { SandboxUsageError } from "../guest/errors.js";
import type { PythonInterpreter, PythonResult, PythonState, RunObserver } from "../interpreter/interpreter.js";
import { type PythonFrame, tracebackFrames } from "../interpreter/python-error.js";
import { decodeSession, encodeSession, type Session } from "../interpreter/session-codec.js";
import { type EventLoop, hostEventLoop, SlicePacing, turnsOf } from "../interpreter/turns.js";
import { type Inputs, requireInputs } from "../world/host-callables.js";
import { loadSources } from "./byte-sources.js";
import { CheckpointObserver, DEFAULT_CHECKPOINT_FUEL } from "./checkpoint-observer.js";
import { amountOf, type Resolved } from "./checks.js";
import { pythonOfSession } from "./restore.js";
import { placed, runReport, runStatus, statusOf } from "./run-report.js";
import { RunWatch, STOP_MESSAGES, type Stop } from "./run-watch.js";
import { bootPython, pythonFrom, STATE_READERS, sandboxModule, setQuota } from "./sandbox-boot.js";
import { answersOf, runSettings, type SandboxSettings, sandboxSettings } from "./sandbox-options.js";
import type {
  RunReport,
  SandboxAnswer,
  SandboxFunction,
  SandboxOptions,
  SandboxResult,
  SandboxRunOptions,
  SandboxSession,
} from "./sandbox-types.js";
import { SessionFiles } from "./session-files.js";
import type { SessionRecording } from "./session-recording.js";
import { TaskQueue } from "./task-queue.js";

/** Fuel of a run that is given none. */
export const DEFAULT_RUN_FUEL = 20_000_000;
/** The same on CPython, where pandas alone takes a tenth of it to be imported. */
export const DEFAULT_CPYTHON_RUN_FUEL = 50_000_000_000;
const DEFAULT_MAX_HOST_CALLS = 10_000;

/** A session: one interpreter, whose variables, imports and files live from run to run. */
export class Sandbox extends SessionFiles implements SandboxSession {
  /** The result of the run that is paused, and can be resumed. */
  paused: SandboxResult | undefined;
  private readonly context = new CallContext();
  private readonly loop: EventLoop;
  private readonly pacing: SlicePacing;
  /** The state before the run before, while a run is under way or paused. */
  private earlier: PythonState | undefined;
  /** The state before the last run. */
  private before: PythonState | undefined;
  protected override readonly queue: TaskQueue;
  /** Of the run that is under way. */
  private watch: RunWatch | undefined;
  private callsBefore = 0;
  /** Of the run that is under way, or was restored and goes on: for its receipt. */
  private recording: SessionRecording | undefined;

  private constructor(
    private readonly module: Module,
    private options: SandboxSettings,
    protected override readonly python: PythonInterpreter,
  ) {
    super();
    // JavaScript knows no private constructors.
    if (!(module instanceof Module))
      throw new SandboxUsageError("a sandbox is made by `await Sandbox.create(options)`, not by `new`");
    this.loop = options.eventLoop ?? hostEventLoop();
    this.pacing = new SlicePacing(this.loop);
    this.queue = new TaskQueue(this.loop, this.context, python);
    python.environment.hostCalls.enter = (body) => this.context.enter(body);
    for (const mount of options.mounts ?? []) mount.retain();
  }

  /**
   * A new session. Booting is not charged to any run.
   * @throws SandboxUsageError for options that make no sense; BootLimitError if a limit is too low to start
   */
  static async create(options: SandboxOptions = {}): Promise<Sandbox> {
    const settings = await loadSources(sandboxSettings(options));
    return withFolders(settings, async () => {
      const module = await sandboxModule(settings);
      const python = await bootPython(module, settings);
      python.hibernate();
      return new Sandbox(module, settings, python);
    });
  }

  // ---- runs ----

  /**
   * Runs a program in `__main__`, after the runs that were asked for before. Whatever the
   * program does, the promise resolves, and the session stays usable.
   * @throws SandboxUsageError if the code is not text, a run is paused, or the session is closed;
   *   and inside a host function of this session. Behind an `await` in it, hosts without
   *   AsyncLocalStorage (browsers) cannot tell that from what others ask for, which queues up:
   *   there the error comes when the run has waited for 10 s behind one and the same host call.
   */
  async run(code: string | Uint8Array, options: SandboxRunOptions = {}): Promise<SandboxResult> {
    const settings = runSettings(options);
    return this.queue.enqueue(async () => {
      if (this.paused !== undefined) throw new SandboxUsageError("a run is paused: resume or abandon it first");
      const { hostCalls } = this.python.environment;
      this.earlier = this.before;
      this.before = this.python.checkpoint("deferred");
      this.callsBefore = hostCalls.callCount;
      this.limitCalls();
      const fuel = Math.min(settings.fuel ?? this.options.fuel ?? defaultFuel(this.module), this.sessionFuelLeft);
      this.recording = settings.receipt === true ? await this.recordingOf(settings, code) : undefined;
      const result = await this.drive(settings, async () => {
        const { pacing } = this;
        if (pacing.stopped !== undefined) {
          // Stopped before it has begun: nothing of it runs, not even while it is unwound.
          const result = await this.python.run("", { fuel: 0, pacing });
          return { ...result, fuel: { ...result.fuel, limit: fuel } };
        }
        if (settings.inputs !== undefined) await this.handOver(settings.inputs);
        const pausesAtCalls = settings.onHostCall === "pause";
        const observer = this.observerOf(settings, 0);
        const result = await this.python.run(code, { fuel, pausesAtCalls, pacing, repr: settings.repr, observer });
        this.recording?.finish(result);
        // Not begun, though nobody has stopped it: it is the run before that has damaged the interpreter.
        if (this.python.failure !== undefined && result.fuel.used === 0 && pacing.stopped === undefined)
          this.before = this.earlier ?? this.before;
        return result;
      });
      return this.withReceipt(result);
    });
  }

  private withReceipt(result: SandboxResult): SandboxResult {
    const receipt = this.recording?.receipt;
    this.recording = undefined;
    if (receipt === undefined) return result;
    const receipted: SandboxResult = { ...result, receipt };
    if (this.paused === result) this.paused = receipted;
    return receipted;
  }

  /** @throws SandboxUsageError for a run that nobody could make again */
  private async recordingOf(run: Resolved<SandboxRunOptions>, code: string | Uint8Array): Promise<SessionRecording> {
    const { SessionRecording } = await import("./session-recording.js");
    const maxHostCalls = this.options.maxHostCalls ?? DEFAULT_MAX_HOST_CALLS;
    return SessionRecording.begin(this.module, this.python, { ...this.options, maxHostCalls }, code, run);
  }

  /** What looks at the run's states: for its receipt, or for the embedder. @param from fuel that it has used */
  private observerOf(run: Resolved<SandboxRunOptions>, from: number): RunObserver | undefined {
    const { onCheckpoint, checkpointFuel: every = DEFAULT_CHECKPOINT_FUEL } = run;
    const { recording, python } = this;
    if (onCheckpoint === undefined) return recording?.observer;
    return new CheckpointObserver({
      ...{ every, from, recording: recording?.observer },
      canBeTaken: () => recording?.observer.canBeSaved ?? !python.environment.hostCalls.isCalling,
      take: async (state, fuelUsed) => {
        let passed = false;
        const snapshot = () => {
          // The state is the interpreter's own memory, not a copy.
          if (passed) throw new SandboxUsageError("the run has gone on: take the snapshot before onCheckpoint is over");
          return encodeSession(this.sessionOf(state), this.sessionOf(this.before!), true, recording?.save());
        };
        try {
          await onCheckpoint({ fuelUsed, snapshot });
        } finally {
          passed = true;
        }
      },
    });
  }

  /** Sets what a run begins with; if that fails, nothing has changed. @throws SandboxUsageError */
  private async handOver(inputs: Inputs): Promise<void> {
    try {
      await this.python.setGlobals(inputs);
    } catch (error) {
      this.python.rewind(this.before!);
      throw error;
    }
  }

  /**
   * Gives the guest one more function of the host's, as a global of its main program, or another one in the place of
   * what has the name. At any time: after the runs that were asked for before. What is forked from the session has it,
   * and restoring a snapshot asks for it as for those among the options; going back before it takes the global away.
   * @throws SandboxUsageError if the name is no Python identifier, a run is paused, or the session is closed
   */
  async register(name: string, callable: SandboxFunction): Promise<void> {
    if (typeof name !== "string") throw new SandboxUsageError("the name of a function is text");
    if (typeof callable !== "function") throw new SandboxUsageError(`${name} is not a function`);
    return this.queue.enqueue(async () => {
      if (this.paused !== undefined) throw new SandboxUsageError("a run is paused: resume or abandon it first");
      await this.python.registerFunctions({ functions: { [name]: callable } });
      this.options = { ...this.options, functions: { ...this.options.functions, [name]: callable } };
    });
  }

  private limitCalls(): void {
    const { hostCalls } = this.python.environment;
    hostCalls.callLimit = this.callsBefore + (this.options.maxHostCalls ?? DEFAULT_MAX_HOST_CALLS);
  }

  /**
   * Goes on with the paused run exactly where it stopped.
   * @param result what that run has given so far
   * @param more fuel for a run that is out of it; for one that waits for host calls what one or several of them give:
   *   `{ value }`, or `{ error }` (an error, or text), with the call's `id` if there are several
   * @param options `onHostCall` holds from here on; `inputs` and `fuel`, which is added to what the run has left, come
   *   with the answer to a host call
   * @throws SandboxUsageError if this is not what the run waits for, or it has been resumed; it then still waits
   */
  async resume(
    result: SandboxResult,
    more: Amount | SandboxAnswer | readonly SandboxAnswer[],
    options: SandboxRunOptions = {},
  ): Promise<SandboxResult> {
    const settings = runSettings(options);
    if (settings.receipt !== undefined) throw new SandboxUsageError("receipt is for the beginning of a run");
    const given = typeof more === "object" && more !== null ? more : amountOf("moreFuel", more);
    return this.queue.enqueue(async () => {
      if (this.paused === undefined || this.paused !== result)
        throw new SandboxUsageError("this is not the result of a run that is paused now");
      const moreFuel = this.take(result, given, settings);
      this.paused = undefined;
      const fuel = Math.min(moreFuel, this.sessionFuelLeft);
      this.python.environment.hostCalls.runValue.reprLimit = settings.repr ?? 0;
      const observer = this.observerOf(settings, result.fuel.used);
      const resumed = await this.drive(settings, async () => {
        const ended = await this.python.resume(fuel, this.pacing, observer);
        this.recording?.finish(ended);
        return ended;
      });
      return this.withReceipt(resumed);
    });
  }

  /** Takes what a paused run is given; how much of it is fuel. @throws SandboxUsageError */
  private take(
    { calls, error }: SandboxResult,
    given: number | SandboxAnswer | readonly SandboxAnswer[],
    { inputs, fuel, onHostCall }: Resolved<SandboxRunOptions>,
  ): number {
    const { environment } = this.python;
    const { hostCalls } = environment;
    if (calls === undefined) {
      if (typeof given !== "number") throw new SandboxUsageError("the run waits for fuel, not for a host call");
      // It stands anywhere, perhaps in the midst of an operation of the interpreter's.
      if (inputs !== undefined)
        throw new SandboxUsageError("inputs come with the answer to a host call: this run waits for fuel");
      if (fuel !== undefined)
        throw new SandboxUsageError(
          "options.fuel can come with the answer to a host call: this run waits for fuel, which is the second argument",
        );
    } else if (typeof given === "number")
      throw new SandboxUsageError(`${error!.message}: resume it with { value } or { error }`);
    else {
      if (inputs !== undefined) requireInputs(environment, inputs);
      hostCalls.answer(answersOf(calls, given));
      if (inputs !== undefined) hostCalls.giveInputs(inputs);
    }
    if (onHostCall !== undefined) hostCalls.pauseAtCalls(onHostCall === "pause");
    return typeof given === "number" ? given : (fuel ?? 0);
  }

  /**
   * Gives up the paused run; there need not be one.
   * @returns whether its effects are lost, see {@link SandboxResult.rewound}
   */
  async abandon(): Promise<boolean> {
    return this.queue.enqueue(async () => {
      if (this.paused === undefined) return false;
      this.forgetPaused();
      return this.unwind();
    });
  }

  /**
   * Where the paused run stands in the Python program: the calls that are under way, the innermost last. A copy of the
   * session is interrupted for that, and its traceback read: the run itself does not notice, and is charged nothing.
   * MicroPython looks for interrupts where it jumps (loops, conditions) and at ends of functions: the line is the next one
   * that does.
   * @returns undefined if the program catches the interrupt, or the artifact cannot be interrupted
   * @throws SandboxUsageError if no run is paused
   */
  async where(): Promise<readonly PythonFrame[] | undefined> {
    return this.queue.enqueue(async () => {
      if (this.paused === undefined) throw new SandboxUsageError("no run is paused: where() tells where one stands");
      const { module, options } = this;
      const unheard = { ...options, onStdout: undefined, onStderr: undefined };
      const copy = await pythonFrom(module, unheard, this.python.checkpoint());
      await copy.abandon();
      copy.environment.files.dispose();
      return copy.interrupt === null ? undefined : tracebackFrames(copy.interrupt);
    });
  }

  /**
   * A copy of the idle or paused guest's linear memory, as far as it has been touched; zeros follow.
   * @throws SandboxUsageError while a run is under way
   */
  readMemory(): Uint8Array {
    this.queue.requireIdle("memory is read");
    return this.python.touchedMemory();
  }

  /** Fuel that the session's runs may still use. */
  get sessionFuelLeft(): number {
    return Math.max(0, (this.options.sessionFuel ?? Number.MAX_SAFE_INTEGER) - this.python.ledger.fuelUsed);
  }

  /** Runs or goes on, until the end or until something stops it. */
  private async drive(
    options: Resolved<SandboxRunOptions>,
    start: () => Promise<PythonResult>,
  ): Promise<SandboxResult> {
    const watch = new RunWatch(this.loop, this.pacing, this.python, options, options.timeout ?? this.options.timeout);
    this.watch = watch;
    try {
      await turnsOf(this.loop).next();
      watch.stopIfAborted();
      const result = await start();
      // Stopped in its last slice: it is over all the same, unless an interrupted call is why.
      const failed = watch.stopped !== undefined && result.error !== null;
      return await this.conclude(result, failed ? watch.stopped : undefined, watch.elapsedMs);
    } finally {
      this.watch = undefined;
      watch.end();
      // Calls that the guest has made by frames of its own, and never asked for their results.
      if (this.paused === undefined) this.python.environment.hostCalls.drop();
    }
  }

  private async conclude(result: PythonResult, stopped: Stop | undefined, elapsedMs: number): Promise<SandboxResult> {
    const { error } = result;
    const canWait = error?.kind === "fuel" ? this.options.onFuelExhausted === "pause" : error?.kind === "host-call";
    const pauses = canWait && stopped === undefined;
    const status = pauses ? "paused" : statusOf(error, stopped);
    const stopping =
      stopped === undefined ? error : { ...error!, kind: "stopped" as const, message: STOP_MESSAGES[stopped] };
    const report = this.report(result, elapsedMs);
    if (!pauses) {
      const rewound = await this.unwind();
      return { ...report, ...runStatus(status, placed(stopping, this.python.interrupt)), rewound };
    }
    this.paused = { ...report, ...runStatus(status, stopping) };
    return this.paused;
  }

  private report(result: PythonResult, elapsedMs: number): RunReport {
    return runReport(result, this.python.environment.hostCalls, this.callsBefore, elapsedMs);
  }

  /** The run that is paused, if there is one, will not be resumed. */
  private forgetPaused(): void {
    this.paused = undefined;
    this.recording?.observer.release();
    this.recording = undefined;
  }

  /** Makes the interpreter idle and sound again, whatever the run has left; true if its effects are lost. */
  private async unwind(): Promise<boolean> {
    const { earlier } = this;
    this.earlier = undefined;
    if (this.python.isPaused) await turnsOf(this.loop).next();
    if (this.python.failure === undefined && (await this.python.abandon())) {
      if (earlier !== undefined && earlier !== this.before) this.python.giveBack?.(earlier);
      return false;
    }
    this.python.rewind(this.before!);
    // The run has left nothing: going back leads to before the last one that has.
    this.before = earlier ?? this.before;
    return true;
  }

  // ---- states ----

  /**
   * The idle or paused session as bytes, for {@link Sandbox.restore} in any process. Functions
   * of the host's are in it by their names only; capabilities that the guest holds are not.
   * @throws SandboxUsageError while a run is under way, or waits for a host function
   */
  snapshot(): Uint8Array {
    this.queue.requireIdle("a snapshot is taken");
    const before = this.paused === undefined ? null : this.before!;
    const session = this.sessionOf(this.python.checkpoint());
    return encodeSession(session, before && this.sessionOf(before), true, this.recording?.save());
  }

  /**
   * A hash of the idle or paused guest's linear memory, as 64 hexadecimal digits; see `hashMemory` of the
   * runtime for what is hashed. Sessions that were asked for the same have the same.
   * @throws SandboxUsageError while a run is under way
   */
  memoryHash(): string {
    this.queue.requireIdle("memory is hashed");
    return this.python.memoryHash();
  }

  private sessionOf(python: PythonState): Session {
    const { ledger } = this.python;
    return {
      python,
      sessionFuelUsed: ledger.fuelUsed,
      callsBefore: this.callsBefore,
      names: this.python.environment.hostCalls.names(),
    };
  }

  /**
   * A session that goes on where the snapshot was taken. The limits are those of `options`.
   * A run that was paused is in {@link Sandbox.paused}, to be resumed.
   * @param options has functions under all names that the guest knows; further ones are announced to it
   * @throws SnapshotError if the bytes are not a whole, unaltered snapshot of a session, made for this artifact
   */
  static async restore(bytes: Uint8Array, options: SandboxOptions = {}): Promise<Sandbox> {
    const settings = await loadSources(sandboxSettings(options));
    return withFolders(settings, () => Sandbox.restored(bytes, settings));
  }

  private static async restored(bytes: Uint8Array, settings: SandboxSettings): Promise<Sandbox> {
    if (!(bytes instanceof Uint8Array))
      throw new SandboxUsageError("not a snapshot: expected a Uint8Array, as Sandbox.snapshot() gives");
    const { session, before, recording } = decodeSession(bytes, STATE_READERS);
    const schedule = session.python.guest.picture.schedule as FuelScheduleName;
    const { artifact, build, tier, python: which, preload, maxValueBytes } = settings;
    const from = { artifact, build, tier, python: which, preload, maxValueBytes };
    const module = await sandboxModule({ ...from, schedule: settings.schedule ?? schedule });
    const python = await pythonOfSession(module, settings, session, before);
    if (python.isPaused) {
      const { limit, used } = python.pausedResult().fuel;
      const allowed = settings.fuel ?? defaultFuel(module);
      if (limit! - used > allowed)
        throw new SnapshotError(
          "limit",
          `the paused run has ${limit! - used} units of fuel left, ${allowed} are allowed`,
        );
    }
    const sandbox = new Sandbox(module, settings, python);
    python.ledger.set(session.sessionFuelUsed);
    sandbox.callsBefore = session.callsBefore;
    sandbox.before = before?.python;
    if (python.isPaused) {
      sandbox.limitCalls();
      const result = python.pausedResult();
      sandbox.paused = { ...sandbox.report(result, 0), ...runStatus("paused", result.error) };
      await sandbox.goOnRecording(recording);
    }
    return sandbox;
  }

  /** Records the rest of the paused run, if what came before it was recorded. */
  private async goOnRecording(saved: Uint8Array | undefined): Promise<void> {
    if (saved === undefined) return;
    const { SessionRecording } = await import("./session-recording.js");
    this.recording = SessionRecording.goOn(this.module, this.python, saved, this.python.checkpoint());
  }

  /**
   * Puts the session back to the state before its last run, which is over or paused. A run whose
   * result says `rewound` has left nothing, and is not the last one.
   */
  async rewind(): Promise<void> {
    await this.queue.enqueue(async () => {
      if (this.before === undefined) throw new SandboxUsageError("there is no run to go back before");
      this.forgetPaused();
      this.python.rewind(this.before);
    });
  }

  /** An independent copy, with the same options, functions and capabilities. Shares with this one what neither changes. */
  async fork(): Promise<Sandbox> {
    return this.queue.enqueue(async () => {
      const { module, options } = this;
      const python = await pythonFrom(module, options, this.python.checkpoint());
      python.environment.hostCalls.shareCapabilities(this.python.environment.hostCalls);
      setQuota(python, options);
      const copy = new Sandbox(module, options, python);
      python.ledger.set(this.python.ledger.fuelUsed);
      copy.callsBefore = this.callsBefore;
      this.python.settle?.();
      copy.before = this.before;
      copy.paused = this.paused;
      copy.limitCalls();
      await copy.goOnRecording(this.recording?.save());
      return copy;
    });
  }

  // ---- the end ----

  /** Ends the session; a run that is under way ends as aborted, and those that wait are rejected. */
  close(): void {
    const { queue } = this;
    if (queue.isClosed) return;
    queue.isClosed = true;
    this.watch?.stop("closed");
    // What is under way ends first.
    if (this.options.mounts !== undefined) queue.afterwards(() => this.leaveFolders());
  }

  private leaveFolders(): void {
    this.python.environment.files.dispose();
    for (const mount of this.options.mounts ?? []) mount.release();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** One line, in place of the whole interpreter: for Node's `console.log`. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `Sandbox { ${this.queue.isClosed ? "closed" : this.paused !== undefined ? "paused" : this.queue.isBusy ? "running" : "idle"} }`;
  }
}

/** Makes a sandbox; if it cannot be made, the folders that were opened for it are closed. */
async function withFolders<T>({ mounts = [] }: SandboxSettings, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    for (const mount of mounts) mount.release();
    throw error;
  }
}

function defaultFuel(module: Module): number {
  return artifactKind(module) === "cpython" ? DEFAULT_CPYTHON_RUN_FUEL : DEFAULT_RUN_FUEL;
}
