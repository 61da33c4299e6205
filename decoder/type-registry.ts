// Canonical ids for defined types: iso-recursive equivalence, spec 3.2 ("Rolling and Unrolling")
// and appendix "Type Canonicalization".
//
// Conventions
//   A group is a recursive group, closed: references to types outside it are canonical ids,
//   references to its own types are *relative heap types*, made by recursiveHeap(position).
//   Two groups are the same type exactly if their contents are equal, so the registry
//   interns each subtype's content as a string, and each group as its list of contents.

import { InvalidError } from "./errors.js";
import { matchesComp } from "./matching.js";
import {
  type CompType,
  F32,
  F64,
  type FieldType,
  type FuncType,
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
  type HeapType,
  heapTypeOf,
  I8,
  I16,
  I32,
  I64,
  isNullable,
  isRef,
  refType,
  type SubType,
  V128,
  type ValType,
} from "./types.js";

/** Longest chain of supertypes (JavaScript API, "Implementation-defined Limits"). */
export const MAX_SUBTYPE_DEPTH = 63;

// A heap type has 24 bits in a packed value type.
const MAX_TYPES = 2 ** 23;
const RELATIVE_BASE = -0x100;

/** The heap type of the type at `position` of the group being described. */
export function recursiveHeap(position: number): HeapType {
  return RELATIVE_BASE - position;
}

/** A subtype of a group that is not yet registered: `supertype` may be relative. */
export interface RelativeSubType {
  readonly comp: CompType;
  readonly final: boolean;
  /** A canonical id, `recursiveHeap(position)`, or -1 if there is none. */
  readonly supertype: number;
}

/** Reports the type at `position` of a group as not matching its supertype; must throw. */
export type GroupFailure = (position: number, reason: string) => never;

function invalidGroup(position: number, reason: string): never {
  throw new InvalidError(`sub type ${position} does not match its super type: ${reason}`, 0);
}

const SIMPLE_NAMES: Readonly<Record<number, string>> = {
  [I32]: "i32",
  [I64]: "i64",
  [F32]: "f32",
  [F64]: "f64",
  [V128]: "v128",
  [I8]: "i8",
  [I16]: "i16",
};
const HEAP_NAMES: Readonly<Record<number, string>> = {
  [HEAP_NOEXN]: "noexn",
  [HEAP_NOFUNC]: "nofunc",
  [HEAP_NOEXTERN]: "noextern",
  [HEAP_NONE]: "none",
  [HEAP_FUNC]: "func",
  [HEAP_EXTERN]: "extern",
  [HEAP_ANY]: "any",
  [HEAP_EQ]: "eq",
  [HEAP_I31]: "i31",
  [HEAP_STRUCT]: "struct",
  [HEAP_ARRAY]: "array",
  [HEAP_EXN]: "exn",
};
const NULL_NAMES: Readonly<Record<number, string>> = {
  [HEAP_NOEXN]: "nullexnref",
  [HEAP_NOFUNC]: "nullfuncref",
  [HEAP_NOEXTERN]: "nullexternref",
  [HEAP_NONE]: "nullref",
};

/**
 * Holds the defined types of any number of modules. Ids are small ints from 0 up, given in
 * order of registration; equal types have equal ids. Every type in a registry is valid.
 */
export class TypeRegistry {
  private readonly types: SubType[] = [];
  private readonly depths: number[] = [];
  // Per type, built when first asked: its chain of supertypes, the root first, itself last.
  private readonly displays: (readonly number[] | undefined)[] = [];
  /** Per type, the id of the first type of its group, and the number of types in it. */
  private readonly groupFirsts: number[] = [];
  private readonly groupCounts: number[] = [];
  private readonly contents = new Map<string, number>();
  /** Content (of a group of one) or list of contents → id of the group's first type. */
  private readonly groups = new Map<number | string, number>();

  /** Number of types; every id is below it. */
  get size(): number {
    return this.types.length;
  }

  /**
   * Registers a recursive group, or finds the equal one that is already there.
   * @param fail called, and expected to throw, if a declared supertype does not fit (spec 3.2, "Recursive Types")
   * @returns the id of its first type; the others follow
   * @throws InvalidError by default, and if the registry is full
   */
  addGroup(group: readonly RelativeSubType[], fail: GroupFailure = invalidGroup): number {
    let key: number | string;
    if (group.length === 1) key = this.contentOf(group[0]!);
    else {
      const pieces: string[] = [];
      for (const type of group) pieces.push(encodeWord(this.contentOf(type)));
      key = pieces.join("");
    }
    const known = this.groups.get(key);
    if (known !== undefined) return known;
    const first = this.types.length;
    if (first + group.length > MAX_TYPES) {
      throw new InvalidError(`too many types: a registry holds at most ${MAX_TYPES}`, 0);
    }
    try {
      for (const type of group) this.append(type, first, group.length, fail);
      for (let i = 0; i < group.length; i++) this.validateSupertype(first + i, i, fail);
    } catch (error) {
      for (const column of [this.types, this.depths, this.displays, this.groupFirsts, this.groupCounts]) {
        column.length = first;
      }
      throw error;
    }
    this.groups.set(key, first);
    return first;
  }

  /** Registers a final function type without supertype: the type of most functions. */
  addFuncType(params: readonly ValType[], results: readonly ValType[]): number {
    return this.addGroup([{ comp: { kind: "func", params, results }, final: true, supertype: -1 }]);
  }

  get(id: number): SubType {
    return this.types[id]!;
  }

  /** The function type with this id, which validation has shown to be one. */
  funcType(id: number): FuncType {
    return this.types[id]!.comp as FuncType;
  }

  /** The first id and the number of types of a type's recursive group. */
  groupOf(id: number): { readonly first: number; readonly count: number } {
    return { first: this.groupFirsts[id]!, count: this.groupCounts[id]! };
  }

  /** Number of supertypes above the type. */
  depth(id: number): number {
    return this.depths[id]!;
  }

  /** Whether the type `a` is `b` or declared below it; O(1) but for the first use of each `a`. */
  isSubtypeId(a: number, b: number): boolean {
    if (a === b) return true;
    const depth = this.depths[b]!;
    return depth < this.depths[a]! && this.display(a)[depth] === b;
  }

  /** The chain of supertypes of a type, the root first, the type itself last. */
  display(id: number): readonly number[] {
    return this.displays[id] ?? this.buildDisplay(id);
  }

  private buildDisplay(id: number): readonly number[] {
    const display = new Array<number>(this.depths[id]! + 1);
    for (let at = id, i = display.length - 1; i >= 0; i--) {
      display[i] = at;
      at = this.types[at]!.supertype;
    }
    this.displays[id] = display;
    return display;
  }

  /** A value type in the text format; defined types by canonical id. */
  describe(type: ValType): string {
    if (type === 0) return "any type";
    if (!isRef(type)) return SIMPLE_NAMES[type] ?? `type ${type}`;
    const heap = heapTypeOf(type);
    if (!isNullable(type)) return `(ref ${this.describeHeap(heap)})`;
    return heap < 0 ? (NULL_NAMES[heap] ?? `${this.describeHeap(heap)}ref`) : `(ref null ${this.describeHeap(heap)})`;
  }

  /** A heap type in the text format; defined types by canonical id. */
  describeHeap(heap: HeapType): string {
    return HEAP_NAMES[heap] ?? `$${this.types[heap]?.comp.kind ?? "type"}.${heap}`;
  }

  /** A list of value types, as `[i32 i64]`. */
  describeAll(types: readonly ValType[]): string {
    return `[${types.map((type) => this.describe(type)).join(" ")}]`;
  }

  private append(type: RelativeSubType, first: number, groupCount: number, fail: GroupFailure): void {
    const id = this.types.length;
    const supertype = absolute(type.supertype, first);
    if (supertype >= id) fail(id - first, "the supertype is not declared before");
    const depth = supertype < 0 ? 0 : this.depths[supertype]! + 1;
    if (depth > MAX_SUBTYPE_DEPTH) fail(id - first, `the hierarchy is deeper than ${MAX_SUBTYPE_DEPTH}`);
    this.types.push({ comp: absoluteComp(type.comp, first), final: type.final, supertype });
    this.depths.push(depth);
    this.displays.push(undefined);
    this.groupFirsts.push(first);
    this.groupCounts.push(groupCount);
  }

  private validateSupertype(id: number, position: number, fail: GroupFailure): void {
    const type = this.types[id]!;
    if (type.supertype < 0) return;
    const supertype = this.types[type.supertype]!;
    if (supertype.final) fail(position, "the supertype is final");
    if (!matchesComp(this, type.comp, supertype.comp)) fail(position, "the structures differ");
  }

  /** A small int for the content of one subtype, equal for equal contents. */
  private contentOf(type: RelativeSubType): number {
    const { comp } = type;
    let text = encodeWord((type.final ? 1 : 0) | (comp.kind === "func" ? 0 : comp.kind === "struct" ? 2 : 4));
    text += encodeWord(type.supertype);
    if (comp.kind === "func") {
      text += encodeWord(comp.params.length);
      for (const param of comp.params) text += encodeWord(param);
      for (const result of comp.results) text += encodeWord(result);
    } else if (comp.kind === "struct") {
      for (const field of comp.fields) text += encodeField(field);
    } else text += encodeField(comp.element);
    const known = this.contents.get(text);
    if (known !== undefined) return known;
    const id = this.contents.size;
    this.contents.set(text, id);
    return id;
  }
}

function encodeField(field: FieldType): string {
  return (field.mutable ? "1" : "0") + encodeWord(field.storage);
}

/** A prefix-free encoding of an int32: one character below 0x8000, three otherwise. */
function encodeWord(word: number): string {
  if (word >>> 0 < 0x8000) return String.fromCharCode(word);
  return String.fromCharCode(0x8000 | (word >>> 24), (word >>> 12) & 0xfff, word & 0xfff);
}

function absolute(heap: HeapType, first: number): HeapType {
  return heap <= RELATIVE_BASE ? first + RELATIVE_BASE - heap : heap;
}

function absoluteVal(type: ValType, first: number): ValType {
  if (!isRef(type) || heapTypeOf(type) > RELATIVE_BASE) return type;
  return refType(absolute(heapTypeOf(type), first), isNullable(type));
}

function absoluteField(field: FieldType, first: number): FieldType {
  return { storage: absoluteVal(field.storage, first), mutable: field.mutable };
}

function absoluteComp(comp: CompType, first: number): CompType {
  if (comp.kind === "func") {
    return {
      kind: "func",
      params: comp.params.map((type) => absoluteVal(type, first)),
      results: comp.results.map((type) => absoluteVal(type, first)),
    };
  }
  if (comp.kind === "struct") {
    return { kind: "struct", fields: comp.fields.map((field) => absoluteField(field, first)) };
  }
  return { kind: "array", element: absoluteField(comp.element, first) };
}
