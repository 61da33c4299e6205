// Plain data to a paused execution. Every frame is checked against the module before anything is
// made: the data may have been made up.
//
// Conventions
//   fp, base, words   as in the machine: two words for each slot, frame bases are even
import { isRef, matchesResult, V128, type ValType } from "../../decoder/index.js";
import { getOrMake } from "../get-or-make.js";
import { Execution } from "../interpreter/execution.js";
import { FRAME_SLACK } from "../interpreter/machine.js";
import { newHostCall } from "../interpreter/thread.js";
import { CodeMaps, mapOf, steppingRegion } from "../lowering/code-map.js";
import type { FrameLayout, RefSlot } from "../lowering/frame-layout.js";
import { keptPlaces } from "../lowering/kept-places.js";
import { lowerFunction } from "../lowering/lower.js";
import { HEADER_WORDS, type ModuleContext } from "../lowering/module-context.js";
import { entryRefs, refSlots, refsAt } from "../lowering/ref-types.js";
import {
  type CodeRegion,
  PC_EXIT,
  PC_INVOKE_RETURN,
  PC_LEAVE_INSTANCE,
  SET_THREW_WORDS,
} from "../register-code/register-code.js";
import type { FuncInst } from "../store/func.js";
import type { ModuleInstance } from "../store/module-instance.js";
import type { Ref } from "../store/refs.js";
import type { StoreState } from "../store/store-state.js";
import { slotsOfAll } from "../values.js";
import type { RefReader } from "./graph.js";
import type { Inventory } from "./inventory.js";
import type { CodePlace, ExecutionPicture, FramePicture, TopPicture } from "./picture.js";
import { damaged, SnapshotError } from "./snapshot-error.js";

/**
 * Checks an execution.
 * @returns makes it; does not fail except for want of the host's memory
 * @throws SnapshotError
 */
export function restoreExecution(picture: ExecutionPicture, inventory: Inventory, refs: RefReader): () => Execution {
  return new ExecutionRestore(picture, inventory, refs).check();
}

/** A function's code: checked, lowered. */
interface Code {
  readonly instance: ModuleInstance;
  readonly context: ModuleContext;
  readonly region: CodeRegion;
  readonly index: number;
  readonly results: readonly ValType[];
  /** Words of the frame. */
  readonly frameWords: number;
}

class ExecutionRestore {
  private readonly store: StoreState;
  private readonly places: FramePlaces;
  private readonly returnPoints = new Map<CodeRegion, Map<number, number>>();
  /** Slots that hold references, with their types. */
  private readonly liveRefs = new Map<number, RefSlot>();
  /** The highest word that a frame needs. */
  private end = 0;
  private hostCallFunc: FuncInst | null = null;

  // Going down the stack: what the frame above is.
  private instance: ModuleInstance | null = null;
  private base = 0;
  /** null if the result is there already: one number at most. */
  private results: readonly ValType[] | null = [];
  private func: FuncInst | null = null;

  // What the machine gets: the top, and frames, outermost last.
  private pc = 0;
  private returnTo = 0;
  private readonly backs: { readonly back: number; readonly fp: number }[] = [];
  private readonly leaving: ModuleInstance[] = [];

  constructor(
    private readonly picture: ExecutionPicture,
    private readonly inventory: Inventory,
    private readonly refs: RefReader,
  ) {
    this.store = inventory.store;
    this.places = new FramePlaces(picture, inventory);
  }

  check(): () => Execution {
    const { picture, store } = this;
    const func = this.funcOf(picture.func);
    const { fuelGranted, fuelLeft, frames, top, words } = picture;
    if (!isCount(fuelGranted) || !isCount(fuelLeft) || fuelLeft > fuelGranted) damaged("fuel that cannot be");
    if (frames.length * 2 > store.limits.frames * 2 + FRAME_SLACK) {
      throw new SnapshotError(
        "limit",
        `the snapshot has ${frames.length} frames, the store allows ${store.limits.frames}`,
      );
    }
    this.checkTop(top, func);
    const topInstance = this.instance;
    if (top.kind === "start") {
      if (frames.length > 0) damaged("frames of a call that has not begun");
    } else this.checkFrames(frames, func);
    if (words.length % 2 !== 0 || words.length > this.end) damaged("more registers than the frames have");
    if (this.end > store.limits.stackSlots * 2) {
      const { stackSlots } = store.limits;
      throw new SnapshotError(
        "limit",
        `the snapshot needs ${this.end / 2} register slots, the store allows ${stackSlots}`,
      );
    }
    const held = this.checkRefs();
    return () => this.make(func, topInstance, held);
  }

  private funcOf(code: number): FuncInst {
    // Any function at all; its own type is checked where it is used.
    return this.refs.func(code) ?? damaged("a call of no function");
  }

  private instanceOf(number: number): ModuleInstance {
    return this.inventory.instances[number] ?? damaged("a frame of no instance");
  }

  // ---- The top ----

  private checkTop(top: TopPicture, started: FuncInst): void {
    switch (top.kind) {
      case "start": {
        const { params, results } = started.type;
        this.addRefs(0, refSlots(params, 0));
        this.end = 2 * Math.max(slotsOfAll(params), slotsOfAll(results));
        return;
      }
      case "host":
        this.checkHostTop(top, started);
        return;
      case "entry":
      case "instruction": {
        const offset = top.kind === "entry" ? null : top.at.offset;
        const { instance, func } = top.kind === "entry" ? top : top.at;
        const code = this.codeOf(instance, func, offset);
        this.base = frameBase(top.fp);
        const refs = offset === null ? entryRefs(code.context, func) : this.placeAt(code, offset).refs;
        this.addFrame(code, this.base, refs);
        const stepping = steppingRegion(code.context, func);
        this.pc = offset === null ? stepping.start + HEADER_WORDS : mapOf(code.context, stepping).positionOf(offset)!;
        this.instance = code.instance;
        this.setFrame(code);
      }
    }
  }

  private checkHostTop({ func, base, fp, caller }: TopPicture & { kind: "host" }, started: FuncInst): void {
    const callee = this.funcOf(func);
    if (callee.host === null || callee.invokeTypeId >= 0) damaged("a host call of no host function");
    this.hostCallFunc = callee;
    const { params, results } = callee.type;
    this.addRefs(frameBase(base), refSlots(params, 0));
    this.end = base + 2 * Math.max(slotsOfAll(params), slotsOfAll(results));
    this.base = base;
    this.results = results;
    frameBase(fp);
    switch (caller.kind) {
      case "embedder":
        if (started !== callee || base !== 0 || fp !== 0) damaged("a host call that nobody made");
        this.returnTo = PC_EXIT;
        this.pc = PC_EXIT - 1;
        return;
      case "tail":
        if (base !== fp) damaged("a host call at a wrong place");
        this.instance = this.instanceOf(caller.instance);
        this.returnTo = 0;
        this.pc = 0;
        return;
      case "invoke":
        this.instance = this.instanceOf(caller.instance);
        this.checkInvoke(fp);
        this.returnTo = PC_INVOKE_RETURN;
        this.pc = PC_INVOKE_RETURN - 1;
        return;
      case "call":
        this.instance = this.instanceOf(caller.at.instance);
        this.returnTo = this.checkCall(caller.at, fp);
        this.pc = this.returnTo - 1;
    }
  }

  // ---- What is below ----

  private checkFrames(frames: readonly FramePicture[], started: FuncInst): void {
    for (let i = frames.length - 1; i > 0; i--) {
      const frame = frames[i]!;
      if (frame.kind === "exit") damaged("frames below the outermost one");
      const { fp } = frame;
      if (frame.kind === "call") this.backs.push({ back: this.checkCall(frame.at, fp), fp });
      else if (frame.kind === "leave") {
        if (fp !== this.base) damaged("a frame at a wrong place");
        this.instance = this.instanceOf(frame.instance);
        this.leaving.push(this.instance);
        this.func = null;
        this.backs.push({ back: PC_LEAVE_INSTANCE, fp });
      } else if (frame.kind === "setThrew") {
        if (
          this.func === null ||
          this.func !== this.instance!.setThrew ||
          frameBase(fp) + SET_THREW_WORDS !== this.base
        ) {
          damaged("an invoke frame at a wrong place");
        }
        this.base = fp;
        this.results = null;
      } else {
        this.checkInvoke(fp);
        this.backs.push({ back: PC_INVOKE_RETURN, fp });
      }
    }
    if (frames[0]?.kind !== "exit" || this.base !== 0) damaged("an outermost frame at a wrong place");
    this.backs.push({ back: PC_EXIT, fp: 0 });
    this.requireResults(started.type.results);
  }

  /** A frame at word `fp` that waits in a call of the frame above; gives the position that is returned to. */
  private checkCall(at: CodePlace, fp: number): number {
    const code = this.codeOf(at.instance, at.func, at.offset);
    if (code.instance !== this.instance) damaged("a frame of a wrong instance");
    const { layout, refs } = this.placeAt(code, at.offset);
    if (layout.base < 0 || frameBase(fp) + 2 * layout.base !== this.base) damaged("a frame at a wrong place");
    this.requireResults(this.store.registry.funcType(layout.typeId).results);
    const below = refs.filter(({ slot }) => slot < layout.base);
    this.addFrame(code, fp, below);
    this.base = fp;
    this.setFrame(code);
    const back = this.returnPoint(code, at.offset);
    if (back === undefined) damaged("a frame that waits in no call");
    return back;
  }

  /** An `invoke_*` whose own arguments are at word `fp`, called from the frame below. */
  private checkInvoke(fp: number): void {
    if (frameBase(fp) + 2 !== this.base || !this.hasInvokes()) damaged("an invoke frame at a wrong place");
    this.requireSlot(this.results ?? []);
    this.base = fp;
    this.func = null;
  }

  private hasInvokes(): boolean {
    return this.instance !== null && this.instance.setThrew !== null;
  }

  /** `invoke_*` moves one slot, without the reference in it. */
  private requireSlot(results: readonly ValType[]): void {
    if (results.length > 1 || results.some((type) => isRef(type) || type === V128)) {
      damaged("an invoke frame with results that it cannot have");
    }
  }

  private requireResults(expected: readonly ValType[]): void {
    if (this.results === null) this.requireSlot(expected);
    else if (!matchesResult(this.store.registry, this.results, expected))
      damaged("a frame with results that nobody expects");
  }

  // ---- Code ----

  /** The code of a defined function, to go on at `offset` or, if that is null, at its entry. */
  private codeOf(number: number, index: number, offset: number | null): Code {
    const instance = this.instanceOf(number);
    const context = instance.code.context as ModuleContext;
    const { module, code } = context;
    const body = module.bodies.get(index);
    if (body === undefined) damaged("a frame of no function");
    // Validates the body, too, if nobody has done that yet; lowering relies on it.
    this.places.at(context, index, offset ?? body.start);
    if (!code.fast.has(index)) lowerFunction(context, index);
    const region = code.fast.get(index)!;
    const { results } = module.registry.funcType(module.funcs[module.importedFuncCount + index]!);
    return { instance, context, region, index, results, frameWords: code.code[region.start]! };
  }

  /** The frame that was looked at last is one of this code. */
  private setFrame({ instance, context, index, results }: Code): void {
    this.results = results;
    this.func = instance.func(context.module.importedFuncCount + index);
  }

  private placeAt(code: Code, offset: number): FramePlace {
    return this.places.at(code.context, code.index, offset) ?? damaged("a frame before no instruction");
  }

  /** Where the fast form goes on behind the call at `offset`. */
  private returnPoint({ context, region, index }: Code, offset: number): number | undefined {
    const places = keptPlaces(context);
    const back = places.get(index, offset)?.back;
    if (back !== undefined) return region.start + back;
    const points = getOrMake(this.returnPoints, region, () => mapOf(context, region).returnPoints());
    const point = points.get(offset);
    if (point !== undefined) places.learn(index, offset, { back: point - region.start });
    return point;
  }

  private addFrame(code: Code, fp: number, refs: readonly RefSlot[]): void {
    this.addRefs(fp, refs);
    this.end = Math.max(this.end, fp + code.frameWords);
  }

  // ---- References ----

  private addRefs(fp: number, slots: readonly RefSlot[]): void {
    for (const slot of slots) this.liveRefs.set((fp >> 1) + slot.slot, slot);
  }

  /** The references that the registers hold, in pairs of slot and reference. */
  private checkRefs(): [number, Ref][] {
    const { refs } = this.picture;
    const codes = new Map<number, number>();
    for (let i = 0; i < refs.length; i += 2) codes.set(refs[i]!, refs[i + 1]!);
    if (codes.size * 2 !== refs.length) damaged("a register that is given twice");
    const held: [number, Ref][] = [];
    for (const [at, { type, unset }] of this.liveRefs) {
      const code = codes.get(at);
      codes.delete(at);
      if (unset && code === undefined) continue;
      const ref = this.refs.ref(code ?? 0, type);
      if (ref !== null) held.push([at, ref]);
    }
    if (codes.size > 0) damaged("a reference in a register that holds none");
    return held;
  }

  // ---- The execution ----

  private make(func: FuncInst, instance: ModuleInstance | null, held: readonly [number, Ref][]): Execution {
    const { picture, store, hostCallFunc } = this;
    const { words, top, fuelGranted, fuelLeft } = picture;
    const x = new Execution(store);
    const { thread } = x;
    const { machine: m } = thread;
    thread.ensureRegisters(this.end);
    m.R.set(words);
    for (const [slot, ref] of held) m.refs[slot] = ref;
    if (instance !== null) m.instance = instance;
    thread.instances.push(...this.leaving.reverse());
    const needed = this.backs.length * 2 + FRAME_SLACK;
    if (needed > m.frames.length) m.allocateFrames(needed);
    for (const { back, fp } of this.backs.reverse()) thread.push(back, fp);
    m.pc = this.pc;
    m.fp = top.kind === "start" ? 0 : top.fp;
    if (top.kind === "host") {
      const base = top.base;
      thread.pendingHost = newHostCall(hostCallFunc!, base, this.returnTo, instance);
      thread.pendingHost.usedBefore = fuelGranted - fuelLeft;
    }
    x.continueFrom({ func, fuelGranted, fuelLeft });
    return x;
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** A frame base that is one. */
function frameBase(word: number): number {
  if (!isCount(word) || word % 2 !== 0) damaged("a frame at a wrong place");
  return word;
}

/** What a frame holds at a place. */
interface FramePlace {
  readonly layout: FrameLayout;
  readonly refs: readonly RefSlot[];
}

/** The places of an execution's frames: each function is looked through once for all of them. */
class FramePlaces {
  private readonly offsets = new Map<ModuleContext, Map<number, Set<number>>>();
  private readonly refs = new Map<ModuleContext, Map<number, ReadonlyMap<number, readonly RefSlot[]>>>();
  private readonly maps: CodeMaps;

  constructor({ top, frames }: ExecutionPicture, inventory: Inventory) {
    // Layouts overlap in arguments, which are the callee's locals, too. One that claims more than that is damaged.
    this.maps = new CodeMaps(2 * inventory.store.limits.stackSlots);
    const want = ({ instance, func, offset }: CodePlace) => {
      const context = inventory.instances[instance]?.code.context as ModuleContext | undefined;
      if (context === undefined) return;
      setAt(this.offsets, context, func).add(offset);
      this.maps.wantLayout(context, func, offset);
    };
    if (top.kind === "instruction") want(top.at);
    if (top.kind === "host" && top.caller.kind === "call") want(top.caller.at);
    for (const frame of frames) if (frame.kind === "call") want(frame.at);
  }

  /**
   * What defined function `index` holds before the instruction at byte `offset`; null if no
   * instruction that can be reached begins there.
   * @throws InvalidError if the function has not been validated, and is not valid
   */
  at(context: ModuleContext, index: number, offset: number): FramePlace | null {
    const kept = keptPlaces(context);
    const place = kept.get(index, offset);
    if (place?.refs !== undefined) return { layout: place.layout, refs: place.refs };
    const functions = getOrMake(this.refs, context, () => new Map());
    const known = getOrMake(functions, index, () =>
      refsAt(context, index, setAt(this.offsets, context, index), this.maps),
    );
    const refs = known.get(offset);
    const layout = refs === undefined ? undefined : this.maps.layoutAt(context, index, offset);
    if (refs === undefined || layout === undefined) return null;
    kept.learn(index, offset, { refs });
    return { layout, refs };
  }
}

function setAt(map: Map<ModuleContext, Map<number, Set<number>>>, context: ModuleContext, index: number): Set<number> {
  const functions = getOrMake(map, context, () => new Map<number, Set<number>>());
  return getOrMake(functions, index, () => new Set<number>());
}
