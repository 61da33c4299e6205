// The guest's time. By default it is the virtual clock, which advances with fuel, and by
// sleeping: a sleep takes no time on the host.

import { type Clock, VirtualClock } from "../deterministic.js";

/** A source of time that the guest can also wait on. */
export interface WasiClock extends Clock {
  /** Lets time pass at once. */
  advance?(nanoseconds: bigint): void;
  /** Waits; the guest pauses until the promise settles. Used where there is no `advance`. */
  sleep?(nanoseconds: bigint): Promise<void>;
}

/** The largest `timestamp`, in nanoseconds since 1970: 2554. Time stands still there. */
const LAST = 2n ** 64n - 1n;

export class GuestTime {
  private clock: WasiClock;
  private readonly virtual: boolean;
  /** What the monotonic clock counts from. */
  private origin: bigint;

  constructor(injected?: WasiClock, start?: bigint) {
    this.virtual = injected === undefined;
    this.clock = injected ?? new VirtualClock(start);
    this.origin = this.now(0);
  }

  /** Nanoseconds since 1970. */
  now(fuelUsed: number): bigint {
    const now = this.clock.now(fuelUsed);
    return now < 0n ? 0n : now > LAST ? LAST : now;
  }

  /** Nanoseconds since the start. */
  monotonic(fuelUsed: number): bigint {
    const elapsed = this.now(fuelUsed) - this.origin;
    return elapsed < 0n ? 0n : elapsed;
  }

  /** Waits; a promise if that takes time on the host. */
  sleep(nanoseconds: bigint): Promise<void> | undefined {
    if (nanoseconds <= 0n) return undefined;
    if (this.clock.advance === undefined) return this.clock.sleep?.(nanoseconds);
    this.clock.advance(nanoseconds);
    return undefined;
  }

  /** State of the virtual clock; an injected clock keeps its own. */
  save(): { origin: bigint; elapsed: bigint } {
    return { origin: this.origin, elapsed: this.virtual ? (this.clock as VirtualClock).elapsed(0) : 0n };
  }

  restore({ origin, elapsed }: { origin: bigint; elapsed: bigint }): void {
    this.origin = origin;
    if (!this.virtual) return;
    // A virtual clock begins at the origin.
    const clock = new VirtualClock(origin, (this.clock as VirtualClock).nanosecondsPerFuel);
    clock.advance(elapsed);
    this.clock = clock;
  }
}
