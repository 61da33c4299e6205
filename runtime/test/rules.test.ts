// Rules are made when they are first asked for: here all of them are.
import { expect, test } from "vitest";
import { OPCODES } from "../../decoder/index.js";
import { ruleOf } from "../lowering/rules.js";
import { COLD, WIDE } from "../register-code/register-op-rows.js";
import { REGISTER_OPS as LAYOUTS } from "../register-code/register-op-table.js";
import { REGISTER_OPS } from "../register-code/register-ops.js";

test("every instruction has a rule that lowers it, and the rule's operations exist", () => {
  for (const { name, opcode } of OPCODES) expect(() => ruleOf(opcode), name).not.toThrow();
});

test("the table that the lowering uses says what the rows say", () => {
  expect(LAYOUTS).toEqual(REGISTER_OPS.map(({ body: _body, unit: _unit, ...layout }) => layout));
});

test("operations of the loop have numbers below the escapes", () => {
  expect(LAYOUTS.map(({ cold }) => cold).lastIndexOf(false)).toBeLessThan(Math.min(COLD, WIDE));
});
