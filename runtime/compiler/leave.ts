// From compiled code to the interpreter: the frames that have left become frames of the interpreter's own.
//
//   left, innermost first   [id of $g, site 4, its variables], [id of $f, site 2, its variables]
//   base of $f              where the interpreter had called it
//   $f waits in its call at site 2: pushes where the fast form returns to, and $g's frame begins at the arguments' slot
//   $g stands before the instruction of site 4: `pc` is that instruction in stepping form, of which nothing is paid
import { F32, F64, I64, type ValType } from "../../decoder/index.js";
import { Crash } from "../errors.js";
import { enter } from "../interpreter/flow.js";
import type { Thread } from "../interpreter/thread.js";
import { mapOf, steppingRegion } from "../lowering/code-map.js";
import type { ModuleContext } from "../lowering/module-context.js";
import { PC_INVOKE_RETURN } from "../register-code/register-code.js";
import { F32_CANONICAL_NAN, F64_CANONICAL_NAN_HI } from "../values.js";
import type { CompiledFunction, LeaveSite, LiveOperand } from "./leave-site.js";

/** A frame that has left. */
interface LeftFrame {
  /** Null of a function that is not compiled: it has its arguments, and has not begun. */
  readonly func: CompiledFunction | null;
  readonly index: number;
  readonly site: LeaveSite | null;
  readonly siteNumber: number;
  readonly variables: ArrayLike<number>;
}

/**
 * Takes the frames of `left` over, of which the outermost begins at the machine's frame base; `left` is empty afterwards.
 * @param fuel what was left when the innermost one left
 */
export function takeFrames(
  thread: Thread,
  functions: readonly CompiledFunction[],
  left: (number | ArrayLike<number>)[],
  fuel: number,
): void {
  const { machine: m, context } = thread;
  const frames: LeftFrame[] = [];
  for (let i = left.length - 3; i >= 0; i -= 3) {
    const id = left[i] as number;
    const siteNumber = left[i + 1] as number;
    const func = id < 0 ? null : functions[id]!;
    const index = func === null ? -1 - id : func.index;
    const site = func === null ? null : func.sites[siteNumber]!;
    frames.push({ func, index, site, siteNumber, variables: left[i + 2] as ArrayLike<number> });
  }
  left.length = 0;
  reserve(thread, frames);
  m.fuel = fuel;
  let base = m.fp;
  frames.forEach((frame, i) => {
    if (i < frames.length - 1) base = suspend(thread, context, frame, base);
    else stand(thread, context, frame, base);
  });
}

/** Room for all frames, which compiled code has seen to be within the limits. */
function reserve(thread: Thread, frames: readonly LeftFrame[]): void {
  const { machine: m, context } = thread;
  let base = m.fp;
  let end = base;
  for (const { func, index, site } of frames) {
    // Who has not begun has its arguments, and asks for the rest when it does.
    const isBegun = func !== null && site!.kind !== "entry";
    const words = isBegun ? m.code[context.code.fast.get(index)!.start]! : 2 * paramsOf(context, index).length;
    end = Math.max(end, base + words);
    if (site !== null) base += 2 * site.base + (site.kind === "invoke" ? 2 : 0);
  }
  if (!thread.ensureRegisters(end)) throw new Crash("compiled code has gone past the registers");
  thread.reserveFrames(2 * frames.length);
}

/** The frame waits in a call; gives the base of the callee's. */
function suspend(thread: Thread, context: ModuleContext, frame: LeftFrame, base: number): number {
  const { machine: m } = thread;
  const { func, site, siteNumber } = frame;
  if (func === null || site === null || (site.kind !== "call" && site.kind !== "invoke"))
    throw new Crash("a frame that waits in no call");
  writeLocals(thread, func, frame.variables, base);
  writeOperands(thread, func, site.operands.slice(0, site.below), frame.variables, base);
  thread.push(returnPosition(context, func, siteNumber), base);
  const called = base + 2 * site.base;
  if (site.kind === "call") return called;
  thread.push(PC_INVOKE_RETURN, called);
  m.R[called + 1] = 0;
  return called + 2;
}

/** The frame is on top, and goes on. */
function stand(thread: Thread, context: ModuleContext, frame: LeftFrame, base: number): void {
  const { machine: m } = thread;
  const { func, site, variables, index } = frame;
  m.fp = base;
  if (func === null || site === null) {
    writeParams(thread, paramsOf(context, index), variables, base);
    enter(thread, index);
    return;
  }
  if (site.kind === "entry") {
    // Parameters are the first of the variables.
    writeParams(thread, paramsOf(context, index), variables, base);
    enter(thread, index);
    return;
  }
  writeLocals(thread, func, variables, base);
  if (site.kind === "before") writeOperands(thread, func, site.operands, variables, base);
  else {
    const below = site.base - func.locals.length;
    const results = site.operands.slice(site.below).map((o, i) => ({ ...o, position: below + i }));
    writeOperands(thread, func, [...site.operands.slice(0, below), ...results], variables, base);
  }
  m.fuel -= site.charged;
  m.pc = standPosition(context, func, frame.siteNumber);
  m.bind(m.instance);
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
    const points = mapOf(context, context.code.fast.get(func.index)!).returnPoints();
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

function writeLocals(thread: Thread, func: CompiledFunction, variables: ArrayLike<number>, base: number): void {
  func.locals.forEach((type, i) => {
    const at = func.localVariables[i]!;
    write(thread, base + 2 * i, type, variables[at]!, type === I64 ? variables[at + 1]! : 0);
  });
}

function writeParams(thread: Thread, params: readonly ValType[], variables: ArrayLike<number>, base: number): void {
  let at = 0;
  params.forEach((type, i) => {
    write(thread, base + 2 * i, type, variables[at]!, type === I64 ? variables[at + 1]! : 0);
    at += type === I64 ? 2 : 1;
  });
}

function writeOperands(
  thread: Thread,
  func: CompiledFunction,
  operands: readonly LiveOperand[],
  variables: ArrayLike<number>,
  base: number,
): void {
  const first = base + 2 * func.locals.length;
  for (const { position, type, variable, lo, hi } of operands) {
    if (variable < 0) write(thread, first + 2 * position, type, lo, hi);
    else {
      write(thread, first + 2 * position, type, variables[variable]!, type === I64 ? variables[variable + 1]! : 0);
    }
  }
}

function write({ machine: m }: Thread, word: number, type: ValType, lo: number, hi: number): void {
  if (type === F64) {
    if (!Number.isNaN(lo)) m.D[word >> 1] = lo;
    else {
      m.R[word] = 0;
      m.R[word + 1] = F64_CANONICAL_NAN_HI;
    }
  } else if (type === F32) {
    if (!Number.isNaN(lo)) m.S[word] = lo;
    else m.R[word] = F32_CANONICAL_NAN;
  } else {
    m.R[word] = lo;
    if (type === I64) m.R[word + 1] = hi;
  }
}
