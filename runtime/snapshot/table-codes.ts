// Large tables of functions as data. Pictures of all stores of a module share the codes of one that is as it began, and
// what they refer to; so both ways between an origin and codes are remembered by the arrays that have them.
import { type DecodedModule, isNullable, type ValType } from "../../decoder/index.js";
import { funcMatches } from "../store/convert.js";
import { codeOfEntry, entryOf, type RefCode, type RefEntry } from "./picture.js";

/**
 * Entries that a writer begins with: functions of the first instance, so that stores with the same module can share
 * them.
 */
export interface KnownRefs {
  readonly entries: readonly RefEntry[];
  /** By funcidx. */
  readonly numbers: ReadonlyMap<number, number>;
}

interface TableCodes extends KnownRefs {
  readonly codes: readonly RefCode[];
}

/** Tables with fewer elements are encoded in no time. */
export const LARGE_TABLE = 256;

const codesOf = new WeakMap<Int32Array, TableCodes>();

/** The codes of a table's origin: entries in the order in which the elements name them, as a writer makes them. */
export function codesOfOrigin(funcidxs: Int32Array): TableCodes {
  let known = codesOf.get(funcidxs);
  if (known === undefined) {
    known = encode(funcidxs);
    codesOf.set(funcidxs, known);
  }
  return known;
}

function encode(funcidxs: Int32Array): TableCodes {
  const entries: RefEntry[] = [];
  const numbers = new Map<number, number>();
  const codes = Array.from(funcidxs, (funcidx): RefCode => {
    if (funcidx < 0) return 0;
    let number = numbers.get(funcidx);
    if (number === undefined) {
      number = entries.push({ kind: "func", place: { instance: 0, funcidx } }) - 1;
      numbers.set(funcidx, number);
    }
    return codeOfEntry(number);
  });
  return { codes, entries, numbers };
}

/** What was found of codes; they mean the same as long as entries, module and the table's type are the same. */
interface Found {
  readonly entries: readonly RefEntry[];
  readonly module: DecodedModule;
  readonly type: ValType;
  readonly funcidxs: Int32Array | null;
}
const found = new WeakMap<readonly RefCode[], Found>();

/**
 * The functions that codes refer to, if all are defined ones of the first instance, whose module is `module`, and of
 * `type`; null if not, and for small tables.
 * @param entries that are known to be those of functions that there are
 */
export function funcidxsOf(
  codes: readonly RefCode[],
  entries: readonly RefEntry[],
  module: DecodedModule,
  type: ValType,
): Int32Array | null {
  if (codes.length < LARGE_TABLE) return null;
  const before = found.get(codes);
  if (before?.entries === entries && before.module === module && before.type === type) return before.funcidxs;
  const funcidxs = decode(codes, entries, module, type);
  found.set(codes, { entries, module, type, funcidxs });
  return funcidxs;
}

function decode(
  codes: readonly RefCode[],
  entries: readonly RefEntry[],
  { registry, funcs, importedFuncCount }: DecodedModule,
  type: ValType,
): Int32Array | null {
  const funcidxs = new Int32Array(codes.length);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    if (code === 0) {
      if (!isNullable(type)) return null;
      funcidxs[i] = -1;
      continue;
    }
    const entry = entries[entryOf(code)];
    if (entry?.kind !== "func" || typeof entry.place !== "object" || entry.place.instance !== 0) return null;
    const { funcidx } = entry.place;
    if (funcidx < importedFuncCount || !funcMatches(registry, funcs[funcidx]!, type)) return null;
    funcidxs[i] = funcidx;
  }
  return funcidxs;
}
