// The adapter for the host's own WebAssembly: V8 in Node, and any other engine with the WebAssembly
// JavaScript API. It is also the worked example of how to write an adapter (see ../adapter.ts).
//
// What the API cannot do, so that scripts which need it fail here: reference types of the exception
// hierarchy do not cross it, and malformed and invalid modules are told apart by no error.

import type { EngineAdapter, Failure } from "../adapter.js";
import type { NumericType, RefKind, Value } from "../values.js";
import { callShim, globalShim, isNumeric, NUMERIC_CODES, refKindShim, SLOT } from "./host-shim.js";
import { type FunctionType, type ModuleTypes, readModuleTypes } from "./host-types.js";
import type { HostGlobal, HostInstance, HostMemory, HostModule, HostWebAssembly } from "./host-webassembly.js";

interface Module {
  readonly module: HostModule;
  readonly bytes: Uint8Array;
  types?: ModuleTypes;
}
interface Instance {
  readonly instance: HostInstance;
  readonly module: Module;
}
interface Extern {
  readonly value: unknown;
  /** Where the type of a function stands. */
  readonly module: Module;
  readonly name: string;
  /** The shim's `call`, once it was needed. */
  call?: Callable;
}
type Callable = (...args: unknown[]) => unknown;

/** The value of `(ref.extern n)` and `(ref.host n)`. */
class HostValue {
  constructor(readonly host: number) {}
}

/**
 * An adapter for the WebAssembly API of this host, or of another one.
 * @throws Error if the host has none
 */
export function createHostAdapter(api: HostWebAssembly = hostWebAssembly()): EngineAdapter<Module, Instance, Extern> {
  const memory = new api.Memory({ initial: 1 });
  const bits = new DataView(memory.buffer);
  const shims = new ShimCache(api);
  const refKind = shims.refKind();

  /** Numbers go into the memory, references become JavaScript values. */
  function lower(args: readonly Value[], type: FunctionType): unknown[] {
    const references: unknown[] = [];
    args.forEach((arg, i) => {
      if (arg.type === "ref") references.push(arg.kind === "null" ? null : new HostValue(arg.host!));
      else if (arg.type === type.params[i]) writeBits(bits, i * SLOT, arg.bits);
      else throw new Error(`argument ${i} is ${arg.type}, the function takes ${type.params[i]}`);
    });
    return references;
  }

  function lift(returned: unknown, type: FunctionType): Value[] {
    const referenceCount = type.results.filter((result) => !isNumeric(result)).length;
    const references = referenceCount > 1 ? [...(returned as Iterable<unknown>)] : [returned];
    return type.results.map((result, i): Value => {
      if (isNumeric(result)) return { type: result, bits: readBits(bits, i * SLOT, result) };
      return describe(references.shift(), result === "externref");
    });
  }

  function describe(value: unknown, isExtern: boolean): Value {
    if (value === null) return { type: "ref", kind: "null" };
    if (value instanceof HostValue) return { type: "ref", kind: isExtern ? "extern" : "host", host: value.host };
    if (isExtern) return { type: "ref", kind: "extern" };
    if (typeof value === "function") return { type: "ref", kind: "func" };
    const kinds: readonly RefKind[] = ["other", "i31", "struct", "array"];
    return { type: "ref", kind: kinds[refKind === undefined ? 0 : (refKind(value) as number)]! };
  }

  return {
    name: "host",
    // V8 has words of its own.
    specMessages: [],

    compile(bytes) {
      return { module: new api.Module(bytes), bytes };
    },

    instantiate(module, resolve) {
      const imports: Record<string, Record<string, unknown>> = {};
      for (const { module: from, name } of api.Module.imports(module.module)) {
        const found = resolve(from, name);
        imports[from] ??= {};
        if (found !== undefined) imports[from][name] = found.value;
      }
      return { instance: new api.Instance(module.module, imports), module };
    },

    getExport({ instance, module }, name) {
      return Object.hasOwn(instance.exports, name) ? { value: instance.exports[name], module, name } : undefined;
    },

    invoke(func, args) {
      const { module } = func;
      module.types ??= readModuleTypes(module.bytes);
      const typeidx = module.types.functions.get(func.name);
      const type = typeidx === undefined ? undefined : module.types.types[typeidx];
      if (typeidx === undefined || type === undefined) throw new Error(`${func.name} is not a function`);
      if (args.length !== type.params.length) {
        throw new Error(`${args.length} arguments, the function takes ${type.params.length}`);
      }
      func.call ??= shims.call(module.types, typeidx, func.value, memory);
      return lift(func.call(...lower(args, type)), type);
    },

    readGlobal(global) {
      const type = shims.readGlobal(global.value, memory);
      if (type !== undefined) return { type, bits: readBits(bits, 0, type) };
      return describe((global.value as HostGlobal).value, false);
    },

    classify(error): Failure {
      const message = error instanceof Error ? error.message : String(error);
      if (error instanceof api.CompileError) return { kind: "refused", message };
      // A TypeError of the constructor: the namespace of an import is missing.
      if (error instanceof api.LinkError || (error instanceof TypeError && message.includes("Import"))) {
        return { kind: "link", message };
      }
      if (error instanceof api.RuntimeError) return { kind: "trap", message };
      if (error instanceof RangeError && /stack/.test(message)) return { kind: "exhaustion", message };
      if (api.Exception !== undefined && error instanceof api.Exception) return { kind: "exception", message };
      return { kind: "other", message };
    },
  };
}

/** The host's WebAssembly; throws if it has none (`node --jitless`). */
export function hostWebAssembly(): HostWebAssembly {
  const api = (globalThis as unknown as { WebAssembly?: HostWebAssembly }).WebAssembly;
  if (api === undefined) throw new Error("this host has no WebAssembly");
  return api;
}

/** Shim modules by type, since most functions of the suite have one of a few types. */
class ShimCache {
  readonly #calls = new Map<string, HostModule>();
  readonly #globals: { type: NumericType; module: HostModule }[] = [];

  constructor(readonly api: HostWebAssembly) {}

  call(types: ModuleTypes, typeidx: number, func: unknown, memory: HostMemory): Callable {
    const key = `${typeidx} ${types.section.join()}`;
    let module = this.#calls.get(key);
    if (module === undefined) {
      module = new this.api.Module(callShim(types, typeidx));
      this.#calls.set(key, module);
    }
    return new this.api.Instance(module, { "": { memory, func } }).exports["call"] as Callable;
  }

  /**
   * Stores a number's bits at address 0 of the memory. The API does not tell a global's type: the
   * one that links is it.
   * @returns undefined if the global holds a reference
   */
  readGlobal(global: unknown, memory: HostMemory): NumericType | undefined {
    if (this.#globals.length === 0) {
      for (const type of Object.keys(NUMERIC_CODES) as NumericType[]) {
        for (const mutable of [false, true]) {
          this.#globals.push({ type, module: new this.api.Module(globalShim(type, mutable)) });
        }
      }
    }
    for (const { type, module } of this.#globals) {
      try {
        (new this.api.Instance(module, { "": { memory, global } }).exports["read"] as Callable)();
        return type;
      } catch (error) {
        if (!(error instanceof this.api.LinkError)) throw error;
      }
    }
    return undefined;
  }

  /** Undefined where the host has no garbage collected objects. */
  refKind(): Callable | undefined {
    try {
      return new this.api.Instance(new this.api.Module(refKindShim())).exports["kind"] as Callable;
    } catch {
      return undefined;
    }
  }
}

const WORDS: Readonly<Record<NumericType, number>> = { i32: 1, f32: 1, i64: 2, f64: 2, v128: 4 };

function writeBits(view: DataView, at: number, value: bigint): void {
  view.setBigUint64(at, value, true);
  view.setBigUint64(at + 8, value >> 64n, true);
}

function readBits(view: DataView, at: number, type: NumericType): bigint {
  let value = 0n;
  for (let word = WORDS[type] - 1; word >= 0; word--) {
    value = (value << 32n) | BigInt(view.getUint32(at + word * 4, true));
  }
  return value;
}
