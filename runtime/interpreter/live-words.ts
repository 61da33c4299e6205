// What the frames below a host call hold, as words: roots for a guest that collects garbage conservatively. Such a
// guest finds what lies in its memory by itself; locals and operands are out of its reach.
//
// Which slots of a frame live depends on its wasm position alone (frame-layout.ts), so the words are the same in every
// form of the code, and after every pause. What a call site holds is kept: frames stand at few of them.
import { CodeMaps, MAP_BUDGET } from "../lowering/code-map.js";
import type { Promises } from "../lowering/kept-places.js";
import type { ModuleContext } from "../lowering/module-context.js";
import type { RegisterCode } from "../register-code/register-code.js";
import type { Ref } from "../store/refs.js";
import { slotsOfAll } from "../values.js";
import { frames, type WasmFrame } from "./frames.js";
import { materialise } from "./positions.js";
import type { Thread } from "./thread.js";

/** A frame that waits for the call that returns to a position. */
interface Site {
  /** Per slot how many of its words live, up to where the callee's frame begins. */
  readonly words: Uint8Array;
  readonly promises: Promises;
}

/** By code; by the position that the call returns to. */
const sites = new WeakMap<RegisterCode, { bytes: number; readonly at: Map<number, Site> }>();

/** Bytes of a site beside its slots, about. */
const SITE_BYTES = 200;
const NO_REFS: Ref[] = [];

/**
 * The words that live in the frames of a thread that is in a host call, but for those of the function that made the
 * call: numeric locals and operands, innermost frame first, both words of those that have two.
 */
export function liveWords(thread: Thread): Int32Array {
  const waiting: WasmFrame[] = [];
  const found: number[] = [];
  const { R } = thread.machine;
  for (const frame of frames(thread)) {
    if (frame.kind === "wasm") waiting.push(frame);
    else if (frame.kind === "host" && frame.call !== thread.pendingHost) {
      const { base, func } = frame.call;
      for (let word = base; word < base + 2 * slotsOfAll(func.type.params); word++) found.push(R[word]!);
    }
  }
  waiting.shift();
  for (const { instance } of waiting)
    if ((sites.get(instance.code)?.bytes ?? 0) > MAP_BUDGET) sites.delete(instance.code);
  lookUp(waiting);
  for (const { instance, returnTo, base } of waiting) {
    const { words, promises } = sites.get(instance.code)!.at.get(returnTo)!;
    const values = R.slice(base, base + 2 * words.length);
    materialise(values, NO_REFS, 0, promises, words.length);
    for (let slot = 0; slot < words.length; slot++) {
      if (words[slot]! > 0) found.push(values[2 * slot]!);
      if (words[slot]! > 1) found.push(values[2 * slot + 1]!);
    }
  }
  return Int32Array.from(found);
}

/** Sees to it that the sites of these frames are known. */
function lookUp(waiting: readonly WasmFrame[]): void {
  const unknown = waiting.filter(({ instance, returnTo }) => !sites.get(instance.code)?.at.has(returnTo));
  if (unknown.length === 0) return;
  const maps = new CodeMaps();
  const contextOf = ({ instance }: WasmFrame) => instance.code.context as ModuleContext;
  const offsetOf = (frame: WasmFrame) => maps.offsetOfCall(contextOf(frame), frame.region, frame.pc, frame.returnTo);
  for (const frame of unknown) {
    maps.wantSite(contextOf(frame), frame.region, frame.returnTo);
    maps.wantLayout(contextOf(frame), frame.region.index, offsetOf(frame));
  }
  for (const frame of unknown) {
    const { instance, region, returnTo } = frame;
    const layout = maps.layoutAt(contextOf(frame), region.index, offsetOf(frame))!;
    keep(instance.code, returnTo, {
      words: layout.words.slice(0, layout.base),
      promises: maps.promisesAt(contextOf(frame), region, returnTo),
    });
  }
}

function keep(code: RegisterCode, returnTo: number, site: Site): void {
  const kept = sites.get(code) ?? { bytes: 0, at: new Map() };
  sites.set(code, kept);
  kept.bytes += SITE_BYTES + site.words.length + 8 * site.promises.length;
  kept.at.set(returnTo, site);
}
