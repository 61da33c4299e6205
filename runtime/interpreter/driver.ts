// The driver: runs the dispatch loop until the thread has an outcome, and does what the loop leaves to it (exits.ts).
// It never recurses for a guest frame.
import { Crash } from "../errors.js";
import { PC_EXIT } from "../register-code/register-code.js";
import { TRAP_MESSAGES } from "../trap-codes.js";
import * as exits from "./exits.js";
import {
  checkPause,
  ensureFrames,
  enter,
  fail,
  finish,
  makeRoom,
  payDebt,
  refill,
  returnFrame,
  settleFuel,
  trap,
} from "./flow.js";
import { callFunc, callHost, repeatHostCall, resumeHostFrame, settleHostCall } from "./func-calls.js";
import { dispatch } from "./loop.js";
import { farAccess, perform } from "./operations.js";
import { stepAside } from "./step-aside.js";
import type { Thread } from "./thread.js";
import { tierOf } from "./tier.js";

/** Begins or goes on, until there is an outcome. */
export function drive(thread: Thread): void {
  thread.runs++;
  const outer = thread.store.enterGuest(thread);
  try {
    enterOrResume(thread);
    while (thread.outcome === null) {
      if (thread.sliceEnded) askTier(thread);
      else handle(thread, dispatch(thread.machine));
    }
  } catch (error) {
    fail(thread, error);
  }
  thread.store.leaveGuest(outer);
}

/** At the end of a slice another tier may go on. */
export function askTier(thread: Thread): void {
  thread.sliceEnded = false;
  tierOf(thread)?.sliceEnded(thread);
}

function enterOrResume(thread: Thread): void {
  const { machine: m, pendingHost } = thread;
  if (pendingHost !== null) {
    if (pendingHost.instance !== null) m.bind(pendingHost.instance);
    if (pendingHost.waiting === null) repeatHostCall(thread);
    else settleHostCall(thread);
    return;
  }
  if (m.sp > 0) {
    m.bind(m.instance);
    if (thread.inDebt) payDebt(thread);
    return;
  }
  const func = thread.func!;
  m.frames[0] = PC_EXIT;
  m.frames[1] = 0;
  m.sp = 2;
  m.fp = 0;
  if (func.host !== null) {
    callHost(thread, func, 0, PC_EXIT);
    return;
  }
  m.bind(func.instance!);
  enter(thread, func.index);
}

/** Does what the loop has left to the driver. */
export function handle(thread: Thread, exit: number): void {
  const { machine: m } = thread;
  if (exit < 0) {
    if (exit === exits.EXIT_MEMORY) farAccess(thread, dispatch);
    else if (exit === exits.EXIT_ASIDE) stepAside(thread, dispatch);
    else if (exit === exits.EXIT_DRIVER) perform(thread);
    // Having made room, it does the operation anew.
    else if (exit === exits.EXIT_HEAP) makeRoom(thread, m.heapRequest);
    else trap(thread, TRAP_MESSAGES[-exit]!);
    return;
  }
  switch (exit) {
    case exits.EXIT_FUEL:
      settleFuel(thread);
      return;
    case exits.EXIT_CALL:
      callFunc(thread, m.callee!, m.base, m.returnTo);
      return;
    case exits.EXIT_OPERATION:
      perform(thread);
      return;
    case exits.EXIT_STACK:
      enter(thread, m.arg);
      return;
    case exits.EXIT_FRAMES:
      ensureFrames(thread);
      return;
    case exits.EXIT_LEAVE:
      thread.leaveInstance();
      returnFrame(thread);
      checkPause(thread);
      return;
    case exits.EXIT_HOST_RETURN:
      resumeHostFrame(thread);
      return;
    case exits.EXIT_CANNOT_PAY:
      refill(thread);
      if (m.fuel < m.code[m.pc + 1]!) thread.pause("fuel");
      return;
    case exits.EXIT_TIER:
      tierOf(thread)!.enter(thread, m.arg);
      return;
    case exits.EXIT_DONE:
      finish(thread);
      return;
    default:
      throw new Crash(`unknown exit ${exit}`);
  }
}
