// The reference stepper's values. Numbers are their bits as unsigned bigints, whatever their type.
//
// The stepper is an oracle: it is written straight from the specification and shares only the
// decoder with what it is compared to. No optimisation belongs here.

import type { ReferenceInstance } from "./instance.js";

export type Reference = null | FuncRef | ExnRef | ExternRef;
export type Operand = bigint | Reference;

/** A function: its home is the instance that it belongs to, or a host callback. */
export interface FuncRef {
  readonly kind: "func";
  readonly typeId: number;
  readonly body:
    | { readonly home: ReferenceInstance; readonly funcidx: number }
    | { readonly host: ReferenceHostFunction };
}
export interface ExnRef {
  readonly kind: "exn";
  readonly tag: ReferenceTag;
  readonly values: readonly Operand[];
}
/** A host value as an externref; compared by identity of `host`. */
export interface ExternRef {
  readonly kind: "extern";
  readonly host: unknown;
}
/** Gets bits and references, gives the results; throws TrapError or ExceptionError to unwind. */
export type ReferenceHostFunction = (args: readonly Operand[]) => readonly Operand[] | undefined;

export class ReferenceTag {
  constructor(readonly typeId: number) {}
}
export class ReferenceGlobal {
  constructor(public value: Operand) {}
}
export class ReferenceMemory {
  bytes: Uint8Array;
  constructor(
    pages: number,
    readonly maxPages: number,
    readonly pageSizeLog2 = 16,
  ) {
    this.bytes = new Uint8Array(pages * 2 ** pageSizeLog2);
  }
  get pages(): number {
    return this.bytes.length / 2 ** this.pageSizeLog2;
  }
  grow(pages: number): void {
    const bytes = new Uint8Array(pages * 2 ** this.pageSizeLog2);
    bytes.set(this.bytes);
    this.bytes = bytes;
  }
}
export class ReferenceTable {
  readonly elements: Reference[] = [];
  constructor(
    size: number,
    readonly max: number,
    init: Reference,
  ) {
    for (let i = 0; i < size; i++) this.elements.push(init);
  }
}

export { TrapError } from "../../../proof/check-step/errors.js";
export class ExceptionError extends Error {
  constructor(readonly exception: ExnRef) {
    super("uncaught exception");
  }
}
export class OutOfFuelError extends Error {}
