// Variables, constants, memory accesses and numeric operations.
import { isRef, OPCODE_ROWS, type OpcodeName } from "../../decoder/index.js";
import type { Access, Address } from "../register-code/register-op-layout.js";
import {
  constantForms,
  formsOf,
  meaningOf,
  registerLinks,
  registerOp,
  registerOps,
} from "../register-code/register-op-table.js";
import { LEAST_REACH } from "../store/memory.js";
import type { FunctionLowering } from "./function-lowering.js";
import {
  addMultiplied,
  addThree,
  addToProduct,
  loadComputed,
  lowerI64Binary,
  storeConstantComputed,
  storeSumForm,
  sumForms,
  xorRotated,
} from "./lower-fused.js";
import { CONST_32, CONST_64, IN_SLOT, LOCAL, WIDTH_32, WIDTH_64, WIDTH_128, WIDTH_REF, widthOf } from "./operands.js";

type Rule = (l: FunctionLowering) => void;

/** Type letters of the opcode table. */
export const LETTER_WIDTH: Readonly<Record<string, number>> = {
  i: WIDTH_32,
  f: WIDTH_32,
  l: WIDTH_64,
  d: WIDTH_64,
  v: WIDTH_128,
};

// ---- Variables ----

export function lowerDrop(l: FunctionLowering): void {
  l.operands.height--;
}

export function lowerLocalGet(l: FunctionLowering): void {
  const { index } = l.reader;
  l.pushLocal(l.localWidth[index]!, l.localSlot[index]!);
}

/** Stores the top operand in a local and takes it off. */
function setLocal(l: FunctionLowering, local: number): void {
  const { operands, emitter } = l;
  const slot = l.localSlot[local]!;
  const top = operands.height - 1;
  const produced = l.isLastResult(top);
  // Copies of the old value that are still only promised must be made first.
  let spilled = false;
  for (let n = 0; n < operands.promisedCount; n++) {
    const i = operands.promised[n]!;
    if (i < top && operands.kind[i] === LOCAL && operands.value[i] === slot) {
      l.materialise(i);
      spilled = true;
    }
  }
  const kind = operands.kind[top];
  const value = operands.value[top]!;
  operands.height = top;
  if (kind === CONST_32) l.constant(slot, value);
  else if (kind === CONST_64) emitter.emit(CONST_OP_64, slot, 0, 0, value, operands.high[top]);
  else if (kind === LOCAL) {
    if (value !== slot) l.move(operands.width[top]!, slot, value);
  } else if (produced && !spilled) {
    emitter.setLocal(slot);
  } else l.move(operands.width[top]!, slot, operands.slot[top]!);
}

export function lowerLocalSet(l: FunctionLowering): void {
  setLocal(l, l.reader.index);
}
export function lowerLocalTee(l: FunctionLowering): void {
  const { index } = l.reader;
  setLocal(l, index);
  l.pushLocal(l.localWidth[index]!, l.localSlot[index]!);
}

const CONST_OP_64 = registerOp("const_64");
const GLOBAL_GET = [registerOp("global.get_32"), registerOp("global.get_64"), -1, registerOp("global.get_ref")];
const GLOBAL_SET = [registerOp("global.set_32"), registerOp("global.set_64"), -1, registerOp("global.set_ref")];
const GLOBAL_GET_IMPORT = registerOp("global.get_import");
const GLOBAL_SET_IMPORT = registerOp("global.set_import");
const GLOBAL_SET_ADD_K = registerOp("global.set_add_k");
const I32_ADD_K = registerOp("i32.add_k");

export function lowerGlobalGet(l: FunctionLowering): void {
  const { index } = l.reader;
  const { type } = l.module.globals[index]!;
  const width = widthOf(type);
  const word = l.context.globalWords[index]!;
  const slot = l.operands.push(IN_SLOT, width);
  if (word < 0 || width === WIDTH_128)
    l.emitter.emit(GLOBAL_GET_IMPORT, slot, 0, 0, index, width === WIDTH_128 ? 2 : 1);
  else l.emitter.emit(GLOBAL_GET[width]!, slot, 0, 0, isRef(type) ? word >> 1 : word);
}

export function lowerGlobalSet(l: FunctionLowering): void {
  const { index } = l.reader;
  const { emitter, operands } = l;
  const { type } = l.module.globals[index]!;
  const width = widthOf(type);
  const word = l.context.globalWords[index]!;
  const top = operands.height - 1;
  if (width === WIDTH_32 && word >= 0 && !emitter.wide && l.isLastResult(top) && emitter.lastOp === I32_ADD_K) {
    // The stack pointer's own dance: global.get, i32.const, i32.add (or sub), global.set.
    const from = emitter.fieldB(emitter.lastAt);
    const k = emitter.code[emitter.lastAt + 1]!;
    emitter.unemit();
    emitter.emit(GLOBAL_SET_ADD_K, from, 0, 0, word, k);
    operands.height = top;
    return;
  }
  const slot = l.slotOf(top);
  operands.height = top;
  if (word < 0 || width === WIDTH_128) emitter.emit(GLOBAL_SET_IMPORT, slot, 0, 0, index, width === WIDTH_128 ? 2 : 1);
  else emitter.emit(GLOBAL_SET[width]!, slot, 0, 0, isRef(type) ? word >> 1 : word);
}

export function lowerI32Const(l: FunctionLowering): void {
  l.pushConst32(l.reader.lo);
}
export function lowerI64Const(l: FunctionLowering): void {
  l.pushConst64(l.reader.lo, l.reader.hi);
}

const SELECT = [registerOp("select_32"), registerOp("select_64"), registerOp("select_128"), registerOp("select_ref")];
export function lowerSelect(l: FunctionLowering): void {
  const { operands } = l;
  const first = operands.height - 3;
  const b = l.slotOf(first);
  const c = l.slotOf(first + 1);
  const condition = l.slotOf(first + 2);
  const width = operands.width[first]!;
  operands.height = first;
  const slot = operands.push(IN_SLOT, width);
  l.emitter.emit(SELECT[width]!, slot, b, c, condition * 2);
}

// ---- Memory ----

/** Float accesses move bits; the register code has only the integer forms. */
const SAME_ACCESS: Readonly<Record<string, string>> = {
  "f32.load": "i32.load",
  "f64.load": "i64.load",
  "f32.store": "i32.store",
  "f64.store": "i64.store",
};
const MEMORY64 = 1 << 30;

/** Whether the reader's access is to memory 0 with a 32-bit address and an offset below 2^31. */
export function isPlainAccess(l: FunctionLowering): boolean {
  const { reader, module } = l;
  return reader.memory === 0 && !module.memories[0]!.is64 && reader.hi === 0 && reader.lo >= 0;
}
/** Memory word of a general access: the index, and whether its addresses are i64. */
export function memoryWord(l: FunctionLowering): number {
  const { memory } = l.reader;
  return l.module.memories[memory]!.is64 ? memory | MEMORY64 : memory;
}

/** A constant address, if the access at it is never out of bounds nor beyond the views; −1 otherwise. */
function constantAddress(l: FunctionLowering, operand: number, width: number): number {
  const { operands, reader } = l;
  if (operands.kind[operand] !== CONST_32 || l.stepping || l.emitter.wide) return -1;
  const address = (operands.value[operand]! >>> 0) + reader.lo;
  const { limits, pageSizeLog2 } = l.module.memories[0]!;
  const size = Math.min(limits.min * 2 ** pageSizeLog2, LEAST_REACH);
  return address % width === 0 && address + width <= size ? address : -1;
}

/** The forms of a load or store; −1 where there is none. */
interface Forms {
  readonly plain: number;
  /** Any memory, any address. */
  readonly any: number;
  /** The offset in field c. */
  readonly near: number;
  /** At a constant address. */
  readonly at: number;
  /** A store of a constant, and one at a constant address. */
  readonly constant: number;
  readonly constantAt: number;
  /** Bytes that are accessed, and what an index of the `at` forms counts. */
  readonly width: number;
}
function plainForms(name: string): Forms {
  const plain = registerOp(name);
  const forms = formsOf(plain);
  const find = (test: (access: Access<number>) => boolean) => forms.find(([, access]) => test(access))?.[0] ?? -1;
  const isConstant = ({ value }: Access<number>) => value === "k" || value === "value";
  const unmoved = (address: Access<number>["address"]): Address | null =>
    typeof address === "string" || address.addend !== "none" || address.shift > 0 ? null : address;
  return {
    plain,
    any: find(({ address }) => address === "general"),
    near: find((access) => unmoved(access.address)?.offset === "field" && !isConstant(access)),
    at: find((access) => access.address === "constant" && !isConstant(access)),
    constant: find((access) => unmoved(access.address)?.offset === "word" && isConstant(access)),
    constantAt: find((access) => access.address === "constant" && isConstant(access)),
    width: forms[0]![1].width,
  };
}

/** The rule of a load or store. `type`: its type letters. */
export function lowerAccess(name: OpcodeName, type: string): Rule {
  const result = type.slice(type.indexOf(":") + 1);
  return result === "" ? lowerStore(name) : lowerLoad(name, LETTER_WIDTH[result]!);
}

function lowerLoad(name: OpcodeName, resultWidth: number): Rule {
  const { plain, any, near, at, width } = plainForms(SAME_ACCESS[name] ?? name);
  const computed = sumForms(plain);
  return (l) => {
    const { operands, emitter, reader } = l;
    const top = operands.height - 1;
    if (!isPlainAccess(l)) {
      const b = l.slotOf(top);
      operands.height = top;
      emitter.emit(any, operands.push(IN_SLOT, resultWidth), b, 0, memoryWord(l), reader.lo, reader.hi);
      return;
    }
    if (at >= 0) {
      const address = constantAddress(l, top, width);
      if (address >= 0) {
        operands.height = top;
        emitter.emit(at, operands.push(IN_SLOT, resultWidth), 0, 0, address / width);
        return;
      }
    }
    if (loadComputed(l, computed, resultWidth)) return;
    const b = l.slotOf(top);
    operands.height = top;
    const slot = operands.push(IN_SLOT, resultWidth);
    if (near >= 0 && reader.lo < 256 && !emitter.wide) emitter.emit(near, slot, b, reader.lo);
    else emitter.emit(plain, slot, b, 0, reader.lo);
  };
}

function lowerStore(name: OpcodeName): Rule {
  const { plain, any, near, at, constant: withConstant, constantAt, width } = plainForms(SAME_ACCESS[name] ?? name);
  const computed = storeSumForm(plain);
  return (l) => {
    const { operands, emitter, reader } = l;
    const first = operands.height - 2;
    const value = first + 1;
    const constant = operands.kind[value] === CONST_32 && !l.stepping && !emitter.wide;
    if (!isPlainAccess(l)) {
      const a = l.slotOf(first);
      const b = l.slotOf(value);
      operands.height = first;
      emitter.emit(any, a, b, 0, memoryWord(l), reader.lo, reader.hi);
      return;
    }
    if (at >= 0) {
      const address = constantAddress(l, first, width);
      if (address >= 0) {
        if (constant) emitter.emit(constantAt, 0, 0, 0, address / width, operands.value[value]);
        else emitter.emit(at, l.slotOf(value), 0, 0, address / width);
        operands.height = first;
        return;
      }
    }
    if (constant && computed >= 0 && storeConstantComputed(l, computed)) return;
    const a = l.slotOf(first);
    if (constant && withConstant >= 0) emitter.emit(withConstant, a, 0, 0, reader.lo, operands.value[value]);
    else {
      const b = l.slotOf(value);
      if (near >= 0 && reader.lo < 256 && !emitter.wide) emitter.emit(near, a, b, reader.lo);
      else emitter.emit(plain, a, b, 0, reader.lo);
    }
    operands.height = first;
  };
}

const MEMORY_SIZE = registerOp("memory.size");
export function lowerMemorySize(l: FunctionLowering): void {
  const { index } = l.reader;
  const slot = l.operands.push(IN_SLOT, l.module.memories[index]!.is64 ? WIDTH_64 : WIDTH_32);
  l.emitter.emit(MEMORY_SIZE, slot, 0, 0, index);
}

/** An operation without operands or results whose one word is the index immediate. */
export function lowerIndexed(name: string): Rule {
  const op = registerOp(name);
  return (l) => {
    l.emitter.emit(op, 0, 0, 0, l.reader.index);
  };
}

// ---- Tables and references ----

const TABLE_GET = registerOp("table.get");
const TABLE_SET = registerOp("table.set");
const TABLE_SIZE = registerOp("table.size");

export function lowerTableGet(l: FunctionLowering): void {
  const { operands, reader } = l;
  const top = operands.height - 1;
  const b = l.slotOf(top);
  operands.height = top;
  const slot = operands.push(IN_SLOT, WIDTH_REF);
  l.emitter.emit(TABLE_GET, slot, b, 0, reader.index, l.module.tables[reader.index]!.is64 ? 1 : 0);
}
export function lowerTableSet(l: FunctionLowering): void {
  const { operands, reader } = l;
  const first = operands.height - 2;
  const a = l.slotOf(first);
  const b = l.slotOf(first + 1);
  operands.height = first;
  l.emitter.emit(TABLE_SET, a, b, 0, reader.index, l.module.tables[reader.index]!.is64 ? 1 : 0);
}
export function lowerTableSize(l: FunctionLowering): void {
  const { index } = l.reader;
  const slot = l.operands.push(IN_SLOT, l.module.tables[index]!.is64 ? WIDTH_64 : WIDTH_32);
  l.emitter.emit(TABLE_SIZE, slot, 0, 0, index);
}

const REF_AS_NON_NULL = registerOp("ref.as_non_null");
/** A reference that is not null stays where it is. */
export function lowerRefAsNonNull(l: FunctionLowering): void {
  l.emitter.emit(REF_AS_NON_NULL, l.slotOf(l.operands.height - 1));
}

/** An operation on the top `widths`, with a result unless `result` is −1, and the index immediate as word. */
export function lowerPlain(name: string, operandCount: number, result: number, indexed = false): Rule {
  const op = registerOp(name);
  return (l) => {
    const { operands } = l;
    const first = operands.height - operandCount;
    const b = operandCount > 0 ? l.slotOf(first) : 0;
    const c = operandCount > 1 ? l.slotOf(first + 1) : 0;
    operands.height = first;
    const slot = operands.push(IN_SLOT, result);
    l.emitter.emit(op, slot, b, c, indexed ? l.reader.index : 0);
  };
}

// ---- Numeric operations ----

/** The operation moves no bits: the operand is the result, read as another type. */
export function lowerReinterpret(width: number): Rule {
  return (l) => {
    l.operands.width[l.operands.height - 1] = width;
  };
}

/** i32.wrap_i64 takes the low word, wherever the operand is. */
export function lowerWrap(l: FunctionLowering): void {
  const { operands } = l;
  const top = operands.height - 1;
  operands.width[top] = WIDTH_32;
  if (operands.kind[top] === CONST_64) operands.kind[top] = CONST_32;
}

const I32_SHL_K = registerOp("i32.shl_k");
const SHL_ADD = [-1, registerOp("i32.shl1_add"), registerOp("i32.shl2_add"), registerOp("i32.shl3_add")];

const I32_EQZ = registerOp("i32.eqz");
export function lowerEqz(l: FunctionLowering): void {
  const { operands, emitter } = l;
  const top = operands.height - 1;
  if (!emitter.wide && l.isLastResult(top)) {
    // Of a comparison: the one that tells the opposite.
    const opposite = registerLinks().inverse[emitter.lastOp]!;
    if (opposite >= 0) {
      const at = emitter.lastAt;
      emitter.code[at] = (emitter.code[at]! & ~255) | opposite;
      emitter.lastOp = opposite;
      return;
    }
  }
  const b = l.slotOf(top);
  operands.height = top;
  emitter.emit(I32_EQZ, operands.push(IN_SLOT, WIDTH_32), b);
}

/** Adds `(x << k) + y` as one operation, if the shift was emitted last. */
function addShifted(l: FunctionLowering, first: number): boolean {
  const { operands, emitter } = l;
  if (emitter.wide || emitter.lastOp !== I32_SHL_K) return false;
  const k = emitter.code[emitter.lastAt + 1]!;
  if (k < 1 || k > 3) return false;
  const second = first + 1;
  let other: number;
  if (l.isLastResult(second) && operands.kind[first] !== CONST_32) other = first;
  else if (l.isLastResult(first) && operands.kind[second] === LOCAL) other = second;
  else return false;
  const shifted = emitter.fieldB(emitter.lastAt);
  emitter.unemit();
  const slot = l.slotOf(other);
  operands.height = first;
  emitter.emit(SHL_ADD[k]!, operands.push(IN_SLOT, WIDTH_32), shifted, slot);
  return true;
}

const I32_ADD = registerOp("i32.add");
const I32_SUB = registerOp("i32.sub");
const I32_XOR = registerOp("i32.xor");

/** i32 operations with two operands, and forms with a constant. */
function lowerI32Binary(name: OpcodeName): Rule {
  const op = registerOp(name);
  const [withConstant, withFirst] = constantForms(op);
  return (l) => {
    const { operands, emitter } = l;
    const first = operands.height - 2;
    const second = first + 1;
    if (!l.stepping) {
      if (operands.kind[second] === CONST_32) {
        const k = operands.value[second]!;
        const b = l.slotOf(first);
        operands.height = first;
        const slot = operands.push(IN_SLOT, WIDTH_32);
        if (op === I32_SUB) emitter.emit(I32_ADD_K, slot, b, 0, -k | 0);
        else emitter.emit(withConstant, slot, b, 0, k);
        if (emitter.lastOp === I32_ADD_K) addToProduct(l);
        return;
      }
      if (operands.kind[first] === CONST_32 && withFirst >= 0) {
        const k = operands.value[first]!;
        const b = l.slotOf(second);
        operands.height = first;
        emitter.emit(withFirst, operands.push(IN_SLOT, WIDTH_32), b, 0, k);
        return;
      }
      if (op === I32_ADD && (addShifted(l, first) || addThree(l, first) || addMultiplied(l, first))) return;
      if (op === I32_XOR && xorRotated(l, first)) return;
    }
    const b = l.slotOf(first);
    const c = l.slotOf(second);
    operands.height = first;
    emitter.emit(op, operands.push(IN_SLOT, WIDTH_32), b, c);
  };
}

/** i64 operations with a result of 128 bits: two operands, low half first, from two or twice two. */
export function lowerWide(name: string, operandCount: 2 | 4): Rule {
  const op = registerOp(name);
  return (l) => {
    const { operands, emitter } = l;
    const first = operands.height - operandCount;
    const slots = Array.from({ length: operandCount }, (_, i) => l.slotOf(first + i));
    operands.height = first;
    const slot = operands.push(IN_SLOT, WIDTH_64);
    operands.push(IN_SLOT, WIDTH_64);
    if (operandCount === 2) emitter.emit(op, slot, slots[0], slots[1]);
    else emitter.emit(op, slot, 0, 0, ...slots);
  };
}

/** Numeric operations: by what the register operation of that name has forms for, or by type letters alone. */
export function lowerNumeric(name: OpcodeName, opcode: number): Rule {
  const op = registerOp(name);
  const row = meaningOf(op);
  if ((row.kind === "binary" || row.kind === "compare") && registerOps()[op]!.fields === "abc") {
    if (row.takes === "i32") return lowerI32Binary(name);
    if (row.takes === "i64" && row.constant >= 0) return lowerI64Binary(name);
  }
  const [params, results] = OPCODE_ROWS[opcode]!.type!.split(":") as [string, string];
  return lowerPlain(name, params.length, LETTER_WIDTH[results]!);
}
