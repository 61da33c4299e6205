// Structured control, branches and returns.
import { CATCH_ALL, type InstructionReader, OP } from "../../decoder/index.js";
import { registerOp } from "../register-code/register-op-table.js";
import { branchOn, type Condition, jump, jumpBack, takeCondition } from "./branch.js";
import { Label } from "./control.js";
import type { Control } from "./control-stack.js";
import type { FunctionLowering } from "./function-lowering.js";
import type { Signature } from "./module-context.js";
import { CONST_32, CONST_64, LOCAL, slotsOfWidths, WIDTH_128, WIDTH_REF } from "./operands.js";

const BR_NULL = registerOp("br_null");
const BR_NON_NULL = registerOp("br_non_null");
const BR_TABLE = registerOp("br_table");
const BR_TABLE_WIDE = registerOp("br_table.wide");
const BR_TABLE_LOAD8 = registerOp("br_table_load8");
const I32_ADD_K = registerOp("i32.add_k");
const LOAD8_NEAR = registerOp("i32.load8_u_near");
const UNREACHABLE = registerOp("unreachable");
const RETURN = registerOp("return");
/** Returns of one value, by its width. */
const SHORT_RETURN = [registerOp("return_32"), registerOp("return_64"), -1, registerOp("return_ref")];
const RETURN_WORDS = registerOp("return_words");
const RETURN_SLOTS = registerOp("return_slots");
const THROW_REF = registerOp("throw_ref");
const ENTER_LOOP = registerOp("enter_loop");

/** Types of the values that a branch to `control` takes along. */
export function labelTypes(control: Control): readonly number[] {
  return control.kind === "loop" ? control.params : control.results;
}

/** Whether the top operands are already where a branch to `control` wants them. */
function inPlace(l: FunctionLowering, control: Control): boolean {
  return l.operands.height - labelTypes(control).length === control.height;
}

/** Brings the top operands to where the label of `control` expects them. */
export function moveLabelValues(l: FunctionLowering, control: Control): void {
  const types = labelTypes(control);
  const { operands } = l;
  const from = operands.height - types.length;
  if (from === control.height || types.length !== 1) {
    l.materialiseFrom(from);
    if (from !== control.height) l.moveValues(operands.slotAt(control.height), operands.slotAt(from), types);
    return;
  }
  const to = operands.slotAt(control.height);
  const value = operands.value[from]!;
  if (operands.kind[from] === CONST_32) l.constant(to, value);
  else if (operands.kind[from] === CONST_64) {
    l.emitter.emit(registerOp("const_64"), to, 0, 0, value, operands.high[from]);
  } else l.move(types[0]!, to, operands.kind[from] === LOCAL ? value : operands.slot[from]!);
}

function skipToEnd(reader: InstructionReader): void {
  let depth = 0;
  for (;;) {
    const at = reader.offset;
    reader.next();
    switch (reader.opcode) {
      case OP.block:
      case OP.loop:
      case OP.if:
      case OP.try:
      case OP.try_table:
        depth++;
        break;
      case OP.else:
      case OP.catch:
      case OP.catch_all:
        if (depth === 0) {
          reader.offset = at;
          return;
        }
        break;
      case OP.end:
      case OP.delegate:
        if (depth === 0) {
          reader.offset = at;
          return;
        }
        depth--;
    }
  }
}

/** What follows is not reached. */
export function unreachableFromHere(l: FunctionLowering): void {
  l.skipDead(skipToEnd);
}

export function lowerUnreachable(l: FunctionLowering): void {
  l.emitter.emit(UNREACHABLE);
  l.segments.end();
  unreachableFromHere(l);
}

export function pushControl(l: FunctionLowering, kind: Control["kind"], signature: Signature): Control {
  const { params, results } = signature;
  const control = l.control(kind, l.operands.height - params.length, params, results, new Label());
  l.controls.push(control);
  return control;
}

export function lowerBlock(l: FunctionLowering): void {
  const signature = l.blockSignature();
  l.materialiseFrom(0);
  pushControl(l, "block", signature);
}

export function lowerLoop(l: FunctionLowering): void {
  const signature = l.blockSignature();
  l.materialiseFrom(0);
  const control = pushControl(l, "loop", signature);
  const { offset } = l.reader;
  l.bind(control.label, offset, true);
  if (!l.stepping && l.context.code.askedLoops.has(offset)) {
    l.loopHeads.push([offset, l.emitter.at]);
    const at = l.emitter.emit(ENTER_LOOP, 0, 0, 0, offset, 0);
    l.segments.referCost(control.label, l.emitter.wordAt(at, ENTER_LOOP, 1));
  }
}

export function lowerIf(l: FunctionLowering): void {
  const signature = l.blockSignature();
  const condition = takeCondition(l);
  l.materialiseFrom(0);
  const elseLabel = new Label();
  branchOn(l, condition, false, elseLabel);
  pushControl(l, "if", signature).elseLabel = elseLabel;
}

export function lowerElse(l: FunctionLowering): void {
  const control = l.target(0);
  if (!control.dead) {
    l.materialiseFrom(control.height);
    jump(l, control.label);
  }
  l.operands.height = control.height;
  l.pushAll(control.params);
  l.bind(control.elseLabel!, l.reader.offset, true);
  control.elseLabel = null;
  control.dead = false;
}

export function lowerTryTable(l: FunctionLowering): void {
  const signature = l.blockSignature();
  l.materialiseFrom(0);
  const { reader, operands, emitter } = l;
  const clauses = [];
  for (let i = 0; i < reader.catchCount; i++) {
    const kind = reader.catches[3 * i]!;
    // Labels of clauses are counted from outside the block.
    const outer = l.target(reader.catches[3 * i + 2]!);
    outer.label.used = true;
    const tagidx = kind < CATCH_ALL ? reader.catches[3 * i + 1]! : -1;
    const slot = operands.slotAt(outer.height);
    clauses.push({ from: emitter.at, to: emitter.at, kind, tagidx, label: outer.label, slot, delegate: null });
    // The handler writes there without asking the operand stack.
    const room = slot + slotsOfWidths(labelTypes(outer));
    if (room > operands.maxSlots) operands.maxSlots = room;
  }
  const control = pushControl(l, "try_table", signature);
  control.clauses = clauses;
  // Code before must not be merged with code inside.
  emitter.barrier();
}

export function lowerEnd(l: FunctionLowering): void {
  const control = l.controls.pop()!;
  if (control.kind === "try_table") for (const clause of control.clauses) clause.to = l.emitter.at;
  // Handlers lie innermost first: those of the blocks inside are there already.
  control.firstHandler = l.clauses.length;
  if (control.clauses.length > 0) {
    for (const clause of control.clauses) l.clauses.push(clause);
    l.emitter.barrier();
  }
  if (control.kind === "function") endFunction(l, control);
  else endBlock(l, control);
}

/** Goes on behind a block that has been taken off the control stack. */
export function endBlock(l: FunctionLowering, control: Control): void {
  const { operands, reader } = l;
  if (control.kind === "catch" && !control.dead) {
    // The exception that `rethrow` wants lies below the results.
    moveLabelValues(l, control);
    operands.height = control.height;
    l.pushAll(control.results);
  }
  const joined = control.kind !== "loop" && (control.label.used || control.elseLabel !== null);
  if (joined) {
    if (!control.dead) l.materialiseFrom(0);
    operands.height = control.height;
    l.pushAll(control.results);
    if (control.elseLabel !== null) l.bind(control.elseLabel, reader.offset, false);
    l.bind(control.label, reader.offset, true);
  } else if (control.dead) unreachableFromHere(l);
}

function endFunction(l: FunctionLowering, control: Control): void {
  if (control.label.used) {
    if (!control.dead) l.materialiseFrom(l.operands.height - control.results.length);
    l.operands.height = 0;
    l.pushAll(control.results);
    l.bind(control.label, l.reader.start, true);
  } else if (control.dead) return;
  emitReturn(l);
}

/** Returns the top operands. */
function emitReturn(l: FunctionLowering): void {
  const { results } = l.signature;
  const { operands, emitter } = l;
  const from = operands.height - results.length;
  const single = results.length === 1 && !emitter.wide ? results[0]! : WIDTH_128;
  const short = results.length === 0 ? RETURN : SHORT_RETURN[single]!;
  if (short >= 0) {
    const at = emitter.emit(short, results.length === 0 ? 0 : l.slotOf(from));
    if (!l.stepping) l.segments.shortenJumps(at);
  } else {
    l.materialiseFrom(from);
    const slot = operands.slotAt(from);
    const slots = slotsOfWidths(results);
    if (!emitter.wide && !results.includes(WIDTH_REF)) emitter.emit(RETURN_WORDS, slot, 0, 0, slots * 2);
    else emitter.emit(RETURN_SLOTS, 0, 0, 0, slot, slots);
  }
  l.segments.end();
  emitter.barrier();
}

export function lowerReturn(l: FunctionLowering): void {
  emitReturn(l);
  unreachableFromHere(l);
}

export function lowerBr(l: FunctionLowering): void {
  const control = l.target(l.reader.index);
  if (control.kind === "function") emitReturn(l);
  else {
    moveLabelValues(l, control);
    if (control.kind === "loop") jumpBack(l, control);
    else jump(l, control.label);
  }
  unreachableFromHere(l);
}

/** A conditional branch to `control`: `sense` of `condition` takes it. */
export function branchIf(l: FunctionLowering, condition: Condition, sense: boolean, control: Control): void {
  const types = labelTypes(control);
  if (inPlace(l, control) || types.length === 0) {
    l.materialiseFrom(l.operands.height - types.length);
    branchOn(l, condition, sense, control.label);
    return;
  }
  if (types.length > 1) l.materialiseFrom(l.operands.height - types.length);
  const around = new Label();
  branchOn(l, condition, !sense, around);
  moveLabelValues(l, control);
  jump(l, control.label);
  l.bind(around, l.reader.offset, false);
}

export function lowerBrIf(l: FunctionLowering): void {
  const control = l.target(l.reader.index);
  branchIf(l, takeCondition(l), true, control);
}

export function lowerBrOnNull(l: FunctionLowering): void {
  const control = l.target(l.reader.index);
  const { operands } = l;
  const top = operands.height - 1;
  l.materialise(top);
  operands.height = top;
  branchIf(l, { ifTrue: BR_NULL, ifFalse: BR_NON_NULL, a: operands.slot[top]!, b: 0, k: 0 }, true, control);
  // Untaken, the reference stays in its slot.
  operands.height = top + 1;
}

export function lowerBrOnNonNull(l: FunctionLowering): void {
  const control = l.target(l.reader.index);
  const { operands } = l;
  const top = operands.height - 1;
  // Taken, the reference is the last of the label's values.
  l.materialise(top);
  const slot = operands.slot[top]!;
  branchIf(l, { ifTrue: BR_NON_NULL, ifFalse: BR_NULL, a: slot, b: 0, k: 0 }, true, control);
  operands.height = top;
}

/** Position of the load8 emitted last, if it put the index of a jump table in `slot` and the jump can do it; else −1. */
function takeIndexLoad(l: FunctionLowering, slot: number): number {
  const { emitter } = l;
  const memory = l.module.memories[0];
  const below2GiB = memory !== undefined && !memory.is64 && (memory.limits.max ?? 65536) <= 32768;
  if (!below2GiB || emitter.lastOp !== LOAD8_NEAR || emitter.fieldA(emitter.lastAt) !== slot) return -1;
  return slot >= l.operands.slotAt(0) ? emitter.lastAt : -1;
}

export function lowerBrTable(l: FunctionLowering): void {
  const { operands, emitter, segments, reader } = l;
  const top = --operands.height;
  const count = reader.labelCount - 1;
  let bias = 0;
  let slot: number;
  if (!emitter.wide && l.isLastResult(top) && emitter.lastOp === I32_ADD_K) {
    slot = emitter.fieldB(emitter.lastAt);
    bias = emitter.code[emitter.lastAt + 1]!;
    emitter.unemit();
  } else slot = l.slotOf(top);
  const types = labelTypes(l.target(reader.labels[count]!));
  const from = operands.height - types.length;
  const before = emitter.at;
  l.materialiseFrom(from);
  const load = !emitter.wide && !l.stepping && before === emitter.at ? takeIndexLoad(l, slot) : -1;
  let at: number;
  if (load >= 0) {
    const word = emitter.code[load]!;
    const origin = emitter.lastOrigin();
    emitter.unemit();
    at = emitter.emit(BR_TABLE_LOAD8, (word >>> 16) & 255, 0, 0, count, bias, word >>> 24) + 4;
    // What can trap is the load.
    emitter.setOrigin(origin);
  } else if (emitter.wide) at = emitter.emit(BR_TABLE_WIDE, 0, 0, 0, count, bias, slot) + 4;
  else at = emitter.emit(BR_TABLE, slot, 0, 0, count, bias) + 3;
  for (let i = 0; i < 2 * (count + 1); i++) emitter.word(0);
  segments.end();
  const stubs = new Map<number, Label>();
  for (let i = 0; i <= count; i++) {
    const depth = reader.labels[i]!;
    const control = l.target(depth);
    if (control.kind !== "function" && (types.length === 0 || inPlace(l, control))) {
      segments.refer(control.label, at + 2 * i);
      continue;
    }
    let stub = stubs.get(depth);
    if (stub === undefined) {
      stub = new Label();
      stubs.set(depth, stub);
    }
    segments.refer(stub, at + 2 * i);
  }
  for (const [depth, stub] of stubs) {
    l.bind(stub, reader.offset, false);
    const control = l.target(depth);
    if (control.kind === "function") emitReturn(l);
    else {
      moveLabelValues(l, control);
      jump(l, control.label);
    }
  }
  emitter.barrier();
  unreachableFromHere(l);
}

export function lowerThrowRef(l: FunctionLowering): void {
  const slot = l.slotOf(l.operands.height - 1);
  l.markRepeatable();
  l.emitter.emit(THROW_REF, 0, 0, 0, slot);
  l.segments.end();
  unreachableFromHere(l);
}
