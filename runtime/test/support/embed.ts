// An engine with its store and linker, for tests.
import {
  type CallOptions,
  Engine,
  type EngineOptions,
  type Instance,
  Linker,
  type Module,
  Store,
  type StoreLimits,
} from "../../index.js";
import { wat } from "./wat.js";

export class Embedding {
  readonly engine: Engine;
  readonly store: Store;
  readonly linker: Linker;

  constructor(limits: Partial<StoreLimits> = {}, options: EngineOptions = {}) {
    this.engine = new Engine(options);
    this.store = new Store(this.engine, { limits });
    this.linker = new Linker(this.engine);
  }

  async compile(text: string): Promise<Module> {
    return this.engine.compile(await wat(text));
  }

  async instantiate(text: string, options: CallOptions = {}): Promise<Instance> {
    return this.linker.instantiate(this.store, await this.compile(text), options);
  }

  /** Instantiates, and defines the exports under `name`. */
  async define(name: string, text: string): Promise<Instance> {
    const instance = await this.instantiate(text);
    this.linker.defineInstance(name, instance);
    return instance;
  }
}

/** What `run` throws, or rejects with. */
export async function errorOf(run: () => unknown): Promise<Error> {
  try {
    await run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}
