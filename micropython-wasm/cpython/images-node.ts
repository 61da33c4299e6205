// Images of booted interpreters in the user's cache, beside CPython. Node only.
//
// A file is found by a hash of what it was made of and by, written under another name and then given its own, so that
// nobody finds half of one; what is damaged or another's is removed, and made anew. Those used last are kept.

import { createHash, randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Module } from "../../runtime/index.js";
import { cpythonFolder, MODULE_FILE, PINNED } from "./cache-node.js";
import { type Booted, type CPythonImage, encodeImage, type ImageStore, openImage } from "./image.js";
import type { ModuleOutline } from "./module-file.js";

/** Set by the bundler: a hash of all code that an image depends on. From source there is none, and no images. */
declare const ESCAPEMENT_BUILD: string | undefined;

const SUFFIX = ".image";
/** Images are some 10 to 40 MB. */
const MAX_IMAGES = 8;

/** An image in the cache. */
export interface InstalledImage {
  readonly path: string;
  readonly bytes: number;
  /** Modules that it has imported. */
  readonly preload: readonly string[];
  readonly schedule: string;
}

export function imagesFolder(): string {
  return join(cpythonFolder(), "images");
}

export const sha256 = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();

/**
 * The images of a fuel schedule.
 * @param build identity of the code; undefined: there are no images
 */
export function imageStore(
  schedule: string,
  build = typeof ESCAPEMENT_BUILD === "undefined" ? undefined : ESCAPEMENT_BUILD,
): Images | undefined {
  return build === undefined ? undefined : new Images(schedule, build);
}

class Images implements ImageStore {
  constructor(
    private readonly schedule: string,
    private readonly build: string,
  ) {}

  private identity(bootKey: string): string {
    const { schedule, build } = this;
    return JSON.stringify({ build, schedule, bootKey, module: PINNED[MODULE_FILE]!.sha256 });
  }

  private path(identity: string): string {
    const name = createHash("sha256").update(identity).digest("hex").slice(0, 32);
    return join(imagesFolder(), `${name}${SUFFIX}`);
  }

  has(bootKey: string): boolean {
    return existsSync(this.path(this.identity(bootKey)));
  }

  read(bootKey: string): CPythonImage | undefined {
    const identity = this.identity(bootKey);
    const path = this.path(identity);
    let file: Buffer;
    try {
      file = readFileSync(path);
    } catch (error) {
      requireSystemError(error);
      return undefined;
    }
    const image = openImage(new Uint8Array(file.buffer, file.byteOffset, file.length), sha256);
    if (image?.identity !== identity) {
      removeQuietly(path);
      return undefined;
    }
    try {
      // When it was used last.
      const now = new Date();
      utimesSync(path, now, now);
    } catch (error) {
      // Somebody else's cache, which can be read.
      requireSystemError(error);
    }
    return image;
  }

  write(bootKey: string, booted: Booted, module: Module, outlined: ModuleOutline): void {
    const identity = this.identity(bootKey);
    const temporary = join(imagesFolder(), `unfinished-${process.pid}-${randomBytes(6).toString("hex")}`);
    const image = encodeImage(identity, booted, module, outlined, sha256);
    try {
      mkdirSync(imagesFolder(), { recursive: true });
      writeFileSync(temporary, image);
      renameSync(temporary, this.path(identity));
      removeOldest();
    } catch (error) {
      // A full disk, a cache that cannot be written: the next process boots, as this one did.
      removeQuietly(temporary);
      requireSystemError(error);
    }
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    // A cache that is somebody else's, or no folder.
    requireSystemError(error);
  }
}

/** Lets the file system's errors pass, which have a code, and no others: those are faults of ours. */
function requireSystemError(error: unknown): void {
  if (typeof (error as NodeJS.ErrnoException).code !== "string") throw error;
}

/** Those used longest ago, and what a process that was killed has left. */
function removeOldest(): void {
  const folder = imagesFolder();
  const files = readdirSync(folder).map((name) => ({ name, used: statSync(join(folder, name)).mtimeMs }));
  const old = files
    .filter(({ name }) => name.endsWith(SUFFIX))
    .sort((a, b) => b.used - a.used)
    .slice(MAX_IMAGES);
  const left = files.filter(({ name, used }) => name.startsWith("unfinished-") && Date.now() - used > 3_600_000);
  for (const { name } of [...old, ...left]) rmSync(join(folder, name), { force: true });
}

/** What is in the cache, the one used last first. */
export function listImages(): InstalledImage[] {
  const folder = imagesFolder();
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    requireSystemError(error);
    return [];
  }
  return names
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => join(folder, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
    .map((path) => ({ path, bytes: statSync(path).size, ...madeOf(path) }));
}

function madeOf(path: string): { preload: readonly string[]; schedule: string } {
  try {
    const file = readFileSync(path);
    const identity = openImage(new Uint8Array(file.buffer, file.byteOffset, file.length), sha256)!.identity;
    const { bootKey, schedule } = JSON.parse(identity) as { bootKey: string; schedule: string };
    return { preload: (JSON.parse(bootKey) as [string[]])[0], schedule };
  } catch {
    return { preload: [], schedule: "damaged" };
  }
}

/** Removes all of them. @returns how many there were */
export function removeImages(): number {
  const images = listImages();
  rmSync(imagesFolder(), { recursive: true, force: true });
  return images.length;
}
