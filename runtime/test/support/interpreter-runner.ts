// The runner of differential.ts for our own engine, driven whole or in slices of fuel.

import type { DecodedModule, Import } from "../../../decoder/module.js";
import type { TrapMessage } from "../../../decoder/opcodes.js";
import { isNullable, isRef, type ValType } from "../../../decoder/types.js";
import {
  type BacktraceFrame,
  Engine,
  Execution,
  type Extern,
  type FuelScheduleName,
  type Func,
  Global,
  type Instance,
  Linker,
  Memory,
  type RawValue,
  type RunResult,
  StackExhausted,
  Store,
  type StoreLimits,
  Table,
  Tag,
  Trap,
} from "../../index.js";
import { hostFuncOfType } from "../../instance/host-func.js";
import { backtrace } from "../../interpreter/positions.js";
import {
  ADDED_EXPORTS,
  type Call,
  describeCall,
  describeMemory,
  describeValue,
  describeValues,
  trapClass,
} from "./differential.js";

/** What a call ended in, in the reference stepper's words where it has them. */
export interface InterpreterOutcome {
  readonly kind: "results" | "trap" | "exception" | "out of fuel";
  readonly fuel: number;
  /** Of a trap, or where fuel ran out: innermost frame first; of a deep stack 50 at each end. */
  readonly trace: readonly { readonly funcidx: number; readonly offset: number }[];
  readonly pauses: number;
}
export interface InterpreterTrace {
  readonly lines: readonly string[];
  readonly outcomes: readonly InterpreterOutcome[];
}
export interface InterpreterOptions {
  readonly schedule?: FuelScheduleName;
  readonly limits?: Partial<StoreLimits>;
  /** Fuel of each run of an execution until it is done; without it all of `fuelLimit` at once. */
  readonly slice?: () => number;
  readonly fuelLimit?: number;
}

/** Messages of the suite may name an index: `uninitialized element 2`. */
function reasonOf(trap: Trap): TrapMessage | "call stack exhausted" {
  if (trap instanceof StackExhausted) return "call stack exhausted";
  return trap.reason.replace(/ \d+$/, "") as TrapMessage;
}

function positions(frames: readonly BacktraceFrame[]): InterpreterOutcome["trace"] {
  return frames.map(({ funcidx, offset }) => ({ funcidx, offset }));
}

function zero(type: ValType): RawValue {
  return isRef(type) ? null : 0n;
}

export function interpreterTrace(
  bytes: Uint8Array,
  calls: readonly Call[],
  options: InterpreterOptions = {},
): InterpreterTrace {
  const lines: string[] = [];
  const outcomes: InterpreterOutcome[] = [];
  const engine = new Engine(options.schedule === undefined ? {} : { schedule: options.schedule });
  const store = new Store(engine, options.limits === undefined ? {} : { limits: options.limits });
  const compiled = engine.compile(bytes);
  const module: DecodedModule = compiled.decoded;
  const linker = new Linker(engine);
  linker.allowShadowing = true;
  for (const entry of module.imports) linker.define(entry.module, entry.name, stub(engine, store, entry, lines));
  let instance: Instance;
  try {
    instance = linker.instantiate(store, compiled);
  } catch (error) {
    if (!(error instanceof Trap)) throw error;
    lines.push(`instantiation traps: ${trapClass(reasonOf(error))}`);
    return { lines, outcomes };
  }
  for (const { name, params, results, args } of calls) {
    const line = describeCall(name, params, args);
    const { execution, result, pauses } = drive(store, instance.getFunc(name), args, options);
    const fuel = execution.fuelUsed;
    switch (result.status) {
      case "done":
        lines.push(`${line} -> ${describeValues(results, execution.rawResults())}`);
        outcomes.push({ kind: "results", fuel, trace: [], pauses });
        break;
      case "trapped": {
        const { error } = result;
        lines.push(`${line} traps: ${trapClass(reasonOf(error))}`);
        outcomes.push({ kind: "trap", fuel, trace: positions(error.backtrace), pauses });
        break;
      }
      case "threw":
        lines.push(`${line} throws`);
        outcomes.push({ kind: "exception", fuel, trace: [], pauses });
        break;
      case "paused":
        lines.push(`${line} runs out of fuel`);
        outcomes.push({ kind: "out of fuel", fuel, trace: positions(backtrace(execution)), pauses });
        return { lines, outcomes };
      case "failed":
        throw result.error;
    }
  }
  for (const { name, kind, index } of module.exports) {
    if (!name.startsWith(ADDED_EXPORTS)) continue;
    if (kind === "memory") lines.push(describeMemory(index, instance.getMemory(name).bytes()));
    else lines.push(`global ${index}: ${describeValue(module.globals[index]!.type, instance.getGlobal(name).raw)}`);
  }
  return { lines, outcomes };
}

function drive(store: Store, func: Func, args: readonly (bigint | null)[], options: InterpreterOptions) {
  const execution = new Execution(store).startRaw(func, args);
  let left = options.fuelLimit ?? 2_000_000;
  let pauses = 0;
  let result: RunResult;
  for (;;) {
    const fuel = Math.min(left, options.slice?.() ?? left);
    left -= fuel;
    result = execution.run(fuel);
    if (result.status !== "paused" || left === 0) return { execution, result, pauses };
    pauses++;
  }
}

function stub(engine: Engine, store: Store, entry: Import, lines: string[]): Extern {
  switch (entry.kind) {
    case "func": {
      const { params, results } = engine.registry.funcType(entry.typeId);
      const log = (_: unknown, ...args: RawValue[]) => {
        lines.push(describeCall(entry.name, params, args));
        return results.length === 1 ? zero(results[0]!) : results.map(zero);
      };
      return hostFuncOfType(engine, entry.typeId, log, { raw: true, name: entry.name });
    }
    case "global": {
      const { type, mutable } = entry.type;
      const name = engine.registry.describe(type);
      const value = isRef(type) ? (isNullable(type) ? null : {}) : name === "i64" ? 0n : 0;
      return Global.create(store, { type: name as never, mutable }, value);
    }
    case "memory":
      return new Memory(entry.type, store);
    case "table":
      return new Table(entry.type, store, null);
    case "tag":
      return new Tag(entry.typeId, engine.registry.funcType(entry.typeId));
  }
}
