// Calls into the embedder: values across, promises, exceptions of either side, and host
// functions that call back into the guest. Nothing of a host call stays on the host's stack.
import { EscapementError, HostError, StackExhausted, Trap, UsageError } from "../errors.js";
import { PC_EXIT, PC_HOST_RETURN, PC_INVOKE_RETURN, PC_LEAVE_INSTANCE } from "../register-code/register-code.js";
import { readRaws, readValues, type Value, writeValues } from "../store/convert.js";
import type { FuncInst } from "../store/func.js";
import { exceptionBytes } from "../store/heap.js";
import type { ModuleInstance } from "../store/module-instance.js";
import { ExnInst } from "../store/refs.js";
import type { TagInst } from "../store/tag.js";
import { UncaughtException } from "../store/uncaught-exception.js";
import { isThenable } from "../thenable.js";
import { slotsOfAll } from "../values.js";
import { Caller } from "./caller.js";
import type { Execution } from "./execution.js";
import type { Machine } from "./machine.js";
import { throwException, unwindToInvoke } from "./unwind.js";

/**
 * Thrown by Caller.chargeFuel where fuel is short; a host function must not swallow it. One that throws it by itself
 * is called again in the next run.
 */
export class FuelPause extends EscapementError {
  override readonly name = "FuelPause";
  readonly kind = "fuel";
  /** @param fuel what could not be paid */
  constructor(readonly fuel = Number.POSITIVE_INFINITY) {
    super();
  }
}

/** Thrown by a host function: unwinds to the nearest `invoke_*` frame (Emscripten's longjmp). */
export class LongjmpUnwind extends EscapementError {
  override readonly name = "LongjmpUnwind";
  readonly kind = "exception";
}

/** Thrown by a host function: a guest exception, for the guest's handlers. */
export class GuestException extends EscapementError {
  override readonly name = "GuestException";
  readonly kind = "exception";
  constructor(
    readonly tag: TagInst,
    readonly args: readonly Value[] = [],
  ) {
    super("guest exception");
  }
}

/** Returned by a host function that wants the guest to run `func`; see Caller.callGuest. */
export class GuestCall {
  constructor(
    readonly func: FuncInst,
    readonly args: readonly Value[],
    // Not called `then`: an async function may return this object, and would wait for one that has a `then`.
    readonly resume: (caller: never, results: Value[]) => unknown,
  ) {}
}

/** The rest of a host function whose guest call has returned. */
export interface Continuation {
  readonly results: readonly Value[];
  readonly resume: (caller: never, results: Value[]) => unknown;
}

/** A host call that has begun. */
export interface PendingHostCall {
  readonly func: FuncInst;
  /** Word of the first argument, and later of the first result. */
  readonly base: number;
  /** Where the calling frame goes on; 0 if it is left for good (a tail call). */
  readonly returnTo: number;
  /** The calling instance; null if the host called the function itself. */
  readonly instance: ModuleInstance | null;
  /** What is called in place of the host function, once the guest function that it called has returned. */
  readonly continuation: Continuation | null;
  /** Fuel of the execution that was used when the function, or its continuation, was called. */
  usedBefore: number;
  /** Set while a promise is waited for. */
  waiting: Promise<void> | null;
  /** What the promise settled to. */
  settled: { readonly ok: boolean; readonly value: unknown } | null;
}

/** A host function that waits for the guest function it called. */
export interface HostFrame {
  readonly call: PendingHostCall;
  readonly guest: FuncInst;
  /** Word of the guest function's first argument and first result. */
  readonly base: number;
  readonly resume: (caller: never, results: Value[]) => unknown;
}

/** A host call that is about to be made. */
export function newHostCall(
  func: FuncInst,
  base: number,
  returnTo: number,
  instance: ModuleInstance | null,
  continuation: Continuation | null = null,
): PendingHostCall {
  return { func, base, returnTo, instance, continuation, usedBefore: 0, waiting: null, settled: null };
}

/** Calls a host function whose arguments are at word `base`. */
export function callHost(x: Execution, func: FuncInst, base: number, returnTo: number): void {
  const { machine: m } = x;
  if (func.invokeTypeId >= 0) {
    invoke(x, func, base, returnTo);
    return;
  }
  // Results may take more room than the arguments that the caller made room for.
  if (!x.ensureRegisters(base + 2 * slotsOfAll(func.type.results))) {
    x.trap(new StackExhausted(x.store.limits.stackSlots, "register slots"));
    return;
  }
  x.pendingHost = newHostCall(func, base, returnTo, m.instance ?? null);
  standInCall(m, returnTo);
  repeatHostCall(x);
}

/** For handlers and backtraces: in the call that returns to `returnTo`, not behind it; a tail call has left its frame. */
function standInCall(m: Machine, returnTo: number): void {
  m.pc = returnTo > 0 ? returnTo - 1 : 0;
}

/** Makes the pending host call, or calls its continuation, for the first time or anew after a pause. */
export function repeatHostCall(x: Execution): void {
  const call = x.pendingHost!;
  call.usedBefore = x.fuelUsed;
  x.caller ??= new Caller(x);
  let result: unknown;
  try {
    result = call.continuation === null ? callFunction(x, call, x.caller) : callRest(call.continuation, x.caller);
  } catch (thrown) {
    raise(x, thrown);
    return;
  }
  takeResult(x, result);
}

function callFunction({ machine: m }: Execution, { func, base }: PendingHostCall, caller: Caller): unknown {
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
function takeBack(x: Execution, { fuel }: FuelPause): boolean {
  const paid = paidByHostCall(x);
  x.giveBack(paid);
  return x.fuelLeft >= paid + fuel;
}

/** What the pending host call has paid by itself so far: it pays that again when it is made anew. */
export function paidByHostCall(x: Execution): number {
  return x.pendingHost === null ? 0 : x.fuelUsed - x.pendingHost.usedBefore;
}

function takeResult(x: Execution, result: unknown): void {
  const call = x.pendingHost!;
  let kind: ResultKind;
  try {
    kind = kindOf(result);
  } catch (error) {
    raise(x, error);
    return;
  }
  if (kind === "call") {
    startGuestCall(x, call, result as GuestCall);
    return;
  }
  if (kind === "promise") {
    call.waiting = Promise.resolve(result as PromiseLike<unknown>).then(
      (value) => {
        call.settled = { ok: true, value };
      },
      (value) => {
        call.settled = { ok: false, value };
      },
    );
    x.pause("host");
    return;
  }
  finishHostCall(x, result);
}

type ResultKind = "call" | "promise" | "value";

/** What a host function has returned. Throws what the object throws when it is asked. */
function kindOf(result: unknown): ResultKind {
  if (result instanceof GuestCall) return "call";
  return isThenable(result) ? "promise" : "value";
}

/** Goes on after a pause for a promise, if it has settled. */
export function settleHostCall(x: Execution): void {
  const call = x.pendingHost!;
  if (call.settled === null) {
    x.pause("host");
    return;
  }
  const { ok, value } = call.settled;
  call.waiting = null;
  call.settled = null;
  if (ok) takeResult(x, value);
  else {
    // Fuel may have come while the promise was waited for.
    const error = examinable(value);
    if (error instanceof FuelPause && takeBack(x, error)) repeatHostCall(x);
    else raise(x, value);
  }
}

function finishHostCall(x: Execution, result: unknown): void {
  const { machine: m } = x;
  const { func, base, returnTo, instance } = x.pendingHost!;
  const { results } = func.type;
  const host = func.host!;
  try {
    // A function without results may return anything, as arrow functions do.
    const values = results.length === 0 ? [] : results.length === 1 ? [result] : result;
    if (!Array.isArray(values)) throw new UsageError(`${host.name}: expected an array of ${results.length} results`);
    writeValues(m.R, m.refs, base >> 1, results, values, x.store, host.raw, "result", host.name);
  } catch (error) {
    raise(x, error);
    return;
  }
  x.pendingHost = null;
  if (instance === null) {
    // Called by the host itself, as the execution's outermost function.
    x.finishHost();
    return;
  }
  // Memories may have grown, and functions been lowered, meanwhile.
  m.bind(m.instance);
  if (returnTo === 0) x.returnFrame();
  else {
    m.pc = returnTo;
    x.payReturn();
  }
  x.checkPause();
}

/** What a host function threw: for the guest, or the end. */
function raise(x: Execution, thrown: unknown): void {
  const { func, returnTo } = x.pendingHost!;
  const error = examinable(thrown);
  if (error instanceof FuelPause) {
    takeBack(x, error);
    x.pause("fuel");
    return;
  }
  // While the call is still pending: the heap may have to be traced for room.
  const exception = error instanceof GuestException ? exceptionOf(x, error) : null;
  x.pendingHost = null;
  if (x.machine.instance !== undefined) x.machine.bind(x.machine.instance);
  if (exception !== null) throwException(x, exception);
  else if (error instanceof UncaughtException) throwException(x, error.exception);
  else if (error instanceof LongjmpUnwind) {
    // A host function that is itself what invoke_* calls has no frame of its own.
    const invoked = returnTo === PC_INVOKE_RETURN ? x.machine.fp : -1;
    if (!unwindToInvoke(x, invoked))
      x.fail(new HostError(func.host!.name, new Error("longjmp without an invoke frame")));
  } else if (error instanceof Trap) x.trap(error);
  else if (error instanceof EscapementError) x.fail(error);
  else x.fail(new HostError(func.host!.name, error));
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

function exceptionOf(x: Execution, { tag, args }: GuestException): ExnInst {
  const { params } = tag.type;
  const slots = slotsOfAll(params);
  x.store.chargeHeap(exceptionBytes(slots));
  const words = new Int32Array(slots * 2);
  const refs = new Array(slots).fill(null);
  writeValues(words, refs, 0, params, args, x.store, false, "argument", "exception");
  return new ExnInst(tag, words, refs);
}

// ---- Host functions that call the guest ----

function startGuestCall(x: Execution, call: PendingHostCall, request: GuestCall): void {
  const { machine: m } = x;
  const { func, args, resume } = request;
  const base = call.base + 2 * Math.max(slotsOfAll(call.func.type.params), slotsOfAll(call.func.type.results));
  const room = 2 * Math.max(slotsOfAll(func.type.params), slotsOfAll(func.type.results));
  if (!x.ensureRegisters(base + room)) {
    x.trap(new StackExhausted(x.store.limits.stackSlots, "register slots"));
    return;
  }
  if (!x.ensureFrames()) return;
  try {
    x.checkFunc(func, "guest call");
    writeValues(m.R, m.refs, base >> 1, func.type.params, args, x.store, false, "argument", "guest call");
  } catch (error) {
    raise(x, error);
    return;
  }
  x.pendingHost = null;
  x.hostFrames.push({ call, guest: func, base, resume });
  const running = m.instance ?? func.instance;
  if (running !== null) m.bind(running);
  // The frame that the host function will return to, below the one that returns to it.
  x.push(call.returnTo, m.fp);
  x.call(func, base, PC_HOST_RETURN);
}

/** The guest function that a host function called has returned. */
export function resumeHostFrame(x: Execution): void {
  const { machine: m } = x;
  const { call, guest, base, resume } = x.hostFrames.pop()!;
  m.sp -= 2;
  m.fp = m.frames[m.sp + 1]!;
  standInCall(m, call.returnTo);
  const results = readValues(m.R, m.refs, base >> 1, guest.type.results);
  x.pendingHost = newHostCall(call.func, call.base, call.returnTo, call.instance, { results, resume });
  repeatHostCall(x);
}

// ---- Emscripten's invoke_* ----

/**
 * The general form of what `call_import` does in the loop, with its traps. Table, stack pointer and
 * `setThrew` are those of the instance that the function was made for, whoever calls it.
 */
function invoke(x: Execution, func: FuncInst, base: number, returnTo: number): void {
  const { machine: m } = x;
  const owner = func.invokeInstance!;
  if (m.instance === undefined) m.bind(owner);
  m.pc = returnTo > 0 ? returnTo - 1 : 0;
  const elements = owner.tables[0]?.elements ?? [];
  const index = m.R[base]! >>> 0;
  if (index >= elements.length) {
    x.trap(new Trap("undefined element"));
    return;
  }
  const target = elements[index] as FuncInst | null;
  if (target === null || target.typeId !== func.invokeTypeId) {
    x.trap(new Trap(target === null ? "uninitialized element" : "indirect call type mismatch"));
    return;
  }
  // One check for all of its frames, as in the loop: FRAME_SLACK has room for them.
  if (!x.ensureFrames()) return;
  // In tail position, and called by the embedder, the frame below is the one to return to already.
  const isTail = returnTo === 0;
  if (!isTail && returnTo !== PC_EXIT) x.push(returnTo, m.fp);
  if (isTail && m.frames[m.sp - 2] === PC_LEAVE_INSTANCE) m.bind(owner);
  else x.enterInstance(owner, base);
  m.R[base] = m.globals[m.stackPointer]!;
  m.fp = base;
  if (target.host !== null) callHost(x, target, base + 2, PC_INVOKE_RETURN);
  else x.enterCall(target, base + 2, PC_INVOKE_RETURN);
}
