// The one count of fuel beside those of the executions themselves: it follows one meter after the other, and reads the
// one that it follows. Nothing is added up on the way.
//
//   follow(a)            a shows 0                      used 0
//                        a runs and is paused at 70     used 70
//   follow(b)            b shows 0, and ends at 30      used 100
//   follow(a)            a still shows 70               used 100
//                        a ends at 90                   used 120

/** What shows how much fuel something has used: an execution, a run of Python. */
export interface FuelMeter {
  readonly fuelUsed: number;
}

export class FuelLedger implements FuelMeter {
  /** What is counted and not shown by `meter`. */
  private before = 0;
  private meter: FuelMeter | null = null;

  get fuelUsed(): number {
    return this.before + (this.meter?.fuelUsed ?? 0);
  }

  /** Counts by `meter` from now on, and not what that shows already. */
  follow(meter: FuelMeter | null): void {
    if (meter !== this.meter) this.followFrom(this.fuelUsed, meter);
  }

  /** Counts by `meter` from now on, as if `used` had been counted by now: of a state that was taken over. */
  followFrom(used: number, meter: FuelMeter | null): void {
    this.before = used - (meter?.fuelUsed ?? 0);
    this.meter = meter;
  }

  /** Takes `used` for what is counted by now. */
  set(used: number): void {
    this.followFrom(used, this.meter);
  }
}
