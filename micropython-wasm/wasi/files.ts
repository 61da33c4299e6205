// The in-memory file system (filesystem.ts) as WASI calls see it.

import {
  Errno,
  type FileHandle,
  type FileStatus,
  Filetype,
  type OpenMode,
  WasiError,
  type FileSystem as WasiFileSystem,
} from "../../runtime/wasi/index.js";
import type { HostContext } from "../guest/engine-port.js";
import * as linux from "../guest/errno.js";
import {
  type FileSystem,
  type FileStatus as MemoryStatus,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  SEEK_SET,
} from "../world/filesystem.js";

const ERRNO: ReadonlyMap<number, number> = new Map([
  [linux.EPERM, Errno.perm],
  [linux.ENOENT, Errno.noent],
  [linux.EIO, Errno.io],
  [linux.EBADF, Errno.badf],
  [linux.EACCES, Errno.acces],
  [linux.EBUSY, Errno.busy],
  [linux.EEXIST, Errno.exist],
  [linux.ENOTDIR, Errno.notdir],
  [linux.EISDIR, Errno.isdir],
  [linux.EINVAL, Errno.inval],
  [linux.EMFILE, Errno.mfile],
  [linux.ENOSPC, Errno.nospc],
  [linux.ESPIPE, Errno.spipe],
  [linux.EROFS, Errno.rofs],
  [linux.ERANGE, Errno.range],
  [linux.ENAMETOOLONG, Errno.nametoolong],
  [linux.ENOTEMPTY, Errno.notempty],
]);

const FILETYPE = {
  directory: Filetype.directory,
  file: Filetype.regular_file,
  device: Filetype.character_device,
} as const;

const NANOSECONDS_PER_MS = 1_000_000n;

export class WasiFiles implements WasiFileSystem {
  /** The guest, for devices that look at more than what is written. */
  context: HostContext | undefined;

  constructor(private readonly files: FileSystem) {}

  /** Opens a directory for a preopen. @throws WasiError */
  openDirectory(path: string): FileHandle {
    return translated(() => this.files.open(path, O_RDONLY | O_DIRECTORY));
  }

  setTime(now: bigint): void {
    this.files.nowMs = Number(now / NANOSECONDS_PER_MS);
  }

  lookup(directory: FileHandle, name: string): FileStatus | undefined {
    return translated(() => {
      try {
        return status(this.files.stat(name, this.files.directoryOf(directory)));
      } catch (error) {
        if (error instanceof linux.FileSystemError && error.errno === linux.ENOENT) return undefined;
        throw error;
      }
    });
  }

  open(directory: FileHandle, name: string, mode: OpenMode): FileHandle {
    const flags =
      (mode.write || mode.truncate ? O_RDWR : O_RDONLY) |
      (mode.create ? O_CREAT : 0) |
      (mode.exclusive ? O_EXCL : 0) |
      (mode.truncate ? O_TRUNC : 0) |
      (mode.directory ? O_DIRECTORY : 0);
    return translated(() => this.files.open(name, flags, this.files.directoryOf(directory)));
  }

  close(file: FileHandle): void {
    translated(() => this.files.close(file));
  }

  ready(file: FileHandle): Promise<void> | undefined {
    return translated(() => this.files.ready(file));
  }

  price(file: FileHandle, offset: number, source: Uint8Array): number {
    return this.files.price(file, [source], this.context, offset);
  }

  read(file: FileHandle, offset: number, target: Uint8Array): number {
    return translated(() => {
      this.moveTo(file, offset);
      return this.files.read(file, target);
    });
  }

  write(file: FileHandle, offset: number, source: Uint8Array): number {
    return translated(() => {
      this.moveTo(file, offset);
      return this.files.write(file, source, this.context);
    });
  }

  written(file: FileHandle): Promise<void> | undefined {
    return translated(() => this.files.written(file));
  }

  private moveTo(file: FileHandle, offset: number): void {
    if (this.files.fstat(file).kind !== "device") this.files.seek(file, offset, SEEK_SET);
  }

  status(file: FileHandle): FileStatus {
    return translated(() => status(this.files.fstat(file)));
  }

  list(directory: FileHandle): string[] {
    return translated(() => {
      this.files.seek(directory, 0, SEEK_SET);
      return this.files
        .readDirectory(directory)
        .slice(2)
        .map(({ name }) => name);
    });
  }

  parent(directory: FileHandle): FileStatus | undefined {
    return translated(() => status(this.files.stat("..", this.files.directoryOf(directory))));
  }

  setSize(): never {
    throw new WasiError(Errno.notsup, "the size of a file cannot be set");
  }

  setTimes(): never {
    throw new WasiError(Errno.notsup, "the times of a file cannot be set");
  }

  setTimesOf(): never {
    this.setTimes();
  }

  readLink(directory: FileHandle, name: string): never {
    translated(() => this.files.stat(name, this.files.directoryOf(directory)));
    throw new WasiError(Errno.inval, "not a symbolic link");
  }

  symlink(): never {
    throw new WasiError(Errno.notsup, "there are no symbolic links");
  }

  link(): never {
    throw new WasiError(Errno.notsup, "there are no hard links");
  }

  createDirectory(directory: FileHandle, path: string): void {
    translated(() => this.files.mkdir(path, this.files.directoryOf(directory)));
  }

  removeDirectory(directory: FileHandle, path: string): void {
    translated(() => this.files.rmdir(path, this.files.directoryOf(directory)));
  }

  unlink(directory: FileHandle, path: string): void {
    translated(() => this.files.unlink(path, this.files.directoryOf(directory)));
  }

  rename(fromDirectory: FileHandle, from: string, toDirectory: FileHandle, to: string): void {
    const { files } = this;
    translated(() => files.rename(from, to, files.directoryOf(fromDirectory), files.directoryOf(toDirectory)));
  }
}

function status({ kind, inode, size, mtimeMs }: MemoryStatus): FileStatus {
  const time = BigInt(mtimeMs) * NANOSECONDS_PER_MS;
  const times = { accessed: time, modified: time, changed: time };
  return { filetype: FILETYPE[kind], device: 1n, inode: BigInt(inode), links: 1, size, ...times };
}

function translated<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof linux.FileSystemError)) throw error;
    throw new WasiError(ERRNO.get(error.errno) ?? Errno.io, error.message);
  }
}
