// Validation rules of select with types, bulk memory, table and reference instructions
// (spec 3.4).

import { CAST_SOURCE_NULLABLE, CAST_TARGET_NULLABLE } from "./instructions.js";
import { topHeap } from "./matching.js";
import type { ElemSegment } from "./module.js";
import type { OpcodeName } from "./opcodes.js";
import {
  ANYREF,
  EXTERNREF,
  HEAP_ANY,
  HEAP_EQ,
  HEAP_EXTERN,
  HEAP_I31,
  I32,
  isNullable,
  isRef,
  nonNull,
  refType,
  type ValType,
} from "./types.js";
import { addressType, type ValidationStack } from "./validation-stack.js";

type Rules = Partial<Record<OpcodeName, (stack: ValidationStack) => void>>;

export const TABLE_AND_MEMORY_RULES: Rules = {
  "select t": (stack) => {
    const types = stack.reader.selectTypes;
    if (types.length !== 1) stack.fail(`invalid result arity ${types.length}: select takes one type`);
    stack.pop(I32);
    stack.pop(types[0]!);
    stack.pop(types[0]!);
    stack.push(types[0]!);
  },

  "memory.init": (stack) => {
    const { draft, reader, funcidx } = stack;
    const memory = draft.memory(reader.index2, reader.start, funcidx);
    requireData(stack, reader.index);
    stack.pop(I32);
    stack.pop(I32);
    stack.pop(addressType(memory));
  },
  "data.drop": (stack) => requireData(stack, stack.reader.index),
  "memory.copy": (stack) => {
    const { draft, reader, funcidx } = stack;
    const to = addressType(draft.memory(reader.index, reader.start, funcidx));
    const from = addressType(draft.memory(reader.index2, reader.start, funcidx));
    stack.pop(to === from ? to : I32);
    stack.pop(from);
    stack.pop(to);
  },

  "table.get": (stack) => {
    const table = tableOf(stack, stack.reader.index);
    stack.pop(addressType(table));
    stack.push(table.element);
  },
  "table.set": (stack) => {
    const table = tableOf(stack, stack.reader.index);
    stack.pop(table.element);
    stack.pop(addressType(table));
  },
  "table.size": (stack) => stack.push(addressType(tableOf(stack, stack.reader.index))),
  "table.grow": (stack) => {
    const table = tableOf(stack, stack.reader.index);
    stack.pop(addressType(table));
    stack.pop(table.element);
    stack.push(addressType(table));
  },
  "table.fill": (stack) => {
    const table = tableOf(stack, stack.reader.index);
    stack.pop(addressType(table));
    stack.pop(table.element);
    stack.pop(addressType(table));
  },
  "table.copy": (stack) => {
    const to = tableOf(stack, stack.reader.index);
    const from = tableOf(stack, stack.reader.index2);
    stack.requireMatch(from.element, to.element);
    stack.pop(to.is64 && from.is64 ? addressType(to) : I32);
    stack.pop(addressType(from));
    stack.pop(addressType(to));
  },
  "table.init": (stack) => {
    const table = tableOf(stack, stack.reader.index2);
    stack.requireMatch(elemOf(stack, stack.reader.index).type, table.element);
    stack.pop(I32);
    stack.pop(I32);
    stack.pop(addressType(table));
  },
  "elem.drop": (stack) => void elemOf(stack, stack.reader.index),
};

export const REFERENCE_RULES: Rules = {
  "ref.null": (stack) => stack.push(refType(stack.reader.heapType, true)),
  "ref.is_null": (stack) => {
    stack.popRef();
    stack.push(I32);
  },
  "ref.func": (stack) => {
    const { draft, reader, funcidx } = stack;
    const typeId = draft.func(reader.index, reader.start, funcidx);
    if (!draft.refs.has(reader.index)) stack.fail(`undeclared function reference ${reader.index}`);
    stack.push(refType(typeId, false));
  },
  "ref.eq": (stack) => {
    stack.pop(refType(HEAP_EQ, true));
    stack.pop(refType(HEAP_EQ, true));
    stack.push(I32);
  },
  "ref.as_non_null": (stack) => stack.push(nonNull(stack.popRef())),
  br_on_null: (stack) => {
    const found = stack.popRef();
    const types = stack.labelTypes(stack.reader.index);
    stack.popAll(types);
    stack.pushAll(types);
    stack.push(nonNull(found));
  },
  br_on_non_null: (stack) => {
    const types = branchedReference(stack);
    const found = stack.popRef();
    stack.push(nonNull(found));
    stack.popAll(types);
    pushAllButLast(stack, types);
  },

  br_on_cast: (stack) => {
    const { source, target, rest } = castTypes(stack);
    const types = branchedReference(stack);
    stack.requireMatch(target, types[types.length - 1]!);
    branchOnCast(stack, source, types, rest);
  },
  br_on_cast_fail: (stack) => {
    const { source, target, rest } = castTypes(stack);
    const types = branchedReference(stack);
    stack.requireMatch(rest, types[types.length - 1]!);
    branchOnCast(stack, source, types, target);
  },
  "ref.test": (stack) => castOperand(stack, I32),
  "ref.test null": (stack) => castOperand(stack, I32),
  "ref.cast": (stack) => castOperand(stack, refType(stack.reader.heapType, false)),
  "ref.cast null": (stack) => castOperand(stack, refType(stack.reader.heapType, true)),

  "any.convert_extern": (stack) => {
    const found = stack.pop(EXTERNREF);
    stack.push(refType(HEAP_ANY, isNullable(found)));
  },
  "extern.convert_any": (stack) => {
    const found = stack.pop(ANYREF);
    stack.push(refType(HEAP_EXTERN, isNullable(found)));
  },
  "ref.i31": (stack) => {
    stack.pop(I32);
    stack.push(refType(HEAP_I31, false));
  },
  "i31.get_s": i31Get,
  "i31.get_u": i31Get,
};

function i31Get(stack: ValidationStack): void {
  stack.pop(refType(HEAP_I31, true));
  stack.push(I32);
}

function tableOf(stack: ValidationStack, tableidx: number) {
  return stack.draft.table(tableidx, stack.reader.start, stack.funcidx);
}

/** The element segment of an instruction. */
export function elemOf(stack: ValidationStack, elemidx: number): ElemSegment {
  return stack.draft.elem(elemidx, stack.reader.start, stack.funcidx);
}

/** Requires a data segment: by the data count section, since data follows code. */
export function requireData(stack: ValidationStack, dataidx: number): void {
  const { dataCount } = stack.draft;
  if (dataCount < 0) stack.reader.malformed("data count section required", stack.reader.start);
  if (dataidx >= dataCount) stack.fail(`unknown data segment ${dataidx} (there are ${dataCount})`);
}

/** The types of the label of a branch that carries a reference. */
function branchedReference(stack: ValidationStack): readonly ValType[] {
  const types = stack.labelTypes(stack.reader.index);
  const last = types[types.length - 1];
  if (last === undefined || !isRef(last)) {
    stack.mismatch(`expected a label that takes a reference, found ${stack.registry.describeAll(types)}`);
  }
  return types;
}

function pushAllButLast(stack: ValidationStack, types: readonly ValType[]): void {
  for (let i = 0; i < types.length - 1; i++) stack.push(types[i]!);
}

/** The types of a cast branch: operand, success, and what is left of the operand's on failure. */
function castTypes(stack: ValidationStack) {
  const { castFlags, heapType, heapType2 } = stack.reader;
  const source = refType(heapType, (castFlags & CAST_SOURCE_NULLABLE) !== 0);
  const target = refType(heapType2, (castFlags & CAST_TARGET_NULLABLE) !== 0);
  stack.requireMatch(target, source);
  return { source, target, rest: isNullable(target) ? nonNull(source) : source };
}

function branchOnCast(stack: ValidationStack, source: ValType, types: readonly ValType[], kept: ValType): void {
  stack.pop(source);
  // The label's reference was compared already; the values below it pass through.
  for (let i = types.length - 2; i >= 0; i--) stack.pop(types[i]!);
  pushAllButLast(stack, types);
  stack.push(kept);
}

function castOperand(stack: ValidationStack, result: ValType): void {
  stack.pop(refType(topHeap(stack.registry, stack.reader.heapType), true));
  stack.push(result);
}
