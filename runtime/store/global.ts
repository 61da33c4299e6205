import { type GlobalType, isRef } from "../../decoder/index.js";
import type { Ref } from "./refs.js";

/**
 * A global instance, spec 4.2.11: a view of slot `slot` in cells that it may share with the
 * other globals of its instance, where the dispatch loop reads them directly.
 */
export class GlobalInst {
  constructor(
    readonly type: GlobalType,
    /** Two words per slot. */
    readonly cells: Int32Array,
    readonly refs: Ref[],
    readonly slot: number,
  ) {}

  /** A global of its own, made by the host. */
  static create(type: GlobalType): GlobalInst {
    return new GlobalInst(type, new Int32Array(new ArrayBuffer(16)), [null, null], 0);
  }

  get isReference(): boolean {
    return isRef(this.type.type);
  }
}
