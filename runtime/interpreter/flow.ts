// How a thread goes on: into functions and back, from slice to slice, to a pause or to its end.
import { Crash, EscapementError, type HostError, StackExhausted, Trap, type UsageError } from "../errors.js";
import { traceCost } from "../fuel-schedule.js";
import { lowerForCall } from "../lowering/code-map.js";
import { HEADER_WORDS } from "../lowering/module-context.js";
import { PC_FIRST, PC_LAZY } from "../register-code/register-code.js";
import { readValues } from "../store/convert.js";
import type { FuncInst } from "../store/func.js";
import { backtrace, isStepping, mapHere, refundRest, stepHere } from "./positions.js";
import type { Thread } from "./thread.js";
import { tierOf } from "./tier.js";
import { countFuel, nextSlice } from "./warm-up.js";

/**
 * Fuel that the loop is given at once, more than a segment costs; the rest waits in the thread's budget. About a tenth
 * of a second: only where the loop is entered anew does it run V8's best code of it (DESIGN.md, section 5).
 */
const SLICE = 2 ** 26;

// ---- Fuel ----

/** Gives the loop its next slice. */
export function refill(thread: Thread): void {
  countUsed(thread);
  const tier = tierOf(thread);
  const slice = tier === null ? SLICE : tier.slice(thread);
  thread.refill(thread.machine.instance.code.isTrained ? nextSlice(slice) : slice);
}

/** Tells the warm-up what was used since it was last told. */
export function countUsed(thread: Thread): void {
  const used = thread.fuelUsed;
  countFuel(used - thread.fuelCounted);
  thread.fuelCounted = used;
}

/** A segment was charged that the slice could not pay: from the budget, or by going on in small steps. */
export function settleFuel(thread: Thread): void {
  refill(thread);
  if (thread.machine.fuel < 0) lackFuel(thread);
  else if (thread.pauseRequested) pauseHere(thread);
  else thread.sliceEnded = tierOf(thread) !== null;
}

/** The segment at `pc` cannot be paid: its instructions are gone through one by one, or all of it waits for more. */
function lackFuel(thread: Thread): void {
  if (thread.exact) {
    stepHere(thread);
    return;
  }
  thread.inDebt = true;
  thread.pause("fuel");
}

/** Goes on with a segment that has waited for fuel. */
export function payDebt(thread: Thread): void {
  thread.inDebt = false;
  // Nothing was given: half of the work is done of finding the instruction that it stops at.
  if (!thread.exact && thread.fuelLeft < 0) mapHere(thread);
  settleFuel(thread);
}

/** Makes of a thread that waits before a segment one that waits at its very instruction, as all else is told of it. */
export function settleDebt(thread: Thread): void {
  if (!thread.inDebt) return;
  thread.inDebt = false;
  stepHere(thread);
}

/** Pays for the segment at `pc`, behind a call. */
export function payReturn(thread: Thread): void {
  const { machine: m } = thread;
  m.fuel -= m.code[m.pc - 1]!;
  if (m.fuel < 0) settleFuel(thread);
}

/** Pays for work beyond the base price; if that is not left, the operation is done anew, now or when there is more. */
export function payExtra(thread: Thread, extra: number): boolean {
  if (thread.tryPay(extra)) return true;
  // The fast form may have paid for what follows in the segment, which is given back: then there may be enough, and
  // single steps decide. Example: 18 left before a struct.new that costs 2 and a trace of 16, with 3 more behind it.
  if (!stepHere(thread)) thread.pause("fuel");
  return false;
}

/** As {@link payExtra}, also for the trace that room for `bytes` more of heap may take. */
export function payForRoom(thread: Thread, bytes: number, extra = 0): boolean {
  const { store, context } = thread;
  const trace = store.needsTrace(bytes) ? traceCost(context.schedule, store.heap.used) : 0;
  if (trace > thread.fuelLeft && isStepping(thread)) traceAhead(thread);
  if (!payExtra(thread, extra + trace)) return false;
  if (trace > 0) thread.traced = 0;
  return true;
}

/**
 * As much of the trace as what is left would pay for, before it waits for the rest: in no run is more done than its fuel
 * pays for. Example: a trace of 500,000 in runs of 200,000 is looked at in steps of 200,000, 200,000 and 100,000, and
 * paid for in the third.
 */
function traceAhead(thread: Thread): void {
  const { fuelLeft, traced, context, store } = thread;
  thread.traced = fuelLeft;
  if (fuelLeft > traced) store.traceAhead(thread, (fuelLeft - traced) * context.schedule.traceBytes);
}

/** Makes room for `bytes` on the heap, or waits for the fuel that this costs. Throws as Store.makeRoom does. */
export function makeRoom(thread: Thread, bytes: number): boolean {
  if (!payForRoom(thread, bytes)) return false;
  thread.store.makeRoom(bytes);
  return true;
}

// ---- Calls and returns ----

/** What the header of a function does, once it is lowered: the frame base, arguments and return address are in place. */
export function enter(thread: Thread, index: number): void {
  const { machine: m } = thread;
  if (m.entries[2 * index] === PC_LAZY) {
    // All that is left, not m.fuel: that is what this slice has.
    lowerForCall(thread.context, index, thread.fuelLeft);
    m.bind(m.instance);
  }
  const header = m.entries[2 * index]!;
  const words = m.code[header]!;
  if (!thread.ensureRegisters(m.fp + words)) {
    m.pc = header;
    trap(thread, new StackExhausted(thread.store.limits.stackSlots, "register slots"));
    return;
  }
  const zeros = m.code[header + 1]!;
  if (zeros > 0) {
    const from = m.fp + m.code[header + 2]!;
    m.R.fill(0, from, from + zeros);
  }
  m.pc = header + HEADER_WORDS;
  m.fuel -= m.entries[2 * index + 1]!;
  if (m.fuel < 0) settleFuel(thread);
}

/** Calls a wasm function where there is room for its frames: its arguments are at word `base`. */
export function enterCall(thread: Thread, func: FuncInst, base: number, returnTo: number): void {
  const { machine: m } = thread;
  thread.push(returnTo, m.fp);
  thread.enterInstance(func.instance!, base);
  m.fp = base;
  enter(thread, func.index);
}

/** Goes on in the frame on top. */
export function returnFrame(thread: Thread): void {
  thread.pop();
  payReturn(thread);
}

/** Makes room for another call's frames; traps past the limit. */
export function ensureFrames(thread: Thread): boolean {
  if (thread.hasFrameRoom()) return true;
  trap(thread, new StackExhausted(thread.store.limits.frames, "frames"));
  return false;
}

// ---- Pauses ----

/** After a host call: stops here if the host asked to. Fixed return points belong to no function: not at those. */
export function checkPause(thread: Thread): void {
  if (thread.pauseRequested && thread.outcome === null && thread.machine.pc >= PC_FIRST) pauseHere(thread);
}

function pauseHere(thread: Thread): void {
  stepHere(thread);
  thread.pause("request");
}

// ---- Endings ----

/** The outermost function has returned: its results are at the bottom. */
export function finish(thread: Thread): void {
  const { machine: m, func } = thread;
  m.sp = 0;
  thread.outcome = { status: "done", results: readValues(m.R, m.refs, 0, func!.type.results) };
}

/**
 * Ends the thread with a trap at `pc`, or one with this message; gives back what was charged for instructions behind it.
 * @returns undefined, so that operations can return with it
 */
export function trap(thread: Thread, what: Trap | string): undefined {
  const error = typeof what === "string" ? new Trap(what) : what;
  refundRest(thread);
  if (error.backtrace.length === 0) error.backtrace = backtrace(thread);
  thread.outcome = { status: "trapped", error };
  return undefined;
}

/** Ends the thread with what a function of ours threw. */
export function fail(thread: Thread, error: unknown): void {
  if (error instanceof Trap) trap(thread, error);
  else if (error instanceof EscapementError) {
    if ("backtrace" in error && thread.machine.sp > 0) error.backtrace = backtrace(thread);
    thread.outcome = { status: "failed", error: error as HostError | UsageError | Crash };
  } else {
    const crash = new Crash(`internal error: ${error instanceof Error ? error.message : String(error)}`);
    crash.cause = error;
    thread.outcome = { status: "failed", error: crash };
  }
}
