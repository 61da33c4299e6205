// Module objects. https://webassembly.github.io/spec/js-api/#modules
import { EXTERNREF, type ExternKind, heapTypeOf, type Import, matchesFunc, refType } from "../../decoder/index.js";
import type { Module as CompiledModule } from "../embedding/module.js";
import { EscapementError } from "../errors.js";
import type { Agent, ModuleSlot } from "./agent.js";
import { messageOf } from "./errors.js";
import type { Builtins } from "./js-string.js";
import { reflectExtern } from "./type-reflection.js";
import {
  requireArguments,
  shapeInterface,
  toBytes,
  toDictionary,
  toDomString,
  toSequence,
  toUsvString,
} from "./web-idl.js";

/** WebAssemblyCompileOptions. */
export interface CompileOptions {
  readonly builtins: readonly string[];
  readonly importedStringConstants: string | null;
}

/** @throws TypeError */
export function toCompileOptions(value: unknown, what: string): CompileOptions {
  const members = toDictionary(value, `${what}: Argument 1`);
  const { builtins } = members;
  const names = builtins === undefined ? [] : toSequence(builtins, `${what}: Property 'builtins'`).map(toUsvString);
  const { importedStringConstants: strings } = members;
  return {
    builtins: names,
    importedStringConstants: strings === undefined || strings === null ? null : toUsvString(strings),
  };
}

/** "string value of the extern type" */
const KINDS: Readonly<Record<ExternKind, string>> = {
  func: "function",
  table: "table",
  memory: "memory",
  global: "global",
  tag: "tag",
};

const REF_EXTERN = refType(heapTypeOf(EXTERNREF), false);

/** Compiles modules for one agent. */
export class Compiler {
  constructor(
    private readonly agent: Agent,
    private readonly builtins: Builtins,
  ) {}

  /** @param bytes a copy that nobody else has @param what the method, for messages @throws CompileError */
  compile(bytes: Uint8Array, options: CompileOptions, what: string): ModuleSlot {
    const { CompileError } = this.agent.errors;
    let module: CompiledModule;
    try {
      module = this.agent.engine.compile(bytes, { borrowed: true });
    } catch (error) {
      if (error instanceof EscapementError) throw new CompileError(`${what}: ${messageOf(error)}`);
      throw error;
    }
    const reason = this.invalidBuiltin(module, options);
    if (reason !== undefined) throw new CompileError(`${what}: ${reason}`);
    return { module, builtins: options.builtins, stringModule: options.importedStringConstants };
  }

  /** "Validate builtins and imported string for a WebAssembly module": what is wrong, if anything. */
  private invalidBuiltin(module: CompiledModule, options: CompileOptions): string | undefined {
    const { builtins, importedStringConstants } = options;
    if (new Set(builtins).size !== builtins.length) return "a set of builtins is enabled twice";
    for (const entry of module.decoded.imports) {
      const name = `import ${JSON.stringify(entry.module)} ${JSON.stringify(entry.name)}`;
      if (entry.module === importedStringConstants) {
        if (!isStringConstant(entry)) return `${name}: a string constant is an immutable global of type externref`;
      } else if (!this.fitsBuiltin(entry, builtins)) return `${name}: the type is not that of the builtin`;
    }
    return undefined;
  }

  private fitsBuiltin(entry: Import, enabled: readonly string[]): boolean {
    const typeId = this.builtins.typeOf(enabled, entry.module, entry.name);
    if (typeId === undefined) return true;
    return entry.kind === "func" && matchesFunc(this.agent.engine.registry, typeId, entry.typeId);
  }
}

/** Whether `global const (ref extern)` can be imported as this. */
function isStringConstant(entry: Import): boolean {
  if (entry.kind !== "global" || entry.type.mutable) return false;
  return entry.type.type === EXTERNREF || entry.type.type === REF_EXTERN;
}

export function makeModule(agent: Agent, compiler: Compiler, builtins: Builtins) {
  const { registry } = agent.engine;
  const slotOf = (value: unknown, what: string): ModuleSlot => {
    const slot = agent.modules.get(value as object);
    if (slot === undefined) throw new TypeError(`${what}: Argument 0 must be a WebAssembly.Module`);
    return slot;
  };

  class Module {
    constructor(bytes: unknown, options?: unknown) {
      const what = "WebAssembly.Module()";
      requireArguments(arguments.length, 1, what);
      const copy = toBytes(bytes, `${what}: Argument 0`);
      agent.modules.set(this, compiler.compile(copy, toCompileOptions(options, what), what));
    }

    static exports(moduleObject: unknown): object[] {
      const what = "WebAssembly.Module.exports()";
      requireArguments(arguments.length, 1, what);
      const { module } = slotOf(moduleObject, what);
      if (!agent.typeReflection) return module.decoded.exports.map(({ name, kind }) => ({ name, kind: KINDS[kind] }));
      return module
        .exports()
        .map(({ name, kind, type }) => ({ name, kind: KINDS[kind], type: reflectExtern(registry, type) }));
    }

    static imports(moduleObject: unknown): object[] {
      const what = "WebAssembly.Module.imports()";
      requireArguments(arguments.length, 1, what);
      const { module, builtins: enabled, stringModule } = slotOf(moduleObject, what);
      return module.decoded.imports
        .filter((entry) => entry.module !== stringModule)
        .filter((entry) => builtins.typeOf(enabled, entry.module, entry.name) === undefined)
        .map((entry) => ({
          module: entry.module,
          name: entry.name,
          kind: KINDS[entry.kind],
          ...(agent.typeReflection ? { type: reflectExtern(registry, entry) } : {}),
        }));
    }

    static customSections(moduleObject: unknown, sectionName: unknown): ArrayBuffer[] {
      const what = "WebAssembly.Module.customSections()";
      requireArguments(arguments.length, 2, what);
      const { module } = slotOf(moduleObject, what);
      if (sectionName === undefined) throw new TypeError(`${what}: Argument 1 is required`);
      return module.customSections(toDomString(sectionName)).map(({ buffer }) => buffer as ArrayBuffer);
    }
  }
  shapeInterface(Module, "Module", 1);

  /** "Construct a WebAssembly module object". */
  const objectOf = (slot: ModuleSlot): object => {
    const object = Object.create(Module.prototype) as object;
    agent.modules.set(object, slot);
    return object;
  };
  return { Module, objectOf };
}
