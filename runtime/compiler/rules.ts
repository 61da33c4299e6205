// What the compiler has of each instruction; the others it leaves to the interpreter.
import { OPCODE_LIMIT } from "../../decoder/index.js";
import { CALL_RULES } from "./emit-calls.js";
import { CONTROL_RULES } from "./emit-control.js";
import { GC_RULES } from "./emit-gc.js";
import { laneRules } from "./emit-lanes.js";
import { MEMORY_RULES } from "./emit-memory.js";
import { NUMERIC_RULES } from "./emit-numeric.js";
import { VARIABLE_RULES } from "./emit-variables.js";
import { VECTOR_RULES } from "./emit-vector.js";
import { VECTOR_FLOAT_RULES } from "./emit-vector-float.js";
import { VECTOR_MEMORY_RULES } from "./emit-vector-memory.js";
import type { EmitRule } from "./function-emitter.js";

function makeRules(): readonly (EmitRule | undefined)[] {
  const rules = new Array<EmitRule | undefined>(OPCODE_LIMIT).fill(undefined);
  const all = [
    CONTROL_RULES,
    VARIABLE_RULES,
    NUMERIC_RULES,
    MEMORY_RULES,
    CALL_RULES,
    GC_RULES,
    laneRules(),
    VECTOR_RULES,
    VECTOR_FLOAT_RULES,
    VECTOR_MEMORY_RULES,
  ];
  for (const [opcode, rule] of all.flat()) rules[opcode] = rule;
  return rules;
}

let rules: readonly (EmitRule | undefined)[] | undefined;

/** The rules are put together when the first is asked for: most processes compile nothing. */
export function emitRuleOf(opcode: number): EmitRule | undefined {
  rules ??= makeRules();
  return rules[opcode];
}
