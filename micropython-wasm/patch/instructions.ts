// The instructions of a body with what they are told, for constants that differ from build to build.

import { type DecodedModule, InstructionReader } from "../../decoder/index.js";

export interface ReadInstruction {
  readonly opcode: number;
  /** The constant of an i32.const, or the offset of an access. */
  readonly lo: number;
  /** The variable, function or label. */
  readonly index: number;
  /** Where it lies in the module's bytes. */
  readonly start: number;
  readonly end: number;
}

/** The instructions of a defined function. */
export function instructionsOf(module: DecodedModule, funcidx: number): ReadInstruction[] {
  const body = module.bodies.get(funcidx - module.importedFuncCount)!;
  const reader = new InstructionReader(module.bytes, module.types).begin(body);
  const found: ReadInstruction[] = [];
  while (reader.offset < body.end) {
    reader.next();
    const { opcode, lo, index, start, offset: end } = reader;
    found.push({ opcode, lo, index, start, end });
  }
  return found;
}

/** The first instructions with these opcodes that follow each other. */
export function sequenceIn(
  code: readonly ReadInstruction[],
  opcodes: readonly number[],
): ReadInstruction[] | undefined {
  for (let at = 0; at + opcodes.length <= code.length; at++)
    if (opcodes.every((opcode, i) => code[at + i]!.opcode === opcode)) return code.slice(at, at + opcodes.length);
  return undefined;
}
