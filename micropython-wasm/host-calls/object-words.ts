// What is known of MicroPython's objects without looking at any: representation A, 32 bits.

const SMALL_INT_MAX = 0x3fffffff;
const SMALL_INT_MIN = -0x40000000;

/** A value that needs no memory. */
export type Immediate = null | boolean | number;

/** The value as an immediate one; undefined if it is none. */
export function immediate(value: unknown): Immediate | undefined {
  if (value === undefined || value === null) return null;
  return value === true || value === false || (typeof value === "number" && isSmallInt(value)) ? value : undefined;
}

export function isSmallInt(value: number): boolean {
  return (value | 0) === value && value <= SMALL_INT_MAX && value >= SMALL_INT_MIN && !Object.is(value, -0);
}

/** A small integer as a word. */
export function smallIntWord(value: number): number {
  return ((value << 1) | 1) >>> 0;
}

/** MicroPython's hash of text and bytes. */
export function hashOf(bytes: Uint8Array): number {
  let hash = 5381;
  for (let i = 0; i < bytes.length; i++) hash = (Math.imul(hash, 33) ^ bytes[i]!) | 0;
  return hash & 0xffff || 1;
}

/** Not an object that is read or built here; the guest's library does it then. */
class Unreadable extends Error {}

/** What is to be read cannot be read here; not a value that cannot cross. */
export function isUnreadable(error: unknown): boolean {
  return error instanceof Unreadable;
}

/** @throws an error that {@link isUnreadable} */
export function unreadable(): never {
  throw new Unreadable("not read here");
}
