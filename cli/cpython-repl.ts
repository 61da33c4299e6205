// `escapement python --python cpython` at a terminal, without a program. Lines are edited by Node's readline, which has
// the history; whether a block is complete, CPython's own codeop says.

import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { PythonOptions, PythonResult, PythonState } from "../micropython-wasm/index.js";
import {
  HELP as COMMANDS,
  type CPython,
  type HistoryStore,
  INSISTENT,
  LineHistory,
  loadSession,
  parseCommand,
  parseFuel,
  type SnapshotStore,
  saveSession,
  startCPython,
  TypedBlock,
  UndoStates,
} from "../micropython-wasm/terminal/cpython.js";
import { CommandPacing } from "./guest.js";

export interface CPythonReplOptions extends Omit<PythonOptions, "python" | "stdin" | "onStdout" | "onStderr"> {
  readonly input: Readable;
  readonly output: Writable;
  /** Fuel of each statement. */
  readonly fuel: number;
  /** Where `:save` and `:load` keep snapshots. */
  readonly store: SnapshotStore;
  /** Where entered lines are kept from one session to the next. */
  readonly history?: HistoryStore;
  /** Most bytes of memory that the states for `:undo` keep. */
  readonly undoBytes?: number;
}

const PRIMARY = ">>> ";
const CONTINUATION = "... ";
const HELP = `${COMMANDS}Ctrl-C interrupts, Ctrl-D leaves, Tab completes names.`;
/** Fuel for completing a name, which may run methods of the program's. */
const EDITING_FUEL = 20_000_000;
/** What Tab puts where nothing is typed yet. */
const INDENTATION = "    ";

/** A line was dropped by Ctrl-C. */
const DROPPED = Symbol("dropped");
type Line = string | typeof DROPPED | null;

/** Asks between slices whether Ctrl-C was typed. */
class StatementPacing extends CommandPacing {
  constructor(private readonly look: (pacing: StatementPacing) => void) {
    super();
  }

  override async turn(): Promise<void> {
    await super.turn();
    this.look(this);
  }
}

export class CPythonRepl {
  /** The status of SystemExit, or 0. */
  exitStatus = 0;
  private python!: CPython;
  private readonly undo: UndoStates<PythonState>;
  private lines!: Interface;
  /** What was typed and nobody has asked for yet. */
  private readonly ahead: (string | null)[] = [];
  private waiting: ((line: Line) => void) | undefined;
  /** The user has left, or the terminal is gone. */
  private ended = false;
  /** A statement runs; how often Ctrl-C was typed since it began. */
  private running = false;
  private interrupts = 0;
  private served = 0;
  /** The program waits for a line. */
  private isAsked = false;
  /** What the program has written since the last end of a line. */
  private tail = "";
  private lastFuel = 0;
  private totalFuel = 0;
  private fuel: number;

  private constructor(private readonly options: CPythonReplOptions) {
    this.fuel = options.fuel;
    this.undo = new UndoStates(options.undoBytes);
    this.kept = new LineHistory(options.history);
    // Node has the newest first.
    this.history = [...(options.history?.lines ?? [])].reverse();
  }

  /** Boots CPython, and shows which it is. @throws SandboxUsageError; BootLimitError */
  static async start(options: CPythonReplOptions): Promise<CPythonRepl> {
    const repl = new CPythonRepl(options);
    const {
      input: _,
      output: _output,
      fuel: _fuel,
      store: _store,
      history: _history,
      undoBytes: _undo,
      ...world
    } = options;
    const decoder = new TextDecoder();
    const show = (bytes: Uint8Array) => repl.show(decoder.decode(bytes, { stream: true }));
    repl.python = await startCPython({
      ...world,
      outputBytes: 0,
      stdin: repl.standardInput(),
      onStdout: show,
      onStderr: show,
    });
    const { value } = await repl.python.run('__import__("sys").version.partition(" (")[0]');
    repl.write(`Python ${String(value)} on wasi\n":help" for commands such as :undo.\n`);
    repl.open();
    return repl;
  }

  /** Talks until the user leaves. @returns the exit status */
  async talk(): Promise<number> {
    let typed: string[] = [];
    while (!this.ended) {
      const line = await this.readLine(typed.length === 0 ? PRIMARY : CONTINUATION);
      if (line === null) break;
      const command = line === DROPPED ? undefined : new TypedBlock(typed).commandIn(line);
      if (line === DROPPED) typed = [];
      else if (typed.length === 0 && line.startsWith(":")) await this.command(line.slice(1));
      else if (typed.length > 0 && command !== undefined) {
        if (parseCommand(command)[0] === "undo") typed = [];
        else await this.command(command);
      } else if (typed.length > 0 || line.trim() !== "") {
        this.kept.enter(line);
        typed.push(line);
        if (await this.statement(typed.join("\n"))) typed = [];
      }
    }
    this.ended = true;
    this.lines.close();
    return this.exitStatus;
  }

  // ---- the terminal ----

  private open(): void {
    const { input, output } = this.options;
    this.lines = createInterface({
      input,
      output,
      terminal: true,
      history: this.history,
      historySize: 1000,
      removeHistoryDuplicates: false,
      completer: (line: string, done: (error: null, found: [string[], string]) => void) => {
        this.complete(line).then(
          (found) => done(null, found),
          () => done(null, [[], line]),
        );
      },
    });
    this.lines.on("line", (line) => this.take(line));
    this.lines.on("history", (history) => {
      this.history = history;
    });
    this.lines.on("SIGINT", () => this.interrupt());
    this.lines.on("close", () => this.closed());
  }

  /** What Node recalls: lines for input(), too. */
  private history: string[];
  /** What later sessions have as well: lines of the conversation. */
  private readonly kept: LineHistory;

  private take(line: string): void {
    this.tail = "";
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting === undefined) this.ahead.push(line);
    else waiting(line);
  }

  /** Ctrl-D, or the terminal is gone. */
  private closed(): void {
    if (this.ended) return;
    const { waiting, options } = this;
    this.waiting = undefined;
    // The end of a program's input is not that of the session.
    const goesOn = this.running && !options.input.readableEnded && !options.input.destroyed;
    if (!goesOn) this.ended = true;
    this.write("\n");
    // Closing stops the terminal's stream in the next tick.
    setImmediate(() => {
      if (goesOn) this.open();
      if (waiting !== undefined) waiting(null);
      else if (goesOn) this.ahead.push(null);
    });
  }

  private interrupt(): void {
    this.ahead.length = 0;
    if (this.running) {
      this.interrupts++;
      if (!this.isAsked) return;
      // The exception comes first: input() never returns.
      this.python.interruptRun();
      this.served = this.interrupts;
    }
    this.write(this.running ? "\n" : "\nKeyboardInterrupt\n");
    this.lines.write(null, { ctrl: true, name: "e" });
    this.lines.write(null, { ctrl: true, name: "u" });
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.(DROPPED);
  }

  private readLine(prompt: string): Promise<Line> {
    if (this.ended) return Promise.resolve(null);
    const line = this.ahead.shift();
    if (line === null) return Promise.resolve(null);
    if (line !== undefined) {
      this.write(`${prompt}${line}\n`);
      return Promise.resolve(line);
    }
    return new Promise((resolve) => {
      this.waiting = resolve;
      this.lines.setPrompt(prompt);
      this.lines.prompt();
    });
  }

  /** What a program reads: a line at a time, when it asks. */
  private standardInput(): AsyncIterable<Uint8Array> {
    const next = async (): Promise<IteratorResult<Uint8Array>> => {
      this.isAsked = true;
      // What the program has asked with is on the line: readline shows it anew.
      const { tail } = this;
      if (tail !== "") this.options.output.write("\r");
      const line = await this.readLine(tail);
      this.isAsked = false;
      if (line === null) return { done: true, value: undefined };
      return { done: false, value: new TextEncoder().encode(line === DROPPED ? "\n" : `${line}\n`) };
    };
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }

  private show(text: string): void {
    this.options.output.write(text.replaceAll(/\r?\n/g, "\r\n"));
    const end = text.lastIndexOf("\n");
    this.tail = end < 0 ? this.tail + text : text.slice(end + 1);
  }

  /** Text of the host's. */
  private write(text: string): void {
    this.show(text);
  }

  /** Lines of the host's, on lines of their own. */
  private note(text: string): void {
    this.write(`${this.tail === "" ? "" : "\n"}${text}\n`);
  }

  // ---- statements ----

  /** @returns false if more lines are to come, and nothing has run */
  private async statement(source: string): Promise<boolean> {
    const { python } = this;
    const before = python.checkpoint();
    this.running = true;
    this.interrupts = 0;
    this.served = 0;
    let result: PythonResult | null;
    try {
      const pacing = new StatementPacing((pace) => this.look(pace));
      result = await python.interact(source, { fuel: this.fuel, pacing });
      if (result !== null) await this.end(result, before);
    } finally {
      this.running = false;
    }
    if (result === null) return false;
    this.lastFuel = result.fuel.used;
    this.totalFuel += result.fuel.used;
    this.undo.remember(before);
    if (this.tail !== "") this.write("\n");
    return true;
  }

  private look(pacing: StatementPacing): void {
    if (this.interrupts === this.served) return;
    this.served = this.interrupts;
    if (this.interrupts >= INSISTENT || !this.python.interruptRun()) pacing.stopped = "the statement did not stop";
  }

  private async end({ error, exitStatus }: PythonResult, before: PythonState): Promise<void> {
    const { python } = this;
    // After an end of its input a program may ask again.
    python.environment.stdin.set(this.standardInput());
    if (exitStatus !== null) {
      this.exitStatus = exitStatus;
      if (error?.kind === "exit" && !/^-?\d+$/.test(error.message)) this.note(error.message);
      this.ended = true;
    } else if (error !== null) await this.failed(error, before);
  }

  private async failed(
    { kind, message, traceback }: NonNullable<PythonResult["error"]>,
    before: PythonState,
  ): Promise<void> {
    const { python } = this;
    const why =
      kind === "fuel"
        ? `out of fuel: the limit of a statement is ${this.fuel}; :fuel COUNT changes it`
        : kind === "stopped"
          ? message
          : `Python broke: ${message}`;
    if (python.failure === undefined && !python.isPaused) {
      this.note(traceback.trimEnd());
      return;
    }
    if (python.failure === undefined && (await python.abandon())) {
      const { interrupt } = python;
      this.note(interrupt === null ? why : `${interrupt.traceback.trimEnd()}\n${why}`);
      return;
    }
    python.rewind(before);
    this.note(`${why}; back to before this statement`);
  }

  /** Names that may stand at the end of a line. */
  private async complete(line: string): Promise<[string[], string]> {
    if (this.running) return [[], line];
    if (line.trim() === "") return [[line + INDENTATION], line];
    const text = /[A-Za-z_][\w.]*$/.exec(line)?.[0];
    if (text === undefined) return [[], line];
    const { python } = this;
    const before = python.checkpoint();
    const code = `__import__("_escapement").complete("${text}", globals())`;
    const { ok, value } = await python.run(code, { fuel: EDITING_FUEL });
    // What methods of the program's have done is undone, too.
    python.rewind(before);
    return [ok ? (value as string[]) : [], text];
  }

  // ---- commands ----

  private async command(line: string): Promise<void> {
    try {
      await this.carryOut(...parseCommand(line));
    } catch (error) {
      this.note(error instanceof Error ? error.message : String(error));
    }
  }

  private async carryOut(name: string, argument: string): Promise<void> {
    const { python, options } = this;
    switch (name) {
      case "fuel":
        if (argument !== "") this.fuel = parseFuel(argument);
        return this.note(
          `${this.lastFuel} used by the last statement, ${this.totalFuel} in all; limit of each ${this.fuel} (${options.schedule ?? "escapement-2"})`,
        );
      case "memory":
        return this.note(`${python.memoryBytes} bytes of ${options.memory}`);
      case "undo": {
        const state = this.undo.take();
        if (state === undefined) return this.note("nothing to undo");
        return python.rewind(state);
      }
      case "save":
      case "load": {
        if (argument === "") return this.note(`which file? :${name} FILE`);
        if (name === "load") return this.undo.remember(loadSession(python, await options.store.load(argument)));
        const snapshot = saveSession(python, this.totalFuel);
        await options.store.save(argument, snapshot);
        return this.note(`${snapshot.length} bytes`);
      }
      case "":
      case "help":
        return this.note(HELP);
      default:
        return this.note(`no such command: :${name}\n${HELP}`);
    }
  }
}
