// Loading the artifact from the npm package, in Node. Everything else in this folder is
// plain ECMAScript; in a browser the embedder fetches the bytes itself.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

/** Where the artifact is: the pinned dependency of this package. */
export function artifactPath(): string {
  return createRequire(import.meta.url).resolve("@micropython/micropython-webassembly-pyscript/micropython.wasm");
}

/** The artifact's bytes. */
export async function loadArtifact(): Promise<Uint8Array> {
  return new Uint8Array(await readFile(artifactPath()));
}
