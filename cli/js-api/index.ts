// `escapement/webassembly`: the WebAssembly JavaScript Interface with what this host has for it.
// It is here and not in runtime/js-api/, which touches nothing of its host.
import {
  createWebAssembly as create,
  type WebAssemblyHost,
  type WebAssemblyNamespace,
  type WebAssemblyOptions,
} from "../../runtime/js-api/index.js";
import { hostFacilities } from "./host.js";

export type {
  HostFacilities,
  WebAssemblyHost,
  WebAssemblyNamespace,
  WebAssemblyOptions,
} from "../../runtime/js-api/index.js";

/**
 * A WebAssembly object of its own, with the fuel and the limits of the options.
 * @throws UsageError for options that cannot be
 */
export function createWebAssembly(options: WebAssemblyOptions = {}): WebAssemblyHost {
  return create({ ...options, host: { ...hostFacilities(), ...options.host } });
}

/** Stands in for the host's: `globalThis.WebAssembly = WebAssembly`. Nothing limits it but the specification. */
export const WebAssembly: WebAssemblyNamespace = createWebAssembly().WebAssembly;
