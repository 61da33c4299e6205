// Helpers of the generated code: unaligned accesses, general addresses, imported globals.
import type { MemoryInst } from "../store/memory.js";
import { TRAP_MEMORY_OUT_OF_BOUNDS } from "../trap-codes.js";
import { EXIT_ASIDE } from "./exits.js";
import type { Machine } from "./machine.js";

export function load32(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
export function store32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >> 8;
  bytes[at + 2] = value >> 16;
  bytes[at + 3] = value >> 24;
}

const TWO_32 = 4294967296;
/** Bit of a general access's memory word: addresses are i64. */
export const MEMORY64 = 1 << 30;

/** The sum of an address and an offset, in bytes. */
export function addressOf(lo: number, hi: number, flags: number, offsetLo: number, offsetHi: number): number {
  const high = (flags & MEMORY64) === 0 ? 0 : hi >>> 0;
  return high * TWO_32 + (lo >>> 0) + ((offsetHi >>> 0) * TWO_32 + (offsetLo >>> 0));
}

/**
 * The address of a general access, which the memory's views cover. Below zero it is the exit to take instead: a trap if
 * any byte is out of bounds, or EXIT_ASIDE. While the driver does the operation by itself it is the address in its
 * copy. Sums of two 64-bit numbers round in a double, but a
 * memory below 2^53 bytes is never hit by one that did.
 */
export function effectiveAddress(
  m: Machine,
  memory: MemoryInst,
  lo: number,
  hi: number,
  flags: number,
  offsetLo: number,
  offsetHi: number,
  width: number,
): number {
  const address = addressOf(lo, hi, flags, offsetLo, offsetHi);
  const end = address + width;
  if (end > memory.byteLength) return -TRAP_MEMORY_OUT_OF_BOUNDS;
  if (m.aside !== null) return m.aside.open(memory, address, width);
  if (end > memory.reach) return EXIT_ASIDE;
  // It may be a store: these are rare.
  memory.mark(address, width);
  return address;
}

/** The address of a plain access to memory 0, anywhere in it, below zero as above. */
export function farAddress(m: Machine, address: number, offset: number, width: number): number {
  return effectiveAddress(m, m.memoryAt(0), address, 0, 0, offset, 0, width);
}

/** A table index as a number; one from 2^53 up is past every table however it rounds. */
export function tableIndex(lo: number, hi: number, index64: number): number {
  return index64 === 0 ? lo >>> 0 : (hi >>> 0) * TWO_32 + (lo >>> 0);
}

/** Writes a whole number from −1 up as i64 (whose low word is the i32). */
export function setNumber(R: Int32Array, at: number, value: number): void {
  R[at] = value | 0;
  R[at + 1] = Math.floor(value / TWO_32);
}

export function importedGlobalGet(m: Machine, at: number, globalidx: number, slots: number): void {
  const global = m.instance.globals[globalidx]!;
  for (let i = 0; i < slots * 2; i++) m.R[at + i] = global.cells[global.slot * 2 + i]!;
  m.refs[at >> 1] = global.refs[global.slot]!;
}
export function importedGlobalSet(m: Machine, at: number, globalidx: number, slots: number): void {
  const global = m.instance.globals[globalidx]!;
  for (let i = 0; i < slots * 2; i++) global.cells[global.slot * 2 + i] = m.R[at + i]!;
  if (global.isReference) global.refs[global.slot] = m.refs[at >> 1]!;
}
