// Fuel as the contract states it (the project's design, "Fuel is exact"), written out anew.

import { OP } from "../../../decoder/opcodes.js";

export type Schedule = "escapement-1" | "escapement-2" | "wasmtime-45" | "wasmtime-48" | "wasmtime-49" | "wasmtime-50";

/**
 * 0: nop, drop, block, loop, else, end, return, unreachable, and what separates the parts of a legacy try.
 * 1: every other instruction.
 */
const FREE = new Set([
  OP["nop"],
  OP["drop"],
  OP["block"],
  OP["loop"],
  OP["else"],
  OP["end"],
  OP["catch"],
  OP["catch_all"],
  OP["delegate"],
  OP["return"],
  OP["unreachable"],
]);

export function basePrice(opcode: number): number {
  return FREE.has(opcode) ? 0 : 1;
}

/** At each entry to a wasm function with so many locals, parameters among them, and results. */
export function entryPrice(schedule: Schedule, locals: number, results: number): number {
  return 1 + manyPrice(schedule, locals) + manyPrice(schedule, results);
}

/** What is handled in one go: in escapement-2, 64 are free, and each started 16 more cost 1. */
export function manyPrice(schedule: Schedule, count: number): number {
  if (schedule !== "escapement-2") return 0;
  let price = 0;
  for (let free = 64; free < count; free += 16) price++;
  return price;
}

/** memory.copy, memory.fill, memory.init of so many bytes. */
export function bytesPrice(schedule: Schedule, bytes: number): number {
  if (schedule === "wasmtime-45") return 0;
  return isWasmtime(schedule) ? bytes : Math.ceil(bytes / 64);
}
/** table.copy, table.fill, table.init, table.grow of so many elements. */
export function elementsPrice(schedule: Schedule, elements: number): number {
  if (schedule === "wasmtime-45") return 0;
  return isWasmtime(schedule) ? elements : Math.ceil(elements / 8);
}
/** memory.grow by so many pages of 64 KiB. */
export function pagesPrice(schedule: Schedule, pages: number): number {
  if (!isWasmtime(schedule)) return 1024 * pages;
  return countsGrowth(schedule) ? pages : 0;
}

/** The largest constant amount that memory.grow and table.grow pay for even if they give -1. */
export function paidAnyhow(schedule: Schedule): bigint {
  return countsGrowth(schedule) ? 128n : -1n;
}

function isWasmtime(schedule: Schedule): boolean {
  return schedule.startsWith("wasmtime");
}
function countsGrowth(schedule: Schedule): boolean {
  return schedule === "wasmtime-49" || schedule === "wasmtime-50";
}
