// Atomic accesses: where they are, and the waiting of the one agent.
import type { MemoryInst } from "../store/memory.js";
import { TRAP_UNALIGNED_ATOMIC } from "../trap-codes.js";
import { effectiveAddress } from "./access.js";
import type { Machine } from "./machine.js";

/**
 * The address of an atomic access of `width` bytes, or as {@link effectiveAddress} the exit to take. Alignment is
 * checked before the bounds (threads proposal, execution of atomic instructions).
 */
export function atomicAddress(
  m: Machine,
  memory: MemoryInst,
  lo: number,
  hi: number,
  flags: number,
  offsetLo: number,
  offsetHi: number,
  width: number,
): number {
  if (((lo + offsetLo) & (width - 1)) !== 0) return -TRAP_UNALIGNED_ATOMIC;
  return effectiveAddress(m, memory, lo, hi, flags, offsetLo, offsetHi, width);
}

/** Whether the `width` bytes (4 or 8) at `address` are the two words, of four bytes only the low one. */
export function holds(memory: MemoryInst, address: number, width: number, lo: number, hi: number): boolean {
  return memory.readI32(address) === lo && (width === 4 || memory.readI32(address + 4) === hi);
}
