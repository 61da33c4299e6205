// What the compiler tier is told of when and how much it compiles.
import type { Heat } from "./region.js";

/** How the tier behaves: none of it is visible to a guest. */
export interface CompilerSettings {
  /** Calls from the interpreter after which a function is compiled; 0: at the first one. */
  readonly threshold: number;
  /** Fuel that the interpreter is given at once; a loop in which two such slices end is compiled. */
  readonly slice: number;
  /** Says, wherever compiled code looks at its fuel, whether to leave it; null: never without a reason. For tests. */
  readonly stress: (() => boolean) | null;
  /** How often blocks ran, where that is known. */
  readonly heat?: Heat;
  /** Bytes of generated code that are kept at the most. */
  readonly codeBytes?: number;
  /** Bytes of bodies that are compiled when a run begins; more as it uses fuel (compile-credit.ts). */
  readonly runBytes?: number;
}

export const DEFAULT_SETTINGS: CompilerSettings = { threshold: 100, slice: 1 << 14, stress: null };

/** Everything is compiled when it is first called, and loops almost so. */
export const AT_ONCE: CompilerSettings = { threshold: 0, slice: 256, stress: null, runBytes: Number.POSITIVE_INFINITY };
