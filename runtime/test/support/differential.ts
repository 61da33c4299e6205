// Running one module in two engines and comparing what can be seen of it. Each engine has a runner
// that gives a trace: a list of lines, in words that no engine owns. Equal traces, equal behaviour.
//
// Lines
//   func_3(0x5, null) -> 0x1 0x7fc00000        what a call gave, numbers as bits
//   func_3(0x5, null) traps: memory            and the class of its trap (trapClass)
//   log-i32(0x5)                               a call of an import, in order with the others
//   memory 0: 65536 bytes, hash 0x811c9dc5     at the end, then exported globals

import type { DecodedModule } from "../../../decoder/module.js";
import type { TrapMessage } from "../../../decoder/opcodes.js";
import {
  F32,
  F64,
  HEAP_EXN,
  HEAP_NOEXN,
  heapTypeOf,
  I32,
  I64,
  isNullable,
  isRef,
  V128,
  type ValType,
} from "../../../decoder/types.js";
import { flatten, leb, name, section } from "./module-bytes.js";
import { randomValue } from "./numeric-oracle.js";
import { Random } from "./random.js";

export interface Call {
  readonly name: string;
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
  /** Bits, as unsigned bigints; null for references. */
  readonly args: readonly (bigint | null)[];
}

const LETTERS: Readonly<Record<number, string>> = { [I32]: "i", [I64]: "l", [F32]: "f", [F64]: "d" };

/** Whether JavaScript has values of a type: of v128 and of references to exceptions it has none. */
export function hasJsValues(type: ValType): boolean {
  if (isRef(type)) return heapTypeOf(type) !== HEAP_EXN && heapTypeOf(type) !== HEAP_NOEXN;
  return type !== V128;
}

/**
 * Calls of every exported function with random arguments, `rounds` times in order of export.
 * Functions with parameters that are neither numbers nor nullable references are left out, and
 * those with results that JavaScript has no values for.
 */
export function planCalls(module: DecodedModule, seed: number, rounds = 1): readonly Call[] {
  const random = new Random(seed);
  const calls: Call[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const entry of module.exports) {
      if (entry.kind !== "func") continue;
      const { params, results } = module.registry.funcType(module.funcs[entry.index]!);
      if (!params.every((type) => LETTERS[type] !== undefined || isNullable(type))) continue;
      if (!params.every(hasJsValues) || !results.every(hasJsValues)) continue;
      const args = params.map((type) =>
        // JavaScript's NaN has no payload: with another one, V8 would not get the same argument.
        isRef(type) ? null : withoutPayload(type, randomValue(random, LETTERS[type]!)),
      );
      calls.push({ name: entry.name, params, results, args });
    }
  }
  return calls;
}

const NAN_FRACTION: Readonly<Record<number, readonly [mask: bigint, infinity: bigint, canonical: bigint]>> = {
  [F32]: [0x7fffffffn, 0x7f800000n, 0x7fc00000n],
  [F64]: [0x7fffffffffffffffn, 0x7ff0000000000000n, 0x7ff8000000000000n],
};

/** The canonical NaN for any other. */
function withoutPayload(type: ValType, bits: bigint): bigint {
  const nan = NAN_FRACTION[type];
  return nan !== undefined && (bits & nan[0]) > nan[1] ? nan[2] : bits;
}

/** A value in a trace. NaNs lose sign and payload here, since JavaScript numbers have none. */
export function describeValue(type: ValType, value: unknown): string {
  if (isRef(type)) return value === null ? "null" : "reference";
  return `0x${withoutPayload(type, value as bigint).toString(16)}`;
}
export function describeValues(types: readonly ValType[], values: readonly unknown[], separator = " "): string {
  return types.map((type, i) => describeValue(type, values[i])).join(separator);
}
export function describeCall(callee: string, types: readonly ValType[], args: readonly unknown[]): string {
  return `${callee}(${describeValues(types, args, ", ")})`;
}

/** FNV-1a, 32 bits, of whole words as far as there are any. */
export function describeMemory(index: number, bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  const words = bytes.byteOffset % 4 === 0 ? bytes.length >> 2 : 0;
  for (const word of new Int32Array(bytes.buffer, words > 0 ? bytes.byteOffset : 0, words))
    hash = Math.imul(hash ^ word, 0x01000193);
  for (let i = words * 4; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return `memory ${index}: ${bytes.length} bytes, hash 0x${(hash >>> 0).toString(16)}`;
}

const TRAP_CLASSES: Readonly<Partial<Record<TrapMessage | "call stack exhausted", string>>> = {
  "integer divide by zero": "divide",
  "integer overflow": "range",
  "invalid conversion to integer": "range",
  "out of bounds memory access": "memory",
  "out of bounds table access": "table",
  "undefined element": "table",
  "uninitialized element": "signature",
  "indirect call type mismatch": "signature",
  "call stack exhausted": "stack",
};
/** What a trap is called in traces: V8 does not tell all of them apart. */
export function trapClass(message: string): string {
  return TRAP_CLASSES[message as TrapMessage] ?? (/^null .*reference$/.test(message) ? "null" : message);
}

/** Export names that {@link exportEverything} adds. */
export const ADDED_EXPORTS = "every ";

/** The same module with all its memories and globals exported, as "every memory 0" and so on. */
export function exportEverything(module: DecodedModule): Uint8Array {
  const { bytes } = module;
  const added = [
    ...module.memories.map((_, i) => [name(`${ADDED_EXPORTS}memory ${i}`), 2, leb(i)]),
    ...module.globals.flatMap(({ type }, i) =>
      hasJsValues(type) ? [[name(`${ADDED_EXPORTS}global ${i}`), 3, leb(i)]] : [],
    ),
  ];
  const old: number[] = [];
  const parts: (number | Uint8Array | readonly number[])[] = [bytes.subarray(0, 8)];
  let inserted = false;
  const insert = () => {
    if (!inserted) parts.push(flatten(section(7, [leb(module.exports.length + added.length), old, added])));
    inserted = true;
  };
  const rest: (() => void)[] = [];
  for (let at = 8; at < bytes.length; ) {
    const start = at;
    const id = bytes[at]!;
    const [size, afterSize] = readLeb(bytes, at + 1);
    at = afterSize + size;
    const end = at;
    if (id === 7) old.push(...bytes.subarray(readLeb(bytes, afterSize)[1], end));
    else {
      rest.push(() => {
        // Sections from start (8) on, the data count section among them, come after the exports.
        if (id >= 8 && id <= 12) insert();
        parts.push(bytes.subarray(start, end));
      });
    }
  }
  for (const part of rest) part();
  insert();
  return new Uint8Array(flatten(parts));
}
function readLeb(bytes: Uint8Array, at: number): readonly [value: number, next: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]!;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return [value >>> 0, at];
  }
}

/** Index in `names` at which two traces part, with a few lines around it; undefined if they are equal. */
export function firstDifference(expected: readonly string[], actual: readonly string[]): string | undefined {
  const length = Math.max(expected.length, actual.length);
  for (let i = 0; i < length; i++) {
    if (expected[i] === actual[i]) continue;
    const before = expected.slice(Math.max(0, i - 3), i).map((line) => `    ${line}`);
    return [`line ${i}:`, ...before, `  - ${expected[i] ?? "(end)"}`, `  + ${actual[i] ?? "(end)"}`].join("\n");
  }
  return undefined;
}
