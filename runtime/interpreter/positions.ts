// From positions in register code to positions in the module, and back: to stop at a very
// instruction, to give back what a trapping segment had paid ahead, and for backtraces.
import { InstructionReader, readNames } from "../../decoder/index.js";
import { type BacktraceFrame, Crash } from "../errors.js";
import { type CodeMap, CodeMaps, mapOf, type Promises, steppingRegion } from "../lowering/code-map.js";
import { HEADER_WORDS, type ModuleContext } from "../lowering/function-lowering.js";
import { CONST_64, LOCAL, WIDTH_128, WIDTH_REF } from "../lowering/operands.js";
import { type CodeRegion, PC_EXIT, PC_FIRST, PC_LEAVE_INSTANCE } from "../register-code/register-code.js";
import type { ModuleInstance } from "../store/module-instance.js";
import type { Ref } from "../store/refs.js";
import { slotsOfAll } from "../values.js";
import type { Machine } from "./machine.js";
import type { Thread } from "./thread.js";

/** Frames that a backtrace shows at each end of a deep stack. */
const BACKTRACE_LIMIT = 50;

/** The charge that brought execution to `pc` is taken back, and it goes on there in stepping form. */
export function stepHere(x: Thread): void {
  const { machine: m } = x;
  // The fixed return points cost nothing.
  if (m.pc < PC_FIRST) return;
  const { context } = x;
  const region = context.code.regionAt(m.pc);
  if (region === undefined) throw new Crash(`no code at ${m.pc}`);
  const map = mapOf(context, region);
  if (region.stepping) {
    // Nothing is charged ahead here; a repeatable operation goes back to its charge.
    const point = map.point(m.pc);
    if (point !== undefined) stepBackTo(m, context, map, point.offset);
    return;
  }
  const point = map.point(m.pc);
  if (point === undefined) throw new Crash(`no charge point at ${m.pc}`);
  materialise(m.R, m.refs, m.fp, map.promisesAt(m.pc));
  m.fuel += point.cost;
  const stepping = steppingRegion(context, region.index);
  m.bind(m.instance);
  m.pc = point.isEntry ? stepping.start + HEADER_WORDS : mapOf(context, stepping).positionOf(point.offset)!;
}

/** In stepping form: before the charge of the instruction at `offset`, if `pc` is behind it. */
function stepBackTo(m: Machine, context: ModuleContext, map: CodeMap, offset: number): void {
  const position = map.positionOf(offset);
  if (position === undefined || position >= m.pc) return;
  m.fuel += context.schedule.costs[opcodeAt(context, offset)]!;
  m.pc = position;
}

function opcodeAt(context: ModuleContext, offset: number): number {
  const { bytes, types } = context.module;
  const reader = new InstructionReader(bytes, types);
  reader.offset = offset;
  reader.next();
  return reader.opcode;
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
    } else {
      R[to] = promises[i + 2]!;
      if (kind === CONST_64) R[to + 1] = promises[i + 3]!;
    }
  }
}

/** Words of registers that the frames of an execution that has begun need, the suspended ones when they go on. */
export function wordsInUse(x: Thread): number {
  const { machine: m, pendingHost } = x;
  let { instance, fp } = m;
  let words = 0;
  const frame = (pc: number) => {
    const region = pc < PC_FIRST ? undefined : instance.code.regionAt(pc);
    if (region !== undefined) words = Math.max(words, fp + instance.code.code[region.start]!);
  };
  if (pendingHost !== null) {
    const { params, results } = pendingHost.func.type;
    words = pendingHost.base + 2 * Math.max(slotsOfAll(params), slotsOfAll(results));
  }
  frame(m.pc);
  let instances = x.instances.length;
  for (let sp = m.sp - 2; sp >= 0; sp -= 2) {
    const back = m.frames[sp]!;
    fp = m.frames[sp + 1]!;
    if (back === PC_LEAVE_INSTANCE) instance = x.instances[--instances]!;
    else frame(back - 1);
  }
  return words;
}

/** Gives back what the segment at `pc` paid for instructions behind the one there. */
export function refundRest(x: Thread): void {
  const { machine: m } = x;
  if (m.sp === 0 || m.pc < PC_FIRST) return;
  const region = x.context.code.regionAt(m.pc);
  if (region === undefined || region.stepping) return;
  m.fuel += mapOf(x.context, region).restAt(m.pc);
}

const names = new WeakMap<object, ReturnType<typeof readNames>>();
function describeFrame(instance: ModuleInstance, region: CodeRegion, pc: number, maps: CodeMaps): BacktraceFrame {
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
export function backtrace(x: Thread): BacktraceFrame[] {
  const { machine: m } = x;
  if (m.sp === 0 || m.instance === undefined) return [];
  const places: { instance: ModuleInstance; region: CodeRegion; pc: number }[] = [];
  let { instance, pc } = m;
  let instances = x.instances.length;
  for (let sp = m.sp; ; ) {
    const region = pc < PC_FIRST ? undefined : instance.code.regionAt(pc);
    if (region !== undefined) places.push({ instance, region, pc });
    if (sp === 0) break;
    sp -= 2;
    const back = m.frames[sp]!;
    if (back === PC_EXIT) break;
    if (back === PC_LEAVE_INSTANCE) instance = x.instances[--instances]!;
    // In the call, not behind it.
    pc = back < PC_FIRST ? 0 : back - 1;
  }
  const shown =
    places.length <= 2 * BACKTRACE_LIMIT
      ? places
      : [...places.slice(0, BACKTRACE_LIMIT), ...places.slice(-BACKTRACE_LIMIT)];
  const maps = new CodeMaps();
  return shown.map(({ instance: owner, region, pc: at }) => describeFrame(owner, region, at, maps));
}
