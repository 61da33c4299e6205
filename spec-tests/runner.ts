// Runs scripts against an engine. A failure is the business of its command alone: the script goes
// on, and only commands that need what failed fail with it.

import type { EngineAdapter, Failure, FailureKind } from "./adapter.js";
import { type Assembler, AssemblyError } from "./assemble.js";
import { EXPECTED_FAILURES, type ExpectedFailure, rowsFor } from "./expected-failures.js";
import { bytesOfSource } from "./lexer.js";
import {
  type Action,
  type Command,
  type InstanceSource,
  isAssertion,
  type ModuleSource,
  parseScript,
} from "./script.js";
import { assembleSpectest, type Lookup, makeSpectest } from "./spectest.js";
import { malformedText } from "./text-checks.js";
import { matches, type Pattern, showValue, type Value } from "./values.js";

/**
 *   passed            as the script says
 *   failed            not as the script says
 *   expected-failure  failed, and the table of expected failures has it
 *   unexpected-pass   passed, but the table says that it fails
 */
export type Outcome = "passed" | "failed" | "expected-failure" | "unexpected-pass";

export interface CommandResult {
  readonly line: number;
  readonly kind: Command["kind"];
  /** Only assertions are counted; another command that fails makes the run fail all the same. */
  readonly isAssertion: boolean;
  readonly outcome: Outcome;
  /** What was expected and found, or the reason in the table of expected failures. */
  readonly message?: string;
  /** Text that the harness refused in the assembler's place, and why. */
  readonly harnessCheck?: string;
}

export interface FileResult {
  /** Path in the suite, with slashes. */
  readonly file: string;
  readonly commands: readonly CommandResult[];
  /** The script could not be read at all. */
  readonly error?: string;
  /** Rows of the table of expected failures that name no command. */
  readonly staleRows: readonly ExpectedFailure[];
  readonly milliseconds: number;
}

export interface Script {
  /** Path in the suite, with slashes: it names the file in reports and in the table of expected failures. */
  readonly file: string;
  /** One char per byte, see lexer.ts. */
  readonly source: string;
}

export interface RunnerOptions {
  readonly assembler: Assembler;
  readonly expectedFailures?: readonly ExpectedFailure[];
  /** Whether the custom sections of the scripts' valid modules are checked too, if the engine can. */
  readonly checkCustomSections?: (file: string) => boolean;
}

/** Runs scripts one after another against one engine. */
export class Runner<Module, Instance, Extern> {
  readonly #rows: Map<string, ExpectedFailure>;
  #spectest: Map<string, Uint8Array> | undefined;

  constructor(
    readonly adapter: EngineAdapter<Module, Instance, Extern>,
    readonly options: RunnerOptions,
  ) {
    this.#rows = rowsFor(options.expectedFailures ?? EXPECTED_FAILURES, adapter.name, adapter.tier);
  }

  /** Runs one script with an engine state and a `spectest` of its own. */
  async run(script: Script): Promise<FileResult> {
    const started = performance.now();
    const { file } = script;
    const commands: CommandResult[] = [];
    let error: string | undefined;
    try {
      const parsed = parseScript(script.source);
      this.#spectest ??= await assembleSpectest(this.options.assembler);
      this.adapter.reset?.();
      const spectest = await makeSpectest(this.adapter, this.#spectest);
      const checkCustom = this.options.checkCustomSections?.(file) ?? false;
      const execution = new ScriptExecution(this.adapter, this.options.assembler, spectest, checkCustom);
      for (const command of parsed) {
        const row = this.#rows.get(`${file}:${command.line}`);
        commands.push(judge(command, await execution.verdict(command), row));
      }
    } catch (thrown) {
      error = thrown instanceof Error ? thrown.message : String(thrown);
    }
    const lines = new Set(commands.map(({ line }) => line));
    const staleRows = [...this.#rows.values()].filter((row) => row.file === file && !lines.has(row.line));
    const milliseconds = performance.now() - started;
    return { file, commands, staleRows, milliseconds, ...(error === undefined ? {} : { error }) };
  }
}

/** What became of a command; no `failure`, no objection. */
interface Verdict {
  readonly failure?: string;
  readonly harnessCheck?: string;
}

function judge(command: Command, verdict: Verdict, row: ExpectedFailure | undefined): CommandResult {
  const { failure, harnessCheck } = verdict;
  const base = {
    line: command.line,
    kind: command.kind,
    isAssertion: isAssertion(command),
    ...(harnessCheck === undefined ? {} : { harnessCheck }),
  };
  if (row === undefined) {
    return failure === undefined ? { ...base, outcome: "passed" } : { ...base, outcome: "failed", message: failure };
  }
  return failure === undefined
    ? { ...base, outcome: "unexpected-pass", message: `passes, but is listed as a failure: ${row.reason}` }
    : { ...base, outcome: "expected-failure", message: row.reason };
}

/** The command's result is not what the script says. */
class Mismatch extends Error {}

/** A module or instance, or the line of the command that should have made it. */
type Made<T> = { readonly value: T } | { readonly failedAt: number };

/** State of one script. */
class ScriptExecution<Module, Instance, Extern> {
  readonly #definitions = new Map<string, Made<Module>>();
  readonly #instances = new Map<string, Made<Instance>>();
  readonly #registered = new Map<string, Made<Instance>>();
  #lastDefinition: Made<Module> | undefined;
  #lastInstance: Made<Instance> | undefined;

  constructor(
    readonly adapter: EngineAdapter<Module, Instance, Extern>,
    readonly assembler: Assembler,
    readonly spectest: Lookup<Extern>,
    readonly checkCustom: boolean,
  ) {}

  async verdict(command: Command): Promise<Verdict> {
    try {
      const harnessCheck = await this.#execute(command);
      return harnessCheck === undefined ? {} : { harnessCheck };
    } catch (error) {
      if (error instanceof Mismatch || error instanceof AssemblyError) return { failure: error.message };
      return { failure: `unexpected ${show(this.adapter.classify(error))}` };
    }
  }

  /** Throws if the command fails; returns what the harness's own check refused, if it did. */
  async #execute(command: Command): Promise<string | undefined> {
    switch (command.kind) {
      case "module":
      case "definition":
        await this.#define(command.module, command.line, command.kind === "module");
        return undefined;
      case "instance":
        await this.#instantiateDefinition(command.id, command.definition, command.line);
        return undefined;
      case "register":
        this.#registered.set(command.name, this.#instanceNamed(command.instance));
        return undefined;
      case "action":
        await this.#act(command.action);
        return undefined;
      case "assert_return":
        compareResults(command.results, await this.#act(command.action));
        return undefined;
      case "assert_trap":
        await this.#expectFailure(["trap"], command.message, () => this.#act(command.action));
        return undefined;
      case "assert_exhaustion":
        await this.#expectFailure(["exhaustion"], command.message, () => this.#act(command.action));
        return undefined;
      case "assert_exception":
        await this.#expectFailure(["exception"], "", () => this.#act(command.action));
        return undefined;
      case "assert_unlinkable":
      case "assert_uninstantiable": {
        const module = await this.#moduleOf(command.source);
        const kind = command.kind === "assert_unlinkable" ? "link" : "trap";
        await this.#expectFailure([kind], command.message, () => this.#instantiate(module));
        return undefined;
      }
      case "assert_invalid": {
        const bytes = await this.#bytesOf(command.module);
        await this.#expectFailure(["invalid", "refused"], command.message, () => this.adapter.compile(bytes));
        return undefined;
      }
      case "assert_malformed":
        return this.#assertMalformed(command.module, command.message);
      case "assert_malformed_custom":
        await this.#assertMalformedCustom(command.module, command.message);
        return undefined;
      case "assert_invalid_custom": {
        const bytes = await this.#bytesOf(command.module);
        await this.adapter.compile(bytes);
        await this.#expectBadCustom(["invalid", "refused"], command.message, bytes);
        return undefined;
      }
    }
  }

  async #define(module: ModuleSource, line: number, isInstantiated: boolean): Promise<void> {
    // Until it is made, it is what failed: a later command must not meet an older module instead.
    this.#setDefinition(module.id, { failedAt: line });
    if (isInstantiated) this.#setInstance(module.id, { failedAt: line });
    const bytes = await this.#bytesOf(module);
    const compiled = await this.adapter.compile(bytes);
    if (this.checkCustom) await this.adapter.validateCustom?.(bytes);
    this.#setDefinition(module.id, { value: compiled });
    if (isInstantiated) this.#setInstance(module.id, { value: await this.#instantiate(compiled) });
  }

  async #instantiateDefinition(id: string | undefined, definition: string | undefined, line: number): Promise<void> {
    this.#setInstance(id, { failedAt: line });
    const module = this.#definitionNamed(definition);
    this.#setInstance(id, { value: await this.#instantiate(module) });
  }

  #setDefinition(id: string | undefined, made: Made<Module>): void {
    this.#lastDefinition = made;
    if (id !== undefined) this.#definitions.set(id, made);
  }

  #setInstance(id: string | undefined, made: Made<Instance>): void {
    this.#lastInstance = made;
    if (id !== undefined) this.#instances.set(id, made);
  }

  #definitionNamed(id: string | undefined): Module {
    const made = id === undefined ? this.#lastDefinition : this.#definitions.get(id);
    if (made === undefined) throw new Mismatch(`there is no module ${id ?? "yet"}`);
    return madeValue(made);
  }

  #instanceNamed(id: string | undefined): Made<Instance> {
    const made = id === undefined ? this.#lastInstance : this.#instances.get(id);
    if (made === undefined) throw new Mismatch(`there is no instance ${id ?? "yet"}`);
    return made;
  }

  async #moduleOf(source: InstanceSource): Promise<Module> {
    if (source.kind === "definition") return this.#definitionNamed(source.id);
    return this.adapter.compile(await this.#bytesOf(source.module));
  }

  async #bytesOf(module: ModuleSource): Promise<Uint8Array> {
    if (module.form === "binary") return bytesOfSource(module.content);
    try {
      return await this.assembler.assemble(module.content);
    } catch (error) {
      throw error instanceof AssemblyError ? new Mismatch(`the assembler refused the text: ${error.message}`) : error;
    }
  }

  async #instantiate(module: Module): Promise<Instance> {
    let missing: number | undefined;
    const resolve = (moduleName: string, name: string): Extern | undefined => {
      const made = this.#registered.get(moduleName);
      if (made === undefined) return moduleName === "spectest" ? this.spectest(name) : undefined;
      if ("value" in made) return this.adapter.getExport(made.value, name);
      missing = made.failedAt;
      return undefined;
    };
    try {
      return await this.adapter.instantiate(module, resolve);
    } catch (error) {
      if (missing !== undefined) throw new Mismatch(`imports what the command at line ${missing} failed to make`);
      throw error;
    }
  }

  async #act(action: Action): Promise<readonly Value[]> {
    const instance = madeValue(this.#instanceNamed(action.instance));
    const extern = this.adapter.getExport(instance, action.name);
    if (extern === undefined) throw new Mismatch(`there is no export ${JSON.stringify(action.name)}`);
    return action.kind === "get"
      ? [await this.adapter.readGlobal(extern)]
      : await this.adapter.invoke(extern, action.args);
  }

  /** Runs something that must fail with one of `kinds`, and with the message if the engine speaks the suite's words. */
  async #expectFailure(kinds: readonly FailureKind[], message: string, run: () => unknown): Promise<void> {
    const wanted = message === "" ? kinds[0]! : `${kinds[0]} ${JSON.stringify(message)}`;
    let result: unknown;
    try {
      result = await run();
    } catch (error) {
      if (error instanceof Mismatch) throw error;
      const found = this.adapter.classify(error);
      const isRight =
        kinds.includes(found.kind) &&
        (!this.adapter.specMessages.includes(found.kind) || found.message.startsWith(message));
      if (!isRight) throw new Mismatch(`expected ${wanted}, found ${show(found)}`);
      return;
    }
    const found = Array.isArray(result) ? `it returned ${showValues(result as Value[])}` : "it did not fail";
    throw new Mismatch(`expected ${wanted}, but ${found}`);
  }

  /** Text is the assembler's to refuse, bytes are the engine's. */
  async #assertMalformed(module: ModuleSource, message: string): Promise<string | undefined> {
    if (module.form === "binary") {
      const bytes = bytesOfSource(module.content);
      await this.#expectFailure(["malformed", "refused"], message, () => this.adapter.compile(bytes));
      return undefined;
    }
    if (await this.#isRefusedByAssembler(module.content)) return undefined;
    const reason = malformedText(module.content);
    if (reason === undefined)
      throw new Mismatch(`expected malformed text ${JSON.stringify(message)}, but it assembles`);
    return reason;
  }

  async #assertMalformedCustom(module: ModuleSource, message: string): Promise<void> {
    if (module.form !== "binary" && (await this.#isRefusedByAssembler(module.content))) return;
    await this.#expectBadCustom(["malformed", "refused"], message, await this.#bytesOf(module));
  }

  async #expectBadCustom(kinds: readonly FailureKind[], message: string, bytes: Uint8Array): Promise<void> {
    const { adapter } = this;
    if (adapter.validateCustom === undefined) throw new Mismatch("the engine does not check custom sections");
    await this.#expectFailure(kinds, message, () => adapter.validateCustom?.(bytes));
  }

  async #isRefusedByAssembler(text: string): Promise<boolean> {
    try {
      await this.assembler.assemble(text);
      return false;
    } catch (error) {
      if (error instanceof AssemblyError) return true;
      throw error;
    }
  }
}

function madeValue<T>(made: Made<T>): T {
  if ("value" in made) return made.value;
  throw new Mismatch(`needs what the command at line ${made.failedAt} failed to make`);
}

function compareResults(patterns: readonly Pattern[], values: readonly Value[]): void {
  const isEqual = patterns.length === values.length && patterns.every((pattern, i) => matches(pattern, values[i]!));
  if (!isEqual) {
    const expected = patterns.map(({ text }) => text).join(" ") || "no result";
    throw new Mismatch(`expected ${expected}, found ${showValues(values)}`);
  }
}

function showValues(values: readonly Value[]): string {
  return values.map(showValue).join(" ") || "no result";
}

function show({ kind, message }: Failure): string {
  return `${kind} ${JSON.stringify(message)}`;
}
