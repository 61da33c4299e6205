// Loading the artifact from the npm package, in Node. Everything else in this folder is
// plain ECMAScript; in a browser the embedder fetches the bytes itself.

/** The artifact's bytes: those of the pinned dependency of this package. */
export async function loadArtifact(): Promise<Uint8Array> {
  const { createRequire } = await nodeModule<typeof import("node:module")>("module");
  const { readFile } = await nodeModule<typeof import("node:fs/promises")>("fs/promises");
  const { resolve } = createRequire(import.meta.url);
  return new Uint8Array(await readFile(resolve("@micropython/micropython-webassembly-pyscript/micropython.wasm")));
}

/** A module of Node's, so that those who bundle this package for browsers need not know where to find it. */
async function nodeModule<T>(name: string): Promise<T> {
  return import(/* @vite-ignore */ `node:${name}`);
}
