// Whether code runs inside a host function of a session. During the function's synchronous
// part anybody can tell; after an `await` only hosts that have an AsyncLocalStorage can: Node,
// Deno, Bun, not browsers.

/** A call of a host function; what it has left running when it is over is not inside of it. */
interface Call {
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

export class CallContext {
  private depth = 0;
  private readonly storage: AsyncStorage | undefined;

  constructor() {
    const module = (globalThis as unknown as HostGlobals).process?.getBuiltinModule?.("node:async_hooks");
    this.storage = module && new module.AsyncLocalStorage();
  }

  /** Runs a host function. */
  enter<T>(body: () => T): T {
    const call: Call = { over: false };
    const end = (): void => {
      call.over = true;
    };
    let waits = false;
    this.depth++;
    try {
      const result = this.storage === undefined ? body() : this.storage.run(call, body);
      waits = result instanceof Promise;
      if (result instanceof Promise) result.then(end, end);
      return result;
    } finally {
      this.depth--;
      if (!waits) end();
    }
  }

  get isInside(): boolean {
    return this.depth > 0 || this.storage?.getStore()?.over === false;
  }

  /** Whether {@link isInside} knows also after an `await`. */
  get followsPromises(): boolean {
    return this.storage !== undefined;
  }
}
