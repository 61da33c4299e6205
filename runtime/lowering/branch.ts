// Branches: a condition's comparison is done by the branch itself, and a loop's step as well.
import { registerLinks, registerOp, registerOps } from "../register-code/register-op-table.js";
import { added, type Label } from "./control.js";
import type { Control } from "./control-stack.js";
import type { FunctionLowering } from "./function-lowering.js";

const BR = registerOp("br");
/** Words of a `br`: the operation, its target, its fuel. */
const BR_WORDS = 3;
const BR_Z = registerOp("br_z");
const BR_NZ = registerOp("br_nz");
const I32_EQZ = registerOp("i32.eqz");
const I32_ADD = registerOp("i32.add");
const I32_ADD_K = registerOp("i32.add_k");

interface FusedBranch {
  /** Branch operation when the result is not 0, and when it is. */
  readonly ifTrue: number;
  readonly ifFalse: number;
  /** Slots that it compares: one, or two. */
  readonly operands: number;
  /** The comparison has a constant as a word. */
  readonly constant: boolean;
}
/** The branches that fuse with operation `op`. */
function fusedWith(op: number): FusedBranch | undefined {
  const { branch, inverse } = registerLinks();
  const ifTrue = branch[op] ?? -1;
  if (ifTrue < 0) return undefined;
  const { fields, words } = registerOps()[ifTrue]!;
  return { ifTrue, ifFalse: inverse[ifTrue]!, operands: fields.length, constant: words.includes("k") };
}

/** A popped condition, its comparison taken back if a branch can do it. */
export interface Condition {
  readonly ifTrue: number;
  readonly ifFalse: number;
  readonly a: number;
  readonly b: number;
  readonly k: number;
}

export function takeCondition(l: FunctionLowering): Condition {
  const { operands, emitter } = l;
  const top = --operands.height;
  let ifTrue = BR_NZ;
  let ifFalse = BR_Z;
  const slot = operands.slot[top]!;
  // A test of a test turns it around; the last one found is what the branch does.
  while (!emitter.wide && l.isLastResult(top)) {
    const { lastOp: op, lastAt: at, code } = emitter;
    const a = emitter.fieldB(at);
    const fused = fusedWith(op);
    if (fused !== undefined) {
      const b = fused.operands === 2 ? code[at]! >>> 24 : 0;
      const k = fused.constant ? code[at + 1]! : 0;
      emitter.unemit();
      const turned = ifTrue === BR_Z;
      return { ifTrue: turned ? fused.ifFalse : fused.ifTrue, ifFalse: turned ? fused.ifTrue : fused.ifFalse, a, b, k };
    }
    if (op !== I32_EQZ) break;
    emitter.unemit();
    [ifTrue, ifFalse] = [ifFalse, ifTrue];
    if (a !== slot) return { ifTrue, ifFalse, a, b: 0, k: 0 };
  }
  return { ifTrue, ifFalse, a: l.slotOf(top), b: 0, k: 0 };
}

/**
 * Emits branch `op` of slots a and b, or of a and the constant k, with its words still to be set. If the addition that gave
 * a local what it tests was emitted last, it does that as well: a loop's end, `i += k; if (i < n) …`.
 */
function emitBranch(l: FunctionLowering, op: number, a: number, b: number, k: number): number {
  const { emitter } = l;
  const step = emitter.setBy(I32_ADD_K);
  const added = step >= 0 ? step : emitter.setBy(I32_ADD);
  if (added < 0) return emitter.emit(op, a, b, 0, 0, 0, k);
  const word = emitter.code[added]!;
  const local = emitter.fieldA(added);
  const links = registerLinks();
  const swapped = a !== local && b === local ? links.swapped[op]! : -1;
  const tested = swapped >= 0 ? swapped : a === local || op === BR ? op : -1;
  const form = tested < 0 ? -1 : (step >= 0 ? links.step : links.sum)[tested]!;
  if (form < 0) return emitter.emit(op, a, b, 0, 0, 0, k);
  const other = swapped >= 0 ? a : b;
  const addend = emitter.code[added + 1]!;
  const from = emitter.fieldB(added);
  emitter.takeBack(added);
  if (step >= 0) return emitter.emit(form, local, from, other, 0, 0, addend, k);
  return emitter.emit(form, local, from, word >>> 24, 0, 0, other * 2);
}

/** Branches to `label` if `condition` is `sense`. Falls through into the same segment. */
export function branchOn(l: FunctionLowering, condition: Condition, sense: boolean, label: Label): void {
  const { emitter, segments } = l;
  let op = sense ? condition.ifTrue : condition.ifFalse;
  let at: number;
  if (emitter.wide) {
    op = registerLinks().wide[op]!;
    at = emitter.emit(op, 0, 0, 0, 0, 0, condition.a);
  } else at = emitBranch(l, op, condition.a, condition.b, condition.k);
  op = emitter.lastOp;
  segments.refer(label, at + 1);
  segments.conditional(at + 2);
  emitter.barrier();
  const inner = l.target(0);
  const inverse = registerLinks().inverse[op]!;
  if (inner.kind === "loop" && inner.label.at === at && !emitter.wide && inverse >= 0) {
    const { a, b, k } = condition;
    inner.rotation = { inverse, a, b, k, next: emitter.at, exit: label, paid: segments.paid };
    l.markMiddleOfLoop(inner.label);
  }
}

/** Branches back to a loop. */
export function jumpBack(l: FunctionLowering, { label, rotation, params }: Control): void {
  if (rotation === null || params.length > 0 || l.stepping) {
    jump(l, label);
    return;
  }
  const { emitter, segments } = l;
  const { inverse, a, b, k, next, exit, paid } = rotation;
  const test = emitBranch(l, inverse, a, b, k);
  emitter.code[test + 1] = next;
  segments.referCost(label, test + 2);
  // Leaving pays for the test, but not for the rest of the loop's segment, and then for what follows the loop: in two
  // steps, so that each can be given back. Fuel that is enough for neither stops at the loop's head, before the test;
  // fuel for the test alone stops behind it.
  const testCost = paid - label.paidBefore;
  emitter.emit(BR, 0, 0, 0, emitter.at + BR_WORDS, testCost);
  l.markTestOfLoop(label, testCost);
  segments.refer(exit, emitter.emit(BR) + 1);
  segments.end();
}

export function jump(l: FunctionLowering, label: Label): void {
  // A jump forward may become the return that it leads to.
  const at = label.at < 0 ? l.emitter.emit(BR) : emitBranch(l, BR, 0, 0, 0);
  if (label.at < 0) label.jumps = added(label.jumps, at);
  l.segments.refer(label, at + 1);
  l.segments.end();
}
