// Unwinding: guest exceptions to their handlers, and Emscripten's longjmp to its invoke frame.
import { CATCH, CATCH_ALL_REF, CATCH_REF } from "../../decoder/index.js";
import {
  type CodeRegion,
  DELEGATE,
  type Handler,
  LEGACY_CATCH,
  LEGACY_CATCH_ALL,
  PC_EXIT,
  PC_HOST_RETURN,
  PC_INVOKE_RETURN,
  PC_LEAVE_INSTANCE,
} from "../register-code/register-code.js";
import type { ExnInst } from "../store/refs.js";
import type { Execution } from "./execution.js";
import { HandlerIndex } from "./handler-index.js";

/**
 * Finds the innermost handler for `exception`, from the instruction at `pc` outwards (spec
 * 4.6.11), and goes on there. Fuel that the dropped frames burned stays burned.
 */
export function throwException(x: Execution, exception: ExnInst): void {
  const { machine: m } = x;
  for (;;) {
    const handler = findHandler(x, exception);
    if (handler !== undefined) {
      enterHandler(x, handler, exception);
      return;
    }
    if (!popFrame(x)) {
      x.outcome = { status: "threw", exception };
      m.sp = 0;
      return;
    }
  }
}

function findHandler(x: Execution, exception: ExnInst): Handler | undefined {
  const { machine: m } = x;
  const { tags, code } = m.instance;
  const region = code.regionAt(m.pc);
  if (region === undefined || region.handlers.length === 0) return undefined;
  const index = indexOf(region);
  for (let i = index.at(m.pc); i >= 0; ) {
    const handler = index.get(i);
    const { kind, tagidx, target } = handler;
    if (kind === DELEGATE) i = index.after(i, target);
    else if (tagidx < 0 || tags[tagidx] === exception.tag) return handler;
    else i = index.after(i);
  }
  return undefined;
}

const indexes = new WeakMap<CodeRegion, HandlerIndex>();
function indexOf(region: CodeRegion): HandlerIndex {
  let index = indexes.get(region);
  if (index === undefined) {
    index = new HandlerIndex(region.handlers);
    indexes.set(region, index);
  }
  return index;
}

function enterHandler(x: Execution, handler: Handler, exception: ExnInst): void {
  const { machine: m } = x;
  const { kind } = handler;
  let slot = (m.fp >> 1) + handler.slot;
  // A legacy handler keeps the exception below the values, for `rethrow`.
  if (kind === LEGACY_CATCH || kind === LEGACY_CATCH_ALL) m.refs[slot++] = exception;
  if (kind === CATCH || kind === CATCH_REF || kind === LEGACY_CATCH) {
    m.R.set(exception.words, slot * 2);
    for (const ref of exception.refs) m.refs[slot++] = ref;
  }
  if (kind === CATCH_REF || kind === CATCH_ALL_REF) m.refs[slot] = exception;
  m.pc = handler.target;
  m.fuel -= handler.fuel;
  if (m.fuel < 0) x.settleFuel();
}

/** Drops the running frame; `pc` is then in the call that the frame below made. False at the bottom. */
function popFrame(x: Execution): boolean {
  const { machine: m } = x;
  for (;;) {
    m.sp -= 2;
    const back = m.frames[m.sp]!;
    m.fp = m.frames[m.sp + 1]!;
    if (back === PC_EXIT) return false;
    if (back === PC_LEAVE_INSTANCE) m.bind(x.instances.pop()!);
    else if (back === PC_HOST_RETURN) x.hostFrames.pop();
    else if (back !== PC_INVOKE_RETURN && back !== 0) {
      // 0: a host function that was called in tail position; its frame is left already.
      m.pc = back - 1;
      return true;
    }
  }
}

/** Words from the frame of an `invoke_*` that longjmp has ended to that of `setThrew`. */
export const SET_THREW_WORDS = 4;

/**
 * Emscripten's longjmp: drops frames up to the nearest `invoke_*`, restores the stack pointer
 * that it saved, and has it call `setThrew(1, 0)` and return zero. False if there is none.
 * @param invoked word of the frame of an `invoke_*` that is the innermost one and waits for a host
 *   function, which has no frame to mark; -1 if it is not so
 */
export function unwindToInvoke(x: Execution, invoked: number): boolean {
  const { machine: m } = x;
  let base = invoked;
  if (base < 0) {
    let at = m.sp - 2;
    while (at >= 0 && m.frames[at] !== PC_INVOKE_RETURN) at -= 2;
    if (at < 0) return false;
    while (m.sp > at) {
      m.sp -= 2;
      const back = m.frames[m.sp]!;
      if (back === PC_LEAVE_INSTANCE) m.bind(x.instances.pop()!);
      else if (back === PC_HOST_RETURN) x.hostFrames.pop();
    }
    base = m.frames[at + 1]!;
  }
  const { setThrew } = m.instance;
  m.globals[m.stackPointer] = m.R[base]!;
  m.R[base] = 0;
  m.R[base + 1] = 0;
  // setThrew runs above the result and returns in the place of invoke.
  m.fp = base + SET_THREW_WORDS;
  m.R[m.fp] = 1;
  m.R[m.fp + 2] = 0;
  x.enter(setThrew!.index);
  return true;
}
