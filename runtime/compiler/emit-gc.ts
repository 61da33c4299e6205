// References, structures, arrays, i31 and casts (spec 4.6.2 to 4.6.5). A reference is what the registers hold; objects of
// the heap are the interpreter's own (store/heap.ts). Whatever the heap has no room for leaves: tracing it is the
// interpreter's, and so are traps.
import {
  CAST_TARGET_NULLABLE,
  F32,
  F64,
  HEAP_I31,
  I32,
  I64,
  isRef,
  OP,
  type OpcodeName,
  type StructType,
  V128,
  type ValType,
} from "../../decoder/index.js";
import { fixedArrayPrice, structPrice } from "../lowering/instruction-price.js";
import {
  arrayBytes,
  CELL_8,
  CELL_16,
  cellKind,
  cellsOf,
  elementStorage,
  storageBytes,
  structLayout,
} from "../store/heap.js";
import { F32_CANONICAL_NAN, F64_CANONICAL_NAN_HI } from "../values.js";
import { branch, payBranch } from "./emit-control.js";
import type { EmitRule, FunctionEmitter } from "./function-emitter.js";
import { type Held, partNames, REF } from "./held.js";
import * as operand from "./operand.js";
import { asWords, constantOf, type Operand, partsOf } from "./operand.js";

const rules: [number, EmitRule][] = [];
const on = (name: OpcodeName, rule: EmitRule) => rules.push([OP[name], rule]);

function typeIdOf({ module, reader }: FunctionEmitter): number {
  return module.types[reader.index]!;
}

// ---- References ----
on("ref.null", (e) => {
  e.pay(e.price);
  e.stack.push(operand.constant(REF, "null"));
});
on("ref.func", (e) => {
  e.pay(e.price);
  const { index } = e.reader;
  e.compute(REF, (v) => `${v} = I.func(${index});`);
});
on("ref.is_null", (e) => {
  e.pay(e.price);
  const ref = e.pop();
  e.push(operand.condition([ref], `(${ref.lo} === null)`));
});
on("ref.eq", (e) => {
  e.pay(e.price);
  const b = e.pop();
  const a = e.pop();
  e.push(operand.condition([a, b], `(${a.lo} === ${b.lo})`));
});

/** Leaves before the instruction if the operand `depth` below the top is null; pays for it otherwise. */
function notNull(e: FunctionEmitter, depth = 0): string {
  const leaving = e.leaving();
  e.source.line(`if (${e.top(depth).lo} === null) ${leaving}`);
  e.pay(e.price);
  return leaving;
}
on("ref.as_non_null", (e) => {
  notNull(e);
});
for (const name of ["any.convert_extern", "extern.convert_any"] as const) on(name, (e) => e.pay(e.price));

on("br_on_null", (e) => {
  const { index } = e.reader;
  payBranch(e, index);
  e.settle(1);
  const ref = e.pop();
  e.source.line(`if (${ref.lo} === null) { ${branch(e, index).join(" ")} }`);
  e.stack.push(ref);
});
on("br_on_non_null", (e) => {
  const { index } = e.reader;
  payBranch(e, index);
  e.settle(1);
  e.source.line(`if (${e.top().lo} !== null) { ${branch(e, index).join(" ")} }`);
  e.pop();
});

/** Condition that a reference, named more than once, is of a type. */
function isOfType(e: FunctionEmitter, ref: string, heapType: number, nullable: boolean): string {
  if (heapType === HEAP_I31) return `(typeof ${ref} === "number"${nullable ? ` || ${ref} === null` : ""})`;
  const id = e.typeText(heapType);
  const slow = `OFTYPE(${ref}, ${id}, ${nullable ? 1 : 0})`;
  return heapType < 0 ? `(${slow} === 1)` : `(${ref} !== null && ${ref}.typeId === ${id} || ${slow} === 1)`;
}
for (const [name, nullable] of [
  ["ref.test", false],
  ["ref.test null", true],
] as const) {
  on(name, (e) => {
    e.settle(1);
    e.pay(e.price);
    const ref = e.pop();
    const test = isOfType(e, ref.lo, e.reader.heapType, nullable);
    e.compute(I32, (v) => `${v} = ${test} ? 1 : 0;`);
  });
}
for (const [name, nullable] of [
  ["ref.cast", false],
  ["ref.cast null", true],
] as const) {
  on(name, (e) => {
    const leaving = e.leaving();
    e.source.line(`if (!${isOfType(e, e.top().lo, e.reader.heapType, nullable)}) ${leaving}`);
    e.pay(e.price);
  });
}
for (const [name, sign] of [
  ["br_on_cast", ""],
  ["br_on_cast_fail", "!"],
] as const) {
  on(name, (e) => {
    const { index, castFlags, heapType2 } = e.reader;
    payBranch(e, index);
    e.settle(1);
    const test = isOfType(e, e.top().lo, heapType2, (castFlags & CAST_TARGET_NULLABLE) !== 0);
    e.source.line(`if (${sign}${test}) { ${branch(e, index).join(" ")} }`);
  });
}

// ---- i31 ----
on("ref.i31", (e) => {
  e.pay(e.price);
  const value = e.pop();
  e.push(operand.expression(REF, [value], `(${operand.valueText(value)} << 1 >> 1)`));
});
for (const [name, text] of [
  ["i31.get_s", "| 0"],
  ["i31.get_u", "& 2147483647"],
] as const) {
  on(name, (e) => {
    notNull(e);
    const ref = e.pop();
    e.push(operand.expression(I32, [ref], `(${ref.lo} ${text})`));
  });
}

// ---- Cells: what fields and elements of numbers are made of ----
/** The cells of a value, an atom, in a field or an element. */
function cellTexts(storage: ValType, value: Operand): string[] {
  const { lo } = value;
  const kind = cellKind(storage);
  if (kind === CELL_8) return [`${lo} & 255`];
  if (kind === CELL_16) return [`${lo} & 65535`];
  if (storage === F32) return [`BITS32(${lo})`];
  if (storage === F64) return [`LO64(${lo})`, `HI64(${lo})`];
  return partsOf(asWords(value));
}

/** Pushes the value of a field or an element, whose cells are `cells`, read at once. @param signed of packed ones */
function pushCells(
  e: FunctionEmitter,
  storage: ValType,
  cells: readonly string[],
  signed: boolean,
  leaving: string,
): void {
  const kind = cellKind(storage);
  if (isRef(storage)) e.compute(REF, (v) => `${v} = ${cells[0]};`);
  else if (kind === CELL_8 || kind === CELL_16) {
    const shift = kind === CELL_8 ? 24 : 16;
    e.compute(I32, (v) => `${v} = ${cells[0]}${signed ? ` << ${shift} >> ${shift}` : " | 0"};`);
  } else if (storage === F32) {
    e.compute(F32, (v) => {
      return `t = ${cells[0]} | 0; ${v} = OFBITS32(t); if (${v} !== ${v} && t !== ${F32_CANONICAL_NAN}) ${leaving}`;
    });
  } else if (storage === F64) {
    e.compute(F64, (v) => {
      const odd = `(t !== 0 || u !== ${F64_CANONICAL_NAN_HI})`;
      return `t = ${cells[0]} | 0; u = ${cells[1]} | 0; ${v} = OFBITS64(t, u); if (${v} !== ${v} && ${odd}) ${leaving}`;
    });
  } else {
    const held: Held = storage === I64 || storage === V128 ? storage : I32;
    e.compute(held, (v) =>
      partNames(v, held)
        .map((part, i) => `${part} = ${cells[i]} | 0;`)
        .join(" "),
    );
  }
}

// ---- Structures ----
/** Arrays of cells that one function each makes, so that V8 knows them to be of one kind. */
function cellsText(cells: readonly string[]): string {
  return cells.length <= 8 ? `CELLS${cells.length}(${cells.join(", ")})` : `CELLS(${cells.join(", ")})`;
}

/** Leaves if the heap has no such room, and takes it; then pays. */
function charge(e: FunctionEmitter, bytes: number, price: number): void {
  const leaving = e.leaving();
  e.source.line(`if (HEAP.used + ${bytes} > HEAP.limit) ${leaving} HEAP.used += ${bytes};`);
  e.pay(price);
}

/** Fields of a struct, and elements of array.new_fixed, that are written out. */
const MOST_CELLS = 256;

on("struct.new", (e) => {
  const typeId = typeIdOf(e);
  const { type, bytes, defaults } = structLayout(e.module.registry, typeId);
  if (defaults.length > MOST_CELLS) return e.leaveInstruction(storageTypes(type), [REF_TYPE]);
  charge(e, bytes, e.price + structPrice(e));
  const values = e.stack.splice(e.stack.length - type.fields.length);
  const cells = type.fields.flatMap(({ storage }, i) => cellTexts(storage, values[i]!));
  e.compute(REF, (v) => `${v} = new STRUCT(${e.typeText(typeId)}, ${cellsText(cells)});`);
});
on("struct.new_default", (e) => {
  const typeId = typeIdOf(e);
  const { bytes, defaults } = structLayout(e.module.registry, typeId);
  if (defaults.length > MOST_CELLS) return e.leaveInstruction([], [REF_TYPE]);
  charge(e, bytes, e.price + structPrice(e));
  e.compute(REF, (v) => `${v} = new STRUCT(${e.typeText(typeId)}, ${cellsText(defaults.map(String))});`);
});

function storageTypes({ fields }: StructType): ValType[] {
  return fields.map(({ storage }) => storage);
}

/** Some reference type: how it is held is all that is asked of it. */
const REF_TYPE = 0x63;

function fieldOf(e: FunctionEmitter) {
  const { type, cells } = structLayout(e.module.registry, typeIdOf(e));
  const { storage } = type.fields[e.reader.index2]!;
  const first = cells[e.reader.index2]!;
  return { storage, cells: Array.from({ length: cellsOf(storage) }, (_, i) => first + i) };
}
for (const name of ["struct.get", "struct.get_s", "struct.get_u"] as const) {
  on(name, (e) => {
    const { storage, cells } = fieldOf(e);
    const leaving = notNull(e);
    const { lo } = e.pop();
    const texts = cells.map((cell) => `${lo}.cells[${cell}]`);
    pushCells(e, storage, texts, name === "struct.get_s", leaving);
  });
}
on("struct.set", (e) => {
  const { storage, cells } = fieldOf(e);
  notNull(e, 1);
  const texts = cellTexts(storage, e.pop());
  const { lo } = e.pop();
  e.source.line(cells.map((cell, i) => `${lo}.cells[${cell}] = ${texts[i]};`).join(" "));
});

// ---- Arrays ----
function storageOf(e: FunctionEmitter): ValType {
  return elementStorage(e.module.registry, typeIdOf(e));
}

/** Leaves unless the array `depth` below the top has the element whose index is above it; pays. */
function inBounds(e: FunctionEmitter, depth: number): string {
  const leaving = e.leaving();
  const { lo } = e.top(depth);
  e.source.line(`if (${lo} === null || ${e.top(depth - 1).lo} >>> 0 >= ${lo}.length >>> 0) ${leaving}`);
  e.pay(e.price);
  return leaving;
}
/** The cells of an element. */
function elementTexts(array: string, index: string, storage: ValType): string[] {
  const count = cellsOf(storage);
  if (count === 1) return [`${array}.data[${index}]`];
  return Array.from({ length: count }, (_, i) => `${array}.data[${index} * ${count}${i === 0 ? "" : ` + ${i}`}]`);
}
for (const name of ["array.get", "array.get_s", "array.get_u"] as const) {
  on(name, (e) => {
    const storage = storageOf(e);
    const leaving = inBounds(e, 1);
    const index = e.pop();
    const { lo } = e.pop();
    pushCells(e, storage, elementTexts(lo, index.lo, storage), name === "array.get_s", leaving);
  });
}
on("array.set", (e) => {
  const storage = storageOf(e);
  inBounds(e, 2);
  const texts = cellTexts(storage, e.pop());
  const index = e.pop();
  const { lo } = e.pop();
  const targets = elementTexts(lo, index.lo, storage);
  e.source.line(targets.map((target, i) => `${target} = ${texts[i]};`).join(" "));
});
on("array.len", (e) => {
  notNull(e);
  const { lo } = e.pop();
  e.compute(I32, (v) => `${v} = ${lo}.length | 0;`);
});

/** What makes the elements of an array of numbers. */
function dataText(storage: ValType, length: string): string {
  const kind = cellKind(storage);
  const view = kind === CELL_8 ? "Uint8Array" : kind === CELL_16 ? "Uint16Array" : "Int32Array";
  const count = cellsOf(storage);
  return `new ${view}(${count === 1 ? length : `${length} * ${count}`})`;
}

on("array.new_fixed", (e) => {
  const typeId = typeIdOf(e);
  const storage = storageOf(e);
  const length = e.reader.index2;
  const count = length * cellsOf(storage);
  if (count > MOST_CELLS) return e.leaveInstruction(new Array<ValType>(length).fill(storage), [REF_TYPE]);
  charge(e, arrayBytes(storage, length), e.price + fixedArrayPrice(e));
  const values = e.stack.splice(e.stack.length - length);
  const cells = values.flatMap((value) => cellTexts(storage, value));
  e.compute(REF, (v) => {
    if (isRef(storage)) return `${v} = new ARRAY(${e.typeText(typeId)}, ${length}, ${cellsText(cells)});`;
    const stores = cells.map((cell, i) => `t[${i}] = ${cell};`);
    return `t = ${dataText(storage, String(length))}; ${stores.join(" ")} ${v} = new ARRAY(${e.typeText(typeId)}, ${length}, t);`;
  });
});

/** Elements of an array that compiled code makes; the interpreter makes larger ones. */
const MOST_ELEMENTS = 1 << 12;

/** array.new and array.new_default: what it costs beyond its price is paid, and room is taken, before it is made. */
function newArray(e: FunctionEmitter, isDefault: boolean): void {
  const typeId = typeIdOf(e);
  const storage = storageOf(e);
  const leaving = e.leaving();
  e.pay(e.price);
  const length = e.pop();
  const value = isDefault ? null : e.pop();
  const n = length.lo;
  const known = constantOf(length);
  const small = known === undefined ? `${n} >>> 0 > ${MOST_ELEMENTS} || ` : "";
  if (known !== undefined && known >>> 0 > MOST_ELEMENTS) e.source.line(leaving);
  const header = arrayBytes(storage, 0);
  const bytes = isRef(storage) ? `${n} * 8` : `(${n} * ${storageBytes(storage)} + 7 >>> 3) * 8`;
  e.source.line(
    `if (${small}(u = ARRAYPRICE(${n}, ${storageBytes(storage)})) > f - ${e.acc} || HEAP.used + ${header} + (t = ${bytes}) > HEAP.limit) ${leaving}`,
  );
  e.source.line(`HEAP.used += ${header} + t; f = f - u | 0;`);
  const cells = value === null ? [] : cellTexts(storage, value);
  e.compute(REF, (v) => {
    if (isRef(storage))
      return `${v} = new ARRAY(${e.typeText(typeId)}, ${n}, new Array(${n}).fill(${cells[0] ?? "null"}));`;
    const data = `t = ${dataText(storage, n)};`;
    const made = `${v} = new ARRAY(${e.typeText(typeId)}, ${n}, t);`;
    if (value === null) return `${data} ${made}`;
    if (cells.length === 1) return `${data} t.fill(${cells[0]}); ${made}`;
    const count = cells.length;
    const stores = cells.map((cell, i) => `t[u * ${count} + ${i}] = ${cell};`);
    return `${data} for (u = 0; u < ${n}; u++) { ${stores.join(" ")} } ${made}`;
  });
  e.payNow();
  e.check();
}
on("array.new", (e) => newArray(e, false));
on("array.new_default", (e) => newArray(e, true));

// ---- Table 0 ----
const isPlainTable = ({ module, reader }: FunctionEmitter) => reader.index === 0 && !module.tables[0]!.is64;
on("table.get", (e) => {
  if (!isPlainTable(e)) return e.leaveInstruction([I32], [REF_TYPE]);
  const leaving = e.leaving();
  const index = e.top().lo;
  e.source.line(`if ((t = T[${index}]) === undefined || t === UNTAKEN) ${leaving}`);
  e.pay(e.price);
  e.pop();
  e.compute(REF, (v) => `${v} = t;`);
});
on("table.set", (e) => {
  if (!isPlainTable(e)) return e.leaveInstruction([I32, REF_TYPE], []);
  const leaving = e.leaving();
  e.source.line(`if (${e.top(1).lo} >>> 0 >= T.length) ${leaving}`);
  e.pay(e.price);
  const value = e.pop();
  const index = e.pop();
  e.source.line(`T[${index.lo}] = ${value.lo};`);
});
on("table.size", (e) => {
  const { module, reader } = e;
  if (!isPlainTable(e)) return e.leaveInstruction([], [module.tables[reader.index]!.is64 ? I64 : I32]);
  e.pay(e.price);
  e.compute(I32, (v) => `${v} = T.length | 0;`);
});

export const GC_RULES: readonly (readonly [number, EmitRule])[] = rules;
