// What programs go through before MicroPython compiles them.

import { mayNeedRewriting } from "./names.js";

/**
 * Fuel for each character of a source that is looked at: less than a hundredth of what compiling it takes in the guest,
 * and more than the host's work on it.
 */
export const REWRITE_FUEL_PER_CHARACTER = 20;

/** A program as MicroPython takes it, and the fuel that making it so costs. */
export interface Compatible {
  readonly source: string;
  readonly fuel: number;
}

/** Rewrites what MicroPython lacks (rewrite.ts). The price depends on the source alone. */
export async function compatible(source: string): Promise<Compatible> {
  if (!mayNeedRewriting(source)) return { source, fuel: 0 };
  // The parser is loaded when a program first needs it.
  const { rewrite } = await import("./rewrite.js");
  return { source: rewrite(source), fuel: source.length * REWRITE_FUEL_PER_CHARACTER };
}
