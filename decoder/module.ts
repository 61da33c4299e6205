// A decoded module: spec chapter 2.5, with byte ranges in place of instruction trees.

import type { FuncBodies } from "./func-bodies.js";
import type { ModuleContent } from "./module-content.js";
import type { TypeRegistry } from "./type-registry.js";
import type { GlobalType, MemoryType, TableType, ValType } from "./types.js";

export type ExternKind = "func" | "table" | "memory" | "global" | "tag";

interface ImportName {
  readonly module: string;
  readonly name: string;
}
/** One import; `typeId` is the canonical id of the function's or tag's type. */
export type Import = ImportName &
  (
    | { readonly kind: "func"; readonly typeId: number }
    | { readonly kind: "tag"; readonly typeId: number }
    | { readonly kind: "table"; readonly type: TableType }
    | { readonly kind: "memory"; readonly type: MemoryType }
    | { readonly kind: "global"; readonly type: GlobalType }
  );

export interface Export {
  readonly name: string;
  readonly kind: ExternKind;
  readonly index: number;
}

/** A constant expression as a byte range of the module, its `end` opcode included. */
export interface ConstExpr {
  readonly start: number;
  readonly end: number;
}

export interface ElemSegment {
  readonly mode: "passive" | "active" | "declarative";
  readonly tableidx: number;
  readonly offset: ConstExpr | null;
  readonly type: ValType;
  /** Exactly one of the two is set: a list of funcidx, or constant expressions. */
  readonly funcs: Int32Array | null;
  readonly exprs: readonly ConstExpr[] | null;
}

export interface DataSegment {
  readonly mode: "passive" | "active";
  readonly memidx: number;
  readonly offset: ConstExpr | null;
  /** The payload is `bytes[start, end)`. */
  readonly start: number;
  readonly end: number;
}

export interface CustomSection {
  readonly name: string;
  /** The payload behind the name is `bytes[start, end)`. */
  readonly start: number;
  readonly end: number;
  /** Id of the last non-custom section before it, 0 if none. */
  readonly after: number;
}

export interface DecodedModule {
  /** All of the module; of one that is read by and by (outline.ts) it is read as a whole when it is asked for. */
  readonly bytes: Uint8Array;
  /** The same, as far as it is there: {@link FuncBodies.get} reads what it gives; all else is asked for by its range. */
  readonly content: ModuleContent;
  readonly registry: TypeRegistry;
  /** typeidx → canonical type id */
  readonly types: readonly number[];
  readonly imports: readonly Import[];
  /** funcidx → canonical type id, imports first */
  readonly funcs: Int32Array;
  /** funcidx → the typeidx that the module names: equal types have one id, and may have several indices. */
  readonly funcTypeidxs: Int32Array;
  readonly importedFuncCount: number;
  readonly tables: readonly TableType[];
  readonly importedTableCount: number;
  /** Per defined table: its initial element, null for ref.null. */
  readonly tableInits: readonly (ConstExpr | null)[];
  readonly memories: readonly MemoryType[];
  readonly importedMemoryCount: number;
  readonly globals: readonly GlobalType[];
  readonly importedGlobalCount: number;
  /** Per defined global. */
  readonly globalInits: readonly ConstExpr[];
  /** tagidx → canonical type id */
  readonly tags: readonly number[];
  /** tagidx → the typeidx that the module names. */
  readonly tagTypeidxs: readonly number[];
  readonly importedTagCount: number;
  readonly exports: readonly Export[];
  /** funcidx of the start function, -1 if none */
  readonly start: number;
  readonly elems: readonly ElemSegment[];
  readonly datas: readonly DataSegment[];
  /** How many those are, without making a list of them. */
  readonly dataCount: number;
  /** Per defined function. */
  readonly bodies: FuncBodies;
  readonly customs: readonly CustomSection[];
}
