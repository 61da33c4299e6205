// Hard caps of a store. Their answers never depend on the host's free memory or stack.

import { type Amount, readAmount } from "./amount.js";
import { closeNames } from "./close-names.js";
import { UsageError } from "./errors.js";

export interface StoreLimits {
  /** Bytes of linear memory, the sum over all memories of the store. */
  readonly memoryBytes: number;
  /** Elements of tables, the sum over all tables. */
  readonly tableElements: number;
  /**
   * Bytes of structs, arrays and exceptions on the heap, as that module accounts for them. The process takes at most
   * {@link REAL_BYTES_PER_HEAP_BYTE} for each: a host that ends the process when its own heap is full must have
   * as much.
   */
  readonly gcHeapBytes: number;
  /** Register slots of 8 bytes that the frames of one execution may take. */
  readonly stackSlots: number;
  /** Frames of one execution. */
  readonly frames: number;
  /** Instances in the store. */
  readonly instances: number;
  /** Memories in the store, over all instances. */
  readonly memories: number;
  /** Tables in the store, over all instances. */
  readonly tables: number;
  /**
   * What memory.grow and table.grow do when they go past the caps of the store. Growth past
   * the maximum that a memory or table declares itself is -1 always, as in the specification.
   */
  readonly onGrowthFailure: "return -1" | "trap";
}

/**
 * The most bytes of the host's that one counted byte of the GC heap takes, its collector's garbage and free room
 * included; beside them are what the host takes anyway, its young generation and the engine's own code (64 MiB).
 * Measured by cli/test/gc-heap.long.ts on Node: 1.2 to 1.6 for a heap of 256 MiB, by the shape of the objects.
 */
export const REAL_BYTES_PER_HEAP_BYTE = 2;

type NumericLimit = Exclude<keyof StoreLimits, "onGrowthFailure">;

/** Limits as they are given: what is left out has its default, and amounts may be bigints or text (`"64MiB"`). */
export type GivenLimits = {
  readonly [Name in keyof StoreLimits]?: Name extends NumericLimit ? Amount : StoreLimits[Name];
};

export const DEFAULT_LIMITS: StoreLimits = {
  memoryBytes: 4 * 2 ** 30,
  tableElements: 10_000_000,
  gcHeapBytes: 256 * 2 ** 20,
  stackSlots: 2 ** 20, // 8 MiB
  frames: 2 ** 16,
  instances: 10_000,
  memories: 10_000,
  tables: 100_000,
  onGrowthFailure: "return -1",
};

/** The largest value of each limit. Slot and frame numbers are int32s with room to multiply by 8. */
export const MAX_LIMITS: Readonly<Record<NumericLimit, number>> = {
  memoryBytes: Number.MAX_SAFE_INTEGER,
  tableElements: 2 ** 32 - 1,
  gcHeapBytes: Number.MAX_SAFE_INTEGER,
  stackSlots: 2 ** 26, // 512 MiB
  frames: 2 ** 24,
  instances: 2 ** 24,
  memories: 2 ** 24,
  tables: 2 ** 24,
};

/**
 * Limits with the defaults filled in.
 * @throws UsageError for an unknown name, or a value that is not an amount from 0 to {@link MAX_LIMITS}
 */
export function normalizeLimits(given: GivenLimits = {}): StoreLimits {
  if (typeof given !== "object" || given === null) throw new UsageError(`limits are an object, not ${describe(given)}`);
  const limits: StoreLimits = { ...DEFAULT_LIMITS };
  for (const [name, value] of Object.entries<unknown>(given)) {
    // exactOptionalPropertyTypes is not every caller's: undefined means the default.
    if (value === undefined) continue;
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) throw new UsageError(`unknown limit ${name}${hint(name)}`);
    if (name === "onGrowthFailure") {
      if (value !== "return -1" && value !== "trap") {
        throw new UsageError(`onGrowthFailure is "return -1" or "trap", not ${describe(value)}`);
      }
    } else {
      const max = MAX_LIMITS[name as NumericLimit];
      const amount = readAmount(value);
      if (amount === undefined || amount > max) {
        throw new UsageError(`limit ${name} is an integer from 0 to ${max}, not ${describe(value)}`);
      }
      Object.assign(limits, { [name]: amount });
      continue;
    }
    Object.assign(limits, { [name]: value });
  }
  return limits;
}

function hint(name: string): string {
  const names = Object.keys(DEFAULT_LIMITS);
  const [meant] = closeNames(name, names);
  return `${meant === undefined ? "" : `: did you mean ${meant}?`} (there are ${names.join(", ")})`;
}

function describe(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : typeof value === "object" ? "an object" : String(value);
}
