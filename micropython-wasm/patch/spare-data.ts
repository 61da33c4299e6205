// Data of an artifact that nothing reads, and what this project has in its place: texts, and a place to calculate.

import { type DecodedModule, InstructionReader, OP } from "../../decoder/index.js";

/** A data segment: where it lies in the file, and in memory. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  readonly address: number;
}

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
  if (segment === undefined || !JAVASCRIPT.test(textOf(module, segment))) return undefined;
  return scratchOf(segment) + SCRATCH_BYTES <= segment.address + segment.end - segment.start ? segment : undefined;
}

/** Address of the scratch area. */
export function scratchOf({ address }: Segment): number {
  return Math.ceil((address + TEXT_BYTES) / SCRATCH_ALIGNMENT) * SCRATCH_ALIGNMENT;
}

/** The active segments at constant addresses. */
export function segmentsOf(module: DecodedModule): Segment[] {
  const segments: Segment[] = [];
  for (const data of module.datas) {
    if (data.offset === null) continue;
    const reader = new InstructionReader(module.bytes, module.types);
    reader.offset = data.offset.start;
    reader.end = data.offset.end;
    reader.next();
    if (reader.opcode === OP["i32.const"]) segments.push({ start: data.start, end: data.end, address: reader.lo });
  }
  return segments;
}

export function textOf({ bytes }: DecodedModule, { start, end }: Segment): string {
  return new TextDecoder("latin1").decode(bytes.subarray(start, end));
}
