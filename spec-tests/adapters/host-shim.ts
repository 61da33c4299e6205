// Little modules through which bits go in and out of the host's functions and globals. A float that
// passes through JavaScript may lose its NaN payload, and a vector cannot pass at all; so numbers
// are handed over in a memory, 16 bytes each, and only references as parameters and results.

import type { NumericType } from "../values.js";
import type { FunctionType, HostType, ModuleTypes } from "./host-types.js";

/** Bytes that a value takes in the memory. */
export const SLOT = 16;

/** Opcodes (with their prefix) of the type's plain load and store. */
const ACCESS: Readonly<Record<NumericType, { code: number; load: number[]; store: number[] }>> = {
  i32: { code: 0x7f, load: [0x28], store: [0x36] },
  i64: { code: 0x7e, load: [0x29], store: [0x37] },
  f32: { code: 0x7d, load: [0x2a], store: [0x38] },
  f64: { code: 0x7c, load: [0x2b], store: [0x39] },
  v128: { code: 0x7b, load: [0xfd, 0x00], store: [0xfd, 0x0b] },
};
/** Type codes of the numbers. */
export const NUMERIC_CODES = ACCESS;

export function isNumeric(type: HostType): type is NumericType {
  return type in ACCESS;
}

/**
 * A module that imports a memory `"" "memory"` and a function `"" "func"` of the type `typeidx`, and
 * exports `call`: its parameters are the function's references, in order; it loads the numbers from
 * the memory, calls, stores the numbers among the results, and returns the references.
 */
export function callShim(module: ModuleTypes, typeidx: number): Uint8Array {
  const type = module.types[typeidx]!;
  const references = (types: readonly HostType[], bytes: readonly Uint8Array[]) =>
    bytes.filter((_, i) => !isNumeric(types[i]!)).map((one) => [...one]);
  const params = references(type.params, type.paramBytes);
  const results = references(type.results, type.resultBytes);
  // The same type section, so that types in recursive groups are the same types; ours comes last.
  return moduleBytes([
    [1, [...leb(module.entries + 1), ...module.section, 0x60, ...vector(params), ...vector(results)]],
    [2, vector([[...IMPORT_MEMORY], [0, 4, ...ascii("func"), 0, ...leb(typeidx)]])],
    [3, vector([leb(module.types.length)])],
    [7, vector([[4, ...ascii("call"), 0, 1]])],
    [10, vector([sized(callBody(type, params.length))])],
  ]);
}

function callBody(type: FunctionType, firstLocal: number): number[] {
  const locals = type.resultBytes.map((bytes) => [1, ...bytes]);
  const code: number[] = [];
  let reference = 0;
  type.params.forEach((param, i) => {
    if (isNumeric(param)) code.push(...constant(i * SLOT), ...ACCESS[param].load, 0, 0);
    else code.push(0x20, ...leb(reference++));
  });
  code.push(0x10, 0);
  for (let i = type.results.length - 1; i >= 0; i--) code.push(0x21, ...leb(firstLocal + i));
  type.results.forEach((result, i) => {
    if (isNumeric(result))
      code.push(...constant(i * SLOT), 0x20, ...leb(firstLocal + i), ...ACCESS[result].store, 0, 0);
  });
  type.results.forEach((result, i) => {
    if (!isNumeric(result)) code.push(0x20, ...leb(firstLocal + i));
  });
  return [...vector(locals), ...code, 0x0b];
}

/** A module that imports `"" "memory"` and a global `"" "global"`, and exports `read`, which stores it at 0. */
export function globalShim(type: NumericType, mutable: boolean): Uint8Array {
  const { code, store } = ACCESS[type];
  return moduleBytes([
    [1, vector([[0x60, 0, 0]])],
    [2, vector([[...IMPORT_MEMORY], [0, 6, ...ascii("global"), 3, code, mutable ? 1 : 0]])],
    [3, vector([[0]])],
    [7, vector([[4, ...ascii("read"), 0, 0]])],
    [10, vector([sized([0, ...constant(0), 0x23, 0, ...store, 0, 0, 0x0b])])],
  ]);
}

/** A module whose `kind` says of an `anyref`: 1 i31, 2 struct, 3 array, 0 something else. */
export function refKindShim(): Uint8Array {
  const test = (heap: number, answer: number) => [
    0x20,
    0,
    0xfb,
    0x14,
    heap,
    0x04,
    0x40,
    ...constant(answer),
    0x0f,
    0x0b,
  ];
  return moduleBytes([
    [1, vector([[0x60, 1, 0x6e, 1, 0x7f]])],
    [3, vector([[0]])],
    [7, vector([[4, ...ascii("kind"), 0, 0]])],
    [10, vector([sized([0, ...test(0x6c, 1), ...test(0x6b, 2), ...test(0x6a, 3), ...constant(0), 0x0b])])],
  ]);
}

const IMPORT_MEMORY = [0, 6, ...ascii("memory"), 2, 0, 1];

function moduleBytes(sections: readonly (readonly [id: number, content: readonly number[]])[]): Uint8Array {
  return Uint8Array.from([
    0,
    ...ascii("asm"),
    1,
    0,
    0,
    0,
    ...sections.flatMap(([id, content]) => [id, ...sized(content)]),
  ]);
}

function ascii(text: string): number[] {
  return Array.from(text, (char) => char.charCodeAt(0));
}
function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}
function sized(content: readonly number[]): number[] {
  return [...leb(content.length), ...content];
}
function vector(items: readonly (readonly number[])[]): number[] {
  return [...leb(items.length), ...items.flat()];
}
/** `i32.const` of a small non-negative number; its LEB128 is signed, so one spare bit is kept. */
function constant(value: number): number[] {
  return [0x41, (value & 0x7f) | 0x80, ((value >>> 7) & 0x7f) | 0x80, value >>> 14];
}
