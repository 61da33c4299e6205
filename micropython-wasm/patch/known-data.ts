// Where an artifact's data lies.

import { type DecodedModule, encodeUtf8, InstructionReader, OP } from "../../decoder/index.js";

/** An active data segment at a constant address: where it lies in the file, and in memory. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  readonly address: number;
}

/** The active segments at constant addresses. */
export function segmentsOf(module: DecodedModule): Segment[] {
  const segments: Segment[] = [];
  for (const { offset, start, end } of module.datas) {
    if (offset === null) continue;
    const reader = new InstructionReader(module.bytes, module.types).begin(offset);
    reader.next();
    if (reader.opcode === OP["i32.const"]) segments.push({ start, end, address: reader.lo });
  }
  return segments;
}

/** The lowest address of data; infinite if there is none. */
export function firstDataAddress(module: DecodedModule): number {
  return Math.min(...segmentsOf(module).map(({ address }) => address));
}

/** Bytes to be put at an address. */
export interface Data {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** Reads bytes of the memory as the module's data makes it: 0 where there is none. */
export function dataReader(module: DecodedModule): { byte(address: number): number } {
  const segments = segmentsOf(module);
  return {
    byte(address) {
      const segment = segments.find((one) => address >= one.address && address < one.address + one.end - one.start);
      return segment === undefined ? 0 : module.bytes[segment.start + address - segment.address]!;
    },
  };
}

/** Address of a text that ends with a zero; undefined if there is none. It may be the end of a longer one. */
export function addressOfText(module: DecodedModule, text: string): number | undefined {
  const wanted = encodeUtf8(`${text}\0`);
  for (const { start, end, address } of segmentsOf(module)) {
    const at = indexOf(module.bytes, wanted, start, end);
    if (at >= 0) return address + at - start;
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
