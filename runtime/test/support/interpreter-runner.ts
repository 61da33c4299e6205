// The runner of differential.ts for our own engine, driven whole or in slices of fuel.

import type { Import } from "../../../decoder/module.js";
import type { TrapMessage } from "../../../decoder/opcodes.js";
import { I64, isNullable, isRef, V128, type ValType } from "../../../decoder/types.js";
import { hostFuncOfType } from "../../embedding/host-func.js";
import {
  type BacktraceFrame,
  captureStore,
  decodeSnapshot,
  Engine,
  type EngineOptions,
  Execution,
  type Extern,
  encodeSnapshot,
  type FuelScheduleName,
  Global,
  type HostRefCodec,
  type Instance,
  Linker,
  Memory,
  type Module,
  type RawValue,
  type RunResult,
  restoreStore,
  type SnapshotSubject,
  StackExhausted,
  Store,
  type StoreLimits,
  Table,
  Tag,
  Trap,
  UncaughtException,
  UsageError,
} from "../../index.js";
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
  /** The tier that runs it, where the engine has more than one. */
  readonly tier?: string;
  readonly limits?: Partial<StoreLimits>;
  /** Fuel of each run of an execution until it is done; without it all of `fuelLimit` at once. */
  readonly slice?: () => number;
  readonly fuelLimit?: number;
  /** Asked at each pause: whether to go on from a snapshot in a fresh engine. */
  readonly migrate?: () => boolean;
  /** In place of Engine.compile. */
  readonly compile?: (engine: Engine, bytes: Uint8Array) => Module;
  readonly meter?: boolean;
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
  let world: World;
  try {
    world = new World(bytes, lines, options, true);
  } catch (error) {
    if (error instanceof UncaughtException) lines.push("instantiation throws");
    else if (error instanceof Trap) lines.push(`instantiation traps: ${trapClass(reasonOf(error))}`);
    else throw error;
    return { lines, outcomes };
  }
  for (const call of calls) {
    let execution = world.start(call);
    const { result, pauses } = drive(
      () => execution,
      options,
      () => {
        const moved = new World(bytes, lines, options, false);
        execution = world.moveTo(moved, execution);
        world = moved;
      },
    );
    const { line, ...outcome } = describeEnd(call, execution, result);
    lines.push(line);
    outcomes.push({ ...outcome, pauses });
    if (outcome.kind === "out of fuel") return { lines, outcomes };
  }
  lines.push(...world.describe());
  return { lines, outcomes };
}

/** How a call ended, or where it stopped: the line of a trace, and the outcome. */
export function describeEnd(
  { name, params, results, args }: Call,
  execution: Execution,
  result: RunResult,
): Omit<InterpreterOutcome, "pauses"> & { readonly line: string } {
  const line = describeCall(name, params, args);
  const fuel = execution.fuelUsed;
  switch (result.status) {
    case "done":
      return {
        line: `${line} -> ${describeValues(results, execution.rawResults())}`,
        kind: "results",
        fuel,
        trace: [],
      };
    case "trapped": {
      const { error } = result;
      const trace = positions(error.backtrace);
      return { line: `${line} traps: ${trapClass(reasonOf(error))}`, kind: "trap", fuel, trace };
    }
    case "threw":
      return { line: `${line} throws`, kind: "exception", fuel, trace: [] };
    case "paused":
      return {
        line: `${line} runs out of fuel`,
        kind: "out of fuel",
        fuel,
        trace: positions(backtrace(execution.thread)),
      };
    case "failed":
      throw result.error;
  }
}

function drive(execution: () => Execution, options: InterpreterOptions, move: () => void) {
  let left = options.fuelLimit ?? 2_000_000;
  let pauses = 0;
  let result: RunResult;
  for (;;) {
    const fuel = Math.min(left, options.slice?.() ?? left);
    left -= fuel;
    result = execution().run(fuel);
    if (result.status !== "paused" || left === 0) return { result, pauses };
    pauses++;
    if (options.migrate?.() === true) move();
  }
}

/** Values of the host's that stubs hand out, as bytes: numbered alike in every world of a module. */
class HostValues implements HostRefCodec {
  private readonly values: object[] = [];
  make(): object {
    this.values.push({});
    return this.values.at(-1)!;
  }
  encode = (value: unknown) => Uint8Array.of(this.values.indexOf(value as object));
  decode = (bytes: Uint8Array) => this.values[bytes[0]!];
}

/** Whether an engine that is asked for a tier has it: a host may refuse to make code. */
function offers(tier: string): boolean {
  try {
    const { tiers }: { readonly tiers: readonly string[] } = new Engine({ tier } as EngineOptions);
    return tiers.includes(tier);
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}

export const TIERS: readonly string[] = ["interpreter", ...["compiler", "ahead-of-time"].filter(offers)];

function engineOptions({ schedule, tier, meter }: InterpreterOptions): EngineOptions {
  return {
    ...(meter === undefined ? {} : { meter }),
    ...(schedule === undefined ? {} : { schedule }),
    ...(tier === undefined ? {} : { tier }),
    // Modules of tests are short: everything is compiled at its first call.
    ...(tier === "compiler" ? { compileAfter: 0 } : {}),
  } as EngineOptions;
}

/** An engine with one instance, its imports stubs. */
export class World {
  readonly engine: Engine;
  readonly store: Store;
  readonly module: Module;
  readonly instance: Instance;
  private readonly hostRefs = new HostValues();

  /**
   * @param lines where calls of imports are written
   * @param starting whether segments are copied, and the start function runs
   * @param like a world of the same module and options, whose engine this one shares
   * @throws Trap
   */
  constructor(bytes: Uint8Array, lines: string[], options: InterpreterOptions, starting: boolean, like?: World) {
    const engine = like?.engine ?? new Engine(engineOptions(options));
    this.engine = engine;
    this.store = new Store(engine, options.limits === undefined ? {} : { limits: options.limits });
    this.module = like?.module ?? options.compile?.(engine, bytes) ?? engine.compile(bytes);
    const linker = new Linker(engine);
    linker.allowShadowing = true;
    for (const entry of this.module.decoded.imports) {
      linker.define(entry.module, entry.name, stub(engine, this.store, entry, lines, this.hostRefs));
    }
    this.instance = starting ? linker.instantiate(this.store, this.module) : linker.allocate(this.store, this.module);
  }

  start({ name, args }: Call): Execution {
    return new Execution(this.store).startRaw(this.instance.getFunc(name), args);
  }

  /** Memories and globals, of a module of exportEverything. */
  describe(): string[] {
    const { module, instance } = this;
    return module.decoded.exports
      .filter(({ name }) => name.startsWith(ADDED_EXPORTS))
      .map(({ name, kind, index }) =>
        kind === "memory"
          ? describeMemory(index, instance.getMemory(name).bytes())
          : `global ${index}: ${describeValue(module.decoded.globals[index]!.type, instance.getGlobal(name).raw)}`,
      );
  }

  /** The state of an execution that is paused, as a snapshot's bytes. */
  capture(execution: Execution): Uint8Array {
    return encodeSnapshot(captureStore(this.subject, { execution }), { hostRefs: this.hostRefs, compress: false });
  }

  /** The execution of a snapshot of the same module, from here on. */
  restore(bytes: Uint8Array): Execution {
    return restoreStore(decodeSnapshot(bytes).picture, this.subject, { hostRefs: this.hostRefs })!;
  }

  /** Goes on with an execution in another world, by way of a snapshot's bytes. */
  moveTo(other: World, execution: Execution): Execution {
    return other.restore(this.capture(execution));
  }

  get subject(): SnapshotSubject {
    return { store: this.store, instances: [this.instance] };
  }
}

function stub(engine: Engine, store: Store, entry: Import, lines: string[], hostValues: HostValues): Extern {
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
      const value = isRef(type)
        ? isNullable(type)
          ? null
          : hostValues.make()
        : type === I64 || type === V128
          ? 0n
          : 0;
      return Global.create(store, { type, mutable }, value);
    }
    case "memory":
      return new Memory(entry.type, store);
    case "table":
      return new Table(entry.type, store, null);
    case "tag":
      return new Tag(entry.typeId, engine.registry.funcType(entry.typeId));
  }
}
