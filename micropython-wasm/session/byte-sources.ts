// What may stand where an option takes bytes: they themselves, or what leads to them.

import { Module } from "../../runtime/index.js";
import { SandboxUsageError } from "../guest/errors.js";
import { isBytes } from "./checks.js";
import { type HostMount, loadMounts, type SandboxMount } from "./mounts.js";

/** What is used of the answer of `fetch`, whichever host's it is. */
export interface ByteResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly url: string;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** What is used of a `URL`. */
export interface ByteUrl {
  readonly href: string;
}

/** Bytes, or where they are. A `Response` is read once, and may be given again. */
export type ByteSource = Uint8Array | ArrayBuffer | ByteResponse | ByteUrl;

/** Options with sources in them. */
interface Sources {
  readonly artifact?: ByteSource | string | Module | undefined;
  readonly image?: ByteSource | string | undefined;
  readonly files?: Readonly<Record<string, ByteSource | string>> | undefined;
  readonly mounts?: Readonly<Record<string, SandboxMount>> | undefined;
}

/** The same options, with what the sources led to. */
export type Loaded<Options extends Sources> = Omit<Options, keyof Sources> & {
  readonly artifact?: Uint8Array | Module | undefined;
  readonly image?: Uint8Array | undefined;
  readonly files?: Readonly<Record<string, Uint8Array | string>> | undefined;
  readonly mounts?: readonly HostMount[] | undefined;
};

export function isByteSource(value: unknown): boolean {
  return isBytes(value) || value instanceof ArrayBuffer || isResponse(value) || isUrl(value);
}

function isResponse(value: unknown): value is ByteResponse {
  return typeof (value as ByteResponse | null)?.arrayBuffer === "function";
}

function isUrl(value: unknown): value is ByteUrl {
  return typeof value === "object" && typeof (value as ByteUrl | null)?.href === "string";
}

/** Reads what the options lead to. @throws SandboxUsageError if something cannot be read */
export async function loadSources<Options extends Sources>(options: Options): Promise<Loaded<Options>> {
  const { artifact, image, files, mounts } = options;
  const loaded: Record<string, unknown> = Object.assign<Record<string, unknown>, Options>({}, options);
  if (artifact !== undefined && !(artifact instanceof Module)) loaded["artifact"] = await bytesOf("artifact", artifact);
  if (image !== undefined) loaded["image"] = await bytesOf("image", image);
  if (files !== undefined) {
    // A name may be that of a member which all objects have.
    const contents: Record<string, Uint8Array | string> = Object.create(null);
    for (const [path, file] of Object.entries(files)) {
      contents[path] = typeof file === "string" ? file : await bytesOf(`files["${path}"]`, file);
    }
    loaded["files"] = contents;
  }
  if (mounts !== undefined) loaded["mounts"] = await loadMounts(mounts);
  return loaded as Loaded<Options>;
}

/** Bytes of sources that were given before: sandboxes with the same array share what they have in common. */
const known = new WeakMap<object, Promise<Uint8Array>>();
/** The same of places: what is read there again is the same array, if it has not changed. */
const places = new Map<string, Uint8Array>();
const MAX_PLACES = 16;

function bytesOf(name: string, source: ByteSource | string): Promise<Uint8Array> | Uint8Array {
  if (source instanceof Uint8Array) return source;
  if (typeof source === "string") return placeBytes(name, source);
  if (isUrl(source) && !isResponse(source)) return placeBytes(name, source.href);
  let bytes = known.get(source);
  if (bytes === undefined) {
    bytes = source instanceof ArrayBuffer ? Promise.resolve(new Uint8Array(source)) : responseBytes(name, source);
    known.set(source, bytes);
  }
  return bytes;
}

async function placeBytes(name: string, place: string): Promise<Uint8Array> {
  const bytes = await readPlace(name, place);
  const before = places.get(place);
  if (before !== undefined && sameBytes(before, bytes)) return before;
  places.delete(place);
  if (places.size >= MAX_PLACES) places.delete(places.keys().next().value!);
  places.set(place, bytes);
  return bytes;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

type Fetch = (url: string) => Promise<ByteResponse>;

/** Paths and `file:` are for Node; in browsers a path is a relative URL. */
async function readPlace(name: string, place: string): Promise<Uint8Array> {
  const { fetch, process } = globalThis as unknown as { fetch?: Fetch; process?: { versions?: { node?: string } } };
  const isFile = process?.versions?.node !== undefined && !/^(?:https?|data|blob):/i.test(place);
  try {
    if (!isFile) return await responseBytes(name, await fetch!(place));
    const { readBytes } = await import("../emscripten/artifact-node.js");
    return await readBytes(/^file:/i.test(place) ? new URL(place) : place);
  } catch (cause) {
    if (cause instanceof SandboxUsageError) throw cause;
    throw new SandboxUsageError(`${name} is not readable: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}

async function responseBytes(name: string, response: ByteResponse): Promise<Uint8Array> {
  if (response.ok === false)
    throw new SandboxUsageError(`${name} is not readable: status ${response.status} of ${response.url}`);
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new SandboxUsageError(`${name} is not readable: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}
