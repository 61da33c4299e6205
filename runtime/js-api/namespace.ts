// The WebAssembly namespace. https://webassembly.github.io/spec/js-api/#webassembly-namespace
import type { ExternInst } from "../store/module-instance.js";
import type { Agent, ModuleSlot } from "./agent.js";
import { makeException, makeTag } from "./exception.js";
import { exportFunc } from "./exported-functions.js";
import { makeFunction } from "./function.js";
import { makeGlobal } from "./global.js";
import { checkImportObject, Instantiator, makeInstance } from "./instance.js";
import { Builtins } from "./js-string.js";
import { makeMemory } from "./memory.js";
import { type CompileOptions, Compiler, makeModule, toCompileOptions } from "./module.js";
import { makePromising } from "./promising.js";
import { type Streaming, streamingMethods } from "./streaming.js";
import { makeTable } from "./table.js";
import { makeEnumerable, requireArguments, setTag, toBytes } from "./web-idl.js";

/** The namespace object of an agent. */
export function makeNamespace(agent: Agent): object {
  const builtins = new Builtins(agent);
  const compiler = new Compiler(agent, builtins);
  const memory = makeMemory(agent);
  const table = makeTable(agent);
  const global = makeGlobal(agent);
  const tag = makeTag(agent);
  const exception = makeException(agent);
  const module = makeModule(agent, compiler, builtins);
  const instantiator = new Instantiator(agent, builtins, {
    memory: memory.objectOf,
    table: table.objectOf,
    global: global.objectOf,
    tag: tag.objectOf,
  });
  const instance = makeInstance(agent, instantiator);
  const promising = makePromising(agent);
  agent.exportFunc = (func) => exportFunc(agent, func);
  agent.exceptionObject = exception.objectOf;

  /** "Asynchronously compile a WebAssembly module". */
  const compileLater = async (bytes: Uint8Array, options: CompileOptions, what: string): Promise<ModuleSlot> => {
    await undefined;
    return compiler.compile(bytes, options, what);
  };
  /** "Asynchronously instantiate a WebAssembly module", whose imports are read. */
  const instantiateLater = async (slot: ModuleSlot, imports: ExternInst[], what: string): Promise<object> => {
    await undefined;
    return instance.objectOf(instantiator.instantiate(slot, imports, what));
  };
  /** "Instantiate a promise of a module". */
  const instantiateSource = async (promise: Promise<ModuleSlot>, importObject: unknown, what: string) => {
    const slot = await promise;
    const imports = instantiator.readImports(slot, importObject, what);
    return { module: module.objectOf(slot), instance: await instantiateLater(slot, imports, what) };
  };

  const operations = {
    validate(bytes: unknown, options?: unknown): boolean {
      const what = "WebAssembly.validate()";
      requireArguments(arguments.length, 1, what);
      const copy = toBytes(bytes, `${what}: Argument 0`);
      const compileOptions = toCompileOptions(options, what);
      try {
        compiler.compile(copy, compileOptions, what);
        return true;
      } catch (error) {
        if (error instanceof agent.errors.CompileError) return false;
        throw error;
      }
    },

    compile(bytes: unknown, options?: unknown): Promise<object> {
      const what = "WebAssembly.compile()";
      const count = arguments.length;
      return promised(() => {
        requireArguments(count, 1, what);
        const copy = toBytes(bytes, `${what}: Argument 0`);
        return compileLater(copy, toCompileOptions(options, what), what).then(module.objectOf);
      });
    },

    instantiate(source: unknown, importObject?: unknown, options?: unknown): Promise<object> {
      const what = "WebAssembly.instantiate()";
      const count = arguments.length;
      return promised((): Promise<object> => {
        requireArguments(count, 1, what);
        const slot = agent.modules.get(source as object);
        if (slot !== undefined) {
          checkImportObject(importObject, what);
          return instantiateLater(slot, instantiator.readImports(slot, importObject, what), what);
        }
        const copy = toBytes(source, `${what}: Argument 0`);
        checkImportObject(importObject, what);
        const compileOptions = toCompileOptions(options, what);
        return instantiateSource(compileLater(copy, compileOptions, what), importObject, what);
      });
    },
  };
  for (const operation of Object.values(operations)) {
    Object.defineProperty(operation, "length", { value: 1, configurable: true });
  }
  const { isResponse } = agent.host;
  const streaming: Streaming = {
    compile: async (bytes, options, what) => module.objectOf(await compileLater(bytes, options, what)),
    instantiate: (bytes, importObject, options, what) =>
      instantiateSource(compileLater(bytes, options, what), importObject, what),
  };

  const namespace = {
    ...operations,
    ...promising.operations,
    ...(isResponse === undefined ? {} : streamingMethods(isResponse, streaming)),
  };
  makeEnumerable(namespace);
  const interfaces = {
    Module: module.Module,
    Instance: instance.Instance,
    Memory: memory.Memory,
    Table: table.Table,
    Global: global.Global,
    Tag: tag.Tag,
    Exception: exception.Exception,
    Suspending: promising.Suspending,
    ...agent.errors,
    ...(agent.typeReflection ? { Function: makeFunction(agent) } : {}),
  };
  for (const [name, value] of Object.entries(interfaces)) {
    Object.defineProperty(namespace, name, { value, writable: true, configurable: true });
  }
  const jsTag = Object.getOwnPropertyDescriptor(
    {
      get JSTag(): object {
        return tag.objectOf(agent.jsTag);
      },
    },
    "JSTag",
  )!;
  Object.defineProperty(namespace, "JSTag", jsTag);
  setTag(namespace, "WebAssembly");
  return namespace;
}

/** What Web IDL does for operations that return promises: an exception becomes a rejection. */
export function promised(steps: () => Promise<object>): Promise<object> {
  try {
    return steps();
  } catch (error) {
    return Promise.reject(error);
  }
}
