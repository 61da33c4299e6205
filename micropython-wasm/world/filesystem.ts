// An in-memory file system: directories, files, devices, and the table of open files.
// No symbolic or hard links, so a path has one meaning and `..` cannot lead anywhere else.
//
// Its whole state is plain data (FileSystemState). Devices are named in the state; what
// they do is given to the constructor.

import type { Device } from "../guest/device.js";
import type { HostContext } from "../guest/engine-port.js";
import {
  EBADF,
  EBUSY,
  EEXIST,
  EINVAL,
  EISDIR,
  EMFILE,
  ENAMETOOLONG,
  ENOENT,
  ENOSPC,
  ENOTDIR,
  ENOTEMPTY,
  EROFS,
  ESPIPE,
  FileSystemError,
} from "../guest/errno.js";
import { encodeUtf8 } from "../guest/utf8.js";

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

/** In bytes of UTF-8 (NAME_MAX). */
const MAX_NAME_LENGTH = 255;
const MAX_PATH_LENGTH = 4096;
const ROOT = 1;
/** Zeros between the end of a file and what is written behind it: a unit makes that many. */
const HOLE_BYTES_PER_FUEL = 16;

export interface FileSystemLimits {
  /** Most bytes in all files together; default 16 MiB. */
  readonly maxBytes?: number | undefined;
  /** Most files and directories; default 4096. */
  readonly maxNodes?: number | undefined;
  /** Most files open at once; default 64. */
  readonly maxOpenFiles?: number | undefined;
}

interface NodeBase {
  readonly id: number;
  mtimeMs: number;
  readOnly: boolean;
}
interface DirectoryNode extends NodeBase {
  readonly kind: "directory";
  /** Id of the containing directory; the root contains itself, and so does one that was removed. */
  parent: number;
  readonly entries: Map<string, number>;
  /** False once removed; it lives on, empty, while it is open. */
  linked: boolean;
}
interface FileNode extends NodeBase {
  readonly kind: "file";
  /** Capacity; the content is its first `size` bytes. */
  data: Uint8Array;
  size: number;
  /** False once removed from its directory; it lives on while it is open. */
  linked: boolean;
}
interface DeviceNode extends NodeBase {
  readonly kind: "device";
  readonly device: string;
}
type FileSystemNode = DirectoryNode | FileNode | DeviceNode;

interface OpenFile {
  readonly node: number;
  readonly flags: number;
  /** Byte offset; of a directory: the index of the next entry. */
  offset: number;
  /** Names of an open directory, as they were when reading began. */
  listing: string[] | null;
}

/** What stat(2) tells. */
export interface FileStatus {
  readonly kind: "directory" | "file" | "device";
  readonly inode: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly readOnly: boolean;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly kind: "directory" | "file" | "device";
  readonly inode: number;
}

/** The state as plain data: structured-clonable, without functions. */
export interface FileSystemState {
  readonly nextId: number;
  readonly cwd: number;
  readonly nodes: readonly (
    | {
        readonly kind: "directory";
        readonly id: number;
        readonly parent: number;
        readonly mtimeMs: number;
        readonly readOnly: boolean;
        readonly linked: boolean;
        readonly entries: readonly (readonly [string, number])[];
      }
    | {
        readonly kind: "file";
        readonly id: number;
        readonly mtimeMs: number;
        readonly readOnly: boolean;
        readonly linked: boolean;
        readonly content: Uint8Array;
      }
    | {
        readonly kind: "device";
        readonly id: number;
        readonly mtimeMs: number;
        readonly readOnly: boolean;
        readonly device: string;
      }
  )[];
  readonly open: readonly {
    readonly fd: number;
    readonly node: number;
    readonly flags: number;
    readonly offset: number;
    readonly listing: readonly string[] | null;
  }[];
}

/** Where a path leads: its last component may not exist yet. */
interface Location {
  readonly parent: DirectoryNode;
  /** The last component; "." or ".." or "" (the root) name `node` itself. */
  readonly name: string;
  readonly node: FileSystemNode | undefined;
  /** The path ends in a slash. */
  readonly mustBeDirectory: boolean;
}

export class FileSystem {
  /** The time that changes are stamped with, in milliseconds since 1970; set by the caller. */
  nowMs = 0;
  maxBytes: number;
  readonly maxNodes: number;
  readonly maxOpenFiles: number;
  private nodes = new Map<number, FileSystemNode>();
  private openFiles = new Map<number, OpenFile>();
  private nextId = ROOT;
  private cwd = ROOT;
  private bytesUsed = 0;

  constructor(
    limits: FileSystemLimits = {},
    private readonly devices: ReadonlyMap<string, Device> = new Map(),
  ) {
    this.maxBytes = limits.maxBytes ?? 16 * 1024 * 1024;
    this.maxNodes = limits.maxNodes ?? 4096;
    this.maxOpenFiles = limits.maxOpenFiles ?? 64;
    this.addDirectory(ROOT);
  }

  /** Whether there is a device of this name. */
  hasDevice(name: string): boolean {
    return this.devices.has(name);
  }

  /** Bytes in all files. */
  get usedBytes(): number {
    return this.bytesUsed;
  }
  /** Files, directories and devices. */
  get nodeCount(): number {
    return this.nodes.size;
  }

  // ---- nodes ----

  private addDirectory(parent: number): DirectoryNode {
    const node: DirectoryNode = {
      kind: "directory",
      id: this.newId(),
      parent,
      mtimeMs: this.nowMs,
      readOnly: false,
      linked: true,
      entries: new Map(),
    };
    this.nodes.set(node.id, node);
    return node;
  }

  private addFile(): FileNode {
    const data = new Uint8Array(0);
    const node: FileNode = {
      kind: "file",
      id: this.newId(),
      mtimeMs: this.nowMs,
      readOnly: false,
      data,
      size: 0,
      linked: true,
    };
    this.nodes.set(node.id, node);
    return node;
  }

  private newId(): number {
    if (this.nodes.size >= this.maxNodes) throw new FileSystemError(ENOSPC, "too many files");
    return this.nextId++;
  }

  private node(id: number): FileSystemNode {
    return this.nodes.get(id)!;
  }
  private directory(id: number): DirectoryNode {
    return this.nodes.get(id) as DirectoryNode;
  }

  /** Frees a file or directory that is neither linked nor open. */
  private collect(node: FileNode | DirectoryNode): void {
    if (node.linked) return;
    for (const file of this.openFiles.values()) if (file.node === node.id) return;
    if (node.kind === "file") this.bytesUsed -= node.size;
    this.nodes.delete(node.id);
  }

  private resize(node: FileNode, size: number): void {
    if (this.bytesUsed - node.size + size > this.maxBytes) throw new FileSystemError(ENOSPC, "file quota used up");
    if (size > node.data.length) {
      const grown = new Uint8Array(Math.min(this.maxBytes, Math.max(size, node.data.length * 2, 64)));
      grown.set(node.data.subarray(0, node.size));
      node.data = grown;
    } else if (size < node.size) {
      node.data.fill(0, size, node.size);
      if (size === 0) node.data = new Uint8Array(0);
    }
    this.bytesUsed += size - node.size;
    node.size = size;
  }

  // ---- paths ----

  private locate(path: string, base: number = this.cwd): Location {
    if (path === "") throw new FileSystemError(ENOENT, "empty path");
    if (path.length > MAX_PATH_LENGTH) throw new FileSystemError(ENAMETOOLONG, "path too long");
    if (path.includes("\0")) throw new FileSystemError(EINVAL, "path contains NUL");
    const parts = path.split("/").filter((part) => part !== "" && part !== ".");
    const mustBeDirectory = /(^|\/)\.?$/.test(path);
    let current: FileSystemNode = this.directory(path.startsWith("/") ? ROOT : base);
    let parent: DirectoryNode = this.directory((current as DirectoryNode).parent);
    let name = path.startsWith("/") ? "" : ".";
    if (!parent.linked && parts.length > 0) throw new FileSystemError(ENOENT, `the directory was removed: ${path}`);
    for (let i = 0; i < parts.length; i++) {
      name = parts[i]!;
      if (name.length > MAX_NAME_LENGTH || encodeUtf8(name).length > MAX_NAME_LENGTH)
        throw new FileSystemError(ENAMETOOLONG, "name too long");
      if (current.kind !== "directory") throw new FileSystemError(ENOTDIR, `not a directory: ${path}`);
      if (name === "..") {
        current = this.directory(current.parent);
        parent = this.directory(current.parent);
        continue;
      }
      parent = current;
      const id = parent.entries.get(name);
      if (id === undefined) {
        if (i < parts.length - 1) throw new FileSystemError(ENOENT, `no such directory: ${path}`);
        return { parent, name, node: undefined, mustBeDirectory };
      }
      current = this.node(id);
    }
    if (mustBeDirectory && current.kind !== "directory") throw new FileSystemError(ENOTDIR, `not a directory: ${path}`);
    return { parent, name, node: current, mustBeDirectory };
  }

  private existing(path: string, base?: number): FileSystemNode {
    const { node } = this.locate(path, base);
    if (node === undefined) throw new FileSystemError(ENOENT, `no such file or directory: ${path}`);
    return node;
  }

  private requireWritable(node: FileSystemNode): void {
    if (node.readOnly) throw new FileSystemError(EROFS, "read-only");
  }

  /** The id of an open directory, for paths relative to it. */
  directoryOf(fd: number): number {
    const node = this.node(this.openFile(fd).node);
    if (node.kind !== "directory") throw new FileSystemError(ENOTDIR, "not a directory");
    return node.id;
  }

  // ---- calls on paths; `base` is the id of the directory that relative paths start from ----

  stat(path: string, base?: number): FileStatus {
    return this.status(this.existing(path, base));
  }

  private status(node: FileSystemNode): FileStatus {
    const size = node.kind === "file" ? node.size : 0;
    return { kind: node.kind, inode: node.id, size, mtimeMs: node.mtimeMs, readOnly: node.readOnly };
  }

  mkdir(path: string, base?: number): void {
    const { parent, name, node } = this.locate(path, base);
    if (node !== undefined) throw new FileSystemError(EEXIST, `exists: ${path}`);
    this.requireWritable(parent);
    parent.entries.set(name, this.addDirectory(parent.id).id);
    parent.mtimeMs = this.nowMs;
  }

  rmdir(path: string, base?: number): void {
    const { parent, name, node } = this.locate(path, base);
    if (node === undefined) throw new FileSystemError(ENOENT, `no such directory: ${path}`);
    if (node.kind !== "directory") throw new FileSystemError(ENOTDIR, `not a directory: ${path}`);
    if (name === "." || /(^|\/)\.\/*$/.test(path)) throw new FileSystemError(EINVAL, "cannot remove .");
    if (node.entries.size > 0) throw new FileSystemError(ENOTEMPTY, `not empty: ${path}`);
    if (node.id === ROOT || node.id === this.cwd) throw new FileSystemError(EBUSY, `in use: ${path}`);
    this.requireWritable(parent);
    parent.entries.delete(name);
    parent.mtimeMs = this.nowMs;
    node.linked = false;
    node.parent = node.id;
    this.collect(node);
  }

  unlink(path: string, base?: number): void {
    const { parent, name, node } = this.locate(path, base);
    if (node === undefined) throw new FileSystemError(ENOENT, `no such file: ${path}`);
    if (node.kind === "directory") throw new FileSystemError(EISDIR, `is a directory: ${path}`);
    this.requireWritable(parent);
    this.removeEntry(parent, name, node);
  }

  private removeEntry(parent: DirectoryNode, name: string, node: FileNode | DeviceNode): void {
    if (node.kind === "device") throw new FileSystemError(EBUSY, "device");
    this.requireWritable(node);
    parent.entries.delete(name);
    parent.mtimeMs = this.nowMs;
    node.linked = false;
    this.collect(node);
  }

  rename(oldPath: string, newPath: string, oldBase?: number, newBase?: number): void {
    const from = this.locate(oldPath, oldBase);
    const to = this.locate(newPath, newBase);
    if (from.node === undefined) throw new FileSystemError(ENOENT, `no such file or directory: ${oldPath}`);
    const moving = from.node;
    for (const path of [oldPath, newPath])
      if (/(^|\/)\.{1,2}\/*$/.test(path) || /^\/+$/.test(path))
        throw new FileSystemError(EBUSY, `cannot rename: ${path}`);
    if (moving.kind === "device") throw new FileSystemError(EBUSY, "device");
    if (moving === to.node) return;
    for (const node of [from.parent, to.parent, moving]) this.requireWritable(node);
    if (moving.kind === "directory") {
      // Moving a directory into itself would cut the branch from the tree.
      for (let up = to.parent; ; up = this.directory(up.parent)) {
        if (up === moving) throw new FileSystemError(EINVAL, "cannot move a directory into itself");
        if (up.id === ROOT) break;
      }
      if (to.node !== undefined) {
        if (to.node.kind !== "directory") throw new FileSystemError(ENOTDIR, `not a directory: ${newPath}`);
        this.rmdir(newPath, newBase);
      }
      moving.parent = to.parent.id;
    } else {
      if (to.node?.kind === "directory") throw new FileSystemError(EISDIR, `is a directory: ${newPath}`);
      if (to.mustBeDirectory) throw new FileSystemError(ENOTDIR, `not a directory: ${newPath}`);
      if (to.node !== undefined) this.removeEntry(to.parent, to.name, to.node);
    }
    from.parent.entries.delete(from.name);
    to.parent.entries.set(to.name, moving.id);
    from.parent.mtimeMs = to.parent.mtimeMs = this.nowMs;
  }

  chdir(path: string): void {
    const node = this.existing(path);
    if (node.kind !== "directory") throw new FileSystemError(ENOTDIR, `not a directory: ${path}`);
    this.cwd = node.id;
  }

  /** Absolute path of the working directory. */
  getcwd(): string {
    return this.pathOf(this.cwd);
  }

  private pathOf(id: number): string {
    const names: string[] = [];
    for (let node = this.directory(id); node.id !== ROOT; node = this.directory(node.parent)) {
      for (const [name, child] of this.directory(node.parent).entries) if (child === node.id) names.unshift(name);
    }
    return "/" + names.join("/");
  }

  // ---- open files ----

  /** Opens a file; returns its descriptor, the lowest free one. */
  open(path: string, flags: number, base?: number): number {
    const fd = this.freeDescriptor();
    const location = this.locate(path, base);
    let node = location.node;
    const writes = (flags & O_ACCMODE) !== O_RDONLY;
    if (node === undefined) {
      if ((flags & O_CREAT) === 0) throw new FileSystemError(ENOENT, `no such file or directory: ${path}`);
      if (location.mustBeDirectory) throw new FileSystemError(EISDIR, `is a directory: ${path}`);
      this.requireWritable(location.parent);
      node = this.addFile();
      location.parent.entries.set(location.name, node.id);
      location.parent.mtimeMs = this.nowMs;
    } else {
      if ((flags & (O_CREAT | O_EXCL)) === (O_CREAT | O_EXCL)) throw new FileSystemError(EEXIST, `exists: ${path}`);
      if (node.kind === "directory") {
        if (writes || (flags & O_CREAT) !== 0) throw new FileSystemError(EISDIR, `is a directory: ${path}`);
      } else {
        if ((flags & O_DIRECTORY) !== 0) throw new FileSystemError(ENOTDIR, `not a directory: ${path}`);
        if (writes) this.requireWritable(node);
        if (writes && node.kind === "file" && (flags & O_TRUNC) !== 0) {
          this.resize(node, 0);
          node.mtimeMs = this.nowMs;
        }
      }
    }
    this.openFiles.set(fd, { node: node.id, flags, offset: 0, listing: null });
    return fd;
  }

  private freeDescriptor(): number {
    for (let fd = 0; fd < this.maxOpenFiles; fd++) if (!this.openFiles.has(fd)) return fd;
    throw new FileSystemError(EMFILE, "too many open files");
  }

  private openFile(fd: number): OpenFile {
    const file = this.openFiles.get(fd);
    if (file === undefined) throw new FileSystemError(EBADF, `not an open file: ${fd}`);
    return file;
  }

  /** Whether `fd` is open. */
  isOpen(fd: number): boolean {
    return this.openFiles.has(fd);
  }

  close(fd: number): void {
    const file = this.openFile(fd);
    this.openFiles.delete(fd);
    const node = this.node(file.node);
    if (node.kind !== "device") this.collect(node);
  }

  fstat(fd: number): FileStatus {
    return this.status(this.node(this.openFile(fd).node));
  }

  /** A promise if reading from `fd` has to wait. */
  ready(fd: number): Promise<void> | undefined {
    const node = this.node(this.openFile(fd).node);
    return node.kind === "device" ? this.devices.get(node.device)?.ready?.() : undefined;
  }

  /** A promise if what was written to `fd` has to be waited for. */
  written(fd: number): Promise<void> | undefined {
    const node = this.node(this.openFile(fd).node);
    return node.kind === "device" ? this.devices.get(node.device)?.written?.() : undefined;
  }

  /**
   * Fuel that writing `sources` to `fd`, one after another, costs besides moving them: what a device asks, and of a file
   * the zeros before `offset`. A seek beyond the end is free; the zeros that a write there makes are paid for once.
   */
  price(
    fd: number,
    sources: readonly Uint8Array[],
    context?: HostContext,
    offset = this.openFiles.get(fd)?.offset,
  ): number {
    const file = this.openFiles.get(fd);
    const node = file && this.node(file.node);
    if (node?.kind === "device") {
      const device = this.devices.get(node.device);
      return sources.reduce((price, source) => price + (device?.price?.(source, context) ?? 0), 0);
    }
    const length = sources.reduce((sum, source) => sum + source.length, 0);
    const zeros = node?.kind === "file" && length > 0 && (file!.flags & O_APPEND) === 0 ? offset! - node.size : 0;
    // What the quota does not allow is refused, and makes none.
    if (zeros <= 0 || this.bytesUsed + zeros + length > this.maxBytes) return 0;
    return Math.ceil(zeros / HOLE_BYTES_PER_FUEL);
  }

  /** Reads into `target`; returns the count, 0 at the end of the file. */
  read(fd: number, target: Uint8Array): number {
    const file = this.openFile(fd);
    if ((file.flags & O_ACCMODE) === O_WRONLY) throw new FileSystemError(EBADF, "not open for reading");
    const node = this.node(file.node);
    if (node.kind === "directory") throw new FileSystemError(EISDIR, "is a directory");
    if (node.kind === "device") return this.devices.get(node.device)?.read?.(target) ?? 0;
    const count = Math.max(0, Math.min(target.length, node.size - file.offset));
    target.set(node.data.subarray(file.offset, file.offset + count));
    file.offset += count;
    return count;
  }

  /**
   * Writes all of `source` or, when the quota does not allow it, nothing.
   * @param context of the call, for devices that look at more than what is written
   */
  write(fd: number, source: Uint8Array, context?: HostContext): number {
    const file = this.openFile(fd);
    if ((file.flags & O_ACCMODE) === O_RDONLY) throw new FileSystemError(EBADF, "not open for writing");
    const node = this.node(file.node);
    if (node.kind === "device") {
      this.devices.get(node.device)?.write?.(source, context);
      return source.length;
    }
    if (node.kind === "directory") throw new FileSystemError(EISDIR, "is a directory");
    if (source.length === 0) return 0;
    if ((file.flags & O_APPEND) !== 0) file.offset = node.size;
    const end = file.offset + source.length;
    if (end > node.size) this.resize(node, end);
    node.data.set(source, file.offset);
    file.offset = end;
    node.mtimeMs = this.nowMs;
    return source.length;
  }

  /** Moves the offset; returns the new one. */
  seek(fd: number, offset: number, whence: number): number {
    const file = this.openFile(fd);
    const node = this.node(file.node);
    if (node.kind === "device") throw new FileSystemError(ESPIPE, "cannot seek in a device");
    const size = node.kind === "file" ? node.size : 0;
    const start = whence === SEEK_SET ? 0 : whence === SEEK_CUR ? file.offset : whence === SEEK_END ? size : Number.NaN;
    const position = start + offset;
    if (!(position >= 0 && position <= Number.MAX_SAFE_INTEGER)) throw new FileSystemError(EINVAL, "invalid offset");
    file.offset = position;
    if (position === 0) file.listing = null;
    return position;
  }

  /** The entries of an open directory from its offset on, `.` and `..` first. Does not move the offset. */
  readDirectory(fd: number): DirectoryEntry[] {
    const file = this.openFile(fd);
    const node = this.node(file.node);
    if (node.kind !== "directory") throw new FileSystemError(ENOTDIR, "not a directory");
    file.listing ??= node.linked ? [".", "..", ...node.entries.keys()] : [];
    const entries: DirectoryEntry[] = [];
    for (const name of file.listing.slice(file.offset)) {
      const id = name === "." ? node.id : name === ".." ? node.parent : node.entries.get(name);
      // Removed since reading began: keeps its place, so that offsets stay valid.
      const child = id === undefined ? undefined : this.node(id);
      entries.push({ name, kind: child?.kind ?? "file", inode: child?.id ?? node.id });
    }
    return entries;
  }

  // ---- for the host ----

  /** Makes a directory and those above it, where they are missing. */
  mkdirs(path: string): void {
    let prefix = path.startsWith("/") ? "/" : "";
    for (const part of path.split("/")) {
      if (part === "") continue;
      prefix += part + "/";
      const { node } = this.locate(prefix);
      if (node === undefined) this.mkdir(prefix);
    }
  }

  /** Puts a device at `path`; `device` names an entry of the constructor's table. */
  addDevice(path: string, device: string): void {
    const { parent, name, node } = this.locate(path);
    if (node !== undefined) throw new FileSystemError(EEXIST, `exists: ${path}`);
    const id = this.newId();
    this.nodes.set(id, { kind: "device", id, mtimeMs: this.nowMs, readOnly: false, device });
    parent.entries.set(name, id);
  }

  /** The whole content of a file. */
  readFile(path: string): Uint8Array {
    const node = this.existing(path);
    if (node.kind !== "file") throw new FileSystemError(EISDIR, `not a file: ${path}`);
    return node.data.slice(0, node.size);
  }

  /** Writes a file whole, making or replacing it. */
  writeFile(path: string, content: Uint8Array, options: { readOnly?: boolean } = {}): void {
    const fd = this.open(path, O_WRONLY | O_CREAT | O_TRUNC);
    try {
      this.write(fd, content);
      this.node(this.openFile(fd).node).readOnly = options.readOnly ?? false;
    } finally {
      this.close(fd);
    }
  }

  /** Names in a directory, in the order in which they were made. */
  list(path: string): string[] {
    const node = this.existing(path);
    if (node.kind !== "directory") throw new FileSystemError(ENOTDIR, `not a directory: ${path}`);
    return [...node.entries.keys()];
  }

  /** Names of all entries of all directories. */
  names(): string[] {
    return [...this.nodes.values()].flatMap((node) => (node.kind === "directory" ? [...node.entries.keys()] : []));
  }

  /** Bytes in files that the guest cannot change. */
  get readOnlyBytes(): number {
    let bytes = 0;
    for (const node of this.nodes.values()) if (node.kind === "file" && node.readOnly) bytes += node.size;
    return bytes;
  }

  /** Makes everything at and below `path` read-only for the guest, or writable again. */
  setReadOnly(path: string, readOnly: boolean): void {
    const pending = [this.existing(path)];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      node.readOnly = readOnly;
      if (node.kind === "directory") for (const id of node.entries.values()) pending.push(this.node(id));
    }
  }

  // ---- state ----

  saveState(): FileSystemState {
    const nodes: FileSystemState["nodes"][number][] = [];
    for (const node of this.nodes.values()) {
      const { id, mtimeMs, readOnly } = node;
      if (node.kind === "directory")
        nodes.push({
          kind: "directory",
          id,
          parent: node.parent,
          mtimeMs,
          readOnly,
          linked: node.linked,
          entries: [...node.entries],
        });
      else if (node.kind === "file")
        nodes.push({
          kind: "file",
          id,
          mtimeMs,
          readOnly,
          linked: node.linked,
          content: node.data.slice(0, node.size),
        });
      else nodes.push({ kind: "device", id, mtimeMs, readOnly, device: node.device });
    }
    const open = [...this.openFiles].map(([fd, { node, flags, offset, listing }]) => ({
      fd,
      node,
      flags,
      offset,
      listing: listing && [...listing],
    }));
    return { nextId: this.nextId, cwd: this.cwd, nodes, open };
  }

  /** Replaces everything by a state that {@link saveState} returned. */
  restoreState(state: FileSystemState): void {
    this.nodes = new Map();
    this.bytesUsed = 0;
    for (const saved of state.nodes) {
      const { id, mtimeMs, readOnly } = saved;
      if (saved.kind === "directory")
        this.nodes.set(id, {
          kind: "directory",
          id,
          parent: saved.parent,
          mtimeMs,
          readOnly,
          linked: saved.linked,
          entries: new Map(saved.entries),
        });
      else if (saved.kind === "file") {
        const data = saved.content.slice();
        this.bytesUsed += data.length;
        this.nodes.set(id, { kind: "file", id, mtimeMs, readOnly, linked: saved.linked, data, size: data.length });
      } else this.nodes.set(id, { kind: "device", id, mtimeMs, readOnly, device: saved.device });
    }
    this.openFiles = new Map(
      state.open.map(({ fd, node, flags, offset, listing }) => [
        fd,
        { node, flags, offset, listing: listing && [...listing] },
      ]),
    );
    this.nextId = state.nextId;
    this.cwd = state.cwd;
  }
}
