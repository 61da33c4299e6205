// What each wasm instruction costs. Schedules are versioned data: a published one never changes,
// and every result that quotes fuel names the one it used. Prices belong to wasm opcodes, so
// neither fusing nor compiling instructions changes a bill.
//
// A bulk instruction pays its base price when it starts. Once its bounds are checked, and before
// anything is moved, it pays for the amount of work; one that traps on the check, and a grow that
// gives -1, pays the base price alone (but see `constantGrowth`).

import { OPCODE_LIMIT, OPCODES, type OpcodeName } from "../decoder/opcodes.js";

export type FuelScheduleName =
  | "escapement-1"
  | "escapement-2"
  | "wasmtime-45"
  | "wasmtime-48"
  | "wasmtime-49"
  | "wasmtime-50";

/** Kinds of instructions whose work depends on an operand, as numbers for the dispatch loop. */
export const BULK_MEMORY = 0; // memory.copy, memory.fill, memory.init
export const BULK_MEMORY_GROW = 1; // memory.grow
export const BULK_TABLE = 2; // table.copy, table.fill, table.init, table.grow
export const BULK_ARRAY = 3; // array.copy, array.fill, array.init_data, array.init_elem
export const BULK_ARRAY_NEW = 4; // array.new, array.new_default, array.new_data, array.new_elem
export const BULK_FIXED_NEW = 5; // struct.new, struct.new_default, array.new_fixed
export type BulkKind = 0 | 1 | 2 | 3 | 4 | 5;

/** How a kind of bulk work is priced beyond the instruction's base price. */
export type BulkPrice =
  | "flat" // nothing
  | "per element" // 1 per byte of memory, element of a table or array
  | "per 64 bytes"; // 1 per started 64 bytes; a reference counts 8

/**
 * What instantiation costs before the start function is entered, in the units of embedding/instantiation-price.ts.
 * Wasmtime compiles what cannot be laid out ahead of time (computed initialisers, the start function's call)
 * into a function, whose instructions it counts. Up to version 49 it forgets to write the count back where that
 * function ends, so that only what stood before the last operation that writes it back counts.
 */
export type InstantiationPrice = "free" | "written back" | "whole";

export interface FuelSchedule {
  readonly name: FuelScheduleName;
  /** opcode → price, {@link OPCODE_LIMIT} entries. */
  readonly costs: Uint8Array;
  /** Charged at each entry to a wasm function, tail calls included. */
  readonly entry: number;
  /** By {@link BulkKind}. */
  readonly bulk: readonly BulkPrice[];
  /**
   * A memory.grow or table.grow pays for its work even if it gives -1, when the instruction before it (nop not
   * counted) is a constant from 0 to this.
   */
  readonly constantGrowth: number;
  readonly instantiation: InstantiationPrice;
  /**
   * What is beyond this in one go costs 1 per started {@link VALUES_PER_UNIT}: locals and results at a function's
   * entry, values that a branch or an exception takes along, fields of a new struct and operands of array.new_fixed,
   * clauses of a try_table or handlers of a legacy try at its beginning. Infinity: all is free.
   */
  readonly freeValues: number;
  /** A trace of the GC heap costs 1 per so many bytes that are counted when it begins. Infinity: nothing. */
  readonly traceBytes: number;
}

const VALUES_PER_UNIT = 16;

// The handlers of a legacy try separate its parts as `else` does those of an `if`, and like it cost nothing,
// so that a body pays the same whether or not it has handlers. (Wasmtime has no legacy exceptions.) `try` is
// an instruction like `try_table`: 1.
const FREE: ReadonlySet<OpcodeName> = new Set([
  "nop",
  "drop",
  "block",
  "loop",
  "else",
  "end",
  "catch",
  "catch_all",
  "delegate",
  "return",
  "unreachable",
] as const);

/** The base prices, which all schedules have in common. */
const COSTS = new Uint8Array(OPCODE_LIMIT);
for (const row of OPCODES) COSTS[row.opcode] = FREE.has(row.name) ? 0 : 1;

function schedule(
  name: FuelScheduleName,
  bulk: readonly BulkPrice[],
  others: Partial<Omit<FuelSchedule, "name" | "bulk">> = {},
): FuelSchedule {
  return {
    name,
    costs: COSTS,
    entry: 1,
    bulk,
    constantGrowth: -1,
    instantiation: "free",
    freeValues: Number.POSITIVE_INFINITY,
    traceBytes: Number.POSITIVE_INFINITY,
    ...others,
  };
}

const PER_64_BYTES = new Array<BulkPrice>(6).fill("per 64 bytes");

/**
 * Bulk work costs 1 per started 64 bytes, which is 1 per started 8 references and 1,024 per 64 KiB page of
 * memory.grow.
 */
export const ESCAPEMENT_1: FuelSchedule = schedule("escapement-1", PER_64_BYTES);

/** The default: as {@link ESCAPEMENT_1}, and nothing that takes the host long is free. */
export const ESCAPEMENT_2: FuelSchedule = schedule("escapement-2", PER_64_BYTES, { freeValues: 64, traceBytes: 128 });

// Where totals part from those of the Wasmtime that a schedule is named after is in the guide
// (micropython-wasm/README.md, Fuel), and measured in test/wasmtime-fuel.test.ts.

/** As Wasmtime 45. */
export const WASMTIME_45: FuelSchedule = schedule("wasmtime-45", new Array<BulkPrice>(6).fill("flat"));

/** As Wasmtime 46 to 48. */
export const WASMTIME_48: FuelSchedule = schedule("wasmtime-48", [
  "per element",
  "flat",
  "per element",
  "per element",
  "per element",
  "flat",
]);

/** As {@link WASMTIME_48}, and growing memory costs 1 per page. */
const GROWTH_COUNTS = WASMTIME_48.bulk.map((price, kind) => (kind === BULK_MEMORY_GROW ? "per element" : price));
/** Wasmtime counts a constant amount of up to 128 while it compiles, before it is known whether growing works. */
const COUNTED_BY_COMPILER = 128;

/** As Wasmtime 49. */
export const WASMTIME_49: FuelSchedule = schedule("wasmtime-49", GROWTH_COUNTS, {
  constantGrowth: COUNTED_BY_COMPILER,
  instantiation: "written back",
});

/** As Wasmtime 50. */
export const WASMTIME_50: FuelSchedule = schedule("wasmtime-50", GROWTH_COUNTS, {
  constantGrowth: COUNTED_BY_COMPILER,
  instantiation: "whole",
});

export const FUEL_SCHEDULES: Readonly<Record<FuelScheduleName, FuelSchedule>> = {
  "escapement-1": ESCAPEMENT_1,
  "escapement-2": ESCAPEMENT_2,
  "wasmtime-45": WASMTIME_45,
  "wasmtime-48": WASMTIME_48,
  "wasmtime-49": WASMTIME_49,
  "wasmtime-50": WASMTIME_50,
};
export const DEFAULT_FUEL_SCHEDULE: FuelSchedule = ESCAPEMENT_2;

/** What `count` values in one go cost. */
export function valuesCost({ freeValues }: FuelSchedule, count: number): number {
  return count <= freeValues ? 0 : Math.ceil((count - freeValues) / VALUES_PER_UNIT);
}

/** What a trace of a heap of which `bytes` are counted costs. */
export function traceCost({ traceBytes }: FuelSchedule, bytes: number): number {
  return Math.ceil(bytes / traceBytes);
}

/**
 * What bulk work costs beyond the base price.
 * @param count elements: bytes of memory (`elementBytes` 1), pages, table or array elements, or 1 for
 *   a struct; up to 2^53
 * @param elementBytes bytes in one of them: a page's size, an array's element width, a struct's
 *   size; 8 for references
 */
export function extraCost(schedule: FuelSchedule, kind: BulkKind, count: number, elementBytes: number): number {
  switch (schedule.bulk[kind]!) {
    case "flat":
      return 0;
    case "per element":
      return count;
    case "per 64 bytes":
      return Math.ceil((count * elementBytes) / 64);
  }
}

/** Bytes of bulk work in a memory that cost one unit, of which the last may be some only; 0 if no number of them does. */
export function bytesPerUnit({ bulk }: FuelSchedule): number {
  return { flat: 0, "per element": 1, "per 64 bytes": 64 }[bulk[BULK_MEMORY]!];
}
