// A session on a WASI build of MicroPython: runs share one interpreter, whose _start never
// returns. Between runs the guest waits in a call to read the next program (wasi/loop.py.ts).
// Nothing waits on the host: the call is made anew when there is a program.

import { decodeUtf8Lossy, encodeUtf8 } from "../../decoder/index.js";
import type { Module, PictureManner } from "../../runtime/index.js";
import { DEFAULT_MEMORY_LIMIT_BYTES } from "../guest/engine.js";
import { BootLimitError, SandboxUsageError } from "../guest/errors.js";
import { OncePerModule } from "../guest/once-per-module.js";
import { GUEST_LIBRARY_NAME, guestLibrarySource } from "../host-calls/guest-library.py.js";
import type { PythonState } from "../interpreter/interpreter.js";
import { type PythonException, parseException } from "../interpreter/python-error.js";
import { sourceBytes, VALUE_NAME } from "../interpreter/python-source.js";
import type { Beginning, RunEnded } from "../interpreter/run-loop.js";
import { errorOfException } from "../interpreter/run-result.js";
import { Environment, WORKING_DIRECTORY } from "../world/environment.js";
import { bindingSource, type HostCallables, registerCallables } from "../world/host-callables.js";
import { Channel } from "./channel.js";
import { ChannelPython, LIBRARY_PATH, writeFile } from "./channel-python.js";
import { EXTRAS_SOURCE } from "./extras.py.js";
import { compileWasi, WasiGuest, type WasiGuestOptions } from "./guest.js";
import { clearInterrupt, type InterruptPlaces, interruptCandidates, raiseInterrupt } from "./interrupts.js";
import { FLAG, loopSource } from "./loop.py.js";
import { describeEnd, withoutLoopFrame } from "./result.js";
import { type ChannelPythonState, type ChannelRun, internalFuel } from "./state.js";

export interface WasiPythonOptions
  extends Omit<WasiGuestOptions, "args" | "environ" | "environment" | "mounts" | "streams" | "waits">,
    HostCallables {
  /** Size of Python's heap in bytes, which never grows; default 8 MiB, less if the memory limit is near that. */
  readonly heapBytes?: number | undefined;
  /**
   * When garbage is collected. The collector of the PyPI package's build frees what running
   * functions still use (wasi/loop.py.ts), so by default it runs between programs only.
   */
  readonly collect?: "between runs" | "during runs" | undefined;
  /** sys.argv; default: one empty string. */
  readonly argv?: readonly string[] | undefined;
  /** Read-only files below /input, by their paths there. */
  readonly input?: Readonly<Record<string, Uint8Array | string>> | undefined;
}

const INPUT_PATH = "/input";
/** Descriptors 0 to 2 are the standard streams, 3 is the directory `/`. */
const CHANNEL = 4;
const DEFAULT_HEAP_BYTES = 8 * 1024 * 1024;
/** What MicroPython needs beside its heap. */
const MEMORY_BESIDE_HEAP = 256 * 1024;
/** Room for the loop, and for what it imports to take values. */
const MIN_HEAP_BYTES = 64 * 1024;
const MAX_HEAP_BYTES = 1024 * 1024 * 1024;
/** Room kept back for a program that tidies up after a MemoryError. */
const MAX_RESERVE_BYTES = 16 * 1024;
const NOTHING = new Uint8Array(0);
/** Fuel for a program that is being given up, after each interrupt, and how many it gets. */
const UNWIND_FUEL = 400_000;
const UNWIND_ROUNDS = 4;
/** Fuel of a program that only looks for something. */
const PROBE_FUEL = 2_000_000;

/** An idle or paused interpreter, as data. */
export interface WasiPythonState extends ChannelPythonState {
  readonly kind: "wasi";
}

/** A booted interpreter of a WASI build. */
export class WasiPython extends ChannelPython {
  protected readonly kind = "wasi";

  private constructor(
    private readonly module: Module,
    private readonly options: WasiPythonOptions,
  ) {
    super();
  }

  /**
   * Starts Python.
   * @throws SandboxUsageError if the artifact is no WASI command or does not behave like
   *   MicroPython's; BootLimitError if a limit is too low to start; LinkError
   */
  static async boot(artifact: Uint8Array | Module, options: WasiPythonOptions = {}): Promise<WasiPython> {
    const python = new WasiPython(compileWasi(artifact, options.schedule), options);
    const environment = new Environment(options);
    python.prepareFiles(environment);
    await python.start(environment);
    return python;
  }

  /**
   * An interpreter that takes over a state of another one, of the same artifact. Functions of the
   * same names as that one's have to be given, and are not announced to the guest again.
   * @param check may refuse the state, by throwing
   * @throws SnapshotError if the state is not one of this artifact, or does not fit the limits
   */
  static restore(
    module: Module,
    options: WasiPythonOptions,
    state: PythonState,
    check: (environment: Environment) => void = () => {},
  ): WasiPython {
    const python = new WasiPython(compileWasi(module, options.schedule), options);
    const environment = new Environment(options);
    registerCallables(environment, options);
    check(environment);
    python.makeGuest(environment, []);
    python.rewind(state);
    return python;
  }

  // ---- boot ----

  private prepareFiles({ files, hostCalls }: Environment): void {
    const { input = {} } = this.options;
    // Where this build has its random numbers from.
    for (const name of ["random", "urandom"]) files.addDevice(`/dev/${name}`, "random");
    const library = guestLibrarySource(hostCalls.maxBytes, VALUE_NAME);
    writeFile(files, `${LIBRARY_PATH}/${GUEST_LIBRARY_NAME}.py`, library);
    for (const [path, content] of Object.entries(input)) {
      if (!isPlainPath(path)) throw new SandboxUsageError(`not a path below ${INPUT_PATH}: ${path}`);
      writeFile(files, `${INPUT_PATH}/${path}`, content);
    }
    if (Object.keys(input).length > 0) files.setReadOnly(INPUT_PATH, true);
  }

  private async start(environment: Environment): Promise<void> {
    const { argv = [""] } = this.options;
    this.heapBytes = heapBytesOf(this.options);
    registerCallables(environment, this.options);
    const loop = loopSource({
      channel: CHANNEL,
      workingDirectory: WORKING_DIRECTORY,
      libraryPath: LIBRARY_PATH,
      libraryName: GUEST_LIBRARY_NAME,
      reserveBytes: Math.min(MAX_RESERVE_BYTES, Math.floor(this.heapBytes / 32)),
      collects: this.options.collect === "during runs",
    });
    this.makeGuest(environment, ["micropython", "-X", `heapsize=${Math.ceil(this.heapBytes)}`, "-c", loop]);
    await this.untilLoopWaits();
    try {
      // The loop keeps the library that takes values: what programs do to imports does not matter then.
      await this.perform(`import sys\nsys.argv[:] = []\ndel sys\n${EXTRAS_SOURCE}`, FLAG.value);
      await this.setArguments(argv);
      await this.registerFunctions(this.options);
    } catch (error) {
      throw this.bootError((error as Error).message);
    }
  }

  private makeGuest(environment: Environment, args: readonly string[]): void {
    const channel = new Channel();
    this.channel = channel;
    this.guest = new WasiGuest(this.module, {
      ...this.options,
      environment,
      args,
      mounts: [{ name: "/", readOnly: false }],
      streams: [channel],
      waits: () => channel.idle || environment.hostCalls.isPaused,
    });
  }

  /** Runs until the loop waits for its first program. */
  private async untilLoopWaits(): Promise<void> {
    const outcome = await this.guest.run(this.internalFuel);
    if (this.channel.idle) return;
    if (outcome.status === "failed") {
      const { kind, message } = outcome.failure;
      if (kind === "stack" || kind === "memory-limit")
        throw new BootLimitError(kind, `MicroPython cannot start: ${message}`);
    }
    throw this.bootError(describeEnd(outcome));
  }

  private bootError(reason: string): BootLimitError | SandboxUsageError {
    const { stdout, stderr } = this.guest.environment;
    const message = ["MicroPython cannot start", reason, stderr.text() + stdout.text()].filter((text) => text !== "");
    const error = message.join(": ");
    return /MemoryError/.test(error) ? new BootLimitError("memory-limit", error) : new SandboxUsageError(error);
  }

  protected get internalFuel(): number {
    return internalFuel(this.heapBytes);
  }

  async setArguments(argv: readonly string[]): Promise<void> {
    const source = `import sys\nsys.argv.extend([${argv.map(pythonText).join(",")}])\ndel sys\n`;
    if (argv.length > 0) await this.exclusively(() => this.perform(source));
  }

  protected bind(names: readonly string[]): Promise<void> {
    return this.exclusively(() => this.perform(bindingSource(names)));
  }

  // ---- runs ----

  protected begin({ text, capturing, fuelLimit }: Beginning): ChannelRun {
    // What earlier runs have left is freed first: during a run nothing is collected.
    this.channel.send(NOTHING, FLAG.collect);
    return {
      fuelBefore: this.guest.fuelUsed,
      free: this.internalFuel,
      fuelLimit,
      fuelGranted: 0,
      program: sourceBytes(capturing ?? text),
      flags: capturing === undefined ? 0 : FLAG.value,
    };
  }

  protected async unwind(): Promise<boolean> {
    const { channel, module } = this;
    const found = await places.get(module, "", async () => (await WasiPython.boot(module)).findInterrupts());
    if (found === undefined) return false;
    for (let round = 0; round < UNWIND_ROUNDS && !channel.idle; round++) {
      // A run that has reported its end must not be interrupted any more: that would be the loop.
      if (channel.report === null) raiseInterrupt(this.guest.view(), found);
      const outcome = await this.guest.run(UNWIND_FUEL);
      if (outcome.status !== "paused") return false;
    }
    if (!channel.idle) return false;
    clearInterrupt(this.guest.view(), found);
    return true;
  }

  /**
   * Looks for what {@link abandon} needs, by interrupting programs; undefined if none can be. The
   * interpreter is afterwards as it was before. The answer is the same for all with this artifact.
   */
  async findInterrupts(): Promise<InterruptPlaces | undefined> {
    const before = this.checkpoint();
    try {
      const { value } = await this.run("[id(globals()), id(KeyboardInterrupt)]", { fuel: PROBE_FUEL });
      await this.run("while True: pass", { fuel: PROBE_FUEL });
      const paused = this.checkpoint();
      const [globals, type] = value as unknown as [number, number];
      for (const places of interruptCandidates(this.guest.view(), globals, type)) {
        raiseInterrupt(this.guest.view(), places);
        const { error } = await this.resume(PROBE_FUEL);
        this.rewind(paused);
        if (error?.type === "KeyboardInterrupt") return places;
      }
      return undefined;
    } catch (error) {
      // What does not run such a program cannot be interrupted.
      if (!(error instanceof SandboxUsageError)) throw error;
      return undefined;
    } finally {
      this.rewind(before);
    }
  }

  // ---- states ----

  checkpoint(manner?: PictureManner): WasiPythonState {
    return { kind: "wasi", ...this.stateNow(manner) };
  }

  /**
   * Starts the interpreter anew, whatever has become of the last run: its files stay, and
   * everything else is lost.
   */
  async restart(): Promise<void> {
    this.requireStill();
    const before = this.environment.files.saveState();
    const environment = new Environment(this.options);
    environment.files.restoreState(before);
    environment.files.closeOthers([0, 1, 2]);
    this.take(undefined);
    this.broken = undefined;
    await this.start(environment);
  }

  protected ended(report: Uint8Array): RunEnded {
    if (report[0] === 0) return { error: null, exception: null };
    const exception = this.exception();
    // The heap has a fixed size: a program that is out of memory has come to a limit.
    return { error: errorOfException(exception, true), exception };
  }

  /** What the guest has reported, if it is no success. */
  protected exception(): PythonException {
    return parseException(withoutLoopFrame(this.reportText()));
  }

  protected reportText(): string {
    return decodeUtf8Lossy(this.channel.report ?? new Uint8Array(0));
  }
}

function isPlainPath(path: string): boolean {
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

/** What interrupting needs: looked for when it is first needed, in an interpreter of its own. */
const places = new OncePerModule<InterruptPlaces | undefined>();

/** The heap that the options ask for. @throws SandboxUsageError; BootLimitError if there is no room for it */
export function heapBytesOf(options: Pick<WasiPythonOptions, "heapBytes" | "memoryLimitBytes">): number {
  const { memoryLimitBytes = DEFAULT_MEMORY_LIMIT_BYTES } = options;
  const room = memoryLimitBytes - MEMORY_BESIDE_HEAP;
  const { heapBytes = Math.max(MIN_HEAP_BYTES, Math.min(DEFAULT_HEAP_BYTES, room)) } = options;
  if (!(heapBytes >= MIN_HEAP_BYTES && heapBytes <= MAX_HEAP_BYTES))
    throw new SandboxUsageError(`heapBytes is a number from ${MIN_HEAP_BYTES} to ${MAX_HEAP_BYTES}`);
  if (heapBytes <= room) return heapBytes;
  const needed = heapBytes + MEMORY_BESIDE_HEAP;
  throw new BootLimitError(
    "memory-limit",
    `a memory limit of ${memoryLimitBytes} bytes is too low: EmscriptenPython needs ${needed} bytes, with a heap of ${heapBytes}`,
  );
}

/** A string literal. */
function pythonText(text: string): string {
  const bytes = [...encodeUtf8(text)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`);
  return `b"${bytes.join("")}".decode()`;
}
