// A paused execution to plain data: frames by their places in the module, registers in canonical
// form, so that any lowering of the same module can take them up.
import { Crash } from "../errors.js";
import type { Execution } from "../interpreter/execution.js";
import type { PendingHostCall } from "../interpreter/host-calls.js";
import { materialise } from "../interpreter/positions.js";
import { SET_THREW_WORDS } from "../interpreter/unwind.js";
import type { ModuleContext } from "../lowering/function-lowering.js";
import { type CodeMap, mapOf, operationAt } from "../lowering/lower.js";
import { type CodeRegion, PC_EXIT, PC_INVOKE_RETURN, PC_LEAVE_INSTANCE } from "../register-code/register-code.js";
import type { ModuleInstance } from "../store/module-instance.js";
import type { Ref } from "../store/refs.js";
import { slotsOfAll } from "../values.js";
import type { RefWriter } from "./graph.js";
import type { CodePlace, ExecutionImage, FrameImage, TopImage } from "./image.js";
import type { Inventory } from "./inventory.js";
import { entryRefs, type RefSlot, refSlots, SlotMaps } from "./slot-map.js";
import { SnapshotError } from "./snapshot-error.js";

function unsupported(message: string): never {
  throw new SnapshotError("unsupported", message);
}

/**
 * @param repeatHostCall whether a host call that waits for a promise is made anew after restoring
 * @throws SnapshotError; UsageError if the execution does not wait to be run
 */
export function captureExecution(
  x: Execution,
  inventory: Inventory,
  refs: RefWriter,
  repeatHostCall: boolean,
): ExecutionImage {
  return new ExecutionCapture(x, inventory, refs).capture(repeatHostCall);
}

class ExecutionCapture {
  private readonly slotMaps = new SlotMaps();
  private readonly frames: FrameImage[] = [];
  /** Pairs of slot and code. */
  private readonly liveRefs: number[] = [];
  private words = new Int32Array(0);
  private stackRefs: Ref[] = [];
  /** Without a single reference on the stack nobody has to know which slots hold some. */
  private hasRefs = false;
  // Going down the stack: the instance and the frame base there, and the defined function or −1.
  private instance: ModuleInstance | null = null;
  private fp = 0;
  private func = -1;

  constructor(
    private readonly x: Execution,
    private readonly inventory: Inventory,
    private readonly refWriter: RefWriter,
  ) {}

  capture(repeatHostCall: boolean): ExecutionImage {
    const { x, inventory, refWriter } = this;
    const { func, fuelGranted, fuelLeft } = x.suspension();
    inventory.placeOf(func);
    if (x.hostFrames.length > 0) {
      unsupported(
        `host function ${x.hostFrames[0]!.call.func.host!.name} waits for the guest: its closure has no form in bytes`,
      );
    }
    const pending = x.pendingHost;
    if (pending !== null && pending.continuation !== null) {
      unsupported(
        `host function ${pending.func.host!.name} has called the guest: what is left of it has no form in bytes`,
      );
    }
    if (pending !== null && pending.waiting !== null && !repeatHostCall) {
      unsupported(`host function ${pending.func.host!.name} waits for a promise: see repeatHostCall`);
    }
    this.instance = x.machine.instance ?? null;
    this.fp = x.machine.fp;
    const top = pending !== null ? this.hostTop(pending) : x.machine.sp === 0 ? this.startTop() : this.guestTop();
    this.below();
    return {
      func: refWriter.code(func),
      fuelGranted,
      fuelLeft,
      words: this.words,
      refs: this.liveRefs,
      frames: this.frames.reverse(),
      top,
    };
  }

  /** Copies the stack up to word `end`. */
  private copyStack(end: number): void {
    const { R, refs } = this.x.machine;
    this.words = R.slice(0, end);
    this.stackRefs = refs.slice(0, end >> 1);
    this.hasRefs = this.stackRefs.some((ref) => ref !== null);
  }

  private keepRefs(fp: number, slots: readonly RefSlot[], end = Number.POSITIVE_INFINITY): void {
    for (const { slot } of slots) {
      const at = (fp >> 1) + slot;
      const ref = slot < end ? this.stackRefs[at] : null;
      if (ref !== null && ref !== undefined) this.liveRefs.push(at, this.refWriter.code(ref));
    }
  }

  // ---- The top ----

  private startTop(): TopImage {
    const { params } = this.x.suspension().func.type;
    this.copyStack(2 * slotsOfAll(params));
    this.keepRefs(0, refSlots(params, 0));
    return { kind: "start" };
  }

  private guestTop(): TopImage {
    const { pc } = this.x.machine;
    const { fp } = this;
    const instance = this.instance!;
    const context = instance.code.context as ModuleContext;
    const region = context.code.regionAt(pc);
    if (region === undefined || !region.stepping) throw new Crash("an execution that waits is not in stepping form");
    const map = mapOf(context, region);
    this.copyStack(fp + context.code.code[region.start]!);
    this.func = region.index;
    const number = this.inventory.instanceNumber(instance);
    const offset = offsetOf(context, region, map, pc);
    if (offset === undefined) {
      if (this.hasRefs) this.keepRefs(fp, entryRefs(context, region.index));
      return { kind: "entry", instance: number, func: region.index, fp };
    }
    if (this.hasRefs) this.keepRefs(fp, this.slotMapAt(context, region.index, offset).refs);
    return { kind: "instruction", at: { instance: number, func: region.index, offset }, fp };
  }

  private hostTop({ func, base, returnTo, instance }: PendingHostCall): TopImage {
    const { fp } = this;
    const { params } = func.type;
    this.copyStack(base + 2 * slotsOfAll(params));
    this.keepRefs(base, refSlots(params, 0));
    const code = this.refWriter.code(func);
    if (instance === null) return { kind: "host", func: code, base, fp, caller: { kind: "embedder" } };
    const number = this.inventory.instanceNumber(instance);
    if (returnTo === 0 || returnTo === PC_INVOKE_RETURN) {
      const kind = returnTo === 0 ? "tail" : "invoke";
      return { kind: "host", func: code, base, fp, caller: { kind, instance: number } };
    }
    const at = this.callPlace(returnTo, fp, base);
    return { kind: "host", func: code, base, fp, caller: { kind: "call", at } };
  }

  // ---- What is below ----

  private below(): void {
    const { x, inventory, frames } = this;
    const { frames: stack, sp } = x.machine;
    let leaving = x.instances.length;
    for (let at = sp - 2; at >= 0; at -= 2) {
      const back = stack[at]!;
      const fp = stack[at + 1]!;
      if (back === PC_EXIT) frames.push({ kind: "exit" });
      else if (back === PC_INVOKE_RETURN) {
        frames.push({ kind: "invoke", fp });
        this.func = -1;
      } else if (back === PC_LEAVE_INSTANCE) {
        this.instance = x.instances[--leaving]!;
        frames.push({ kind: "leave", instance: inventory.instanceNumber(this.instance), fp });
        this.func = -1;
      } else this.pushCall(back, fp);
      this.fp = fp;
    }
  }

  private pushCall(back: number, fp: number): void {
    const context = this.instance!.code.context as ModuleContext;
    if (this.func >= 0 && this.func === this.instance!.setThrew?.index) {
      const { region, offset } = callAt(context, back);
      // Where longjmp has put it, it is above the result of `invoke_*`.
      const base = fp + 2 * this.slotMapAt(context, region.index, offset).base;
      if (this.fp === base + SET_THREW_WORDS) {
        this.frames.push({ kind: "setThrew", fp: base });
        this.fp = base;
      }
    }
    const at = this.callPlace(back, fp, this.fp);
    this.frames.push({ kind: "call", at, fp });
    this.func = at.func;
  }

  /**
   * The call that returns to `pc`, in a frame at word `fp` whose callee's frame begins at word `base`.
   * Brings the frame into canonical form.
   */
  private callPlace(pc: number, fp: number, base: number): CodePlace {
    const instance = this.instance!;
    const context = instance.code.context as ModuleContext;
    const { region, map, offset } = callAt(context, pc);
    const point = map.points.get(pc);
    if (point === undefined) throw new Crash(`no charge point at ${pc}`);
    // Slots from the callee's frame on are the callee's.
    const end = (base - fp) >> 1;
    materialise(this.words, this.stackRefs, fp, point, end);
    if (this.hasRefs) this.keepRefs(fp, this.slotMapAt(context, region.index, offset).refs, end);
    return { instance: this.inventory.instanceNumber(instance), func: region.index, offset };
  }

  private slotMapAt(context: ModuleContext, index: number, offset: number) {
    const map = this.slotMaps.at(context, index, offset);
    if (map === null) throw new Crash(`no instruction at byte ${offset}`);
    return map;
  }
}

/** The call that returns to `pc`. */
function callAt(context: ModuleContext, pc: number): { region: CodeRegion; map: CodeMap; offset: number } {
  const region = context.code.regionAt(pc - 1);
  if (region === undefined) throw new Crash(`no code at ${pc - 1}`);
  const map = mapOf(context, region);
  return { region, map, offset: map.offset[operationAt(map, pc - 1)]! };
}

/** Byte offset of the instruction that comes next at `pc` in stepping form; undefined at the function's entry. */
function offsetOf(context: ModuleContext, region: CodeRegion, map: CodeMap, pc: number): number | undefined {
  const i = operationAt(map, pc);
  const offset = map.offset[i]!;
  if (map.at[i] === pc && map.positions.get(offset) === pc) return offset;
  const first = context.module.bodies[region.index]!.start;
  if (pc < map.positions.get(first)!) return undefined;
  // Where a call has returned, or at a label: not at an instruction's first operation, but before it.
  const point = map.points.get(pc);
  if (point === undefined) throw new Crash(`no instruction begins at ${pc}`);
  return point.offset;
}
