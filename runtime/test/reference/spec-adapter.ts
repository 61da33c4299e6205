// The reference stepper as an engine of the conformance harness: what it is checked with.

import {
  type DecodedModule,
  EscapementError,
  type ExternKind,
  F32,
  F64,
  I32,
  I64,
  type Import,
  isRef,
  matchesFunc,
  matchesGlobal,
  matchesMemory,
  matchesTable,
  matchesTag,
  parseModule,
  TypeRegistry,
  type ValType,
} from "../../../decoder/index.js";
import type { EngineAdapter, Failure, NumericType, Value } from "../../../spec-tests/index.js";
import { type ImportValue, type Outcome, ReferenceInstance } from "./instance.js";
import {
  ExceptionError,
  type FuncRef,
  type Operand,
  type Reference,
  ReferenceGlobal,
  type ReferenceMemory,
  type ReferenceTable,
  TrapError,
} from "./operands.js";

/** An export, with the instance in which its type stands. */
export interface ReferenceExtern {
  readonly kind: ExternKind;
  readonly index: number;
  readonly instance: ReferenceInstance;
}

const NAMES: Readonly<Record<number, NumericType>> = { [I32]: "i32", [I64]: "i64", [F32]: "f32", [F64]: "f64" };

class LinkFailure extends Error {}

export function createReferenceAdapter(): EngineAdapter<DecodedModule, ReferenceInstance, ReferenceExtern> {
  // Linked modules share the numbering of types.
  let registry = new TypeRegistry();
  return {
    name: "reference",
    specMessages: ["trap"],
    reset() {
      registry = new TypeRegistry();
    },
    compile: (bytes) => parseModule(bytes, { registry }),

    instantiate(module, resolve) {
      const imports: Record<string, Record<string, ImportValue>> = {};
      for (const entry of module.imports) {
        const extern = resolve(entry.module, entry.name);
        if (extern === undefined) throw new LinkFailure(`unknown import ${entry.module}.${entry.name}`);
        if (!fits(extern, entry)) throw new LinkFailure(`incompatible import type for ${entry.module}.${entry.name}`);
        imports[entry.module] ??= {};
        imports[entry.module]![entry.name] = externValue(extern);
      }
      const instance = new ReferenceInstance(module, imports, { maxFrames: 2000 });
      if (instance.started !== undefined) unwrap(instance.started);
      return instance;
    },

    getExport(instance, name) {
      const entry = instance.module.exports.find((candidate) => candidate.name === name);
      return entry === undefined ? undefined : { kind: entry.kind, index: entry.index, instance };
    },

    invoke({ instance, index }, args) {
      const func = instance.funcs[index]!;
      const { results } = instance.module.registry.funcType(func.typeId);
      return unwrap(instance.call(func, args.map(lower))).map((result, i) => lift(results[i]!, result));
    },

    readGlobal: ({ instance, index }) => lift(instance.module.globals[index]!.type, instance.globals[index]!.value),
    classify,
  };
}

function unwrap(outcome: Outcome): readonly Operand[] {
  if (outcome.kind === "trap") throw new TrapError(outcome.trap);
  if (outcome.kind === "exception") throw new ExceptionError(outcome.exception);
  if (outcome.kind === "out of fuel") throw new Error("out of fuel without a limit");
  return outcome.results;
}

function lower(value: Value): Operand {
  if (value.type !== "ref") return value.bits;
  return value.kind === "null" ? null : { kind: "extern", host: value.host };
}

function lift(type: ValType, operand: Operand): Value {
  if (!isRef(type)) return { type: NAMES[type]!, bits: operand as bigint };
  const reference = operand as Reference;
  if (reference === null) return { type: "ref", kind: "null" };
  if (reference.kind !== "extern") return { type: "ref", kind: reference.kind };
  return { type: "ref", kind: "extern", host: reference.host as number };
}

function externValue({ kind, index, instance }: ReferenceExtern): ImportValue {
  const { funcs, tables, memories, globals, tags } = instance;
  return { func: funcs, table: tables, memory: memories, global: globals, tag: tags }[kind][index]!;
}

function fits(extern: ReferenceExtern, entry: Import): boolean {
  const { module } = extern.instance;
  const { registry } = module;
  const value = externValue(extern);
  if (extern.kind !== entry.kind) return false;
  switch (entry.kind) {
    case "func":
      return matchesFunc(registry, (value as FuncRef).typeId, entry.typeId);
    case "tag":
      return matchesTag(registry, module.tags[extern.index]!, entry.typeId);
    case "global":
      return value instanceof ReferenceGlobal && matchesGlobal(registry, module.globals[extern.index]!, entry.type);
    case "memory": {
      const type = module.memories[extern.index]!;
      const min = (value as ReferenceMemory).pages;
      return matchesMemory({ ...type, limits: { ...type.limits, min } }, entry.type);
    }
    case "table": {
      const type = module.tables[extern.index]!;
      const min = (value as ReferenceTable).elements.length;
      return matchesTable(registry, { ...type, limits: { ...type.limits, min } }, entry.type);
    }
  }
}

function classify(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof LinkFailure) return { kind: "link", message };
  if (error instanceof TrapError)
    return { kind: error.trap === "call stack exhausted" ? "exhaustion" : "trap", message };
  if (error instanceof ExceptionError) return { kind: "exception", message };
  if (error instanceof EscapementError && (error.kind === "malformed" || error.kind === "invalid")) {
    return { kind: error.kind, message };
  }
  return { kind: "other", message };
}
