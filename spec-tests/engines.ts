// The engines that the command knows by name.

import { createWebAssembly } from "../runtime/js-api/index.js";
import type { EngineAdapter } from "./adapter.js";
import { createEscapementAdapter } from "./adapters/escapement.js";
import { createHostAdapter } from "./adapters/host.js";
import type { HostWebAssembly } from "./adapters/host-webassembly.js";

/** Which engine a run is for. */
export interface EngineOptions {
  /**
   * `escapement`, by default; `js-api`, the same through its WebAssembly object; or `host`: the WebAssembly of the
   * JavaScript engine that runs this.
   */
  readonly engine?: string;
  /** A tier of the engine, if it has several. */
  readonly tier?: string;
}

/** There is no such engine or tier, or this host does not have it. */
export class UnknownEngineError extends Error {
  override readonly name = "UnknownEngineError";
}

interface NamedEngine {
  readonly tiers: readonly string[];
  create(tier: string | undefined): EngineAdapter;
}

const ENGINES: Readonly<Record<string, NamedEngine>> = {
  escapement: {
    tiers: ["interpreter", "compiler", "ahead-of-time"],
    create: (tier) => createEscapementAdapter(tier) as EngineAdapter,
  },
  "js-api": {
    tiers: [],
    create: () => {
      const api = createWebAssembly().WebAssembly as unknown as HostWebAssembly;
      return { ...createHostAdapter(api), name: "js-api" } as EngineAdapter;
    },
  },
  host: { tiers: [], create: () => createHostAdapter() as EngineAdapter },
};

/** @throws UnknownEngineError */
export function createAdapter(options: EngineOptions): EngineAdapter {
  const name = options.engine ?? "escapement";
  const engine = Object.hasOwn(ENGINES, name) ? ENGINES[name] : undefined;
  if (engine === undefined) {
    throw new UnknownEngineError(`unknown engine ${name}; there are ${Object.keys(ENGINES).join(", ")}`);
  }
  const { tier } = options;
  if (tier !== undefined && !engine.tiers.includes(tier)) {
    const tiers = engine.tiers.length === 0 ? "it has no tiers" : `there are ${engine.tiers.join(", ")}`;
    throw new UnknownEngineError(`unknown tier ${tier} of engine ${name}; ${tiers}`);
  }
  try {
    return engine.create(tier);
  } catch (error) {
    throw new UnknownEngineError(error instanceof Error ? error.message : String(error));
  }
}
