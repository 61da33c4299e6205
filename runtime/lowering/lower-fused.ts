// Superinstructions over operations that were emitted just before: addresses computed for an
// access, sums of three, products under a sum, rotations under xor, i64 with constants.
// All of them only shorten the register code; prices and traps stay those of the wasm instructions.

import type { OpcodeName } from "../../decoder/index.js";
import { constantForms, formsOf, registerOp, registerOps } from "../register-code/register-op-table.js";
import type { FunctionLowering } from "./function-lowering.js";
import { CONST_32, CONST_64, IN_SLOT, WIDTH_32, WIDTH_64 } from "./operands.js";

const I32_ADD = registerOp("i32.add");
const I32_ADD_K = registerOp("i32.add_k");
const I32_SHL_K = registerOp("i32.shl_k");
const I32_ROTR_K = registerOp("i32.rotr_k");
/** Shifted sums, by the shift. */
const SHL_ADD = new Map([1, 2, 3].map((shift) => [registerOp(`i32.shl${shift}_add`), shift]));

/** Whether `slot` is an operand's, and so has been used up by the operation that took it. */
function isTemporary(l: FunctionLowering, slot: number): boolean {
  return slot >= l.operands.slotAt(0);
}

/** Whether the operation before the last one is `op`, and made what is in `slot` for the last one alone. */
function isMadeBefore(l: FunctionLowering, op: number, slot: number): boolean {
  const { emitter } = l;
  return emitter.beforeOp === op && emitter.fieldA(emitter.beforeAt) === slot && isTemporary(l, slot);
}

const I32_MUL_K = registerOp("i32.mul_k");
const MUL_K_ADD_K = registerOp("i32.mul_k_add_k");
const SHL_ADD_K = registerOp("i32.shl_add_k");
/** `x * k + h` and `(x << n) + k`, where the sum was emitted last and the product before it. */
export function addToProduct(l: FunctionLowering): void {
  const { emitter } = l;
  if (emitter.wide) return;
  const from = emitter.fieldB(emitter.lastAt);
  const isProduct = isMadeBefore(l, I32_MUL_K, from);
  if (!isProduct && !isMadeBefore(l, I32_SHL_K, from)) return;
  const to = emitter.fieldA(emitter.lastAt);
  const addend = emitter.code[emitter.lastAt + 1]!;
  const factor = emitter.code[emitter.beforeAt + 1]!;
  const b = emitter.fieldB(emitter.beforeAt);
  emitter.unemit();
  emitter.unemit();
  if (isProduct) emitter.emit(MUL_K_ADD_K, to, b, 0, factor, addend);
  else emitter.emit(SHL_ADD_K, to, b, factor & 31, addend);
}

/** The forms of a load whose address is a sum, by how far its first part is shifted: with a constant, of two registers. */
export interface SumForms {
  readonly constant: readonly (number | undefined)[];
  readonly register: readonly (number | undefined)[];
}
export function sumForms(plain: number): SumForms {
  const constant: number[] = [];
  const register: number[] = [];
  for (const [op, { address }] of formsOf(plain)) {
    if (typeof address === "string") continue;
    if (address.addend === "k") constant[address.shift] = op;
    if (address.addend === "c") register[address.shift] = op;
  }
  return { constant, register };
}

/** Loads from the address that the last operation computed. False if there is no such form. */
export function loadComputed(l: FunctionLowering, forms: SumForms, width: number): boolean {
  const { operands, emitter, reader } = l;
  const top = operands.height - 1;
  if (emitter.wide || !l.isLastResult(top)) return false;
  const { lastOp, lastAt, code } = emitter;
  if (lastOp === I32_ADD_K || lastOp === SHL_ADD_K) {
    if (reader.lo > 255) return false;
    const b = emitter.fieldB(lastAt);
    const k = code[lastAt + 1]!;
    const op = forms.constant[lastOp === SHL_ADD_K ? code[lastAt]! >>> 24 : 0];
    if (op === undefined) return false;
    emitter.unemit();
    operands.height = top;
    emitter.emit(op, operands.push(IN_SLOT, width), b, reader.lo, k);
    return true;
  }
  const shift = SHL_ADD.get(lastOp);
  if (lastOp !== I32_ADD && shift === undefined) return false;
  const op = forms.register[shift ?? 0];
  if (op === undefined) return false;
  const b = emitter.fieldB(lastAt);
  const c = code[lastAt]! >>> 24;
  emitter.unemit();
  operands.height = top;
  emitter.emit(op, operands.push(IN_SLOT, width), b, c, reader.lo);
  return true;
}

/** The form of a store of a constant at a sum with a constant; −1 if there is none. */
export function storeSumForm(plain: number): number {
  const form = formsOf(plain).find(([, { address }]) => typeof address !== "string" && address.addend === "k");
  return form?.[0] ?? -1;
}
/** Stores a constant at the address that the last operation computed, by the form `op`. */
export function storeConstantComputed(l: FunctionLowering, op: number): boolean {
  const { operands, emitter, reader } = l;
  const address = operands.height - 2;
  if (!l.isLastResult(address) || emitter.lastOp !== I32_ADD_K || reader.lo > 255) return false;
  const from = emitter.fieldB(emitter.lastAt);
  const k = emitter.code[emitter.lastAt + 1]!;
  emitter.unemit();
  // Field c is the offset.
  emitter.emit(op, from, 0, reader.lo, k, operands.value[address + 1]);
  operands.height = address;
  return true;
}

const ADD3 = registerOp("i32.add3");
/** `(x + y) + z`, if the sum in brackets was emitted last. */
export function addThree(l: FunctionLowering, first: number): boolean {
  return addToLast(l, first, I32_ADD, ADD3);
}

const I32_MUL = registerOp("i32.mul");
const I32_MUL_ADD = registerOp("i32.mul_add");
/** `x * y + z`, if the product was emitted last. */
export function addMultiplied(l: FunctionLowering, first: number): boolean {
  return addToLast(l, first, I32_MUL, I32_MUL_ADD);
}

/** Operation `form` in place of `op`, if that was emitted last, and a sum of its result and the operand beside it. */
function addToLast(l: FunctionLowering, first: number, op: number, form: number): boolean {
  const { operands, emitter } = l;
  if (emitter.wide || emitter.lastOp !== op) return false;
  const other = l.isLastResult(first + 1) ? first : l.isLastResult(first) ? first + 1 : -1;
  // The other operand must not need code of its own: that would come between.
  if (other < 0 || operands.kind[other] === CONST_32) return false;
  const b = emitter.fieldB(emitter.lastAt);
  const c = emitter.code[emitter.lastAt]! >>> 24;
  emitter.unemit();
  const slot = l.slotOf(other);
  operands.height = first;
  emitter.emit(form, operands.push(IN_SLOT, WIDTH_32), b, c, slot * 2);
  return true;
}

const XOR_ROTR_K = registerOp("i32.xor_rotr_k");
const XOR_ROTR3 = registerOp("i32.xor_rotr3");
const I32_SHR_U_K = registerOp("i32.shr_u_k");
/** `x ^ rotr(y, k)`, if the rotation was emitted last. */
export function xorRotated(l: FunctionLowering, first: number): boolean {
  const { operands, emitter } = l;
  const { lastOp, lastAt, code } = emitter;
  if (emitter.wide || (lastOp !== I32_ROTR_K && lastOp !== I32_SHR_U_K)) return false;
  const other = l.isLastResult(first + 1) ? first : l.isLastResult(first) ? first + 1 : -1;
  if (other < 0 || operands.kind[other] === CONST_32) return false;
  if (xorOfThree(l, first, other)) return true;
  if (lastOp === I32_SHR_U_K) return false;
  const rotated = emitter.fieldB(lastAt);
  const k = code[lastAt + 1]!;
  emitter.unemit();
  const slot = l.slotOf(other);
  operands.height = first;
  emitter.emit(XOR_ROTR_K, operands.push(IN_SLOT, WIDTH_32), slot, rotated, k & 31);
  return true;
}

/**
 * `rotr(x, k) ^ rotr(x, h) ^ rotr(x, s)`, or the third one shifted, where x is a local, and all three were emitted last:
 * t = rotr(x, k), t = t ^ rotr(x, h), u = rotr(x, s).
 */
function xorOfThree(l: FunctionLowering, first: number, other: number): boolean {
  const { operands, emitter } = l;
  const { lastOp, lastAt, beforeAt, earlierAt, code } = emitter;
  if (operands.kind[other] !== IN_SLOT || !isMadeBefore(l, XOR_ROTR_K, operands.slot[other]!)) return false;
  const x = emitter.fieldB(lastAt);
  const partner = emitter.fieldB(beforeAt);
  if (isTemporary(l, x) || code[beforeAt]! >>> 24 !== x || emitter.earlierOp !== I32_ROTR_K) return false;
  if (emitter.fieldA(earlierAt) !== partner || !isTemporary(l, partner) || emitter.fieldB(earlierAt) !== x)
    return false;
  const [k, h, s] = [code[earlierAt + 1]! & 31, code[beforeAt + 1]!, code[lastAt + 1]! & 31];
  for (let i = 0; i < 3; i++) emitter.unemit();
  operands.height = first;
  emitter.emit(XOR_ROTR3, operands.push(IN_SLOT, WIDTH_32), x, 0, k, h, s, lastOp === I32_ROTR_K ? -1 : 0);
  return true;
}

const F64_ADD = registerOp("f64.add");
const F64_MUL = registerOp("f64.mul");
const F64_MUL_ADD = registerOp("f64.mul_add");
/** f64.add; rounds twice where a product was emitted last (a NaN of it makes the sum the canonical one, too). */
export function lowerF64Add(l: FunctionLowering): void {
  const { operands, emitter } = l;
  const first = operands.height - 2;
  const second = first + 1;
  if (!emitter.wide && emitter.lastOp === F64_MUL) {
    const other = l.isLastResult(second) ? first : l.isLastResult(first) ? second : -1;
    if (other >= 0 && operands.kind[other] !== CONST_64) {
      const b = emitter.fieldB(emitter.lastAt);
      const c = emitter.code[emitter.lastAt]! >>> 24;
      emitter.unemit();
      const slot = l.slotOf(other);
      operands.height = first;
      emitter.emit(F64_MUL_ADD, operands.push(IN_SLOT, WIDTH_64), b, c, slot);
      return;
    }
  }
  const b = l.slotOf(first);
  const c = l.slotOf(second);
  operands.height = first;
  emitter.emit(F64_ADD, operands.push(IN_SLOT, WIDTH_64), b, c);
}

/** i64 operations that have a form with a constant. */
export function lowerI64Binary(name: OpcodeName): (l: FunctionLowering) => void {
  const op = registerOp(name);
  const [withConstant, withFirst] = constantForms(op);
  // A shift's only word is its count.
  const isShift = !registerOps()[withConstant]!.words.includes("h");
  return (l) => {
    const { operands, emitter } = l;
    const first = operands.height - 2;
    const second = first + 1;
    const left = withFirst >= 0 && operands.kind[first] === CONST_64;
    const constant = operands.kind[second] === CONST_64 ? second : left ? first : -1;
    if (constant >= 0 && !emitter.wide) {
      const low = operands.value[constant]!;
      const high = operands.high[constant]!;
      const b = l.slotOf(constant === second ? first : second);
      operands.height = first;
      emitter.emit(withConstant, operands.push(IN_SLOT, WIDTH_64), b, 0, isShift ? low & 63 : low, high);
      return;
    }
    const b = l.slotOf(first);
    const c = l.slotOf(second);
    operands.height = first;
    emitter.emit(op, operands.push(IN_SLOT, WIDTH_64), b, c);
  };
}

const I64_EQZ = registerOp("i64.eqz");
const I32_EQZ = registerOp("i32.eqz");
/** i64.eq and i64.ne: against zero, as the tests that branches fuse with. */
export function lowerI64Equality(name: "eq" | "ne"): (l: FunctionLowering) => void {
  const op = registerOp(`i64.${name}`);
  return (l) => {
    const { operands, emitter } = l;
    const first = operands.height - 2;
    const second = first + 1;
    const zero = operands.kind[second] === CONST_64 && operands.value[second] === 0 && operands.high[second] === 0;
    const b = l.slotOf(first);
    const c = zero ? 0 : l.slotOf(second);
    operands.height = first;
    const slot = operands.push(IN_SLOT, WIDTH_32);
    if (!zero) emitter.emit(op, slot, b, c);
    else {
      emitter.emit(I64_EQZ, slot, b);
      if (name === "ne") emitter.emit(I32_EQZ, slot, slot);
    }
  };
}
