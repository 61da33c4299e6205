// Checked access to guest memory for host functions. A guest can forge any pointer that it
// passes, so every access is bounds-checked here, with one error for all of them.

import { decodeUtf8Lossy } from "../../decoder/index.js";
import type { GuestMemory } from "./engine-port.js";
import { GuestFault } from "./errors.js";

/**
 * The bytes `[address, address + length)`, not a copy: stale after the guest's memory grows, and
 * after bytes beyond them were asked for.
 */
export function guestBytes(memory: GuestMemory, address: number, length: number): Uint8Array {
  const start = address >>> 0;
  const count = length >>> 0;
  if (start + count > memory.byteLength) outOfBounds();
  return memory.range(start, count);
}

/** The NUL-terminated text at `address`, of at most `limit` bytes. */
export function guestText(memory: GuestMemory, address: number, limit = 65536): string {
  const text = guestTextWithin(memory, address, limit);
  if (text === undefined) throw new GuestFault("a host function was passed text without an end");
  return text;
}

/** As {@link guestText}, but undefined if the text is longer than `limit` bytes. No more than those are looked at. */
export function guestTextWithin(memory: GuestMemory, address: number, limit: number): string | undefined {
  const start = address >>> 0;
  if (start >= memory.byteLength) outOfBounds();
  const text = memory.range(start, Math.min(limit + 1, memory.byteLength - start));
  const length = text.indexOf(0);
  return length < 0 ? undefined : decodeUtf8Lossy(text.subarray(0, length));
}

/** Reads an unsigned 32-bit word. */
export function guestWord(memory: GuestMemory, address: number): number {
  return memory.word(wordWithin(memory, address));
}

/** Writes a 32-bit word. */
export function setGuestWord(memory: GuestMemory, address: number, value: number): void {
  memory.setWord(wordWithin(memory, address), value);
}

function wordWithin(memory: GuestMemory, address: number): number {
  const start = address >>> 0;
  if (start + 4 > memory.byteLength) outOfBounds();
  return start;
}

function outOfBounds(): never {
  throw new GuestFault("out of bounds memory access by a host function");
}

/** Copies `source` to `address`. */
export function setGuestBytes(memory: GuestMemory, address: number, source: Uint8Array): void {
  guestBytes(memory, address, source.length).set(source);
}
