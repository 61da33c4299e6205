// A paused execution to plain data: frames by their places in the module, and of the registers what
// lives there, the rest zero. So any lowering of the same module can take it up, and equal states
// are equal data, however they were reached. What lives is a matter of wasm positions: see FrameLayout.
import { Crash } from "../errors.js";
import type { Execution } from "../interpreter/execution.js";
import { type Frame, frames, type WasmFrame } from "../interpreter/frames.js";
import { materialise } from "../interpreter/positions.js";
import type { PendingHostCall } from "../interpreter/thread.js";
import { CodeMaps } from "../lowering/code-map.js";
import type { FrameLayout } from "../lowering/frame-layout.js";
import { keptPlaces, type Promises } from "../lowering/kept-places.js";
import type { ModuleContext } from "../lowering/module-context.js";
import { type CodeRegion, PC_INVOKE_RETURN, SET_THREW_WORDS } from "../register-code/register-code.js";
import type { Ref } from "../store/refs.js";
import { slotsOfAll, wordsOfAll } from "../values.js";
import type { RefWriter } from "./graph.js";
import type { Inventory } from "./inventory.js";
import type { CodePlace, ExecutionPicture, FramePicture, TopPicture } from "./picture.js";
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
): ExecutionPicture {
  return new ExecutionCapture(x, inventory, refs).capture(repeatHostCall);
}

class ExecutionCapture {
  private readonly maps = new CodeMaps();
  private readonly frames: FramePicture[] = [];
  /** Pairs of slot and code. */
  private readonly liveRefs: number[] = [];
  /** The stack as it is, and of its words those that live: a frame's dead ones differ with the form of its code. */
  private stack: Int32Array = NO_WORDS;
  private words: Int32Array = NO_WORDS;
  private stackRefs: Ref[] = [];
  /** Going down the stack, the frame above: its defined function, or −1, and its first word. */
  private callee = { func: -1, base: 0 };

  constructor(
    private readonly x: Execution,
    private readonly inventory: Inventory,
    private readonly refWriter: RefWriter,
  ) {}

  capture(repeatHostCall: boolean): ExecutionPicture {
    const { x, inventory, refWriter } = this;
    const { thread } = x;
    const { func, fuelGranted, fuelLeft } = x.suspension();
    inventory.placeOf(func);
    if (thread.hostFrames.length > 0) {
      unsupported(
        `host function ${thread.hostFrames[0]!.call.func.host!.name} waits for the guest: its closure has no form in bytes`,
      );
    }
    const pending = thread.pendingHost;
    if (pending !== null && pending.continuation !== null) {
      unsupported(
        `host function ${pending.func.host!.name} has called the guest: what is left of it has no form in bytes`,
      );
    }
    if (pending !== null && pending.waiting !== null && !repeatHostCall) {
      unsupported(`host function ${pending.func.host!.name} waits for a promise: see repeatHostCall`);
    }
    // Innermost first, and what will be asked about them.
    const below = [...frames(thread)];
    for (const frame of below) if (frame.kind === "wasm") this.want(frame);
    const top = this.takeTop(below);
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

  /** The top, of which `found` then has no frame more. */
  private takeTop(found: Frame[]): TopPicture {
    const [first, second] = found;
    if (first === undefined) return this.startTop();
    if (first.kind === "wasm") {
      found.shift();
      return this.guestTop(first);
    }
    if (first.kind !== "host") throw new Crash("an execution that waits in no function");
    const caller = second?.kind === "wasm" && second.returnTo === first.call.returnTo ? second : undefined;
    found.splice(0, caller === undefined ? 1 : 2);
    return this.hostTop(first.call, caller);
  }

  private startTop(): TopPicture {
    const { params } = this.x.suspension().func.type;
    this.copyStack(2 * slotsOfAll(params));
    this.keep(0, wordsOfAll(params));
    return { kind: "start" };
  }

  private guestTop({ instance, region, pc, base }: WasmFrame): TopPicture {
    const context = instance.code.context as ModuleContext;
    if (!region.stepping) throw new Crash("an execution that waits is not in stepping form");
    this.callee = { func: region.index, base };
    const number = this.inventory.instanceNumber(instance);
    const offset = this.maps.of(context, region).nextOffset(pc);
    if (offset === undefined) {
      const { module } = context;
      const { params } = module.registry.funcType(module.funcs[module.importedFuncCount + region.index]!);
      this.copyStack(base + 2 * slotsOfAll(params));
      this.keep(base, wordsOfAll(params));
      return { kind: "entry", instance: number, func: region.index, fp: base };
    }
    const { words } = this.layoutAt(context, region.index, offset);
    this.copyStack(base + 2 * words.length);
    this.keep(base, words);
    return { kind: "instruction", at: { instance: number, func: region.index, offset }, fp: base };
  }

  private hostTop({ func, base, returnTo, instance }: PendingHostCall, frame: WasmFrame | undefined): TopPicture {
    const { fp } = this.x.thread.machine;
    const { params } = func.type;
    this.copyStack(base + 2 * slotsOfAll(params));
    this.keep(base, wordsOfAll(params));
    this.callee = { func: frame?.region.index ?? -1, base: fp };
    const code = this.refWriter.code(func);
    if (instance === null) return { kind: "host", func: code, base, fp, caller: { kind: "embedder" } };
    if (frame === undefined) {
      const kind = returnTo === PC_INVOKE_RETURN ? "invoke" : "tail";
      const number = this.inventory.instanceNumber(instance);
      return { kind: "host", func: code, base, fp, caller: { kind, instance: number } };
    }
    return { kind: "host", func: code, base, fp, caller: { kind: "call", at: this.callPlace(frame, base) } };
  }

  // ---- What is below ----

  private want({ instance, region, pc, returnTo }: WasmFrame): void {
    if (returnTo === 0) return;
    const context = instance.code.context as ModuleContext;
    this.maps.wantSite(context, region, returnTo);
    this.maps.wantLayout(context, region.index, this.maps.offsetOfCall(context, region, pc, returnTo));
  }

  private below(below: readonly Frame[]): void {
    const { inventory, frames: pictures } = this;
    for (const frame of below) {
      if (frame.kind === "exit") pictures.push({ kind: "exit" });
      else if (frame.kind === "invoke") {
        // The stack pointer to go back to.
        this.keep(frame.base, ONE_WORD);
        pictures.push({ kind: "invoke", fp: frame.base });
        this.callee = { func: -1, base: frame.base };
      } else if (frame.kind === "leave") {
        pictures.push({ kind: "leave", instance: inventory.instanceNumber(frame.instance), fp: frame.base });
        this.callee = { func: -1, base: frame.base };
      } else if (frame.kind === "wasm") this.pushCall(frame);
    }
  }

  private pushCall(frame: WasmFrame): void {
    const { instance, region, pc, returnTo, base: fp } = frame;
    let { base } = this.callee;
    if (this.callee.func >= 0 && this.callee.func === instance.setThrew?.index) {
      const context = instance.code.context as ModuleContext;
      const offset = this.maps.offsetOfCall(context, region, pc, returnTo);
      // Where longjmp has put it, it is above the result of `invoke_*`, which is zero.
      const result = fp + 2 * this.layoutAt(context, region.index, offset).base;
      if (base === result + SET_THREW_WORDS) {
        this.frames.push({ kind: "setThrew", fp: result });
        base = result;
      }
    }
    this.frames.push({ kind: "call", at: this.callPlace(frame, base), fp });
    this.callee = { func: region.index, base: fp };
  }

  /** The place of a call, in a frame whose callee's frame begins at word `base`. */
  private callPlace({ instance, region, pc, returnTo, base: fp }: WasmFrame, base: number): CodePlace {
    const { stack, stackRefs, maps } = this;
    const context = instance.code.context as ModuleContext;
    const offset = maps.offsetOfCall(context, region, pc, returnTo);
    // Slots from the callee's frame on are the callee's.
    const end = (base - fp) >> 1;
    const promises = maps.promisesAt(context, region, returnTo);
    materialise(stack, stackRefs, fp, promises, end);
    this.keep(fp, this.layoutAt(context, region.index, offset).words, end);
    if (!region.stepping) learn(context, region, offset, returnTo, promises);
    return { instance: this.inventory.instanceNumber(instance), func: region.index, offset };
  }

  private layoutAt(context: ModuleContext, index: number, offset: number): FrameLayout {
    const layout = this.maps.layoutAt(context, index, offset);
    if (layout === undefined) throw new Crash(`no instruction at byte ${offset}`);
    return layout;
  }
}

/** The next picture of a guest that waits there need not ask again. */
function learn(context: ModuleContext, region: CodeRegion, offset: number, returnTo: number, promises: Promises): void {
  const places = keptPlaces(context);
  if (places.get(region.index, offset)?.promises === undefined)
    places.learn(region.index, offset, { back: returnTo - region.start, promises });
}

const ONE_WORD = Uint8Array.of(1);
const NO_WORDS = new Int32Array(0);
