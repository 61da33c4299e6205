// What sandbox.ts needs of an interpreter, whichever artifact it runs, and the shapes that all
// interpreters share. Two implement it: EmscriptenPython, for the Emscripten build, and WasiPython.

import type { FuelMeter, PictureManner } from "../../runtime/index.js";
import type { ArtifactKind } from "../guest/artifact-kind.js";
import type { GuestCheckpoint } from "../guest/engine-port.js";
import { SandboxUsageError } from "../guest/errors.js";
import type { FuelLedger } from "../guest/fuel-ledger.js";
import type { ReprText } from "../host-calls/kept-value.js";
import type { PythonValue } from "../values/python-value.js";
import type { Environment, EnvironmentOptions, EnvironmentState } from "../world/environment.js";
import type { HostCallables, Inputs } from "../world/host-callables.js";
import type { PythonException } from "./python-error.js";

/** An interpreter's state between two slices. Interpreters with the same artifact can take it over. */
export interface PythonState {
  readonly kind: ArtifactKind;
  readonly guest: GuestCheckpoint;
  readonly environment: EnvironmentState;
  /** The run that is paused, null if the interpreter is idle. */
  readonly run: object | null;
}

/** @throws SandboxUsageError if the state is one of another kind of interpreter */
export function requireKind<State extends PythonState>(
  state: PythonState,
  kind: State["kind"],
): asserts state is State {
  if (state.kind !== kind) throw new SandboxUsageError(`the state is one of another artifact's: ${state.kind}`);
}

/** A booted interpreter. Runs share its globals, modules and files. */
export interface PythonInterpreter {
  readonly environment: Environment;

  /**
   * Runs a program in `__main__`.
   * @param code text, or UTF-8
   * @throws SandboxUsageError if the code is not text, or the interpreter is not ready for it
   */
  run(code: string | Uint8Array, options?: RunOptions): Promise<PythonResult>;
  /** Gives a run that ended with error kind "fuel" more fuel, and goes on exactly where it stopped. */
  resume(moreFuel: number, pacing?: Pacing, observer?: RunObserver): Promise<PythonResult>;
  /** What the run that is under way is charged when the guest has used so much fuel since it was instantiated. */
  runFuel(guestFuel: number): number;
  /** A run has stopped and not ended: {@link resume} goes on, {@link abandon} gives it up. */
  readonly isPaused: boolean;
  /** What the paused run has given so far. @throws SandboxUsageError if there is none */
  pausedResult(): PythonResult;
  /** What makes the interpreter unusable; undefined if nothing does. */
  readonly failure: string | undefined;
  /**
   * Gives up a paused run; there need not be one. What that takes is bounded, and not charged.
   * @returns false if the run cannot be unwound: then only {@link rewind} helps
   */
  abandon(): Promise<boolean>;
  /**
   * The interrupt that the run which was given up last has let through: its traceback tells where the run was. Null if
   * the run has caught it, ended otherwise, or could not be unwound.
   */
  readonly interrupt: PythonException | null;

  /**
   * The state of the idle or paused interpreter.
   * @param manner `deferred` if it is likely not to be looked at: some interpreters then make it faster, and keep a copy
   *   of their memory with it until {@link settle} or {@link giveBack}. `passing` if it is looked at before the
   *   interpreter goes on, and not any more afterwards
   * @throws SandboxUsageError if it is neither
   */
  checkpoint(manner?: PictureManner): PythonState;
  /** Makes what was deferred of states; hibernating does, too. */
  settle?(): void;
  /** Takes back a deferred state that nobody is going to look at any more; nothing for any other. */
  giveBack?(state: PythonState): void;
  /**
   * Goes back to a state of an interpreter of the same kind, from whatever has happened since; also
   * from a broken interpreter or in a paused run.
   */
  rewind(state: PythonState): void;
  /** What all runs were charged so far, whatever states the interpreter went back to. */
  readonly ledger: FuelLedger;
  /** Size of linear memory. */
  readonly memoryBytes: number;
  /** Takes as little room as it can until it is used again, which wakes it. Nothing if a run is under way. */
  hibernate(): void;
  /** The engine's hash of linear memory. @throws SandboxUsageError if a run is under way */
  memoryHash(): string;
  /** A copy of linear memory, as far as it has been touched; zeros follow. @throws SandboxUsageError if a run is under way */
  touchedMemory(): Uint8Array;

  // What makes a session of a booted interpreter, or of one that has taken over a state. Not charged.

  /** Starts clock, randomness and stdin as a new interpreter with these options has them. */
  resetWorld(options: EnvironmentOptions): void;
  /** Appends to sys.argv. */
  setArguments(argv: readonly string[]): Promise<void>;
  /** Announces host functions and modules to the guest. @throws SandboxUsageError */
  registerFunctions(callables: HostCallables): Promise<void>;
  /** Sets globals of `__main__`. @throws SandboxUsageError for what is no data, too large, or has no room */
  setGlobals(inputs: Inputs): Promise<void>;
}

/** Cuts a run into slices, between which others have their turn and the run can be stopped. */
export interface Pacing {
  /** Fuel of the next slice. */
  sliceFuel(): number;
  /** After a slice that used up its fuel. @param fuelUsed by the run so far */
  turn(fuelUsed: number): Promise<void>;
  /** Why the run is to stop, once it is. */
  readonly stopped: string | undefined;
}

/** Sees a run's states on its way: for receipts. Each state passes: it is not to be looked at when the run goes on. */
export interface RunObserver {
  /** Fuel at which it wants to see the state next: the run has then been granted so much, and no more. */
  readonly nextFuel: number;
  /** The state before the program. */
  begins(state: PythonState): void;
  /** The state at {@link nextFuel}. */
  reached(state: PythonState): void | Promise<void>;
  /** The state behind it: idle, or paused; null if the interpreter is broken. */
  ended(state: PythonState | null): void;
}

/** Counts what a metered engine is charged, while it is on. */
export type RunMeter = Pick<FuelMeter, "isOn">;

export interface RunOptions {
  readonly observer?: RunObserver | undefined;
  /** The engine's, which counts while the run is charged, and not before or behind it. */
  readonly meter?: RunMeter | null | undefined;
  /** Fuel for this run; default: no limit. */
  readonly fuel?: number | undefined;
  /** Whether to take the value of the program's last expression; default true. */
  readonly value?: boolean | undefined;
  /** Whether calls of host functions pause the run until they are answered; default false. */
  readonly pausesAtCalls?: boolean | undefined;
  readonly pacing?: Pacing | undefined;
  /** Most characters of the value's repr, which the guest makes; default 0: none is wanted. */
  readonly repr?: number | undefined;
}

/** Why a run did not end normally. */
export interface PythonError {
  /**
   * exception: not caught; exit: SystemExit with a status other than 0; fuel, memory-limit,
   * output-limit, stack: a limit stopped the run; stopped: its pacing did; host-call: the run waits for the embedder's
   * answer to a call; trap, host: the interpreter is broken.
   */
  readonly kind:
    | "exception"
    | "exit"
    | "fuel"
    | "host-call"
    | "memory-limit"
    | "output-limit"
    | "stack"
    | "stopped"
    | "trap"
    | "host";
  /** Class of the Python exception, null if there is none. */
  readonly type: string | null;
  readonly message: string;
  /** As MicroPython prints it; of a run that was given up: where it was; empty if that is not known. */
  readonly traceback: string;
  /** Of a run that has no fuel left: whether the program had begun, or its source was still being compiled; absent if that is not known. */
  readonly begun?: boolean;
  /** What MicroPython lacks that the program may have counted on, and what to write instead; absent where nothing is known. */
  readonly hint?: string;
}

/** `ok`: the program ran to its end, or left with exit status 0; otherwise there is an error. */
export type PythonResult = PythonReport &
  ({ readonly ok: true; readonly error: null } | { readonly ok: false; readonly error: PythonError });

/** What is known of every run, however it ended. */
export interface PythonReport {
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutTruncated: boolean;
  readonly stderrTruncated: boolean;
  /** Value of the last expression; undefined if the program does not end in one. */
  readonly value: PythonValue | undefined;
  /** How Python prints that; undefined if it was not asked for, or there is none. */
  readonly repr?: ReprText | undefined;
  /** Status given with SystemExit, null if the program did not raise it. */
  readonly exitStatus: number | null;
  /** `limit` is null where there is none; `used` is this run's. */
  readonly fuel: { readonly schedule: string; readonly limit: number | null; readonly used: number };
  readonly memory: { readonly bytes: number; readonly peakBytes: number; readonly limitBytes: number };
  readonly tier: string;
}
