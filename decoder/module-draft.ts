// A module while its sections are being read: what validation calls the context (spec 3.1, "Contexts"),
// less locals and labels.

import { InvalidError } from "./errors.js";
import type { DecodeLimits } from "./limits.js";
import type {
  ConstExpr,
  CustomSection,
  DataSegment,
  DecodedModule,
  ElemSegment,
  Export,
  FuncBody,
  Import,
} from "./module.js";
import type { TypeRegistry } from "./type-registry.js";
import type { ArrayType, FuncType, GlobalType, MemoryType, StructType, TableType } from "./types.js";

export class ModuleDraft {
  readonly types: number[] = [];
  readonly imports: Import[] = [];
  readonly funcs: number[] = [];
  importedFuncCount = 0;
  readonly tables: TableType[] = [];
  importedTableCount = 0;
  readonly tableInits: (ConstExpr | null)[] = [];
  readonly memories: MemoryType[] = [];
  importedMemoryCount = 0;
  readonly globals: GlobalType[] = [];
  importedGlobalCount = 0;
  readonly globalInits: ConstExpr[] = [];
  readonly tags: number[] = [];
  importedTagCount = 0;
  readonly exports: Export[] = [];
  start = -1;
  readonly elems: ElemSegment[] = [];
  readonly datas: DataSegment[] = [];
  readonly bodies: FuncBody[] = [];
  readonly customs: CustomSection[] = [];
  /** Declared number of data segments, -1 without a data count section. */
  dataCount = -1;
  /** Functions that occur outside function bodies: the only ones that ref.func may name in them. */
  readonly refs = new Set<number>();

  constructor(
    readonly bytes: Uint8Array,
    readonly registry: TypeRegistry,
    readonly limits: DecodeLimits,
    /** Whether bodies are left to be validated later. */
    readonly lazyBodies: boolean,
  ) {}

  finish(): DecodedModule {
    const { limits: _limits, lazyBodies: _lazyBodies, dataCount: _dataCount, refs: _refs, ...module } = this;
    return module;
  }

  /** The canonical id of a typeidx. */
  typeId(typeidx: number, offset: number, funcidx = -1): number {
    if (typeidx >= this.types.length) throw unknown("type", typeidx, this.types.length, offset, funcidx);
    return this.types[typeidx]!;
  }

  funcType(typeidx: number, offset: number, funcidx = -1): FuncType {
    const { comp } = this.registry.get(this.typeId(typeidx, offset, funcidx));
    if (comp.kind !== "func") throw notOfKind("function", typeidx, offset, funcidx);
    return comp;
  }

  structType(typeidx: number, offset: number, funcidx = -1): StructType {
    const { comp } = this.registry.get(this.typeId(typeidx, offset, funcidx));
    if (comp.kind !== "struct") throw notOfKind("structure", typeidx, offset, funcidx);
    return comp;
  }

  arrayType(typeidx: number, offset: number, funcidx = -1): ArrayType {
    const { comp } = this.registry.get(this.typeId(typeidx, offset, funcidx));
    if (comp.kind !== "array") throw notOfKind("array", typeidx, offset, funcidx);
    return comp;
  }

  table(tableidx: number, offset: number, funcidx = -1): TableType {
    if (tableidx >= this.tables.length) throw unknown("table", tableidx, this.tables.length, offset, funcidx);
    return this.tables[tableidx]!;
  }

  memory(memidx: number, offset: number, funcidx = -1): MemoryType {
    if (memidx >= this.memories.length) throw unknown("memory", memidx, this.memories.length, offset, funcidx);
    return this.memories[memidx]!;
  }

  global(globalidx: number, offset: number, funcidx = -1): GlobalType {
    if (globalidx >= this.globals.length) throw unknown("global", globalidx, this.globals.length, offset, funcidx);
    return this.globals[globalidx]!;
  }

  /** The canonical type id of a function. */
  func(index: number, offset: number, funcidx = -1): number {
    if (index >= this.funcs.length) throw unknown("function", index, this.funcs.length, offset, funcidx);
    return this.funcs[index]!;
  }

  elem(elemidx: number, offset: number, funcidx = -1): ElemSegment {
    if (elemidx >= this.elems.length) throw unknown("elem segment", elemidx, this.elems.length, offset, funcidx);
    return this.elems[elemidx]!;
  }

  /** The type of a tag. */
  tag(tagidx: number, offset: number, funcidx = -1): FuncType {
    if (tagidx >= this.tags.length) throw unknown("tag", tagidx, this.tags.length, offset, funcidx);
    return this.registry.funcType(this.tags[tagidx]!);
  }
}

/** The error for an index that is out of its index space. */
export function unknown(what: string, index: number, count: number, offset: number, funcidx: number): InvalidError {
  return new InvalidError(`unknown ${what} ${index} (there are ${count})`, offset, funcidx);
}

function notOfKind(kind: string, typeidx: number, offset: number, funcidx: number): InvalidError {
  return new InvalidError(`type mismatch: type ${typeidx} is not a ${kind} type`, offset, funcidx);
}
