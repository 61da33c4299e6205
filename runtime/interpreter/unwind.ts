// Unwinding: guest exceptions to their handlers.
import { CATCH, CATCH_ALL_REF, CATCH_REF } from "../../decoder/index.js";
import {
  type CodeRegion,
  DELEGATE,
  type Handler,
  LEGACY_CATCH,
  LEGACY_CATCH_ALL,
  PC_EXIT,
  PC_FIRST,
  PC_HOST_RETURN,
  PC_LEAVE_INSTANCE,
} from "../register-code/register-code.js";
import type { ExnInst } from "../store/refs.js";
import { settleFuel } from "./flow.js";
import { HandlerIndex } from "./handler-index.js";
import type { Thread } from "./thread.js";

/**
 * Finds the innermost handler for `exception`, from the instruction at `pc` outwards (spec
 * 4.6.11), and goes on there. Fuel that the dropped frames burned stays burned.
 */
export function throwException(thread: Thread, exception: ExnInst): void {
  const { machine: m } = thread;
  for (;;) {
    const handler = findHandler(thread, exception);
    if (handler !== undefined) {
      enterHandler(thread, handler, exception);
      return;
    }
    if (!popFrame(thread)) {
      thread.outcome = { status: "threw", exception };
      m.sp = 0;
      return;
    }
  }
}

function findHandler(thread: Thread, exception: ExnInst): Handler | undefined {
  const { machine: m } = thread;
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

function enterHandler(thread: Thread, handler: Handler, exception: ExnInst): void {
  const { machine: m } = thread;
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
  if (m.fuel < 0) settleFuel(thread);
}

/** Drops the running frame; `pc` is then in the call that the frame below made. False at the bottom. */
function popFrame(thread: Thread): boolean {
  const { machine: m } = thread;
  for (;;) {
    m.sp -= 2;
    const back = m.frames[m.sp]!;
    m.fp = m.frames[m.sp + 1]!;
    if (back === PC_EXIT) return false;
    if (back === PC_LEAVE_INSTANCE) thread.leaveInstance();
    else if (back === PC_HOST_RETURN) thread.hostFrames.pop();
    else if (back >= PC_FIRST) {
      // Other fixed return points are of frames without code; 0 is a host function's that was called in tail position.
      m.pc = back - 1;
      return true;
    }
  }
}
