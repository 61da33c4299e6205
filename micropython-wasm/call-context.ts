// Whether code runs inside a host function of a session. During the function's synchronous
// part anybody can tell; after an `await` only hosts that have an AsyncLocalStorage can.

interface AsyncStorage {
  run<T>(store: true, body: () => T): T;
  getStore(): true | undefined;
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
    this.depth++;
    try {
      return this.storage === undefined ? body() : this.storage.run(true, body);
    } finally {
      this.depth--;
    }
  }

  get isInside(): boolean {
    return this.depth > 0 || this.storage?.getStore() === true;
  }
}
