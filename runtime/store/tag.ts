import type { FuncType } from "../../decoder/index.js";

/** A tag instance, spec 4.2.10. Tags are compared by identity. */
export class TagInst {
  constructor(
    /** Canonical id of the tag's function type. */
    readonly typeId: number,
    readonly type: FuncType,
  ) {}
}
