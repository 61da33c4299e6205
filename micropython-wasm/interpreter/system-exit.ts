// The status of a SystemExit that ended MicroPython's REPL. The artifact says only that it was raised, so the
// exception is read where the REPL's loop caught it: in the part of the C stack that was just left.
//
// Layouts, in words (MicroPython's object representation A):
//   exception  type, traceback (2 words), args     an instance of a subclass has its exception in word 4
//   tuple      type, length, items…
//   item       2 n + 1 for an int of 31 bits; None, False and True are constants; else a reference

import type { GuestMemory } from "../guest/engine-port.js";
import { guestWord } from "../guest/memory-access.js";

/** Where `nlr_buf_t.ret_val` of the REPL's loop is, below the stack pointer of an idle interpreter. */
const CAUGHT_AT = 180;
const NONE = 6;
const FALSE = 14;

/** Addresses of the guest's types: what `id` gives. */
export interface ExceptionTypes {
  readonly systemExit: number;
  readonly tuple: number;
}

/**
 * The status that a process exits with after this SystemExit: 0 without an argument or with None, the low byte of
 * an int, 1 for anything else; 0 if no SystemExit is where it should be.
 */
export function caughtExitStatus(memory: GuestMemory, stackPointer: number, types: ExceptionTypes): number {
  const word = (address: number): number =>
    address >= 0 && address + 4 <= memory.byteLength ? guestWord(memory, address) : 0;
  const caught = word(stackPointer - CAUGHT_AT);
  const exception = word(caught) === types.systemExit ? caught : word(caught + 16);
  const args = word(exception + 12);
  if (word(exception) !== types.systemExit || word(args) !== types.tuple) return 0;
  const length = word(args + 4);
  const first = word(args + 8);
  if (length === 0) return 0;
  if (length > 1) return 1;
  if ((first & 1) !== 0) return (first >> 1) & 0xff;
  return first === NONE || first === FALSE ? 0 : 1;
}
