// The references of an execution, for tracing the heap (store/heap-trace.ts).
//
// Those of a frame are its locals, and its operands at the instruction where it stands: in a call
// without the arguments, which are the callee's; at an allocation with the operands that it takes.
// Slots also hold leftovers, which ones depends on the lowering; the code map tells them apart.
import { isRef, type ValType } from "../../decoder/index.js";
import { Crash } from "../errors.js";
import { CodeMaps } from "../lowering/code-map.js";
import type { ModuleContext } from "../lowering/function-lowering.js";
import { type CodeRegion, PC_FIRST, PC_HOST_RETURN, PC_LEAVE_INSTANCE } from "../register-code/register-code.js";
import type { VisitRef } from "../store/heap-trace.js";
import type { ModuleInstance } from "../store/module-instance.js";
import type { Ref } from "../store/refs.js";
import { slotsOf } from "../values.js";
import type { Thread } from "./thread.js";

/** Visits the references of an execution that has begun and is not over. `paused`: it does not run now. */
export function visitFrames(x: Thread, paused: boolean, visit: VisitRef): void {
  const { machine: m, pendingHost } = x;
  const { refs } = m;
  const walk = new RefWalk(refs, visit);
  let { instance } = m;
  let instances = x.instances.length;
  let hostFrames = x.hostFrames.length;
  if (pendingHost !== null) {
    visitArguments(refs, pendingHost.func.type.params, pendingHost.base, visit);
    if (pendingHost.returnTo >= PC_FIRST) walk.addCaller(instance, pendingHost.returnTo, m.fp);
  } else if (paused) walk.visitPaused(instance, m.pc, m.fp);
  else walk.add(instance, m.pc, m.pc, m.fp);
  for (let sp = m.sp - 2; sp >= 0; sp -= 2) {
    const back = m.frames[sp]!;
    if (back === PC_LEAVE_INSTANCE) instance = x.instances[--instances]!;
    else if (back === PC_HOST_RETURN) {
      const { func, base } = x.hostFrames[--hostFrames]!.call;
      visitArguments(refs, func.type.params, base, visit);
    } else if (back >= PC_FIRST) walk.addCaller(instance, back, m.frames[sp + 1]!);
  }
  walk.finish();
}

/** Visits the references among arguments at word `base`. Those of a host function stay until it is done. */
export function visitArguments(refs: readonly Ref[], types: readonly ValType[], base: number, visit: VisitRef): void {
  let slot = base >> 1;
  for (const type of types) {
    if (isRef(type)) visit(refs[slot]!);
    slot += slotsOf(type);
  }
}

/** A frame whose references are those of a site: where a call returns, or where an operation allocates. */
interface SiteFrame {
  readonly context: ModuleContext;
  readonly region: CodeRegion;
  readonly site: number;
  readonly fp: number;
}

/** Frames are gathered first, so that the code map is asked about each function once. */
class RefWalk {
  private readonly maps = new CodeMaps();
  private readonly frames: SiteFrame[] = [];

  constructor(
    private readonly refs: readonly Ref[],
    private readonly visit: VisitRef,
  ) {}

  /** A frame that waits for a call to return to `pc`: the call is before its return point. */
  addCaller(instance: ModuleInstance, pc: number, fp: number): void {
    this.add(instance, pc - 1, pc, fp);
  }

  /** A frame whose code is at `pc`, at a site. */
  add(instance: ModuleInstance, pc: number, site: number, fp: number): void {
    const context = contextOf(instance);
    const region = regionAt(instance, pc);
    this.maps.wantSite(context, region, site);
    this.frames.push({ context, region, site, fp });
  }

  finish(): void {
    const { maps } = this;
    for (const { context, region, site, fp } of this.frames) {
      this.visitSlots(maps.of(context, region).refLocals, fp);
      this.visitSlots(maps.refsAt(context, region, site), fp);
    }
  }

  /** The frame that is paused before the instruction at `pc`, in stepping form. */
  visitPaused(instance: ModuleInstance, pc: number, fp: number): void {
    const { maps, refs, visit } = this;
    const context = contextOf(instance);
    const region = regionAt(instance, pc);
    const map = maps.of(context, region);
    const offset = map.nextOffset(pc);
    // Before its first operation, a function has not made its declared locals null.
    this.visitSlots(offset === undefined ? map.refLocals.slice(0, map.refParams) : map.refLocals, fp);
    if (offset === undefined) return;
    const layout = maps.layoutAt(context, region.index, offset);
    if (layout === undefined) throw new Crash(`no instruction at byte ${offset}`);
    for (const slot of layout.operands) if (layout.words[slot] === 0) visit(refs[(fp >> 1) + slot]!);
  }

  private visitSlots(slots: readonly number[], fp: number): void {
    for (const slot of slots) this.visit(this.refs[(fp >> 1) + slot]!);
  }
}

function contextOf(instance: ModuleInstance): ModuleContext {
  return instance.code.context as ModuleContext;
}

function regionAt(instance: ModuleInstance, pc: number): CodeRegion {
  const region = instance.code.regionAt(pc);
  if (region === undefined) throw new Crash(`no code at ${pc}`);
  return region;
}
