// Python at a terminal: MicroPython's own line editing, and commands that begin with a colon.
//
// The artifact's interface, as far as it is used here:
//   mp_js_repl_init()             prints the banner and the first prompt
//   mp_js_repl_process_char(c)    takes one byte that was typed; runs what is complete; 0, or 0x100 to leave
//   mp_sched_keyboard_interrupt() raises KeyboardInterrupt at the next backward jump
//   emscripten_stack_get_current() the C stack's pointer

import { decodeUtf8Lossy, encodeUtf8 } from "../../decoder/index.js";
import { defaultModule } from "../emscripten/default-artifact.js";
import { engineFactory } from "../emscripten/guest.js";
import { EmscriptenPython } from "../emscripten/python.js";
import { type EmscriptenState, readEmscriptenState } from "../emscripten/state.js";
import type { GuestExecution, GuestInstance } from "../guest/engine-port.js";
import { SandboxUsageError } from "../guest/errors.js";
import { decodeSession, encodeSession } from "../interpreter/session-codec.js";
import { caughtExitStatus, type ExceptionTypes } from "../interpreter/system-exit.js";
import { hostEventLoop, SlicePacing, turnsOf } from "../interpreter/turns.js";
import type { PythonValue } from "../values/python-value.js";
import { BUILTINS_SOURCE, HELP, PROMPTS_SOURCE, READ_LINE } from "./builtins.py.js";
import { CharacterKeys, keysOf } from "./character-keys.js";
import { INSISTENT, parseCommand, parseFuel, takeSession, UndoStates } from "./commands.js";
import { EscapeKeys } from "./escape-keys.js";
import { LineHistory } from "./line-history.js";
import { CARRIAGE_RETURN, CTRL_C, CTRL_D, DELETE, LINE_FEED, LineReader } from "./line-reader.js";
import { PromptLine } from "./prompt-line.js";
import type { ReplOptions } from "./repl-options.js";
import { TypedBlock } from "./typed-block.js";

export type { SnapshotStore } from "./commands.js";
export { type HistoryStore, MAX_HISTORY_LINES } from "./line-history.js";
export type { ReplOptions } from "./repl-options.js";

const CTRL_A = 1;
const CTRL_B = 2;
const CTRL_E = 5;
const TAB = 9;
const CTRL_N = 14;
const CTRL_P = 16;
const CTRL_U = 21;
const COLON = 58;

/** Fuel for a key that runs no statement; Tab may run methods of the program's. */
const EDITING_FUEL = 5_000_000;
/** Fuel for a statement that is being given up, after each interrupt, and how many it gets. */
const UNWIND_FUEL = 100_000;
const UNWIND_ROUNDS = 10;
/** Fuel of a statement, unless the options say otherwise. */
const DEFAULT_FUEL = 20_000_000;

export class PythonRepl {
  /** Set once the user has left. */
  ended = false;
  /** What a process that leaves as the user did exits with: the status of SystemExit, or 0. */
  exitStatus = 0;
  private readonly queue: number[] = [];
  private working: Promise<void> | undefined;
  private readonly loop = hostEventLoop();
  private readonly pacing = new SlicePacing(this.loop);
  private reader: LineReader | undefined;
  /** The command that is being carried out. */
  private command: Promise<void> | undefined;
  /** The last byte typed was a carriage return. */
  private afterReturn = false;
  private readonly line = new PromptLine();
  private readonly block = new TypedBlock();
  private readonly history: LineHistory;
  private readonly undo: UndoStates<EmscriptenState>;
  /** The state before the statement that is being typed or run. */
  private before: EmscriptenState | undefined;
  private execution: GuestExecution | undefined;
  /** How often Ctrl-C was typed since the execution began. */
  private interrupts = 0;
  private lastFuel = 0;
  private totalFuel = 0;
  private readonly escapes = new EscapeKeys();
  private readonly characters = new CharacterKeys();
  /** What a key that only edits has written so far. */
  private held: number[] | undefined;

  private constructor(
    private readonly python: EmscriptenPython,
    private readonly guest: GuestInstance,
    private readonly types: ExceptionTypes,
    private fuel: number,
    private readonly options: ReplOptions,
  ) {
    this.undo = new UndoStates(options.undoBytes);
    this.history = new LineHistory(options.history);
  }

  /** Boots Python, and shows its banner and prompt. @throws BootLimitError */
  static async start(options: ReplOptions): Promise<PythonRepl> {
    const { fuel = DEFAULT_FUEL, schedule, memory, stackSlots, frames, pythonStackBytes, seed } = options;
    const factory = engineFactory(options.artifact ?? (await defaultModule(schedule, options.build, options.tier)), {
      memoryLimitBytes: memory,
      limits: { ...(stackSlots === undefined ? {} : { stackSlots }), ...(frames === undefined ? {} : { frames }) },
    });
    let guest: GuestInstance | undefined;
    let repl: PythonRepl | undefined;
    const onData = (bytes: Uint8Array): void => repl?.show(bytes);
    const python = await EmscriptenPython.boot(
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
    const booted = await python.run(BUILTINS_SOURCE);
    if (!booted.ok) throw new SandboxUsageError(`the terminal's functions do not start: ${booted.error?.message}`);
    const [systemExit, tuple] = booted.value as [number, number];
    repl = new PythonRepl(python, guest!, { systemExit, tuple }, fuel, options);
    repl.held = [];
    await repl.call("mp_js_repl_init");
    const banner = decodeUtf8Lossy(Uint8Array.from(repl.held));
    repl.held = undefined;
    repl.print(banner.replace("for more information.", `for more information, ":help" for commands such as :undo.`));
    repl.line.begin();
    return repl;
  }

  /** Takes bytes as a terminal in raw mode gives them. Ctrl-C acts at once, everything else in its turn. */
  type(bytes: Uint8Array): void {
    let ahead = this.queue.length;
    for (let byte of bytes) {
      // A line that was typed before the terminal was in raw mode ends in a line feed.
      const afterReturn = this.afterReturn;
      this.afterReturn = byte === CARRIAGE_RETURN;
      if (byte === LINE_FEED) {
        if (afterReturn) continue;
        byte = CARRIAGE_RETURN;
      }
      if (this.execution !== undefined && this.reader !== undefined) this.feedReader(byte);
      else if (this.execution !== undefined && byte === CTRL_C) {
        // What was typed ahead was meant for the statement that is given up.
        this.queue.length = 0;
        this.interrupts++;
      } else {
        // What came before, and has not had its turn, is dropped with the line.
        if (byte === CTRL_C) {
          this.queue.splice(0, ahead);
          ahead = 0;
        }
        this.queue.push(byte);
      }
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
      } else for (const key of this.characters.take(byte)) await this.key(key);
      // So that a Ctrl-C behind a long paste is seen.
      if (byte === CARRIAGE_RETURN) await turnsOf(this.loop).next();
    }
  }

  // ---- keys at the prompt ----

  private async key(typed: number): Promise<void> {
    const { line } = this;
    const { isEmpty } = line;
    const byte = this.escapes.take(typed, isEmpty);
    if (byte === undefined) return;
    if (isEmpty && byte === COLON) return this.readCommand();
    // MicroPython's protocol for machines, which shows nothing of what is typed.
    if (isEmpty && byte === CTRL_A) return;
    this.before ??= this.python.checkpoint();
    if (byte === CTRL_P || byte === CTRL_N) return this.recall(byte);
    const { typed: text } = line;
    if (byte === CARRIAGE_RETURN) {
      const command = line.isPrimary ? undefined : this.block.commandIn(text ?? line.pasted ?? "");
      if (command !== undefined) return this.commandInBlock(command);
      this.history.enter(text?.trimStart() ?? "");
      this.block.add(text ?? line.pasted ?? "");
    } else if (byte === CTRL_C) this.history.enter("");
    // MicroPython has indented this line by itself: left empty, it ends the block, as in CPython.
    if (byte === CARRIAGE_RETURN) {
      for (let before = Number.POSITIVE_INFINITY; line.indentation > 0 && line.indentation < before; ) {
        before = line.indentation;
        await this.execute(DELETE, false);
      }
    }
    // A Ctrl-D that was not typed is the key that deletes.
    const runs = byte === CARRIAGE_RETURN || (byte === CTRL_D && typed === CTRL_D && !isEmpty);
    const before = this.guest.fuelUsed();
    const edits = !runs && typed !== CTRL_B && byte !== CTRL_C;
    const status = edits ? await this.edit([byte]) : await this.execute(byte, runs);
    const used = this.guest.fuelUsed() - before;
    this.totalFuel += used;
    if (runs) this.lastFuel = used;
    if (status !== 0) return this.leave(runs);
    if (byte === TAB) {
      // Completions were listed, and the prompt shown anew below them.
      if (isEmpty && line.isBare) line.begin();
    } else if (runs || typed === CTRL_B || byte === CTRL_C) {
      await line.look(() => this.askPrompts());
      if (!line.isPrimary) return;
      this.block.clear();
      // A line that was dropped, or is empty, is no statement.
      if (runs && !isEmpty && this.before !== undefined) this.undo.remember(this.before);
      this.before = undefined;
    }
  }

  /** Puts another line of the history in the place of what is typed. */
  private async recall(key: number): Promise<void> {
    const { typed } = this.line;
    if (typed === undefined) return;
    // Lines are kept without the indentation of their block, and get that of the one that is typed.
    const line = typed.trimStart();
    const text = key === CTRL_P ? this.history.older(line) : this.history.newer();
    if (text === undefined) return;
    const indentation = typed.slice(0, typed.length - line.length);
    // On a line with nothing typed, control characters mean something else.
    for (const keys of [typed === "" ? [] : [CTRL_E, CTRL_U], keysOf(indentation + text)]) await this.edit(keys);
  }

  /** Has MicroPython take keys that run nothing. @returns what the last of them is answered with */
  private async edit(keys: readonly number[]): Promise<number> {
    let status = 0;
    this.held = [];
    for (const byte of keys) status = await this.execute(byte, false);
    const { held } = this;
    this.held = undefined;
    if (held !== undefined) this.showHeld(held);
    return status;
  }

  /** The program may have changed its prompts. */
  private async askPrompts(): Promise<void> {
    const { error, value } = await this.python.run(PROMPTS_SOURCE, { fuel: EDITING_FUEL });
    if (error?.kind === "fuel") await this.python.abandon();
    // MicroPython shows nothing for what is no str.
    const text = (prompt: PythonValue | undefined) => (typeof prompt === "string" ? prompt : "");
    if (Array.isArray(value)) this.line.set([text(value[0]), text(value[1])]);
  }

  private async leave(raised: boolean): Promise<void> {
    this.ended = true;
    if (raised) {
      const stackPointer = await this.call("emscripten_stack_get_current");
      this.exitStatus = caughtExitStatus(this.guest.memory, stackPointer, this.types);
    }
  }

  // ---- running ----

  /** Hands a byte to MicroPython; with the budget of a statement if it `runs` one. */
  private async execute(byte: number, runs: boolean): Promise<number> {
    const { guest, pacing } = this;
    const limit = runs ? this.fuel : EDITING_FUEL;
    const execution = guest.start("mp_js_repl_process_char", [byte]);
    this.execution = execution;
    this.interrupts = 0;
    let served = 0;
    let granted = 0;
    try {
      for (;;) {
        const slice = Math.min(pacing.sliceFuel(), limit - granted);
        granted += slice;
        const outcome = await execution.run(slice);
        if (outcome.status === "done") return Number(outcome.results[0] ?? 0);
        if (outcome.status === "failed") return await this.goBack(`Python broke: ${outcome.failure.message}`);
        if (granted >= limit) {
          const message = runs
            ? `out of fuel: the limit of a statement is ${limit}; :fuel COUNT changes it`
            : "out of fuel while the line was edited";
          const status = await this.giveUp(execution);
          if (status === undefined) return await this.goBack(message);
          this.note(message);
          return status;
        }
        await pacing.turn(granted);
        if (this.interrupts === served) continue;
        served = this.interrupts;
        if (served >= INSISTENT)
          return (await this.giveUp(execution)) ?? (await this.goBack("the statement did not stop"));
        await this.call("mp_sched_keyboard_interrupt");
      }
    } finally {
      this.execution = undefined;
      this.reader = undefined;
      // One that came too late is not for the next statement.
      this.python.clearInterrupt();
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
  private async goBack(why: string): Promise<number> {
    this.python.rewind(this.before!);
    this.before = undefined;
    this.print(`\r\n${why}; back to before this statement\r\n`);
    await this.askPrompts();
    this.prompt();
    return 0;
  }

  /** Calls an export that runs none of the program's code. */
  private async call(name: string): Promise<number> {
    const outcome = await this.guest.start(name, []).run(DEFAULT_FUEL);
    if (outcome.status !== "done") throw new SandboxUsageError(`MicroPython failed in ${name}`);
    return Number(outcome.results[0] ?? 0);
  }

  // ---- lines that the host reads ----

  /** What input() waits for; null at the end of the input. */
  private readLine(): Promise<string | null> {
    return new Promise((resolve, reject) => {
      this.reader = new LineReader({
        show: (bytes) => this.show(bytes),
        done: resolve,
        ended: () => resolve(null),
        // The exception comes first: input() never returns.
        interrupted: () => void this.call("mp_sched_keyboard_interrupt").then(() => resolve(""), reject),
      });
      // What was typed ahead is for this line.
      while (this.reader !== undefined && this.queue.length > 0) this.feedReader(this.queue.shift()!);
    });
  }

  private feedReader(byte: number): void {
    const reader = this.reader!;
    // Before its events, which may put another reader in its place.
    this.reader = undefined;
    if (reader.take(byte)) this.reader = reader;
  }

  // ---- commands ----

  private readCommand(): void {
    // What was typed before has been erased: there is no statement.
    this.before = undefined;
    const prompt = () => this.prompt();
    this.print(":");
    this.reader = new LineReader({
      show: (bytes) => this.show(bytes),
      done: (line) => {
        this.command = this.carryOut(line).then(prompt, (error: unknown) => {
          this.note(error instanceof Error ? error.message : String(error));
          prompt();
        });
      },
      interrupted: prompt,
      ended: prompt,
      left: () => this.print("\b \b"),
    });
  }

  /** A command in place of a line of a block: `:undo` drops the block, behind others it goes on. */
  private async commandInBlock(command: string): Promise<void> {
    const { line } = this;
    const [name] = parseCommand(command);
    if (name === "undo") {
      this.python.rewind(this.before!);
      this.before = undefined;
      this.block.clear();
      this.print("\r\n");
      await this.askPrompts();
      return this.prompt();
    }
    const typed = line.typed?.trimStart();
    if (typed === undefined) return this.note("of the commands, paste mode knows :undo, which drops what was pasted");
    const rest = line.text.slice(0, line.text.length - typed.length);
    this.held = [];
    for (let i = 0; i < typed.length; i++) await this.execute(DELETE, false);
    this.held = undefined;
    if (name === "save" || name === "load") this.note(`:${name} is for between statements; :undo drops this one`);
    else await this.carryOut(command);
    this.print(rest);
  }

  private async carryOut(line: string): Promise<void> {
    const [name, argument] = parseCommand(line);
    switch (name) {
      case "fuel":
        if (argument !== "") this.fuel = parseFuel(argument);
        return this.note(
          `${this.lastFuel} used by the last statement, ${this.totalFuel} in all; limit of each ${this.fuel} (${this.guest.fuelSchedule})`,
        );
      case "memory":
        return this.note(`${this.guest.memory.byteLength} bytes of ${this.guest.memoryLimitBytes}`);
      case "undo": {
        const state = this.undo.take();
        if (state === undefined) return this.note("nothing to undo");
        this.python.rewind(state);
        return this.askPrompts();
      }
      case "save":
      case "load": {
        const { store } = this.options;
        if (store === undefined) return this.note("there is nowhere to save to");
        if (argument === "") return this.note(`which file? :${name} FILE`);
        if (name === "load") return this.restore(await store.load(argument));
        const snapshot = this.snapshot();
        await store.save(argument, snapshot);
        return this.note(`${snapshot.length} bytes`);
      }
      case "":
      case "help":
        return this.note(HELP);
      default:
        return this.note(`no such command: :${name}\n${HELP}`);
    }
  }

  /** The session as bytes. */
  private snapshot(): Uint8Array {
    const python = this.python.checkpoint();
    const names = this.python.environment.hostCalls.names();
    return encodeSession({ python, sessionFuelUsed: this.totalFuel, callsBefore: 0, names }, null);
  }

  /** @throws SnapshotError, and nothing has changed then */
  private async restore(bytes: Uint8Array): Promise<void> {
    const { session } = decodeSession(bytes, { emscripten: readEmscriptenState });
    const before = takeSession(this.python, session, [READ_LINE]);
    this.undo.remember(before);
    await this.askPrompts();
  }

  // ---- the screen ----

  private show(bytes: Uint8Array): void {
    if (this.held !== undefined) {
      this.held.push(...bytes);
      return;
    }
    this.line.write(bytes);
    this.options.write(bytes);
  }

  /**
   * Shows what a key that runs nothing has made MicroPython write. Where that leaves the line empty, 1.29 writes its
   * prompt anew behind the one that is there: that is left out.
   */
  private showHeld(held: readonly number[]): void {
    const prompt = encodeUtf8(this.line.primary.replaceAll("\n", "\r\n"));
    const start = held.length - prompt.length;
    const repeats = prompt.length > 0 && start >= 0 && prompt.every((byte, i) => held[start + i] === byte);
    this.show(Uint8Array.from(repeats ? held.slice(0, start) : held));
    if (repeats && !this.line.isEmpty && !this.line.isBare) this.show(prompt);
  }

  private print(text: string): void {
    this.show(encodeUtf8(text));
  }

  /** Lines of the host's; in place of an empty prompt that is already there, which follows them then. */
  private note(text: string): void {
    const { isBare: isPrompt, text: line } = this.line;
    this.print(`${isPrompt ? "\r\x1b[K" : line === "" ? "" : "\r\n"}${text.replaceAll("\n", "\r\n")}\r\n`);
    if (isPrompt) this.prompt();
  }

  private prompt(): void {
    this.print(this.line.primary.replaceAll("\n", "\r\n"));
    this.line.begin();
  }
}
