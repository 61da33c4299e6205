// Loading what comes with this package, in Node. Everything else in this folder is plain
// ECMAScript; in a browser the embedder fetches the bytes itself.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fingerprint } from "./preboot.js";

/** Where the artifact is: the pinned dependency of this package. */
export function artifactPath(): string {
  return createRequire(import.meta.url).resolve("@micropython/micropython-webassembly-pyscript/micropython.wasm");
}

/** The artifact's bytes. Not asynchronous: that takes longer than reading it does. */
export function loadArtifact(): Uint8Array {
  const file = readFileSync(artifactPath());
  return new Uint8Array(file.buffer, file.byteOffset, file.length);
}

/** Name of the file with the image of an artifact: an image of another one is never found. */
export function imageName(artifact: Uint8Array): string {
  return `micropython-${fingerprint(artifact)}.image`;
}

/** The image of the artifact that was built with this package; undefined where it runs from source. */
export function loadImage(artifact: Uint8Array): Uint8Array | undefined {
  try {
    const file = readFileSync(new URL(imageName(artifact), import.meta.url));
    return new Uint8Array(file.buffer, file.byteOffset, file.length);
  } catch {
    return undefined;
  }
}
