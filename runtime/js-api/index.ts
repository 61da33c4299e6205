// The face: the WebAssembly JavaScript Interface on this runtime.
import { Agent } from "./agent.js";
import { makeNamespace } from "./namespace.js";
import type { WebAssemblyOptions } from "./options.js";
import type { WebAssemblyNamespace } from "./types.js";

export type { HostFacilities, SharedBuffers, SharedBytes, WebAssemblyOptions } from "./options.js";
export type { WebAssemblyNamespace } from "./types.js";

/** A WebAssembly object, and what it has beyond the standard. */
export interface WebAssemblyHost {
  /** The namespace object, to be used as `globalThis.WebAssembly`. */
  readonly WebAssembly: WebAssemblyNamespace;
  /** Fuel used by all calls that are over. */
  readonly fuelUsed: number;
  /** Fuel that is left for further calls; infinite where none was given. */
  readonly fuelLeft: number;
  /** Gives more. */
  addFuel(fuel: number): void;
}

/**
 * A WebAssembly object of its own: a store, limits and fuel that it shares with no other.
 * @throws UsageError for options that cannot be
 */
export function createWebAssembly(options: WebAssemblyOptions = {}): WebAssemblyHost {
  const agent = new Agent(options);
  return {
    WebAssembly: makeNamespace(agent) as WebAssemblyNamespace,
    get fuelUsed() {
      return agent.fuelUsed;
    },
    get fuelLeft() {
      return agent.fuelLeft;
    },
    addFuel(fuel: number): void {
      agent.addFuel(fuel);
    },
  };
}
