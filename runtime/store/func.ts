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
  /** Whether a call drops frames up to the nearest `invoke_*`, and does nothing else. */
  readonly isLongjmp?: true;
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
