// Loading what comes with this package, in Node. Everything else in this folder is plain
// ECMAScript; in a browser the embedder fetches the bytes itself.

import type { AheadModule } from "../../runtime/index.js";
import { applyChanges } from "../patch/changes.js";
import { type ArtifactBuild, DEFAULT_BUILD } from "./artifact-build.js";
import { fingerprint } from "./image.js";
import { mendArtifact } from "./mend-artifact.js";

// Not by import declarations: node:fs as an ES module loads all of Node's streams, which takes longer than the rest of
// a session's start. What older versions of Node lack is found the slower way.
const fileSystem = async () => process.getBuiltinModule?.("node:fs") ?? import("node:fs");

/** The pinned dependency of this package. */
const PACKAGE = "@micropython/micropython-webassembly-pyscript";

/** Where a build of the artifact is, a path or a URL. */
async function artifactPlace(build: ArtifactBuild): Promise<URL | string> {
  const name = `${PACKAGE}/micropython${build === DEFAULT_BUILD ? "" : `-${build}`}.wasm`;
  if (typeof import.meta.resolve === "function") return new URL(import.meta.resolve(name));
  const { createRequire } = await import("node:module");
  return createRequire(import.meta.url).resolve(name);
}

/** A file's bytes. Not read asynchronously: that takes longer than reading them does. */
export async function readBytes(place: URL | string): Promise<Uint8Array> {
  const { readFileSync } = await fileSystem();
  const file = readFileSync(place);
  return new Uint8Array(file.buffer, file.byteOffset, file.length);
}

/** The bytes of a build of the artifact as its package has them. */
export async function loadPublished(build: ArtifactBuild = DEFAULT_BUILD): Promise<Uint8Array> {
  return readBytes(await artifactPlace(build));
}

/** The bytes of a build of the artifact, mended (mend-artifact.ts). */
export async function loadArtifact(build: ArtifactBuild = DEFAULT_BUILD): Promise<Uint8Array> {
  const published = await loadPublished(build);
  const changes = await bundled(changesName(published));
  return (changes && applyChanges(published, changes)) ?? mendArtifact(published);
}

/** Name of the file with what mending changes in an artifact as published. */
export function changesName(published: Uint8Array): string {
  return `micropython-${fingerprint(published)}.changes`;
}

/** Name of the file with the image of an artifact: an image of another one is never found. */
export function imageName(artifact: Uint8Array): string {
  return `micropython-${fingerprint(artifact)}.image`;
}

/** Name of the module with an artifact's code, compiled ahead of time. */
export function aheadName(artifact: Uint8Array): string {
  return `micropython-${fingerprint(artifact)}.ahead.js`;
}

/** Whether the artifact was compiled ahead of time when this package was built. */
export async function hasAhead(artifact: Uint8Array): Promise<boolean> {
  const { existsSync } = await fileSystem();
  return existsSync(new URL(aheadName(artifact), import.meta.url));
}

/** Set where this is in the command's script (tools/bundle-script.mjs), which keeps what V8 has made of such code. */
declare const ESCAPEMENT_IN_SCRIPT: true | undefined;

/**
 * The artifact's code, compiled ahead of time when this package was built; undefined if it was not.
 * @param beside nobody waits for it, and everybody else is to have their turns: another thread reads it, if that can be
 * @throws what reading or running the file throws, if it is there
 */
export async function loadAhead(artifact: Uint8Array, beside = false): Promise<AheadModule | undefined> {
  const place = new URL(aheadName(artifact), import.meta.url);
  // Whether a package that was loaded from elsewhere has it, only asking for it tells.
  if (place.protocol === "file:" && !(await hasAhead(artifact))) return undefined;
  if (beside && typeof ESCAPEMENT_IN_SCRIPT === "undefined") {
    const { loadOffThread } = await import("./ahead-off-thread.js");
    const code = await loadOffThread(place);
    if (code !== undefined) return code;
  }
  return (await import(place.href)) as AheadModule;
}

/** Tells whoever runs the process of code that could not be loaded, while programs go on without it. */
export function warnOfAhead(error: unknown): void {
  const cause = error instanceof Error ? error.message : String(error);
  process.emitWarning(
    `MicroPython's code that was compiled ahead of time could not be loaded, and the interpreter goes on: ${cause}`,
    { code: "ESCAPEMENT_AHEAD" },
  );
}

/** The image of the artifact that was built with this package. Undefined where it cannot be read, as from source: sessions boot. */
export function loadImage(artifact: Uint8Array): Promise<Uint8Array | undefined> {
  return bundled(imageName(artifact));
}

/** A file that was built with this package; undefined where it is not, as from source. */
async function bundled(name: string): Promise<Uint8Array | undefined> {
  try {
    return await readBytes(new URL(name, import.meta.url));
  } catch {
    return undefined;
  }
}
