// `escapement run FILE.wasm [ARGS]`, and `run FILE.wasm --invoke NAME [ARGS]`

import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type AheadModule,
  Engine,
  EscapementError,
  Execution,
  type Func,
  Linker,
  MemoryLimitExceeded,
  type Module,
  type RunResult,
  StackExhausted,
  Store,
  Trap,
  UncaughtException,
  UsageError,
} from "../runtime/index.js";
import { ProcExit } from "../runtime/wasi/index.js";
import { writeOutput } from "./files.js";
import { type GuestFlags, limitsOf, milliseconds, runInSlices } from "./guest.js";
import { complain } from "./output.js";
import {
  formatBacktrace,
  fuelStop,
  gcHeapStop,
  type LimitStop,
  memoryStop,
  printable,
  STATUS,
  stackStop,
  storeStop,
  UsageFailure,
} from "./report.js";
import { loadModule } from "./validate.js";
import { ArgumentError, argumentsOf, formatValue } from "./wasi/index.js";
import { usesWasi, WasiWorld, type WorldFlags } from "./wasi-world.js";

/** How a run ended; `error` is null exactly if it ended well. */
interface Outcome {
  readonly results: readonly string[];
  readonly error: { readonly kind: string; readonly message: string; readonly backtrace: readonly string[] } | null;
  readonly limit: LimitStop | null;
  /** The status that a WASI command asked for; null if it did not. */
  readonly exitStatus: number | null;
}

const DONE: Outcome = { results: [], error: null, limit: null, exitStatus: null };
/** Of a status, the system tells the low 8 bits. */
const LARGEST_STATUS = 255;

export interface RunFlags extends Omit<GuestFlags, "fuel">, WorldFlags {
  readonly fuel?: number;
  readonly invoke?: string;
  /** Where the receipt goes. */
  readonly receipt?: string;
  /** What `compile` made of the module: a path. */
  readonly ahead?: string;
  /** Where the profile of the run goes: how often each block ran. */
  readonly profile?: string;
  /** Where snapshots for checking the receipt side by side go: a directory. */
  readonly snapshots?: string;
}

const DEFAULT_FUEL = 20_000_000;
/** A command's runtime alone takes millions to start. */
const DEFAULT_COMMAND_FUEL = 1_000_000_000;

/**
 * @param behind reads flags among the arguments: behind the file of a module that is no WASI command they count
 * @returns the exit status
 */
export async function run(
  file: string,
  args: readonly string[],
  flags: RunFlags,
  behind: (args: readonly string[]) => { args: readonly string[]; flags: RunFlags },
): Promise<number> {
  const started = milliseconds();
  const module = await loadForRun(file, flags, () => behind(args));
  if (module === undefined) return STATUS.guestFailed;
  if (usesWasi(module) && flags.invoke === undefined && args[0] !== "--invoke") {
    requireRepeatable(flags);
    const world = flags.receipt === undefined ? new WasiWorld(file, args, flags) : null;
    return new Run(module, flags, world, [basename(file), ...args]).finish([], started);
  }
  const read = behind(args);
  requireOfUse(module, read.flags);
  const again = ENGINE_FLAGS.every((name) => read.flags[name] === flags[name])
    ? module
    : await recompile(module, read.flags);
  const values = parseArguments(again, read.flags.invoke, read.args);
  requireRepeatable(read.flags);
  const wasi = usesWasi(again);
  const world = wasi && read.flags.receipt === undefined ? new WasiWorld(file, [], read.flags) : null;
  return new Run(again, read.flags, world, wasi ? [basename(file)] : [], read.args).finish(values, started);
}

/** What the module is compiled by. */
const ENGINE_FLAGS = ["schedule", "tier", "profile", "ahead"] as const;

/** @param checkFlags complains about what is wrong with flags behind the file; done if nobody can say whose they are */
async function loadForRun(file: string, flags: RunFlags, checkFlags: () => void): Promise<Module | undefined> {
  try {
    const engine = await engineOf(flags);
    return loadModule(file, (bytes) => compileIn(engine, bytes));
  } catch (error) {
    if (error instanceof UsageFailure) checkFlags();
    throw error;
  }
}

async function recompile({ decoded }: Module, flags: RunFlags): Promise<Module> {
  return compileIn(await engineOf(flags), decoded.bytes);
}

/** @throws UsageFailure for code that was compiled ahead of time from something else */
function compileIn(engine: Engine, bytes: Uint8Array): Module {
  try {
    return engine.compile(bytes);
  } catch (error) {
    if (error instanceof UsageError) throw new UsageFailure(error.message);
    throw error;
  }
}

async function engineOf({ schedule, tier = "interpreter", profile, ahead }: RunFlags): Promise<Engine> {
  if (ahead === undefined && tier === "ahead-of-time")
    throw new UsageFailure("--tier ahead-of-time: which code is said by --ahead FILE, which compile writes");
  if (isFuelProfile(profile) && ahead === undefined) return new Engine({ schedule, meter: true });
  if (ahead === undefined)
    return new Engine({ schedule, tier, profile: profile !== undefined && tier === "interpreter" });
  if (profile !== undefined) throw new UsageFailure("--profile is taken by the interpreter, not by --ahead");
  let code: AheadModule;
  try {
    code = (await import(pathToFileURL(ahead).href)) as AheadModule;
  } catch (error) {
    throw new UsageFailure(`cannot load ${ahead}: ${(error as Error).message}`);
  }
  try {
    return new Engine({ schedule, ahead: code });
  } catch (error) {
    if (error instanceof UsageError) throw new UsageFailure(`${ahead}: ${error.message}`);
    throw error;
  }
}

/** PROFILE_SUFFIXES of profile/formats.ts, which is loaded when there is a profile to write. */
function isFuelProfile(path: string | undefined): boolean {
  return path !== undefined && /\.(?:cpuprofile|speedscope\.json|svg)$/.test(path);
}

/** @throws UsageFailure for flags of WASI where there is none */
function requireOfUse(module: Module, { dir, env, realClock }: RunFlags): void {
  if (usesWasi(module)) return;
  const flag = dir ? "--dir" : env ? "--env" : realClock ? "--real-clock" : undefined;
  if (flag !== undefined) throw new UsageFailure(`${flag} is for WASI commands; the module imports nothing of WASI`);
}

/** @throws UsageFailure for a receipt of what nobody could run again, or a profile that nobody takes */
function requireRepeatable({ receipt, snapshots, profile, tier, dir, realClock }: RunFlags): void {
  if (profile !== undefined && !isFuelProfile(profile) && tier !== "interpreter")
    throw new UsageFailure(`--profile is taken by the interpreter, not by --tier ${tier}`);
  if (receipt === undefined) {
    if (snapshots !== undefined) throw new UsageFailure("--snapshots is for --receipt");
    return;
  }
  const flag = dir ? "--dir" : realClock ? "--real-clock" : undefined;
  if (flag !== undefined) throw new UsageFailure(`${flag} and --receipt: nobody else can run that again`);
}

/** Type and values of the arguments; checked before anything runs. @throws UsageFailure */
export function parseArguments(module: Module, invoke: string | undefined, args: readonly string[]): unknown[] {
  if (invoke === undefined) {
    if (args.length > 0) throw new UsageFailure("arguments are for the function that --invoke names");
    return [];
  }
  try {
    return argumentsOf(module, invoke, args);
  } catch (error) {
    if (error instanceof ArgumentError) throw new UsageFailure(printable(error.message));
    throw error;
  }
}

/** One run: the start function, then what is asked for, on one budget. */
class Run {
  private store: Store;
  private readonly fuel: number;
  private fuelUsed = 0;

  constructor(
    private readonly module: Module,
    private readonly flags: RunFlags,
    private readonly world: WasiWorld | null,
    /** What a WASI module finds in its argument list. */
    private readonly argv: readonly string[],
    /** Arguments of the function that is called, as text. */
    private readonly texts: readonly string[] = [],
  ) {
    this.store = new Store(module.engine, { limits: limitsOf(flags) });
    this.fuel = flags.fuel ?? (!usesWasi(module) ? DEFAULT_FUEL : DEFAULT_COMMAND_FUEL);
  }

  /** Runs, tells how it ended, and gives the exit status. */
  async finish(args: readonly unknown[], started: number): Promise<number> {
    const outcome = await this.run(args);
    this.world?.dispose();
    await this.writeProfile();
    const elapsedMs = Math.round((milliseconds() - started) * 1000) / 1000;
    if (this.flags.json) {
      process.stdout.write(`${JSON.stringify(this.report(outcome, elapsedMs))}\n`);
    } else {
      for (const result of outcome.results) process.stdout.write(`${result}\n`);
      if (outcome.error !== null) {
        process.stderr.write(`${[printable(outcome.error.message), ...outcome.error.backtrace].join("\n")}\n`);
      }
      if (outcome.limit !== null) complain(outcome.limit.message);
    }
    if (outcome.limit !== null) return STATUS.limit;
    if (outcome.exitStatus !== null) return outcome.exitStatus;
    return outcome.error === null ? STATUS.done : STATUS.guestFailed;
  }

  private async writeProfile(): Promise<void> {
    const { profile } = this.flags;
    if (profile === undefined) return;
    const { meter } = this.module.engine;
    if (meter === null) {
      writeOutput(profile, this.module.profile());
      return;
    }
    const { formatProfile } = await import("./profile/formats.js");
    const { moduleTree } = await import("./profile/module-tree.js");
    writeOutput(profile, formatProfile(profile, [moduleTree(meter, this.fuelUsed, "(instantiation)")])!);
  }

  private async run(args: readonly unknown[]): Promise<Outcome> {
    try {
      if (this.flags.receipt !== undefined) return await this.record(this.flags.receipt, args);
      const linker = new Linker(this.module.engine);
      this.world?.define(linker);
      const { instance, start, fuel } = linker.prepare(this.store, this.module);
      if (fuel > this.fuel) return this.outOfFuel();
      this.fuelUsed = fuel;
      const calls: [func: Func, args: readonly unknown[]][] = start === undefined ? [] : [[start, []]];
      // A reactor is made ready before anything of it is called.
      if (this.world !== null && instance.exports.has("_initialize")) calls.push([instance.getFunc("_initialize"), []]);
      const { invoke } = this.flags;
      if (invoke !== undefined) calls.push([instance.getFunc(invoke), args]);
      else if (instance.exports.has("_start")) calls.push([instance.getFunc("_start"), []]);
      let outcome = DONE;
      for (const [func, values] of calls) {
        outcome = await this.call(func, values);
        if (outcome.error !== null || outcome.exitStatus !== null) return outcome;
      }
      return outcome;
    } catch (error) {
      // Linking and active segments; what happens in calls is in their results.
      if (error instanceof EscapementError) return this.failed(error);
      throw error;
    }
  }

  private async call(func: Func, args: readonly unknown[]): Promise<Outcome> {
    const execution = new Execution(this.store).start(func, args);
    const sliced = { run: (fuel: number) => execution.runAsync(fuel) };
    const result = await runInSlices<RunResult>(sliced, this.fuel - this.fuelUsed);
    this.fuelUsed += execution.fuelUsed;
    this.world?.passed(execution.fuelUsed);
    return this.outcomeOf(result, func);
  }

  /** As the run without a receipt, and writes one. */
  private async record(receipt: string, args: readonly unknown[]): Promise<Outcome> {
    const { module, flags, argv, texts, fuel } = this;
    const { recordRun } = await import("./receipt.js");
    const { run, end } = await recordRun(receipt, {
      ...{ module, args, argv, texts, fuel, flags },
      ...{ limits: limitsOf(flags), wasi: usesWasi(module) },
    });
    this.store = run.store;
    this.fuelUsed = run.fuelUsed;
    return end.result === null || end.func === null
      ? end.result === null
        ? DONE
        : this.outOfFuel()
      : this.outcomeOf(end.result, end.func);
  }

  private outcomeOf(result: RunResult, func: Func): Outcome {
    switch (result.status) {
      case "done":
        return { ...DONE, results: result.results.map((value, i) => formatValue(value, func.type.results[i]!)) };
      case "trapped":
        return this.failed(result.error);
      case "threw":
        return this.failed(new UncaughtException(result.exception));
      case "failed":
        return this.ended(result.error);
      case "paused":
        return this.outOfFuel();
    }
  }

  private outOfFuel(): Outcome {
    const limit = fuelStop(this.fuelUsed, this.fuel, this.flags.schedule);
    return { ...DONE, error: { kind: "fuel", message: "out of fuel", backtrace: [] }, limit };
  }

  /** A host function has ended the execution. */
  private ended(error: Error): Outcome {
    if (error instanceof ProcExit) return { ...DONE, exitStatus: error.code & LARGEST_STATUS };
    // A module whose memory WASI does not find, say; without host functions this is a bug of ours.
    if (usesWasi(this.module) && error instanceof EscapementError) return this.failed(error);
    throw error;
  }

  private failed(error: EscapementError): Outcome {
    const backtrace = error instanceof Trap ? formatBacktrace(error.backtrace) : [];
    const message = error instanceof Trap ? `trap: ${error.message}` : error.message;
    return { ...DONE, error: { kind: error.kind, message, backtrace }, limit: this.limitOf(error) };
  }

  private limitOf(error: EscapementError): LimitStop | null {
    if (error instanceof StackExhausted) return stackStop(this.flags.stack);
    if (!(error instanceof MemoryLimitExceeded)) return null;
    const { store } = this;
    if (error.resource === "linear memory") return memoryStop(store.memoryBytes, this.flags.memory, error.requested);
    if (error.resource === "GC heap") return gcHeapStop(store.gcHeapBytes, store.limits.gcHeapBytes, error.requested);
    return storeStop(error.resource, error.requested, error.limit);
  }

  /** What `--json` prints. */
  private report(outcome: Outcome, elapsedMs: number): object {
    const { memory, schedule } = this.flags;
    return {
      ok: outcome.error === null && (outcome.exitStatus ?? 0) === 0,
      ...this.world?.report(outcome.exitStatus),
      results: outcome.results,
      error: outcome.error,
      fuel: { schedule, limit: this.fuel, used: this.fuelUsed },
      memory: { bytes: this.store.memoryBytes, peakBytes: this.store.peakMemoryBytes, limitBytes: memory },
      gcHeap: { bytes: this.store.gcHeapBytes, limitBytes: this.store.limits.gcHeapBytes },
      tier: this.flags.ahead === undefined ? this.flags.tier : "ahead-of-time",
      elapsedMs,
    };
  }
}
