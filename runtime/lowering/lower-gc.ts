// Structures, arrays, i31, casts and their branches.
import { type ArrayType, CAST_TARGET_NULLABLE, OP, type OpcodeName, type StructType } from "../../decoder/index.js";
import { registerOp } from "../register-code/register-op-table.js";
import {
  arrayBytes,
  CELL_8,
  CELL_16,
  cellKind,
  cellsOf,
  DEFAULT_REF,
  DEFAULT_WORD,
  elementStorage,
  structLayout,
} from "../store/heap.js";
import { jump } from "./branch.js";
import { Label } from "./control.js";
import type { FunctionLowering } from "./function-lowering.js";
import { branchIf } from "./lower-control.js";
import { IN_SLOT, WIDTH_32, WIDTH_64, WIDTH_128, WIDTH_REF, widthOf } from "./operands.js";

type Rule = (l: FunctionLowering) => void;

/** Canonical id of the type that the instruction names. */
function typeIdOf(l: FunctionLowering): number {
  return l.module.types[l.reader.index]!;
}

/** A segment's cost is an int32 with room to spare; allocations are what could make it larger. */
const LONG_SEGMENT = 2 ** 24;

function splitLongSegment(l: FunctionLowering): void {
  if (l.segments.paid < LONG_SEGMENT) return;
  const next = new Label();
  jump(l, next);
  l.bind(next, l.reader.offset, false);
}

// ---- Structures ----

const REF_NULL = registerOp("ref.null");
const STRUCT_NEW = registerOp("struct.new");
const STRUCT_NEW_WIDE = registerOp("struct.new.wide");
const STRUCT_NEW_DEFAULT = registerOp("struct.new_default");

/** Where a cell comes from, or DEFAULT_…: the index of a word of the frame, and the cell's kind in the low two bits. */
function cellSource(slot: number, word: number, kind: number): number {
  return ((slot * 2 + word) << 2) | kind;
}

/** The sources of the cells of operand `i`. */
function sourcesOf(l: FunctionLowering, i: number, kind: number, count: number): number[] {
  const slot = l.slotOf(i);
  const sources: number[] = [];
  for (let word = 0; word < count; word++) sources.push(cellSource(slot, word, kind));
  return sources;
}

/** Takes back the `ref.null` that the last operands from `first` on were made by; the first of those operands. */
function takeNulls(l: FunctionLowering, first: number): number {
  let from = l.operands.height;
  while (from > first && l.emitter.lastOp === REF_NULL && l.isLastResult(from - 1)) {
    l.emitter.unemit();
    from--;
  }
  // Not in their slots: whatever is there is not live.
  l.operands.promiseTop(from);
  return from;
}

export function lowerStructNew(l: FunctionLowering): void {
  const { operands } = l;
  const typeId = typeIdOf(l);
  const { type, bytes } = structLayout(l.module.registry, typeId);
  const first = operands.height - type.fields.length;
  const nulls = takeNulls(l, first);
  const sources: number[] = [];
  type.fields.forEach(({ storage }, i) => {
    if (first + i >= nulls) sources.push(DEFAULT_REF);
    else for (const source of sourcesOf(l, first + i, cellKind(storage), cellsOf(storage))) sources.push(source);
  });
  l.markPricedAllocation(operands.height);
  operands.height = first;
  emitStructNew(l, typeId, bytes, sources);
}

function emitStructNew(l: FunctionLowering, typeId: number, bytes: number, sources: readonly number[]): void {
  const { operands, emitter } = l;
  const slot = operands.push(IN_SLOT, WIDTH_REF);
  if (emitter.wide) emitter.emit(STRUCT_NEW_WIDE, 0, 0, 0, slot, typeId, bytes, sources.length);
  else emitter.emit(STRUCT_NEW, slot, 0, 0, typeId, bytes, sources.length);
  for (const source of sources) emitter.word(source);
  splitLongSegment(l);
}

/** Cells of a struct up to which default values are written out in the code. */
const FEW_CELLS = 8;

export function lowerStructNewDefault(l: FunctionLowering): void {
  const { defaults, bytes } = structLayout(l.module.registry, typeIdOf(l));
  if (defaults.length <= FEW_CELLS) {
    const sources = defaults.map((value) => (value === null ? DEFAULT_REF : DEFAULT_WORD));
    l.markPricedAllocation(l.operands.height);
    emitStructNew(l, typeIdOf(l), bytes, sources);
    return;
  }
  l.markPricedAllocation(l.operands.height);
  const slot = l.operands.push(IN_SLOT, WIDTH_REF);
  l.emitter.emit(STRUCT_NEW_DEFAULT, slot, 0, 0, typeIdOf(l));
  splitLongSegment(l);
}

/** Which form of get and set has a field or element of these widths. */
const SUFFIX = { [WIDTH_32]: "32", [WIDTH_64]: "64", [WIDTH_128]: "128", [WIDTH_REF]: "ref" } as const;

const STRUCT_GET = forms("struct.get");
const STRUCT_SET = forms("struct.set");
const ARRAY_GET = forms("array.get");
const ARRAY_SET = forms("array.set");

/** Operations by width. */
function forms(name: string): readonly number[] {
  return [WIDTH_32, WIDTH_64, WIDTH_128, WIDTH_REF].map((width) => registerOp(`${name}_${SUFFIX[width as 0]}`));
}
/** Operations by {@link cellKind} of packed storage: unsigned get, signed get, set. */
const STRUCT_PACKED: Readonly<Record<number, readonly [number, number, number]>> = {
  [CELL_8]: [registerOp("struct.get_32"), registerOp("struct.get_s8"), registerOp("struct.set_8")],
  [CELL_16]: [registerOp("struct.get_32"), registerOp("struct.get_s16"), registerOp("struct.set_16")],
};
const ARRAY_PACKED: Readonly<Record<number, readonly [number, number, number]>> = {
  [CELL_8]: [registerOp("array.get_u8"), registerOp("array.get_s8"), registerOp("array.set_8")],
  [CELL_16]: [registerOp("array.get_u16"), registerOp("array.get_s16"), registerOp("array.set_16")],
};

function fieldOf(l: FunctionLowering) {
  const { type, cells } = structLayout(l.module.registry, typeIdOf(l));
  const { storage } = (type as StructType).fields[l.reader.index2]!;
  return { storage, width: widthOf(storage), cell: cells[l.reader.index2]! };
}

export function lowerStructGet(l: FunctionLowering): void {
  const { operands, reader } = l;
  const { storage, width, cell } = fieldOf(l);
  const packed = STRUCT_PACKED[cellKind(storage)];
  const op = packed === undefined ? STRUCT_GET[width]! : packed[reader.opcode === OP["struct.get_s"] ? 1 : 0];
  const b = l.slotOf(operands.height - 1);
  operands.height--;
  l.emitter.emit(op, operands.push(IN_SLOT, width), b, 0, cell);
}

export function lowerStructSet(l: FunctionLowering): void {
  const { operands } = l;
  const { storage, width, cell } = fieldOf(l);
  const first = operands.height - 2;
  const a = l.slotOf(first);
  const b = l.slotOf(first + 1);
  operands.height = first;
  l.emitter.emit(STRUCT_PACKED[cellKind(storage)]?.[2] ?? STRUCT_SET[width]!, a, b, 0, cell);
}

// ---- Arrays ----

const ARRAY_NEW_FIXED = registerOp("array.new_fixed");
const ARRAY_NEW_FIXED_WIDE = registerOp("array.new_fixed.wide");

export function lowerArrayNewFixed(l: FunctionLowering): void {
  const { operands, emitter } = l;
  const typeId = typeIdOf(l);
  const length = l.reader.index2;
  const storage = elementStorage(l.module.registry, typeId);
  const kind = cellKind(storage);
  const count = cellsOf(storage);
  const first = operands.height - length;
  const sources: number[] = [];
  for (let i = first; i < operands.height; i++) for (const source of sourcesOf(l, i, kind, count)) sources.push(source);
  l.markPricedAllocation(operands.height);
  operands.height = first;
  const slot = operands.push(IN_SLOT, WIDTH_REF);
  const bytes = arrayBytes(storage, length);
  if (emitter.wide) emitter.emit(ARRAY_NEW_FIXED_WIDE, 0, 0, 0, slot, typeId, bytes, sources.length, length, kind);
  else emitter.emit(ARRAY_NEW_FIXED, slot, 0, 0, typeId, bytes, sources.length, length, kind);
  for (const source of sources) emitter.word(source);
  splitLongSegment(l);
}

const REF_I31 = registerOp("ref.i31");
const I31_GET_S = registerOp("i31.get_s");
const ARRAY_GET_REF = registerOp("array.get_ref");
const ARRAY_GET_I31 = registerOp("array.get_i31_s");
const ARRAY_SET_I31 = registerOp("array.set_i31");

/** An element that is read only for its i31 never becomes a reference in a slot. */
function lowerI31GetS(l: FunctionLowering): void {
  const { operands, emitter } = l;
  const top = operands.height - 1;
  const b = l.slotOf(top);
  if (!emitter.wide && emitter.lastOp === ARRAY_GET_REF && l.isLastResult(top)) {
    emitter.replaceLast(ARRAY_GET_I31);
  }
  operands.height = top;
  emitter.emit(I31_GET_S, operands.push(IN_SLOT, WIDTH_32), b);
}

function elementOf(l: FunctionLowering) {
  const { storage } = (l.module.registry.get(typeIdOf(l)).comp as ArrayType).element;
  return { storage, width: widthOf(storage) };
}

export function lowerArrayGet(l: FunctionLowering): void {
  const { operands, reader } = l;
  const { storage, width } = elementOf(l);
  const packed = ARRAY_PACKED[cellKind(storage)];
  const op = packed === undefined ? ARRAY_GET[width]! : packed[reader.opcode === OP["array.get_s"] ? 1 : 0];
  const first = operands.height - 2;
  const b = l.slotOf(first);
  const c = l.slotOf(first + 1);
  operands.height = first;
  l.emitter.emit(op, operands.push(IN_SLOT, width), b, c);
}

export function lowerArraySet(l: FunctionLowering): void {
  const { operands } = l;
  const { storage, width } = elementOf(l);
  const first = operands.height - 3;
  const a = l.slotOf(first);
  const b = l.slotOf(first + 1);
  const { emitter } = l;
  if (!emitter.wide && emitter.lastOp === REF_I31 && l.isLastResult(first + 2)) {
    const value = emitter.fieldB(emitter.lastAt);
    emitter.unemit();
    operands.height = first;
    emitter.emit(ARRAY_SET_I31, a, b, value);
    return;
  }
  const c = l.slotOf(first + 2);
  operands.height = first;
  l.emitter.emit(ARRAY_PACKED[cellKind(storage)]?.[2] ?? ARRAY_SET[width]!, a, b, c);
}

/**
 * An operation of the driver on the top `count` operands, which are brought into their slots.
 * It may have to wait for more fuel than the segment paid, and is then done anew.
 */
function lowerArrayBulk(name: OpcodeName, count: number, makesArray: boolean): Rule {
  const op = registerOp(name);
  return (l) => {
    const { operands, emitter, reader, segments } = l;
    const from = operands.height - count;
    l.materialiseFrom(from);
    l.markRepeatable();
    if (makesArray) l.markAllocation(operands.height);
    operands.height = from;
    const base = operands.slotAt(from);
    const at = emitter.emit(op, 0, 0, 0, base, typeIdOf(l), reader.index2);
    segments.end();
    if (makesArray) operands.push(IN_SLOT, WIDTH_REF);
    l.bindReturnPoint(emitter.fuelWord(at, op));
  };
}

// ---- Casts ----

const REF_TEST = registerOp("ref.test");
const REF_CAST = registerOp("ref.cast");
const BR_Z = registerOp("br_z");
const BR_NZ = registerOp("br_nz");

function lowerRefTest(nullable: number): Rule {
  return (l) => {
    const { operands, reader } = l;
    const b = l.slotOf(operands.height - 1);
    operands.height--;
    l.emitter.emit(REF_TEST, operands.push(IN_SLOT, WIDTH_32), b, 0, reader.heapType, nullable);
  };
}

/** A cast that succeeds leaves the operand where it is. */
function lowerRefCast(nullable: number): Rule {
  return (l) => {
    l.emitter.emit(REF_CAST, l.slotOf(l.operands.height - 1), 0, 0, l.reader.heapType, nullable);
  };
}

/** `sense`: whether a reference that is of the target type takes the branch. */
function lowerBrOnCast(sense: boolean): Rule {
  return (l) => {
    const { operands, reader, emitter } = l;
    const control = l.target(reader.index);
    const top = operands.height - 1;
    // Taken or not, the reference stays on the stack: the outcome goes into the words of its slot.
    l.materialise(top);
    const slot = operands.slot[top]!;
    const nullable = (reader.castFlags & CAST_TARGET_NULLABLE) !== 0 ? 1 : 0;
    emitter.emit(REF_TEST, slot, slot, 0, reader.heapType2, nullable);
    branchIf(l, { ifTrue: BR_NZ, ifFalse: BR_Z, a: slot, b: 0, k: 0 }, sense, control);
  };
}

/** A reference of the any hierarchy and its form as an extern one are one value. */
const convert: Rule = () => {};

export const GC_RULES: Partial<Record<OpcodeName, Rule>> = {
  "struct.new": lowerStructNew,
  "struct.new_default": lowerStructNewDefault,
  "struct.get": lowerStructGet,
  "struct.get_s": lowerStructGet,
  "struct.get_u": lowerStructGet,
  "struct.set": lowerStructSet,
  "array.new": lowerArrayBulk("array.new", 2, true),
  "array.new_default": lowerArrayBulk("array.new_default", 1, true),
  "array.new_fixed": lowerArrayNewFixed,
  "array.new_data": lowerArrayBulk("array.new_data", 2, true),
  "array.new_elem": lowerArrayBulk("array.new_elem", 2, true),
  "array.get": lowerArrayGet,
  "array.get_s": lowerArrayGet,
  "array.get_u": lowerArrayGet,
  "array.set": lowerArraySet,
  "i31.get_s": lowerI31GetS,
  "array.fill": lowerArrayBulk("array.fill", 4, false),
  "array.copy": lowerArrayBulk("array.copy", 5, false),
  "array.init_data": lowerArrayBulk("array.init_data", 4, false),
  "array.init_elem": lowerArrayBulk("array.init_elem", 4, false),
  "ref.test": lowerRefTest(0),
  "ref.test null": lowerRefTest(1),
  "ref.cast": lowerRefCast(0),
  "ref.cast null": lowerRefCast(1),
  br_on_cast: lowerBrOnCast(true),
  br_on_cast_fail: lowerBrOnCast(false),
  "any.convert_extern": convert,
  "extern.convert_any": convert,
};
