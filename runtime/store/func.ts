// Function instances, spec 4.2.7. One class for wasm and host functions, so that the call
// paths of the dispatch loop see one shape.
import type { FuncType } from "../../decoder/index.js";
import type { ModuleInstance } from "./module-instance.js";

/** What runs when a host function is called: a call into the embedder, or frames of ours (Emscripten's `invoke_*`). */
export interface HostCode {
  /** For messages: "env.now". */
  readonly name: string;
  /**
   * Called with a Caller (interpreter/caller.ts) and the arguments.
   * May return a promise: the execution pauses until it settles.
   */
  readonly call: (caller: never, args: never) => unknown;
  /** Arguments and results as raw bits instead of JavaScript values. */
  readonly raw: boolean;
  /**
   * In place of `call`, where a call is frames of the interpreter's own; null where it is not. Called with the thread
   * (interpreter/thread.ts), the function, the word of its first argument, and where the caller goes on.
   */
  readonly enter: ((thread: never, func: FuncInst, base: number, returnTo: number) => void) | null;
  /** How code that is compiled calls it in place of `enter`, without leaving its own frames; null where it has to. */
  readonly direct?: DirectHost | null;
  /** It asks for the frames that wait for it (Caller.liveWords): it is called where those are the interpreter's. */
  seesFrames?: boolean;
  /** Whether a call drops frames up to the nearest `invoke_*`, and does nothing else. */
  readonly isLongjmp?: true;
}

/** A host function of an embedder that is called, and calls back, on the host's stack (js-api/). */
export interface DirectHost {
  /** What is called with the arguments, where those and the result are i32, and few; null: by `run`. */
  readonly plain: ((...args: number[]) => unknown) | null;
  /** What the embedder calls runs on `thread`, its first frame from word `base` on: above `words` of this call's. */
  readonly border: { thread: unknown; base: number };
  readonly words: number;
  /** Calls it with the arguments at word `base` of the thread's registers, and writes its results there. */
  run(thread: never, base: number): void;
  /** What it threw, once the frames that it was called from are the interpreter's, of which the one on top waits for it. */
  raise(thread: never, thrown: unknown): void;
}

export class FuncInst {
  /** Canonical type id that the function behind an `invoke_*` must have; −1 for everything else. */
  invokeTypeId = -1;
  /** The instance that an `invoke_*` was made for, once it is there; null for everything else. */
  invokeInstance: ModuleInstance | null = null;
  constructor(
    readonly type: FuncType,
    /** Canonical id of `type` in the engine's registry. */
    readonly typeId: number,
    /** The instance whose code it is; null for a host function. */
    readonly instance: ModuleInstance | null,
    /** Index among the *defined* functions of the instance's module; −1 for a host function. */
    readonly index: number,
    /** The embedder's code; null for a wasm function. */
    readonly host: HostCode | null,
  ) {}
}
