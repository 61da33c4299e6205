// Function instances, spec 4.2.7. One class for wasm and host functions, so that the call
// paths of the dispatch loop see one shape.
import type { FuncType } from "../../decoder/index.js";
import type { ModuleInstance } from "./module-instance.js";

/**
 * What runs when a host function is called. The interpreter knows the kinds:
 * a plain call into the embedder, or Emscripten's `invoke_*`, which is a frame of ours.
 */
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
