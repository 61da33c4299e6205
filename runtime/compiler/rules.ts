// What the compiler has of each instruction; the others it leaves to the interpreter.
import { OPCODE_LIMIT } from "../../decoder/index.js";
import { CALL_RULES } from "./emit-calls.js";
import { CONTROL_RULES } from "./emit-control.js";
import { MEMORY_RULES } from "./emit-memory.js";
import { NUMERIC_RULES } from "./emit-numeric.js";
import { VARIABLE_RULES } from "./emit-variables.js";
import type { EmitRule } from "./function-emitter.js";

const RULES: readonly (EmitRule | undefined)[] = (() => {
  const rules = new Array<EmitRule | undefined>(OPCODE_LIMIT).fill(undefined);
  for (const [opcode, rule] of [...CONTROL_RULES, ...VARIABLE_RULES, ...NUMERIC_RULES, ...MEMORY_RULES, ...CALL_RULES])
    rules[opcode] = rule;
  return rules;
})();

export function emitRuleOf(opcode: number): EmitRule | undefined {
  return RULES[opcode];
}
