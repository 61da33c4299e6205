// Function bodies as lists of instructions, nesting resolved.

import { InstructionReader } from "../../../decoder/instructions.js";
import type { DecodedModule } from "../../../decoder/module.js";
import { OP } from "../../../decoder/opcodes.js";
import { BOT } from "../../../decoder/types.js";

export interface Catch {
  readonly kind: number;
  readonly tagidx: number;
  readonly label: number;
}

/** A handler of a legacy `try`: `position` of its `catch` or `catch_all`; of the latter, `tagidx` is -1. */
export interface LegacyHandler {
  readonly tagidx: number;
  readonly position: number;
}

export interface Instruction {
  readonly opcode: number;
  /** Byte offset in the module. */
  readonly offset: number;
  readonly index: number;
  readonly index2: number;
  /** The constant, or the offset of a memory access. */
  readonly immediate: bigint;
  readonly memory: number;
  readonly labels: readonly number[];
  readonly catches: readonly Catch[];
  /** Of a block: its numbers of parameters and results. */
  readonly params: number;
  readonly results: number;
  /** Of a legacy `try`. */
  readonly handlers: LegacyHandler[];
  /** Of a legacy `try`: label of its `delegate`, counted from outside; -1 if it ends with `end`. */
  delegate: number;
  /** Of a block: position of its `end` (or `delegate`); of `else`, `catch` and `catch_all`: the same. */
  end: number;
  /** Of an `if`: position of its `else`, or of its `end`. */
  else: number;
}

const BLOCKS = new Set([OP["block"], OP["loop"], OP["if"], OP["try_table"], OP["try"]]);

/** Decodes the instructions of `bytes[start, end)`. */
export function decodeCode(module: DecodedModule, start: number, end: number): readonly Instruction[] {
  const reader = new InstructionReader(module.bytes, module.types).begin({ start, end });
  const code: Instruction[] = [];
  const open: Instruction[] = [];
  while (reader.offset < end) {
    reader.next();
    const { opcode } = reader;
    const type = reader.blockTypeId < 0 ? undefined : module.registry.funcType(reader.blockTypeId);
    const half = (value: number) => BigInt(value >>> 0);
    const instruction: Instruction = {
      opcode,
      offset: reader.start,
      index: reader.index,
      index2: reader.index2,
      immediate:
        opcode === OP["i32.const"] || opcode === OP["f32.const"]
          ? half(reader.lo)
          : (half(reader.hi) << 32n) | half(reader.lo),
      memory: reader.memory,
      labels: opcode === OP["br_table"] ? reader.labels.slice(0, reader.labelCount) : [],
      catches:
        opcode !== OP["try_table"]
          ? []
          : Array.from({ length: reader.catchCount }, (_, i) => ({
              kind: reader.catches[3 * i]!,
              tagidx: reader.catches[3 * i + 1]!,
              label: reader.catches[3 * i + 2]!,
            })),
      handlers: [],
      delegate: -1,
      params: type === undefined ? 0 : type.params.length,
      results: type === undefined ? (reader.blockResult === BOT ? 0 : 1) : type.results.length,
      end: -1,
      else: -1,
    };
    const position = code.push(instruction) - 1;
    if (BLOCKS.has(opcode)) open.push(instruction);
    else if (opcode === OP["else"]) {
      open.at(-1)!.else = position;
      open.push(instruction);
    } else if (opcode === OP["catch"] || opcode === OP["catch_all"]) {
      open.at(-1)!.handlers.push({ tagidx: opcode === OP["catch"] ? reader.index : -1, position });
    } else if (opcode === OP["delegate"]) {
      const opener = open.pop()!;
      opener.end = position;
      opener.delegate = reader.index;
    } else if (opcode === OP["end"]) {
      let opener = open.pop();
      if (opener?.opcode === OP["else"]) {
        opener.end = position;
        opener = open.pop();
      }
      if (opener !== undefined) {
        opener.end = position;
        for (const handler of opener.handlers) code[handler.position]!.end = position;
        if (opener.else < 0) opener.else = position;
      }
    }
  }
  return code;
}
