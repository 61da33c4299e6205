// `escapement run FILE.wasm [--invoke NAME] [ARGS]`

import {
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
} from "../runtime/index.js";
import { type GuestFlags, limitsOf, runInSlices } from "./guest.js";
import { complain } from "./output.js";
import {
  formatBacktrace,
  fuelStop,
  type LimitStop,
  memoryStop,
  printable,
  STATUS,
  stackStop,
  storeStop,
  UsageFailure,
} from "./report.js";
import { loadModule } from "./validate.js";
import { ArgumentError, formatValue, parseValue } from "./values.js";

/** How a run ended; `error` is null exactly if it ended well. */
interface Outcome {
  readonly results: readonly string[];
  readonly error: { readonly kind: string; readonly message: string; readonly backtrace: readonly string[] } | null;
  readonly limit: LimitStop | null;
}

const DONE: Outcome = { results: [], error: null, limit: null };

export interface RunFlags extends GuestFlags {
  readonly invoke?: string;
}

/** @returns the exit status */
export async function run(file: string, args: readonly string[], flags: RunFlags): Promise<number> {
  const started = performance.now();
  const engine = new Engine({ schedule: flags.schedule });
  const module = loadModule(file, (bytes) => engine.compile(bytes));
  if (module === undefined) return STATUS.guestFailed;
  const guest = new GuestRun(new Store(engine, { limits: limitsOf(flags) }), flags);
  const outcome = await guest.run(module, parseArguments(module, flags.invoke, args));
  const elapsedMs = Math.round((performance.now() - started) * 1000) / 1000;
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(guest.report(outcome, elapsedMs))}\n`);
  } else {
    for (const result of outcome.results) process.stdout.write(`${result}\n`);
    if (outcome.error !== null) {
      process.stderr.write(`${[printable(outcome.error.message), ...outcome.error.backtrace].join("\n")}\n`);
    }
    if (outcome.limit !== null) complain(outcome.limit.message);
  }
  if (outcome.limit !== null) return STATUS.limit;
  return outcome.error === null ? STATUS.done : STATUS.guestFailed;
}

/** Type and values of the arguments; checked before anything runs. @throws UsageFailure */
function parseArguments(module: Module, invoke: string | undefined, args: readonly string[]): unknown[] {
  if (invoke === undefined) {
    if (args.length > 0) throw new UsageFailure("arguments are for the function that --invoke names");
    return [];
  }
  const found = module.exports().find(({ name, kind }) => name === invoke && kind === "func");
  if (found?.type.kind !== "func") {
    const functions = module.exports().filter(({ kind }) => kind === "func");
    const names = functions.slice(0, 20).map(({ name }) => printable(JSON.stringify(name)));
    if (functions.length > names.length) names.push("…");
    throw new UsageFailure(
      `the module exports no function ${printable(JSON.stringify(invoke))}; it exports ${names.join(", ") || "none"}`,
    );
  }
  const { registry } = module.engine;
  const { params } = registry.funcType(found.type.typeId);
  if (args.length !== params.length) {
    throw new UsageFailure(
      `${invoke} takes ${params.length} argument${params.length === 1 ? "" : "s"} ${registry.describeAll(params)}, not ${args.length}`,
    );
  }
  return params.map((type, i) => {
    try {
      return parseValue(args[i]!, type);
    } catch (error) {
      if (!(error instanceof ArgumentError)) throw error;
      const place = `argument ${i + 1} of ${invoke} (${registry.describe(type)})`;
      throw new UsageFailure(`${place} cannot be ${JSON.stringify(args[i])}: ${error.message}`);
    }
  });
}

/** One run: the start function, then the function that is asked for, on one budget. */
class GuestRun {
  private fuelUsed = 0;

  constructor(
    private readonly store: Store,
    private readonly flags: RunFlags,
  ) {}

  async run(module: Module, args: readonly unknown[]): Promise<Outcome> {
    try {
      const { instance, start, fuel } = new Linker(module.engine).prepare(this.store, module);
      if (fuel > this.flags.fuel) return this.outOfFuel();
      this.fuelUsed = fuel;
      if (start !== undefined) {
        const outcome = await this.call(start, []);
        if (outcome.error !== null) return outcome;
      }
      const { invoke } = this.flags;
      if (invoke !== undefined) return await this.call(instance.getFunc(invoke), args);
      return instance.exports.has("_start") ? await this.call(instance.getFunc("_start"), []) : DONE;
    } catch (error) {
      // Linking and active segments; what happens in calls is in their results.
      if (error instanceof EscapementError) return this.failed(error);
      throw error;
    }
  }

  private async call(func: Func, args: readonly unknown[]): Promise<Outcome> {
    const execution = new Execution(this.store).start(func, args);
    const result = await runInSlices<RunResult>(execution, this.flags.fuel - this.fuelUsed);
    this.fuelUsed += execution.fuelUsed;
    switch (result.status) {
      case "done":
        return { ...DONE, results: result.results.map((value, i) => formatValue(value, func.type.results[i]!)) };
      case "trapped":
        return this.failed(result.error);
      case "threw":
        return this.failed(new UncaughtException(result.exception));
      case "failed":
        // Without host functions this is a bug of ours.
        throw result.error;
      case "paused":
        return this.outOfFuel();
    }
  }

  private outOfFuel(): Outcome {
    const limit = fuelStop(this.fuelUsed, this.flags.fuel, this.flags.schedule);
    return { results: [], error: { kind: "fuel", message: "out of fuel", backtrace: [] }, limit };
  }

  private failed(error: EscapementError): Outcome {
    const backtrace = error instanceof Trap ? formatBacktrace(error.backtrace) : [];
    const message = error instanceof Trap ? `trap: ${error.message}` : error.message;
    return { results: [], error: { kind: error.kind, message, backtrace }, limit: this.limitOf(error) };
  }

  private limitOf(error: EscapementError): LimitStop | null {
    if (error instanceof StackExhausted) return stackStop(this.flags.stack);
    if (!(error instanceof MemoryLimitExceeded)) return null;
    return error.resource === "linear memory"
      ? memoryStop(this.store.memoryBytes, this.flags.memory, error.requested)
      : storeStop(error.resource, error.requested, error.limit);
  }

  /** What `--json` prints. */
  report(outcome: Outcome, elapsedMs: number): object {
    const { fuel, memory, schedule, tier } = this.flags;
    return {
      ok: outcome.error === null,
      results: outcome.results,
      error: outcome.error,
      fuel: { schedule, limit: fuel, used: this.fuelUsed },
      memory: { bytes: this.store.memoryBytes, peakBytes: this.store.peakMemoryBytes, limitBytes: memory },
      tier,
      elapsedMs,
    };
  }
}
