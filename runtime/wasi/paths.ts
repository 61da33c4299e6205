// Walking a path. It is relative to an open directory, and nothing that it says leads above that: every
// directory on the way is opened by its name in the one before, symbolic links are read and walked here,
// and `..` goes back to the directory that the walk came from. So where a path leads does not depend on
// what anybody renames meanwhile.

import { Errno, Filetype } from "./abi.js";
import { WasiError } from "./errors.js";
import type { FileHandle, FileStatus, FileSystem, OpenMode } from "./file-system.js";

/** In bytes (PATH_MAX); of a symbolic link's target as well. */
export const MAX_PATH_LENGTH = 4096;
/** Symbolic links on one way (MAXSYMLINKS). */
const MAX_LINKS = 40;

/** Opens a directory that is there. */
export const OPEN_DIRECTORY: OpenMode = {
  write: false,
  create: false,
  exclusive: false,
  truncate: false,
  directory: true,
};

/** Where a path leads: an entry of a directory, which may be missing. */
export interface Place {
  readonly directory: FileHandle;
  /** `.` if the path names the directory itself. */
  readonly name: string;
  /** The entry; undefined if it is missing. */
  readonly status: FileStatus | undefined;
  /** The path ends in a slash: what it names is a directory. */
  readonly mustBeDirectory: boolean;
}

export interface WalkOptions {
  /** Whether a symbolic link at the end is followed. */
  readonly follow: boolean;
  /** Whether one is followed if the path ends in a slash; default true, as of what is looked at or opened. */
  readonly followSlash?: boolean;
  /** Pays for each name that is looked up, in the directory `here`. */
  readonly step?: ((here: FileHandle) => void) | undefined;
  /** Pays for the target of a link, in bytes. */
  readonly charge?: (bytes: number) => void;
  /** For those who may go everywhere: where `/` begins, and how to open what `..` of a directory is. */
  readonly root?: { readonly directory: FileHandle; readonly openParent: (directory: FileHandle) => FileHandle };
}

/**
 * Walks `path` from `base`, and gives `use` where it leads. The directories on the way are closed afterwards.
 * @throws WasiError: perm if it leads outside; noent, notdir, loop, nametoolong
 */
export function atPath<T>(
  files: FileSystem,
  base: FileHandle,
  path: string,
  options: WalkOptions,
  use: (place: Place) => T,
): T {
  const walk = new Walk(files, base, options);
  try {
    return use(walk.to(path));
  } finally {
    walk.close();
  }
}

/** Whether no name is left: what is left are slashes, one of each path that ended in one. */
const isEnd = (parts: readonly string[]): boolean => parts.every((part) => part === "");

/** The components of a path; slashes and dots at its end, which make what it names a directory, as one "". */
function componentsOf(path: string): string[] {
  const parts = path.split("/");
  let slash = false;
  for (; parts.length > 0 && (parts.at(-1) === "" || parts.at(-1) === "."); parts.pop()) slash = true;
  if (slash) parts.push("");
  return parts;
}

class Walk {
  /** Where the walk began, which is not ours to close, and the directories opened on the way here. */
  private readonly way: FileHandle[];
  private linksLeft = MAX_LINKS;

  constructor(
    private readonly files: FileSystem,
    base: FileHandle,
    private readonly options: WalkOptions,
  ) {
    this.way = [base];
  }

  private get here(): FileHandle {
    return this.way.at(-1)!;
  }

  close(): void {
    while (this.way.length > 1) this.files.close(this.way.pop()!);
  }

  to(path: string): Place {
    const { follow, followSlash = true } = this.options;
    // What is left of the path, the next component last.
    const parts: string[] = [];
    this.push(parts, path);
    for (let name = parts.pop(); name !== undefined; name = parts.pop()) {
      if (name === "" || name === ".") continue;
      if (name === "..") {
        this.leave();
        continue;
      }
      this.options.step?.(this.here);
      const status = this.files.lookup(this.here, name);
      const last = isEnd(parts);
      const slash = last && parts.length > 0;
      if (status?.filetype === Filetype.symbolic_link && (!last || follow || (slash && followSlash))) {
        this.pushLink(parts, name);
        continue;
      }
      if (last) {
        if (slash && status !== undefined && status.filetype !== Filetype.directory)
          throw new WasiError(Errno.notdir, "not a directory");
        return { directory: this.here, name, status, mustBeDirectory: slash };
      }
      this.enter(name, status);
    }
    return { directory: this.here, name: ".", status: this.files.status(this.here), mustBeDirectory: true };
  }

  private push(parts: string[], path: string): void {
    if (path.startsWith("/")) {
      const { root } = this.options;
      if (root === undefined) throw new WasiError(Errno.perm, "path leads outside of its directory");
      this.close();
      this.way[0] = root.directory;
    }
    for (const part of componentsOf(path).reverse()) parts.push(part);
  }

  private pushLink(parts: string[], name: string): void {
    if (this.linksLeft-- === 0) throw new WasiError(Errno.loop, "too many symbolic links");
    const target = this.files.readLink(this.here, name);
    this.options.charge?.(target.length);
    if (target === "") throw new WasiError(Errno.noent, "a symbolic link to nothing");
    this.push(parts, target);
  }

  private enter(name: string, status: FileStatus | undefined): void {
    if (status === undefined) throw new WasiError(Errno.noent, "no such directory");
    if (status.filetype !== Filetype.directory) throw new WasiError(Errno.notdir, "not a directory");
    if (this.way.length > (this.files.maxDepth ?? Number.POSITIVE_INFINITY))
      throw new WasiError(Errno.nametoolong, "path leads too deep");
    this.way.push(this.files.open(this.here, name, OPEN_DIRECTORY));
  }

  private leave(): void {
    const { root } = this.options;
    if (root !== undefined) {
      const up = root.openParent(this.here);
      this.close();
      this.way.push(up);
    } else if (this.way.length > 1) this.files.close(this.way.pop()!);
    else throw new WasiError(Errno.perm, "path leads outside of its directory");
  }
}
