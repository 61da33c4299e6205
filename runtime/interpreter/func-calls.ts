// Calls of any function, and above all into the embedder: values across, promises, exceptions of either side, and host
// functions that call back into the guest. Nothing of a host call stays on the host's stack.
//
// Example: a host function returns a promise. pendingHost has the call, the run ends with "paused: host". The next run
// takes up pendingHost: if the promise has settled, its value is written where the arguments were, and the caller goes on.
import { EscapementError, HostError, StackExhausted, Trap, UsageError } from "../errors.js";
import { PC_HOST_RETURN, PC_LEAVE_INSTANCE } from "../register-code/register-code.js";
import { describeValue, readRaws, readValues, type Value, writeValues } from "../store/convert.js";
import { FuncInst } from "../store/func.js";
import { exceptionBytes } from "../store/heap.js";
import type { Owner } from "../store/owner.js";
import { belongsTo } from "../store/ownership.js";
import { ExnInst } from "../store/refs.js";
import { UncaughtException } from "../store/uncaught-exception.js";
import { isThenable } from "../thenable.js";
import { slotsOfAll } from "../values.js";
import { Caller } from "./caller.js";
import { checkPause, ensureFrames, enter, enterCall, fail, finish, payReturn, returnFrame, trap } from "./flow.js";
import { FuelPause, GuestCall, GuestException, HostUnwind } from "./host-signals.js";
import type { Machine } from "./machine.js";
import { type Continuation, newHostCall, type PendingHostCall, type Thread } from "./thread.js";
import { throwException } from "./unwind.js";

/** HostCode.enter, as the interpreter calls it. */
type EnterHost = (thread: Thread, func: FuncInst, base: number, returnTo: number) => void;

/** @throws UsageError if `func` is no function, or one that the store does not have */
export function checkFunc(store: Owner, func: unknown, what: string): asserts func is FuncInst {
  if (!(func instanceof FuncInst)) throw new UsageError(`${what}: found ${describeValue(func)}, expected a function`);
  if (!belongsTo(store, func)) {
    throw new UsageError(`${what}: the function belongs to another store or engine than the execution`);
  }
}

/** Calls any function: its arguments are at word `base`, and `returnTo` is where this frame goes on. */
export function callFunc(thread: Thread, func: FuncInst, base: number, returnTo: number): void {
  if (func.host !== null) callHost(thread, func, base, returnTo);
  else if (ensureFrames(thread)) enterCall(thread, func, base, returnTo);
}

/** A call in tail position: the arguments are at the head of this frame, which the callee takes over. */
export function tailCallFunc(thread: Thread, func: FuncInst): void {
  const { machine: m } = thread;
  if (func.host !== null) {
    callHost(thread, func, m.fp, 0);
    return;
  }
  // A frame that returns to another instance already stays as it is: cross-instance tail calls do not pile up.
  if (m.frames[m.sp - 2] === PC_LEAVE_INSTANCE) m.bind(func.instance!);
  else {
    if (!ensureFrames(thread)) return;
    thread.enterInstance(func.instance!, m.fp);
  }
  enter(thread, func.index);
}

/** Calls a host function whose arguments are at word `base`. */
export function callHost(thread: Thread, func: FuncInst, base: number, returnTo: number): void {
  const { machine: m } = thread;
  const enterHost = func.host!.enter as EnterHost | null;
  if (enterHost !== null) {
    enterHost(thread, func, base, returnTo);
    return;
  }
  // Results may take more room than the arguments that the caller made room for.
  if (!thread.ensureRegisters(base + 2 * slotsOfAll(func.type.results))) {
    trap(thread, new StackExhausted(thread.store.limits.stackSlots, "register slots"));
    return;
  }
  thread.pendingHost = newHostCall(func, base, returnTo, m.instance ?? null);
  standInCall(m, returnTo);
  repeatHostCall(thread);
}

/** For handlers and backtraces: in the call that returns to `returnTo`, not behind it; a tail call has left its frame. */
function standInCall(m: Machine, returnTo: number): void {
  m.pc = returnTo > 0 ? returnTo - 1 : 0;
}

/** Makes the pending host call, or calls its continuation, for the first time or anew after a pause. */
export function repeatHostCall(thread: Thread): void {
  const call = thread.pendingHost!;
  call.usedBefore = thread.fuelUsed;
  const caller = new Caller(thread);
  let result: unknown;
  try {
    result = call.continuation === null ? callHostCode(thread, call, caller) : callRest(call.continuation, caller);
  } catch (thrown) {
    raise(thread, thrown);
    return;
  }
  takeResult(thread, result);
}

function callHostCode({ machine: m }: Thread, { func, base }: PendingHostCall, caller: Caller): unknown {
  const host = func.host!;
  const { params } = func.type;
  const args = host.raw ? readRaws(m.R, m.refs, base >> 1, params) : readValues(m.R, m.refs, base >> 1, params);
  return (host.call as (caller: Caller, args: readonly unknown[]) => unknown)(caller, args);
}

function callRest({ results, resume }: Continuation, caller: Caller): unknown {
  // A copy, which the embedder may change: it may be called again.
  return (resume as (caller: Caller, results: Value[]) => unknown)(caller, [...results]);
}

/**
 * The pending host call could not pay for itself: what it has paid so far is given back, and it is to be made anew.
 * @returns whether all that it asked for is left by now
 */
function takeBack(thread: Thread, { fuel }: FuelPause): boolean {
  const paid = thread.paidByHostCall;
  thread.giveBack(paid);
  return thread.fuelLeft >= paid + fuel;
}

function takeResult(thread: Thread, result: unknown): void {
  const call = thread.pendingHost!;
  let kind: ResultKind;
  try {
    kind = kindOf(result);
  } catch (error) {
    raise(thread, error);
    return;
  }
  if (kind === "call") {
    startGuestCall(thread, call, result as GuestCall);
    return;
  }
  if (kind === "promise") {
    waitFor(thread, result as PromiseLike<unknown>);
    return;
  }
  finishHostCall(thread, result);
}

/** Pauses until the promise that the pending host call has returned settles. */
export function waitFor(thread: Thread, promise: PromiseLike<unknown>): void {
  const call = thread.pendingHost!;
  call.waiting = Promise.resolve(promise).then(
    (value) => {
      call.settled = { ok: true, value };
    },
    (value) => {
      call.settled = { ok: false, value };
    },
  );
  thread.pause("host");
}

type ResultKind = "call" | "promise" | "value";

/** What a host function has returned. Throws what the object throws when it is asked. */
function kindOf(result: unknown): ResultKind {
  if (result instanceof GuestCall) return "call";
  return isThenable(result) ? "promise" : "value";
}

/** Goes on after a pause for a promise, if it has settled. */
export function settleHostCall(thread: Thread): void {
  const call = thread.pendingHost!;
  if (call.settled === null) {
    thread.pause("host");
    return;
  }
  const { ok, value } = call.settled;
  call.waiting = null;
  call.settled = null;
  if (ok) takeResult(thread, value);
  else {
    // Fuel may have come while the promise was waited for.
    const error = examinable(value);
    if (error instanceof FuelPause && takeBack(thread, error)) repeatHostCall(thread);
    else raise(thread, value);
  }
}

/** @throws UsageError if it is no result of the function */
function writeResult({ machine: m, store }: Thread, { func, base }: PendingHostCall, result: unknown): void {
  const { results } = func.type;
  const host = func.host!;
  // A function without results may return anything, as arrow functions do.
  // Copied, since reading it may run code of the host's, and that other guests, which moves registers.
  const many = results.length > 1 && Array.isArray(result) ? [...result] : null;
  const values = results.length === 0 ? [] : results.length === 1 ? [result] : many;
  if (values === null) throw new UsageError(`${host.name}: expected an array of ${results.length} results`);
  writeValues(m.R, m.refs, base >> 1, results, values, store, host.raw, "result", host.name);
}

function finishHostCall(thread: Thread, result: unknown): void {
  const { machine: m } = thread;
  const call = thread.pendingHost!;
  const { returnTo, instance } = call;
  try {
    writeResult(thread, call, result);
  } catch (error) {
    raise(thread, error);
    return;
  }
  thread.pendingHost = null;
  if (instance === null) {
    // Called by the host itself, as the execution's outermost function.
    finish(thread);
    return;
  }
  // Memories may have grown, and functions been lowered, meanwhile.
  m.bind(m.instance);
  if (returnTo === 0) returnFrame(thread);
  else {
    m.pc = returnTo;
    payReturn(thread);
  }
  checkPause(thread);
}

/** What a host function threw: for the guest, or the end. */
function raise(thread: Thread, thrown: unknown): void {
  const { func, returnTo } = thread.pendingHost!;
  const error = examinable(thrown);
  if (error instanceof FuelPause) {
    takeBack(thread, error);
    thread.pause("fuel");
    return;
  }
  // While the call is still pending: the heap may have to be traced for room.
  const exception = error instanceof GuestException ? exceptionOf(thread, error) : null;
  thread.pendingHost = null;
  if (thread.machine.instance !== undefined) thread.machine.bind(thread.machine.instance);
  if (exception !== null) throwException(thread, exception);
  else if (error instanceof UncaughtException) throwException(thread, error.exception);
  else if (error instanceof HostUnwind) {
    const missing = error.unwind(thread, returnTo);
    if (missing !== undefined) fail(thread, new HostError(func.host!.name, new Error(missing)));
  } else if (error instanceof Trap) trap(thread, error);
  else if (error instanceof EscapementError) fail(thread, error);
  else fail(thread, new HostError(func.host!.name, error));
}

/** What was thrown, or an error in its place if not even its class can be asked for: a Proxy may throw again. */
function examinable(thrown: unknown): unknown {
  try {
    void (thrown instanceof Error);
    return thrown;
  } catch {
    return new Error("it threw an object that throws");
  }
}

function exceptionOf(thread: Thread, { tag, args }: GuestException): ExnInst {
  const { params } = tag.type;
  const slots = slotsOfAll(params);
  thread.store.chargeHeap(exceptionBytes(slots));
  const words = new Int32Array(slots * 2);
  const refs = new Array(slots).fill(null);
  writeValues(words, refs, 0, params, args, thread.store, false, "argument", "exception");
  return new ExnInst(tag, words, refs);
}

// ---- Calls by compiled code, whose frames are not the interpreter's yet ----

/** How such a call ended, other than with results. */
export interface HostEnd {
  readonly kind: "threw" | "returned";
  readonly value: unknown;
  /** Fuel of the thread that was used when the function was called. */
  readonly usedBefore: number;
}

/**
 * Calls a host function whose arguments are at word `base`.
 * @returns null if its results are there; "anew" if it has to be called again, with frames that it can ask for; otherwise
 *   what is for {@link endHostCall} when there are such frames
 */
export function callHostDirectly(thread: Thread, func: FuncInst, base: number): HostEnd | "anew" | null {
  const call = newHostCall(func, base, 0, thread.machine.instance);
  thread.pendingHost = call;
  const usedBefore = thread.fuelUsed;
  call.usedBefore = usedBefore;
  let end: HostEnd | null = null;
  try {
    const result = callHostCode(thread, call, new Caller(thread));
    // A pause is in front of what follows the call, and has its results.
    if (kindOf(result) !== "value" || thread.pauseRequested) end = { kind: "returned", value: result, usedBefore };
    else writeResult(thread, call, result);
  } catch (thrown) {
    end = { kind: "threw", value: thrown, usedBefore };
  }
  if (thread.wantsFrames) {
    thread.wantsFrames = false;
    thread.giveBack(thread.paidByHostCall);
    thread.pendingHost = null;
    return "anew";
  }
  thread.pendingHost = null;
  return end;
}

/** Goes on with what {@link callHostDirectly} gave: the frame on top stands in the call, and goes on at `returnTo`. */
export function endHostCall(thread: Thread, func: FuncInst, base: number, returnTo: number, end: HostEnd): void {
  const { machine: m } = thread;
  thread.pendingHost = newHostCall(func, base, returnTo, m.instance);
  thread.pendingHost.usedBefore = end.usedBefore;
  standInCall(m, returnTo);
  if (end.kind === "returned") takeResult(thread, end.value);
  else raise(thread, end.value);
}

// ---- Host functions that call the guest ----

function startGuestCall(thread: Thread, call: PendingHostCall, request: GuestCall): void {
  const { machine: m } = thread;
  const { func, args, resume } = request;
  const base = call.base + 2 * Math.max(slotsOfAll(call.func.type.params), slotsOfAll(call.func.type.results));
  const room = 2 * Math.max(slotsOfAll(func.type.params), slotsOfAll(func.type.results));
  if (!thread.ensureRegisters(base + room)) {
    trap(thread, new StackExhausted(thread.store.limits.stackSlots, "register slots"));
    return;
  }
  if (!ensureFrames(thread)) return;
  try {
    checkFunc(thread.store, func, "guest call");
    writeValues(m.R, m.refs, base >> 1, func.type.params, [...args], thread.store, false, "argument", "guest call");
  } catch (error) {
    raise(thread, error);
    return;
  }
  thread.pendingHost = null;
  thread.hostFrames.push({ call, guest: func, base, resume });
  const running = m.instance ?? func.instance;
  if (running !== null) m.bind(running);
  // The frame that the host function will return to, below the one that returns to it.
  thread.push(call.returnTo, m.fp);
  callFunc(thread, func, base, PC_HOST_RETURN);
}

/** The guest function that a host function called has returned. */
export function resumeHostFrame(thread: Thread): void {
  const { machine: m } = thread;
  const { call, guest, base, resume } = thread.hostFrames.pop()!;
  m.sp -= 2;
  m.fp = m.frames[m.sp + 1]!;
  standInCall(m, call.returnTo);
  const results = readValues(m.R, m.refs, base >> 1, guest.type.results);
  thread.pendingHost = newHostCall(call.func, call.base, call.returnTo, call.instance, { results, resume });
  repeatHostCall(thread);
}
