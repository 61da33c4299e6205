// A paused execution to plain data: frames by their places in the module, and of the registers what
// lives there, the rest zero. So any lowering of the same module can take it up, and equal states
// are equal data, however they were reached. What lives is a matter of wasm positions: see FrameLayout.
import type { ValType } from "../../decoder/index.js";
import { SET_THREW_WORDS } from "../emscripten/invoke-frames.js";
import { Crash } from "../errors.js";
import type { Execution } from "../interpreter/execution.js";
import { materialise } from "../interpreter/positions.js";
import type { PendingHostCall } from "../interpreter/thread.js";
import { CodeMaps } from "../lowering/code-map.js";
import { type FrameLayout, valueWords } from "../lowering/frame-layout.js";
import { type ModuleContext, widthOf } from "../lowering/function-lowering.js";
import {
  type CodeRegion,
  PC_EXIT,
  PC_FIRST,
  PC_INVOKE_RETURN,
  PC_LEAVE_INSTANCE,
} from "../register-code/register-code.js";
import type { ModuleInstance } from "../store/module-instance.js";
import type { Ref } from "../store/refs.js";
import { slotsOfAll } from "../values.js";
import type { RefWriter } from "./graph.js";
import type { CodePlace, ExecutionImage, FrameImage, TopImage } from "./image.js";
import type { Inventory } from "./inventory.js";
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

/** A frame below the top: where it goes on, and its base. */
interface Below {
  readonly back: number;
  readonly fp: number;
  /** The instance that runs in the frame above. */
  readonly instance: ModuleInstance | null;
  /** The call that returns to `back`, unless that is one of the fixed places. */
  readonly call: Call | null;
}

interface Call {
  readonly context: ModuleContext;
  readonly region: CodeRegion;
  readonly offset: number;
}

class ExecutionCapture {
  private readonly maps = new CodeMaps();
  private readonly frames: FrameImage[] = [];
  /** Pairs of slot and code. */
  private readonly liveRefs: number[] = [];
  /** The stack as it is, and of its words those that live: a frame's dead ones differ with the form of its code. */
  private stack = new Int32Array(0);
  private words = new Int32Array(0);
  private stackRefs: Ref[] = [];
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
    if (x.thread.hostFrames.length > 0) {
      unsupported(
        `host function ${x.thread.hostFrames[0]!.call.func.host!.name} waits for the guest: its closure has no form in bytes`,
      );
    }
    const pending = x.thread.pendingHost;
    if (pending !== null && pending.continuation !== null) {
      unsupported(
        `host function ${pending.func.host!.name} has called the guest: what is left of it has no form in bytes`,
      );
    }
    if (pending !== null && pending.waiting !== null && !repeatHostCall) {
      unsupported(`host function ${pending.func.host!.name} waits for a promise: see repeatHostCall`);
    }
    this.instance = x.thread.machine.instance ?? null;
    this.fp = x.thread.machine.fp;
    const below = this.walk();
    if (pending !== null && pending.returnTo >= PC_FIRST)
      this.want(this.callAt(this.instance!, pending.returnTo), pending.returnTo);
    const top =
      pending !== null ? this.hostTop(pending) : x.thread.machine.sp === 0 ? this.startTop() : this.guestTop();
    this.below(below);
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

  /** Takes the stack up to word `end`, with nothing that lives. */
  private copyStack(end: number): void {
    const { R, refs } = this.x.thread.machine;
    this.stack = R.slice(0, end);
    this.words = new Int32Array(end);
    this.stackRefs = refs.slice(0, end >> 1);
  }

  /**
   * What lives of a frame, or of values that lie together, at word `fp`: in its slots up to `end`,
   * and of these the words that mean something (FrameLayout.words).
   */
  private keep(fp: number, live: Uint8Array, end = live.length): void {
    const { stack, words, stackRefs } = this;
    for (let slot = 0; slot < Math.min(end, live.length); slot++) {
      const at = fp + 2 * slot;
      const count = live[slot]!;
      if (count > 0) words[at] = stack[at]!;
      if (count > 1) words[at + 1] = stack[at + 1]!;
      const ref = count === 0 ? stackRefs[at >> 1] : null;
      if (ref !== null && ref !== undefined) this.liveRefs.push(at >> 1, this.refWriter.code(ref));
    }
  }

  // ---- The top ----

  private startTop(): TopImage {
    const { params } = this.x.suspension().func.type;
    this.copyStack(2 * slotsOfAll(params));
    this.keep(0, wordsOf(params));
    return { kind: "start" };
  }

  private guestTop(): TopImage {
    const { pc } = this.x.thread.machine;
    const { fp } = this;
    const instance = this.instance!;
    const context = instance.code.context as ModuleContext;
    const region = context.code.regionAt(pc);
    if (region === undefined || !region.stepping) throw new Crash("an execution that waits is not in stepping form");
    this.func = region.index;
    const number = this.inventory.instanceNumber(instance);
    const offset = this.maps.of(context, region).nextOffset(pc);
    if (offset === undefined) {
      const { module } = context;
      const { params } = module.registry.funcType(module.funcs[module.importedFuncCount + region.index]!);
      this.copyStack(fp + 2 * slotsOfAll(params));
      this.keep(fp, wordsOf(params));
      return { kind: "entry", instance: number, func: region.index, fp };
    }
    const { words } = this.layoutAt(context, region.index, offset);
    this.copyStack(fp + 2 * words.length);
    this.keep(fp, words);
    return { kind: "instruction", at: { instance: number, func: region.index, offset }, fp };
  }

  private hostTop({ func, base, returnTo, instance }: PendingHostCall): TopImage {
    const { fp } = this;
    const { params } = func.type;
    this.copyStack(base + 2 * slotsOfAll(params));
    this.keep(base, wordsOf(params));
    const code = this.refWriter.code(func);
    if (instance === null) return { kind: "host", func: code, base, fp, caller: { kind: "embedder" } };
    const number = this.inventory.instanceNumber(instance);
    if (returnTo === 0 || returnTo === PC_INVOKE_RETURN) {
      const kind = returnTo === 0 ? "tail" : "invoke";
      return { kind: "host", func: code, base, fp, caller: { kind, instance: number } };
    }
    const at = this.callPlace(this.callAt(instance, returnTo), returnTo, fp, base);
    return { kind: "host", func: code, base, fp, caller: { kind: "call", at } };
  }

  // ---- What is below ----

  /** The frames below the top, innermost first; says what will be asked about them. */
  private walk(): Below[] {
    const { instances, machine } = this.x.thread;
    const { frames, sp } = machine;
    const found: Below[] = [];
    let { instance } = this;
    let leaving = instances.length;
    for (let at = sp - 2; at >= 0; at -= 2) {
      const back = frames[at]!;
      if (back === PC_LEAVE_INSTANCE) instance = instances[--leaving]!;
      const call = back >= PC_FIRST ? this.callAt(instance!, back) : null;
      if (call !== null) this.want(call, back);
      found.push({ back, fp: frames[at + 1]!, instance, call });
    }
    return found;
  }

  private want({ context, region, offset }: Call, back: number): void {
    this.maps.wantSite(context, region, back);
    this.maps.wantLayout(context, region.index, offset);
  }

  private below(below: readonly Below[]): void {
    const { inventory, frames } = this;
    for (const { back, fp, instance, call } of below) {
      this.instance = instance;
      if (back === PC_EXIT) frames.push({ kind: "exit" });
      else if (back === PC_INVOKE_RETURN) {
        // The stack pointer to go back to.
        this.keep(fp, ONE_WORD);
        frames.push({ kind: "invoke", fp });
        this.func = -1;
      } else if (back === PC_LEAVE_INSTANCE) {
        frames.push({ kind: "leave", instance: inventory.instanceNumber(instance!), fp });
        this.func = -1;
      } else this.pushCall(call!, back, fp);
      this.fp = fp;
    }
  }

  private pushCall(call: Call, back: number, fp: number): void {
    const { context, region, offset } = call;
    if (this.func >= 0 && this.func === this.instance!.setThrew?.index) {
      // Where longjmp has put it, it is above the result of `invoke_*`, which is zero.
      const base = fp + 2 * this.layoutAt(context, region.index, offset).base;
      if (this.fp === base + SET_THREW_WORDS) {
        this.frames.push({ kind: "setThrew", fp: base });
        this.fp = base;
      }
    }
    const at = this.callPlace(call, back, fp, this.fp);
    this.frames.push({ kind: "call", at, fp });
    this.func = at.func;
  }

  /** The place of a call that returns to `back`, in a frame at word `fp` whose callee's frame begins at word `base`. */
  private callPlace({ context, region, offset }: Call, back: number, fp: number, base: number): CodePlace {
    const { stack, stackRefs, maps } = this;
    // Slots from the callee's frame on are the callee's.
    const end = (base - fp) >> 1;
    materialise(stack, stackRefs, fp, maps.promisesAt(context, region, back), end);
    this.keep(fp, this.layoutAt(context, region.index, offset).words, end);
    return { instance: this.inventory.instanceNumber(this.instance!), func: region.index, offset };
  }

  private layoutAt(context: ModuleContext, index: number, offset: number): FrameLayout {
    const layout = this.maps.layoutAt(context, index, offset);
    if (layout === undefined) throw new Crash(`no instruction at byte ${offset}`);
    return layout;
  }

  /** The call that returns to `pc`. */
  private callAt(instance: ModuleInstance, pc: number): Call {
    const context = instance.code.context as ModuleContext;
    const region = context.code.regionAt(pc - 1);
    if (region === undefined) throw new Crash(`no code at ${pc - 1}`);
    return { context, region, offset: this.maps.of(context, region).offsetAt(pc - 1) };
  }
}

const ONE_WORD = Uint8Array.of(1);

/** As FrameLayout.words, of values of these types that lie together. */
function wordsOf(types: readonly ValType[]): Uint8Array {
  return valueWords(types.map(widthOf));
}
