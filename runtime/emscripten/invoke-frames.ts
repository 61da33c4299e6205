// Emscripten's invoke_* and longjmp as frames of ours, by the interpreter's hooks for both: HostCode.enter and HostUnwind.
//
// An invoke_* that is called with arguments at word `base` keeps the stack pointer in the slot of its own first argument
// and calls the table's function above it:
//   base       the index of the function, then the saved stack pointer, then the result
//   base + 2   the function's first argument, and its result
// The frame that returns to PC_INVOKE_RETURN, with `base`, is what longjmp looks for.

import { HostError } from "../errors.js";
import { ensureFrames, enter, enterCall, fail, trap } from "../interpreter/flow.js";
import { callFunc } from "../interpreter/func-calls.js";
import { HostUnwind } from "../interpreter/host-signals.js";
import type { Thread } from "../interpreter/thread.js";
import {
  PC_EXIT,
  PC_HOST_RETURN,
  PC_INVOKE_RETURN,
  PC_LEAVE_INSTANCE,
  SET_THREW_WORDS,
} from "../register-code/register-code.js";
import type { FuncInst } from "../store/func.js";

/**
 * The general form of what `call_import` does in the loop, with its traps. Table, stack pointer and
 * `setThrew` are those of the instance that the function was made for, whoever calls it.
 */
export function enterInvoke(thread: Thread, func: FuncInst, base: number, returnTo: number): void {
  const { machine: m } = thread;
  const owner = func.invokeInstance!;
  if (m.instance === undefined) m.bind(owner);
  m.pc = returnTo > 0 ? returnTo - 1 : 0;
  const table = owner.tables[0];
  const index = m.R[base]! >>> 0;
  if (table === undefined || index >= table.length) {
    trap(thread, "undefined element");
    return;
  }
  const target = table.at(index) as FuncInst | null;
  if (target === null || target.typeId !== func.invokeTypeId) {
    trap(thread, target === null ? "uninitialized element" : "indirect call type mismatch");
    return;
  }
  // One check for all of its frames, as in the loop: FRAME_SLACK has room for them.
  if (!ensureFrames(thread)) return;
  // In tail position, and called by the embedder, the frame below is the one to return to already.
  const isTail = returnTo === 0;
  if (!isTail && returnTo !== PC_EXIT) thread.push(returnTo, m.fp);
  if (isTail && m.frames[m.sp - 2] === PC_LEAVE_INSTANCE) m.bind(owner);
  else thread.enterInstance(owner, base);
  m.R[base] = m.globals[m.stackPointer]!;
  m.fp = base;
  if (target.host !== null) callFunc(thread, target, base + 2, PC_INVOKE_RETURN);
  else enterCall(thread, target, base + 2, PC_INVOKE_RETURN);
}

/** Emscripten's longjmp as an import of its own: as a host function that throws {@link LongjmpUnwind}, without throwing. */
export function enterLongjmp(thread: Thread, func: FuncInst, _base: number, returnTo: number): void {
  thread.machine.pc = returnTo > 0 ? returnTo - 1 : 0;
  const missing = longjmp(thread, returnTo);
  if (missing !== undefined) fail(thread, new HostError(func.host!.name, new Error(missing)));
}

/** Thrown by a host function: unwinds to the nearest `invoke_*` frame (Emscripten's longjmp). */
export class LongjmpUnwind extends HostUnwind {
  override readonly name = "LongjmpUnwind";

  unwind(thread: Thread, returnTo: number): string | undefined {
    return longjmp(thread, returnTo);
  }
}

/**
 * Drops frames up to the nearest `invoke_*`, restores the stack pointer that it saved, and has it call `setThrew(1, 0)`
 * and return zero. @returns what is missing, with nothing done
 */
function longjmp(thread: Thread, returnTo: number): string | undefined {
  const { machine: m } = thread;
  // A host function that is itself what invoke_* calls has no frame of its own.
  const base = returnTo === PC_INVOKE_RETURN ? m.fp : dropFramesToInvoke(thread);
  if (base < 0) return "longjmp without an invoke frame";
  m.globals[m.stackPointer] = m.R[base]!;
  m.R[base] = 0;
  m.R[base + 1] = 0;
  // setThrew runs above the result and returns in the place of invoke.
  m.fp = base + SET_THREW_WORDS;
  m.R[m.fp] = 1;
  m.R[m.fp + 2] = 0;
  enter(thread, m.instance.setThrew!.index);
  return undefined;
}

/** Word of the nearest `invoke_*`, whose frame is then on top; -1, with nothing dropped, if there is none. */
function dropFramesToInvoke(thread: Thread): number {
  const { machine: m } = thread;
  let at = m.sp - 2;
  while (at >= 0 && m.frames[at] !== PC_INVOKE_RETURN) at -= 2;
  if (at < 0) return -1;
  while (m.sp > at) {
    m.sp -= 2;
    const back = m.frames[m.sp]!;
    if (back === PC_LEAVE_INSTANCE) thread.leaveInstance();
    else if (back === PC_HOST_RETURN) thread.hostFrames.pop();
  }
  return m.frames[at + 1]!;
}
