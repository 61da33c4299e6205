// The artifact on our own engine, behind the interfaces of guest/engine-port.ts.

import {
  type Caller,
  captureStore,
  Engine,
  Execution,
  type FuelScheduleName,
  giveBackPicture,
  hashMemory,
  hibernateStore,
  hostFuncOfType,
  type ImportDescriptor,
  type Instance,
  Linker,
  Module,
  type PictureManner,
  type RunResult,
  restoreStore,
  SnapshotBase,
  type SnapshotSubject,
  Store,
} from "../../runtime/index.js";
import {
  DEFAULT_MEMORY_LIMIT_BYTES,
  describeFailure,
  type EngineLimits,
  EngineMemory,
  instantiate,
  UNLIMITED_FUEL,
} from "../guest/engine.js";
import { engineOptions } from "../guest/engine-options.js";
import {
  type GuestCheckpoint,
  type GuestExecution,
  type GuestImports,
  type GuestInstance,
  type GuestOutcome,
  type HostContext,
  INVOKE_PREFIX,
  LONGJMP_IMPORT,
  type NumericValue,
} from "../guest/engine-port.js";
import { ENOSYS } from "../guest/errno.js";
import { FuelLedger } from "../guest/fuel-ledger.js";
import { type AheadLoading, aheadLoadingOf } from "./ahead-loading.js";
import { mendArtifact } from "./mend-artifact.js";

export interface EmscriptenGuestOptions extends EngineLimits {
  /** Prices of instructions; ignored if the artifact comes as a Module. */
  readonly schedule?: FuelScheduleName | undefined;
  /** A booted interpreter, to share with it what does not change. The instance is then given a state, and does not begin. */
  readonly base?: SnapshotBase | null | undefined;
}

/** A factory of instances on our engine; a compiled Module can be shared by many. */
export function engineFactory(
  artifact: Uint8Array | Module,
  options: EmscriptenGuestOptions = {},
): (imports: GuestImports) => EmscriptenGuest {
  const module =
    artifact instanceof Module ? artifact : new Engine(engineOptions(options.schedule)).compile(mendArtifact(artifact));
  const memoryLimitBytes = options.memoryLimitBytes ?? DEFAULT_MEMORY_LIMIT_BYTES;
  return (imports) => {
    const { engine } = module;
    const store = new Store(engine, { limits: { ...options.limits, memoryBytes: memoryLimitBytes } });
    const context = new EngineContext();
    const linker = new Linker(engine);
    for (const [moduleName, functions] of Object.entries(imports)) {
      for (const [name, fn] of Object.entries(functions)) {
        linker.defineFunc(moduleName, name, fn, (caller: Caller, ...args: NumericValue[]) => {
          context.caller = caller;
          return fn.call(context, ...args);
        });
      }
    }
    for (const descriptor of module.imports()) {
      const { module: moduleName, name } = descriptor;
      if (name.startsWith(INVOKE_PREFIX)) linker.defineInvoke(moduleName, name);
      else if (name === LONGJMP_IMPORT) linker.defineLongjmp(moduleName, name);
      else if (name.startsWith(SYSCALL_PREFIX) && imports[moduleName]?.[name] === undefined)
        defineUnknownCall(linker, descriptor);
    }
    const instance = instantiate(linker, store, module, options.base == null);
    context.memory = new EngineMemory(instance.getMemory("memory"));
    const ahead = aheadLoadingOf(module);
    return new EmscriptenGuest(store, instance, context, memoryLimitBytes, options.base ?? null, ahead);
  };
}

/** Names of Linux system calls among the imports of `env`. */
const SYSCALL_PREFIX = "__syscall_";

/** A system call of a build that is newer than this package: it answers as a kernel without it does. */
function defineUnknownCall(linker: Linker, { module, name, type, description }: ImportDescriptor): void {
  if (type.kind === "func" && description.endsWith("-> [i32]"))
    linker.define(
      module,
      name,
      hostFuncOfType(linker.engine, type.typeId, () => -ENOSYS, { name }),
    );
}

class EngineContext implements HostContext {
  memory!: EngineMemory;
  caller: Caller | undefined;
  /** Follows the execution that runs, or ran last. */
  readonly ledger = new FuelLedger();

  fuelUsed(): number {
    return this.ledger.fuelUsed;
  }
  chargeFuel(amount: number): void {
    this.caller?.chargeFuel(amount);
  }
  liveWords(): Int32Array | undefined {
    return this.caller?.liveWords();
  }
}

export class EmscriptenGuest implements GuestInstance {
  private readonly executions = new WeakMap<GuestExecution, Execution>();
  /** The execution that was begun last. When it is over it becomes the next one: making one takes longer than most calls. */
  private last: WrappedExecution | null = null;
  private readonly subject: SnapshotSubject;
  /** The fastest that its engine has. */
  readonly tier: string;
  readonly fuelSchedule: string;

  constructor(
    private readonly store: Store,
    private readonly instance: Instance,
    private readonly context: EngineContext,
    readonly memoryLimitBytes: number,
    private readonly base: SnapshotBase | null,
    private readonly aheadLoading: AheadLoading | undefined,
  ) {
    this.fuelSchedule = store.engine.schedule.name;
    this.subject = { store, instances: [instance] };
    this.tier = store.engine.tiers.at(-1)!;
  }

  /** What other instances can share with this one as it is now. */
  shareableBase(): SnapshotBase {
    return SnapshotBase.of(this.subject);
  }

  get memory(): EngineMemory {
    return this.context.memory;
  }

  fuelUsed(): number {
    return this.context.fuelUsed();
  }

  hibernate(): void {
    // An execution that is over has the memory's views still, to be used again.
    this.takeLast();
    hibernateStore(this.subject, { base: this.base });
  }

  memoryHash(): string {
    return hashMemory(this.instance.getMemory("memory"));
  }

  checkpoint(paused: GuestExecution | null, manner?: PictureManner): GuestCheckpoint {
    const execution = paused === null ? null : this.executions.get(paused)!;
    return { picture: captureStore(this.subject, { execution, base: this.base, manner }), fuelUsed: this.fuelUsed() };
  }

  giveBack({ picture }: GuestCheckpoint): void {
    giveBackPicture(picture, this.subject);
  }

  rewind({ picture, fuelUsed }: GuestCheckpoint): GuestExecution | null {
    this.last = null;
    const execution = restoreStore(picture, this.subject);
    this.context.ledger.followFrom(fuelUsed, execution);
    this.context.caller = undefined;
    return execution === null ? null : this.wrap(execution);
  }

  exports(name: string): boolean {
    return this.instance.exports.has(name);
  }

  start(name: string, args: readonly NumericValue[]): GuestExecution {
    const execution = this.idleExecution();
    return this.wrap(execution.start(this.instance.getFunc(name), args));
  }

  private idleExecution(): Execution {
    const last = this.takeLast();
    return last?.execution.renew() ? last.execution : new Execution(this.store, true);
  }

  /** The last execution if it is over: nothing holds on to it any more, and what it has shown stays counted. */
  private takeLast(): WrappedExecution | null {
    const { last } = this;
    if (last?.isOver !== true) return null;
    this.context.ledger.follow(null);
    last.keepFuel();
    this.last = null;
    return last;
  }

  private wrap(execution: Execution): GuestExecution {
    const wrapped = new WrappedExecution(execution, this.context, this.aheadLoading);
    this.last = wrapped;
    this.executions.set(wrapped, execution);
    return wrapped;
  }
}

class WrappedExecution implements GuestExecution {
  isOver = false;
  /** What it has used, when its execution has become another one. */
  private kept: number | undefined;

  constructor(
    readonly execution: Execution,
    private readonly context: EngineContext,
    private readonly aheadLoading: AheadLoading | undefined,
  ) {}

  get fuelUsed(): number {
    return this.kept ?? this.execution.fuelUsed;
  }

  keepFuel(): void {
    this.kept = this.execution.fuelUsed;
  }

  run(fuel: number, exact = true): GuestOutcome | Promise<GuestOutcome> {
    const { execution, context } = this;
    context.ledger.follow(execution);
    context.caller = undefined;
    const before = execution.fuelUsed;
    const outcome = execution.run(Number.isFinite(fuel) ? fuel : UNLIMITED_FUEL, exact);
    this.aheadLoading?.count(execution.fuelUsed - before);
    if (outcome.status === "paused" && outcome.reason === "host") return this.afterHostCalls(exact);
    return this.end(outcome);
  }

  /** Goes on each time that a host function's promise has settled. */
  private async afterHostCalls(exact: boolean): Promise<GuestOutcome> {
    const { execution } = this;
    let outcome: RunResult;
    do {
      await execution.settled();
      outcome = execution.run(0, exact);
    } while (outcome.status === "paused" && outcome.reason === "host");
    return this.end(outcome);
  }

  private end(outcome: RunResult): GuestOutcome {
    this.context.caller = undefined;
    this.isOver = outcome.status !== "paused";
    return describe(outcome);
  }
}

function describe(outcome: RunResult): GuestOutcome {
  switch (outcome.status) {
    case "done":
      return { status: "done", results: outcome.results as NumericValue[] };
    case "paused":
      return { status: "out-of-fuel" };
    case "threw":
      return { status: "failed", failure: { kind: "trap", message: "uncaught exception", cause: outcome.exception } };
    default:
      return { status: "failed", failure: describeFailure(outcome.error) };
  }
}
