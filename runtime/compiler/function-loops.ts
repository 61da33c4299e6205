// The loops of a module's functions, as far as compiled code can be entered at them.
import { type DecodedModule, InstructionReader, OP } from "../../decoder/index.js";
import type { Entry } from "./entry.js";

/** By the byte offset of a loop's first instruction; null: not to be entered; undefined: not tried. */
export type LoopEntries = Map<number, Entry | null | undefined>;

export class FunctionLoops {
  private readonly found = new Map<number, LoopEntries>();

  constructor(private readonly module: DecodedModule) {}

  /** Those of a defined function, whose body is read when it is first asked for. */
  of(index: number): LoopEntries {
    let loops = this.found.get(index);
    if (loops === undefined) {
      loops = new Map();
      const { module } = this;
      const reader = new InstructionReader(module.content.array, module.types).begin(module.bodies.get(index)!);
      while (reader.offset < reader.end) {
        reader.next();
        if (reader.opcode === OP.loop) loops.set(reader.offset, undefined);
      }
      this.found.set(index, loops);
    }
    return loops;
  }

  /** How many of a function's loops can be entered. */
  entered(index: number): number {
    let count = 0;
    for (const entry of this.of(index).values()) if (entry !== undefined && entry !== null) count++;
    return count;
  }
}
