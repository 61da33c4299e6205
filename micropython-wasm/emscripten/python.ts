// One MicroPython interpreter in one instance of the artifact: boot, run, take results.
//
// The artifact's interface, as far as it is used here:
//   mp_js_init(stackWords, heapBytes), proxy_c_init()   start the interpreter
//   mp_js_do_exec(source, length, out)                   compile and run in __main__
//   mp_js_do_import(name, out)                           import a module
//   proxy_c_to_js_lookup_attr(ref, name, out), proxy_c_to_js_call(ref, n, args, out)
//   proxy_c_free_obj(ref)                                drop a Python object
// `out` receives a value triple (bridge.ts); kind MP_EXCEPTION carries malloc'ed text.

import { encodeUtf8 } from "../../decoder/index.js";
import type { PictureManner } from "../../runtime/index.js";
import { compatible } from "../compat/index.js";
import { COMPAT } from "../compat/names.js";
import type { GuestExecution, GuestFactory, GuestInstance } from "../guest/engine-port.js";
import { FileSystemError } from "../guest/errno.js";
import { BootLimitError, GuestFault, SandboxUsageError } from "../guest/errors.js";
import { guestBytes, setGuestBytes, setGuestWord } from "../guest/memory-access.js";
import { GUEST_LIBRARY_NAME, guestLibrarySource } from "../host-calls/guest-library.py.js";
import type { WorldOptions } from "../interpreter/artifact-support.js";
import {
  type PythonError,
  type PythonInterpreter,
  type PythonResult,
  type PythonState,
  requireKind,
} from "../interpreter/interpreter.js";
import type { PythonException } from "../interpreter/python-error.js";
import { sourceBytes, VALUE_NAME, withCapturedValue } from "../interpreter/python-source.js";
import { type Beginning, RunLoop, type SliceEnd } from "../interpreter/run-loop.js";
import { errorOf, errorOfException, errorOfFailure, resultOf } from "../interpreter/run-result.js";
import { romfsImage } from "../lib/romfs.js";
import { Environment, type EnvironmentOptions } from "../world/environment.js";
import {
  bindingSource,
  type HostCallables,
  handOver,
  type Inputs,
  moduleSources,
  registerCallables,
} from "../world/host-callables.js";
import { COMPAT_SOURCE, EXTRAS_SOURCE, LIBRARY_SOURCE, MAY_NEED_EXTRAS } from "./boot-programs.py.js";
import { Bridge, JS_STRING, TRIPLE_SIZE } from "./bridge.js";
import { COLLECTION_FUEL_PER_BYTE, ExportCalls } from "./export-calls.js";
import { artifactImports } from "./imports.js";
import {
  checkEmscriptenState,
  type EmscriptenState,
  type InterruptWord,
  type PausedRunState,
  requireAddresses,
  STATE_END,
} from "./state.js";
import { changedWords, pystackWordsOf, raiseStackLimit, threadState } from "./state-words.js";

/** Small, since the collector sweeps all of it after each run, and it grows in any case. */
const DEFAULT_HEAP_BYTES = 128 * 1024;
export const DEFAULT_PYTHON_STACK_BYTES = 192 * 1024;
/** Room below the limit, for what C needs after the last check; the artifact leaves as much. */
const STACK_MARGIN = 32 * 1024;
/** Fuel for a program that is being given up, after each interrupt, and how many it gets. */
const UNWIND_FUEL = 400_000;
const UNWIND_ROUNDS = 4;
interface PendingRun {
  execution: GuestExecution;
  /** "program" runs the source, "value" has the guest send the last expression's value. */
  phase: "program" | "value";
  readonly source: number;
  capturesValue: boolean;
  readonly refusedGrowthBefore: number;
  fuelLimit: number;
  /** What the run has paid but for its execution: the toll, and the phase before. */
  fuelBefore: number;
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
  /** No program has run yet. */
  private isFresh = true;
  private readonly exports: ExportCalls;
  private interruptWords: readonly InterruptWord[] = [];
  /** States whose pictures of memory are not made yet. */
  private readonly deferred = new Set<PythonState>();

  private constructor(
    readonly environment: Environment,
    private readonly bridge: Bridge,
    private readonly guest: GuestInstance,
    private readonly compat: boolean,
  ) {
    super();
    this.exports = new ExportCalls(guest, bridge, (message) => {
      this.broken = message;
    });
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
  checkpoint(manner: PictureManner = "lasting"): EmscriptenState {
    this.requireIdle();
    if (this.guest.checkpoint === undefined) throw new SandboxUsageError("this engine keeps no states");
    let run: PausedRunState | null = null;
    if (this.pending !== undefined) {
      const { execution: _execution, fuelBefore: _fuelBefore, ...rest } = this.pending;
      run = { ...rest, fuelUsed: this.fuelUsed(this.pending) };
    }
    const state: EmscriptenState = {
      kind: "emscripten",
      guest: this.guest.checkpoint(this.pending?.execution ?? null, manner),
      run,
      environment: this.environment.saveState(),
      bridge: this.bridge.saveState(),
      valueFunction: this.valueFunction,
      providesExtras: this.providesExtras,
      isFresh: this.isFresh,
      out: this.exports.out,
      interruptWords: this.interruptWords,
    };
    if (manner === "deferred") this.deferred.add(state);
    return state;
  }

  settle(): void {
    for (const { guest } of this.deferred) for (const memory of guest.picture.memories) memory.settle();
    this.deferred.clear();
  }

  giveBack(state: PythonState): void {
    if (this.deferred.delete(state)) this.guest.giveBack?.(state.guest);
  }

  get memoryBytes(): number {
    return this.guest.memory.byteLength;
  }

  hibernate(): void {
    if (this.running) return;
    this.settle();
    this.guest.hibernate?.(this.pending?.execution ?? null);
  }

  /** The engine's hash of linear memory. @throws SandboxUsageError if a run is under way, or the engine has none */
  memoryHash(): string {
    this.requireIdle();
    if (this.guest.memoryHash === undefined) throw new SandboxUsageError("this engine hashes no memory");
    return this.guest.memoryHash();
  }

  touchedMemory(): Uint8Array {
    this.requireIdle();
    return this.guest.memory.touched().slice();
  }

  /** Goes back to a state, from whatever has happened since; also from a broken interpreter or in a paused run. */
  rewind(state: PythonState): void {
    requireKind<EmscriptenState>(state, "emscripten");
    checkEmscriptenState(state);
    this.requireStill();
    if (this.guest.rewind === undefined) throw new SandboxUsageError("this engine keeps no states");
    this.ledger.follow(null);
    this.environment.hostCalls.drop();
    const execution = this.guest.rewind(state.guest);
    this.environment.restoreState(state.environment);
    this.bridge.restoreState(state.bridge);
    this.valueFunction = state.valueFunction;
    this.providesExtras = state.providesExtras;
    this.isFresh = state.isFresh;
    this.exports.out = state.out;
    this.interruptWords = state.interruptWords;
    requireAddresses(state, this.guest.memory.byteLength);
    this.take(state.run === null ? undefined : pendingRun(state.run, execution!));
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
    const pystackWords = pystackWordsOf(stackBytes);
    await this.exports.call("emscripten_stack_init");
    await this.exports.call("__wasm_call_ctors");
    await this.moveStack(stackBytes + STACK_MARGIN);
    const hasLibrary = await this.registerLibrary();
    await this.exports.call("mp_js_init", pystackWords, options.heapBytes ?? DEFAULT_HEAP_BYTES);
    raiseStackLimit(this.guest.memory, stackBytes, pystackWords);
    await this.exports.call("proxy_c_init");
    this.exports.out = await this.exports.allocate(TRIPLE_SIZE);
    this.interruptWords = await this.findInterruptWords();
    if (hasLibrary) await this.exports.execute(LIBRARY_SOURCE);
    if (options.argv !== undefined) await this.setArguments(options.argv);
    await this.registerFunctions(options);
  }

  /** Puts the library's image into the guest's memory, for good; false for a build that takes none (before 1.28). */
  private async registerLibrary(): Promise<boolean> {
    if (!this.guest.exports("mp_js_register_romfs")) return false;
    const image = await romfsImage();
    const address = await this.exports.allocate(image.length);
    setGuestBytes(this.guest.memory, address, image);
    await this.exports.call("mp_js_register_romfs", address, image.length);
    return true;
  }

  /** Appends to sys.argv by calls: compiling a program for it takes ten times as long. */
  async setArguments(argv: readonly string[]): Promise<void> {
    const list = await this.exports.attribute(await this.exports.importModule("sys"), "argv");
    const append = await this.exports.attribute(list, "append");
    const args = await this.exports.allocate(TRIPLE_SIZE);
    for (const arg of argv) {
      const bytes = encodeUtf8(arg);
      // The guest frees the text when it has made a str of it.
      const text = await this.exports.allocate(bytes.length + 1);
      setGuestBytes(this.guest.memory, text, bytes);
      for (const [i, word] of [JS_STRING, bytes.length, text].entries())
        setGuestWord(this.guest.memory, args + 4 * i, word);
      await this.exports.reference("proxy_c_to_js_call", append, 1, args);
    }
    await this.exports.call("free", args);
    await this.exports.freeObjects();
  }

  /** Does now what a run would do when it first needs it. */
  async prepare(): Promise<void> {
    await this.importLibrary();
    await this.provideExtras("input");
    // What booting has left is collected now, not at the end of the first run and at its expense.
    await this.exports.execute("import gc\ngc.collect()\ndel gc");
  }

  private async provideExtras(text: string): Promise<void> {
    if (this.providesExtras || !(MAY_NEED_EXTRAS.test(text) || this.environment.holdsPrograms())) return;
    await this.exports.execute(EXTRAS_SOURCE);
    this.providesExtras = true;
  }

  /**
   * Imports what a session's first program calls after rewriting, at nobody's expense. Not for a later one: what is run
   * then may be another program's.
   */
  private async provideCompat(program: string): Promise<void> {
    const { isFresh } = this;
    this.isFresh = false;
    if (isFresh && program.includes(COMPAT)) await this.exports.execute(COMPAT_SOURCE);
  }

  // ---- the C stack ----

  /** Gives C a stack of its own in the heap: the artifact's has 64 KiB, of which Python uses 32. */
  private async moveStack(bytes: number): Promise<void> {
    const base = await this.exports.allocate(Math.ceil(bytes));
    await this.exports.call("_emscripten_stack_restore", (base + bytes) & ~15);
  }

  // ---- interrupts ----

  /** Raises an interrupt, sees what has changed, and takes it back. */
  private async findInterruptWords(): Promise<InterruptWord[]> {
    const before = this.guest.memory.range(0, STATE_END).slice();
    await this.exports.call("mp_sched_keyboard_interrupt");
    const words = changedWords(this.guest.memory, before);
    this.interruptWords = words;
    this.clearInterrupt();
    return words;
  }

  /** Takes back an interrupt that came too late for the run that it was meant for. */
  clearInterrupt(): void {
    for (const [address, idle] of this.interruptWords) setGuestWord(this.guest.memory, address, idle);
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
    await this.exports.execute(bindingSource(names));
    const main = await this.exports.importModule("__main__");
    for (const name of names) bridge.exposed.set(name, await this.exports.attribute(main, name));
    await this.exports.freeObjects();
  }

  protected async takeInputs(inputs: Inputs): Promise<void> {
    await this.importLibrary();
    await handOver(this.environment, inputs, (source) => this.exports.execute(source));
    await this.exports.freeObjects();
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
    const library = await this.exports.importModule(GUEST_LIBRARY_NAME);
    this.valueFunction = await this.exports.attribute(library, "value");
    bridge.pinned.add(this.valueFunction);
    await this.exports.freeObjects();
  }

  // ---- runs ----

  protected async begin({ text, capturing, fuelLimit }: Beginning): Promise<PendingRun> {
    if (capturing !== undefined) await this.importLibrary();
    await this.provideExtras(text);
    const { source: program, fuel: toll } = this.compat ? await compatible(text) : { source: text, fuel: 0 };
    await this.provideCompat(program);
    const bytes = sourceBytes(capturing === undefined ? program : (withCapturedValue(program) ?? program));
    const source = await this.exports.allocate(bytes.length + 1);
    setGuestBytes(this.guest.memory, source, bytes);
    guestBytes(this.guest.memory, source + bytes.length, 1)[0] = 0;
    this.exports.clearTriple();
    return {
      execution: this.guest.start("mp_js_do_exec", [source | 0, bytes.length, this.exports.out]),
      phase: "program",
      source,
      capturesValue: capturing !== undefined,
      refusedGrowthBefore: this.environment.refusedGrowth,
      fuelLimit,
      fuelBefore: 0,
      fuelGranted: 0,
      exception: null,
      toll,
    };
  }

  /** A run that could not begin: no room for its source, or an earlier one has damaged the interpreter's memory. */
  protected unprepared(error: unknown, fuelLimit: number): PythonResult {
    if (!isOfGuest(error)) throw error;
    const { message } = error;
    const noRoom = error instanceof BootLimitError && this.broken === undefined;
    if (!noRoom) this.broken ??= message;
    const kind = noRoom ? "memory-limit" : "trap";
    return this.resultWith(fuelLimit, 0, errorOf(kind, message), null);
  }

  protected async unwind(run: PendingRun): Promise<boolean> {
    try {
      const { memory } = this.guest;
      let forCollection = COLLECTION_FUEL_PER_BYTE * memory.byteLength;
      for (let round = 0; round < UNWIND_ROUNDS; round++) {
        await this.exports.call("mp_sched_keyboard_interrupt");
        let outcome = await run.execution.run(UNWIND_FUEL);
        // What stands in a collection sees the interrupt when that is over.
        for (; outcome.status === "out-of-fuel" && forCollection > 0; forCollection -= UNWIND_FUEL) {
          if (!threadState(memory)?.collects) break;
          outcome = await run.execution.run(UNWIND_FUEL);
        }
        if (outcome.status === "out-of-fuel") continue;
        if (outcome.status === "failed") return false;
        this.clearInterrupt();
        run.capturesValue = false;
        await this.finishPhase(run);
        return true;
      }
      return false;
    } catch (error) {
      if (!isOfGuest(error)) throw error;
      return false;
    }
  }

  protected raised({ exception }: PendingRun): PythonException | null {
    return exception;
  }

  protected async slice(run: PendingRun, fuel: number, exact: boolean): Promise<SliceEnd> {
    const paid = Math.min(run.toll, fuel);
    run.toll -= paid;
    run.fuelBefore += paid;
    if (run.toll > 0) return "out-of-fuel";
    const outcome = await this.charged(() => run.execution.run(fuel - paid, exact));
    if (outcome.status === "out-of-fuel") return outcome.status;
    if (outcome.status === "failed") {
      this.broken = outcome.failure.message;
      return { error: errorOfFailure(outcome.failure), exception: run.exception };
    }
    try {
      if (await this.finishPhase(run)) return "more";
    } catch (error) {
      // The program has left the interpreter's memory in a state that its own calls stumble over.
      if (!isOfGuest(error)) throw error;
      this.broken ??= String(error);
      return { error: errorOf("trap", this.broken), exception: run.exception };
    }
    const { exception } = run;
    const refused = this.environment.refusedGrowth > run.refusedGrowthBefore;
    return { error: exception === null ? null : errorOfException(exception, refused), exception };
  }

  protected hasBegun({ phase, toll }: PendingRun): boolean | undefined {
    if (phase === "value") return true;
    const state = threadState(this.guest.memory);
    return state === undefined ? undefined : toll === 0 && state.stackInUse > 0;
  }

  protected fuelUsed({ fuelBefore, execution }: PendingRun): number {
    return fuelBefore + execution.fuelUsed;
  }

  protected chargedAt(run: PendingRun, guestFuel: number): number {
    return this.fuelUsed(run) - (this.guest.fuelUsed() - guestFuel);
  }

  protected freeFuel(): number {
    return 0;
  }

  /** Takes what the phase that is over has left, and cleans up; true if another phase follows. */
  private async finishPhase(run: PendingRun): Promise<boolean> {
    const triple = await this.exports.takeTriple();
    if (run.phase === "program") {
      run.exception = triple.exception;
      await this.exports.call("free", run.source);
      if (triple.exception === null && run.capturesValue) {
        run.phase = "value";
        this.exports.clearTriple();
        run.fuelBefore = this.fuelUsed(run);
        run.fuelGranted = run.fuelBefore;
        run.execution = this.guest.start("proxy_c_to_js_call", [this.valueFunction, 0, 0, this.exports.out]);
        return true;
      }
    }
    await this.exports.freeObjects();
    return false;
  }

  protected result(run: PendingRun, error: PythonError | null, exception: PythonException | null): PythonResult {
    return this.resultWith(run.fuelLimit, this.fuelUsed(run), error, exception);
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

/** A paused run of a state that was taken over, whose execution has come with it. */
function pendingRun({ fuelUsed, ...state }: PausedRunState, execution: GuestExecution): PendingRun {
  return { ...state, execution, fuelBefore: fuelUsed - execution.fuelUsed };
}

/** What calls of the interpreter's own functions throw where there is no room, or a program has damaged its memory. */
function isOfGuest(error: unknown): error is Error {
  return [BootLimitError, FileSystemError, GuestFault, SandboxUsageError].some((type) => error instanceof type);
}
