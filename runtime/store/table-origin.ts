// What large tables of functions began with. A function instance is made when it is taken, and a large module names
// tens of thousands in its table, of which a program calls some: the others are one placeholder, in all stores.
//
// Conventions
//   origin     what the table held when its instance was made, or when a picture was put into it
//   funcidxs   per element: a defined function of the origin's instance; −1 for null
import type { DecodedModule, FuncType } from "../../decoder/index.js";
import { FuncInst } from "./func.js";
import type { Ref } from "./refs.js";

/**
 * Stands in an element for the function that the table's origin names, until somebody takes it (TableInst.at). It has the
 * shape of a function, and a type that no call asks for, so that the dispatch loop and compiled code do not call it
 * and leave, as for any element that is not what they expect. It never gets out of a table.
 */
export const UNTAKEN = new FuncInst({ params: [], results: [] } as unknown as FuncType, -1, null, -1, null);

/** Elements from which a table keeps placeholders; smaller ones are filled in no time. */
export const LAZY_ELEMENTS = 4096;

/** What an origin asks of its instance. */
export interface FuncSource {
  readonly module: DecodedModule;
  func(funcidx: number): FuncInst;
}

export class TableOrigin {
  private constructor(
    readonly instance: FuncSource,
    readonly funcidxs: Int32Array,
  ) {}

  /** @returns null if one of the functions is imported: where that one is found differs from store to store */
  static of(instance: FuncSource, funcidxs: Int32Array): TableOrigin | null {
    const { module } = instance;
    for (const funcidx of funcidxs) if (funcidx >= 0 && funcidx < module.importedFuncCount) return null;
    return new TableOrigin(instance, interned(module, funcidxs));
  }

  /** Whether a table holds what this origin says, taken or not. */
  isIn(elements: readonly Ref[]): boolean {
    const { instance, funcidxs } = this;
    const { importedFuncCount } = instance.module;
    if (elements.length !== funcidxs.length) return false;
    for (let i = 0; i < funcidxs.length; i++) {
      const ref = elements[i]!;
      if (ref === UNTAKEN) continue;
      const funcidx = funcidxs[i]!;
      if (ref === null ? funcidx < 0 : isFunc(ref, instance, funcidx - importedFuncCount)) continue;
      return false;
    }
    return true;
  }
}

function isFunc(ref: Ref, instance: FuncSource, index: number): boolean {
  return ref instanceof FuncInst && ref.instance === instance && ref.index === index;
}

/** The elements of a module's table that were seen first: those of all its stores are alike, and share one array. */
const known = new WeakMap<DecodedModule, Int32Array>();

function interned(module: DecodedModule, funcidxs: Int32Array): Int32Array {
  const first = known.get(module);
  if (first === undefined) known.set(module, funcidxs);
  else if (first.length === funcidxs.length && first.every((funcidx, i) => funcidx === funcidxs[i])) return first;
  return funcidxs;
}

/** As many nulls as most tables begin with: a slice of it is as long as it has to be, and packed. */
const nulls: null[] = [];
const MOST_NULLS = 2 ** 16;

/** Elements of a new table. */
export function newElements(length: number, init: Ref): Ref[] {
  if (init === null && length <= MOST_NULLS) {
    while (nulls.length < length) nulls.push(null);
    return nulls.slice(0, length);
  }
  const elements: Ref[] = [];
  for (let i = 0; i < length; i++) elements.push(init);
  return elements;
}
