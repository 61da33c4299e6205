// Host functions that compiled code calls (host-text.ts): what the call needs of the thread, and how the interpreter goes
// on with one that did not simply return. The frames that have called are unknown while it runs, so what would look at
// them waits until they have left: exceptions, promises, calls of the guest, pauses, fuel that is short. Traces of the
// heap need no frame: who holds references leaves before the call.
import { Crash } from "../errors.js";
import { leaveToHost } from "../interpreter/direct-call.js";
import { checkPause, payReturn } from "../interpreter/flow.js";
import { callFunc, callHostDirectly, endHostCall, type HostEnd } from "../interpreter/func-calls.js";
import type { Thread } from "../interpreter/thread.js";
import type { DirectHost, FuncInst } from "../store/func.js";
import { slotsOfAll } from "../values.js";

/** How a call ended that compiled code has left with. */
type End =
  /** For the interpreter: its own. */
  | { readonly kind: "own"; readonly end: HostEnd }
  | { readonly kind: "raise"; readonly direct: DirectHost; readonly thrown: unknown }
  /** It has returned: an i32, where that is not in its place yet. Compiled code cannot go on. */
  | { readonly kind: "done"; readonly word: number | null };

/** What a scope has to say of the instance that it is bound to. */
interface Bound {
  /** Whether the running instance is what it was when the run began, bound anew if it has to be. */
  keeps(): boolean;
}

export class HostCalls {
  thread: Thread | null = null;
  /** How deep it may go from the call that is under way (depth.ts). */
  depth = 0;
  /** Where the call that ended had its arguments. */
  private base = 0;
  private end: End | null = null;

  constructor(private readonly scope: Bound) {}

  /** Room for its arguments and results at word `base`. If there is none, the interpreter says so. */
  admits({ type }: FuncInst, base: number): boolean {
    return this.thread!.ensureRegisters(base + 2 * Math.max(slotsOfAll(type.params), slotsOfAll(type.results)));
  }

  /** Calls `func`, with its arguments at word `base`. @returns whether its results are there, and compiled code can go on */
  call(func: FuncInst, base: number): boolean {
    const thread = this.thread!;
    const { direct, seesFrames } = func.host!;
    // What has asked for frames once does so again.
    if (seesFrames === true) return this.leaves(thread);
    if (direct != null) {
      try {
        direct.run(thread as never, base);
      } catch (thrown) {
        this.end = { kind: "raise", direct, thrown };
      }
    } else {
      const end = callHostDirectly(thread, func, base);
      if (end === "anew") {
        func.host!.seesFrames = true;
        return this.leaves(thread);
      }
      if (end !== null) this.end = { kind: "own", end };
    }
    thread.hiddenFrames = 0;
    this.base = base;
    if (this.end !== null) return false;
    if (this.isIntact()) return true;
    this.end = { kind: "done", word: null };
    return false;
  }

  private leaves(thread: Thread): boolean {
    thread.hiddenFrames = 0;
    return false;
  }

  /** Whether compiled code can go on behind a call: with the memory that it had. */
  isIntact(): boolean {
    return this.scope.keeps();
  }

  // ---- What it has noted where it cannot ----

  /** A result is a NaN that JavaScript does not keep. */
  refuse(base: number): void {
    this.base = base;
    this.end = { kind: "done", word: null };
  }

  threw(direct: DirectHost, base: number, thrown: unknown): void {
    this.base = base;
    this.thread!.hiddenFrames = 0;
    this.end = { kind: "raise", direct, thrown };
  }

  returned(base: number, word: number): void {
    this.base = base;
    this.end = { kind: "done", word };
  }

  /**
   * Goes on in the interpreter, whose frames those of compiled code have become: the one on top waits in its call of
   * `func`, with the arguments at word `base`.
   */
  goOn(thread: Thread, func: FuncInst, base: number): void {
    const { machine: m } = thread;
    const { end } = this;
    this.end = null;
    m.sp -= 2;
    const returnTo = m.frames[m.sp]!;
    m.fp = m.frames[m.sp + 1]!;
    m.pc = returnTo - 1;
    m.bind(m.instance);
    if (end === null) {
      callFunc(thread, func, base, returnTo);
      return;
    }
    if (base !== this.base) throw new Crash(`compiled code has called the host at ${this.base}, not ${base}`);
    switch (end.kind) {
      case "own":
        endHostCall(thread, func, base, returnTo, end.end);
        return;
      case "raise":
        leaveToHost(thread, returnTo);
        end.direct.raise(thread as never, end.thrown);
        return;
      default:
        if (end.word !== null) m.R[base] = end.word;
        m.pc = returnTo;
        payReturn(thread);
        checkPause(thread);
    }
  }
}
