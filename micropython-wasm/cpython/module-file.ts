// The module of CPython as a file: 104 MB, of which a process that begins with an image reads what it calls. The image has
// the module's outline, and a hash of each chunk, made when all of the file had the hash that is pinned: so what is read
// later is what was there then, whatever has become of the file.

import { CHUNK_BYTES, type ModuleSource } from "../../decoder/index.js";
import type { Module, Sha256 } from "../../runtime/index.js";
import type { SharedContent } from "../../runtime/wasi/index.js";
import { SandboxUsageError } from "../guest/errors.js";

/** What stands for the file's bytes. */
export interface ModuleOutline {
  /** Module.outline() */
  readonly outline: Uint8Array;
  /** SHA-256 of each chunk of {@link CHUNK_BYTES} bytes, one behind the other. */
  readonly chunks: Uint8Array;
}

const HASH_BYTES = 32;
const HOW = "it has changed since it was added: run `npx escapement artifacts add cpython`";

/**
 * All of the file.
 * @throws SandboxUsageError if it has another hash
 */
export function readWhole(file: SharedContent, sha256: Uint8Array, hash: Sha256): Uint8Array {
  const bytes = new Uint8Array(file.size);
  file.read(0, bytes);
  if (!isSame(hash(bytes), sha256, 0))
    throw new SandboxUsageError(`the module of CPython is not the one that is pinned: ${HOW}`);
  return bytes;
}

/** @param bytes of the file */
export function outlineOf(module: Module, bytes: Uint8Array, hash: Sha256): ModuleOutline {
  const chunks = new Uint8Array(Math.ceil(bytes.length / CHUNK_BYTES) * HASH_BYTES);
  for (let i = 0; i * CHUNK_BYTES < bytes.length; i++)
    chunks.set(hash(bytes.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES)), i * HASH_BYTES);
  return { outline: module.outline(), chunks };
}

/** The file, of which each chunk has to have its hash. */
export function sourceOf(file: SharedContent, { chunks }: ModuleOutline, hash: Sha256): ModuleSource {
  return {
    length: file.size,
    read(offset, target) {
      file.read(offset, target);
      if (!isSame(hash(target), chunks, (offset / CHUNK_BYTES) * HASH_BYTES)) {
        target.fill(0);
        throw new SandboxUsageError(`the module of CPython is damaged at byte ${offset}: ${HOW}`);
      }
    },
  };
}

function isSame(hash: Uint8Array, list: Uint8Array, at: number): boolean {
  return hash.every((byte, i) => list[at + i] === byte);
}
