// What sessions of all guests have in common that read their programs from a channel (channel.ts): one call never
// returns, and between runs it waits in a call to read the next program. Nothing waits on the host: that call is made
// anew when there is a program. WasiPython is one for MicroPython, CPython another.

import { encodeUtf8 } from "../../decoder/index.js";
import type { PictureManner, SnapshotBase } from "../../runtime/index.js";
import { SandboxUsageError } from "../guest/errors.js";
import {
  type PythonError,
  type PythonInterpreter,
  type PythonResult,
  type PythonState,
  requireKind,
} from "../interpreter/interpreter.js";
import type { PythonException } from "../interpreter/python-error.js";
import { type RunEnded, RunLoop, type SliceEnd } from "../interpreter/run-loop.js";
import { errorOf, resultOf } from "../interpreter/run-result.js";
import type { Environment, EnvironmentOptions } from "../world/environment.js";
import {
  type HostCallables,
  handOver,
  type Inputs,
  moduleSources,
  registerCallables,
} from "../world/host-callables.js";
import type { Channel } from "./channel.js";
import type { WasiGuest } from "./guest.js";
import { describeEnd, failureOf } from "./result.js";
import { type ChannelPythonState, type ChannelRun, checkWasiState } from "./state.js";

/** Where modules of the host's are. */
export const LIBRARY_PATH = "/lib";

export abstract class ChannelPython extends RunLoop<ChannelRun> implements PythonInterpreter {
  protected guest!: WasiGuest;
  protected channel!: Channel;
  protected heapBytes = 0;
  protected abstract readonly kind: ChannelPythonState["kind"];

  /** Bound on what is not charged to a run. */
  protected abstract get internalFuel(): number;
  /** How the program ended, by what the guest's loop has reported. */
  protected abstract ended(report: Uint8Array): RunEnded;
  /** What the guest has reported, if it is no success. */
  protected abstract exception(): PythonException;
  /** What the report of a program says that was not to fail. */
  protected abstract reportText(): string;
  /** Sets sys.argv. */
  abstract setArguments(argv: readonly string[]): Promise<void>;
  /** Makes functions of the host's globals of `__main__`: one at the least. */
  protected abstract bind(names: readonly string[]): Promise<void>;

  get environment(): Environment {
    return this.guest.environment;
  }

  // ---- programs that are not charged ----

  resetWorld(options: EnvironmentOptions): void {
    this.requireIdle();
    this.environment.restart(options);
    this.guest.resetWorld();
  }

  async registerFunctions(callables: HostCallables): Promise<void> {
    registerCallables(this.environment, callables);
    const { files } = this.environment;
    for (const [name, source] of moduleSources(callables)) writeFile(files, `${LIBRARY_PATH}/${name}.py`, source);
    const names = Object.keys(callables.functions ?? {});
    if (names.length > 0) await this.bind(names);
  }

  protected takeInputs(inputs: Inputs): Promise<void> {
    return this.exclusively(() => handOver(this.environment, inputs, (source) => this.perform(source)));
  }

  /** @throws SandboxUsageError if it raises an exception, or breaks the interpreter */
  protected async perform(source: string | Uint8Array, flags = 0): Promise<void> {
    this.channel.send(typeof source === "string" ? encodeUtf8(source) : source, flags);
    const outcome = await this.guest.run(this.internalFuel);
    const { idle, report } = this.channel;
    if (!idle || report === null) {
      this.broken = describeEnd(outcome);
      throw new SandboxUsageError(`the interpreter is broken: ${this.broken}`);
    }
    if (report[0] !== 0) throw new SandboxUsageError(this.reportText());
  }

  // ---- states ----

  protected stateNow(manner?: PictureManner): Omit<ChannelPythonState, "kind"> {
    this.requireIdle();
    return {
      ...this.guest.checkpoint(manner),
      channel: this.channel.saveState(),
      run: this.pending === undefined ? null : { ...this.pending },
      heapBytes: this.heapBytes,
    };
  }

  abstract override checkpoint(manner?: PictureManner): PythonState;

  rewind(state: PythonState): void {
    requireKind<ChannelPythonState>(state, this.kind);
    this.requireStill();
    checkWasiState(state);
    this.ledger.follow(null);
    this.guest.rewind(state);
    this.channel.restoreState(state.channel);
    this.take(state.run === null ? undefined : { ...state.run });
    this.heapBytes = state.heapBytes;
    this.broken = undefined;
  }

  get memoryBytes(): number {
    return this.guest.memoryBytes;
  }

  hibernate(): void {
    if (!this.running && this.broken === undefined) this.guest.hibernate();
  }

  memoryHash(): string {
    this.requireIdle();
    return this.guest.memoryHash();
  }

  touchedMemory(): Uint8Array {
    this.requireIdle();
    return this.guest.touchedMemory();
  }

  /** What other interpreters can share with this one as it is now. */
  shareableBase(): SnapshotBase {
    return this.guest.shareableBase();
  }

  // ---- runs ----

  protected hasBegun(): undefined {
    return undefined;
  }

  protected raised(): PythonException | null {
    const { report } = this.channel;
    return report === null || report[0] === 0 ? null : this.exception();
  }

  protected unprepared(error: unknown): never {
    throw error;
  }

  protected async slice(run: ChannelRun, _more: number, exact: boolean): Promise<SliceEnd> {
    // The guest has what runs before were granted and did not use.
    const fuel = run.fuelGranted - this.guestFuel(run);
    const outcome = await (run.program === null
      ? this.charged(() => this.guest.run(fuel, { exact }))
      : this.guest.run(fuel, { exact }));
    if (outcome.status === "paused" && !this.channel.idle) return "out-of-fuel";
    if (outcome.status === "paused" && run.program !== null) {
      this.beginProgram(run, run.program);
      return "more";
    }
    if (outcome.status === "paused") return this.finished();
    this.broken = describeEnd(outcome);
    return { error: failureOf(outcome), exception: null };
  }

  /** The guest is ready: now for the program. */
  private beginProgram(run: ChannelRun, program: Uint8Array): void {
    run.fuelGranted = this.guestFuel(run);
    run.free = Math.min(run.free, run.fuelGranted);
    run.program = null;
    this.channel.send(program, run.flags);
  }

  private finished(): RunEnded {
    const { report } = this.channel;
    if (report !== null) return this.ended(report);
    this.broken = "the program reads from the host's descriptor";
    return { error: errorOf("trap", this.broken), exception: null };
  }

  private guestFuel(run: ChannelRun): number {
    return this.guest.fuelUsed - run.fuelBefore;
  }

  protected freeFuel({ free }: ChannelRun): number {
    return free;
  }

  protected fuelUsed(run: ChannelRun): number {
    return this.chargedAt(run, this.guest.fuelUsed);
  }

  protected chargedAt({ fuelBefore, free }: ChannelRun, guestFuel: number): number {
    return Math.max(0, guestFuel - fuelBefore - free);
  }

  protected result(run: ChannelRun, error: PythonError | null, exception: PythonException | null): PythonResult {
    const { schedule, memoryBytes, memoryLimitBytes, tier } = this.guest;
    const { fuelLimit } = run;
    const fuelUsed = this.fuelUsed(run);
    const end = { error, exception, schedule, fuelLimit, fuelUsed, memoryBytes, memoryLimitBytes, tier };
    return resultOf(this.environment, end);
  }
}

/** Writes a file, and makes the directories that it is in. */
export function writeFile(files: Environment["files"], path: string, content: Uint8Array | string): void {
  files.mkdirs(path.slice(0, path.lastIndexOf("/")));
  files.writeFile(path, typeof content === "string" ? encodeUtf8(content) : content);
}
