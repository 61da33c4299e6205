// Python at a terminal: MicroPython's own line editing, and commands that begin with a colon.
//
// The artifact's interface, as far as it is used here:
//   mp_js_repl_init()             prints the banner and the first prompt
//   mp_js_repl_process_char(c)    takes one byte that was typed; runs what is complete; 0, or 0x100 to leave
//   mp_sched_keyboard_interrupt() raises KeyboardInterrupt at the next backward jump
import { type FuelScheduleName, SnapshotError } from "../runtime/index.js";
import { defaultModule } from "./default-artifact.js";
import { engineFactory } from "./engine-guest.js";
import { SandboxUsageError } from "./errors.js";
import type { GuestExecution, GuestInstance } from "./host-environment.js";
import { MicroPython, type MicroPythonState } from "./micropython.js";
import { checkEnvironment, decodeSession, encodeSession } from "./sandbox-snapshot.js";
import { hostEventLoop, SlicePacing } from "./turns.js";
import { decodeUtf8Lossy, encodeUtf8 } from "./utf8.js";

export interface ReplOptions {
  /** Fuel of each statement; default 20,000,000. */
  readonly fuel?: number | undefined;
  readonly schedule?: FuelScheduleName | undefined;
  /** Cap on linear memory in bytes. */
  readonly memoryLimitBytes?: number | undefined;
  /** Caps on the engine's call stack. */
  readonly stackSlots?: number | undefined;
  readonly frames?: number | undefined;
  readonly pythonStackBytes?: number | undefined;
  readonly seed?: number | undefined;
  /** Receives what the terminal is to show. */
  readonly write: (bytes: Uint8Array) => void;
  /** Where `:save` and `:load` keep snapshots; without it there are no such commands. */
  readonly store?: SnapshotStore | undefined;
}

/** Errors are shown with their messages. */
export interface SnapshotStore {
  save(name: string, snapshot: Uint8Array): Promise<void> | void;
  load(name: string): Promise<Uint8Array> | Uint8Array;
}

const CTRL_A = 1;
const CTRL_C = 3;
const CTRL_D = 4;
const BACKSPACE = 8;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const CTRL_U = 21;
const COLON = 58;
const DELETE = 127;

const PROMPT = ">>> ";
/** States that `:undo` can go back to. */
const MAX_UNDO = 32;
/** Fuel for a statement that is being given up, after each interrupt, and how many it gets. */
const UNWIND_FUEL = 100_000;
const UNWIND_ROUNDS = 10;
/** Ctrl-C so many times during one statement: it is given up. */
const INSISTENT = 3;
/** Fuel of a statement, unless the options say otherwise. */
const DEFAULT_FUEL = 20_000_000;

const HELP = `:fuel            what the last statement used, and the limit
:fuel COUNT      sets the limit of each statement
:memory          linear memory now, and its limit
:undo            back to before the last statement
:save FILE       writes the session to a file
:load FILE       goes on with a session from a file
Ctrl-C interrupts, Ctrl-D leaves, Ctrl-E is paste mode.
`;

/** Reads one line of the user's, with the terminal in raw mode: what MicroPython's editing is not used for. */
class LineReader {
  private readonly bytes: number[] = [];

  constructor(
    private readonly show: (text: string) => void,
    /** Gets the line, or null at Ctrl-D on an empty one. */
    readonly done: (line: string | null) => void,
    readonly interrupted: () => void,
  ) {}

  /** @returns whether more is awaited */
  take(byte: number): boolean {
    if (byte === CARRIAGE_RETURN) {
      this.show("\r\n");
      this.done(decodeUtf8Lossy(Uint8Array.from(this.bytes)));
      return false;
    }
    if (byte === CTRL_C) {
      this.show("\r\n");
      this.interrupted();
      return false;
    }
    if (byte === CTRL_D && this.bytes.length === 0) {
      this.show("\r\n");
      this.done(null);
      return false;
    }
    if (byte === BACKSPACE || byte === DELETE) this.erase();
    else if (byte === CTRL_U) while (this.bytes.length > 0) this.erase();
    else if (byte >= 32) {
      this.bytes.push(byte);
      this.show(decodeUtf8Lossy(Uint8Array.of(byte < 128 ? byte : 63)));
    }
    return true;
  }

  private erase(): void {
    if (this.bytes.length === 0) return;
    // One column per byte is shown.
    this.bytes.pop();
    this.show("\b \b");
  }
}

export class PythonRepl {
  /** Set once the user has left. */
  ended = false;
  private readonly queue: number[] = [];
  private working: Promise<void> | undefined;
  private readonly pacing = new SlicePacing(hostEventLoop());
  private reader: LineReader | undefined;
  /** The last byte typed was a carriage return. */
  private afterReturn = false;
  /** The end of what was shown, to tell where the cursor is. */
  private tail = "";
  /** Bytes on the line at the primary prompt; undefined at other prompts, and once editing keys make it uncertain. */
  private lineLength: number | undefined = 0;
  private readonly undo: MicroPythonState[] = [];
  /** The last of them is that before the statement that is being typed or run. */
  private remembered = false;
  private execution: GuestExecution | undefined;
  private interrupts = 0;
  private lastFuel = 0;
  private totalFuel = 0;

  private constructor(
    private readonly python: MicroPython,
    private readonly guest: GuestInstance,
    private fuel: number,
    private readonly options: ReplOptions,
  ) {}

  /** Boots Python, and shows its banner and prompt. @throws BootLimitError */
  static async start(options: ReplOptions): Promise<PythonRepl> {
    const { fuel = DEFAULT_FUEL, schedule, memoryLimitBytes, stackSlots, frames, pythonStackBytes, seed } = options;
    const factory = engineFactory(await defaultModule(schedule), {
      memoryLimitBytes,
      limits: { ...(stackSlots === undefined ? {} : { stackSlots }), ...(frames === undefined ? {} : { frames }) },
    });
    let guest: GuestInstance | undefined;
    let repl: PythonRepl | undefined;
    const onData = (bytes: Uint8Array): void => repl?.show(bytes);
    const python = await MicroPython.boot(
      async (imports) => {
        guest = await factory(imports);
        return guest;
      },
      {
        pythonStackBytes,
        seed,
        stdout: { limitBytes: 0, onData },
        stderr: { limitBytes: 0, onData },
        functions: { [READ_LINE]: () => repl!.readLine() },
      },
    );
    const booted = await python.run(INPUT_SOURCE, { value: false });
    if (!booted.ok) throw new SandboxUsageError(`the terminal's input() does not start: ${booted.error?.message}`);
    repl = new PythonRepl(python, guest!, fuel, options);
    await repl.call("mp_js_repl_init");
    return repl;
  }

  /** Takes bytes as a terminal in raw mode gives them. Ctrl-C acts at once, everything else in its turn. */
  type(bytes: Uint8Array): void {
    for (let byte of bytes) {
      // A line that was typed before the terminal was in raw mode ends in a line feed.
      const afterReturn = this.afterReturn;
      this.afterReturn = byte === CARRIAGE_RETURN;
      if (byte === LINE_FEED) {
        if (afterReturn) continue;
        byte = CARRIAGE_RETURN;
      }
      if (this.execution === undefined) this.queue.push(byte);
      else if (this.reader !== undefined) this.feedReader(byte);
      else if (byte === CTRL_C) {
        // What was typed ahead was meant for the statement that is given up.
        this.queue.length = 0;
        this.interrupts++;
      } else this.queue.push(byte);
    }
    this.working ??= this.work().finally(() => {
      this.working = undefined;
    });
  }

  /** Resolves when everything typed so far has been handled; a statement that waits for input does not end before. */
  async idle(): Promise<void> {
    while (this.working !== undefined) await this.working;
  }

  private async work(): Promise<void> {
    while (this.queue.length > 0 && !this.ended) {
      const byte = this.queue.shift()!;
      if (this.reader !== undefined) {
        this.feedReader(byte);
        await this.command;
      } else await this.key(byte);
    }
  }

  // ---- keys at the prompt ----

  private async key(byte: number): Promise<void> {
    const atPrompt = this.lineLength === 0;
    if (atPrompt && byte === COLON) return this.readCommand();
    // MicroPython's protocol for machines, which shows nothing of what is typed.
    if (atPrompt && byte === CTRL_A) return;
    if (atPrompt && !this.remembered) this.remember();
    if (byte === BACKSPACE || byte === DELETE) {
      if (this.lineLength !== undefined && this.lineLength > 0) this.lineLength--;
    } else if (byte >= 32) {
      if (this.lineLength !== undefined) this.lineLength++;
    } else this.lineLength = undefined;
    const status = await this.execute("mp_js_repl_process_char", [byte]);
    if (this.tail.endsWith(`\n${PROMPT}`)) {
      // A line that was dropped, or is empty, is no statement.
      if (this.remembered && (byte === CTRL_C || (atPrompt && byte === CARRIAGE_RETURN))) this.undo.pop();
      this.remembered = false;
      this.lineLength = 0;
    }
    if (status !== 0) this.ended = true;
  }

  /** Keeps the state before a statement, for `:undo`. */
  private remember(): void {
    this.remembered = true;
    this.undo.push(this.python.checkpoint());
    if (this.undo.length > MAX_UNDO) this.undo.shift();
  }

  // ---- running ----

  /** Calls an export with the budget of a statement. */
  private async execute(name: string, args: number[]): Promise<number> {
    const { guest, pacing } = this;
    const before = guest.fuelUsed();
    const execution = guest.start(name, args);
    this.execution = execution;
    this.interrupts = 0;
    let served = 0;
    let granted = 0;
    try {
      for (;;) {
        const slice = Math.min(pacing.sliceFuel(), this.fuel - granted);
        granted += slice;
        const outcome = await execution.run(slice);
        if (outcome.status === "done") return Number(outcome.results[0] ?? 0);
        if (outcome.status === "failed") {
          return this.goBack(`Python broke: ${outcome.failure.message}`);
        }
        if (granted >= this.fuel) {
          const message = `out of fuel: the limit of a statement is ${this.fuel}; :fuel COUNT changes it`;
          const status = await this.giveUp(execution);
          if (status === undefined) return this.goBack(message);
          this.note(message);
          return status;
        }
        await pacing.turn();
        if (this.interrupts === served) continue;
        served = this.interrupts;
        if (served >= INSISTENT) {
          const status = await this.giveUp(execution);
          return status ?? this.goBack("the statement did not stop");
        }
        await this.call("mp_sched_keyboard_interrupt");
      }
    } finally {
      this.execution = undefined;
      this.reader = undefined;
      const used = guest.fuelUsed() - before;
      this.totalFuel += used;
      // Keys that only edit the line are not what the user asks about.
      if (args[0] === CARRIAGE_RETURN || args[0] === CTRL_D) this.lastFuel = used;
    }
  }

  /** Interrupts a statement until it lets go; undefined if it does not. */
  private async giveUp(execution: GuestExecution): Promise<number | undefined> {
    for (let round = 0; round < UNWIND_ROUNDS; round++) {
      await this.call("mp_sched_keyboard_interrupt");
      const outcome = await execution.run(UNWIND_FUEL);
      if (outcome.status === "done") return Number(outcome.results[0] ?? 0);
      if (outcome.status === "failed") return undefined;
    }
    return undefined;
  }

  /** To the state before this statement, the only sound one there is. */
  private goBack(why: string): number {
    this.remembered = false;
    const state = this.undo.pop();
    if (state === undefined) throw new SandboxUsageError(why);
    this.python.rewind(state);
    this.print(`\r\n${why}; back to before this statement\r\n`);
    this.prompt();
    return 0;
  }

  private async call(name: string): Promise<void> {
    const outcome = await this.guest.start(name, []).run(DEFAULT_FUEL);
    if (outcome.status !== "done") throw new SandboxUsageError(`MicroPython failed in ${name}`);
  }

  // ---- lines that the host reads ----

  /** What input() waits for. */
  private readLine(): Promise<string | null> {
    return new Promise((resolve) => {
      this.reader = new LineReader(
        (text) => this.print(text),
        resolve,
        // The exception comes first: input() never returns.
        () => void this.call("mp_sched_keyboard_interrupt").then(() => resolve("")),
      );
      // What was typed ahead is for this line.
      while (this.reader !== undefined && this.queue.length > 0) this.feedReader(this.queue.shift()!);
    });
  }

  private feedReader(byte: number): void {
    const reader = this.reader!;
    // Before `done`, which may put another reader in its place.
    this.reader = undefined;
    if (reader.take(byte)) this.reader = reader;
  }

  // ---- commands ----

  /** The command that is being carried out. */
  private command: Promise<void> | undefined;

  private readCommand(): void {
    const after = () => this.prompt();
    this.print(":");
    this.reader = new LineReader(
      (text) => this.print(text),
      (line) => {
        this.command = this.carryOut(line ?? "").then(after, (error: unknown) => {
          this.print(`${error instanceof Error ? error.message : String(error)}\r\n`);
          after();
        });
      },
      after,
    );
  }

  private async carryOut(line: string): Promise<void> {
    const [, name, argument] = /^\s*(\S*)\s*(.*?)\s*$/.exec(line)!;
    switch (name) {
      case "fuel":
        if (argument !== "") this.fuel = parseFuel(argument!);
        return this.note(
          `${this.lastFuel} used by the last statement, ${this.totalFuel} in all; limit of each ${this.fuel} (${this.guest.fuelSchedule})`,
        );
      case "memory":
        return this.note(`${this.guest.memory.bytes().length} bytes of ${this.guest.memoryLimitBytes}`);
      case "undo": {
        const state = this.undo.pop();
        if (state === undefined) return this.note("nothing to undo");
        this.python.rewind(state);
        return;
      }
      case "save":
      case "load": {
        const { store } = this.options;
        if (store === undefined) return this.note("there is nowhere to save to");
        if (argument === "") return this.note(`which file? :${name} FILE`);
        if (name === "load") return this.restore(await store.load(argument!));
        const snapshot = this.snapshot();
        await store.save(argument!, snapshot);
        return this.note(`${snapshot.length} bytes`);
      }
      default:
        return this.print(HELP.replaceAll("\n", "\r\n"));
    }
  }

  /** The session as bytes. */
  private snapshot(): Uint8Array {
    const python = this.python.checkpoint();
    const names = this.python.environment.hostCalls.names();
    return encodeSession({ python, sessionFuelUsed: this.totalFuel, callsBefore: 0, names }, null);
  }

  /** @throws SnapshotError, and nothing has changed then */
  private restore(bytes: Uint8Array): void {
    const { python, names } = decodeSession(bytes).session;
    if (python.kind !== "emscripten" || python.run !== null || names.length !== 1 || names[0] !== READ_LINE) {
      throw new SnapshotError("mismatch", "the snapshot is not of a session at a terminal");
    }
    const { environment } = this.python;
    const { maxBytes } = environment.files;
    try {
      checkEnvironment(environment, python, names);
    } finally {
      environment.files.maxBytes = maxBytes;
    }
    const before = this.python.checkpoint();
    this.python.rewind(python);
    this.undo.push(before);
    if (this.undo.length > MAX_UNDO) this.undo.shift();
  }

  // ---- the screen ----

  private show(bytes: Uint8Array): void {
    this.tail = (this.tail + decodeUtf8Lossy(bytes)).slice(-16);
    this.options.write(bytes);
  }

  private print(text: string): void {
    this.show(encodeUtf8(text));
  }

  /** A line of the host's; at a prompt that is already there, before a new one. */
  private note(text: string): void {
    const prompted = this.tail.endsWith(PROMPT);
    this.print(`${prompted ? "\r\x1b[K" : ""}${text}\r\n`);
    if (prompted) this.prompt();
  }

  private prompt(): void {
    this.lineLength = 0;
    this.print(PROMPT);
    // A prompt is at the beginning of a line, also where Python did not begin one.
    this.tail = `\n${PROMPT}`;
  }
}

/** Name of the host function that input() calls. */
const READ_LINE = "_repl_read_line";

const INPUT_SOURCE = `
import builtins
def _f(read_line):
    import sys
    def input(prompt=""):
        sys.stdout.write(str(prompt))
        line = read_line()
        if line is None:
            raise EOFError()
        return line
    return input
builtins.input = _f(${READ_LINE})
del builtins, _f, ${READ_LINE}
`;

/** @throws SandboxUsageError */
function parseFuel(text: string): number {
  const fuel = /^\d[\d_]*$/.test(text) ? Number(text.replaceAll("_", "")) : Number.NaN;
  if (!Number.isSafeInteger(fuel)) throw new SandboxUsageError(`not a count of fuel: ${text}`);
  return fuel;
}
