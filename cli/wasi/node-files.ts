// Directories of the host as a file system for WASI guests, which they cannot leave. Node only.
//
// Paths are walked above (runtime/wasi/paths.ts), one name at a time; this opens one name in a directory that
// is open. Node has no openat, but where the system shows what a process has open, /proc/self/fd/N/NAME is
// that: the directory is the one that is open as N, wherever it has been moved and whatever lies now at its
// path. So neither a symbolic link nor a rename by anybody comes between looking and opening. On systems
// without /proc (macOS, Windows) a directory's path is checked before each use: there a process beside the
// guest, which may rename directories while it runs, could still lead it astray.

import {
  type BigIntStats,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import {
  Errno,
  type FileHandle,
  type FileStatus,
  type FileSystem,
  type FileTimes,
  Filetype,
  type FiletypeValue,
  type OpenMode,
  WasiError,
} from "../../runtime/wasi/index.js";
import { ExactTimes } from "./exact-times.js";

// Windows has none of them.
const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_NOCTTY = 0, O_DIRECTORY = 0 } = constants;
const { O_RDONLY, O_RDWR, O_WRONLY, O_CREAT, O_EXCL, O_TRUNC } = constants;

/** Whether the system has the names of what is open. */
const HAS_PROC = existsSync("/proc/self/fd/0") || existsSync("/proc/self/fd/1");

interface Opened {
  readonly fd: number;
  /** Path of a directory, where nothing better names it. */
  readonly path: string;
  /** How many directories lie between it and one that the embedder opened. */
  readonly depth: number;
}

export class NodeFiles implements FileSystem {
  /** Each is open while a path is walked. */
  readonly maxDepth = 256;
  /** A name on the way is looked at, opened, looked at again and closed: some 60 microseconds of Node's. */
  readonly accessFuel = 1000;
  private readonly opened = new Map<FileHandle, Opened>();
  private nextHandle = 1;
  private readonly times = new ExactTimes();

  /**
   * Opens a directory of the host for a preopen; it may be reached through links itself.
   * @throws the system's error, of node:fs
   */
  openDirectory(path: string): FileHandle {
    const real = realpathSync(path);
    const fd = openSync(real, O_RDONLY | O_DIRECTORY);
    return this.add({ fd, path: real, depth: 0 });
  }

  /** Closes all that is open. */
  dispose(): void {
    for (const { fd } of this.opened.values()) closeSync(fd);
    this.opened.clear();
  }

  private add(opened: Opened): FileHandle {
    this.opened.set(this.nextHandle, opened);
    return this.nextHandle++;
  }

  private get(handle: FileHandle): Opened {
    const opened = this.opened.get(handle);
    if (opened === undefined) throw new WasiError(Errno.badf, "not an open file");
    return opened;
  }

  /** A path of the host that leads to one name in an open directory, and nowhere else. */
  private path(handle: FileHandle, name: string): string {
    // Names come from paths that were split; a state that was made up must not lead out either.
    if (name === ".." || name.includes("/") || (!HAS_PROC && name.includes("\\")))
      throw new WasiError(Errno.inval, "not a name");
    const { fd, path } = this.get(handle);
    if (HAS_PROC) return `/proc/self/fd/${fd}/${name}`;
    const [now, then] = [lstatSync(path, { bigint: true }), fstatSync(fd, { bigint: true })];
    if (now.ino !== then.ino || now.dev !== then.dev) throw new WasiError(Errno.stale, "the directory has moved");
    return name === "." ? path : `${path}/${name}`;
  }

  setTime(): void {
    // The host's files have the host's time.
  }

  lookup(directory: FileHandle, name: string): FileStatus | undefined {
    return translated(() => {
      const status = lstatSync(this.path(directory, name), { bigint: true, throwIfNoEntry: false });
      return status && this.statusOf(status);
    });
  }

  open(directory: FileHandle, name: string, mode: OpenMode): FileHandle {
    return translated(() => {
      const path = this.path(directory, name);
      // Opening a device may do something, and opening a pipe may wait.
      const found = lstatSync(path, { throwIfNoEntry: false });
      if (found !== undefined && mode.create && mode.exclusive) throw new WasiError(Errno.exist, "exists");
      if (found?.isSymbolicLink()) throw new WasiError(mode.directory ? Errno.notdir : Errno.loop, "a symbolic link");
      if (found !== undefined) requireOrdinary(found);
      const fd = openEntry(path, mode);
      try {
        requireOrdinary(fstatSync(fd));
      } catch (error) {
        closeSync(fd);
        throw error;
      }
      const parent = this.get(directory);
      const isSame = name === ".";
      const depth = isSame ? parent.depth : parent.depth + 1;
      return this.add({ fd, path: isSame ? parent.path : `${parent.path}/${name}`, depth });
    });
  }

  close(file: FileHandle): void {
    const { fd } = this.get(file);
    this.opened.delete(file);
    translated(() => closeSync(fd));
  }

  read(file: FileHandle, offset: number, target: Uint8Array): number {
    return translated(() => readSync(this.get(file).fd, target, 0, target.length, offset));
  }

  write(file: FileHandle, offset: number, source: Uint8Array): number {
    return translated(() => writeSync(this.get(file).fd, source, 0, source.length, offset));
  }

  setSize(file: FileHandle, size: number): void {
    translated(() => ftruncateSync(this.get(file).fd, size));
  }

  sync(file: FileHandle): void {
    translated(() => fsyncSync(this.get(file).fd));
  }

  status(file: FileHandle): FileStatus {
    return translated(() => this.statusOf(fstatSync(this.get(file).fd, { bigint: true })));
  }

  private statusOf(stats: BigIntStats): FileStatus {
    return {
      filetype: filetypeOf(stats),
      device: stats.dev,
      inode: stats.ino,
      links: Number(stats.nlink),
      size: Number(stats.size),
      ...this.times.of(stats),
      changed: stats.ctimeNs,
    };
  }

  setTimes(file: FileHandle, times: FileTimes): void {
    const { fd } = this.get(file);
    translated(() =>
      this.times.set(
        times,
        () => fstatSync(fd, { bigint: true }),
        (accessed, modified) => futimesSync(fd, accessed, modified),
      ),
    );
  }

  setTimesOf(directory: FileHandle, name: string, times: FileTimes): void {
    translated(() => {
      const path = this.path(directory, name);
      this.times.set(
        times,
        () => lstatSync(path, { bigint: true }),
        (accessed, modified) => lutimesSync(path, accessed, modified),
      );
    });
  }

  /** Sorted, so that it does not depend on the host's file system. Names that are not UTF-8 are left out. */
  list(directory: FileHandle): string[] {
    return translated(() => readdirSync(this.path(directory, "."), { encoding: "buffer" }))
      .sort(Buffer.compare)
      .flatMap((name) => decodeName(name) ?? []);
  }

  readLink(directory: FileHandle, name: string): string {
    const target = decodeName(translated(() => readlinkSync(this.path(directory, name), { encoding: "buffer" })));
    if (target === undefined) throw new WasiError(Errno.ilseq, "the target is not UTF-8");
    return target;
  }

  createDirectory(directory: FileHandle, name: string): void {
    translated(() => mkdirSync(this.path(directory, name)));
  }

  removeDirectory(directory: FileHandle, name: string): void {
    translated(() => rmdirSync(this.path(directory, name)));
  }

  unlink(directory: FileHandle, name: string): void {
    translated(() => unlinkSync(this.path(directory, name)));
  }

  symlink(target: string, directory: FileHandle, name: string): void {
    // The guest would not get through it, but whoever works in the directory on the host would.
    if (target.startsWith("/") || climbs(target) > this.get(directory).depth)
      throw new WasiError(Errno.perm, "a symbolic link that leads outside");
    translated(() => symlinkSync(target, this.path(directory, name)));
  }

  link(fromDirectory: FileHandle, from: string, toDirectory: FileHandle, to: string): void {
    translated(() => linkSync(this.path(fromDirectory, from), this.path(toDirectory, to)));
  }

  rename(fromDirectory: FileHandle, from: string, toDirectory: FileHandle, to: string): void {
    translated(() => renameSync(this.path(fromDirectory, from), this.path(toDirectory, to)));
  }
}

/** How many directories a relative path climbs above where it begins, at its highest. */
function climbs(path: string): number {
  let depth = 0;
  let highest = 0;
  for (const part of path.split("/")) {
    if (part === "..") depth--;
    else if (part !== "" && part !== ".") depth++;
    highest = Math.min(highest, depth);
  }
  return -highest;
}

function openEntry(path: string, mode: OpenMode): number {
  const flags =
    O_NOFOLLOW |
    O_NONBLOCK |
    O_NOCTTY |
    (mode.create ? O_CREAT : 0) |
    (mode.exclusive ? O_EXCL : 0) |
    (mode.truncate ? O_TRUNC : 0) |
    (mode.directory ? O_DIRECTORY : 0);
  if (!mode.write && !mode.truncate) return openSync(path, flags | O_RDONLY);
  try {
    return openSync(path, flags | O_RDWR);
  } catch (error) {
    // A file that may be written and not read.
    if ((error as NodeJS.ErrnoException).code !== "EACCES") throw error;
    return openSync(path, flags | O_WRONLY);
  }
}

interface Kinds {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** Devices, pipes and sockets are not opened. */
function requireOrdinary(stats: Kinds): void {
  if (!stats.isFile() && !stats.isDirectory()) throw new WasiError(Errno.acces, "neither a file nor a directory");
}

function filetypeOf(stats: Kinds): FiletypeValue {
  if (stats.isFile()) return Filetype.regular_file;
  if (stats.isDirectory()) return Filetype.directory;
  return stats.isSymbolicLink() ? Filetype.symbolic_link : Filetype.unknown;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeName(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The guest gets the system's error as a number; nothing else leaves. */
function translated<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof WasiError) throw error;
    const { code = "", message } = error as NodeJS.ErrnoException;
    // Numbers that Node does not take: sizes and offsets beyond the system's.
    const name = code.startsWith("ERR_") ? "inval" : code.slice(1).toLowerCase();
    throw new WasiError((Errno as Readonly<Record<string, number>>)[name] ?? Errno.io, message);
  }
}
