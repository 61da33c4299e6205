import type { DecodedModule } from "../../decoder/index.js";
import { sha256 } from "./sha256.js";

/** The hash of a module, or the hash itself. */
export function hashOf(module: DecodedModule | Uint8Array): Uint8Array {
  return module instanceof Uint8Array ? module : moduleHash(module);
}

const hashes = new WeakMap<DecodedModule, Uint8Array>();

/** SHA-256 of a module's bytes: computed once. */
function moduleHash(module: DecodedModule): Uint8Array {
  let hash = hashes.get(module);
  if (hash === undefined) {
    hash = sha256(module.bytes);
    hashes.set(module, hash);
  }
  return hash;
}
