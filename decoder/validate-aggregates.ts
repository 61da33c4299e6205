// Validation rules of structure and array instructions (spec 3.4).

import { checkLimit } from "./limits.js";
import { matchesVal } from "./matching.js";
import type { OpcodeName } from "./opcodes.js";
import {
  type ArrayType,
  type FieldType,
  HEAP_ARRAY,
  I8,
  I16,
  I32,
  isDefaultable,
  isRef,
  refType,
  type ValType,
} from "./types.js";
import { elemOf, requireData } from "./validate-references.js";
import type { ValidationStack } from "./validation-stack.js";

const ARRAYREF = refType(HEAP_ARRAY, true);

export const AGGREGATE_RULES: Partial<Record<OpcodeName, (stack: ValidationStack) => void>> = {
  "struct.new": (stack) => {
    const { fields } = structType(stack);
    for (let i = fields.length - 1; i >= 0 && !stack.isOpen(); i--) stack.pop(unpacked(fields[i]!));
    pushNew(stack);
  },
  "struct.new_default": (stack) => {
    const type = structType(stack);
    if (!stack.defaultableStructs.has(type)) {
      for (const field of type.fields) requireDefaultable(stack, field);
      stack.defaultableStructs.add(type);
    }
    pushNew(stack);
  },
  "struct.get": (stack) => structGet(stack, false),
  "struct.get_s": (stack) => structGet(stack, true),
  "struct.get_u": (stack) => structGet(stack, true),
  "struct.set": (stack) => {
    const field = fieldOf(stack);
    if (!field.mutable) stack.fail(`immutable field ${stack.reader.index2}`);
    stack.pop(unpacked(field));
    popAggregate(stack, stack.reader.index);
  },

  "array.new": (stack) => {
    const { element } = arrayType(stack);
    stack.pop(I32);
    stack.pop(unpacked(element));
    pushNew(stack);
  },
  "array.new_default": (stack) => {
    requireDefaultable(stack, arrayType(stack).element);
    stack.pop(I32);
    pushNew(stack);
  },
  "array.new_fixed": (stack) => {
    const { draft, reader, funcidx } = stack;
    const type = unpacked(arrayType(stack).element);
    const limit = draft.limits.arrayNewFixedOperands;
    checkLimit("number of array.new_fixed operands", reader.index2, limit, reader.start, funcidx);
    for (let i = 0; i < reader.index2 && !stack.isOpen(); i++) stack.pop(type);
    pushNew(stack);
  },
  "array.new_data": (stack) => {
    requireNumeric(stack, arrayType(stack));
    requireData(stack, stack.reader.index2);
    stack.pop(I32);
    stack.pop(I32);
    pushNew(stack);
  },
  "array.new_elem": (stack) => {
    stack.requireMatch(elemOf(stack, stack.reader.index2).type, arrayType(stack).element.storage);
    stack.pop(I32);
    stack.pop(I32);
    pushNew(stack);
  },
  "array.get": (stack) => arrayGet(stack, false),
  "array.get_s": (stack) => arrayGet(stack, true),
  "array.get_u": (stack) => arrayGet(stack, true),
  "array.set": (stack) => {
    const { element } = mutableArray(stack);
    stack.pop(unpacked(element));
    stack.pop(I32);
    popAggregate(stack, stack.reader.index);
  },
  "array.len": (stack) => {
    stack.pop(ARRAYREF);
    stack.push(I32);
  },
  "array.fill": (stack) => {
    const { element } = mutableArray(stack);
    stack.pop(I32);
    stack.pop(unpacked(element));
    stack.pop(I32);
    popAggregate(stack, stack.reader.index);
  },
  "array.copy": (stack) => {
    const { draft, reader, funcidx } = stack;
    const to = mutableArray(stack).element;
    const from = draft.arrayType(reader.index2, reader.start, funcidx).element;
    if (!matchesVal(stack.registry, from.storage, to.storage)) {
      const { registry } = stack;
      stack.fail(
        `array types do not match: expected ${registry.describe(to.storage)}, found ${registry.describe(from.storage)}`,
      );
    }
    stack.pop(I32);
    stack.pop(I32);
    popAggregate(stack, reader.index2);
    stack.pop(I32);
    popAggregate(stack, reader.index);
  },
  "array.init_data": (stack) => {
    requireNumeric(stack, mutableArray(stack));
    requireData(stack, stack.reader.index2);
    popRange(stack);
  },
  "array.init_elem": (stack) => {
    const { element } = mutableArray(stack);
    stack.requireMatch(elemOf(stack, stack.reader.index2).type, element.storage);
    popRange(stack);
  },
};

function structType(stack: ValidationStack) {
  return stack.draft.structType(stack.reader.index, stack.reader.start, stack.funcidx);
}

function arrayType(stack: ValidationStack): ArrayType {
  return stack.draft.arrayType(stack.reader.index, stack.reader.start, stack.funcidx);
}

function mutableArray(stack: ValidationStack): ArrayType {
  const type = arrayType(stack);
  if (!type.element.mutable) stack.fail(`immutable array: type ${stack.reader.index}`);
  return type;
}

function fieldOf(stack: ValidationStack): FieldType {
  const { fields } = structType(stack);
  const field = fields[stack.reader.index2];
  if (field === undefined) stack.fail(`unknown field ${stack.reader.index2} (there are ${fields.length})`);
  return field;
}

/** The value type that a field's contents have on the stack (spec 2.3, "unpack"). */
function unpacked(field: FieldType): ValType {
  return isPacked(field) ? I32 : field.storage;
}

function isPacked(field: FieldType): boolean {
  return field.storage === I8 || field.storage === I16;
}

function requireDefaultable(stack: ValidationStack, field: FieldType): void {
  if (!isDefaultable(field.storage)) {
    stack.mismatch(`expected a type with a default value, found ${stack.registry.describe(field.storage)}`);
  }
}

function requireNumeric(stack: ValidationStack, type: ArrayType): void {
  if (isRef(type.element.storage)) {
    stack.fail(`array type is not numeric or vector: type ${stack.reader.index}`);
  }
}

function requirePacking(stack: ValidationStack, field: FieldType, packed: boolean): void {
  if (isPacked(field) !== packed) {
    stack.mismatch(`expected a ${packed ? "packed" : "plain"} type, found ${stack.registry.describe(field.storage)}`);
  }
}

function structGet(stack: ValidationStack, packed: boolean): void {
  const field = fieldOf(stack);
  requirePacking(stack, field, packed);
  popAggregate(stack, stack.reader.index);
  stack.push(unpacked(field));
}

function arrayGet(stack: ValidationStack, packed: boolean): void {
  const { element } = arrayType(stack);
  requirePacking(stack, element, packed);
  stack.pop(I32);
  popAggregate(stack, stack.reader.index);
  stack.push(unpacked(element));
}

/** Pops destination, start in it, start in the segment and length. */
function popRange(stack: ValidationStack): void {
  stack.pop(I32);
  stack.pop(I32);
  stack.pop(I32);
  popAggregate(stack, stack.reader.index);
}

function popAggregate(stack: ValidationStack, typeidx: number): void {
  stack.pop(refType(stack.draft.types[typeidx]!, true));
}

function pushNew(stack: ValidationStack): void {
  stack.push(refType(stack.draft.types[stack.reader.index]!, false));
}
