import type { FuncType } from "../../decoder/index.js";
import { type Owner, requireOwner } from "./owner.js";
import { funcTypeId, type ValTypeName } from "./type-names.js";

/** A tag instance, spec 4.2.10. Tags are compared by identity. */
export class TagInst {
  constructor(
    /** Canonical id of the tag's function type. */
    readonly typeId: number,
    readonly type: FuncType,
  ) {}

  /** A tag of the host's, for an import. @throws UsageError if a type is unknown */
  static create(store: Owner, params: readonly ValTypeName[]): TagInst {
    requireOwner("tag", store);
    const typeId = funcTypeId(store.registry, { params, results: [] });
    return new TagInst(typeId, store.registry.funcType(typeId));
  }
}
