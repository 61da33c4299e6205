import { type Amount, fuelOf } from "../amount.js";
import type { SleepClock } from "../deterministic.js";
import { UsageError } from "../errors.js";
import { type GivenLimits, normalizeLimits } from "../limits.js";
import { checkOptions, type OptionNames } from "../options.js";
import { StoreState } from "../store/store-state.js";
import { Engine } from "./engine.js";

/** Fuel of one call that is given none: about a second of interpretation. */
export const DEFAULT_FUEL = 1_000_000_000;

export interface StoreOptions {
  /** Caps; what is left out has its default (limits.ts). */
  readonly limits?: GivenLimits;
  /**
   * Fuel of each start function, and of each {@link Instance.call}, that is given none of its
   * own. An Execution is always told its fuel.
   */
  readonly fuel?: Amount;
  /**
   * Clock that memory.atomic.wait puts forward by its timeout, as nobody else can notify it; by
   * default a VirtualClock of the store's own. Give the clock here that the host functions show.
   */
  readonly clock?: SleepClock;
}

const STORE_OPTIONS: OptionNames<StoreOptions> = { limits: true, fuel: true, clock: true };

/**
 * Everything that instances of one engine own together. What is in a store stays as long as
 * the store does: nothing of it is given back when an instance is no longer used.
 */
export class Store extends StoreState {
  readonly defaultFuel: number;

  /** @throws UsageError for an unknown option or limit, or a value that does not fit */
  constructor(
    readonly engine: Engine,
    options: StoreOptions = {},
  ) {
    if (!(engine instanceof Engine)) throw new UsageError("a store needs an Engine");
    checkOptions("options of a Store", options, STORE_OPTIONS);
    super(engine.registry, normalizeLimits(options.limits), options.clock);
    this.defaultFuel = fuelOf(options.fuel ?? DEFAULT_FUEL);
  }
}
