// What state hashes commit to of a module: its bytes as they are, where its functions lie in them, and an outline of its
// types and definitions with nothing in it that depends on an engine. All of it follows from the bytes: whoever has them
// gets the same root, as `verify` does.
//
//   module      the module's bytes
//   functions   16 bytes each, imports first: typeidx, where the body's declarations begin, where it ends, 0
//   outline     JSON, see Outline
import type { DecodedModule } from "../decoder/module.js";
import {
  F32,
  F64,
  type FieldType,
  HEAP_ANY,
  HEAP_ARRAY,
  HEAP_EQ,
  HEAP_EXN,
  HEAP_EXTERN,
  HEAP_FUNC,
  HEAP_I31,
  HEAP_NOEXN,
  HEAP_NOEXTERN,
  HEAP_NOFUNC,
  HEAP_NONE,
  HEAP_STRUCT,
  heapTypeOf,
  I8,
  I16,
  I32,
  I64,
  isNullable,
  isRef,
  type SubType,
  V128,
  type ValType,
} from "../decoder/types.js";
import { encodeUtf8 } from "../decoder/utf8.js";
import { hex, sha256 as portable, type Sha256 } from "../runtime/sha256.js";
import { MerkleTree } from "./merkle.js";
import { type PartCommitment, rootOfParts } from "./parts.js";

/** A value type: a number's, or "ref"; in fields of objects "i8" and "i16", too. */
export type OutlineValue = "i32" | "i64" | "f32" | "f64" | "v128" | "i8" | "i16" | "ref";

export interface OutlineType {
  /** Equal for equal types, of whatever module: a hash of the structure and a number in the recursive group. */
  readonly key: string;
  readonly kind: "func" | "struct" | "array";
  /** Keys of the declared supertypes, the nearest first. */
  readonly supers: readonly string[];
  /** Parameters and results of a function; fields of a struct, or the element of an array, and no second list. */
  readonly values: readonly OutlineValue[];
  readonly results: readonly OutlineValue[];
}

export interface Outline {
  /** Per typeidx. */
  readonly types: readonly OutlineType[];
  /** Names of the imported functions. */
  readonly imports: readonly string[];
  /** Per globalidx, imports first. */
  readonly globals: readonly OutlineValue[];
  /** Per tagidx, imports first: its typeidx. */
  readonly tags: readonly number[];
  /** How many memories and tables there are, imports first. */
  readonly memories: number;
  readonly tables: number;
  /** Per data segment: where its bytes begin in the module, and where they end. */
  readonly datas: readonly (readonly [number, number])[];
  /** Per element segment: the functions that it lists, or how many expressions. */
  readonly elems: readonly (readonly number[] | number)[];
}

/** The parts of a program, their trees among them: of those that a proof opens. */
export interface Program {
  readonly parts: readonly (PartCommitment & { readonly tree: MerkleTree })[];
  readonly root: Uint8Array;
  readonly outline: Outline;
}

const programs = new WeakMap<DecodedModule, Program>();

/** What is committed to of a module; made once for each. */
export function programOf(module: DecodedModule, sha256: Sha256 = portable): Program {
  let program = programs.get(module);
  if (program === undefined) {
    const outline = outlineOf(module, sha256);
    const part = (name: string, bytes: Uint8Array) => {
      const tree = new MerkleTree({ sha256 });
      return { name, byteLength: bytes.length, root: tree.ofBytes(bytes), tree };
    };
    const parts = [
      part("module", module.bytes),
      part("functions", functionsOf(module)),
      part("outline", encodeUtf8(JSON.stringify(outline))),
    ];
    program = { parts, root: rootOfParts(parts, sha256), outline };
    programs.set(module, program);
  }
  return program;
}

const RECORD_BYTES = 16;

function functionsOf({ funcs, funcTypeidxs, importedFuncCount, bodies }: DecodedModule): Uint8Array {
  const bytes = new Uint8Array(funcs.length * RECORD_BYTES);
  const view = new DataView(bytes.buffer);
  for (let funcidx = 0; funcidx < funcs.length; funcidx++) {
    view.setUint32(funcidx * RECORD_BYTES, funcTypeidxs[funcidx]!, true);
    if (funcidx < importedFuncCount) continue;
    const { declarationsStart, end } = bodies.get(funcidx - importedFuncCount)!;
    view.setUint32(funcidx * RECORD_BYTES + 4, declarationsStart, true);
    view.setUint32(funcidx * RECORD_BYTES + 8, end, true);
  }
  return bytes;
}

function outlineOf(module: DecodedModule, sha256: Sha256): Outline {
  const keys = new TypeKeys(module, sha256);
  return {
    types: module.types.map((id) => keys.describe(id)),
    imports: module.imports.flatMap((entry) => (entry.kind === "func" ? [`${entry.module}.${entry.name}`] : [])),
    globals: module.globals.map(({ type }) => outlineValue(type)),
    tags: [...module.tagTypeidxs],
    memories: module.memories.length,
    tables: module.tables.length,
    datas: module.datas.map(({ start, end }) => [start, end]),
    elems: module.elems.map(({ funcs, exprs }) => (funcs === null ? exprs!.length : [...funcs])),
  };
}

const VALUES: Readonly<Record<number, OutlineValue>> = {
  ...{ [I32]: "i32", [I64]: "i64", [F32]: "f32", [F64]: "f64", [V128]: "v128", [I8]: "i8", [I16]: "i16" },
};

function outlineValue(type: ValType): OutlineValue {
  return isRef(type) ? "ref" : VALUES[type]!;
}

const HEAPS: Readonly<Record<number, string>> = {
  ...{ [HEAP_NOEXN]: "noexn", [HEAP_NOFUNC]: "nofunc", [HEAP_NOEXTERN]: "noextern", [HEAP_NONE]: "none" },
  ...{ [HEAP_FUNC]: "func", [HEAP_EXTERN]: "extern", [HEAP_ANY]: "any", [HEAP_EQ]: "eq", [HEAP_I31]: "i31" },
  ...{ [HEAP_STRUCT]: "struct", [HEAP_ARRAY]: "array", [HEAP_EXN]: "exn" },
};

/** Names types by what they are: canonical ids differ from engine to engine. */
class TypeKeys {
  private readonly keys = new Map<number, string>();

  constructor(
    private readonly module: DecodedModule,
    private readonly sha256: Sha256,
  ) {}

  describe(id: number): OutlineType {
    const { registry } = this.module;
    const { comp } = registry.get(id);
    const supers: string[] = [];
    for (let at = registry.get(id).supertype; at >= 0; at = registry.get(at).supertype) supers.push(this.keyOf(at));
    const key = this.keyOf(id);
    if (comp.kind === "func")
      return {
        key,
        kind: "func",
        supers,
        values: comp.params.map(outlineValue),
        results: comp.results.map(outlineValue),
      };
    const fields = comp.kind === "struct" ? comp.fields : [comp.element];
    return { key, kind: comp.kind, supers, values: fields.map(({ storage }) => outlineValue(storage)), results: [] };
  }

  /** Types outside of a group have keys before it has: groups refer to earlier ones alone. */
  private keyOf(id: number): string {
    const known = this.keys.get(id);
    if (known !== undefined) return known;
    const { registry } = this.module;
    const { first, count } = registry.groupOf(id);
    const heap = (type: number) =>
      type < 0 ? HEAPS[type]! : type >= first && type < first + count ? `rec.${type - first}` : this.keyOf(type);
    const value = (type: ValType) =>
      isRef(type) ? `(ref ${isNullable(type) ? "null " : ""}${heap(heapTypeOf(type))})` : VALUES[type]!;
    const texts = Array.from({ length: count }, (_, i) => describeSubType(registry.get(first + i), heap, value));
    const hash = hex(this.sha256(encodeUtf8(texts.join(" "))));
    for (let i = 0; i < count; i++) this.keys.set(first + i, `${hash}.${i}`);
    return this.keys.get(id)!;
  }
}

function describeSubType(
  { comp, final, supertype }: SubType,
  heap: (type: number) => string,
  value: (type: ValType) => string,
): string {
  const field = ({ storage, mutable }: FieldType) => `(field ${mutable ? "mut " : ""}${value(storage)})`;
  const content =
    comp.kind === "func"
      ? `(param ${comp.params.map(value).join(" ")}) (result ${comp.results.map(value).join(" ")})`
      : (comp.kind === "struct" ? comp.fields : [comp.element]).map(field).join(" ");
  return `(sub ${final ? "final " : ""}${supertype < 0 ? "" : heap(supertype)} (${comp.kind} ${content}))`;
}
