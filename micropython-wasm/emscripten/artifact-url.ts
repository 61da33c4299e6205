// Loading what comes with this package where there are no files, as in browsers: by addresses beside its code. Bundlers
// that know `new URL("…", import.meta.url)` (Vite, webpack, Parcel, Rollup with a plugin) take the files along under
// names of theirs. It stands in for artifact-node.ts, with the standard build alone.

import type { AheadModule } from "../../runtime/index.js";
import { type ArtifactBuild, DEFAULT_BUILD } from "./artifact-build.js";
import { fingerprint } from "./image.js";

// When the package is built, these get the names that the files have there (tools/bundle.mjs): with a fingerprint.
const ARTIFACT = new URL("./micropython.wasm", import.meta.url);
const IMAGE = new URL("./micropython.image", import.meta.url);
/** The fingerprint in the artifact's name. */
const FINGERPRINT = "FINGERPRINT";

type Fetch = (url: string) => Promise<{
  readonly ok: boolean;
  readonly status: number;
  arrayBuffer(): Promise<ArrayBuffer>;
}>;

async function fetchBytes({ href }: URL): Promise<Uint8Array> {
  const { fetch } = globalThis as unknown as { fetch: Fetch };
  const response = await fetch(href);
  if (!response.ok) throw new Error(`status ${response.status} of ${href}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** The bytes of the standard build, mended. */
export async function loadArtifact(build: ArtifactBuild = DEFAULT_BUILD): Promise<Uint8Array> {
  if (build !== DEFAULT_BUILD) throw new Error(`the build ${build} does not come by address`);
  const bytes = await fetchBytes(ARTIFACT);
  // A server may answer with another page; what is compiled is not validated whole.
  if (fingerprint(bytes) !== FINGERPRINT) throw new Error(`${ARTIFACT.href} is another file`);
  return bytes;
}

/** Its booted image; undefined where it cannot be had: sessions boot. */
export async function loadImage(): Promise<Uint8Array | undefined> {
  try {
    return await fetchBytes(IMAGE);
  } catch {
    return undefined;
  }
}

/** Code compiled ahead of time is the page's to import: `escapement/micropython/ahead`. */
export async function hasAhead(): Promise<boolean> {
  return false;
}

export async function loadAhead(): Promise<AheadModule | undefined> {
  return undefined;
}

export function warnOfAhead(): void {}
