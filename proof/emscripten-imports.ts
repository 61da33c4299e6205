// What a module's imports from Emscripten work with: said in proofs of steps that call them.
import { type DecodedModule, InstructionReader, OP } from "../decoder/index.js";
import type { Emscripten } from "./check-step/proof.js";

/** Null of a module that is none of Emscripten's, or has no longjmp. */
export function emscriptenOf(module: DecodedModule): Emscripten | null {
  const exported = (name: string) =>
    module.exports.find((entry) => entry.kind === "func" && entry.name === name)?.index ?? -1;
  const setThrew = exported("setThrew");
  const getter = Math.max(exported("emscripten_stack_get_current"), exported("stackSave"));
  const body = module.bodies.get(getter - module.importedFuncCount);
  if (setThrew < 0 || body === undefined) return null;
  const reader = new InstructionReader(module.bytes, module.types).begin(body);
  reader.next();
  return reader.opcode === OP["global.get"] ? { stackPointer: reader.index, setThrew } : null;
}
