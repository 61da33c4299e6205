// The way to a loop that is entered from outside: the blocks around it, and what has been emitted of them. The code
// before the loop is for who comes round one of those blocks again; who enters in the middle passes it by.
//
//   (block (loop $a … (if … (then …) (else (loop $b …)))))      entered at $b
//   path: block, $a, if (in its else), $b
import { type DecodedModule, type FuncBody, InstructionReader, OP } from "../../decoder/index.js";
import type { Operand } from "./operand.js";
import type { Segment } from "./source-buffer.js";
import { Unsupported } from "./unsupported.js";

/** Instructions that an `end` belongs to. */
export const OPENS: ReadonlySet<number> = new Set([OP.block, OP.loop, OP.if, OP.try, OP.try_table]);

export interface LoopWay {
  /** Blocks around the loop, outermost first, and the loop itself: byte offsets of their instructions. */
  readonly path: readonly { readonly start: number; readonly inElse: boolean }[];
  /** How many of them have begun. */
  depth: number;
  /** How many of those are loops. */
  loops: number;
  /** Length of the source where the innermost of them has begun. */
  mark: number;
  /** Depth of the `if` on whose `else` the way waits. */
  ifHeight: number;
  /** At the loop's head. */
  operands: readonly Operand[] | null;
  segment: Segment | null;
}

/** @throws Unsupported if there is no such loop */
export function findLoop(module: DecodedModule, body: FuncBody, offset: number): LoopWay {
  const reader = new InstructionReader(module.content.array, module.types).begin(body);
  const open: { start: number; inElse: boolean; isLegacy: boolean }[] = [];
  while (reader.offset < body.end) {
    reader.next();
    const { opcode, start } = reader;
    if (OPENS.has(opcode)) {
      open.push({ start, inElse: false, isLegacy: opcode === OP.try });
      if (opcode === OP.loop && reader.offset === offset) {
        if (open.some(({ isLegacy }) => isLegacy)) break;
        return { path: open, depth: 0, loops: 0, mark: 0, ifHeight: -1, operands: null, segment: null };
      }
    } else if (opcode === OP.end || opcode === OP.delegate) open.pop();
    else if (opcode === OP.else) open[open.length - 1]!.inElse = true;
  }
  throw new Unsupported("loop not reached");
}
