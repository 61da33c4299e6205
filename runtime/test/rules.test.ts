// Rules are made when they are first asked for: here all of them are.
import { expect, test } from "vitest";
import { OPCODES } from "../../decoder/index.js";
import { ruleOf } from "../lowering/rules.js";

test("every instruction has a rule that lowers it, and the rule's operations exist", () => {
  for (const { name, opcode } of OPCODES) expect(() => ruleOf(opcode), name).not.toThrow();
});
