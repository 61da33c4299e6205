// Where an artifact's data lies.

import { type DataSegment, type DecodedModule, encodeUtf8, InstructionReader, OP } from "../../decoder/index.js";

/** Where a segment begins in memory; undefined for one that is passive, or whose place is not a constant. */
function addressOfData(module: DecodedModule, { offset }: DataSegment): number | undefined {
  if (offset === null) return undefined;
  const reader = new InstructionReader(module.bytes, module.types);
  reader.offset = offset.start;
  reader.end = offset.end;
  reader.next();
  return reader.opcode === OP["i32.const"] ? reader.lo : undefined;
}

/** The lowest address of data; infinite if there is none. */
export function firstDataAddress(module: DecodedModule): number {
  return Math.min(...module.datas.map((segment) => addressOfData(module, segment) ?? Number.POSITIVE_INFINITY));
}

/** Address of a text that ends with a zero; undefined if there is none. It may be the end of a longer one. */
export function addressOfText(module: DecodedModule, text: string): number | undefined {
  const wanted = encodeUtf8(`${text}\0`);
  for (const segment of module.datas) {
    const start = addressOfData(module, segment);
    if (start === undefined) continue;
    const at = indexOf(module.bytes, wanted, segment.start, segment.end);
    if (at >= 0) return start + at - segment.start;
  }
  return undefined;
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number, to: number): number {
  for (
    let at = bytes.indexOf(wanted[0]!, from);
    at >= 0 && at + wanted.length <= to;
    at = bytes.indexOf(wanted[0]!, at + 1)
  )
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  return -1;
}
