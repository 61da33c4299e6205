// How deep compiled code may go: frames and register slots that are left, in one number that each call passes on. The
// slots are those that the interpreter's frames would take, to the slot, and the frames are its frames: so a host function
// that is called from compiled code knows where its arguments lie, and what it calls finds the limits where they are.
//
//   31         16 15          0
//    frames left | slots left      bits 31 and 15 are 0; whichever borrows sets its own
//
// Both bound what compiled code takes of the host's stack, too, about. What has many more variables than slots counts
// those in STK, a variable of the scope.

/** Of one run of compiled code: it then begins anew on an empty host stack. */
const MOST_FRAMES = 1_100;
const MOST_SLOTS = 8_000;
/** Words of variables that {@link MOST_SLOTS} do not bound. */
export const MOST_WIDE_WORDS = 16_000;
const FRAME_BITS = 16;
const FRAME = 1 << FRAME_BITS;
export const SLOTS = FRAME - 1;
/** Either one has gone below zero. */
const BORROWED = -2147450880;

/** What a run may take that has `frames` and `slots` at the most; `within` of a run around it, whose host stack it stands on. */
export function depthOf(frames: number, slots: number, within: number): number {
  const ofFrames = Math.min(within >>> FRAME_BITS, Math.max(0, frames));
  return (ofFrames << FRAME_BITS) | Math.min(within & SLOTS, Math.max(0, slots));
}

/** Of a run with nothing around it. */
export const WHOLE_DEPTH = (MOST_FRAMES << FRAME_BITS) | MOST_SLOTS;

/** Whether a frame of `slots` has no place. */
export function isTooDeep(depth: number, slots: number): boolean {
  return slots > MOST_SLOTS || ((depth - FRAME - slots) & BORROWED) !== 0;
}

// ---- The same as text ----

/** Condition that a function with a frame of `slots` has no place in `z`. */
export function tooDeep(slots: number): string {
  return slots > MOST_SLOTS ? "true" : `(z - ${FRAME + slots} & ${BORROWED}) !== 0`;
}

/** What a call passes on, whose callee's frame begins `slots` above the caller's; `frames` wait below it. */
export function below(slots: number, frames = 1): string {
  return `z - ${frames * FRAME + slots} | 0`;
}

/** Word of the registers at which a callee's frame begins: FB is where the slots are all used up. */
export const FRAME_BASE = `FB - ((z & ${SLOTS}) << 1)`;
/** Frames that wait below it: ZL is where none do. */
export const FRAMES_BELOW = `(ZL >>> ${FRAME_BITS}) - (z >>> ${FRAME_BITS})`;
