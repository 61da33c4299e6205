// A session on a WASI build of MicroPython: runs share one interpreter, whose _start never
// returns. Between runs the guest waits in a call to read the next program (wasi-loop.py.ts).
// Nothing waits on the host: the call is made anew when there is a program.

import { FuelPause, type Module } from "../runtime/index.js";
import type { Stream } from "../runtime/wasi/index.js";
import { DEFAULT_MEMORY_LIMIT_BYTES } from "./engine-guest.js";
import { Environment, WORKING_DIRECTORY } from "./environment.js";
import { BootLimitError, OutputLimitExceeded, SandboxUsageError } from "./errors.js";
import { GUEST_LIBRARY_NAME, guestLibrarySource } from "./guest-library.py.js";
import { DEFAULT_MAX_VALUE_BYTES, type HostCallable } from "./host-calls.js";
import type { PythonError, PythonResult, RunOptions } from "./interpreter.js";
import { exitStatus, type PythonException, parseException } from "./python-error.js";
import { sourceBytes, sourceText, VALUE_NAME, withCapturedValue } from "./python-source.js";
import { decodeUtf8Lossy, encodeUtf8 } from "./utf8.js";
import { compileWasi, WasiGuest, type WasiGuestOptions, type WasiGuestState, type WasiOutcome } from "./wasi-guest.js";
import { FLAG, LOOP_NAME, loopSource } from "./wasi-loop.py.js";

export interface WasiPythonOptions
  extends Omit<WasiGuestOptions, "args" | "environ" | "environment" | "mounts" | "streams"> {
  /** Size of Python's heap in bytes, which never grows; default 8 MiB, less if the memory limit is near that. */
  readonly heapBytes?: number | undefined;
  /**
   * When garbage is collected. The collector of the PyPI package's build frees what running
   * functions still use (wasi-loop.py.ts), so by default it runs between programs only.
   */
  readonly collect?: "between runs" | "during runs" | undefined;
  /** sys.argv; default: one empty string. */
  readonly argv?: readonly string[] | undefined;
  /** Read-only files below /input, by their paths there. */
  readonly input?: Readonly<Record<string, Uint8Array | string>> | undefined;
  /** Functions that the guest's main program sees as globals. */
  readonly functions?: Readonly<Record<string, HostCallable>> | undefined;
  /** Modules that the guest can import, each with its functions. */
  readonly modules?: Readonly<Record<string, Readonly<Record<string, HostCallable>>>> | undefined;
}

const LIBRARY_PATH = "/lib";
const INPUT_PATH = "/input";
/** Descriptors 0 to 2 are the standard streams, 3 is the directory `/`. */
const CHANNEL = 4;
const DEFAULT_HEAP_BYTES = 8 * 1024 * 1024;
/** What MicroPython needs beside its heap. */
const MEMORY_BESIDE_HEAP = 256 * 1024;
/** Room for the loop, and for what it imports to take values. */
const MIN_HEAP_BYTES = 64 * 1024;
const MAX_HEAP_BYTES = 1024 * 1024 * 1024;
/** Bound on what is not charged to a run: starting the interpreter, imports of ours, collecting. */
const INTERNAL_FUEL = 1_000_000_000;
/** A program that used as much fuel may have left enough garbage to be worth a collection. */
const COLLECTION_FUEL = 2_000_000;
/** Longer exception texts are cut. */
const MAX_EXCEPTION_BYTES = 1024 * 1024;
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The host's end of the descriptor from which the loop gets its programs. */
class Channel implements Stream {
  /** The loop is waiting for a program. */
  idle = false;
  /** What the loop has said about the end of the last program. */
  report: Uint8Array | undefined;
  private pending: Uint8Array = new Uint8Array(0);

  send(program: Uint8Array, flags: number): void {
    const { length } = program;
    this.pending = new Uint8Array(length + 5);
    this.pending.set([length, length >>> 8, length >>> 16, length >>> 24, flags]);
    this.pending.set(program, 5);
    this.report = undefined;
    this.idle = false;
  }

  ready(): undefined {
    if (this.pending.length > 0) return undefined;
    this.idle = true;
    throw new FuelPause();
  }

  read(target: Uint8Array): number {
    const count = Math.min(target.length, this.pending.length);
    target.set(this.pending.subarray(0, count));
    this.pending = this.pending.subarray(count);
    return count;
  }

  write(source: Uint8Array): void {
    this.report = source.slice(0, MAX_EXCEPTION_BYTES);
  }

  saveState(): ChannelState {
    const { idle, report, pending } = this;
    return { idle, report, pending };
  }

  restoreState({ idle, report, pending }: ChannelState): void {
    Object.assign(this, { idle, report });
    this.pending = pending;
  }
}

interface PendingRun {
  readonly fuelBefore: number;
  fuelLimit: number;
}

interface ChannelState {
  readonly idle: boolean;
  readonly report: Uint8Array | undefined;
  readonly pending: Uint8Array;
}

/** An idle or paused interpreter, as data. */
export interface WasiPythonState {
  readonly guest: WasiGuestState;
  readonly channel: ChannelState;
  readonly run: Readonly<PendingRun> | undefined;
  readonly hasLibrary: boolean;
  readonly fuelAtCollection: number;
}

/** A booted interpreter. Runs share its globals, modules and files. */
export class WasiPython {
  private guest!: WasiGuest;
  private channel!: Channel;
  private pending: PendingRun | undefined;
  private running = false;
  private broken: string | undefined;
  private hasLibrary = false;
  private fuelAtCollection = 0;

  private constructor(
    private readonly module: Module,
    private readonly options: WasiPythonOptions,
  ) {}

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

  get environment(): Environment {
    return this.guest.environment;
  }

  // ---- boot ----

  private prepareFiles({ files }: Environment): void {
    const { modules = {}, input = {} } = this.options;
    const write = (path: string, text: string | Uint8Array): void => {
      files.mkdirs(path.slice(0, path.lastIndexOf("/")));
      files.writeFile(path, typeof text === "string" ? encodeUtf8(text) : text);
    };
    // Where this build has its random numbers from.
    for (const name of ["random", "urandom"]) files.addDevice(`/dev/${name}`, "random");
    const library = guestLibrarySource(this.options.maxValueBytes ?? DEFAULT_MAX_VALUE_BYTES, VALUE_NAME);
    write(`${LIBRARY_PATH}/${GUEST_LIBRARY_NAME}.py`, library);
    for (const [module, members] of Object.entries(modules)) {
      requireIdentifier(module);
      let source = `from ${GUEST_LIBRARY_NAME} import bind as _bind\n`;
      for (const name of Object.keys(members)) {
        requireIdentifier(name);
        source += `${name} = _bind("${module}.${name}")\n`;
      }
      write(`${LIBRARY_PATH}/${module}.py`, source);
    }
    for (const [path, content] of Object.entries(input)) {
      if (!isPlainPath(path)) throw new SandboxUsageError(`not a path below ${INPUT_PATH}: ${path}`);
      write(`${INPUT_PATH}/${path}`, content);
    }
    if (Object.keys(input).length > 0) files.setReadOnly(INPUT_PATH, true);
  }

  private registerFunctions({ hostCalls }: Environment): void {
    const { functions = {}, modules = {} } = this.options;
    for (const [name, callable] of Object.entries(functions)) {
      requireIdentifier(name);
      hostCalls.register(name, callable);
    }
    for (const [module, members] of Object.entries(modules))
      for (const [name, callable] of Object.entries(members)) hostCalls.register(`${module}.${name}`, callable);
  }

  private async start(environment: Environment): Promise<void> {
    const { memoryLimitBytes = DEFAULT_MEMORY_LIMIT_BYTES, argv = [""], functions = {} } = this.options;
    const room = memoryLimitBytes - MEMORY_BESIDE_HEAP;
    const { heapBytes = Math.max(MIN_HEAP_BYTES, Math.min(DEFAULT_HEAP_BYTES, room)) } = this.options;
    if (!(heapBytes >= MIN_HEAP_BYTES && heapBytes <= MAX_HEAP_BYTES))
      throw new SandboxUsageError(`heapBytes is a number from ${MIN_HEAP_BYTES} to ${MAX_HEAP_BYTES}`);
    if (heapBytes > room) {
      const needed = heapBytes + MEMORY_BESIDE_HEAP;
      throw new BootLimitError(
        "memory-limit",
        `a memory limit of ${memoryLimitBytes} bytes is too low: MicroPython needs ${needed}, with a heap of ${heapBytes}`,
      );
    }
    this.registerFunctions(environment);
    this.channel = new Channel();
    const loop = loopSource({
      channel: CHANNEL,
      workingDirectory: WORKING_DIRECTORY,
      libraryPath: LIBRARY_PATH,
      libraryName: GUEST_LIBRARY_NAME,
      collects: this.options.collect === "during runs",
    });
    this.guest = new WasiGuest(this.module, {
      ...this.options,
      environment,
      args: ["micropython", "-X", `heapsize=${Math.ceil(heapBytes)}`, "-c", loop],
      mounts: [{ name: "/", readOnly: false }],
      streams: [this.channel],
      waits: () => this.channel.idle,
    });
    await this.untilLoopWaits();
    const names = Object.keys(functions);
    let source = `import sys\nsys.argv[:] = [${argv.map(pythonText).join(",")}]\ndel sys\n`;
    if (names.length > 0) {
      source += `from ${GUEST_LIBRARY_NAME} import bind\n`;
      for (const name of names) source += `${name} = bind("${name}")\n`;
      source += "del bind\n";
    }
    this.fuelAtCollection = this.guest.fuelUsed;
    this.hasLibrary = names.length > 0;
    let failure = "";
    try {
      if (!(await this.execute(source))) failure = this.reportText();
    } catch (error) {
      failure = (error as Error).message;
    }
    if (failure !== "") throw this.bootError(failure);
  }

  /**
   * What is to be done before a program, and not to be charged to it.
   * @returns whether the guest can give the program's value
   */
  private async prepareRun(takesValue: boolean): Promise<boolean> {
    const importsLibrary = takesValue && !this.hasLibrary;
    const collects = this.guest.fuelUsed - this.fuelAtCollection > COLLECTION_FUEL;
    if (importsLibrary || collects) {
      // Earlier programs may have left the guest without descriptors, or without builtins.
      const source = importsLibrary ? `__import__("${GUEST_LIBRARY_NAME}")` : "";
      const done = await this.execute(source, collects ? FLAG.collect : 0);
      if (importsLibrary) this.hasLibrary = done;
      if (collects) this.fuelAtCollection = this.guest.fuelUsed;
    }
    return takesValue && this.hasLibrary;
  }

  /** Runs what is not the program's; whether it ended without an exception. @throws SandboxUsageError */
  private async execute(source: string, flags = 0): Promise<boolean> {
    this.channel.send(encodeUtf8(source), flags);
    const outcome = await this.guest.run(INTERNAL_FUEL);
    const { idle, report } = this.channel;
    if (idle && report !== undefined) return report[0] === 0;
    this.broken = describeEnd(outcome);
    throw new SandboxUsageError(`the interpreter is broken: ${this.broken}`);
  }

  /** Runs until the loop waits for its first program. */
  private async untilLoopWaits(): Promise<void> {
    const outcome = await this.guest.run(INTERNAL_FUEL);
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

  // ---- runs ----

  /**
   * Runs a program in `__main__`.
   *
   * @param code text, or UTF-8
   * @throws SandboxUsageError if the code is not text, or the interpreter is not ready for it
   */
  async run(code: string | Uint8Array, options: RunOptions = {}): Promise<PythonResult> {
    this.requireReady();
    if (this.pending !== undefined) throw new SandboxUsageError("the last run is not over: it ran out of fuel");
    const { fuel = Number.POSITIVE_INFINITY } = options;
    requireFuel(fuel);
    const text = sourceText(code);
    const capturing = (options.value ?? true) ? withCapturedValue(text) : undefined;
    this.running = true;
    try {
      const takesValue = await this.prepareRun(capturing !== undefined);
      const { hostCalls, stdout, stderr } = this.environment;
      hostCalls.value = undefined;
      stdout.clear();
      stderr.clear();
      this.channel.send(sourceBytes(takesValue ? capturing! : text), takesValue ? FLAG.value : 0);
      this.pending = { fuelBefore: this.guest.fuelUsed, fuelLimit: 0 };
      return await this.proceed(this.pending, fuel);
    } finally {
      this.running = false;
    }
  }

  /** Gives a run that ended with error kind "fuel" more fuel, and goes on exactly where it stopped. */
  async resume(moreFuel: number): Promise<PythonResult> {
    this.requireReady();
    if (this.pending === undefined) throw new SandboxUsageError("there is no run to resume");
    requireFuel(moreFuel);
    this.running = true;
    try {
      return await this.proceed(this.pending, moreFuel);
    } finally {
      this.running = false;
    }
  }

  /**
   * The state of the idle interpreter, or of one whose run is out of fuel.
   * @throws SandboxUsageError, SnapshotError
   */
  checkpoint(): WasiPythonState {
    this.requireReady();
    const { hasLibrary, fuelAtCollection } = this;
    return {
      guest: this.guest.checkpoint(),
      channel: this.channel.saveState(),
      run: this.pending && { ...this.pending },
      hasLibrary,
      fuelAtCollection,
    };
  }

  /**
   * Goes back to a state of this interpreter, whatever has become of it since; but not beyond a
   * {@link restart}.
   */
  rewind(state: WasiPythonState): void {
    if (this.running) throw new SandboxUsageError("a run is under way");
    this.guest.rewind(state.guest);
    this.channel.restoreState(state.channel);
    this.pending = state.run && { ...state.run };
    this.hasLibrary = state.hasLibrary;
    this.fuelAtCollection = state.fuelAtCollection;
    this.broken = undefined;
  }

  /**
   * Starts the interpreter anew, whatever has become of the last run: its files stay, and
   * everything else is lost.
   */
  async restart(): Promise<void> {
    if (this.running) throw new SandboxUsageError("a run is under way");
    const before = this.environment.files.saveState();
    const environment = new Environment(this.options);
    environment.files.restoreState({
      ...before,
      nodes: before.nodes.filter((node) => node.kind !== "file" || node.linked),
      open: before.open.filter(({ fd }) => fd < 3),
    });
    this.pending = undefined;
    this.broken = undefined;
    await this.start(environment);
  }

  private requireReady(): void {
    if (this.broken !== undefined) throw new SandboxUsageError(`the interpreter is broken: ${this.broken}`);
    if (this.running) throw new SandboxUsageError("a run is under way");
  }

  private async proceed(run: PendingRun, fuel: number): Promise<PythonResult> {
    run.fuelLimit += fuel;
    const outcome = await this.guest.run(run.fuelLimit - this.fuelUsed(run));
    if (outcome.status === "paused" && !this.channel.idle) {
      const message = `out of fuel: ${this.fuelUsed(run)} of ${run.fuelLimit} units used`;
      return this.result(run, { kind: "fuel", type: null, message, traceback: "" });
    }
    this.pending = undefined;
    if (outcome.status === "paused") return this.finished(run);
    this.broken = describeEnd(outcome);
    return this.result(run, failureOf(outcome));
  }

  private finished(run: PendingRun): PythonResult {
    const { report } = this.channel;
    if (report === undefined) {
      this.broken = "the program reads from the host's descriptor";
      return this.result(run, { kind: "trap", type: null, message: this.broken, traceback: "" });
    }
    if (report[0] === 0) return this.result(run, null);
    const exception = parseException(withoutLoopFrame(this.reportText()));
    return this.result(run, describeException(exception), exception);
  }

  private reportText(): string {
    return decodeUtf8Lossy(this.channel.report ?? new Uint8Array(0));
  }

  private fuelUsed(run: PendingRun): number {
    return this.guest.fuelUsed - run.fuelBefore;
  }

  private result(run: PendingRun, error: PythonError | null, exception?: PythonException): PythonResult {
    const { stdout, stderr, hostCalls } = this.environment;
    const bytes = this.guest.memoryBytes;
    return {
      ok: error === null,
      stdout: stdout.text(),
      stderr: stderr.text(),
      stdoutTruncated: stdout.truncated,
      stderrTruncated: stderr.truncated,
      value: hostCalls.value,
      error,
      exitStatus: exception?.type === "SystemExit" ? exitStatus(exception) : null,
      fuel: {
        schedule: this.guest.schedule,
        limit: Number.isFinite(run.fuelLimit) ? run.fuelLimit : null,
        used: this.fuelUsed(run),
      },
      // Linear memory never shrinks, so what it has now is what it had at most.
      memory: { bytes, peakBytes: bytes, limitBytes: this.guest.memoryLimitBytes },
      tier: "interpreter",
    };
  }
}

function describeEnd(outcome: WasiOutcome): string {
  switch (outcome.status) {
    case "exited":
      return `the guest exited with status ${outcome.code}`;
    case "paused":
      return "out of fuel";
    case "failed":
      return outcome.failure.message;
  }
}

/** Why the interpreter is gone. */
function failureOf(outcome: Exclude<WasiOutcome, { status: "paused" }>): PythonError {
  if (outcome.status === "exited") return { kind: "trap", type: null, message: describeEnd(outcome), traceback: "" };
  const { failure } = outcome;
  const kind = failure.cause instanceof OutputLimitExceeded ? "output-limit" : failure.kind;
  return { kind, type: null, message: failure.message, traceback: "" };
}

function describeException(exception: PythonException): PythonError | null {
  const { type, message, traceback } = exception;
  if (type === "SystemExit") return exitStatus(exception) === 0 ? null : { kind: "exit", type, message, traceback };
  // The heap has a fixed size: a program that is out of memory has come to a limit.
  return { kind: type === "MemoryError" ? "memory-limit" : "exception", type, message, traceback };
}

/** The traceback starts in the program, not in the loop that runs it. */
function withoutLoopFrame(text: string): string {
  return text.replace(
    new RegExp(`^ {2}File "<stdin>", line \\d+, in (?:${LOOP_NAME}|<module>)\\n(?= {2}File )`, "m"),
    "",
  );
}

function requireFuel(fuel: number): void {
  if (fuel === Number.POSITIVE_INFINITY || (Number.isSafeInteger(fuel) && fuel >= 0)) return;
  throw new SandboxUsageError(`fuel is a whole number from 0, or Infinity, not ${fuel}`);
}

function requireIdentifier(name: string): void {
  if (!IDENTIFIER.test(name)) throw new SandboxUsageError(`not a Python identifier: ${name}`);
}

function isPlainPath(path: string): boolean {
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

/** A string literal. */
function pythonText(text: string): string {
  const bytes = [...encodeUtf8(text)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`);
  return `b"${bytes.join("")}".decode()`;
}
