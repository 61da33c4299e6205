// A module while its sections are being read: what validation calls the context (spec 3.1, "Contexts"),
// less locals and labels.

import { InvalidError } from "./errors.js";
import { FuncBodies } from "./func-bodies.js";
import type { DecodeLimits } from "./limits.js";
import type { ConstExpr, CustomSection, DataSegment, DecodedModule, ElemSegment, Export, Import } from "./module.js";
import type { ModuleContent } from "./module-content.js";
import type { TypeRegistry } from "./type-registry.js";
import type { ArrayType, FuncType, GlobalType, MemoryType, StructType, TableType } from "./types.js";

/** A set of functions of a module, as a bit for each. */
export class FuncSet {
  private constructor(private bits: Uint8Array) {}

  static none(): FuncSet {
    return new FuncSet(new Uint8Array(0));
  }

  /** Those that {@link words} has given. */
  static of(words: Int32Array): FuncSet {
    return new FuncSet(new Uint8Array(words.buffer, words.byteOffset, words.byteLength));
  }

  /** Those from 0 up to `count`. */
  static all(count: number): FuncSet {
    return new FuncSet(bitsFor(count).fill(0xff));
  }

  /** @param count how many functions the module has */
  add(funcidx: number, count: number): void {
    if (this.bits.length === 0) this.bits = bitsFor(count);
    this.bits[funcidx >> 3]! |= 1 << (funcidx & 7);
  }

  /** The set as words. */
  words(): Int32Array {
    return new Int32Array(this.bits.buffer);
  }

  has(funcidx: number): boolean {
    return (this.bits[funcidx >> 3]! & (1 << (funcidx & 7))) !== 0;
  }
}

/** A bit for each, in whole words. */
function bitsFor(count: number): Uint8Array {
  return new Uint8Array(((count >> 5) + 1) * 4);
}

export class ModuleDraft {
  readonly types: number[] = [];
  readonly imports: Import[] = [];
  /** funcidx → canonical type id. */
  funcs: Int32Array = new Int32Array(0);
  funcTypeidxs: Int32Array = new Int32Array(0);
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
  readonly tagTypeidxs: number[] = [];
  importedTagCount = 0;
  readonly exports: Export[] = [];
  start = -1;
  readonly elems: ElemSegment[] = [];
  readonly datas: DataSegment[] = [];
  bodies: FuncBodies;
  readonly customs: CustomSection[] = [];
  /** Declared number of data segments, -1 without a data count section. */
  dataCount = -1;
  /** Functions that occur outside function bodies: the only ones that ref.func may name in them. */
  refs = FuncSet.none();

  constructor(
    readonly content: ModuleContent,
    readonly registry: TypeRegistry,
    readonly limits: DecodeLimits,
    /** Whether bodies are left to be validated later. */
    readonly lazyBodies: boolean,
  ) {
    this.bodies = FuncBodies.none(content, this.types, 0);
  }

  finish(): DecodedModule {
    const { limits: _limits, lazyBodies: _lazyBodies, dataCount: _dataCount, refs: _refs, ...module } = this;
    return { ...module, bytes: this.content.array, dataCount: this.datas.length };
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

  /** Lets ref.func name the function in bodies. */
  declare(funcidx: number): void {
    this.refs.add(funcidx, this.funcs.length);
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
