// Instance objects: reading the imports, instantiating, the exports object.
// https://webassembly.github.io/spec/js-api/#read-the-imports
import { F32, F64, type GlobalType, I32, I64, type Import, V128 } from "../../decoder/index.js";
import type { Instance as StoreInstance } from "../embedding/instance.js";
import { allocateInstance, runActiveSegments } from "../embedding/instantiate.js";
import { LinkError, MemoryLimitExceeded, Trap } from "../errors.js";
import { FuncInst } from "../store/func.js";
import { GlobalInst } from "../store/global.js";
import { MemoryInst } from "../store/memory.js";
import type { ExternInst } from "../store/module-instance.js";
import { HostRef } from "../store/refs.js";
import { TableInst } from "../store/table.js";
import type { TagInst } from "../store/tag.js";
import type { Agent, ModuleSlot } from "./agent.js";
import { run, trapError } from "./calls.js";
import { isOpaque, toWasmRaw } from "./convert.js";
import { allocateGlobal } from "./global.js";
import { createHostFunction } from "./host-functions.js";
import type { Builtins } from "./js-string.js";
import { MAX_TABLE_SIZE } from "./table.js";
import { segmentText } from "./trap-texts.js";
import { isObject, requireArguments, shapeInterface } from "./web-idl.js";

/** Makes the objects of what an instance exports. */
export interface ObjectsOf {
  readonly memory: (memory: MemoryInst) => object;
  readonly table: (table: TableInst) => object;
  readonly global: (global: GlobalInst) => object;
  readonly tag: (tag: TagInst) => object;
}

/** Instantiates modules for one agent. */
export class Instantiator {
  constructor(
    private readonly agent: Agent,
    private readonly builtins: Builtins,
    private readonly objectsOf: ObjectsOf,
  ) {}

  /** "Read the imports". @throws TypeError, LinkError, and what the import object's getters throw */
  readImports(slot: ModuleSlot, importObject: unknown, what: string): ExternInst[] {
    const { imports } = slot.module.decoded;
    if (imports.length > 0 && importObject === undefined) {
      throw new TypeError(`${what}: Imports argument must be present and must be an object`);
    }
    let functions = 0;
    return imports.map((entry, i) => {
      const name = `${what}: Import #${i} ${JSON.stringify(entry.module)}`;
      const given = this.given(slot, entry, functions);
      const extern = given ?? this.readImport(entry, importObject as object, functions, name);
      if (entry.kind === "func") functions++;
      return extern;
    });
  }

  /** What the engine itself supplies: builtins and string constants. */
  private given({ builtins, stringModule }: ModuleSlot, entry: Import, index: number): ExternInst | undefined {
    if (entry.module === stringModule && entry.kind === "global") {
      return allocateGlobal(this.agent, entry.type, new HostRef(entry.name));
    }
    return this.builtins.create(builtins, entry.module, entry.name, index);
  }

  private readImport(entry: Import, importObject: object, index: number, name: string): ExternInst {
    const { agent } = this;
    const { LinkError } = agent.errors;
    const module = Reflect.get(importObject, entry.module) as unknown;
    if (!isObject(module)) throw new TypeError(`${name}: module is not an object or function`);
    const value = Reflect.get(module, entry.name) as unknown;
    const fail = (reason: string): never => {
      throw new LinkError(`${name} ${JSON.stringify(entry.name)}: ${reason}`);
    };
    switch (entry.kind) {
      case "func":
        if (agent.suspending.has(value as object))
          return createHostFunction(agent, value as object, entry.typeId, String(index));
        if (typeof value !== "function") return fail("function import requires a callable");
        return agent.functions.thingOf(value) ?? createHostFunction(agent, value, entry.typeId, String(index));
      case "global":
        return agent.globals.thingOf(value) ?? this.newGlobal(entry.type, value, fail);
      case "memory":
        return agent.memories.thingOf(value) ?? fail("memory import must be a WebAssembly.Memory object");
      case "table":
        return agent.tables.thingOf(value) ?? fail("table import requires a WebAssembly.Table");
      case "tag":
        return agent.tags.thingOf(value) ?? fail("tag import requires a WebAssembly.Tag");
    }
  }

  /** A constant global of a value that is imported as one. */
  private newGlobal({ type }: GlobalType, value: unknown, fail: (reason: string) => never): GlobalInst {
    if (type === I64 && typeof value !== "bigint") return fail("global import must be a BigInt");
    if ((type === I32 || type === F32 || type === F64) && typeof value !== "number") {
      return fail("global import must be a number, valid Wasm reference, or WebAssembly.Global object");
    }
    if (type === V128 || isOpaque(this.agent, type)) return fail("global import must be a WebAssembly.Global object");
    try {
      return allocateGlobal(this.agent, { type, mutable: false }, toWasmRaw(this.agent, value, type));
    } catch (error) {
      if (error instanceof TypeError) return fail(`imported global does not match: ${error.message}`);
      throw error;
    }
  }

  /**
   * "Instantiate the core of a WebAssembly module".
   * @throws LinkError; RangeError where the host or a limit has no room; what active segments and the start function
   *   end with
   */
  instantiate({ module }: ModuleSlot, imports: readonly ExternInst[], what: string): StoreInstance {
    const { agent } = this;
    const { decoded } = module;
    for (const { limits } of decoded.tables) {
      if (limits.min > MAX_TABLE_SIZE) {
        throw new RangeError(
          `${what}: initial table size (${limits.min} elements) is larger than implementation limit`,
        );
      }
    }
    const { store } = agent;
    const charges = store.charges();
    let instance: StoreInstance;
    try {
      instance = allocateInstance(store, module, imports, null);
    } catch (error) {
      store.takeBack(charges);
      if (error instanceof LinkError) throw new agent.errors.LinkError(`${what}: ${error.message}`);
      if (error instanceof MemoryLimitExceeded) throw new RangeError(`${what}: Out of memory: ${error.message}`);
      throw error;
    }
    try {
      runActiveSegments(instance);
    } catch (error) {
      throw error instanceof Trap ? trapError(agent, segmentText(agent.messages, error.reason)) : error;
    }
    if (decoded.start >= 0) this.start(instance.func(decoded.start));
    return instance;
  }

  private start(func: FuncInst): void {
    const host = this.agent.hostFunctions.get(func);
    if (host === undefined) run(this.agent, func, false, []);
    else host.invoke([]);
  }

  /** "Create an exports object". */
  exportsOf(instance: StoreInstance): object {
    const exports = Object.create(null) as object;
    for (const [name, extern] of instance.exports) {
      Object.defineProperty(exports, name, { value: this.objectOf(extern), enumerable: true });
    }
    return Object.freeze(exports);
  }

  private objectOf(extern: ExternInst): object {
    if (extern instanceof FuncInst) return this.agent.exportFunc(extern);
    if (extern instanceof MemoryInst) return this.objectsOf.memory(extern);
    if (extern instanceof TableInst) return this.objectsOf.table(extern);
    return extern instanceof GlobalInst ? this.objectsOf.global(extern) : this.objectsOf.tag(extern);
  }
}

export function makeInstance(agent: Agent, instantiator: Instantiator) {
  const exportsObjects = new WeakMap<object, object>();

  class Instance {
    constructor(moduleObject: unknown, importObject?: unknown) {
      const what = "WebAssembly.Instance()";
      requireArguments(arguments.length, 1, what);
      const slot = agent.modules.get(moduleObject as object);
      if (slot === undefined) throw new TypeError(`${what}: Argument 0 must be a WebAssembly.Module`);
      checkImportObject(importObject, what);
      const imports = instantiator.readImports(slot, importObject, what);
      const instance = instantiator.instantiate(slot, imports, what);
      exportsObjects.set(this, instantiator.exportsOf(instance));
    }

    get exports(): object {
      const exports = exportsObjects.get(this);
      if (exports === undefined)
        throw new TypeError("WebAssembly.Instance.exports: Receiver is not a WebAssembly.Instance");
      return exports;
    }
  }
  shapeInterface(Instance, "Instance", 1);

  /** "Initialize an instance object", a new one. */
  const objectOf = (instance: StoreInstance): object => {
    const object = Object.create(Instance.prototype) as object;
    exportsObjects.set(object, instantiator.exportsOf(instance));
    return object;
  };
  return { Instance, objectOf };
}

/** `optional object`. @throws TypeError */
export function checkImportObject(importObject: unknown, what: string): void {
  if (importObject !== undefined && !isObject(importObject))
    throw new TypeError(`${what}: Argument 1 must be an object`);
}
