// The threads proposal's instructions.
import { OPCODE_ROWS, type OpcodeName } from "../../decoder/index.js";
import { registerOp } from "../register-code/register-op-table.js";
import type { FunctionLowering } from "./function-lowering.js";
import { memoryWord } from "./lower-values.js";
import { IN_SLOT, WIDTH_32, WIDTH_64 } from "./operands.js";

/** Every access: its type letters say what it takes and gives. */
export function lowerAtomic(name: OpcodeName, opcode: number): (l: FunctionLowering) => void {
  const op = registerOp(name);
  const [params, results] = OPCODE_ROWS[opcode]!.type!.split(":") as [string, string];
  const width = results === "l" ? WIDTH_64 : WIDTH_32;
  return (l) => {
    const { operands, emitter, reader } = l;
    const first = operands.height - params.length;
    const slots = [...params].map((_, i) => l.slotOf(first + i));
    operands.height = first;
    if (results !== "") slots.unshift(operands.push(IN_SLOT, width));
    const [a, b, c, replacement] = slots;
    emitter.emit(op, a, b, c, memoryWord(l), reader.lo, reader.hi, (replacement ?? 0) * 2);
  };
}

const WAIT = registerOp("memory.atomic.wait");

/** Its three operands lie in a row; the result takes the first one's slot. */
export function lowerAtomicWait(width: 4 | 8): (l: FunctionLowering) => void {
  return (l) => {
    const { operands, emitter, reader } = l;
    const first = operands.height - 3;
    l.materialiseFrom(first);
    operands.height = first;
    const slot = operands.push(IN_SLOT, WIDTH_32);
    emitter.emit(WAIT, 0, 0, 0, slot, memoryWord(l), reader.lo, reader.hi, width);
    emitter.barrier();
  };
}
