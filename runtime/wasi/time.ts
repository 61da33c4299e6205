// The guest's time. By default it is the virtual clock, which advances with fuel, and by
// sleeping: a sleep takes no time on the host.

import { type Clock, VirtualClock } from "../deterministic.js";
import { UsageError } from "../errors.js";

/** A source of time that the guest can also wait on. */
export interface WasiClock extends Clock {
  /** Lets time pass at once. */
  advance?(nanoseconds: bigint): void;
  /**
   * Waits; the guest pauses until the promise settles. Used where there is no `advance`.
   * @param until waiting may be given up once this settles
   */
  sleep?(nanoseconds: bigint, until?: Promise<unknown>): Promise<void>;
}

/** The largest `timestamp`, in nanoseconds since 1970: 2554. Time stands still there. */
const LAST = 2n ** 64n - 1n;

export interface TimeOptions {
  readonly clock?: WasiClock | undefined;
  readonly clockStart?: bigint | undefined;
  readonly sleep?: "virtual" | "charged" | undefined;
}

export class GuestTime {
  private clock: WasiClock;
  private readonly virtual: boolean;
  private readonly charged: boolean;
  /** What the monotonic clock counts from. */
  private origin: bigint;

  /** @throws UsageError if sleeping is charged on a clock that fuel does not move */
  constructor({ clock, clockStart, sleep = "virtual" }: TimeOptions = {}) {
    this.virtual = clock === undefined;
    this.charged = sleep === "charged";
    if (this.charged && !this.virtual) throw new UsageError("sleep is charged on the virtual clock only");
    this.clock = clock ?? new VirtualClock(clockStart);
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

  /** Whether time passes on the host while the guest sleeps. */
  get isReal(): boolean {
    return this.clock.advance === undefined && this.clock.sleep !== undefined;
  }

  /**
   * Fuel that sleeping costs; by it the clock goes on. A sleep that no budget reaches, 104 days and more, costs
   * the largest number: such a guest is out of fuel.
   */
  priceOfSleep(nanoseconds: bigint): number {
    if (!this.charged || nanoseconds <= 0n) return 0;
    const perFuel = BigInt((this.clock as VirtualClock).nanosecondsPerFuel);
    return Math.min(Number((nanoseconds + perFuel - 1n) / perFuel), Number.MAX_SAFE_INTEGER);
  }

  /** Waits, if that is not charged; a promise if it takes time on the host. */
  sleep(nanoseconds: bigint, until?: Promise<unknown>): Promise<void> | undefined {
    if (nanoseconds <= 0n || this.charged) return undefined;
    if (this.clock.advance === undefined) return this.clock.sleep?.(nanoseconds, until);
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
