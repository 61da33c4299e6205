// Which locals a block assigns: of the others, what is known before it holds behind it as well, and at the head of a loop.
import { type DecodedModule, type FuncBody, InstructionReader, OP } from "../../decoder/index.js";
import { getOrMake } from "../get-or-make.js";
import { OPENS } from "./loop-way.js";

export class AssignedLocals {
  /** Per local, in their order: byte offsets of the instructions that assign it. */
  private readonly assignments = new Map<number, number[]>();
  /** By byte offset of the instruction that opens a block: that of its `end`. */
  private readonly ends = new Map<number, number>();

  constructor(module: DecodedModule, body: FuncBody) {
    const reader = new InstructionReader(module.content.array, module.types).begin(body);
    const open: number[] = [];
    while (reader.offset < body.end) {
      reader.next();
      const { opcode, start, index } = reader;
      if (OPENS.has(opcode)) open.push(start);
      else if (opcode === OP["local.set"] || opcode === OP["local.tee"])
        getOrMake(this.assignments, index, () => []).push(start);
      else if (opcode === OP.end || opcode === OP.delegate) this.ends.set(open.pop() ?? body.start, start);
    }
  }

  /** Whether local `index` is assigned in the block that the instruction at byte `start` opens, or in a block in it. */
  isAssigned(index: number, start: number): boolean {
    const offsets = this.assignments.get(index);
    if (offsets === undefined) return false;
    let low = 0;
    let high = offsets.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (offsets[middle]! < start) low = middle + 1;
      else high = middle;
    }
    return low < offsets.length && offsets[low]! < this.ends.get(start)!;
  }
}
