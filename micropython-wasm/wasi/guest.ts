// One run of a WASI build of MicroPython: an instance, its world, and the execution of _start.

import {
  captureStore,
  Engine,
  type EscapementError,
  Execution,
  FuelPause,
  type FuelScheduleName,
  hashMemory,
  hibernateStore,
  type Instance,
  Linker,
  type Memory,
  Module,
  type PictureManner,
  type RunResult,
  restoreStore,
  SnapshotBase,
  type SnapshotSubject,
  Store,
} from "../../runtime/index.js";
import { type Preopen, ProcExit, type Stream, Wasi, type WasiClock, type WasiState } from "../../runtime/wasi/index.js";
import { artifactKind } from "../guest/artifact-kind.js";
import {
  DEFAULT_MEMORY_LIMIT_BYTES,
  describeFailure,
  type EngineLimits,
  EngineMemory,
  instantiate,
  UNLIMITED_FUEL,
} from "../guest/engine.js";
import { engineOptions } from "../guest/engine-options.js";
import type { GuestCheckpoint, GuestFailure } from "../guest/engine-port.js";
import { SandboxUsageError } from "../guest/errors.js";
import type { HostCallable } from "../host-calls/host-calls.js";
import { Environment, type EnvironmentOptions, type EnvironmentState } from "../world/environment.js";
import { JsonHostCalls } from "./json-host-calls.js";

/** A directory of the in-memory file system, as the guest sees it. */
export interface WasiMount {
  /** The guest's name for it, as in `/input`. */
  readonly name: string;
  /** Its path in the file system; default: the same. */
  readonly path?: string | undefined;
  /** Default: true. */
  readonly readOnly?: boolean | undefined;
}

export interface WasiGuestOptions extends EnvironmentOptions, EngineLimits {
  /** Prices of instructions; ignored if the artifact comes as a Module. */
  readonly schedule?: FuelScheduleName | undefined;
  /** The program's name and its arguments, as in `micropython -c CODE`. */
  readonly args?: readonly string[] | undefined;
  /** Environment variables; default none. */
  readonly environ?: Readonly<Record<string, string>> | undefined;
  /** Directories of other file systems, before those of `mounts`. */
  readonly preopens?: readonly Preopen[] | undefined;
  /** What the guest sees of its files; default nothing. */
  readonly mounts?: readonly WasiMount[] | undefined;
  /** The world's files and output, prepared by the embedder, in place of one made of these options. */
  readonly environment?: Environment | undefined;
  /** Functions for `host.call`. */
  readonly hostFunctions?: Readonly<Record<string, HostCallable>> | undefined;
  /** A clock in place of the virtual one; the run is then no longer repeatable. */
  readonly clock?: WasiClock | undefined;
  /** Further descriptors, behind those of the mounts. */
  readonly streams?: readonly Stream[] | undefined;
  /** What is called, in place of `_start` without arguments. May call the instance, to get ready. */
  readonly entry?: ((instance: Instance, store: Store) => Execution) | undefined;
  /** Defines what the guest imports beside preview 1; default: what MicroPython's builds do. */
  readonly define?: ((linker: Linker) => void) | undefined;
  /** Whether a stream makes the guest wait by FuelPause, so that more fuel is of no use. */
  readonly waits?: (() => boolean) | undefined;
  /** The memory of a booted interpreter, to share with it what does not change. */
  readonly base?: SnapshotBase | null | undefined;
}

/** A guest that waits, as data. */
export interface WasiGuestState {
  readonly guest: GuestCheckpoint;
  readonly wasi: WasiState;
  readonly environment: EnvironmentState;
}

export type WasiOutcome =
  /** `_start` returned, with status 0, or the guest called proc_exit. */
  | { readonly status: "exited"; readonly code: number }
  /** Out of fuel, or a stream has thrown FuelPause; `run` goes on. */
  | { readonly status: "paused" }
  | { readonly status: "failed"; readonly failure: GuestFailure };

/** Granted at once; an execution can be granted 2^53 in all. */
const SLICE = 2 ** 30;

/** Schedules that price what host calls do; those of other engines know instructions only. */
const CHARGING: ReadonlySet<string> = new Set(["escapement-1", "escapement-2"]);

/**
 * The artifact, compiled.
 * @throws SandboxUsageError if it is no WASI command; MalformedError, InvalidError
 */
export function compileWasi(artifact: Uint8Array | Module, schedule?: FuelScheduleName): Module {
  const engine = () => new Engine(engineOptions(schedule));
  const module = artifact instanceof Module ? artifact : engine().compile(artifact);
  const kind = artifactKind(module);
  if (kind !== "wasi" && kind !== "cpython") throw new SandboxUsageError("the artifact is not a WASI command");
  return module;
}

export class WasiGuest {
  readonly environment: Environment;
  readonly wasi: Wasi;
  readonly hostCalls: JsonHostCalls;
  readonly schedule: string;
  /** The fastest that its engine has. */
  readonly tier: string;
  readonly memoryLimitBytes: number;
  private readonly subject: SnapshotSubject;
  private execution: Execution;
  private readonly memory: Memory;
  private readonly waits: () => boolean;
  private readonly base: SnapshotBase | null;
  /** As the options have it. */
  private readonly freshWasi: WasiState;

  /**
   * Makes the instance; nothing runs before {@link run}.
   * @throws SandboxUsageError if the artifact is no WASI command or CPython; LinkError if it imports what
   *   there is not; BootLimitError if the memory limit is too low
   */
  constructor(artifact: Uint8Array | Module, options: WasiGuestOptions = {}) {
    const module = compileWasi(artifact, options.schedule);
    const { engine } = module;
    this.schedule = engine.schedule.name;
    this.tier = engine.tiers.at(-1)!;
    this.memoryLimitBytes = options.memoryLimitBytes ?? DEFAULT_MEMORY_LIMIT_BYTES;
    this.waits = options.waits ?? (() => false);
    this.environment = options.environment ?? new Environment(options);
    const { memory: files } = this.environment.files;
    this.wasi = new Wasi({
      args: options.args,
      environ: options.environ,
      ...this.standardStreams(),
      files,
      preopens: [
        ...(options.preopens ?? []),
        ...(options.mounts ?? []).map(({ name, path = name, readOnly = true }) => ({
          name,
          directory: files.openDirectory(path),
          readOnly,
        })),
      ],
      streams: options.streams,
      clock: options.clock,
      clockStart: options.clockStart,
      seed: options.seed,
      charges: CHARGING.has(this.schedule),
    });
    this.base = options.base ?? null;
    this.freshWasi = this.wasi.saveState();
    this.hostCalls = new JsonHostCalls(options.hostFunctions, options.maxValueBytes);
    const store = new Store(engine, { limits: { ...options.limits, memoryBytes: this.memoryLimitBytes } });
    const linker = new Linker(engine);
    this.wasi.define(linker);
    if (options.define === undefined) this.hostCalls.define(linker);
    else options.define(linker);
    // With a base, a state is going to be taken over.
    const instance = instantiate(linker, store, module, this.base === null);
    this.subject = { store, instances: [instance] };
    this.memory = instance.getMemory("memory");
    const entry = options.entry ?? (() => new Execution(store).start(instance.getFunc("_start")));
    // With a base nothing runs before a state is there.
    this.execution = this.base === null ? entry(instance, store) : new Execution(store);
    this.environment.files.context = {
      memory: new EngineMemory(this.memory),
      fuelUsed: () => this.execution.fuelUsed,
      chargeFuel: (amount) => {
        if (!this.execution.tryPay(amount)) throw new FuelPause(amount);
      },
    };
  }

  private standardStreams(): { stdin: Stream; stdout: Stream; stderr: Stream } {
    const { environment } = this;
    return {
      stdin: {
        ready: (bytes) => environment.files.ready(0, bytes ?? 1),
        read: (target) => environment.files.read(0, target),
      },
      stdout: environment.stdout,
      stderr: environment.stderr,
    };
  }

  /** Size of linear memory. */
  get memoryBytes(): number {
    return this.memory.byteLength;
  }

  /** Linear memory; goes stale when it grows. */
  view(): DataView {
    return this.memory.view();
  }

  /** A copy of linear memory, as far as it has been touched. */
  touchedMemory(): Uint8Array {
    return this.memory.touched().slice();
  }

  memoryHash(): string {
    return hashMemory(this.memory);
  }

  /** Starts clock and randomness as the options have them. */
  resetWorld(): void {
    const { random, time } = this.freshWasi;
    this.wasi.random.restore(random);
    this.wasi.time.restore(time);
  }

  /** What other instances can share with this one as it is now. */
  shareableBase(): SnapshotBase {
    return SnapshotBase.of(this.subject);
  }

  /** Fuel used since the start, exactly. */
  get fuelUsed(): number {
    return this.execution.fuelUsed;
  }

  /**
   * Runs until the guest is over, waits, or has used `fuel` units, whatever earlier runs were
   * given; waits for promises of host functions.
   * @param slice granted at once
   * @param exact whether it stops at the very instruction (Execution.run)
   */
  async run(fuel: number, { slice = SLICE, exact = true } = {}): Promise<WasiOutcome> {
    const end = this.fuelUsed + Math.min(fuel, UNLIMITED_FUEL);
    for (;;) {
      const before = this.fuelUsed;
      const grant = Math.min(end - before, slice);
      let result = this.execution.run(grant, exact);
      while (result.status === "paused" && result.reason === "host") {
        await this.execution.settled();
        result = this.execution.run(0, exact);
      }
      if (result.status !== "paused") return describe(result);
      // What is left of one run's budget is not the next one's.
      this.execution.withdrawFuel();
      if (this.waits() || grant === end - before) return describe(result);
      // What a slice does not pay for is paid for at once.
      if (slice === SLICE || this.fuelUsed === before) slice = this.fuelUsed === before ? UNLIMITED_FUEL : SLICE;
    }
  }

  /**
   * The state of a guest that has paused.
   * @throws SnapshotError if it is running, over, or waiting for a promise
   */
  checkpoint(manner?: PictureManner): WasiGuestState {
    return {
      guest: {
        picture: captureStore(this.subject, { execution: this.execution, base: this.base, manner }),
        fuelUsed: this.fuelUsed,
      },
      wasi: this.wasi.saveState(),
      environment: this.environment.saveState(),
    };
  }

  /** Takes as little room as it can until it is used again; the guest has paused. */
  hibernate(): void {
    // Nobody but the guest and its host calls has arrays of the memory, and they only while it runs.
    hibernateStore(this.subject, { base: this.base, lends: true });
  }

  /** Goes back to a state of this guest or one of the same artifact, whatever has become of it since. */
  rewind({ guest: { picture }, wasi, environment }: WasiGuestState): void {
    this.environment.hostCalls.drop();
    this.execution = restoreStore(picture, this.subject)!;
    this.wasi.restoreState(wasi);
    this.environment.restoreState(environment);
  }
}

function describe(result: RunResult): WasiOutcome {
  if (result.status === "done") return { status: "exited", code: 0 };
  if (result.status === "paused") return { status: "paused" };
  if (result.status === "threw") {
    const failure: GuestFailure = { kind: "trap", message: "uncaught exception", cause: result.exception };
    return { status: "failed", failure };
  }
  const error: EscapementError = result.error;
  if (error instanceof ProcExit) return { status: "exited", code: error.code };
  return { status: "failed", failure: describeFailure(error) };
}
