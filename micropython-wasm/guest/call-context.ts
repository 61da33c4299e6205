// Whether code runs inside a host function of a session. During the function's synchronous
// part anybody can tell; after an `await` only hosts that have an AsyncLocalStorage can: Node,
// Deno, Bun, not browsers.
//
// One storage serves the whole process: on Node 20 and 22 each one that was ever used makes every later `await` slower,
// for good. What it holds is the innermost call:
//   session A calls f ─▶ f runs a program in session B ─▶ that calls g
//   in g the storage holds { session: B, outer: { session: A } }, so that g can use neither

import { promiseOf } from "../../runtime/index.js";

/** A call of a host function; what it has left running when it is over is not inside of it. */
interface Call {
  readonly context: CallContext;
  /** The call inside of which this one was made; undefined if there is none, or it was over. */
  readonly outer: Call | undefined;
  over: boolean;
}
interface AsyncStorage {
  run<T>(store: Call, body: () => T): T;
  getStore(): Call | undefined;
}
interface HostGlobals {
  readonly process?: {
    getBuiltinModule?(name: string): { readonly AsyncLocalStorage: new () => AsyncStorage } | undefined;
  };
}

let shared: AsyncStorage | undefined;

/** The one of this process; undefined where the host has none. */
function asyncStorage(): AsyncStorage | undefined {
  const module = (globalThis as unknown as HostGlobals).process?.getBuiltinModule?.("node:async_hooks");
  if (module === undefined) return undefined;
  shared ??= new module.AsyncLocalStorage();
  return shared;
}

/** The innermost call, from `call` on, that is not over: calls that are drop out, so that no chain grows for good. */
function alive(call: Call | undefined): Call | undefined {
  let found = call;
  while (found?.over === true) found = found.outer;
  return found;
}

/** The calls of one session. */
export class CallContext {
  private depth = 0;
  private readonly storage = asyncStorage();

  /** Runs a host function. */
  enter<T>(body: () => T): T {
    const { storage } = this;
    const call: Call = { context: this, outer: alive(storage?.getStore()), over: false };
    const end = (): void => {
      call.over = true;
    };
    let waits = false;
    this.depth++;
    try {
      const result = storage === undefined ? body() : storage.run(call, body);
      const promise = promiseOf(result);
      if (promise === undefined) return result;
      waits = true;
      promise.then(end, end);
      return promise as T;
    } finally {
      this.depth--;
      if (!waits) end();
    }
  }

  get isInside(): boolean {
    if (this.depth > 0) return true;
    for (let call = alive(this.storage?.getStore()); call !== undefined; call = alive(call.outer))
      if (call.context === this) return true;
    return false;
  }

  /** Whether {@link isInside} knows also after an `await`. */
  get followsPromises(): boolean {
    return this.storage !== undefined;
  }
}
