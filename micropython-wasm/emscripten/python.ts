// One MicroPython interpreter in one instance of the artifact: boot, run, take results.
//
// The artifact's interface, as far as it is used here:
//   mp_js_init(stackWords, heapBytes), proxy_c_init()   start the interpreter
//   mp_js_do_exec(source, length, out)                   compile and run in __main__
//   mp_js_do_import(name, out)                           import a module
//   proxy_c_to_js_lookup_attr(ref, name, out), proxy_c_to_js_call(ref, n, args, out)
//   proxy_c_free_obj(ref)                                drop a Python object
// `out` receives a value triple (bridge.ts); kind MP_EXCEPTION carries malloc'ed text.

import { decodeUtf8Lossy, encodeUtf8 } from "../../decoder/index.js";
import { compatible } from "../compat/index.js";
import type { GuestExecution, GuestFactory, GuestInstance, NumericValue } from "../guest/engine-port.js";
import { FileSystemError } from "../guest/errno.js";
import { BootLimitError, GuestFault, SandboxUsageError } from "../guest/errors.js";
import { guestBytes, guestWord, setGuestBytes, setGuestWord } from "../guest/memory-access.js";
import { GUEST_LIBRARY_NAME, guestLibrarySource } from "../host-calls/guest-library.py.js";
import type { WorldOptions } from "../interpreter/artifact-support.js";
import {
  type PythonError,
  type PythonInterpreter,
  type PythonResult,
  type PythonState,
  requireKind,
} from "../interpreter/interpreter.js";
import { type PythonException, parseException } from "../interpreter/python-error.js";
import { sourceBytes, VALUE_NAME, withCapturedValue } from "../interpreter/python-source.js";
import { type Beginning, RunLoop, type SliceEnd } from "../interpreter/run-loop.js";
import { errorOf, errorOfException, errorOfFailure, resultOf } from "../interpreter/run-result.js";
import { romfsImage } from "../lib/romfs.js";
import { Environment, type EnvironmentOptions, WORKING_DIRECTORY } from "../world/environment.js";
import {
  bindingSource,
  type HostCallables,
  handOver,
  type Inputs,
  moduleSources,
  registerCallables,
  requireInputs,
} from "../world/host-callables.js";
import { Bridge, JS_STRING, MP_CALLABLE, MP_EXCEPTION, MP_GENERATOR, MP_OBJECT, TRIPLE_SIZE } from "./bridge.js";
import { artifactImports } from "./imports.js";
import {
  checkEmscriptenState,
  type EmscriptenState,
  type InterruptWord,
  type PausedRunState,
  requireAddresses,
  STATE_END,
} from "./state.js";

/** Small, since the collector sweeps all of it after each run, and it grows in any case. */
const DEFAULT_HEAP_BYTES = 128 * 1024;
export const DEFAULT_PYTHON_STACK_BYTES = 192 * 1024;
/** What the artifact compiles in: CSTACK_SIZE of its main.c. */
const ARTIFACT_STACK_LIMIT = 32 * 1024;
/** Room below the limit, for what C needs after the last check; the artifact leaves as much. */
const STACK_MARGIN = 32 * 1024;
/** Size of the stack for Python's locals, per byte of C stack: enough that C's ends first. */
const PYSTACK_WORDS_PER_BYTE = 1 / 4;
/**
 * Bound on calls that are not the guest's own: none needs nearly as much, but after a program
 * has overwritten the allocator's lists (with uctypes it can), even `free` may not end.
 */
const INTERNAL_CALL_FUEL = 100_000_000;
/** Of these, each of which may end with a collection: that looks at every block of the heap, 16 units a byte. */
const COLLECTING_CALLS: ReadonlySet<string> = new Set(["mp_js_do_exec", "mp_js_do_import", "proxy_c_to_js_call"]);
const COLLECTION_FUEL_PER_BYTE = 32;
/** Fuel for a program that is being given up, after each interrupt, and how many it gets. */
const UNWIND_FUEL = 400_000;
const UNWIND_ROUNDS = 4;
/** Longer exception texts are cut. */
const MAX_EXCEPTION_BYTES = 1024 * 1024;

/**
 * What the artifact lacks: os.urandom(), and an input() that returns, for its own polls a console
 * that is not there. Compiling this costs several times what the rest of the boot does, so it is
 * done when a program may need it: when it names them, or has ways to run text that does.
 */
const EXTRAS_SOURCE = `
def _escapement_extras():
    import builtins, os
    def input(prompt=""):
        import sys
        sys.stdout.write(str(prompt))
        line = sys.stdin.readline()
        if not line:
            raise EOFError("EOF when reading a line")
        return line[:-1] if line[-1] == "\\n" else line
    def urandom(n):
        if n < 0:
            raise ValueError("negative argument not allowed")
        with open("/dev/urandom", "rb") as f:
            return f.read(n)
    builtins.input = input
    os.urandom = urandom
_escapement_extras()
del _escapement_extras
`;
const MAY_NEED_EXTRAS = /\b(?:input|urandom|exec|eval|compile|builtins|__import__)\b/;

/**
 * Where modules are looked for (mounting the image has changed the directory, too): the library comes before the
 * modules that are frozen into the artifact. `__compat__` is what compat/ has programs call; the module behind it is
 * imported when something of it is first used.
 */
const LIBRARY_SOURCE = `
import sys, builtins, uos as os
os.chdir("${WORKING_DIRECTORY}")
sys.path[:] = ["", "/rom/lib", ".frozen", "/lib"]
class _Late:
    def __getattr__(self, name):
        import _compat, builtins
        builtins.__compat__ = _compat
        return getattr(_compat, name)
builtins.__compat__ = _Late()
del sys, builtins, os, _Late
`;

/** A value triple, read. */
interface Triple {
  readonly payload: number;
  readonly exception: PythonException | null;
}

interface PendingRun {
  execution: GuestExecution;
  /** "program" runs the source, "value" has the guest send the last expression's value. */
  phase: "program" | "value";
  readonly source: number;
  capturesValue: boolean;
  readonly refusedGrowthBefore: number;
  fuelLimit: number;
  fuelUsed: number;
  /** Fuel granted so far; what an execution was granted and did not use stays its own. */
  fuelGranted: number;
  exception: PythonException | null;
  /** Fuel for rewriting the source that is not paid yet; nothing runs before. */
  toll: number;
}

/** A booted interpreter. Runs share its globals, modules and files. */
export class EmscriptenPython extends RunLoop<PendingRun> implements PythonInterpreter {
  private valueFunction = 0;
  private providesExtras = false;
  /** Where calls leave a value triple. */
  private out = 0;
  private interruptWords: readonly InterruptWord[] = [];

  private constructor(
    readonly environment: Environment,
    private readonly bridge: Bridge,
    private readonly guest: GuestInstance,
    private readonly compat: boolean,
  ) {
    super();
  }

  private static async make(
    factory: GuestFactory,
    environment: Environment,
    compat = false,
  ): Promise<EmscriptenPython> {
    const bridge = new Bridge();
    return new EmscriptenPython(environment, bridge, await factory(artifactImports(environment, bridge)), compat);
  }

  /** Instantiates the artifact through `factory` and boots Python in it. */
  static async boot(factory: GuestFactory, options: WorldOptions = {}): Promise<EmscriptenPython> {
    const environment = new Environment(options);
    const python = await EmscriptenPython.make(factory, environment, options.compat);
    await python.start(options);
    return python;
  }

  /**
   * Instantiates the artifact and has it take over a state of another interpreter. Functions of
   * the same names as that one's have to be given, and are not announced to the guest again.
   * @param check may refuse the state, by throwing
   */
  static async restore(
    factory: GuestFactory,
    options: WorldOptions,
    state: PythonState,
    check: (environment: Environment) => void = () => {},
  ): Promise<EmscriptenPython> {
    const environment = new Environment(options);
    registerCallables(environment, options);
    check(environment);
    const python = await EmscriptenPython.make(factory, environment, options.compat);
    python.rewind(state);
    return python;
  }

  // ---- states ----

  /** The state of the idle or paused interpreter. @throws SandboxUsageError if it is not, or the engine cannot */
  checkpoint(): EmscriptenState {
    this.requireIdle();
    if (this.guest.checkpoint === undefined) throw new SandboxUsageError("this engine keeps no states");
    let run: PausedRunState | null = null;
    if (this.pending !== undefined) {
      const { execution: _execution, ...rest } = this.pending;
      run = rest;
    }
    return {
      kind: "emscripten",
      guest: this.guest.checkpoint(this.pending?.execution ?? null),
      run,
      environment: this.environment.saveState(),
      bridge: this.bridge.saveState(),
      valueFunction: this.valueFunction,
      providesExtras: this.providesExtras,
      out: this.out,
      interruptWords: this.interruptWords,
    };
  }

  hibernate(): void {
    if (!this.running) this.guest.hibernate?.(this.pending?.execution ?? null);
  }

  /** The engine's hash of linear memory. @throws SandboxUsageError if a run is under way, or the engine has none */
  memoryHash(): string {
    this.requireIdle();
    if (this.guest.memoryHash === undefined) throw new SandboxUsageError("this engine hashes no memory");
    return this.guest.memoryHash();
  }

  /** Goes back to a state, from whatever has happened since; also from a broken interpreter or in a paused run. */
  rewind(state: PythonState): void {
    requireKind<EmscriptenState>(state, "emscripten");
    checkEmscriptenState(state);
    this.requireStill();
    if (this.guest.rewind === undefined) throw new SandboxUsageError("this engine keeps no states");
    this.environment.hostCalls.drop();
    const execution = this.guest.rewind(state.guest);
    this.environment.restoreState(state.environment);
    this.bridge.restoreState(state.bridge);
    this.valueFunction = state.valueFunction;
    this.providesExtras = state.providesExtras;
    this.out = state.out;
    this.interruptWords = state.interruptWords;
    requireAddresses(state, this.guest.memory.byteLength);
    this.pending = state.run === null ? undefined : { ...state.run, execution: execution! };
    this.broken = undefined;
  }

  resetWorld(options: EnvironmentOptions): void {
    this.environment.restart(options);
  }

  private async start(options: WorldOptions): Promise<void> {
    this.environment.files.addDevice("/dev/urandom", "random");
    const stackBytes = options.pythonStackBytes ?? DEFAULT_PYTHON_STACK_BYTES;
    if (!(stackBytes >= 4096 && stackBytes <= 16 * 1024 * 1024))
      throw new SandboxUsageError("pythonStackBytes is a number from 4096 to 16777216");
    const pystackWords = Math.ceil(stackBytes * PYSTACK_WORDS_PER_BYTE);
    await this.call("emscripten_stack_init");
    await this.call("__wasm_call_ctors");
    await this.moveStack(stackBytes + STACK_MARGIN);
    const hasLibrary = await this.registerLibrary();
    await this.call("mp_js_init", pystackWords, options.heapBytes ?? DEFAULT_HEAP_BYTES);
    this.raiseStackLimit(stackBytes, pystackWords);
    await this.call("proxy_c_init");
    this.out = await this.allocate(TRIPLE_SIZE);
    this.interruptWords = await this.findInterruptWords();
    if (hasLibrary) await this.execute(LIBRARY_SOURCE);
    if (options.argv !== undefined) await this.setArguments(options.argv);
    await this.registerFunctions(options);
  }

  /** Puts the library's image into the guest's memory, for good; false for a build that takes none (before 1.28). */
  private async registerLibrary(): Promise<boolean> {
    if (!this.guest.exports("mp_js_register_romfs")) return false;
    const image = await romfsImage();
    const address = await this.allocate(image.length);
    setGuestBytes(this.guest.memory, address, image);
    await this.call("mp_js_register_romfs", address, image.length);
    return true;
  }

  /** Appends to sys.argv by calls: compiling a program for it takes ten times as long. */
  async setArguments(argv: readonly string[]): Promise<void> {
    const list = await this.attribute(await this.importModule("sys"), "argv");
    const append = await this.attribute(list, "append");
    const args = await this.allocate(TRIPLE_SIZE);
    for (const arg of argv) {
      const bytes = encodeUtf8(arg);
      // The guest frees the text when it has made a str of it.
      const text = await this.allocate(bytes.length + 1);
      setGuestBytes(this.guest.memory, text, bytes);
      for (const [i, word] of [JS_STRING, bytes.length, text].entries())
        setGuestWord(this.guest.memory, args + 4 * i, word);
      await this.reference("proxy_c_to_js_call", append, 1, args);
    }
    await this.call("free", args);
    await this.freeObjects();
  }

  /** Does now what a run would do when it first needs it. */
  async prepare(): Promise<void> {
    await this.importLibrary();
    await this.provideExtras("input");
    // What booting has left is collected now, not at the end of the first run and at its expense.
    await this.execute("import gc\ngc.collect()\ndel gc");
  }

  private async provideExtras(text: string): Promise<void> {
    if (this.providesExtras || !(MAY_NEED_EXTRAS.test(text) || this.environment.holdsPrograms())) return;
    await this.execute(EXTRAS_SOURCE);
    this.providesExtras = true;
  }

  // ---- the C stack ----

  /** Gives C a stack of its own in the heap: the artifact's has 64 KiB, of which Python uses 32. */
  private async moveStack(bytes: number): Promise<void> {
    const base = await this.allocate(Math.ceil(bytes));
    await this.call("_emscripten_stack_restore", (base + bytes) & ~15);
  }

  /**
   * The artifact's limit on C stack usage is a constant that ends up in a word of its state,
   * between the stack's top and the three pointers of the Python stack. Finds and raises it.
   */
  private raiseStackLimit(stackBytes: number, pystackWords: number): void {
    const { memory } = this.guest;
    // State is in the data segment, below everything that malloc hands out.
    const state = memory.range(0, Math.min(memory.byteLength, STATE_END));
    const view = new DataView(state.buffer, state.byteOffset, state.length);
    const end = state.length - 20;
    for (let address = 1024; address < end; address += 4) {
      if (view.getUint32(address + 4, true) !== ARTIFACT_STACK_LIMIT) continue;
      const start = view.getUint32(address + 8, true);
      const stop = view.getUint32(address + 12, true);
      if (stop - start !== pystackWords * 4 || view.getUint32(address + 16, true) !== start) continue;
      view.setUint32(address + 4, stackBytes, true);
      return;
    }
    throw new SandboxUsageError("the artifact is not the MicroPython build that this version expects");
  }

  // ---- interrupts ----

  /** Raises an interrupt, sees what has changed, and takes it back. */
  private async findInterruptWords(): Promise<InterruptWord[]> {
    const before = this.guest.memory.range(0, STATE_END).slice();
    await this.call("mp_sched_keyboard_interrupt");
    const idle = new DataView(before.buffer);
    const after = this.guest.memory.range(0, STATE_END);
    const now = new DataView(after.buffer, after.byteOffset, STATE_END);
    const words: InterruptWord[] = [];
    for (let address = 0; address < STATE_END; address += 4) {
      const word = idle.getUint32(address, true);
      if (now.getUint32(address, true) !== word) words.push([address, word]);
    }
    this.interruptWords = words;
    this.clearInterrupt();
    return words;
  }

  /** Takes back an interrupt that came too late for the run that it was meant for. */
  clearInterrupt(): void {
    for (const [address, idle] of this.interruptWords) setGuestWord(this.guest.memory, address, idle);
  }

  // ---- calls that are not the guest's: boot, conversions, clean-up ----

  private async call(name: string, ...args: NumericValue[]): Promise<number> {
    const collection = COLLECTING_CALLS.has(name) ? COLLECTION_FUEL_PER_BYTE * this.guest.memory.byteLength : 0;
    const outcome = await this.guest.start(name, args).run(INTERNAL_CALL_FUEL + collection);
    if (outcome.status === "done") return Number(outcome.results[0] ?? 0);
    const message = outcome.status === "failed" ? outcome.failure.message : outcome.status;
    this.broken = message;
    const kind = outcome.status === "failed" ? outcome.failure.kind : "trap";
    if (kind === "stack" || kind === "memory-limit")
      throw new BootLimitError(kind, `MicroPython cannot start: ${message}`);
    throw new SandboxUsageError(`MicroPython failed in ${name}: ${message}`);
  }

  private async allocate(bytes: number): Promise<number> {
    const address = (await this.call("malloc", bytes)) >>> 0;
    if (address === 0) {
      throw new BootLimitError("memory-limit", `the memory limit leaves no room for ${bytes} bytes`);
    }
    return address;
  }

  private async withText<T>(text: string, body: (address: number) => Promise<T>): Promise<T> {
    const bytes = encodeUtf8(text + "\0");
    const address = await this.allocate(bytes.length);
    setGuestBytes(this.guest.memory, address, bytes);
    try {
      return await body(address);
    } finally {
      await this.call("free", address);
    }
  }

  /** Calls an export whose last parameter is `out`; returns the number of a Python object. */
  private async reference(name: string, ...args: NumericValue[]): Promise<number> {
    this.clearTriple();
    await this.call(name, ...args, this.out);
    const triple = await this.takeTriple();
    if (triple.exception !== null)
      throw new SandboxUsageError(`MicroPython failed in ${name}: ${triple.exception.traceback}`);
    return triple.payload;
  }

  private async execute(source: string): Promise<void> {
    const bytes = encodeUtf8(source);
    await this.withText(source, (address) => this.reference("mp_js_do_exec", address, bytes.length));
  }

  private async importModule(name: string): Promise<number> {
    return this.withText(name, (address) => this.reference("mp_js_do_import", address));
  }

  private async attribute(object: number, name: string): Promise<number> {
    return this.withText(name, (address) => this.reference("proxy_c_to_js_lookup_attr", object, address));
  }

  /** The guest leaves the words alone that a kind does not need. */
  private clearTriple(): void {
    for (let word = 0; word < TRIPLE_SIZE; word += 4) setGuestWord(this.guest.memory, this.out + word, 0);
  }

  /** Reads the triple; notes the Python object in it, if there is one. */
  private async takeTriple(): Promise<Triple> {
    const memory = this.guest.memory;
    const kind = guestWord(memory, this.out) | 0;
    const payload = guestWord(memory, this.out + 4);
    let exception: PythonException | null = null;
    if (kind === MP_EXCEPTION) {
      const address = guestWord(memory, this.out + 8);
      const text = guestBytes(memory, address, payload);
      exception = parseException(decodeUtf8Lossy(text.subarray(0, MAX_EXCEPTION_BYTES)));
      await this.call("free", address);
    } else if (kind === MP_CALLABLE || kind === MP_GENERATOR || kind === MP_OBJECT) {
      this.bridge.live.add(payload);
    }
    return { payload, exception };
  }

  private async freeObjects(): Promise<void> {
    for (const ref of this.bridge.takeDisposable()) await this.call("proxy_c_free_obj", ref);
  }

  // ---- host functions ----

  /** Announces host functions and modules to the guest. */
  async registerFunctions(options: HostCallables): Promise<void> {
    const { bridge } = this;
    const { hostCalls } = this.environment;
    registerCallables(this.environment, options);
    for (const [module, source] of moduleSources(options)) this.writeLibrary(`${module}.py`, source);
    if (hostCalls.names().length > 0) await this.importLibrary();
    const names = Object.keys(options.functions ?? {});
    if (names.length === 0) return;
    await this.execute(bindingSource(names));
    const main = await this.importModule("__main__");
    for (const name of names) bridge.exposed.set(name, await this.attribute(main, name));
    await this.freeObjects();
  }

  async setGlobals(inputs: Inputs): Promise<void> {
    requireInputs(this.environment, inputs);
    this.requireIdle();
    await this.importLibrary();
    await handOver(this.environment, inputs, (source) => this.execute(source));
    await this.freeObjects();
  }

  private writeLibrary(name: string, source: string): void {
    this.environment.files.writeFile(`/lib/${name}`, encodeUtf8(source));
  }

  /** Imports the guest's half of host calls, unless it is there. */
  async importLibrary(): Promise<void> {
    if (this.valueFunction !== 0) return;
    const { bridge } = this;
    const { hostCalls } = this.environment;
    this.writeLibrary(`${GUEST_LIBRARY_NAME}.py`, guestLibrarySource(hostCalls.maxBytes, VALUE_NAME));
    const library = await this.importModule(GUEST_LIBRARY_NAME);
    this.valueFunction = await this.attribute(library, "value");
    bridge.pinned.add(this.valueFunction);
    await this.freeObjects();
  }

  // ---- runs ----

  protected async begin({ text, capturing, fuelLimit }: Beginning): Promise<PendingRun> {
    if (capturing !== undefined) await this.importLibrary();
    await this.provideExtras(text);
    const { source: program, fuel: toll } = this.compat ? await compatible(text) : { source: text, fuel: 0 };
    const bytes = sourceBytes(capturing === undefined ? program : (withCapturedValue(program) ?? program));
    const source = await this.allocate(bytes.length + 1);
    setGuestBytes(this.guest.memory, source, bytes);
    guestBytes(this.guest.memory, source + bytes.length, 1)[0] = 0;
    this.clearTriple();
    return {
      execution: this.guest.start("mp_js_do_exec", [source | 0, bytes.length, this.out]),
      phase: "program",
      source,
      capturesValue: capturing !== undefined,
      refusedGrowthBefore: this.environment.refusedGrowth,
      fuelLimit,
      fuelUsed: 0,
      fuelGranted: 0,
      exception: null,
      toll,
    };
  }

  /** A run that could not begin: no room for its source, or an earlier one has damaged the interpreter's memory. */
  protected unprepared(error: unknown, fuelLimit: number): PythonResult {
    if (![BootLimitError, FileSystemError, GuestFault, SandboxUsageError].some((type) => error instanceof type))
      throw error;
    const { message } = error as Error;
    const noRoom = error instanceof BootLimitError && this.broken === undefined;
    if (!noRoom) this.broken ??= message;
    const kind = noRoom ? "memory-limit" : "trap";
    return this.resultWith(fuelLimit, 0, errorOf(kind, message), null);
  }

  protected async unwind(run: PendingRun): Promise<boolean> {
    try {
      for (let round = 0; round < UNWIND_ROUNDS; round++) {
        await this.call("mp_sched_keyboard_interrupt");
        const outcome = await run.execution.run(UNWIND_FUEL);
        if (outcome.status === "out-of-fuel") continue;
        if (outcome.status === "failed") return false;
        this.clearInterrupt();
        run.capturesValue = false;
        await this.finishPhase(run);
        return true;
      }
      return false;
    } catch {
      return false;
    }
  }

  protected async slice(run: PendingRun, fuel: number): Promise<SliceEnd> {
    const paid = Math.min(run.toll, fuel);
    run.toll -= paid;
    run.fuelUsed += paid;
    if (run.toll > 0) return "out-of-fuel";
    const before = this.guest.fuelUsed();
    const outcome = await run.execution.run(fuel - paid);
    run.fuelUsed += this.guest.fuelUsed() - before;
    if (outcome.status === "out-of-fuel") return outcome.status;
    if (outcome.status === "failed") {
      this.broken = outcome.failure.message;
      return { error: errorOfFailure(outcome.failure), exception: run.exception };
    }
    try {
      if (await this.finishPhase(run)) return "more";
    } catch (error) {
      // The program has left the interpreter's memory in a state that its own calls stumble over.
      this.broken ??= String(error);
      return { error: errorOf("trap", this.broken), exception: run.exception };
    }
    const { exception } = run;
    const refused = this.environment.refusedGrowth > run.refusedGrowthBefore;
    return { error: exception === null ? null : errorOfException(exception, refused), exception };
  }

  protected fuelUsed({ fuelUsed }: PendingRun): number {
    return fuelUsed;
  }

  protected freeFuel(): number {
    return 0;
  }

  /** Takes what the phase that is over has left, and cleans up; true if another phase follows. */
  private async finishPhase(run: PendingRun): Promise<boolean> {
    const triple = await this.takeTriple();
    if (run.phase === "program") {
      run.exception = triple.exception;
      await this.call("free", run.source);
      if (triple.exception === null && run.capturesValue) {
        run.phase = "value";
        this.clearTriple();
        run.fuelGranted = run.fuelUsed;
        run.execution = this.guest.start("proxy_c_to_js_call", [this.valueFunction, 0, 0, this.out]);
        return true;
      }
    }
    await this.freeObjects();
    return false;
  }

  protected result(
    { fuelLimit, fuelUsed }: PendingRun,
    error: PythonError | null,
    exception: PythonException | null,
  ): PythonResult {
    return this.resultWith(fuelLimit, fuelUsed, error, exception);
  }

  private resultWith(
    fuelLimit: number,
    fuelUsed: number,
    error: PythonError | null,
    exception: PythonException | null,
  ): PythonResult {
    const { fuelSchedule: schedule, memory, memoryLimitBytes, tier } = this.guest;
    const memoryBytes = memory.byteLength;
    const end = { error, exception, schedule, fuelLimit, fuelUsed, memoryBytes, memoryLimitBytes, tier };
    return resultOf(this.environment, end);
  }
}
