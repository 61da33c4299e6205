// Loading what comes with this package, in Node. Everything else in this folder is plain
// ECMAScript; in a browser the embedder fetches the bytes itself.

import { fingerprint } from "./preboot.js";

// Not by import declarations: node:fs as an ES module loads all of Node's streams, which takes longer than the rest of
// a session's start. What older versions of Node lack is found the slower way.
const fileSystem = async () => process.getBuiltinModule?.("node:fs") ?? import("node:fs");

const ARTIFACT = "@micropython/micropython-webassembly-pyscript/micropython.wasm";

/** Where the artifact is, a path or a URL: the pinned dependency of this package. */
async function artifactPlace(): Promise<URL | string> {
  if (typeof import.meta.resolve === "function") return new URL(import.meta.resolve(ARTIFACT));
  const { createRequire } = await import("node:module");
  return createRequire(import.meta.url).resolve(ARTIFACT);
}

/** A file's bytes. Not read asynchronously: that takes longer than reading them does. */
async function read(place: URL | string): Promise<Uint8Array> {
  const { readFileSync } = await fileSystem();
  const file = readFileSync(place);
  return new Uint8Array(file.buffer, file.byteOffset, file.length);
}

/** The artifact's bytes. */
export async function loadArtifact(): Promise<Uint8Array> {
  return read(await artifactPlace());
}

/** Name of the file with the image of an artifact: an image of another one is never found. */
export function imageName(artifact: Uint8Array): string {
  return `micropython-${fingerprint(artifact)}.image`;
}

/** The image of the artifact that was built with this package. Undefined where it cannot be read, as from source: sessions boot. */
export async function loadImage(artifact: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    return await read(new URL(imageName(artifact), import.meta.url));
  } catch {
    return undefined;
  }
}
