// The guest's clock. By default it knows no real time: it advances with the fuel that the
// guest uses, so the same run reads the same times on every machine.
//
// A guest that sleeps does so by polling the clock in a loop of a dozen instructions. On the
// virtual clock each poll of such a tight loop skips one millisecond ahead, so that sleeping
// a second costs some ten thousand units of fuel, not a billion.

import { type Clock, DEFAULT_START, VirtualClock } from "../../runtime/index.js";

/** Polls that are closer together than this come from a wait loop: Python code needs hundreds. */
const TIGHT_POLL_FUEL = 40;
const TIGHT_POLL_SKIP = 1_000_000n;
const NANOSECONDS_PER_MS = 1_000_000n;

export interface ClockState {
  /** Nanoseconds since 1970 at the start of the virtual clock, and how far it has skipped ahead. */
  readonly start: bigint;
  readonly skipped: bigint;
  readonly lastPollFuel: number;
  /** What {@link GuestClock.ticksMs} counts from, in milliseconds since 1970. */
  readonly ticksStartMs: number;
}

export class GuestClock {
  private virtual: VirtualClock;
  private lastPollFuel = -TIGHT_POLL_FUEL;
  private ticksStartMs: number;

  /**
   * @param injected the embedder's clock in place of the virtual one
   * @param start of the virtual clock: nanoseconds since 1970
   */
  constructor(
    private readonly injected: Clock | undefined = undefined,
    start: bigint = DEFAULT_START,
  ) {
    this.virtual = new VirtualClock(start);
    this.ticksStartMs = this.timeMs(0);
  }

  /** Milliseconds since the start, a whole number; polling it in a tight loop moves the virtual clock. */
  ticksMs(fuelUsed: number): number {
    if (fuelUsed - this.lastPollFuel < TIGHT_POLL_FUEL) this.virtual.advance(TIGHT_POLL_SKIP);
    this.lastPollFuel = fuelUsed;
    return this.timeMs(fuelUsed) - this.ticksStartMs;
  }

  /** Milliseconds since 1970, a whole number. */
  timeMs(fuelUsed: number): number {
    return Number((this.injected ?? this.virtual).now(fuelUsed) / NANOSECONDS_PER_MS);
  }

  saveState(): ClockState {
    return {
      start: this.virtual.start,
      skipped: this.virtual.elapsed(0),
      lastPollFuel: this.lastPollFuel,
      ticksStartMs: this.ticksStartMs,
    };
  }

  restoreState(state: ClockState): void {
    this.virtual = new VirtualClock(state.start);
    this.virtual.advance(state.skipped);
    this.lastPollFuel = state.lastPollFuel;
    this.ticksStartMs = state.ticksStartMs;
  }
}
