// From compiled code to the interpreter: the frames that have left become frames of the interpreter's own.
//
//   left, innermost first   [id of $g, site 4, its variables], [id of $f, site 2, its variables]
//   base of $f              where the interpreter had called it
//   $f waits in its call at site 2: pushes where the fast form returns to, and $g's frame begins at the arguments' slot
//   $g stands before the instruction of site 4: `pc` is that instruction in stepping form, of which nothing is paid
import { F32, F64, type ValType } from "../../decoder/index.js";
import { Crash } from "../errors.js";
import { enter } from "../interpreter/flow.js";
import type { Machine } from "../interpreter/machine.js";
import type { Thread } from "../interpreter/thread.js";
import { mapOf, steppingRegion } from "../lowering/code-map.js";
import { fastRegion } from "../lowering/lower.js";
import type { ModuleContext } from "../lowering/module-context.js";
import { LOOP_COST_WORD, PC_INVOKE_RETURN, SET_THREW_WORDS } from "../register-code/register-code.js";
import type { FuncInst } from "../store/func.js";
import type { Ref } from "../store/refs.js";
import { F32_CANONICAL_NAN, F64_CANONICAL_NAN_HI, slotsOfAll } from "../values.js";
import { F32X4, F64X2, type Held, heldOf, partCount, REF, slotsOfHeld } from "./held.js";
import { HOST_ID, HOST_IDS_END } from "./host-text.js";
import type { CompiledFunction, LeaveSite, LiveOperand } from "./leave-site.js";

/** A frame that has left. */
interface LeftFrame {
  /** Null of a function that is not compiled: it has its arguments, and has not begun. */
  readonly func: CompiledFunction | null;
  readonly index: number;
  readonly site: LeaveSite | null;
  readonly siteNumber: number;
  /** It waits in setThrew, in the place of an invoke that longjmp has ended. */
  readonly isInThrew: boolean;
  /** Of an imported function that was called, or is to be: its index; −1 of others. */
  readonly host: number;
  readonly variables: ArrayLike<Ref>;
}

/**
 * Takes the frames of `left` over, of which the outermost begins at the machine's frame base; `left` is empty afterwards.
 * @param fuel what was left when the innermost one left
 */
export function takeFrames(
  thread: Thread,
  functions: readonly (CompiledFunction | null)[],
  left: (number | ArrayLike<Ref>)[],
  fuel: number,
): Stand {
  const { machine: m, context } = thread;
  const frames: LeftFrame[] = [];
  for (let i = left.length - 3; i >= 0; i -= 3) {
    const id = left[i] as number;
    const isInThrew = (left[i + 1] as number) < 0;
    const siteNumber = isInThrew ? ~(left[i + 1] as number) : (left[i + 1] as number);
    const func = id < 0 ? null : functions[id]!;
    const host = id < HOST_IDS_END ? id - HOST_ID : -1;
    const index = func === null ? -1 - id : func.index;
    const site = func === null ? null : func.sites[siteNumber]!;
    frames.push({ func, index, site, siteNumber, isInThrew, host, variables: left[i + 2] as ArrayLike<Ref> });
  }
  left.length = 0;
  reserve(thread, frames);
  m.fuel = fuel;
  let base = m.fp;
  for (const frame of frames.slice(0, -1)) base = suspend(thread, context, frame, base);
  return stand(thread, context, frames.at(-1)!, base);
}

/** Room for all frames, which compiled code has seen to be within the limits. */
function reserve(thread: Thread, frames: readonly LeftFrame[]): void {
  const { machine: m, context } = thread;
  const { code } = context.code;
  let base = m.fp;
  let end = base;
  for (const { func, index, site, isInThrew, host } of frames) {
    // What the host needs, who calls it sees to.
    if (host >= 0) continue;
    // Who has not begun has its arguments, and asks for the rest when it does.
    const isBegun = func !== null && site!.kind !== "entry";
    const words = isBegun
      ? context.code.code[fastRegion(context, index).start]!
      : 2 * slotsOfAll(paramsOf(context, index));
    end = Math.max(end, base + words);
    if (site !== null) base += 2 * site.base + (isInThrew ? SET_THREW_WORDS : site.kind === "invoke" ? 2 : 0);
  }
  // Functions that were compiled ahead of time may never have been lowered.
  if (context.code.code !== code) m.bind(m.instance);
  if (!thread.ensureRegisters(end)) throw new Crash("compiled code has gone past the registers");
  thread.reserveFrames(2 * frames.length);
}

/** The frame waits in a call; gives the base of the callee's. */
function suspend(thread: Thread, context: ModuleContext, frame: LeftFrame, base: number): number {
  const { machine: m } = thread;
  const { func, site, siteNumber } = frame;
  if (func === null || site === null || (site.kind !== "call" && site.kind !== "invoke"))
    throw new Crash("a frame that waits in no call");
  writeLocals(thread, func, site.region, frame.variables, base);
  writeOperands(thread, site.operands, frame.variables, base);
  thread.push(returnPosition(context, func, siteNumber), base);
  const called = base + 2 * site.base;
  if (site.kind === "call") return called;
  if (frame.isInThrew) {
    // The result of the invoke, above which setThrew runs.
    m.R[called] = 0;
    m.R[called + 1] = 0;
    return called + SET_THREW_WORDS;
  }
  thread.push(PC_INVOKE_RETURN, called);
  m.R[called + 1] = 0;
  return called + 2;
}

/** Where the interpreter stands then. */
export interface Stand {
  /** What is still to be paid: of the segment of a loop at whose head it stands in fast form, 0 elsewhere. */
  readonly owed: number;
  /** The imported function that the frame on top waits for, with its arguments in place: host-calls.ts goes on. */
  readonly host: { readonly func: FuncInst; readonly base: number } | null;
}
const STANDS: Stand = { owed: 0, host: null };

/** The frame is on top, and goes on. */
function stand(thread: Thread, context: ModuleContext, frame: LeftFrame, base: number): Stand {
  const { machine: m } = thread;
  const { func, site, variables, index, host } = frame;
  m.fp = base;
  if (host >= 0) {
    const imported = m.instance.importedFuncs[host]!;
    // Not where they have been: results may be there by now.
    if (variables.length > 0) writeParams(thread, imported.type.params, variables, base);
    return { owed: 0, host: { func: imported, base } };
  }
  if (func === null || site === null || site.kind === "entry") {
    // Parameters are the first of the variables.
    writeParams(thread, paramsOf(context, index), variables, base);
    enter(thread, index);
    return STANDS;
  }
  writeLocals(thread, func, site.region, variables, base);
  // Of an invoke, the saved stack pointer is where the first result goes.
  writeOperands(thread, site.operands, variables, base);
  writeOperands(thread, site.results, variables, base);
  m.fuel -= site.charged;
  // Only in front of a loop's first instruction nothing is deferred, so that the fast form can go on there.
  const head = site.kind === "check" ? context.code.loopHeads.get(site.offset) : undefined;
  m.pc = head ?? standPosition(context, func, frame.siteNumber);
  m.bind(m.instance);
  return head === undefined ? STANDS : { owed: context.code.code[head + LOOP_COST_WORD]!, host: null };
}

// ---- Positions ----

function standPosition(context: ModuleContext, func: CompiledFunction, site: number): number {
  if (func.positions === null) {
    const map = mapOf(context, steppingRegion(context, func.index));
    func.positions = Int32Array.from(func.sites, ({ offset }) => map.positionOf(offset) ?? -1);
  }
  const at = func.positions[site]!;
  if (at < 0) throw new Crash(`function ${func.index} cannot be left at ${func.sites[site]!.offset}`);
  return at;
}

function returnPosition(context: ModuleContext, func: CompiledFunction, site: number): number {
  if (func.returnsTo === null) {
    const region = fastRegion(context, func.index);
    const points = context.code.returnPoints.get(func.index) ?? mapOf(context, region).returnPoints();
    func.returnsTo = Int32Array.from(func.sites, ({ callOffset }) => points.get(callOffset) ?? -1);
  }
  const at = func.returnsTo[site]!;
  if (at < 0) throw new Crash(`function ${func.index} waits in no call at ${func.sites[site]!.callOffset}`);
  return at;
}

// ---- Values ----

function paramsOf({ module }: ModuleContext, index: number): readonly ValType[] {
  return module.registry.funcType(module.funcs[module.importedFuncCount + index]!).params;
}

function writeLocals(
  thread: Thread,
  { held, localSlots, localVariables }: CompiledFunction,
  region: number,
  variables: ArrayLike<Ref>,
  base: number,
): void {
  const at = localVariables[region]!;
  held.forEach((one, i) => {
    write(thread, base + 2 * localSlots[i]!, one, variables, at[i]!);
  });
}

function writeParams(thread: Thread, params: readonly ValType[], variables: ArrayLike<Ref>, base: number): void {
  let at = 0;
  let word = base;
  for (const type of params) {
    const held = heldOf(type);
    write(thread, word, held, variables, at);
    at += partCount(held);
    word += 2 * slotsOfHeld(held);
  }
}

function writeOperands(
  thread: Thread,
  operands: readonly LiveOperand[],
  variables: ArrayLike<Ref>,
  base: number,
): void {
  for (const { slot, held, variable, parts } of operands) {
    if (variable < 0) write(thread, base + 2 * slot, held, parts, 0);
    else write(thread, base + 2 * slot, held, variables, variable);
  }
}

/** Writes the value whose parts are those of `values` from `at` on to word `word` of the registers. */
function write({ machine: m }: Thread, word: number, held: Held, values: ArrayLike<Ref>, at: number): void {
  const parts = partCount(held);
  switch (held) {
    case REF:
      m.refs[word >> 1] = values[at]!;
      break;
    case F32:
    case F32X4:
      for (let i = 0; i < parts; i++) writeF32(m, word + i, values[at + i] as number);
      break;
    case F64:
    case F64X2:
      for (let i = 0; i < parts; i++) writeF64(m, word + 2 * i, values[at + i] as number);
      break;
    default:
      for (let i = 0; i < parts; i++) m.R[word + i] = values[at + i] as number;
  }
}

function writeF32(m: Machine, word: number, value: number): void {
  if (Number.isNaN(value)) m.R[word] = F32_CANONICAL_NAN;
  else m.S[word] = value;
}

function writeF64(m: Machine, word: number, value: number): void {
  if (!Number.isNaN(value)) m.D[word >> 1] = value;
  else {
    m.R[word] = 0;
    m.R[word + 1] = F64_CANONICAL_NAN_HI;
  }
}
