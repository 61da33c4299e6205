// What a host function sees of the execution that called it.
import { type Amount, fuelOf } from "../amount.js";
import { UsageError } from "../errors.js";
import type { Value } from "../store/convert.js";
import { exportOf } from "../store/exports.js";
import type { FuncInst } from "../store/func.js";
import type { MemoryInst } from "../store/memory.js";
import type { ModuleInstance } from "../store/module-instance.js";
import type { StoreState } from "../store/store-state.js";
import { FramesWanted, FuelPause, GuestCall } from "./host-signals.js";
import { liveWords } from "./live-words.js";
import type { Thread } from "./thread.js";

export class Caller {
  constructor(private readonly thread: Thread) {}

  get store(): StoreState {
    return this.thread.store;
  }

  /** The instance that called. @throws UsageError if the host called the function itself */
  get instance(): ModuleInstance {
    const { pendingHost, machine } = this.thread;
    const instance = pendingHost?.instance ?? machine.instance;
    if (instance === undefined) throw new UsageError("the host function was not called by an instance");
    return instance;
  }

  /** An exported memory of the calling instance; its first memory if no name is given. @throws UsageError */
  memory(name?: string): MemoryInst {
    if (name !== undefined) return exportOf(this.instance, name, "memory");
    const memory = this.instance.memories[0];
    if (memory === undefined) throw new UsageError("the calling instance has no memory");
    return memory;
  }

  /** Fuel left, exactly: everything up to and including this call is paid. */
  get fuelRemaining(): number {
    return this.thread.fuelLeft;
  }
  /** Fuel used since the execution started. */
  get fuelUsed(): number {
    return this.thread.fuelUsed;
  }

  /**
   * The words that live in the frames that wait for this call, but for those of the function that made it: numeric
   * locals and operands, innermost frame first, both words of those of 64 bits. With them a guest's collector has the
   * roots that are not in its memory. The same on every tier, and whenever the call is made anew. Ask before anything
   * has an effect, as with {@link chargeFuel}: where compiled code has called, the function is called once more.
   * @throws FramesWanted, which the host function must let through
   */
  liveWords(): Int32Array {
    if (this.thread.hiddenFrames > 0) {
      this.thread.wantsFrames = true;
      throw new FramesWanted();
    }
    return liveWords(this.thread);
  }

  /**
   * Charges for what the host function is about to do. If that much is not left, the execution
   * pauses before this call and makes it anew when it goes on: charge before anything has an effect.
   * @throws FuelPause, which the host function must let through
   */
  chargeFuel(amount: Amount): void {
    const fuel = fuelOf(amount);
    if (!this.thread.tryPay(fuel)) throw new FuelPause(fuel);
  }

  /**
   * Pauses the execution when this host function has returned: before the instruction behind the call, even one that
   * costs nothing. An execution that ran out of fuel there would have such instructions (`end`, `nop`) behind it, so
   * the two snapshots differ, and go on alike.
   */
  requestPause(): void {
    this.thread.pauseRequested = true;
  }

  /**
   * To return from a host function: the execution calls `func` as a frame of its own, without
   * recursion on the host, and then `then` with its results, whose result is this function's.
   */
  callGuest(func: FuncInst, args: readonly Value[], then: (caller: Caller, results: Value[]) => unknown): GuestCall {
    return new GuestCall(func, args, then as (caller: never, results: Value[]) => unknown);
  }
}
