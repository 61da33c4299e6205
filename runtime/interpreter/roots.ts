// The references of an execution, for tracing the heap (store/heap-trace.ts).
//
// Those of a frame are its locals, and its operands at the instruction where it stands: in a call
// without the arguments, which are the callee's; at an allocation with the operands that it takes.
// Slots also hold leftovers, which ones depends on the lowering; the code map tells them apart.
import { isRef, type ValType } from "../../decoder/index.js";
import { Crash } from "../errors.js";
import { HEADER_WORDS, type ModuleContext } from "../lowering/function-lowering.js";
import { type CodeMap, mapOf, operandsAt, operationAt } from "../lowering/lower.js";
import { type CodeRegion, PC_FIRST, PC_HOST_RETURN, PC_LEAVE_INSTANCE } from "../register-code/register-code.js";
import type { VisitRef } from "../store/heap-trace.js";
import type { ModuleInstance } from "../store/module-instance.js";
import type { Ref } from "../store/refs.js";
import { slotsOf } from "../values.js";
import type { Execution } from "./execution.js";

/** Visits the references of an execution that has begun and is not over. `paused`: it does not run now. */
export function visitFrames(x: Execution, paused: boolean, visit: VisitRef): void {
  const { machine: m, pendingHost } = x;
  const { refs } = m;
  let { instance } = m;
  let instances = x.instances.length;
  let hostFrames = x.hostFrames.length;
  if (pendingHost !== null) {
    visitArguments(refs, pendingHost.func.type.params, pendingHost.base, visit);
    if (pendingHost.returnTo >= PC_FIRST) visitCaller(instance, refs, pendingHost.returnTo, m.fp, visit);
  } else if (paused) visitPaused(instance, refs, m.pc, m.fp, visit);
  else visitAllocating(instance, refs, m.pc, m.fp, visit);
  for (let sp = m.sp - 2; sp >= 0; sp -= 2) {
    const back = m.frames[sp]!;
    if (back === PC_LEAVE_INSTANCE) instance = x.instances[--instances]!;
    else if (back === PC_HOST_RETURN) {
      const { func, base } = x.hostFrames[--hostFrames]!.call;
      visitArguments(refs, func.type.params, base, visit);
    } else if (back >= PC_FIRST) visitCaller(instance, refs, back, m.frames[sp + 1]!, visit);
  }
}

/** Visits the references among arguments at word `base`. Those of a host function stay until it is done. */
export function visitArguments(refs: readonly Ref[], types: readonly ValType[], base: number, visit: VisitRef): void {
  let slot = base >> 1;
  for (const type of types) {
    if (isRef(type)) visit(refs[slot]!);
    slot += slotsOf(type);
  }
}

/** A frame that waits for a call to return to `pc`. */
function visitCaller(instance: ModuleInstance, refs: readonly Ref[], pc: number, fp: number, visit: VisitRef): void {
  // The call is before its return point.
  const map = mapOf(contextOf(instance), regionAt(instance, pc - 1));
  visitSlots(refs, map.refLocals, fp, visit);
  visitSlots(refs, operandsOf(map.calls, pc), fp, visit);
}

/** The frame whose operation at `pc` allocates. */
function visitAllocating(
  instance: ModuleInstance,
  refs: readonly Ref[],
  pc: number,
  fp: number,
  visit: VisitRef,
): void {
  const map = mapOf(contextOf(instance), regionAt(instance, pc));
  visitSlots(refs, map.refLocals, fp, visit);
  visitSlots(refs, operandsOf(map.allocations, pc), fp, visit);
}

/** The frame that is paused before the instruction at `pc`, in stepping form. */
function visitPaused(instance: ModuleInstance, refs: readonly Ref[], pc: number, fp: number, visit: VisitRef): void {
  const context = contextOf(instance);
  const region = regionAt(instance, pc);
  const map = mapOf(context, region);
  const begun = pc > region.start + HEADER_WORDS;
  // Before its first operation, a function has not made its declared locals null.
  visitSlots(refs, begun ? map.refLocals : map.refLocals.slice(0, map.refParams), fp, visit);
  if (begun) visitSlots(refs, operandsAt(context, region, map.offset[operationAt(map, pc)]!), fp, visit);
}

function visitSlots(refs: readonly Ref[], slots: readonly number[], fp: number, visit: VisitRef): void {
  for (const slot of slots) visit(refs[(fp >> 1) + slot]!);
}

function operandsOf(recorded: CodeMap["calls"], pc: number): readonly number[] {
  const slots = recorded.get(pc);
  if (slots === undefined) throw new Crash(`no operands are known at ${pc}`);
  return slots;
}

function contextOf(instance: ModuleInstance): ModuleContext {
  return instance.code.context as ModuleContext;
}

function regionAt(instance: ModuleInstance, pc: number): CodeRegion {
  const region = instance.code.regionAt(pc);
  if (region === undefined) throw new Crash(`no code at ${pc}`);
  return region;
}
