// What host functions say other than by their results: errors that are no failures, and calls of the guest.
import { EscapementError } from "../errors.js";
import type { Value } from "../store/convert.js";
import type { FuncInst } from "../store/func.js";
import type { TagInst } from "../store/tag.js";
import type { Thread } from "./thread.js";

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

/** Thrown by Caller.liveWords where frames are not to be seen; a host function must not swallow it: it is called again. */
export class FramesWanted extends EscapementError {
  override readonly name = "FramesWanted";
  readonly kind = "usage";
  constructor() {
    super("a host function asks for frames: it is called again where they are known");
  }
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

/** Thrown by a host function: frames are to be dropped in a way that the engine itself does not know (emscripten/). */
export abstract class HostUnwind extends EscapementError {
  readonly kind = "exception";
  /**
   * Drops frames, and says where the thread goes on.
   * @param returnTo where the host function would have returned to
   * @returns what is missing, if there is nowhere to go
   */
  abstract unwind(thread: Thread, returnTo: number): string | undefined;
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
