// Locals, globals and constants.
import { F32, F64, I32, I64, isRef, OP, V128 } from "../../decoder/index.js";
import { F32_CANONICAL_NAN, F64_CANONICAL_NAN_HI, f32FromBits, f64FromHalves } from "../values.js";
import type { EmitRule, FunctionEmitter } from "./function-emitter.js";
import { F32X4, F64X2, REF } from "./held.js";
import * as operand from "./operand.js";
import { asWords, literal, valueText } from "./operand.js";
import { isOddNaN } from "./register-text.js";
import { floatsAt } from "./vector.js";

function setLocal(e: FunctionEmitter, index: number): void {
  const value = e.pop();
  const name = `l${index}`;
  e.changes(name);
  e.assign(name, e.held[index] === V128 ? asWords(value) : value);
}

/** Pays for the instruction, with what it sets as the local holds it; false if it has been left. */
function takesHeld(e: FunctionEmitter): boolean {
  const held = e.held[e.reader.index]!;
  if ((held === F32X4 || held === F64X2) && !floatsAt(e, 0, held)) return false;
  e.pay(e.price);
  return true;
}

const localGet: EmitRule = (e) => {
  e.pay(e.price);
  const { index } = e.reader;
  e.stack.push(e.variable(e.held[index]!, `l${index}`));
};
const localSet: EmitRule = (e) => {
  if (takesHeld(e)) setLocal(e, e.reader.index);
};
const localTee: EmitRule = (e) => {
  const { index } = e.reader;
  if (!takesHeld(e)) return;
  setLocal(e, index);
  e.stack.push(e.variable(e.held[index]!, `l${index}`));
};

/** Word of a global among the instance's cells; −1 where it is another's, or holds what the compiler has no values of. */
function cellOf(e: FunctionEmitter): number {
  const { type } = e.module.globals[e.reader.index]!;
  return type === V128 ? -1 : e.context.globalWords[e.reader.index]!;
}

const globalGet: EmitRule = (e) => {
  const { type } = e.module.globals[e.reader.index]!;
  const cell = cellOf(e);
  if (cell < 0) {
    e.leaveInstruction([], [type]);
    return;
  }
  if (type === I32) {
    e.pay(e.price);
    e.compute(I32, (v) => `${v} = G[${cell}];`);
  } else if (isRef(type)) {
    e.pay(e.price);
    e.compute(REF, (v) => `${v} = GX[${cell >> 1}];`);
  } else if (type === I64) {
    e.pay(e.price);
    e.compute(I64, (v) => `${v} = G[${cell}]; ${v}h = G[${cell + 1}];`);
  } else {
    // A NaN that is not the canonical one is not for JavaScript.
    const leaving = e.leaving();
    e.pay(e.price);
    const value = type === F32 ? `GS[${cell}]` : `GD[${cell >> 1}]`;
    const odd = (v: string) => isOddNaN(type, v, `G[${cell}]`, `G[${cell + 1}]`);
    e.compute(type, (v) => `${v} = ${value}; if (${odd(v)}) ${leaving}`);
  }
};

const globalSet: EmitRule = (e) => {
  const cell = cellOf(e);
  if (cell < 0) {
    e.leaveInstruction([e.module.globals[e.reader.index]!.type], []);
    return;
  }
  e.pay(e.price);
  const { type } = e.top();
  if (type === F32 || type === F64) e.settle(1);
  const value = e.pop();
  const text = valueText(value);
  if (type === REF) e.source.line(`GX[${cell >> 1}] = ${text};`);
  else if (type === I32) e.source.line(`G[${cell}] = ${text};`);
  else if (type === I64) e.source.line(`G[${cell}] = ${text}; G[${cell + 1}] = ${value.hi};`);
  else if (type === F32)
    e.source.line(`if (${text} === ${text}) GS[${cell}] = ${text}; else G[${cell}] = ${F32_CANONICAL_NAN};`);
  else {
    e.source.line(
      `if (${text} === ${text}) GD[${cell >> 1}] = ${text}; else { G[${cell}] = 0; G[${cell + 1}] = ${F64_CANONICAL_NAN_HI}; }`,
    );
  }
};

const i32Const: EmitRule = (e) => {
  e.pay(e.price);
  e.stack.push(operand.constant(I32, literal(e.reader.lo)));
};
const i64Const: EmitRule = (e) => {
  e.pay(e.price);
  e.stack.push(operand.constant(I64, literal(e.reader.lo), literal(e.reader.hi)));
};
const f32Const: EmitRule = (e) => {
  const { lo } = e.reader;
  const value = f32FromBits(lo);
  if (Number.isNaN(value) && lo !== F32_CANONICAL_NAN) e.leaveBefore();
  else {
    e.pay(e.price);
    e.stack.push(operand.constant(F32, literal(value)));
  }
};
const f64Const: EmitRule = (e) => {
  const { lo, hi } = e.reader;
  const value = f64FromHalves(lo, hi);
  if (Number.isNaN(value) && (lo !== 0 || hi !== F64_CANONICAL_NAN_HI)) e.leaveBefore();
  else {
    e.pay(e.price);
    e.stack.push(operand.constant(F64, literal(value)));
  }
};

export const VARIABLE_RULES: readonly (readonly [number, EmitRule])[] = [
  [OP["local.get"], localGet],
  [OP["local.set"], localSet],
  [OP["local.tee"], localTee],
  [OP["global.get"], globalGet],
  [OP["global.set"], globalSet],
  [OP["i32.const"], i32Const],
  [OP["i64.const"], i64Const],
  [OP["f32.const"], f32Const],
  [OP["f64.const"], f64Const],
];
