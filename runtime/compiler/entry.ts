// What the interpreter can enter, and for how much fuel.
import type { Adapter } from "./adapters.js";
import type { Code } from "./code-budget.js";
import type { CompiledFunction } from "./leave-site.js";
import type { JsFunction } from "./scope.js";

/**
 * Fuel that compiled code is given at once, before it leaves a loop and is entered anew: little until V8 has compiled
 * it. V8 would replace what runs for longer while it runs, by code that knows no types of variables, and keep to that.
 */
const FIRST_SLICE = 2 ** 13;
const LARGEST_SLICE = 2 ** 24;
/** Of what has left with callers, which go on in the interpreter then: that costs more than it can give. */
const NESTED_SLICE = 2 ** 26;
/** Entries after which V8 has compiled what is entered, about: half a million units. */
const FIRST_ENTRIES = 64;
/** Entries that have the same slice from then on; the next ones have twice as much. */
const SAME_ENTRIES = 8;

/** A function, or a loop of one, that can be entered. */
export interface Entry {
  readonly func: CompiledFunction;
  readonly call: JsFunction;
  readonly adapter: Adapter;
  /** Words of its frame. */
  readonly words: number;
  /** How often it has been entered from here. */
  entered: number;
  /** Whether it has left for its slice with frames that wait. */
  isNested: boolean;
  /** What it takes; null of what was compiled ahead of time. */
  readonly code: Code | null;
  /** It has gone. */
  isGone: boolean;
}

/** Fuel for the next time that it is entered. */
export function sliceFor(entry: Entry): number {
  if (entry.isNested) return NESTED_SLICE;
  const doubled = Math.max(0, 1 + Math.floor((entry.entered++ - FIRST_ENTRIES) / SAME_ENTRIES));
  const slice = Math.min(LARGEST_SLICE, FIRST_SLICE * 2 ** doubled);
  return Math.max(slice, 2 * entry.func.most);
}
