// Why the dispatch loop returned to the driver. Traps are the negated codes of trap-codes.ts.

/** A segment could not be paid whole: `pc` is its start, its cost is charged already. */
export const EXIT_FUEL = 0;
/** The outermost frame returned. */
export const EXIT_DONE = 1;
/** A frame returned into another instance. */
export const EXIT_LEAVE = 2;
/** A frame returned to a host function. */
export const EXIT_HOST_RETURN = 3;
/** The frame of function `arg` needs more registers than there are, or the function has no register code yet (PC_LAZY). */
export const EXIT_STACK = 4;
/** No room for another frame; the call at `pc` has not begun. */
export const EXIT_FRAMES = 5;
/** Call `callee` with arguments at `base`; go on at `returnTo`. */
export const EXIT_CALL = 6;
/** The operation at `pc` is the driver's to do. */
export const EXIT_OPERATION = 7;
/** Stepping form: the instruction at `pc` costs more than is left; nothing is charged. */
export const EXIT_CANNOT_PAY = 8;
/** Function `arg` is called, which another tier may run: its frame is in place, its first segment not paid. */
export const EXIT_TIER = 9;
/** The access at `pc` is beyond 2^31 or out of bounds: the driver decides. Below every trap code. */
export const EXIT_MEMORY = -1000;

/** The operation at `pc` allocates `heapRequest` bytes, more than the heap has left now. */
export const EXIT_HEAP = -1001;
/** As EXIT_OPERATION, from an operation beside the loop. */
export const EXIT_DRIVER = -1002;
/** The access at `pc` is within a memory, but beyond its views: the driver does the operation by itself. */
export const EXIT_ASIDE = -1003;

export const EXITS = {
  FUEL: EXIT_FUEL,
  DONE: EXIT_DONE,
  LEAVE: EXIT_LEAVE,
  HOST_RETURN: EXIT_HOST_RETURN,
  STACK: EXIT_STACK,
  FRAMES: EXIT_FRAMES,
  CALL: EXIT_CALL,
  OPERATION: EXIT_OPERATION,
  CANNOT_PAY: EXIT_CANNOT_PAY,
  TIER: EXIT_TIER,
  MEMORY: EXIT_MEMORY,
  HEAP: EXIT_HEAP,
  DRIVER: EXIT_DRIVER,
} as const;
