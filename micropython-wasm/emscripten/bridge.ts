// The artifact's JavaScript bridge (modules `js` and `jsffi`), without any JavaScript behind it.
//
// The artifact's own glue keeps a table of JavaScript objects, starting with globalThis, and
// hands the guest references into it. Here there is no such table: no host object is ever
// reachable, because none is ever held. What the embedder registers becomes a Python object
// in the guest (host-calls.ts), and `js.name` answers with that very object.
// So a correct guest never holds a JsProxy, and every import that works on one is a fault.
//
// Value triples: three words, [kind, payload, payload]. Words 1 and 2 mean the same in both
// directions for all kinds that occur here; only the numbers of the kinds differ.

import type { GuestImport, GuestMemory, NumericType } from "../guest/engine-port.js";
import { GuestFault } from "../guest/errors.js";
import { guestText, guestWord, setGuestWord } from "../guest/memory-access.js";
import { NATIVE_AREA } from "../guest/native-calls.js";
import type { HostCalls } from "../host-calls/host-calls.js";

/** Kinds of a value that comes from Python. */
export const MP_EXCEPTION = -1;
export const MP_NULL = 0;
export const MP_NONE = 1;
export const MP_BOOL = 2;
export const MP_INT = 3;
export const MP_FLOAT = 4;
export const MP_STR = 5;
export const MP_CALLABLE = 6;
export const MP_GENERATOR = 7;
export const MP_OBJECT = 8;
export const MP_JSPROXY = 9;
export const MP_EXISTING = 10;

/** Kinds of a value that goes to Python. */
export const JS_UNDEFINED = 0;
export const JS_NULL = 1;
export const JS_BOOLEAN = 2;
export const JS_INTEGER = 3;
export const JS_DOUBLE = 4;
export const JS_STRING = 5;
export const JS_PYPROXY = 8;

/** Bytes of a value triple. */
export const TRIPLE_SIZE = 12;
/** The reference that stands for globalThis in the artifact, and that for undefined. */
const REF_GLOBAL_THIS = 0;
const REF_UNDEFINED = 1;

export interface BridgeState {
  readonly exposed: readonly (readonly [string, number])[];
  readonly live: readonly number[];
  readonly pinned: readonly number[];
}

/**
 * What the host knows about Python objects that it has seen: their numbers in the guest's
 * table `proxy_c_ref`, which keeps them alive until `proxy_c_free_obj`.
 */
export class Bridge {
  /** Names that `js` shows, each with the number of a Python object. */
  readonly exposed = new Map<string, number>();
  /** Numbers handed out by the guest and not yet freed. */
  readonly live = new Set<number>();
  /** Numbers that the host keeps between runs, besides those exposed. */
  readonly pinned = new Set<number>();

  /** Numbers that nothing needs after a run; the caller frees them in the guest. */
  takeDisposable(): number[] {
    const kept = new Set([...this.exposed.values(), ...this.pinned]);
    const disposable = [...this.live].filter((ref) => !kept.has(ref));
    for (const ref of disposable) this.live.delete(ref);
    return disposable;
  }

  /** Turns a triple from Python, in place, into the same value for Python. */
  private turnBack(memory: GuestMemory, address: number): void {
    const payload = guestWord(memory, address + 4);
    switch (guestWord(memory, address) | 0) {
      case MP_NONE:
      case MP_BOOL:
      case MP_INT:
      case MP_FLOAT:
        return; // the kinds have the same numbers in both directions
      case MP_CALLABLE:
      case MP_GENERATOR:
      case MP_OBJECT:
        this.live.add(payload);
        setGuestWord(memory, address, JS_PYPROXY);
        return;
      case MP_EXISTING:
        this.requireLive(payload);
        setGuestWord(memory, address, JS_PYPROXY);
        return;
      case MP_JSPROXY:
        if (payload !== REF_UNDEFINED) throw noSuchObject();
        setGuestWord(memory, address, JS_UNDEFINED);
        return;
      case MP_STR:
        // A string would have to be copied with the guest's malloc, and host functions do
        // not call back. `undefined` is the bridge's word for "no such value".
        setGuestWord(memory, address, JS_UNDEFINED);
        return;
      default:
        throw new GuestFault("a host function was passed a value of unknown kind");
    }
  }

  private requireLive(ref: number): void {
    if (!this.live.has(ref)) throw new GuestFault("a host function was passed an unknown Python object");
  }

  /** The bridge's imports; one of them has the artifact's own function call the host's (patch/calls.wat). */
  imports(hostCalls: HostCalls): Record<string, GuestImport> {
    const make = (params: number, results: readonly NumericType[], call: GuestImport["call"]): GuestImport => ({
      params: Array<NumericType>(params).fill("i32"),
      results,
      call,
    });
    const one: readonly NumericType[] = ["i32"];
    const unreachable = (params: number, results: readonly NumericType[] = []): GuestImport =>
      make(params, results, () => {
        throw noSuchObject();
      });
    const turnBack = make(1, [], (context, address) => {
      this.turnBack(context.memory, address as number);
      return undefined;
    });
    return {
      lookup_attr: make(3, one, (context, ref, name, out) => {
        const target = this.lookup(context.memory, ref as number, name as number);
        if (target === undefined) return 0;
        setGuestWord(context.memory, out as number, JS_PYPROXY);
        setGuestWord(context.memory, (out as number) + 4, target);
        return 1;
      }),
      has_attr: make(2, one, (context, ref, name) => {
        if (ref === NATIVE_AREA) return hostCalls.callNative(context, name as number);
        return this.lookup(context.memory, ref as number, name as number) === undefined ? 0 : 1;
      }),
      // `js.name = value`: what the embedder registered is not for the guest to change.
      store_attr: make(3, [], () => undefined),
      proxy_convert_mp_to_js_then_js_to_mp_obj_jsside: turnBack,
      proxy_convert_mp_to_js_then_js_to_js_then_js_to_mp_obj_jsside: turnBack,
      js_get_proxy_js_ref_info: make(1, [], (context, out) => {
        setGuestWord(context.memory, out as number, 0);
        setGuestWord(context.memory, (out as number) + 4, 0);
        return undefined;
      }),
      js_check_existing: make(1, one, (_context, ref) => (this.live.has(ref as number) ? (ref as number) : -1)),
      proxy_js_free_obj: make(1, [], () => undefined),
      call0: unreachable(2),
      call1: unreachable(4, one),
      call2: unreachable(5, one),
      calln: unreachable(5, one),
      call0_kwarg: unreachable(6),
      calln_kwarg: unreachable(8),
      js_reflect_construct: unreachable(4),
      js_subscr_load: unreachable(3),
      js_subscr_store: unreachable(3),
      js_get_iter: unreachable(2),
      js_iter_next: unreachable(2, one),
      js_get_error_info: unreachable(3),
      js_then_resolve: unreachable(2),
      js_then_reject: unreachable(2),
      js_then_continue: unreachable(5),
      create_promise: unreachable(2),
    };
  }

  private lookup(memory: GuestMemory, ref: number, name: number): number | undefined {
    if (ref !== REF_GLOBAL_THIS) throw noSuchObject();
    return this.exposed.get(guestText(memory, name));
  }

  saveState(): BridgeState {
    return { exposed: [...this.exposed], live: [...this.live], pinned: [...this.pinned] };
  }

  restoreState(state: BridgeState): void {
    this.exposed.clear();
    for (const [name, ref] of state.exposed) this.exposed.set(name, ref);
    this.live.clear();
    for (const ref of state.live) this.live.add(ref);
    this.pinned.clear();
    for (const ref of state.pinned) this.pinned.add(ref);
  }
}

function noSuchObject(): GuestFault {
  return new GuestFault("the guest used a JavaScript object, but none exists");
}
