// The agent of the specification: its associated store, its object caches and its JavaScript exception tag. One agent
// stands behind each WebAssembly object that is made.
// https://webassembly.github.io/spec/js-api/#object-caches
import { EXTERNREF } from "../../decoder/index.js";
import { type Amount, fuelOf } from "../amount.js";
import { Engine } from "../embedding/engine.js";
import type { Module } from "../embedding/module.js";
import { Store } from "../embedding/store.js";
import { UsageError } from "../errors.js";
import type { Execution } from "../interpreter/execution.js";
import { visitFrames } from "../interpreter/roots.js";
import { type RunResult, Thread } from "../interpreter/thread.js";
import { MAX_LIMITS } from "../limits.js";
import type { FuncInst } from "../store/func.js";
import type { GlobalInst } from "../store/global.js";
import type { MemoryInst } from "../store/memory.js";
import type { ExnInst, HeapObject } from "../store/refs.js";
import type { TableInst } from "../store/table.js";
import { TagInst } from "../store/tag.js";
import { type ErrorClasses, makeErrorClasses } from "./errors.js";
import type { HostFacilities, WebAssemblyOptions } from "./options.js";
import { ENGINE_NAMES, type EngineName } from "./trap-texts.js";

/** One JavaScript object for each thing of the store, as long as either is in use. */
export class ObjectCache<T extends object> {
  private readonly objects = new WeakMap<T, object>();
  private readonly things = new WeakMap<object, T>();

  link(object: object, thing: T): void {
    this.objects.set(thing, object);
    this.things.set(object, thing);
  }

  objectOf(thing: T): object | undefined {
    return this.objects.get(thing);
  }

  /** The thing behind an object; undefined for any other value. Runs no code of the value's. */
  thingOf(value: unknown): T | undefined {
    return this.things.get(value as object);
  }
}

/** What a Module object stands for. */
export interface ModuleSlot {
  readonly module: Module;
  /** Enabled sets of builtins, without "wasm:". */
  readonly builtins: readonly string[];
  readonly stringModule: string | null;
}

/** A host function of the store. */
export interface HostSlot {
  /** Calls it with no guest around it: its parameters and results are as {@link FuncInst.host} passes them. */
  readonly invoke: (args: readonly unknown[]) => readonly unknown[];
  /** What an Exported Function for it is called. */
  readonly name: string;
}

// biome-ignore lint/suspicious/noExplicitAny: an exported function takes and gives anything.
export type ExportedFunction = (...args: any[]) => any;

const DEFAULT_NESTED_CALLS = 200;
/** Room for registers, and for frames, that the main thread keeps between calls. */
const KEPT_WORDS = 2 ** 16;
/** What a thread is granted that nothing limits. */
const UNLIMITED = Number.MAX_SAFE_INTEGER;

export class Agent {
  readonly engine: Engine;
  readonly store: Store;
  readonly errors: ErrorClasses = makeErrorClasses();
  readonly host: HostFacilities;
  readonly nestedCalls: number;
  /** Whose words traps speak. */
  readonly messages: EngineName;
  /** Whether JavaScript sees types: type-reflection.ts. */
  readonly typeReflection: boolean;
  /** Of Exported Functions, if it is not Function.prototype: function.ts. */
  functionPrototype: object | null = null;

  readonly modules = new WeakMap<object, ModuleSlot>();
  readonly memories = new ObjectCache<MemoryInst>();
  readonly tables = new ObjectCache<TableInst>();
  readonly globals = new ObjectCache<GlobalInst>();
  readonly tags = new ObjectCache<TagInst>();
  readonly exceptions = new ObjectCache<ExnInst>();
  readonly functions = new ObjectCache<FuncInst>();
  readonly gcObjects = new ObjectCache<HeapObject>();
  readonly hostFunctions = new WeakMap<FuncInst, HostSlot>();
  /** [[WrappedFunction]] of Suspending objects. */
  readonly suspending = new WeakMap<object, ExportedFunction>();
  /** Errors that traps became: a guest does not catch them when they come back through JavaScript. */
  readonly traps = new WeakSet<object>();

  /** The thread of calls that are not promised, one above the other. */
  private main: Thread;
  /** The thread that runs, or `main`: it has the fuel of all. */
  thread: Thread;
  /** First word of the thread's registers that no frame uses. */
  base = 0;
  /** Calls of exported functions that are running. */
  depth = 0;
  /** The execution that runs which may wait for promises, and the depth at which it does not lie below JavaScript. */
  private promised: { readonly thread: Thread; readonly depth: number } | null = null;
  /** Fuel that was given in all. */
  private fuelGranted: number;
  private readonly limitsFuel: boolean;
  private callsToTidy = 0;

  /** "A new Exported Function" of a function of the store: functions.ts. */
  exportFunc!: (func: FuncInst) => ExportedFunction;
  /** "A new Exception": exception.ts. */
  exceptionObject!: (exception: ExnInst) => object;

  private jsTagInst: TagInst | null = null;

  /** @throws UsageError for options that cannot be */
  constructor(options: WebAssemblyOptions = {}) {
    const {
      schedule,
      limits,
      fuel,
      nestedCalls = DEFAULT_NESTED_CALLS,
      typeReflection = false,
      tier,
      messages = "V8",
      host = {},
    } = options;
    this.engine = new Engine({
      ...(schedule === undefined ? {} : { schedule }),
      ...(tier === undefined ? {} : { tier }),
    });
    this.store = new Store(this.engine, { limits: { ...SPECIFIED_LIMITS, ...limits } });
    if (host.weakRef !== undefined) this.store.forgetUnused(host.weakRef);
    this.limitsFuel = fuel !== undefined;
    this.main = new Thread(this.store);
    this.fuelGranted = fuel === undefined ? UNLIMITED : fuelOf(fuel);
    this.main.grant(this.fuelGranted);
    this.thread = this.main;
    this.store.keepRoot({ visitRoots: (visit) => visitFrames(this.main, false, visit) });
    if (!Number.isInteger(nestedCalls) || nestedCalls < 1) throw new UsageError("nestedCalls is a whole number from 1");
    this.nestedCalls = nestedCalls;
    this.typeReflection = typeReflection;
    if (!ENGINE_NAMES.includes(messages)) {
      throw new UsageError(`messages is ${JSON.stringify(messages)}; engines are ${ENGINE_NAMES.join(", ")}`);
    }
    this.messages = messages;
    this.host = host;
  }

  /** https://webassembly.github.io/spec/js-api/#js-exceptions */
  get jsTag(): TagInst {
    if (this.jsTagInst === null) {
      const { registry } = this.engine;
      const typeId = registry.addFuncType([EXTERNREF], []);
      this.jsTagInst = new TagInst(typeId, registry.funcType(typeId));
    }
    return this.jsTagInst;
  }

  /** Fuel that is left for further calls; infinite where it is not limited. */
  get fuelLeft(): number {
    return this.limitsFuel ? this.thread.fuelLeft : Number.POSITIVE_INFINITY;
  }
  /** Fuel used until now. */
  get fuelUsed(): number {
    return this.fuelGranted - this.thread.fuelLeft;
  }

  /** @throws UsageError if it is no amount of fuel */
  addFuel(amount: Amount): void {
    const fuel = fuelOf(amount);
    if (!this.limitsFuel) return;
    this.fuelGranted += fuel;
    this.thread.grant(fuel);
  }

  /** Runs a promised call until it is over, or waits. What it uses is paid by who runs it. */
  runPromised(execution: Execution): RunResult {
    const { thread: payer, base, depth, promised } = this;
    const { thread } = execution;
    const fuel = payer.fuelLeft;
    payer.withdraw();
    this.thread = thread;
    this.depth = depth + 1;
    this.promised = { thread, depth: this.depth };
    try {
      return execution.run(fuel);
    } finally {
      this.thread = payer;
      this.base = base;
      this.depth = depth;
      this.promised = promised;
      payer.grant(thread.fuelLeft);
      execution.withdrawFuel();
    }
  }

  /** Whether what `thread` calls now may have it wait for a promise. */
  maySuspend(thread: Thread): boolean {
    return this.promised !== null && this.promised.thread === thread && this.promised.depth === this.depth;
  }

  /** Before an outermost call: lets go of what those before it left behind, not each time, but soon. */
  tidy(): void {
    const { machine: m } = this.main;
    if (m.registerLimit > KEPT_WORDS || m.frames.length > KEPT_WORDS) this.renewMain();
    else if (--this.callsToTidy <= 0) {
      m.refs.fill(null);
      // A small call takes as long as clearing some forty references: half of one for each call is not seen.
      this.callsToTidy = m.refs.length << 1;
    }
  }

  private renewMain(): void {
    const { main, thread } = this;
    this.main = new Thread(this.store);
    this.main.setFuel(main.fuelGranted, main.fuelLeft);
    main.machine.end(0);
    if (thread === main) this.thread = this.main;
  }

  /** An error that a guest does not catch. */
  asTrap<E extends Error>(error: E): E {
    this.traps.add(error);
    return error;
  }
}

/** Programs do not say when they need an instance no longer: counts never fall, so they do not limit. */
const SPECIFIED_LIMITS = {
  memoryBytes: MAX_LIMITS.memoryBytes,
  tableElements: MAX_LIMITS.tableElements,
  instances: MAX_LIMITS.instances,
  memories: MAX_LIMITS.memories,
  tables: MAX_LIMITS.tables,
} as const;
