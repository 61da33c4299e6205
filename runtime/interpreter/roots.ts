// The references of an execution, for tracing the heap (store/heap-trace.ts).
//
// Those of a frame are its locals, and its operands at the instruction where it stands: in a call
// without the arguments, which are the callee's; at an allocation with the operands that it takes.
// Slots also hold leftovers, which ones depends on the lowering; the code map tells them apart.
import { isRef, type ValType } from "../../decoder/index.js";
import { Crash } from "../errors.js";
import { CodeMaps } from "../lowering/code-map.js";
import type { ModuleContext } from "../lowering/module-context.js";
import type { VisitRef } from "../store/heap-trace.js";
import type { Ref } from "../store/refs.js";
import { slotsOf } from "../values.js";
import { frames, type WasmFrame } from "./frames.js";
import type { Thread } from "./thread.js";

/** Visits the references of a thread that has begun and is not over. `paused`: it does not run now. */
export function visitFrames(thread: Thread, paused: boolean, visit: VisitRef): void {
  const { refs } = thread.machine;
  const walk = new RefWalk(refs, visit);
  for (const frame of frames(thread)) {
    if (frame.kind === "host") visitArguments(refs, frame.call.func.type.params, frame.call.base, visit);
    else if (frame.kind === "wasm") {
      if (frame.returnTo > 0) walk.add(frame, frame.returnTo);
      else if (paused) walk.visitPaused(frame);
      else walk.add(frame, frame.pc);
    }
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

/** Frames are gathered first, so that the code map is asked about each function once. */
class RefWalk {
  private readonly maps = new CodeMaps();
  private readonly frames: { readonly frame: WasmFrame; readonly site: number }[] = [];

  constructor(
    private readonly refs: readonly Ref[],
    private readonly visit: VisitRef,
  ) {}

  /** A frame whose references are those of a site: where a call returns, or where an operation allocates. */
  add(frame: WasmFrame, site: number): void {
    this.maps.wantSite(contextOf(frame), frame.region, site);
    this.frames.push({ frame, site });
  }

  finish(): void {
    const { maps } = this;
    for (const { frame, site } of this.frames) {
      const context = contextOf(frame);
      this.visitSlots(maps.of(context, frame.region).refLocals, frame.base);
      this.visitSlots(maps.refsAt(context, frame.region, site), frame.base);
    }
  }

  /** The frame that is paused before an instruction, in stepping form. */
  visitPaused(frame: WasmFrame): void {
    const { maps, refs, visit } = this;
    const { region, pc, base } = frame;
    const context = contextOf(frame);
    const map = maps.of(context, region);
    const offset = map.nextOffset(pc);
    // Before its first operation, a function has not made its declared locals null.
    this.visitSlots(offset === undefined ? map.refLocals.slice(0, map.refParams) : map.refLocals, base);
    if (offset === undefined) return;
    const layout = maps.layoutAt(context, region.index, offset);
    if (layout === undefined) throw new Crash(`no instruction at byte ${offset}`);
    for (const slot of layout.operands) if (layout.words[slot] === 0) visit(refs[(base >> 1) + slot]!);
  }

  private visitSlots(slots: readonly number[], base: number): void {
    for (const slot of slots) this.visit(this.refs[(base >> 1) + slot]!);
  }
}

function contextOf({ instance }: WasmFrame): ModuleContext {
  return instance.code.context as ModuleContext;
}
