// Data of an artifact that nothing reads, and what this project has in its place: texts, and a place to calculate.

import type { DecodedModule } from "../../decoder/index.js";
import { type Segment, segmentsOf } from "./known-data.js";

/**
 * What the last data segment of the builds begins with: parameters and body of a function in JavaScript, as in
 * `(int n)<::>{ … }`. The linker has taken them out already.
 */
const JAVASCRIPT = /^\([^)]*\)<::>\{/;

/** The spare segment begins with texts, and has a scratch area behind them. */
export const TEXT_BYTES = 4096;
const SCRATCH_BYTES = 1040;
const SCRATCH_ALIGNMENT = 16;

/** The segment that nothing reads; undefined if the artifact has none of that size, or it is in use already. */
export function spareSegment(module: DecodedModule): Segment | undefined {
  const segment = segmentsOf(module).at(-1);
  if (segment === undefined) return undefined;
  const text = new TextDecoder("latin1").decode(module.bytes.subarray(segment.start, segment.end));
  if (!JAVASCRIPT.test(text)) return undefined;
  return scratchOf(segment) + SCRATCH_BYTES <= segment.address + segment.end - segment.start ? segment : undefined;
}

/** Address of the scratch area. */
export function scratchOf({ address }: Segment): number {
  return Math.ceil((address + TEXT_BYTES) / SCRATCH_ALIGNMENT) * SCRATCH_ALIGNMENT;
}
