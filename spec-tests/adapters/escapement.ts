// The adapter for this project's own engine.

import { isRef, type ValType, validateBranchHints, validateNameSection } from "../../decoder/index.js";
import {
  type AheadModule,
  compileAhead,
  Engine,
  type EngineOptions,
  EscapementError,
  ExceptionRef,
  Execution,
  type Extern,
  FuelExhausted,
  type FuelScheduleName,
  Func,
  Global,
  HeapObject,
  HostRef,
  hostFunc,
  type Instance,
  Linker,
  type Module,
  type RawValue,
  type RunResult,
  Store,
  UncaughtException,
} from "../../runtime/index.js";
import type { EngineAdapter, Failure, FailureKind } from "../adapter.js";
import type { NumericType, Value } from "../values.js";

/** Fuel of one action: the largest of the suite's needs some millions. */
const FUEL = 10_000_000_000;
/** Deep enough for every test that must not exhaust the stack, and quickly exhausted by the others. */
const LIMITS = { frames: 20_000, stackSlots: 400_000 };

const NUMERIC_TYPES: Readonly<Record<number, NumericType>> = {
  127: "i32",
  126: "i64",
  125: "f32",
  124: "f64",
  123: "v128",
};

const KINDS: Readonly<Record<string, FailureKind>> = {
  malformed: "malformed",
  invalid: "invalid",
  link: "link",
  trap: "trap",
  stack: "exhaustion",
  exception: "exception",
};

/** A host value of a script: `(ref.extern 1)` twice is the same value. */
class ScriptValue {
  constructor(readonly host: number) {}
}

/** Every module is compiled ahead of time, just before it is needed. */
function ahead(bytes: Uint8Array, schedule: FuelScheduleName): AheadModule {
  const script = compileAhead(bytes, { schedule }).text.replaceAll(/^export /gm, "");
  return new Function(`${script}\nreturn { about, functions, make };`)() as AheadModule;
}

/** Runs an execution of a store on, which has these instances. */
export type Runner = (execution: Execution, instances: readonly Instance[]) => RunResult;

/**
 * @param slice fuel that an execution gets at a time: after each portion it pauses and is run again;
 *   with 1, before every instruction that costs something
 * @param run how an execution is run on; by default whole portions
 */
export function createEscapementAdapter(
  tier = "interpreter",
  slice = FUEL,
  run: Runner = (execution) => execution.run(slice),
): EngineAdapter<Module, Instance, Extern> {
  // Whatever is called is compiled.
  const options: EngineOptions =
    tier === "compiler" ? { tier, compileAfter: 0 } : tier === "ahead-of-time" ? { tier, ahead } : {};
  let engine = new Engine(options);
  let store = new Store(engine, { limits: LIMITS });
  let instances: Instance[] = [];

  function toRaw(value: Value): RawValue {
    if (value.type !== "ref") return value.bits;
    if (value.kind === "null") return null;
    return new HostRef(new ScriptValue(value.host ?? 0));
  }

  function fromRaw(raw: RawValue, type: ValType): Value {
    if (!isRef(type)) return { type: NUMERIC_TYPES[type]!, bits: raw as bigint };
    const external = engine.registry.describe(type).includes("extern");
    if (raw === null) return { type: "ref", kind: "null" };
    if (raw instanceof HostRef) {
      const { value } = raw;
      const kind = external ? "extern" : "host";
      return value instanceof ScriptValue ? { type: "ref", kind, host: value.host } : { type: "ref", kind };
    }
    if (external) return { type: "ref", kind: "extern" };
    if (raw instanceof Func) return { type: "ref", kind: "func" };
    if (raw instanceof ExceptionRef) return { type: "ref", kind: "exn" };
    if (typeof raw === "number") return { type: "ref", kind: "i31" };
    if (raw instanceof HeapObject) return { type: "ref", kind: engine.registry.get(raw.typeId).comp.kind };
    return { type: "ref", kind: "other" };
  }

  /** Runs a function to its end. */
  function call(func: Func, args: readonly RawValue[]): RawValue[] {
    const execution = new Execution(store).startRaw(func, args);
    for (;;) {
      const result = run(execution, instances);
      if (result.status === "done") return execution.rawResults();
      if (result.status === "trapped" || result.status === "failed") throw result.error;
      if (result.status === "threw") throw new UncaughtException(result.exception);
      if (result.reason !== "fuel") throw new Error(`paused: ${result.reason}`);
      if (execution.fuelUsed >= FUEL) throw new FuelExhausted();
    }
  }

  return {
    name: "escapement",
    tier,
    // The words for malformed and invalid modules are more exact than the suite's.
    specMessages: ["link", "trap", "exhaustion"],

    reset() {
      engine = new Engine(options);
      store = new Store(engine, { limits: LIMITS });
      instances = [];
    },

    compile: (bytes) => engine.compile(bytes),

    instantiate(module, resolve) {
      const linker = new Linker(engine);
      linker.allowShadowing = true;
      for (const { module: from, name } of module.imports()) {
        const extern = resolve(from, name);
        if (extern !== undefined) linker.define(from, name, extern);
      }
      const { instance, start } = linker.prepare(store, module);
      instances.push(instance);
      if (start !== undefined) call(start, []);
      return instance;
    },

    getExport: (instance, name) => instance.exports.get(name),

    invoke(func, args) {
      if (!(func instanceof Func)) throw new Error("not a function");
      return call(func, args.map(toRaw)).map((raw, i) => fromRaw(raw, func.type.results[i]!));
    },

    readGlobal(global) {
      if (!(global instanceof Global)) throw new Error("not a global");
      return fromRaw(global.raw, global.type.type);
    },

    classify(error): Failure {
      if (!(error instanceof EscapementError)) return { kind: "other", message: String(error) };
      return { kind: KINDS[error.kind] ?? "other", message: error.message };
    },

    hostFunction: (params) => hostFunc(engine, { params: [...params], results: [] }, () => undefined),

    validateCustom(bytes) {
      const { decoded } = engine.compile(bytes);
      validateNameSection(decoded);
      validateBranchHints(decoded);
    },
  };
}
