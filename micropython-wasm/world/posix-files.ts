// The file system of a Python guest, as POSIX has one: paths from a root and a working directory, and a table of
// open files with flags and offsets. The files themselves are WASI's in memory (runtime/wasi/memory-files.ts),
// which a WASI build's guest uses directly; here are the calls of the JavaScript build, and the host's.
//
// Its whole state is plain data (PosixFilesState). Devices are named in the state; what
// they do is given to the constructor.

import {
  type FileHandle,
  Filetype,
  MountedFiles,
  OPEN_DIRECTORY,
  type Place,
  type Stream,
  type FileStatus as WasiFileStatus,
} from "../../runtime/wasi/index.js";
import type { Device } from "../guest/device.js";
import type { HostContext } from "../guest/engine-port.js";
import * as linux from "../guest/errno.js";
import { FileSystemError } from "../guest/errno.js";
import {
  type DirectoryEntry,
  type FileStatus,
  KIND,
  type Kind,
  O_ACCMODE,
  O_APPEND,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_RDONLY,
  O_TRUNC,
  O_WRONLY,
  SEEK_CUR,
  SEEK_END,
  SEEK_SET,
  translated,
} from "./posix-calls.js";
import type { PosixFilesLimits, PosixFilesState } from "./posix-files-state.js";

const MAX_PATH_LENGTH = 4096;
const MAX_NODES = 4096;
/** Entries of a directory that are looked at for one call: no buffer of musl's has room for more. */
const ENTRIES_AT_ONCE = 128;
const OVERLAY_NODES = 65_536;
const NANOSECONDS_PER_MS = 1_000_000n;

interface OpenFile {
  readonly handle: FileHandle;
  readonly kind: Kind;
  readonly flags: number;
  /** Byte offset; of a directory: the index of the next entry. */
  offset: number;
  /** Names of an open directory, as they were when reading began. */
  listing: readonly string[] | null;
}

export class PosixFiles {
  /** The files; a WASI guest's descriptors are open in it. */
  readonly memory: MountedFiles;
  readonly maxOpenFiles: number;
  /** What a device looks at besides what is written: the guest of the call that is under way. */
  context: HostContext | undefined;
  private openFiles = new Map<number, OpenFile>();
  /** Where `/` begins: open all the while, and in every state under the same number. */
  readonly root: FileHandle;
  private cwd: FileHandle;
  private readonly hasMounts: boolean;
  /** The guest's call that pays for accesses to the files of others; none if the host asks. */
  private payer: HostContext | undefined;

  constructor(limits: PosixFilesLimits = {}, devices: ReadonlyMap<string, Device> = new Map()) {
    const streams = new Map([...devices].map(([name, device]) => [name, this.stream(device)]));
    const { maxBytes, mounts = [] } = limits;
    // What is looked at in overlays counts, too.
    const overlaid = mounts.some(({ access }) => access === "overlay");
    const maxNodes = limits.maxNodes ?? (overlaid ? OVERLAY_NODES : MAX_NODES);
    this.memory = new MountedFiles({ maxBytes, maxNodes }, streams);
    this.memory.offer(mounts);
    this.hasMounts = mounts.length > 0;
    this.maxOpenFiles = limits.maxOpenFiles ?? 64;
    this.root = this.memory.openDirectory();
    this.cwd = this.memory.openDirectory();
  }

  private stream(device: Device): Stream {
    return {
      ready: (bytes) => device.ready?.(bytes),
      read: (target) => device.read?.(target) ?? 0,
      write: (source) => device.write?.(source, this.context),
      written: () => device.written?.(),
      price: (source) => device.price?.(source, this.context) ?? 0,
    };
  }

  /** The time that changes are stamped with, in milliseconds since 1970. */
  set nowMs(now: number) {
    this.memory.setTime(BigInt(Math.floor(now)) * NANOSECONDS_PER_MS);
  }

  get maxBytes(): number {
    return this.memory.maxBytes;
  }
  set maxBytes(bytes: number) {
    this.memory.maxBytes = bytes;
  }
  get maxNodes(): number {
    return this.memory.maxNodes;
  }
  /** Bytes in all files. */
  get usedBytes(): number {
    return this.memory.usedBytes;
  }
  /** Files, directories and devices. */
  get nodeCount(): number {
    return this.memory.nodeCount;
  }

  // ---- paths ----

  /** Walks a path; `use` works where it leads. Links are followed, but for an entry that is named. */
  private at<T>(path: string, base: FileHandle | undefined, use: (place: Place) => T, entry = false): T {
    if (path === "") throw new FileSystemError(linux.ENOENT, "empty path");
    if (path.length > MAX_PATH_LENGTH) throw new FileSystemError(linux.ENAMETOOLONG, "path too long");
    if (path.includes("\0")) throw new FileSystemError(linux.EINVAL, "path contains NUL");
    const step = this.payer === undefined ? undefined : (here: FileHandle) => this.pay(here);
    // For what is done where the path leads.
    step?.(base ?? this.cwd);
    const options = { follow: !entry, followSlash: !entry, step };
    return translated(() => this.memory.walk(this.root, base ?? this.cwd, path, options, use), path);
  }

  /** Makes a call of the guest's, which pays for what takes the host long: files that are mounted. */
  paidBy<T>(context: HostContext, call: () => T): T {
    if (!this.hasMounts) return call();
    this.payer = context;
    try {
      return call();
    } finally {
      this.payer = undefined;
    }
  }

  /** Before any effect: where fuel is short, the call is made anew. */
  private pay(handle: FileHandle, count = 1): void {
    if (this.payer === undefined) return;
    const fuel = count * translated(() => this.memory.priceOfAccess(handle));
    if (fuel > 0) this.payer.chargeFuel(fuel);
  }

  /** Mounts what the limits offer. @throws FileSystemError for one that is not there, or has something in it */
  mountAll(): void {
    for (const path of this.memory.offered)
      if (!this.memory.mountPaths.includes(path)) translated(() => this.memory.mountAt(path), path);
  }

  /** Closes what is open in mounted directories. */
  dispose(): void {
    this.memory.dispose();
  }

  private existing<T>(path: string, base: FileHandle | undefined, use: (place: Place) => T, entry = false): T {
    const found = (place: Place): T => {
      if (place.status === undefined) throw new FileSystemError(linux.ENOENT, `no such file or directory: ${path}`);
      return use(place);
    };
    return this.at(path, base, found, entry);
  }

  /** The handle of an open directory, for paths relative to it. */
  directoryOf(fd: number): FileHandle {
    const { handle, kind } = this.openFile(fd);
    if (kind !== "directory") throw new FileSystemError(linux.ENOTDIR, "not a directory");
    return handle;
  }

  // ---- calls on paths; `base` is the handle of the directory that relative paths start from ----

  stat(path: string, base?: FileHandle): FileStatus {
    return this.existing(path, base, ({ directory, name, status }) =>
      this.status(status!, this.memory.isReadOnly(directory, name)),
    );
  }

  private status({ filetype, inode, size, modified }: WasiFileStatus, readOnly: boolean): FileStatus {
    const mtimeMs = Number(modified / NANOSECONDS_PER_MS);
    return { kind: KIND.get(filetype) ?? "device", inode: Number(inode), size, mtimeMs, readOnly };
  }

  mkdir(path: string, base?: FileHandle): void {
    const make = ({ directory, name, status }: Place): void => {
      if (status !== undefined) throw new FileSystemError(linux.EEXIST, `exists: ${path}`);
      this.memory.createDirectory(directory, name);
    };
    this.at(path, base, make, true);
  }

  rmdir(path: string, base?: FileHandle): void {
    const remove = ({ directory, name, status }: Place): void => {
      if (status!.filetype !== Filetype.directory) throw new FileSystemError(linux.ENOTDIR, `not a directory: ${path}`);
      if (/(^|\/)\.\/*$/.test(path)) throw new FileSystemError(linux.EINVAL, "cannot remove .");
      const here = this.memory.status(this.cwd);
      if (status!.inode === here.inode && status!.device === here.device)
        throw new FileSystemError(linux.EBUSY, `in use: ${path}`);
      this.memory.removeDirectory(directory, name);
    };
    this.existing(path, base, remove, true);
  }

  unlink(path: string, base?: FileHandle): void {
    this.existing(path, base, ({ directory, name }) => this.memory.unlink(directory, name), true);
  }

  rename(oldPath: string, newPath: string, oldBase?: FileHandle, newBase?: FileHandle): void {
    const move = (from: Place, to: Place): void => {
      for (const path of [oldPath, newPath])
        if (/(^|\/)\.{1,2}\/*$/.test(path) || /^\/+$/.test(path))
          throw new FileSystemError(linux.EBUSY, `cannot rename: ${path}`);
      if (to.mustBeDirectory && from.status!.filetype !== Filetype.directory)
        throw new FileSystemError(linux.ENOTDIR, `not a directory: ${newPath}`);
      this.memory.rename(from.directory, from.name, to.directory, to.name);
    };
    this.existing(oldPath, oldBase, (from) => this.at(newPath, newBase, (to) => move(from, to), true), true);
  }

  chdir(path: string): void {
    const next = this.existing(path, undefined, ({ directory, name }) =>
      this.memory.open(directory, name, OPEN_DIRECTORY),
    );
    this.memory.close(this.cwd);
    this.cwd = next;
  }

  /** Absolute path of the working directory. */
  getcwd(): string {
    const path = this.memory.pathOf(this.cwd);
    if (path === undefined) throw new FileSystemError(linux.ENOENT, "the working directory is removed");
    return path;
  }

  // ---- open files ----

  /** Opens a file; returns its descriptor, the lowest free one. */
  open(path: string, flags: number, base?: FileHandle): number {
    const fd = this.freeDescriptor();
    const writes = (flags & O_ACCMODE) !== O_RDONLY;
    const mode = {
      write: writes,
      create: (flags & O_CREAT) !== 0,
      exclusive: (flags & O_EXCL) !== 0,
      truncate: writes && (flags & O_TRUNC) !== 0,
      directory: (flags & O_DIRECTORY) !== 0,
    };
    const handle = this.at(path, base, ({ directory, name, status, mustBeDirectory }) => {
      if (status === undefined && mode.create && mustBeDirectory)
        throw new FileSystemError(linux.EISDIR, `is a directory: ${path}`);
      return this.memory.open(directory, name, mode);
    });
    this.openFiles.set(fd, { handle, kind: this.kindOf(handle), flags, offset: 0, listing: null });
    return fd;
  }

  private freeDescriptor(): number {
    for (let fd = 0; fd < this.maxOpenFiles; fd++) if (!this.openFiles.has(fd)) return fd;
    throw new FileSystemError(linux.EMFILE, "too many open files");
  }

  private openFile(fd: number): OpenFile {
    const file = this.openFiles.get(fd);
    if (file === undefined) throw new FileSystemError(linux.EBADF, `not an open file: ${fd}`);
    return file;
  }

  /** Whether `fd` is open. */
  isOpen(fd: number): boolean {
    return this.openFiles.has(fd);
  }

  close(fd: number): void {
    const { handle } = this.openFile(fd);
    this.openFiles.delete(fd);
    this.memory.close(handle);
  }

  /** Closes everything but these descriptors: files that were removed are gone then. */
  closeOthers(fds: readonly number[]): void {
    for (const fd of [...this.openFiles.keys()]) if (!fds.includes(fd)) this.close(fd);
    const handles = [...this.openFiles.values()].map(({ handle }) => handle);
    this.memory.closeOthers(new Set([this.root, this.cwd, ...handles]));
  }

  fstat(fd: number): FileStatus {
    const { handle } = this.openFile(fd);
    this.pay(handle);
    return this.status(
      translated(() => this.memory.status(handle)),
      this.memory.isOpenReadOnly(handle),
    );
  }

  private kindOf(handle: FileHandle): Kind {
    return KIND.get(this.memory.filetypeOf(handle)) ?? "device";
  }

  /** A promise if reading so many bytes from `fd` has to wait. */
  ready(fd: number, bytes: number): Promise<void> | undefined {
    return this.memory.ready(this.openFile(fd).handle, bytes);
  }

  /** A promise if what was written to `fd` has to be waited for. */
  written(fd: number): Promise<void> | undefined {
    return this.memory.written(this.openFile(fd).handle);
  }

  /** Fuel that writing `sources` to `fd`, one after the other, costs besides moving them. */
  price(fd: number, sources: readonly Uint8Array[], context?: HostContext): number {
    const file = this.openFiles.get(fd);
    if (file === undefined) return 0;
    const { handle, kind } = file;
    return this.within(context, () => {
      if (kind === "device") return sources.reduce((sum, source) => sum + this.memory.price(handle, 0, source), 0);
      // What makes zeros is the first byte; the others follow it.
      const first = sources.find(({ length }) => length > 0);
      return first === undefined ? 0 : this.memory.price(handle, this.startOf(file), first);
    });
  }

  /** Where a write begins. */
  private startOf(file: OpenFile): number {
    return (file.flags & O_APPEND) === 0 ? file.offset : this.memory.status(file.handle).size;
  }

  /** Pays for `count` accesses to what is open; before the first of them. */
  payAccess(fd: number, count: number): void {
    const file = this.openFiles.get(fd);
    if (file !== undefined) this.pay(file.handle, count);
  }

  /** Reads into `target`; returns the count, 0 at the end of the file. */
  read(fd: number, target: Uint8Array): number {
    const file = this.openFile(fd);
    if ((file.flags & O_ACCMODE) === O_WRONLY) throw new FileSystemError(linux.EBADF, "not open for reading");
    const count = translated(() => this.memory.read(file.handle, file.offset, target));
    if (file.kind === "file") file.offset += count;
    return count;
  }

  /**
   * Writes all of `source` or, when the quota does not allow it, nothing.
   * @param context of the call, for devices that look at more than what is written
   */
  write(fd: number, source: Uint8Array, context?: HostContext): number {
    const file = this.openFile(fd);
    if ((file.flags & O_ACCMODE) === O_RDONLY) throw new FileSystemError(linux.EBADF, "not open for writing");
    const isFile = file.kind === "file";
    if (isFile && source.length === 0) return 0;
    const start = this.startOf(file);
    const count = translated(() => this.within(context, () => this.memory.write(file.handle, start, source)));
    if (isFile) file.offset = start + count;
    return count;
  }

  private within<T>(context: HostContext | undefined, call: () => T): T {
    if (context === undefined) return call();
    const before = this.context;
    this.context = context;
    try {
      return call();
    } finally {
      this.context = before;
    }
  }

  /** Moves the offset; returns the new one. */
  seek(fd: number, offset: number, whence: number): number {
    const file = this.openFile(fd);
    if (file.kind === "device") throw new FileSystemError(linux.ESPIPE, "cannot seek in a device");
    const { size } = translated(() => this.memory.status(file.handle));
    const start = whence === SEEK_SET ? 0 : whence === SEEK_CUR ? file.offset : whence === SEEK_END ? size : Number.NaN;
    const position = start + offset;
    if (!(position >= 0 && position <= Number.MAX_SAFE_INTEGER))
      throw new FileSystemError(linux.EINVAL, "invalid offset");
    file.offset = position;
    if (position === 0) file.listing = null;
    return position;
  }

  /** Entries of an open directory from its offset on, `.` and `..` first, not all at once. Does not move the offset. */
  readDirectory(fd: number): DirectoryEntry[] {
    const file = this.openFile(fd);
    const { memory } = this;
    const { handle } = file;
    this.pay(handle);
    const own = translated(() => memory.status(handle));
    // One that is removed has not even itself in it.
    file.listing ??= own.links === 0 ? [] : [".", "..", ...translated(() => memory.list(handle))];
    const names = file.listing.slice(file.offset, file.offset + ENTRIES_AT_ONCE);
    this.pay(handle, names.length);
    return names.map((name) => {
      const status = translated(() => (name === ".." ? memory.parent(handle) : memory.lookup(handle, name)));
      // Removed since reading began: keeps its place, so that offsets stay valid.
      if (status === undefined) return { name, kind: "file", inode: Number(own.inode) };
      return { name, kind: KIND.get(status.filetype) ?? "device", inode: Number(status.inode) };
    });
  }

  // ---- for the host ----

  /** Makes a directory and those above it, where they are missing. */
  mkdirs(path: string): void {
    let prefix = path.startsWith("/") ? "/" : "";
    for (const part of path.split("/")) {
      if (part === "") continue;
      prefix += part + "/";
      if (this.at(prefix, undefined, ({ status }) => status === undefined)) this.mkdir(prefix);
    }
  }

  /** Puts a device at `path`; `device` names an entry of the constructor's table. */
  addDevice(path: string, device: string): void {
    translated(() => this.memory.addDevice(path, device), path);
  }

  /** The whole content of a file. */
  readFile(path: string): Uint8Array {
    return this.existing(path, undefined, ({ directory, name, status }) => {
      if (status!.filetype !== Filetype.regular_file) throw new FileSystemError(linux.EISDIR, `not a file: ${path}`);
      const handle = this.memory.open(directory, name, { ...OPEN_DIRECTORY, directory: false });
      try {
        const content = new Uint8Array(status!.size);
        this.memory.read(handle, 0, content);
        return content;
      } finally {
        this.memory.close(handle);
      }
    });
  }

  /** Writes a file whole, making or replacing it. */
  writeFile(path: string, content: Uint8Array, options: { readOnly?: boolean } = {}): void {
    const fd = this.open(path, O_WRONLY | O_CREAT | O_TRUNC);
    try {
      this.write(fd, content);
    } finally {
      this.close(fd);
    }
    this.setReadOnly(path, options.readOnly ?? false);
  }

  /** Names in a directory, in the order in which they were made. */
  list(path: string): string[] {
    const fd = this.open(path, O_RDONLY | O_DIRECTORY);
    try {
      return this.memory.list(this.directoryOf(fd));
    } finally {
      this.close(fd);
    }
  }

  /** Names of all entries of all directories. */
  names(): string[] {
    return this.memory.allNames();
  }

  /** Bytes in files that the guest cannot change. */
  get readOnlyBytes(): number {
    return this.memory.readOnlyBytes;
  }

  /** Makes everything at and below `path` read-only for the guest, or writable again. */
  setReadOnly(path: string, readOnly: boolean): void {
    this.existing(path, undefined, ({ directory, name }) => this.memory.setEntryReadOnly(directory, name, readOnly));
  }

  // ---- state ----

  saveState(): PosixFilesState {
    const open = [...this.openFiles].map(([fd, { handle, flags, offset, listing }]) => ({
      fd,
      handle,
      flags,
      offset,
      listing: listing && [...listing],
    }));
    return { cwd: this.cwd, memory: this.memory.saveState(), open };
  }

  /** Replaces everything by a state that {@link saveState} returned. */
  restoreState({ cwd, memory, open }: PosixFilesState): void {
    this.memory.restoreState(memory);
    this.openFiles = new Map(
      open.map(({ fd, handle, flags, offset, listing }) => [
        fd,
        { handle, kind: this.kindOf(handle), flags, offset, listing: listing && [...listing] },
      ]),
    );
    this.cwd = cwd;
  }
}
