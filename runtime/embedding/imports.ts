// Matching what is given against what a module imports: spec 4.5.4, steps 1 to 5.
import {
  type Import,
  matchesFunc,
  matchesGlobal,
  matchesMemory,
  matchesTable,
  matchesTag,
  type TypeRegistry,
} from "../../decoder/index.js";
import { LinkError, UsageError } from "../errors.js";
import { describeExtern, type ExternType, externType } from "../store/exports.js";
import { FuncInst } from "../store/func.js";
import type { ExternInst } from "../store/module-instance.js";
import { belongsTo } from "../store/ownership.js";
import type { StoreState } from "../store/store-state.js";

/** Whether an extern of type `found` can be imported as `expected`, spec 3.3.15. */
export function matchesExtern(registry: TypeRegistry, found: ExternType, expected: ExternType): boolean {
  switch (expected.kind) {
    case "func":
      return found.kind === "func" && matchesFunc(registry, found.typeId, expected.typeId);
    case "tag":
      return found.kind === "tag" && matchesTag(registry, found.typeId, expected.typeId);
    case "table":
      return found.kind === "table" && matchesTable(registry, found.type, expected.type);
    case "memory":
      return found.kind === "memory" && matchesMemory(found.type, expected.type);
    case "global":
      return found.kind === "global" && matchesGlobal(registry, found.type, expected.type);
  }
}

/**
 * Checks one import.
 * @throws LinkError if the type does not match, or it is the invoke function of another instance
 * @throws UsageError if the extern belongs to another store
 */
export function checkImport(store: StoreState, expected: Import, extern: ExternInst): void {
  // Non-spec: the loop takes an imported invoke function for one of the running instance's.
  if (extern instanceof FuncInst && extern.invokeInstance !== null) {
    throw new LinkError(`${importName(expected)} is an invoke function, which belongs to another instance`);
  }
  if (!belongsTo(store, extern)) throw new UsageError(`${importName(expected)} belongs to another store or engine`);
  const found = externType(extern);
  if (matchesExtern(store.registry, found, expected)) return;
  const [foundText, expectedText] = [describeExtern(store.registry, found), describeExtern(store.registry, expected)];
  throw new LinkError(
    `incompatible import type: ${importName(expected)}: found ${foundText}, expected ${expectedText}`,
  );
}

/** `"env"."f"` */
export function importName(entry: { readonly module: string; readonly name: string }): string {
  return `${JSON.stringify(entry.module)}.${JSON.stringify(entry.name)}`;
}
