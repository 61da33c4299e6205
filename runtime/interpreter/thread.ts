// A thread: all that a call of the guest is between two instructions. Registers and frames are in its machine; beside
// them it has the instances and host functions to return to, a host call that waits, and the fuel. It knows nothing of
// what runs it: operations, positions, roots, unwinding and the driver stand on it, Execution (its face) on all of them.
//
// Example: main of instance A calls f of instance B, which calls a host function that has the guest run g:
//   frames     EXIT | LEAVE_INSTANCE, A's return point | HOST_RETURN, B's return point | g's own are not pushed yet
//   instances  A          (for LEAVE_INSTANCE)
//   hostFrames the host function (for HOST_RETURN)
import type { Crash, HostError, Trap, UsageError } from "../errors.js";
import type { ModuleContext } from "../lowering/module-context.js";
import { PC_HIDDEN, PC_LEAVE_INSTANCE } from "../register-code/register-code.js";
import type { Value } from "../store/convert.js";
import type { FuncInst } from "../store/func.js";
import type { ModuleInstance } from "../store/module-instance.js";
import type { ExnInst } from "../store/refs.js";
import type { StoreState } from "../store/store-state.js";
import { FRAME_SLACK, Machine } from "./machine.js";

export type RunResult =
  | { readonly status: "done"; readonly results: Value[] }
  /** Out of fuel; asked to by requestPause; or a host function returned a promise. */
  | { readonly status: "paused"; readonly reason: "fuel" | "request" | "host" }
  | { readonly status: "trapped"; readonly error: Trap }
  /** A guest exception that nothing caught. */
  | { readonly status: "threw"; readonly exception: ExnInst }
  /** A host function failed. */
  | { readonly status: "failed"; readonly error: HostError | UsageError | Crash };

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
  /** Fuel of the thread that was used when the function, or its continuation, was called. */
  usedBefore: number;
  /** Set while a promise is waited for. */
  waiting: Promise<void> | null;
  /** What the promise settled to. */
  settled: { readonly ok: boolean; readonly value: unknown } | null;
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

/** A host function that waits for the guest function it called. */
export interface HostFrame {
  readonly call: PendingHostCall;
  readonly guest: FuncInst;
  /** Word of the guest function's first argument and first result. */
  readonly base: number;
  readonly resume: (caller: never, results: Value[]) => unknown;
}

export class Thread {
  readonly machine = new Machine();
  /** The function that was started. */
  func: FuncInst | null = null;
  /** Instances to return to, one for each frame that returns to PC_LEAVE_INSTANCE. */
  readonly instances: ModuleInstance[] = [];
  /** Host functions that wait for a guest function they called, one for each frame that returns to PC_HOST_RETURN. */
  readonly hostFrames: HostFrame[] = [];
  /** A host call that has begun and has no result yet. */
  pendingHost: PendingHostCall | null = null;
  /** Set by whatever ends or pauses the run. */
  outcome: RunResult | null = null;
  pauseRequested = false;
  /** Whether a lack of fuel stops at the very instruction, and not before the segment that cannot be paid whole. */
  exact = true;
  /** It waits behind the charge of a segment that could not be paid: the machine's fuel is negative. */
  inDebt = false;
  /** A slice has ended where another tier may go on (tier.ts). */
  sliceEnded = false;
  /** How often it has been driven: each time may be another turn of the host's event loop. */
  runs = 0;
  /** Fuel that warm-up.ts has been told of. */
  fuelCounted = 0;
  /** Of the fuel that is gathered for a trace of the heap: for how much of it the trace was begun. */
  traced = 0;
  /**
   * Frames that compiled code has below the host function that it has called, and of which no more is known, beside those
   * of the machine; 0 if it has called none.
   */
  hiddenFrames = 0;
  /** A host function has asked for those frames: its call is made anew where they are known. */
  wantsFrames = false;
  /** Fuel given since the start. */
  private granted = 0;
  /** Fuel beyond the machine's current slice. */
  private budget = 0;

  constructor(readonly store: StoreState) {
    this.applyLimits();
  }

  /** Lowering's knowledge of the running module. */
  get context(): ModuleContext {
    return this.machine.instance.code.context as ModuleContext;
  }

  /** Makes a thread that is over as good as new; false if it is not worth it. */
  renew(): boolean {
    if (!this.machine.rest()) return false;
    this.func = null;
    this.instances.length = 0;
    this.hostFrames.length = 0;
    this.pendingHost = null;
    this.outcome = null;
    this.pauseRequested = false;
    this.inDebt = false;
    this.sliceEnded = false;
    this.hiddenFrames = 0;
    this.wantsFrames = false;
    this.fuelCounted = 0;
    this.traced = 0;
    this.granted = 0;
    this.budget = 0;
    return true;
  }

  // ---- Fuel ----

  /** Fuel used since the start, exactly. */
  get fuelUsed(): number {
    return this.granted - this.fuelLeft;
  }
  /** Fuel granted and not used yet. */
  get fuelLeft(): number {
    return this.budget + this.machine.fuel;
  }
  get fuelGranted(): number {
    return this.granted;
  }

  grant(fuel: number): void {
    this.granted += fuel;
    this.budget += fuel;
  }

  /** The fuel of a state that was captured: `left` of `granted`. */
  setFuel(granted: number, left: number): void {
    this.granted = granted;
    this.budget = left - this.machine.fuel;
  }

  /** Fills the machine's slice up to `slice`, from the budget. */
  refill(slice: number): void {
    const { machine: m } = this;
    const grant = Math.min(this.budget, Math.max(0, slice - m.fuel));
    m.fuel += grant;
    this.budget -= grant;
  }

  /** Takes what the slice has beyond `slice` back into the budget. */
  shorten(slice: number): void {
    const { machine: m } = this;
    if (m.fuel <= slice) return;
    this.budget += m.fuel - slice;
    m.fuel = slice;
  }

  /** Charges `fuel` if that much is left. */
  tryPay(fuel: number): boolean {
    const { machine: m } = this;
    if (fuel > this.fuelLeft) return false;
    if (fuel <= m.fuel) m.fuel -= fuel;
    else {
      this.budget -= fuel - m.fuel;
      m.fuel = 0;
    }
    return true;
  }

  /** Takes back what was granted and is not used. */
  withdraw(): void {
    this.granted -= this.fuelLeft;
    this.budget = 0;
    this.machine.fuel = 0;
  }

  /** Gives fuel back that was charged for what is done again later. */
  giveBack(fuel: number): void {
    this.budget += fuel;
  }

  /** What the pending host call has paid by itself so far: it pays that again when it is made anew. */
  get paidByHostCall(): number {
    return this.pendingHost === null ? 0 : this.fuelUsed - this.pendingHost.usedBefore;
  }

  pause(reason: "fuel" | "request" | "host"): void {
    this.pauseRequested = false;
    this.outcome = { status: "paused", reason };
  }

  // ---- Frames ----

  push(returnTo: number, fp: number): void {
    const { machine: m } = this;
    m.frames[m.sp] = returnTo;
    m.frames[m.sp + 1] = fp;
    m.sp += 2;
  }

  /** Puts frames that stand for those of compiled code below a host function. */
  pushHidden(count: number): void {
    const { machine: m } = this;
    this.reserveFrames(count);
    m.frames.fill(PC_HIDDEN, m.sp, m.sp + 2 * count);
    m.sp += 2 * count;
  }

  /** Goes on in the frame on top, whose segment behind the call is not paid yet. */
  pop(): void {
    const { machine: m } = this;
    m.sp -= 2;
    m.pc = m.frames[m.sp]!;
    m.fp = m.frames[m.sp + 1]!;
  }

  /** Makes `instance` the running one until the frame at word `base` returns. */
  enterInstance(instance: ModuleInstance, base: number): void {
    const { machine: m } = this;
    if (instance === m.instance) return;
    this.instances.push(m.instance);
    this.push(PC_LEAVE_INSTANCE, base);
    m.bind(instance);
  }

  /** Makes the instance below a frame of PC_LEAVE_INSTANCE the running one again. */
  leaveInstance(): void {
    this.machine.bind(this.instances.pop()!);
  }

  // ---- Limits ----

  /** Arrays have a least size, which may be above the store's limits. */
  applyLimits(): void {
    const { stackSlots, frames } = this.store.limits;
    const { machine: m } = this;
    if (m.registerLimit > stackSlots * 2) m.allocateRegisters(stackSlots * 2);
    m.frameLimit = Math.min(m.frameLimit, frames * 2);
  }

  /** Makes room for `words` of registers; false past the limit. */
  ensureRegisters(words: number): boolean {
    const { machine: m } = this;
    if (words <= m.registerLimit) return true;
    const limit = this.store.limits.stackSlots * 2;
    if (words > limit) return false;
    m.allocateRegisters(Math.min(limit, Math.max(words, m.registerLimit * 2)));
    return true;
  }

  /** Makes room for `count` more frames, which are within the limit. */
  reserveFrames(count: number): void {
    const { machine: m } = this;
    const words = m.sp + 2 * count + FRAME_SLACK;
    if (words > m.frames.length) m.allocateFrames(Math.max(words, m.frames.length * 2));
    m.frameLimit = Math.min(m.frameLimit, this.store.limits.frames * 2);
  }

  /** Makes room for another call's frames; false past the limit. */
  hasFrameRoom(): boolean {
    const { machine: m } = this;
    if (m.sp <= m.frameLimit) return true;
    const limit = this.store.limits.frames * 2;
    if (m.sp > limit) return false;
    // With the slack on top of the limit, the loop's check and this one agree at the limit.
    m.allocateFrames(Math.min(m.frames.length * 2, limit + FRAME_SLACK));
    return true;
  }
}
