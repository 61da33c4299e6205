// The words of POSIX's calls on files, with Linux's values: flags, what stat(2) and readdir(3) tell, error numbers; and
// how WASI says the same (runtime/wasi/).

import { Errno, Filetype, WasiError } from "../../runtime/wasi/index.js";
import * as linux from "../guest/errno.js";
import { FileSystemError } from "../guest/errno.js";

/** Flags of open(2), with Linux's values. */
export const O_ACCMODE = 0o3;
export const O_RDONLY = 0o0;
export const O_WRONLY = 0o1;
export const O_RDWR = 0o2;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_TRUNC = 0o1000;
export const O_APPEND = 0o2000;
export const O_DIRECTORY = 0o200000;

export const SEEK_SET = 0;
export const SEEK_CUR = 1;
export const SEEK_END = 2;

export type Kind = "directory" | "file" | "link" | "device";

/** What stat(2) tells. */
export interface FileStatus {
  readonly kind: Kind;
  readonly inode: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly readOnly: boolean;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly kind: Kind;
  readonly inode: number;
}

export const KIND: ReadonlyMap<number, Kind> = new Map([
  [Filetype.directory, "directory"],
  [Filetype.regular_file, "file"],
  [Filetype.symbolic_link, "link"],
  [Filetype.character_device, "device"],
]);

/** WASI's numbers as Linux's, which Python knows (guest/errno.ts). */
const LINUX_ERRNO: ReadonlyMap<number, number> = new Map([
  [Errno.perm, linux.EPERM],
  [Errno.noent, linux.ENOENT],
  [Errno.io, linux.EIO],
  [Errno.badf, linux.EBADF],
  [Errno.acces, linux.EACCES],
  [Errno.busy, linux.EBUSY],
  [Errno.exist, linux.EEXIST],
  [Errno.xdev, linux.EXDEV],
  [Errno.notdir, linux.ENOTDIR],
  [Errno.isdir, linux.EISDIR],
  [Errno.inval, linux.EINVAL],
  [Errno.mfile, linux.EMFILE],
  [Errno.nospc, linux.ENOSPC],
  [Errno.spipe, linux.ESPIPE],
  [Errno.rofs, linux.EROFS],
  [Errno.range, linux.ERANGE],
  [Errno.nametoolong, linux.ENAMETOOLONG],
  [Errno.notempty, linux.ENOTEMPTY],
  [Errno.loop, linux.ELOOP],
]);

/** The errors of WASI's files with the numbers that Python knows. */
export function translated<T>(call: () => T, path?: string): T {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof WasiError)) throw error;
    const message = path === undefined ? error.message : `${error.message}: ${path}`;
    throw new FileSystemError(LINUX_ERRNO.get(error.errno) ?? linux.EIO, message);
  }
}
