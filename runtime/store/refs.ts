// References, spec 4.2.2. Numbers in a reference position are i31 values.

import type { FuncInst } from "./func.js";
import type { TagInst } from "./tag.js";

/** A value of the host under a wasm reference (externref). */
export class HostRef {
  constructor(readonly value: unknown) {}
}

/** An exception instance, spec 4.2.14: a tag and its arguments in slots. */
export class ExnInst {
  /** The last trace that came here (heap-trace.ts). */
  mark = 0;
  constructor(
    readonly tag: TagInst,
    /** Two words per slot. */
    readonly words: Int32Array,
    /** Per slot: the reference, or null. */
    readonly refs: readonly Ref[],
  ) {}
}

/** Base of the GC objects that the heap makes (structs and arrays). */
export abstract class HeapObject {
  /** Canonical id of the object's exact type. */
  declare readonly typeId: number;
  /** The last trace that came here (heap-trace.ts). */
  declare mark: number;
  constructor(typeId: number) {
    this.typeId = typeId;
    this.mark = 0;
  }
}

/** Anything that a reference slot holds. */
export type Ref = FuncInst | ExnInst | HostRef | HeapObject | number | null;

/** A value as its unsigned bits, or a reference. Keeps NaN payloads. */
export type RawValue = bigint | Ref;
