// Reads register code as it lies, operation by operation.
import { decodeOperation } from "../../register-code/decode-operation.js";
import { meaningOf, registerOps } from "../../register-code/register-op-table.js";

/** Position of the first operation behind the header of a region that starts at `start` (HEADER_WORDS). */
const HEADER_WORDS = 3;
const byteFields = (code: Int32Array, pc: number) => (code[pc]! >>> 8) & 255;

/** How many bare words follow the words of the operation at `pc`. */
function wordsBehind(code: Int32Array, pc: number, start: number, end: number): number {
  const { op, word, next } = decodeOperation(code, pc);
  const { words } = registerOps()[op]!;
  const meaning = meaningOf(op);
  switch (meaning.kind) {
    case "run":
      return words.length > 0 ? 0 : byteFields(code, pc);
    case "table":
      return 2 * (word("count") + 1);
    case "object":
      return words.includes("count") ? word("count") : 0;
    // A jump to nothing but a return has become that return: target and fuel are left over (Segments.shortenJumps).
    case "return": {
      const target = code[next]!;
      return target > start && target < end && code[target] === code[pc] && next === pc + 1 ? 2 : 0;
    }
    default:
      return 0;
  }
}

/** Calls `visit` with the number of each operation between `start` and `end` of `code`. */
export function walkCode(code: Int32Array, start: number, end: number, visit: (op: number) => void): void {
  for (let pc = start + HEADER_WORDS; pc < end; ) {
    const { op, next } = decodeOperation(code, pc);
    visit(op);
    pc = next + wordsBehind(code, pc, start, end);
  }
}
