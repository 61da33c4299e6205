import type { Import } from "../../decoder/index.js";
import { fuelOf } from "../amount.js";
import { InvokeImport, longjmpFunc, prepareInvokes } from "../emscripten/invoke.js";
import { FuelExhausted, LinkError, Trap, UsageError } from "../errors.js";
import { describeExtern, externKind, unknownName } from "../store/exports.js";
import type { FuncInst } from "../store/func.js";
import type { ExternInst } from "../store/module-instance.js";
import type { FuncDescription } from "../store/type-names.js";
import { Engine } from "./engine.js";
import { type HostFunction, type HostFunctionOptions, hostFunc, hostFuncOfType } from "./host-func.js";
import { importName } from "./imports.js";
import { Instance } from "./instance.js";
import { allocateInstance, runActiveSegments } from "./instantiate.js";
import { ExprMeter, instantiationPrice } from "./instantiation-price.js";
import { Module } from "./module.js";
import { type CallOptions, callToEnd, callToEndAsync } from "./run.js";
import { Store } from "./store.js";

type Definition = ExternInst | InvokeImport;

/** An instance whose start function has not run. */
export interface Prepared {
  readonly instance: Instance;
  readonly start: FuncInst | undefined;
  readonly fuel: number;
}

/** Names what modules import, and makes instances of them. */
export class Linker {
  private readonly modules = new Map<string, Map<string, Definition>>();
  private readonly trapModules = new Set<string>();
  /** Whether a name may be defined again; the last definition counts. */
  allowShadowing = false;

  /** @throws UsageError without an Engine */
  constructor(readonly engine: Engine) {
    if (!(engine instanceof Engine)) throw new UsageError("a linker needs an Engine");
  }

  /**
   * Defines a host function.
   * @throws UsageError if the name is taken or a type unknown
   */
  defineFunc(
    module: string,
    name: string,
    type: FuncDescription,
    fn: HostFunction,
    options: HostFunctionOptions = {},
  ): this {
    return this.add(module, name, hostFunc(this.engine, type, fn, { name: `${module}.${name}`, ...options }));
  }

  /** Defines a function, memory, table, global or tag. @throws UsageError if the name is taken */
  define(module: string, name: string, extern: ExternInst): this {
    if (externKind(extern) === undefined) {
      throw new UsageError(`${importName({ module, name })}: expected a function, memory, table, global or tag`);
    }
    return this.add(module, name, extern);
  }

  /** Defines all exports of an instance under the module name `module`. @throws UsageError if a name is taken */
  defineInstance(module: string, instance: Instance): this {
    if (!(instance instanceof Instance)) throw new UsageError("expected an Instance");
    for (const [name, extern] of instance.exports) this.add(module, name, extern);
    return this;
  }

  /**
   * Defines one of Emscripten's `invoke_*` functions. It takes the type that the module
   * imports it with: an i32, the index of the function to call in the instance's table, and
   * that function's parameters. The module must be Emscripten's (invoke.ts says how so).
   */
  defineInvoke(module: string, name: string): this {
    return this.add(module, name, new InvokeImport());
  }

  /**
   * Defines Emscripten's `_emscripten_throw_longjmp`: a function without parameters that drops frames up to the nearest
   * `invoke_*`. A host function may throw a LongjmpUnwind for the same; compiled code does this one without leaving.
   */
  defineLongjmp(module: string, name: string): this {
    return this.add(module, name, longjmpFunc(this.engine.registry, `${module}.${name}`));
  }

  /** Functions that an instance imports from `module` and nobody defines trap when called. */
  defineUnknownFuncsAsTraps(module: string): this {
    this.trapModules.add(module);
    return this;
  }

  private add(module: string, name: string, definition: Definition): this {
    if (typeof module !== "string" || typeof name !== "string") throw new UsageError("names of imports are strings");
    let names = this.modules.get(module);
    if (names === undefined) {
      names = new Map();
      this.modules.set(module, names);
    }
    if (names.has(name) && !this.allowShadowing) {
      throw new UsageError(`${importName({ module, name })} is defined already (see allowShadowing)`);
    }
    names.set(name, definition);
    return this;
  }

  /** What is defined under a name; an invoke function is undefined here, because each instance gets its own. */
  get(module: string, name: string): ExternInst | undefined {
    const definition = this.modules.get(module)?.get(name);
    return definition instanceof InvokeImport ? undefined : definition;
  }

  /**
   * Makes an instance: allocates it, copies its active segments, and runs its start function.
   * What segments have written, and what the start function has done, stays when this throws.
   * @throws LinkError if imports are missing (it names them all) or do not match
   * @throws MemoryLimitExceeded if the store has no room
   * @throws Trap if an active segment is out of bounds or the start function traps;
   *   FuelExhausted if it needs more than `fuel`; UncaughtException
   */
  instantiate(store: Store, module: Module, options: CallOptions = {}): Instance {
    const { instance, start, fuel } = this.begin(store, module, options);
    if (start !== undefined) callToEnd(store, start, [], { fuel });
    return instance;
  }

  /** As {@link instantiate}, for start functions that may call asynchronous host functions. */
  async instantiateAsync(store: Store, module: Module, options: CallOptions = {}): Promise<Instance> {
    const { instance, start, fuel } = this.begin(store, module, options);
    if (start !== undefined) await callToEndAsync(store, start, [], { fuel });
    return instance;
  }

  /** As {@link prepare}, paying from the budget of the options; `fuel` is what is left of it. */
  private begin(store: Store, module: Module, options: CallOptions): Prepared {
    const fuel = fuelOf(options.fuel ?? store.defaultFuel);
    const { instance, price } = this.link(store, module);
    if (price > fuel) throw new FuelExhausted();
    runActiveSegments(instance);
    return { instance, start: instance.func(module.decoded.start), fuel: fuel - price };
  }

  /**
   * As {@link instantiate}, but leaves the start function to the caller: run in an Execution it can be paused,
   * and its fuel is known. The instance must not be used before it has run. `fuel` is what all the rest of the
   * instantiation costs; the caller pays. (It is 0 under the schedules that do not price it.)
   */
  prepare(store: Store, module: Module): Prepared {
    const { instance, price } = this.link(store, module);
    runActiveSegments(instance);
    return { instance, start: instance.func(module.decoded.start), fuel: price };
  }

  /**
   * Makes an instance to restore a snapshot into (restoreStore): active segments are not copied, and the start
   * function is not run.
   * @throws LinkError, MemoryLimitExceeded as {@link instantiate}
   */
  allocate(store: Store, module: Module): Instance {
    return this.link(store, module).instance;
  }

  private link(store: Store, module: Module): { readonly instance: Instance; readonly price: number } {
    if (!(store instanceof Store)) throw new UsageError("instantiate: expected a Store");
    if (!(module instanceof Module)) throw new UsageError("instantiate: expected a Module");
    if (store.engine !== this.engine || module.engine !== this.engine) {
      throw new UsageError("the store, the module and the linker belong to different engines");
    }
    const entries = module.decoded.imports;
    const definitions = this.resolve(entries);
    const invokes: FuncInst[] = [];
    const imports = definitions.map((definition, i) => {
      if (!(definition instanceof InvokeImport)) return definition;
      const func = definition.instantiate(store, entries[i]!);
      invokes.push(func);
      return func;
    });
    const { schedule } = this.engine;
    const meter = schedule.instantiation === "free" ? null : new ExprMeter(module.decoded);
    const charges = store.charges();
    try {
      const instance = allocateInstance(store, module, imports, meter);
      prepareInvokes(instance, invokes);
      return { instance, price: instantiationPrice(schedule, meter) };
    } catch (error) {
      store.takeBack(charges);
      throw error;
    }
  }

  private resolve(entries: readonly Import[]): Definition[] {
    const found: Definition[] = [];
    const missing: Import[] = [];
    for (const entry of entries) {
      const definition = this.modules.get(entry.module)?.get(entry.name) ?? this.trapFor(entry);
      if (definition === undefined) missing.push(entry);
      else found.push(definition);
    }
    if (missing.length > 0) throw new LinkError(this.describeMissing(missing));
    return found;
  }

  private trapFor(entry: Import): FuncInst | undefined {
    if (entry.kind !== "func" || !this.trapModules.has(entry.module)) return undefined;
    const name = `${entry.module}.${entry.name}`;
    const trap = () => {
      throw new Trap(`unknown import: ${importName(entry)} was called`);
    };
    return hostFuncOfType(this.engine, entry.typeId, trap, { name, raw: true });
  }

  private describeMissing(missing: readonly Import[]): string {
    const names = missing.map((entry) => `${importName(entry)} (${describeExtern(this.engine.registry, entry)})`);
    if (missing.length > 1) return `unknown import: ${names.join(", ")}`;
    const entry = missing[0]!;
    const module = this.modules.get(entry.module);
    if (module === undefined)
      return `unknown import: ${names[0]}; there is no module ${unknownName(entry.module, this.modules.keys())}`;
    return `unknown import: ${names[0]}; the module has no ${unknownName(entry.name, module.keys())}`;
  }
}
