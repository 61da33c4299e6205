// The frames of a thread, in one walk: tracing references, room in use, backtraces and snapshots each go over it.
//
// Example: main calls f of another instance, which has a host function called that waits for a promise:
//   host (the pending call) · wasm f, in that call · leave, to main's instance · wasm main, in its call of f · exit
import {
  type CodeRegion,
  PC_EXIT,
  PC_FIRST,
  PC_HIDDEN,
  PC_HOST_RETURN,
  PC_INVOKE_RETURN,
  PC_LEAVE_INSTANCE,
} from "../register-code/register-code.js";
import type { ModuleInstance } from "../store/module-instance.js";
import type { PendingHostCall, Thread } from "./thread.js";

/** A frame of a wasm function. */
export interface WasmFrame {
  readonly kind: "wasm";
  readonly instance: ModuleInstance;
  /** Of the function's code: the fast form, or the one with single steps. */
  readonly region: CodeRegion;
  /** Where it stands: before an instruction, or in a call. */
  readonly pc: number;
  /** Where it goes on when the call returns; 0 where it waits for none. */
  readonly returnTo: number;
  /** Its first word among the registers. */
  readonly base: number;
}

export type Frame =
  | WasmFrame
  /** A host function that has been called, and waits: to be made anew, for a promise, or for the guest. */
  | { readonly kind: "host"; readonly call: PendingHostCall }
  /** One of Emscripten's invoke functions, called with its arguments at word `base`. */
  | { readonly kind: "invoke"; readonly base: number }
  /** Above are frames of another instance than `instance`, whose are those below; `base` is the callee's. */
  | { readonly kind: "leave"; readonly instance: ModuleInstance; readonly base: number }
  /** The end: the embedder has called. */
  | { readonly kind: "exit" };

/** The frames of a thread that has begun, innermost first; none of one that has not. */
export function* frames({ machine: m, pendingHost, instances, hostFrames }: Thread): Generator<Frame> {
  if (m.sp === 0) return;
  let { instance } = m;
  if (pendingHost !== null) yield { kind: "host", call: pendingHost };
  const top = wasmFrame(instance, m.pc, pendingHost?.returnTo ?? 0, m.fp);
  if (top !== undefined) yield top;
  let leaving = instances.length;
  let hosts = hostFrames.length;
  for (let at = m.sp - 2; at >= 0; at -= 2) {
    const back = m.frames[at]!;
    const base = m.frames[at + 1]!;
    if (back === PC_HIDDEN) continue;
    if (back === PC_EXIT) yield { kind: "exit" };
    else if (back === PC_HOST_RETURN) yield { kind: "host", call: hostFrames[--hosts]!.call };
    else if (back === PC_INVOKE_RETURN) yield { kind: "invoke", base };
    else if (back === PC_LEAVE_INSTANCE) {
      instance = instances[--leaving]!;
      yield { kind: "leave", instance, base };
    } else {
      // In the call, not behind it. 0 is of a host function that was called in tail position: its frame is left.
      const frame = wasmFrame(instance, back - 1, back, base);
      if (frame !== undefined) yield frame;
    }
  }
}

function wasmFrame(instance: ModuleInstance, pc: number, returnTo: number, base: number): WasmFrame | undefined {
  const region = pc < PC_FIRST ? undefined : instance.code.regionAt(pc);
  return region === undefined ? undefined : { kind: "wasm", instance, region, pc, returnTo, base };
}
