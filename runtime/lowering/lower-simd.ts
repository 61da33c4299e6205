// SIMD instructions (spec 4.6.8). Those whose lanes are only bits to them share one operation,
// and relaxed ones have the operation that the deterministic profile chooses.
import { OPCODE_ROWS, type OpcodeName } from "../../decoder/index.js";
import type { FunctionLowering } from "./function-lowering.js";
import { isPlainAccess, LETTER_WIDTH, memoryWord } from "./lower-values.js";
import { IN_SLOT, WIDTH_128 } from "./operands.js";
import { registerOp } from "./register-ops.js";

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
function lowerShuffle(l: FunctionLowering): void {
  const { operands } = l;
  const first = operands.height - 2;
  const b = l.slotOf(first);
  const c = l.slotOf(first + 1);
  operands.height = first;
  const slot = operands.push(IN_SLOT, WIDTH_128);
  l.emitter.emit(SHUFFLE, slot, b, c, vectorWord(l, 0), vectorWord(l, 4), vectorWord(l, 8), vectorWord(l, 12));
}

/** One to three operands, a result, and for operations on one lane its index as the word. */
function lowerLanes(name: string, type: string): Rule {
  const op = registerOp(name);
  const [params, results] = type.split(":") as [string, string];
  const width = LETTER_WIDTH[results]!;
  return (l) => {
    const { operands, reader } = l;
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
  const any = registerOp(`${name}.any`);
  const [params, results] = type.split(":") as [string, string];
  return (l) => {
    const { operands, reader, emitter } = l;
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
