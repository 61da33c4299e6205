// Which rule lowers which instruction.
import { OPCODE_LIMIT, OPCODE_ROWS, type OpcodeName } from "../../decoder/index.js";
import { Crash } from "../errors.js";
import type { FunctionLowering } from "./function-lowering.js";
import { lowerAtomic, lowerAtomicWait } from "./lower-atomic.js";
import * as calls from "./lower-calls.js";
import * as control from "./lower-control.js";
import * as fused from "./lower-fused.js";
import { GC_RULES } from "./lower-gc.js";
import * as legacy from "./lower-legacy.js";
import { lowerSimd } from "./lower-simd.js";
import * as values from "./lower-values.js";
import { WIDTH_32, WIDTH_64, WIDTH_REF } from "./operands.js";

export type Rule = (l: FunctionLowering) => void;

const nothing: Rule = () => {};

/** Rules by name; the rest follows from the table's types. */
const SPECIAL: Partial<Record<OpcodeName, Rule>> = {
  unreachable: control.lowerUnreachable,
  nop: nothing,
  block: control.lowerBlock,
  loop: control.lowerLoop,
  if: control.lowerIf,
  else: control.lowerElse,
  end: control.lowerEnd,
  br: control.lowerBr,
  br_if: control.lowerBrIf,
  br_table: control.lowerBrTable,
  return: control.lowerReturn,
  try_table: control.lowerTryTable,
  throw: calls.lowerThrow,
  throw_ref: control.lowerThrowRef,
  try: legacy.lowerTry,
  catch: legacy.lowerCatch,
  catch_all: legacy.lowerCatch,
  delegate: legacy.lowerDelegate,
  rethrow: legacy.lowerRethrow,
  call: calls.lowerCall,
  call_indirect: calls.lowerCallIndirect,
  call_ref: calls.lowerCallRef,
  return_call: calls.lowerReturnCall,
  return_call_indirect: calls.lowerReturnCallIndirect,
  return_call_ref: calls.lowerReturnCallRef,
  drop: values.lowerDrop,
  select: values.lowerSelect,
  "select t": values.lowerSelect,
  "local.get": values.lowerLocalGet,
  "local.set": values.lowerLocalSet,
  "local.tee": values.lowerLocalTee,
  "global.get": values.lowerGlobalGet,
  "global.set": values.lowerGlobalSet,
  "table.get": values.lowerTableGet,
  "table.set": values.lowerTableSet,
  "table.size": values.lowerTableSize,
  "table.grow": calls.lowerTableGrow,
  "table.fill": calls.lowerBulk("table.fill"),
  "table.copy": calls.lowerBulk("table.copy"),
  "table.init": calls.lowerBulk("table.init"),
  "elem.drop": values.lowerIndexed("elem.drop"),
  "memory.size": values.lowerMemorySize,
  "memory.grow": calls.lowerMemoryGrow,
  "memory.fill": calls.lowerBulk("memory.fill"),
  "memory.copy": calls.lowerBulk("memory.copy"),
  "memory.init": calls.lowerBulk("memory.init"),
  "data.drop": values.lowerIndexed("data.drop"),
  "i32.const": values.lowerI32Const,
  "f32.const": values.lowerI32Const,
  "i64.const": values.lowerI64Const,
  "f64.const": values.lowerI64Const,
  "i32.eqz": values.lowerEqz,
  "i32.wrap_i64": values.lowerWrap,
  "i32.reinterpret_f32": values.lowerReinterpret(WIDTH_32),
  "f32.reinterpret_i32": values.lowerReinterpret(WIDTH_32),
  "i64.reinterpret_f64": values.lowerReinterpret(WIDTH_64),
  "f64.reinterpret_i64": values.lowerReinterpret(WIDTH_64),
  "f64.add": fused.lowerF64Add,
  "i64.eq": fused.lowerI64Equality("eq"),
  "i64.ne": fused.lowerI64Equality("ne"),
  "ref.null": values.lowerPlain("ref.null", 0, WIDTH_REF),
  "ref.is_null": values.lowerPlain("ref.is_null", 1, WIDTH_32),
  "ref.func": values.lowerPlain("ref.func", 0, WIDTH_REF, true),
  "ref.eq": values.lowerPlain("ref.eq", 2, WIDTH_32),
  "ref.as_non_null": values.lowerRefAsNonNull,
  "i64.add128": values.lowerWide("i64.add128", 4),
  "i64.sub128": values.lowerWide("i64.sub128", 4),
  "i64.mul_wide_s": values.lowerWide("i64.mul_wide_s", 2),
  "i64.mul_wide_u": values.lowerWide("i64.mul_wide_u", 2),
  "memory.atomic.wait32": lowerAtomicWait(4),
  "memory.atomic.wait64": lowerAtomicWait(8),
  "atomic.fence": nothing,
  br_on_null: control.lowerBrOnNull,
  br_on_non_null: control.lowerBrOnNonNull,
  "array.len": values.lowerPlain("array.len", 1, WIDTH_32),
  "ref.i31": values.lowerPlain("ref.i31", 1, WIDTH_REF),
  "i31.get_u": values.lowerPlain("i31.get_u", 1, WIDTH_32),
  ...GC_RULES,
};

function makeRule(name: OpcodeName, opcode: number): Rule {
  const special = SPECIAL[name];
  if (special !== undefined) return special;
  const { feature, immediate, type } = OPCODE_ROWS[opcode]!;
  if (type === undefined) throw new Crash(`no rule lowers ${name}`);
  if (feature === "simd" || feature === "relaxed-simd") return lowerSimd(name, opcode);
  if (feature === "threads") return lowerAtomic(name, opcode);
  return immediate === "memarg" ? values.lowerAccess(name, type) : values.lowerNumeric(name, opcode);
}

const rules = new Array<Rule | undefined>(OPCODE_LIMIT).fill(undefined);

/** The rule that lowers the instruction `opcode`, made when it is first asked for. */
export function ruleOf(opcode: number): Rule {
  let rule = rules[opcode];
  if (rule === undefined) {
    rule = makeRule(OPCODE_ROWS[opcode]!.name as OpcodeName, opcode);
    rules[opcode] = rule;
  }
  return rule;
}
