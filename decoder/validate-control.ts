// Validation rules of the less frequent control instructions: calls through references and
// tables, br_table, exceptions (spec 3.4), and the legacy exceptions.

import { CATCH, CATCH_ALL } from "./instructions.js";
import { checkLimit } from "./limits.js";
import { matchesResult, matchesVal } from "./matching.js";
import { OP, type OpcodeName } from "./opcodes.js";
import { EXNREF, FUNCREF, type FuncType, HEAP_EXN, I32, refType, type ValType } from "./types.js";
import { addressType, NO_TYPES, type ValidationStack } from "./validation-stack.js";

const EXN_NON_NULL = refType(HEAP_EXN, false);

/** Rules by instruction; each checks the instruction that the reader has just read. */
export const CONTROL_RULES: Partial<Record<OpcodeName, (stack: ValidationStack) => void>> = {
  unreachable: (stack) => stack.setUnreachable(),
  return: (stack) => {
    stack.popAll(stack.frameResults[0]!);
    stack.setUnreachable();
  },
  br_table: brTable,
  call_indirect: (stack) => {
    const type = indirectType(stack);
    stack.popAll(type.params);
    stack.pushAll(type.results);
  },
  call_ref: (stack) => {
    const type = referencedType(stack);
    stack.popAll(type.params);
    stack.pushAll(type.results);
  },
  return_call: (stack) => {
    const { draft, reader, registry, funcidx } = stack;
    returnCall(stack, registry.funcType(draft.func(reader.index, reader.start, funcidx)));
  },
  return_call_indirect: (stack) => returnCall(stack, indirectType(stack)),
  return_call_ref: (stack) => returnCall(stack, referencedType(stack)),

  throw: (stack) => {
    const { draft, reader, funcidx } = stack;
    stack.popAll(draft.tag(reader.index, reader.start, funcidx).params);
    stack.setUnreachable();
  },
  throw_ref: (stack) => {
    stack.pop(EXNREF);
    stack.setUnreachable();
  },
  try_table: (stack) => {
    const { draft, reader, funcidx } = stack;
    const { tryTableClauses } = draft.limits;
    checkLimit("number of try_table clauses", reader.catchCount, tryTableClauses, reader.start, funcidx);
    validateCatches(stack);
    stack.enter();
  },

  try: (stack) => stack.enter(),
  catch: (stack) => {
    const { draft, reader, funcidx } = stack;
    const { params } = draft.tag(reader.index, reader.start, funcidx);
    nextHandler(stack, OP.catch);
    stack.pushAll(params);
  },
  catch_all: (stack) => nextHandler(stack, OP.catch_all),
  delegate: (stack) => {
    const frame = stack.frames - 1;
    const results = stack.frameResults[frame]!;
    if (stack.frameOpcodes[frame] !== OP.try || frame === 0)
      stack.reader.malformed("END opcode expected", stack.reader.start);
    stack.popFrame();
    // The label counts from outside the try.
    stack.labelTypes(stack.reader.index);
    stack.pushAll(results);
  },
  rethrow: (stack) => {
    const { index } = stack.reader;
    stack.labelTypes(index);
    const opcode = stack.frameOpcodes[stack.frames - 1 - index];
    if (opcode !== OP.catch && opcode !== OP.catch_all) stack.fail(`invalid rethrow label ${index}`);
    stack.setUnreachable();
  },
};

function brTable(stack: ValidationStack): void {
  const { reader, draft } = stack;
  stack.pop(I32);
  const last = reader.labelCount - 1;
  checkLimit("number of br_table labels", last, draft.limits.brTableLabels, reader.start, stack.funcidx);
  const defaults = stack.labelTypes(reader.labels[last]!);
  // Labels of the same frame or type are checked once, so a long table costs no more than its bytes.
  const checked = new Set<readonly ValType[]>();
  for (let i = 0; i <= last; i++) {
    const types = stack.labelTypes(reader.labels[i]!);
    if (checked.has(types)) continue;
    checked.add(types);
    if (types.length !== defaults.length) {
      stack.mismatch(`expected labels of ${defaults.length} values, found ${types.length}`);
    }
    stack.peekAll(types);
  }
  stack.setUnreachable();
}

function indirectType(stack: ValidationStack): FuncType {
  const { draft, reader, registry, funcidx } = stack;
  const table = draft.table(reader.index2, reader.start, funcidx);
  if (!matchesVal(registry, table.element, FUNCREF)) {
    stack.mismatch(`expected a table of funcref, found ${registry.describe(table.element)}`);
  }
  const type = draft.funcType(reader.index, reader.start, funcidx);
  stack.pop(addressType(table));
  return type;
}

function referencedType(stack: ValidationStack): FuncType {
  const { draft, reader, funcidx } = stack;
  const type = draft.funcType(reader.index, reader.start, funcidx);
  stack.pop(refType(draft.types[reader.index]!, true));
  return type;
}

function returnCall(stack: ValidationStack, type: FuncType): void {
  const { registry } = stack;
  const expected = stack.frameResults[0]!;
  if (!matchesResult(registry, type.results, expected)) {
    stack.mismatch(`expected results ${registry.describeAll(expected)}, found ${registry.describeAll(type.results)}`);
  }
  stack.popAll(type.params);
  stack.setUnreachable();
}

/** The values that a clause delivers must match its label, counted from outside. */
function validateCatches(stack: ValidationStack): void {
  const { reader, draft, registry, funcidx } = stack;
  for (let i = 0; i < 3 * reader.catchCount; i += 3) {
    const kind = reader.catches[i]!;
    const hasTag = kind < CATCH_ALL;
    const hasRef = kind !== CATCH && kind !== CATCH_ALL;
    const params = hasTag ? draft.tag(reader.catches[i + 1]!, reader.start, funcidx).params : NO_TYPES;
    const expected = stack.labelTypes(reader.catches[i + 2]!);
    const delivered = hasRef ? [...params, EXN_NON_NULL] : params;
    if (!matchesResult(registry, delivered, expected)) {
      const clause = `${hasTag ? "catch" : "catch_all"}${hasRef ? "_ref" : ""}`;
      const found = `expected ${registry.describeAll(expected)}, found ${registry.describeAll(delivered)}`;
      stack.mismatch(`${clause} to label ${reader.catches[i + 2]}: ${found}`);
    }
  }
}

/** Ends the body or handler of a legacy `try`, and begins its next handler. */
function nextHandler(stack: ValidationStack, opcode: number): void {
  const frame = stack.frames - 1;
  const current = stack.frameOpcodes[frame];
  if (current !== OP.try && current !== OP.catch) stack.reader.malformed("END opcode expected", stack.reader.start);
  const results = stack.frameResults[frame]!;
  stack.popFrame();
  stack.pushFrame(opcode, NO_TYPES, results);
}
