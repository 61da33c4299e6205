// An execution: one call from the host and everything that it does, until it is done. It can stop between any two
// instructions and go on later; nothing of it lives on the host's stack. This is the face of a thread (thread.ts).
import { type Amount, fuelOf } from "../amount.js";
import { StackExhausted, UsageError } from "../errors.js";
import type { ModuleContext } from "../lowering/module-context.js";
import { readRaws, readValues, type Value, writeValues } from "../store/convert.js";
import type { FuncInst } from "../store/func.js";
import type { RootSource, VisitRef } from "../store/heap-trace.js";
import type { RawValue } from "../store/refs.js";
import { StoreState } from "../store/store-state.js";
import { slotsOfAll } from "../values.js";
import { drive } from "./driver.js";
import { countUsed, settleDebt } from "./flow.js";
import { checkFunc } from "./func-calls.js";
import { type InspectedFrame, inspectFrames } from "./inspection.js";
import { wordsInUse } from "./positions.js";
import { visitArguments, visitFrames } from "./roots.js";
import { type RunResult, Thread } from "./thread.js";
import { forgetInstance } from "./tier.js";

/** The call of an execution, and its fuel. */
export interface Suspension {
  readonly func: FuncInst;
  readonly fuelGranted: number;
  readonly fuelLeft: number;
}

export class Execution implements RootSource {
  readonly thread: Thread;
  private state: "new" | "ready" | "running" | "over" | "abandoned" = "new";

  /**
   * @param renewable whether {@link renew} is to be called: the execution then keeps its room when it is over
   * @throws UsageError if `store` is none
   */
  constructor(
    readonly store: StoreState,
    private readonly renewable = false,
  ) {
    if (!(store instanceof StoreState)) throw new UsageError("an execution needs a Store");
    this.thread = new Thread(store);
  }

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
    const { thread, store } = this;
    const { machine: m } = thread;
    checkFunc(store, func, "start");
    if (!thread.ensureRegisters(wordsOfCall(func))) throw new StackExhausted(store.limits.stackSlots, "register slots");
    writeValues(m.R, m.refs, 0, func.type.params, args, store, raw, "argument", "call");
    thread.func = func;
    this.state = "ready";
    store.keepRoot(this);
    return this;
  }

  /**
   * What an execution that waits to be run has beside its thread: for snapshots.
   * @throws UsageError if it does not wait
   */
  suspension(): Suspension {
    const { thread } = this;
    if (this.state !== "ready") throw new UsageError("the execution does not wait to be run");
    settleDebt(thread);
    // A host call that waits for a promise is made anew when the state is restored, and then pays again.
    const fuelLeft = thread.fuelLeft + thread.paidByHostCall;
    return { func: thread.func!, fuelGranted: thread.fuelGranted, fuelLeft };
  }
  /** In place of {@link start}: the rest of the thread's state is filled in already. */
  continueFrom({ func, fuelGranted, fuelLeft }: Suspension): void {
    if (this.state !== "new") throw new UsageError("an execution is started once");
    const { thread } = this;
    thread.func = func;
    thread.setFuel(fuelGranted, fuelLeft);
    thread.applyLimits();
    this.state = "ready";
    this.store.keepRoot(this);
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
    this.end(0);
  }

  /** Lets go of all but the first `words` registers, which results are in. */
  private end(words: number): void {
    const { thread } = this;
    this.store.deleteRoot(this);
    forgetInstance(thread);
    thread.instances.length = 0;
    thread.hostFrames.length = 0;
    if (!this.renewable) thread.machine.end(words);
  }

  /**
   * Makes an execution that is over a new one: for those who make a great many small calls. Nothing of the one before
   * is left, its results and its fuel neither.
   * @returns whether that was worth it; if not, it stays over
   */
  renew(): boolean {
    if (!this.renewable || this.state !== "over" || !this.thread.renew()) return false;
    this.state = "new";
    return true;
  }

  get isRunning(): boolean {
    return this.state === "running";
  }

  visitRoots(visit: VisitRef): void {
    const { thread } = this;
    settleDebt(thread);
    const { machine: m, func } = thread;
    if (m.sp === 0) visitArguments(m.refs, func!.type.params, 0, visit);
    else visitFrames(thread, this.state === "ready", visit);
  }

  /**
   * Gives memory back until the next run: room for registers and frames that is not in use, and views
   * that keep buffers of memories alive.
   * @throws UsageError if the execution does not wait to be run
   */
  hibernate(): void {
    const { func } = this.suspension();
    const { thread } = this;
    const { machine: m, hostFrames } = thread;
    m.forgetMemory();
    forgetInstance(thread);
    this.store.forgetTrace();
    // What host functions that wait for the guest have put where is theirs to know.
    if (hostFrames.length > 0) return;
    m.release(m.sp === 0 ? wordsOfCall(func) : wordsInUse(thread));
    thread.applyLimits();
  }

  /** Fuel used since the start, exactly. Of a segment that waits to be paid whole, as much as is granted. */
  get fuelUsed(): number {
    return Math.min(this.thread.fuelUsed, this.thread.fuelGranted);
  }
  /** Fuel granted and not used yet. */
  get fuelLeft(): number {
    return Math.max(this.thread.fuelLeft, 0);
  }
  /** Charges `fuel` if that much is left: for what the host does beside host calls. */
  tryPay(fuel: number): boolean {
    return this.thread.tryPay(fuel);
  }

  /**
   * Takes back fuel that was granted and is not used.
   * @throws UsageError while it runs
   */
  withdrawFuel(): void {
    if (this.isRunning) throw new UsageError("the fuel of a running execution is not taken back");
    // What waits to pay for a segment has nothing left.
    if (!this.thread.inDebt) this.thread.withdraw();
  }

  /** Makes a run that is under way stop at the next host call or boundary between slices. */
  requestPause(): void {
    this.thread.pauseRequested = true;
  }

  /** How the last run ended; null before the first, and while one is under way. */
  get outcome(): RunResult | null {
    return this.thread.outcome;
  }

  /**
   * Runs until the call is done, traps or throws, or until `fuel` and what earlier runs left
   * over is used up. Then it is paused, and another run goes on.
   * @param exact whether it stops at the very instruction that cannot be paid, which is the default. If not, it may
   *   stop some instructions before, none of it paid: for slices between which nobody looks at it, since finding the
   *   instruction takes another lowering of its function. Whoever does look (snapshots, inspect) finds it there.
   * @throws UsageError if there is nothing to run, or `fuel` is no amount
   */
  run(fuel: Amount, exact = true): RunResult {
    const { thread } = this;
    if (this.state === "new") throw new UsageError("nothing was started");
    if (this.state === "running") throw new UsageError("the execution is running already");
    if (this.state === "over") return thread.outcome!;
    if (this.state === "abandoned") throw new UsageError("the execution was abandoned");
    thread.grant(fuelOf(fuel));
    thread.outcome = null;
    thread.pauseRequested = false;
    this.state = "running";
    const meter = (thread.func!.instance?.code.context as ModuleContext | undefined)?.meter ?? null;
    thread.exact = exact || meter !== null;
    meter?.begin(thread, thread.fuelUsed);
    drive(thread);
    meter?.end(thread.fuelUsed);
    countUsed(thread);
    const outcome = thread.outcome as unknown as RunResult;
    this.state = outcome.status === "paused" ? "ready" : "over";
    if (this.state === "over") this.end(outcome.status === "done" ? 2 * slotsOfAll(thread.func!.type.results) : 0);
    return outcome;
  }

  /** As {@link run}, waiting for the promises of host functions. */
  async runAsync(fuel: Amount): Promise<RunResult> {
    let result = this.run(fuel);
    while (result.status === "paused" && result.reason === "host") {
      await this.settled();
      result = this.run(0);
    }
    return result;
  }

  /**
   * The frames of wasm functions while the execution waits, innermost first, with their locals and operands; none
   * before its first instruction.
   * @param limit how many frames, 50 if it is left out
   * @throws UsageError if the execution does not wait to be run, or `limit` is no whole number from 0
   */
  inspect(limit?: number): InspectedFrame[] {
    this.suspension();
    return inspectFrames(this.thread, limit);
  }

  /** Resolves when the host function that the execution waits for has its result. */
  async settled(): Promise<void> {
    await this.thread.pendingHost?.waiting;
  }

  /** Results of a call that is done. */
  results(): Value[] {
    const { machine: m, func } = this.thread;
    this.checkDone();
    return readValues(m.R, m.refs, 0, func!.type.results);
  }
  /** As {@link results}, as raw bits and references. */
  rawResults(): RawValue[] {
    const { machine: m, func } = this.thread;
    this.checkDone();
    return readRaws(m.R, m.refs, 0, func!.type.results);
  }
  private checkDone(): void {
    if (this.outcome?.status !== "done") throw new UsageError("the execution is not done");
  }
}

/** Words that the arguments and the results of a function take at the bottom of the registers. */
function wordsOfCall({ type }: FuncInst): number {
  return 2 * Math.max(slotsOfAll(type.params), slotsOfAll(type.results));
}
