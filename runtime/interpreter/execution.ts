// An execution: one call from the host and everything that it does, until it is done. It can
// stop between any two instructions and go on later; nothing of it lives on the host's stack.
import {
  Crash,
  EscapementError,
  type HostError,
  type MemoryLimitExceeded,
  StackExhausted,
  Trap,
  UsageError,
} from "../errors.js";
import { HEADER_WORDS, type ModuleContext } from "../lowering/function-lowering.js";
import { lowerFunction } from "../lowering/lower.js";
import { PC_EXIT, PC_FIRST, PC_LEAVE_INSTANCE } from "../register-code/register-code.js";
import { describeValue, type RawValue, readRaws, readValues, type Value, writeValues } from "../store/convert.js";
import { FuncInst } from "../store/func.js";
import type { RootSource, VisitRef } from "../store/heap-trace.js";
import type { ModuleInstance } from "../store/module-instance.js";
import { belongsTo } from "../store/ownership.js";
import type { ExnInst } from "../store/refs.js";
import { Store } from "../store/store.js";
import { TRAP_MESSAGES } from "../trap-codes.js";
import { slotsOfAll } from "../values.js";
import { stepAside } from "./access-copy.js";
import type { Caller } from "./caller.js";
import * as exits from "./exits.js";
import { dispatch } from "./generated/dispatch.generated.js";
import {
  callHost,
  type HostFrame,
  type PendingHostCall,
  paidByHostCall,
  repeatHostCall,
  resumeHostFrame,
  settleHostCall,
} from "./host-calls.js";
import { FRAME_SLACK, Machine } from "./machine.js";
import { farAccess, perform } from "./operations.js";
import { backtrace, refundRest, stepHere, wordsInUse } from "./positions.js";
import { visitArguments, visitFrames } from "./roots.js";
import { countFuel, nextSlice } from "./warm-up.js";

export type RunResult =
  | { readonly status: "done"; readonly results: Value[] }
  /** Out of fuel; asked to by requestPause; or a host function returned a promise. */
  | { readonly status: "paused"; readonly reason: "fuel" | "request" | "host" }
  | { readonly status: "trapped"; readonly error: Trap }
  /** A guest exception that nothing caught. */
  | { readonly status: "threw"; readonly exception: ExnInst }
  /** A host function failed. */
  | { readonly status: "failed"; readonly error: HostError | UsageError | Crash };

/** Fuel that the loop is given at once; the rest waits in `budget`. An int32 with room below zero. */
const SLICE = 2 ** 30;

export interface ExecutionOptions {
  /** Another dispatch loop, for measurements. */
  readonly dispatch?: (m: Machine) => number;
}

/** The call of an execution, and its fuel. */
export interface Suspension {
  readonly func: FuncInst;
  readonly fuelGranted: number;
  readonly fuelLeft: number;
}

export class Execution implements RootSource {
  readonly machine = new Machine();
  /** Instances to return to, one for each frame that returns to PC_LEAVE_INSTANCE. */
  readonly instances: ModuleInstance[] = [];
  /** Host functions that wait for a guest function they called, one for each frame that returns to PC_HOST_RETURN. */
  readonly hostFrames: HostFrame[] = [];
  /** A host call that has begun and has no result yet. */
  pendingHost: PendingHostCall | null = null;
  /** Set by whatever ends or pauses the run. */
  outcome: RunResult | null = null;
  /** Fuel beyond the current slice. */
  private budget = 0;
  private granted = 0;
  /** Fuel that warm-up.ts has been told of. */
  private fuelCounted = 0;
  private func: FuncInst | null = null;
  private state: "new" | "ready" | "running" | "over" | "abandoned" = "new";
  private pauseRequested = false;
  private readonly dispatch: (m: Machine) => number;
  /** Made when the first host function is called. */
  caller: Caller | null = null;

  constructor(
    readonly store: Store,
    options: ExecutionOptions = {},
  ) {
    if (!(store instanceof Store)) throw new UsageError("an execution needs a Store");
    this.dispatch = options.dispatch ?? dispatch;
    this.applyLimits();
  }

  /** Arrays have a least size, which may be above the store's limits. */
  private applyLimits(): void {
    const { stackSlots, frames } = this.store.limits;
    const { machine: m } = this;
    if (m.registerLimit > stackSlots * 2) m.allocateRegisters(stackSlots * 2);
    m.frameLimit = Math.min(m.frameLimit, frames * 2);
  }

  // ---- The embedder's side ----

  /**
   * Prepares a call; {@link run} begins it.
   * @throws UsageError if an argument does not fit, the function is another store's, or something was started before
   */
  start(func: FuncInst, args: readonly Value[] = []): this {
    return this.begin(func, args, false);
  }
  /** As {@link start}, with arguments as raw bits and references. */
  startRaw(func: FuncInst, args: readonly RawValue[] = []): this {
    return this.begin(func, args, true);
  }

  private begin(func: FuncInst, args: readonly unknown[], raw: boolean): this {
    if (this.state !== "new") throw new UsageError("an execution is started once");
    const { machine: m, store } = this;
    this.checkFunc(func, "start");
    const slots = Math.max(slotsOfAll(func.type.params), slotsOfAll(func.type.results));
    if (!this.ensureRegisters(slots * 2)) throw new StackExhausted(store.limits.stackSlots, "register slots");
    writeValues(m.R, m.refs, 0, func.type.params, args, store, raw, "argument", "call");
    this.func = func;
    this.state = "ready";
    store.roots.add(this);
    return this;
  }

  /**
   * What an execution that waits to be run has beside what is public here: for snapshots.
   * @throws UsageError if it does not wait
   */
  suspension(): Suspension {
    if (this.state !== "ready") throw new UsageError("the execution does not wait to be run");
    // A host call that waits for a promise is made anew when the state is restored, and then pays again.
    return { func: this.func!, fuelGranted: this.granted, fuelLeft: this.fuelLeft + paidByHostCall(this) };
  }
  /** In place of {@link start}: the rest of the state is filled in already. */
  continueFrom({ func, fuelGranted, fuelLeft }: Suspension): void {
    if (this.state !== "new") throw new UsageError("an execution is started once");
    this.func = func;
    this.granted = fuelGranted;
    this.budget = fuelLeft;
    this.applyLimits();
    this.state = "ready";
    this.store.roots.add(this);
  }

  /**
   * Gives up an execution that is paused: it cannot go on, and objects that only it refers to are
   * no longer counted. One that is just dropped counts for as long as its store exists.
   * @throws UsageError while it runs
   */
  abandon(): void {
    if (this.state === "running") throw new UsageError("a running execution cannot be abandoned");
    if (this.state === "over") return;
    this.state = "abandoned";
    this.store.roots.delete(this);
  }

  /** @throws UsageError if `func` is no function, or one that this execution's store does not have */
  checkFunc(func: unknown, what: string): asserts func is FuncInst {
    if (!(func instanceof FuncInst)) throw new UsageError(`${what}: found ${describeValue(func)}, expected a function`);
    if (!belongsTo(this.store, func)) {
      throw new UsageError(`${what}: the function belongs to another store or engine than the execution`);
    }
  }

  get isRunning(): boolean {
    return this.state === "running";
  }

  visitRoots(visit: VisitRef): void {
    const { machine: m } = this;
    if (m.sp === 0) visitArguments(m.refs, this.func!.type.params, 0, visit);
    else visitFrames(this, this.state === "ready", visit);
  }

  /**
   * Gives memory back until the next run: room for registers and frames that is not in use, and views
   * that keep buffers of memories alive.
   * @throws UsageError if the execution does not wait to be run
   */
  hibernate(): void {
    const { params, results } = this.suspension().func.type;
    const { machine: m, hostFrames } = this;
    // What host functions that wait for the guest have put where is theirs to know.
    if (hostFrames.length > 0) return;
    m.release(m.sp === 0 ? 2 * Math.max(slotsOfAll(params), slotsOfAll(results)) : wordsInUse(this));
    this.applyLimits();
  }

  /** Fuel used since the start, exactly. */
  get fuelUsed(): number {
    return this.granted - this.fuelLeft;
  }
  /** Fuel granted and not used yet. */
  get fuelLeft(): number {
    return this.budget + this.machine.fuel;
  }

  /** Makes a run that is under way stop at the next host call or boundary between slices. */
  requestPause(): void {
    this.pauseRequested = true;
  }

  /**
   * Runs until the call is done, traps or throws, or until `fuel` and what earlier runs left
   * over is used up. Then it is paused, and another run goes on.
   * @throws UsageError if there is nothing to run
   */
  run(fuel: number): RunResult {
    if (this.state === "new") throw new UsageError("nothing was started");
    if (this.state === "running") throw new UsageError("the execution is running already");
    if (this.state === "over") return this.outcome!;
    if (this.state === "abandoned") throw new UsageError("the execution was abandoned");
    if (!Number.isSafeInteger(fuel) || fuel < 0) throw new UsageError(`fuel is a whole number from 0, not ${fuel}`);
    this.granted += fuel;
    this.budget += fuel;
    this.outcome = null;
    this.state = "running";
    this.pauseRequested = false;
    try {
      this.enterOrResume();
      while (this.outcome === null) this.handle(this.dispatch(this.machine));
    } catch (error) {
      this.fail(error);
    }
    this.countFuel();
    const outcome = this.outcome as unknown as RunResult;
    this.state = outcome.status === "paused" ? "ready" : "over";
    if (this.state === "over") this.store.roots.delete(this);
    return outcome;
  }

  /** As {@link run}, waiting for the promises of host functions. */
  async runAsync(fuel: number): Promise<RunResult> {
    let result = this.run(fuel);
    while (result.status === "paused" && result.reason === "host") {
      await this.settled();
      result = this.run(0);
    }
    return result;
  }

  /** Resolves when the host function that the execution waits for has its result. */
  async settled(): Promise<void> {
    await this.pendingHost?.waiting;
  }

  /** Results of a call that is done. */
  results(): Value[] {
    const { machine: m, func } = this;
    this.checkDone();
    return readValues(m.R, m.refs, 0, func!.type.results);
  }
  /** As {@link results}, as raw bits and references. */
  rawResults(): RawValue[] {
    const { machine: m, func } = this;
    this.checkDone();
    return readRaws(m.R, m.refs, 0, func!.type.results);
  }
  private checkDone(): void {
    if (this.outcome?.status !== "done") throw new UsageError("the execution is not done");
  }

  // ---- Running ----

  private enterOrResume(): void {
    const { machine: m } = this;
    if (this.pendingHost !== null) {
      if (this.pendingHost.instance !== null) m.bind(this.pendingHost.instance);
      if (this.pendingHost.waiting === null) repeatHostCall(this);
      else settleHostCall(this);
      return;
    }
    if (m.sp > 0) {
      m.bind(m.instance);
      return;
    }
    const func = this.func!;
    m.frames[0] = PC_EXIT;
    m.frames[1] = 0;
    m.sp = 2;
    m.fp = 0;
    if (func.host !== null) {
      callHost(this, func, 0, PC_EXIT);
      return;
    }
    m.bind(func.instance!);
    this.enter(func.index);
  }

  private handle(exit: number): void {
    const { machine: m } = this;
    if (exit < 0) {
      if (exit === exits.EXIT_MEMORY) farAccess(this, this.dispatch);
      else if (exit === exits.EXIT_ASIDE) stepAside(this, this.dispatch);
      else if (exit === exits.EXIT_DRIVER) perform(this);
      // Having made room, it does the operation anew.
      else if (exit === exits.EXIT_HEAP) this.store.makeRoom(m.heapRequest);
      else this.trap(new Trap(TRAP_MESSAGES[-exit]!));
      return;
    }
    switch (exit) {
      case exits.EXIT_FUEL:
        this.settleFuel();
        return;
      case exits.EXIT_CALL:
        this.call(m.callee!, m.base, m.returnTo);
        return;
      case exits.EXIT_OPERATION:
        perform(this);
        return;
      case exits.EXIT_LAZY:
        this.enterLazily(m.code[m.pc + 1]!);
        return;
      case exits.EXIT_STACK:
        this.enter(m.arg);
        return;
      case exits.EXIT_FRAMES:
        this.ensureFrames();
        return;
      case exits.EXIT_LEAVE:
        m.bind(this.instances.pop()!);
        this.returnFrame();
        this.checkPause();
        return;
      case exits.EXIT_HOST_RETURN:
        resumeHostFrame(this);
        return;
      case exits.EXIT_CANNOT_PAY:
        this.refill();
        if (m.fuel < m.code[m.pc + 1]!) this.pause("fuel");
        return;
      case exits.EXIT_DONE:
        this.finish();
        return;
      default:
        throw new Crash(`unknown exit ${exit}`);
    }
  }

  /** Lowering's knowledge of the running module. */
  get context(): ModuleContext {
    return this.machine.instance.code.context as ModuleContext;
  }

  private enterLazily(index: number): void {
    // Another execution may have lowered it meanwhile: the stub that brought us here is still the old one.
    if (!this.context.code.fast.has(index)) lowerFunction(this.context, index);
    this.machine.bind(this.machine.instance);
    this.enter(index);
  }

  /** What the header of a function does: the frame base, arguments and return address are in place. */
  enter(index: number): void {
    const { machine: m } = this;
    const header = m.entries[2 * index]!;
    const words = m.code[header]!;
    if (!this.ensureRegisters(m.fp + words)) {
      m.pc = header;
      this.trap(new StackExhausted(this.store.limits.stackSlots, "register slots"));
      return;
    }
    const from = m.fp + m.code[header + 2]!;
    m.R.fill(0, from, from + m.code[header + 1]!);
    m.pc = header + HEADER_WORDS;
    m.fuel -= m.entries[2 * index + 1]!;
    if (m.fuel < 0) this.settleFuel();
  }

  /** Calls any function: its arguments are at word `base`, and `returnTo` is where this frame goes on. */
  call(func: FuncInst, base: number, returnTo: number): void {
    if (func.host !== null) {
      callHost(this, func, base, returnTo);
      return;
    }
    if (this.ensureFrames()) this.enterCall(func, base, returnTo);
  }

  /** As {@link call}, of a wasm function, where there is room for its frames. */
  enterCall(func: FuncInst, base: number, returnTo: number): void {
    const { machine: m } = this;
    this.push(returnTo, m.fp);
    this.enterInstance(func.instance!, base);
    m.fp = base;
    this.enter(func.index);
  }

  /** A call in tail position: the arguments are at the head of this frame, which the callee takes over. */
  tailCall(func: FuncInst): void {
    const { machine: m } = this;
    if (func.host !== null) {
      callHost(this, func, m.fp, 0);
      return;
    }
    // A frame that returns to another instance already stays as it is: cross-instance tail calls do not pile up.
    if (m.frames[m.sp - 2] === PC_LEAVE_INSTANCE) m.bind(func.instance!);
    else {
      if (!this.ensureFrames()) return;
      this.enterInstance(func.instance!, m.fp);
    }
    this.enter(func.index);
  }

  /** Makes `instance` the running one until the frame at word `base` returns. */
  enterInstance(instance: ModuleInstance, base: number): void {
    const { machine: m } = this;
    if (instance === m.instance) return;
    this.instances.push(m.instance);
    this.push(PC_LEAVE_INSTANCE, base);
    m.bind(instance);
  }

  push(returnTo: number, fp: number): void {
    const { machine: m } = this;
    m.frames[m.sp] = returnTo;
    m.frames[m.sp + 1] = fp;
    m.sp += 2;
  }

  /** Goes on in the frame on top. */
  returnFrame(): void {
    const { machine: m } = this;
    m.sp -= 2;
    m.pc = m.frames[m.sp]!;
    m.fp = m.frames[m.sp + 1]!;
    this.payReturn();
  }
  /** Pays for the segment at `pc`, behind a call. */
  payReturn(): void {
    const { machine: m } = this;
    m.fuel -= m.code[m.pc - 1]!;
    if (m.fuel < 0) this.settleFuel();
  }

  // ---- Fuel ----

  private countFuel(): void {
    const used = this.fuelUsed;
    countFuel(used - this.fuelCounted);
    this.fuelCounted = used;
  }

  private refill(): void {
    const { machine: m } = this;
    this.countFuel();
    const grant = Math.min(this.budget, Math.max(0, nextSlice(SLICE) - m.fuel));
    m.fuel += grant;
    this.budget -= grant;
  }

  /** A segment was charged that the slice could not pay: from the budget, or by going on in small steps. */
  settleFuel(): void {
    this.refill();
    if (this.machine.fuel < 0) stepHere(this);
    else if (this.pauseRequested) this.pauseHere();
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

  /** Gives fuel back that was charged for what is done again later. */
  giveBack(fuel: number): void {
    this.budget += fuel;
  }

  /** After a host call: stops here if the host asked to. Fixed return points belong to no function: not at those. */
  checkPause(): void {
    if (this.pauseRequested && this.outcome === null && this.machine.pc >= PC_FIRST) this.pauseHere();
  }

  private pauseHere(): void {
    stepHere(this);
    this.pause("request");
  }

  pause(reason: "fuel" | "request" | "host"): void {
    this.pauseRequested = false;
    this.outcome = { status: "paused", reason };
  }

  // ---- Limits ----

  /** Makes room for `words` of registers; false past the limit. */
  ensureRegisters(words: number): boolean {
    const { machine: m } = this;
    if (words <= m.registerLimit) return true;
    const limit = this.store.limits.stackSlots * 2;
    if (words > limit) return false;
    m.allocateRegisters(Math.min(limit, Math.max(words, m.registerLimit * 2)));
    return true;
  }

  /** Makes room for another call's frames; traps past the limit. */
  ensureFrames(): boolean {
    const { machine: m } = this;
    if (m.sp <= m.frameLimit) return true;
    const limit = this.store.limits.frames * 2;
    if (m.sp > limit) {
      this.trap(new StackExhausted(this.store.limits.frames, "frames"));
      return false;
    }
    // With the slack on top of the limit, the loop's check and this one agree at the limit.
    m.allocateFrames(Math.min(m.frames.length * 2, limit + FRAME_SLACK));
    return true;
  }

  // ---- Endings ----

  /** A host function that was started itself has returned. */
  finishHost(): void {
    this.finish();
  }

  private finish(): void {
    const { machine: m } = this;
    m.sp = 0;
    this.outcome = { status: "done", results: readValues(m.R, m.refs, 0, this.func!.type.results) };
  }

  /** Ends the execution with a trap at `pc`; gives back what was charged for instructions behind it. */
  trap(error: Trap | MemoryLimitExceeded): void {
    refundRest(this);
    if (error.backtrace.length === 0) error.backtrace = backtrace(this);
    this.outcome = { status: "trapped", error };
  }

  /** Ends the execution with what a function of ours threw. */
  fail(error: unknown): void {
    if (error instanceof Trap) this.trap(error);
    else if (error instanceof EscapementError) {
      if ("backtrace" in error && this.machine.sp > 0) error.backtrace = backtrace(this);
      this.outcome = { status: "failed", error: error as HostError | UsageError | Crash };
    } else {
      const crash = new Crash(`internal error: ${error instanceof Error ? error.message : String(error)}`);
      crash.cause = error;
      this.outcome = { status: "failed", error: crash };
    }
  }
}
