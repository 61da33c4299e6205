// SIMD instructions (spec 4.6.8). Those whose lanes are only bits to them share one operation,
// and relaxed ones have the operation that the deterministic profile chooses.
import { OPCODE_ROWS, type OpcodeName } from "../../decoder/index.js";
import { formsOf, meaningOf, registerOp } from "../register-code/register-op-table.js";
import type { FunctionLowering } from "./function-lowering.js";
import { loadComputed, sumForms } from "./lower-fused.js";
import { isPlainAccess, LETTER_WIDTH, memoryWord } from "./lower-values.js";
import { IN_SLOT, WIDTH_128 } from "./operands.js";

type Rule = (l: FunctionLowering) => void;

const SAME_OPERATION: Partial<Record<OpcodeName, string>> = {
  "f32x4.splat": "i32x4.splat",
  "f64x2.splat": "i64x2.splat",
  "f32x4.extract_lane": "i32x4.extract_lane",
  "f64x2.extract_lane": "i64x2.extract_lane",
  "f32x4.replace_lane": "i32x4.replace_lane",
  "f64x2.replace_lane": "i64x2.replace_lane",
  "i8x16.relaxed_swizzle": "i8x16.swizzle",
  "i32x4.relaxed_trunc_f32x4_s": "i32x4.trunc_sat_f32x4_s",
  "i32x4.relaxed_trunc_f32x4_u": "i32x4.trunc_sat_f32x4_u",
  "i32x4.relaxed_trunc_f64x2_s_zero": "i32x4.trunc_sat_f64x2_s_zero",
  "i32x4.relaxed_trunc_f64x2_u_zero": "i32x4.trunc_sat_f64x2_u_zero",
  "i8x16.relaxed_laneselect": "v128.bitselect",
  "i16x8.relaxed_laneselect": "v128.bitselect",
  "i32x4.relaxed_laneselect": "v128.bitselect",
  "i64x2.relaxed_laneselect": "v128.bitselect",
  "f32x4.relaxed_min": "f32x4.min",
  "f32x4.relaxed_max": "f32x4.max",
  "f64x2.relaxed_min": "f64x2.min",
  "f64x2.relaxed_max": "f64x2.max",
  "i16x8.relaxed_q15mulr_s": "i16x8.q15mulr_sat_s",
};

/** The immediate of v128.const or i8x16.shuffle as a word. */
function vectorWord(l: FunctionLowering, i: number): number {
  const { vector } = l.reader;
  return vector[i]! | (vector[i + 1]! << 8) | (vector[i + 2]! << 16) | (vector[i + 3]! << 24);
}

const V128_CONST = registerOp("v128.const");
function lowerConst(l: FunctionLowering): void {
  const slot = l.operands.push(IN_SLOT, WIDTH_128);
  l.emitter.emit(V128_CONST, slot, 0, 0, vectorWord(l, 0), vectorWord(l, 4), vectorWord(l, 8), vectorWord(l, 12));
}

const SHUFFLE = registerOp("i8x16.shuffle");
const SHUFFLE_WORDS = registerOp("i32x4.shuffle");
/** Which of the eight words of both operands makes word `i` of the shuffle, or −1 if its bytes are not those of one. */
function shuffledWord({ reader: { vector } }: FunctionLowering, i: number): number {
  const first = vector[4 * i]!;
  const isWord = first % 4 === 0 && [1, 2, 3].every((k) => vector[4 * i + k] === first + k);
  return isWord ? first / 4 : -1;
}

function lowerShuffle(l: FunctionLowering): void {
  const { operands } = l;
  const first = operands.height - 2;
  const b = l.slotOf(first);
  const c = l.slotOf(first + 1);
  operands.height = first;
  const slot = operands.push(IN_SLOT, WIDTH_128);
  const [w0, w1, w2, w3] = [0, 1, 2, 3].map((i) => shuffledWord(l, i)) as [number, number, number, number];
  if (Math.min(w0, w1, w2, w3) >= 0) l.emitter.emit(SHUFFLE_WORDS, slot, b, c, w0, w1, w2, w3);
  else l.emitter.emit(SHUFFLE, slot, b, c, vectorWord(l, 0), vectorWord(l, 4), vectorWord(l, 8), vectorWord(l, 12));
}

const V128_LOAD = registerOp("v128.load");
/** Two operands, of which the second was loaded by the operation before: both as `op`. */
function takeLoad(l: FunctionLowering, op: number): boolean {
  const { operands, emitter } = l;
  const first = operands.height - 2;
  if (emitter.wide || emitter.lastOp !== V128_LOAD || !l.isLastResult(first + 1)) return false;
  const { lastAt, code } = emitter;
  const address = emitter.fieldB(lastAt);
  const offset = code[emitter.wordAt(lastAt, V128_LOAD, 0)]!;
  const origin = emitter.lastOrigin();
  emitter.unemit();
  const b = l.slotOf(first);
  operands.height = first;
  emitter.emit(op, operands.push(IN_SLOT, WIDTH_128), b, address, offset);
  // What can trap is the load.
  emitter.setOrigin(origin);
  return true;
}

/** The same with a constant. */
function takeConstant(l: FunctionLowering, op: number): boolean {
  const { operands, emitter } = l;
  const first = operands.height - 2;
  if (emitter.wide || emitter.lastOp !== V128_CONST || !l.isLastResult(first + 1)) return false;
  const { code } = emitter;
  const word = emitter.wordAt(emitter.lastAt, V128_CONST, 0);
  const [k0, k1, k2, k3] = [code[word]!, code[word + 1]!, code[word + 2]!, code[word + 3]!];
  emitter.unemit();
  const b = l.slotOf(first);
  operands.height = first;
  emitter.emit(op, operands.push(IN_SLOT, WIDTH_128), b, 0, k0, k1, k2, k3);
  return true;
}

/** One to three operands, a result, and for operations on one lane its index as the word. */
function lowerLanes(name: string, type: string): Rule {
  const op = registerOp(name);
  const [params, results] = type.split(":") as [string, string];
  const width = LETTER_WIDTH[results]!;
  const row = meaningOf(op);
  const [withLoad, withConstant] = row.kind === "binary" ? [row.load, row.constant] : [-1, -1];
  return (l) => {
    const { operands, reader } = l;
    if (withLoad >= 0 && takeLoad(l, withLoad)) return;
    if (withConstant >= 0 && takeConstant(l, withConstant)) return;
    const first = operands.height - params.length;
    const b = l.slotOf(first);
    const c = params.length > 1 ? l.slotOf(first + 1) : 0;
    const word = params.length > 2 ? l.slotOf(first + 2) * 2 : reader.lane;
    operands.height = first;
    l.emitter.emit(op, operands.push(IN_SLOT, width), b, c, word);
  };
}

/** An access to memory; `lane` is a word of the operations on one lane, and ignored by the others. */
function lowerAccess(name: string, type: string): Rule {
  const plain = registerOp(name);
  const any = formsOf(plain).find(([, { address }]) => address === "general")![0];
  const computed = sumForms(plain);
  const isWhole = plain === V128_LOAD;
  const [params, results] = type.split(":") as [string, string];
  return (l) => {
    const { operands, reader, emitter } = l;
    if (isWhole && isPlainAccess(l) && loadComputed(l, computed, WIDTH_128)) return;
    const first = operands.height - params.length;
    const address = l.slotOf(first);
    const vector = params.length > 1 ? l.slotOf(first + 1) : 0;
    operands.height = first;
    const isLoad = results !== "";
    const a = isLoad ? operands.push(IN_SLOT, WIDTH_128) : address;
    const b = isLoad ? address : vector;
    if (isPlainAccess(l)) emitter.emit(plain, a, b, vector, reader.lo, reader.lane);
    else emitter.emit(any, a, b, vector, memoryWord(l), reader.lo, reader.hi, reader.lane);
  };
}

/** The rule for an instruction of the features simd and relaxed-simd. */
export function lowerSimd(name: OpcodeName, opcode: number): Rule {
  if (name === "v128.const") return lowerConst;
  if (name === "i8x16.shuffle") return lowerShuffle;
  const { immediate, type } = OPCODE_ROWS[opcode]!;
  if (immediate === "memarg" || immediate === "memarg_lane") return lowerAccess(name, type!);
  return lowerLanes(SAME_OPERATION[name] ?? name, type!);
}
