// Traps as small numbers, for code that must not allocate: numeric functions return one,
// 0 meaning success; the interpreter stores one in the frame that trapped.

import type { TrapMessage } from "../decoder/opcodes.js";

export const TRAP_UNREACHABLE = 1;
export const TRAP_DIVIDE_BY_ZERO = 2;
export const TRAP_INTEGER_OVERFLOW = 3;
export const TRAP_INVALID_CONVERSION = 4;
export const TRAP_MEMORY_OUT_OF_BOUNDS = 5;
export const TRAP_TABLE_OUT_OF_BOUNDS = 6;
export const TRAP_UNDEFINED_ELEMENT = 7;
export const TRAP_UNINITIALIZED_ELEMENT = 8;
export const TRAP_INDIRECT_CALL_TYPE = 9;
export const TRAP_NULL_FUNCTION = 10;
export const TRAP_NULL_REFERENCE = 11;
export const TRAP_NULL_EXCEPTION = 12;
export const TRAP_NULL_STRUCTURE = 13;
export const TRAP_NULL_ARRAY = 14;
export const TRAP_NULL_I31 = 15;
export const TRAP_ARRAY_OUT_OF_BOUNDS = 16;
export const TRAP_CAST_FAILURE = 17;
export const TRAP_UNALIGNED_ATOMIC = 18;
export const TRAP_NOT_SHARED = 19;

/** message → code; the type makes an omission an error. */
export const TRAP_CODES = {
  unreachable: TRAP_UNREACHABLE,
  "integer divide by zero": TRAP_DIVIDE_BY_ZERO,
  "integer overflow": TRAP_INTEGER_OVERFLOW,
  "invalid conversion to integer": TRAP_INVALID_CONVERSION,
  "out of bounds memory access": TRAP_MEMORY_OUT_OF_BOUNDS,
  "out of bounds table access": TRAP_TABLE_OUT_OF_BOUNDS,
  "undefined element": TRAP_UNDEFINED_ELEMENT,
  "uninitialized element": TRAP_UNINITIALIZED_ELEMENT,
  "indirect call type mismatch": TRAP_INDIRECT_CALL_TYPE,
  "null function reference": TRAP_NULL_FUNCTION,
  "null reference": TRAP_NULL_REFERENCE,
  "null exception reference": TRAP_NULL_EXCEPTION,
  "null structure reference": TRAP_NULL_STRUCTURE,
  "null array reference": TRAP_NULL_ARRAY,
  "null i31 reference": TRAP_NULL_I31,
  "out of bounds array access": TRAP_ARRAY_OUT_OF_BOUNDS,
  "cast failure": TRAP_CAST_FAILURE,
  "unaligned atomic": TRAP_UNALIGNED_ATOMIC,
  "expected shared memory": TRAP_NOT_SHARED,
} as const satisfies Record<TrapMessage, number>;

/** code → message; index 0 stands for success and is undefined. */
export const TRAP_MESSAGES: readonly (TrapMessage | undefined)[] = (() => {
  const messages: (TrapMessage | undefined)[] = [undefined];
  for (const [message, code] of Object.entries(TRAP_CODES)) messages[code] = message as TrapMessage;
  return messages;
})();
