// Calls that stay on the host's stack, both ways: for an embedder that is called and calls back all the time (js-api/).
// Where an execution takes two microseconds to make, start and end, these take a tenth of one. A thread that is called
// so runs to its end: it is not paused, and has no snapshot.
//
// Example: JavaScript calls f, which calls a host function, which calls g.
//   frames   EXIT (of f's caller) | f's return point (of the host function) | EXIT (of g's caller) | g's own to come
//   host     callDirect(f) → dispatch → the host function → callDirect(g) → dispatch
import { Trap } from "../errors.js";
import { PC_EXIT } from "../register-code/register-code.js";
import type { FuncInst } from "../store/func.js";
import type { ModuleInstance } from "../store/module-instance.js";
import type { ExnInst } from "../store/refs.js";
import { askTier, handle } from "./driver.js";
import { EXIT_DONE } from "./exits.js";
import { ensureFrames, enter, fail, payReturn, returnFrame, trap } from "./flow.js";
import { waitFor } from "./func-calls.js";
import { dispatch } from "./loop.js";
import { newHostCall, type RunResult, type Thread } from "./thread.js";
import { tierOf } from "./tier.js";
import { throwException } from "./unwind.js";

/** How a call ended that did not return. */
export interface DirectEnd {
  /** "paused" is out of fuel: it does not go on. */
  readonly result: RunResult;
  /** The instance that ran last. */
  readonly instance: ModuleInstance;
}

/**
 * Calls a wasm function on top of all frames of the thread, of which there may be none. Its arguments are at word `base`,
 * above the registers of those frames, and where it returns so are its results.
 * @returns null if it has returned; otherwise how it ended, and its frames are gone
 */
export function callDirect(thread: Thread, func: FuncInst, base: number): DirectEnd | null {
  const { machine: m } = thread;
  const { sp, instance: caller, fp, pc } = m;
  const leaving = thread.instances.length;
  const { hiddenFrames } = thread;
  if (hiddenFrames > 0) {
    thread.hiddenFrames = 0;
    thread.pushHidden(hiddenFrames);
  }
  try {
    // One check for both frames, as in the loop: FRAME_SLACK has room for them.
    if (ensureFrames(thread)) {
      thread.push(PC_EXIT, base);
      if (m.sp === 2 || caller === func.instance) m.rebind(func.instance!);
      else thread.enterInstance(func.instance!, base);
      m.fp = base;
      if (begin(thread, func.index)) run(thread);
      else if (thread.instances.length > leaving) thread.leaveInstance();
    }
  } catch (error) {
    fail(thread, error);
  }
  m.sp = sp;
  const { outcome } = thread;
  if (hiddenFrames > 0) {
    thread.hiddenFrames = hiddenFrames;
    m.fp = fp;
    m.pc = pc;
  }
  if (outcome === null) return null;
  const end = { result: outcome, instance: m.instance };
  thread.outcome = null;
  thread.instances.length = leaving;
  m.instance = caller;
  // As leaveToHost has left it: no position of the dropped frames is to be looked at.
  m.pc = PC_EXIT;
  return end;
}

/** Enters the function. @returns false if it has returned already */
function begin(thread: Thread, index: number): boolean {
  const how = tierOf(thread)?.call(thread, index);
  if (how === "returned") return false;
  if (how !== "left") enter(thread, index);
  return true;
}

function run(thread: Thread): void {
  const { machine: m } = thread;
  while (thread.outcome === null) {
    if (thread.sliceEnded) {
      askTier(thread);
      continue;
    }
    const exit = dispatch(m);
    if (exit === EXIT_DONE) return;
    handle(thread, exit);
  }
}

/** Leaves to a host function that the frame that goes on at `returnTo` has called: the frame waits. */
export function leaveToHost(thread: Thread, returnTo: number): void {
  const { machine: m } = thread;
  // FRAME_SLACK has room for it.
  thread.push(returnTo, m.fp);
  m.pc = PC_EXIT;
}

/** Goes on in the frame that has called the host function, whose results are in place. */
export function returnFromHost(thread: Thread, returnTo: number): void {
  const { machine: m } = thread;
  m.sp -= 2;
  m.fp = m.frames[m.sp + 1]!;
  // Memories may have grown, and functions been lowered, meanwhile.
  m.rebind(m.instance);
  if (returnTo === 0) returnFrame(thread);
  else {
    m.pc = returnTo;
    payReturn(thread);
  }
}

/** As {@link returnFromHost}, with an exception for the guest's handlers, or a trap. */
export function raiseFromHost(thread: Thread, thrown: ExnInst | Trap): void {
  thread.machine.rebind(thread.machine.instance);
  if (thrown instanceof Trap) trap(thread, thrown);
  else throwException(thread, thrown);
}

/**
 * In place of {@link returnFromHost}: the thread, which an Execution runs, pauses until the host function's promise settles
 * with its result, or rejects with an UncaughtException or a Trap.
 */
export function waitInHost(
  thread: Thread,
  func: FuncInst,
  base: number,
  returnTo: number,
  promise: Promise<unknown>,
): void {
  const { machine: m } = thread;
  m.sp -= 2;
  m.fp = m.frames[m.sp + 1]!;
  m.pc = returnTo > 0 ? returnTo - 1 : 0;
  thread.pendingHost = newHostCall(func, base, returnTo, m.instance);
  waitFor(thread, promise);
}
