// Modules that were compiled ahead of time: what they have, and whether they fit.

import { type DecodedModule, F32, F64, I32, I64 } from "../../decoder/index.js";
import { UsageError } from "../errors.js";
import type { FuelSchedule } from "../fuel-schedule.js";
import { hashOf } from "../module-hash.js";
import { hex } from "../sha256.js";
import type { Adapter } from "./adapters.js";
import { hostText } from "./host-text.js";
import type { JsFunction, Scope, ScopeParts } from "./scope.js";
import { scopeText } from "./scope-text.js";

/** What `escapement compile` writes, when it has been imported. */
export interface AheadModule {
  /** Of what it was made, and by what. */
  readonly about: {
    readonly format: string;
    /** SHA-256 of the WebAssembly module. */
    readonly module: string;
    /** Name of the fuel schedule. */
    readonly schedule: string;
  };
  /**
   * Sextuples, by the numbers with which functions name themselves when they are left: index among the defined
   * functions; words of its frame; the dearest way from its entry to the next look at fuel; the loop that it may be entered in (the byte
   * offset of its first instruction, −1 for none), and the dearest way from there; ahead-sites.ts.
   */
  readonly functions: readonly (number | string)[];
  make(parts: ScopeParts): AheadScope;
}
export const FIELDS_PER_FUNCTION = 6;
const LOOP_FIELD = 3;

/** The loops that it may be entered in, by the byte offsets of their first instructions. */
export function loopsOf({ functions }: AheadModule): Set<number> {
  const offsets = functions.filter((_, i) => i % FIELDS_PER_FUNCTION === LOOP_FIELD) as number[];
  return new Set(offsets.filter((offset) => offset >= 0));
}

/** The scope, and what is entered from the interpreter. */
export interface AheadScope extends Scope {
  /** By number of the function: what to call, what calls it at its beginning, and in its loop. */
  readonly entries: readonly (readonly [call: JsFunction, adapter: Adapter, loopAdapter: Adapter | null])[];
}

/** What code that is compiled ahead of time and the runtime have to agree on: all of the text that it stands in. */
export function aheadFormat(): string {
  let hash = 0x811c9dc5;
  const text = scopeText(0) + hostText(0, [I32, I32], [I32], false) + hostText(0, [F32, I64, F64], [F64, I64], false);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return `2-${(hash >>> 0).toString(16).padStart(8, "0")}`;
}

/** @throws UsageError unless it is one, of this version of the engine */
export function checkAhead(code: AheadModule): void {
  const { about, functions, make } = code ?? {};
  if (typeof about?.module !== "string" || !Array.isArray(functions) || typeof make !== "function")
    throw new UsageError("ahead is a module that escapement compile has written, or a list of them");
  if (about.format !== aheadFormat()) {
    throw new UsageError(
      `the code was compiled ahead of time by another version of this engine (format ${about.format}, not ${aheadFormat()}): compile it again`,
    );
  }
}

/** The code that was made of `module` under `schedule`. @throws UsageError if it is none of `codes` */
export function codeFor(codes: readonly AheadModule[], module: DecodedModule, schedule: FuelSchedule): AheadModule {
  const hash = hex(hashOf(module));
  const ofModule = codes.filter(({ about }) => about.module === hash);
  const found = ofModule.find(({ about }) => about.schedule === schedule.name);
  if (found !== undefined) return found;
  const have = codes.map(({ about }) => (ofModule.length > 0 ? about.schedule : about.module)).join(", ");
  throw new UsageError(
    ofModule.length > 0
      ? `the code was compiled ahead of time for the fuel schedule ${have}, not ${schedule.name}`
      : `the code was compiled ahead of time from another module: SHA-256 ${have}, where this one has ${hash}`,
  );
}
