// Externs: what an instance exports and imports.
import type { ExternKind, GlobalType, MemoryType, TableType, TypeRegistry } from "../../decoder/index.js";
import { closeNames } from "../close-names.js";
import { UsageError } from "../errors.js";
import { FuncInst } from "./func.js";
import { GlobalInst } from "./global.js";
import { MemoryInst } from "./memory.js";
import type { ExternInst, ModuleInstance } from "./module-instance.js";
import { TableInst } from "./table.js";
import { TagInst } from "./tag.js";
import { describeFunc, describeLimits } from "./type-names.js";

/** The class of each kind of extern. */
export interface ExternClasses {
  func: FuncInst;
  table: TableInst;
  memory: MemoryInst;
  global: GlobalInst;
  tag: TagInst;
}

/** The kind of an extern; undefined for anything else. */
export function externKind(extern: unknown): ExternKind | undefined {
  if (extern instanceof FuncInst) return "func";
  if (extern instanceof MemoryInst) return "memory";
  if (extern instanceof TableInst) return "table";
  if (extern instanceof GlobalInst) return "global";
  return extern instanceof TagInst ? "tag" : undefined;
}

/**
 * The export `name` of an instance, which must be of the given kind.
 * @throws UsageError that names close ones if there is none
 */
export function exportOf<K extends ExternKind>(instance: ModuleInstance, name: string, kind: K): ExternClasses[K] {
  const extern = instance.exports.get(name);
  if (extern === undefined)
    throw new UsageError(`the instance has no export ${unknownName(name, instance.exports.keys())}`);
  const found = externKind(extern);
  if (found !== kind) throw new UsageError(`export ${JSON.stringify(name)} is a ${found}, not a ${kind}`);
  return extern as ExternClasses[K];
}

/** `"foo"; did you mean "fool" or "food"?` */
export function unknownName(name: string, known: Iterable<string>): string {
  const close = closeNames(name, known).map((candidate) => JSON.stringify(candidate));
  return close.length === 0 ? JSON.stringify(name) : `${JSON.stringify(name)}; did you mean ${close.join(" or ")}?`;
}

/** The type of an import or export. `typeId` is a canonical id in the engine's registry. */
export type ExternType =
  | { readonly kind: "func"; readonly typeId: number }
  | { readonly kind: "tag"; readonly typeId: number }
  | { readonly kind: "table"; readonly type: TableType }
  | { readonly kind: "memory"; readonly type: MemoryType }
  | { readonly kind: "global"; readonly type: GlobalType };

/** The type of an extern now: tables and memories count with their current size (spec 4.5.1). */
export function externType(extern: ExternInst): ExternType {
  if (extern instanceof FuncInst) return { kind: "func", typeId: extern.typeId };
  if (extern instanceof TagInst) return { kind: "tag", typeId: extern.typeId };
  if (extern instanceof GlobalInst) return { kind: "global", type: extern.type };
  const min = extern instanceof MemoryInst ? extern.pages : extern.length;
  const limits = { min, max: extern.type.limits.max };
  return extern instanceof MemoryInst
    ? { kind: "memory", type: { ...extern.type, limits } }
    : { kind: "table", type: { ...extern.type, limits } };
}

/** A type in words: `func [i32] -> []`, `memory 1..2`, `table 0.. funcref`, `global mut i32`. */
export function describeExtern(registry: TypeRegistry, extern: ExternType): string {
  switch (extern.kind) {
    case "func":
    case "tag": {
      const type = registry.get(extern.typeId);
      // A type that is declared with a supertype, or open to subtypes, is more than its signature.
      const plain = type.final && type.supertype < 0;
      const signature = describeFunc(registry, registry.funcType(extern.typeId));
      return `${extern.kind} ${signature}${plain ? "" : ` (${registry.describeHeap(extern.typeId)})`}`;
    }
    case "table":
      return `table ${extern.type.is64 ? "i64 " : ""}${describeLimits(extern.type.limits)} ${registry.describe(extern.type.element)}`;
    case "memory": {
      const { is64, limits, shared, pageSizeLog2 } = extern.type;
      const page = pageSizeLog2 === 16 ? "" : ` (pages of ${2 ** pageSizeLog2})`;
      return `memory ${is64 ? "i64 " : ""}${describeLimits(limits)}${shared ? " shared" : ""}${page}`;
    }
    case "global":
      return `global ${extern.type.mutable ? "mut " : ""}${registry.describe(extern.type.type)}`;
  }
}
