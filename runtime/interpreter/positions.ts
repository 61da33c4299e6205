// From positions in register code to positions in the module, and back: to stop at a very
// instruction, to give back what a trapping segment had paid ahead, and for backtraces.
import { readNames } from "../../decoder/index.js";
import { type BacktraceFrame, Crash } from "../errors.js";
import { type CodeMap, CodeMaps, mapOf, steppingRegion } from "../lowering/code-map.js";
import type { Promises } from "../lowering/kept-places.js";
import { HEADER_WORDS, type ModuleContext } from "../lowering/module-context.js";
import { CONST_64, LOCAL, WIDTH_128, WIDTH_REF } from "../lowering/operands.js";
import { PC_FIRST } from "../register-code/register-code.js";
import type { Ref } from "../store/refs.js";
import { slotsOfAll } from "../values.js";
import { frames, type WasmFrame } from "./frames.js";
import type { Machine } from "./machine.js";
import type { Thread } from "./thread.js";

/** Frames that a backtrace shows at each end of a deep stack. */
const BACKTRACE_LIMIT = 50;

/**
 * The charge that brought execution to `pc` is taken back, and it goes on there in stepping form.
 * @returns whether it was in fast form, which pays ahead
 */
export function stepHere(thread: Thread): boolean {
  const { machine: m } = thread;
  // The fixed return points cost nothing.
  if (m.pc < PC_FIRST) return false;
  const { context } = thread;
  const region = context.code.regionAt(m.pc);
  if (region === undefined) throw new Crash(`no code at ${m.pc}`);
  const map = mapOf(context, region);
  if (region.stepping) {
    // Nothing is charged ahead here; a repeatable operation goes back to its charge.
    const point = map.point(m.pc);
    if (point !== undefined) stepBackTo(m, map, point.offset);
    return false;
  }
  const point = map.point(m.pc);
  if (point === undefined) throw new Crash(`no charge point at ${m.pc}`);
  materialise(m.R, m.refs, m.fp, map.promisesAt(m.pc));
  m.fuel += point.cost;
  const stepping = steppingRegion(context, region.index);
  m.bind(m.instance);
  m.pc = point.isEntry ? stepping.start + HEADER_WORDS : mapOf(context, stepping).positionOf(point.offset)!;
  return true;
}

/** Whether nothing is charged ahead at `pc`. */
export function isStepping({ machine: m, context }: Thread): boolean {
  return context.code.regionAt(m.pc)?.stepping === true;
}

/** Makes the code map that {@link stepHere} is going to ask, where it is not there yet. */
export function mapHere({ machine: m, context }: Thread): void {
  const region = context.code.regionAt(m.pc);
  if (region !== undefined && !region.stepping) mapOf(context, region);
}

/** In stepping form: before the charge of the instruction at `offset`, if `pc` is behind it. */
function stepBackTo(m: Machine, map: CodeMap, offset: number): void {
  const position = map.positionOf(offset);
  if (position === undefined || position >= m.pc) return;
  // Its charge and the price.
  m.fuel += m.code[position + 1]!;
  m.pc = position;
}

/**
 * Brings operands that the fast form had only promised into their slots: those of the frame at
 * word `fp` whose slots are below `end`.
 */
export function materialise(
  R: Int32Array,
  refs: Ref[],
  fp: number,
  promises: Promises,
  end = Number.POSITIVE_INFINITY,
): void {
  for (let i = 0; i < promises.length; i += 4) {
    if (promises[i]! >= end) continue;
    const slot = (fp >> 1) + promises[i]!;
    const kind = promises[i + 1]! & 15;
    const width = promises[i + 1]! >> 4;
    const to = slot * 2;
    if (kind === LOCAL) {
      const from = (fp >> 1) + promises[i + 2]!;
      if (width === WIDTH_REF) refs[slot] = refs[from]!;
      else for (let w = 0; w < (width === WIDTH_128 ? 4 : 2); w++) R[to + w] = R[from * 2 + w]!;
    } else if (width === WIDTH_REF) refs[slot] = null;
    else {
      R[to] = promises[i + 2]!;
      if (kind === CONST_64) R[to + 1] = promises[i + 3]!;
    }
  }
}

/** Words of registers that the frames of a thread that has begun need, the suspended ones when they go on. */
export function wordsInUse(thread: Thread): number {
  let words = 0;
  for (const frame of frames(thread)) {
    if (frame.kind === "wasm") {
      const { instance, region, base } = frame;
      words = Math.max(words, base + instance.code.code[region.start]!);
    } else if (frame.kind === "host") {
      const { func, base } = frame.call;
      words = Math.max(words, base + 2 * Math.max(slotsOfAll(func.type.params), slotsOfAll(func.type.results)));
    }
  }
  return words;
}

/** Gives back what the segment at `pc` paid for instructions behind the one there. */
export function refundRest(thread: Thread): void {
  const { machine: m } = thread;
  if (m.sp === 0 || m.pc < PC_FIRST) return;
  const region = thread.context.code.regionAt(m.pc);
  if (region === undefined || region.stepping) return;
  m.fuel += mapOf(thread.context, region).restAt(m.pc);
}

const names = new WeakMap<object, ReturnType<typeof readNames>>();
/** What a backtrace says of a frame. */
export function describeFrame({ instance, region, pc }: WasmFrame, maps: CodeMaps): BacktraceFrame {
  const context = instance.code.context as ModuleContext;
  const { module } = context;
  let moduleNames = names.get(module);
  if (moduleNames === undefined) {
    moduleNames = readNames(module);
    names.set(module, moduleNames);
  }
  const funcidx = module.importedFuncCount + region.index;
  const exported = module.exports.find((entry) => entry.kind === "func" && entry.index === funcidx);
  return {
    name: moduleNames.funcs.get(funcidx) ?? exported?.name,
    moduleName: moduleNames.module,
    funcidx,
    offset: maps.of(context, region).offsetAt(pc),
  };
}

/** The wasm frames, innermost first; of a deep stack the innermost and the outermost ones. */
export function backtrace(thread: Thread): BacktraceFrame[] {
  const found: WasmFrame[] = [];
  for (const frame of frames(thread)) if (frame.kind === "wasm") found.push(frame);
  const isDeep = found.length > 2 * BACKTRACE_LIMIT;
  const shown = isDeep ? [...found.slice(0, BACKTRACE_LIMIT), ...found.slice(-BACKTRACE_LIMIT)] : found;
  const maps = new CodeMaps();
  return shown.map((frame) => describeFrame(frame, maps));
}
