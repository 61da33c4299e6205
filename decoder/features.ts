// Which proposals a module makes use of.

import { InstructionReader } from "./instructions.js";
import type { DecodedModule } from "./module.js";
import { type Feature, OPCODE_ROWS } from "./opcodes.js";

/**
 * The features that a module uses, each with the byte offset of a first use (0 where only a
 * declaration uses it). The module must be valid.
 */
export function featuresOf(module: DecodedModule): ReadonlyMap<Feature, number> {
  const uses = new Map<Feature, number>();
  const note = (feature: Feature, offset: number): void => {
    if (!uses.has(feature)) uses.set(feature, offset);
  };
  const reader = new InstructionReader(module.bytes, module.types);
  const scan = (range: { readonly start: number; readonly end: number } | null): void => {
    if (range === null) return;
    reader.offset = range.start;
    reader.end = range.end;
    while (reader.offset < range.end) {
      reader.next();
      note(OPCODE_ROWS[reader.opcode]!.feature, reader.start);
    }
  };
  for (const body of module.bodies) scan(body);
  return uses;
}
