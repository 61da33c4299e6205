// The SHA-256 of modules, by which snapshots name them.
import type { DecodedModule } from "../decoder/index.js";
import { UsageError } from "./errors.js";
import { hex, SHA256_BYTES, type Sha256, sha256 } from "./sha256.js";

/** FIPS 180-4 of no bytes. */
const OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** A hash, or what computes it when it is asked for. */
const hashes = new WeakMap<DecodedModule, Uint8Array | Sha256>();

/**
 * Says what the hash of a module's bytes is, or what computes it.
 * @throws UsageError if it is no hash of 32 bytes
 */
export function giveHash(module: DecodedModule, hash: Uint8Array | Sha256): void {
  hashes.set(module, typeof hash === "function" ? hash : checkedHash(hash).slice());
}

/** The hash of a module, computed once; or the hash itself. */
export function hashOf(module: DecodedModule | Uint8Array): Uint8Array {
  if (module instanceof Uint8Array) return module;
  const known = hashes.get(module) ?? sha256;
  if (typeof known !== "function") return known;
  // Snapshots would be refused, here or elsewhere, for the hashes of another function.
  if (hex(checkedHash(known(new Uint8Array(0)))) !== OF_NOTHING)
    throw new UsageError("the engine's sha256 is another function");
  const hash = checkedHash(known(module.bytes));
  hashes.set(module, hash);
  return hash;
}

function checkedHash(hash: unknown): Uint8Array {
  if (hash instanceof Uint8Array && hash.length === SHA256_BYTES) return hash;
  throw new UsageError(`a SHA-256 hash is a Uint8Array of ${SHA256_BYTES} bytes`);
}
