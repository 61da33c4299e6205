// A file system in memory: directories, files, symbolic and hard links, devices. It needs nothing of its
// host, and its whole state is plain data (MemoryFilesState). Devices are named in the state; what they do
// is given to the constructor.
//
// The terms are those of memory-nodes.ts.

import { encodeUtf8 } from "../../decoder/index.js";
import { Errno } from "./abi.js";
import { WasiError } from "./errors.js";
import type { FileHandle, FileStatus, FileSystem, FileTimes, OpenMode, Stream } from "./file-system.js";
import {
  type DeviceNode,
  type DirectoryNode,
  FILETYPE,
  type FileNode,
  type LinkNode,
  type MemoryNode,
  ROOT,
  requireWritable,
  restoredNode,
  type SavedNode,
  savedNode,
  sizeOf,
} from "./memory-nodes.js";
import { atPath, OPEN_DIRECTORY, type Place, type WalkOptions } from "./paths.js";

/** In bytes of UTF-8 (NAME_MAX). */
export const MAX_NAME_LENGTH = 255;
/** Zeros between the end of a file and what is written behind it: a unit makes that many. */
const HOLE_BYTES_PER_FUEL = 16;
/** The `dev` of everything here. */
const DEVICE = 1n;

export interface MemoryFilesLimits {
  /** Most bytes in all files together; default 16 MiB. Targets of symbolic links count. */
  readonly maxBytes?: number | undefined;
  /** Most files, directories and links, and most names of them; default 4096. */
  readonly maxNodes?: number | undefined;
}

/** The state as plain data: structured-clonable, without functions. */
export interface MemoryFilesState {
  readonly nextId: number;
  readonly nodes: readonly SavedNode[];
  readonly open: readonly (readonly [handle: number, node: number])[];
}

export class MemoryFiles implements FileSystem {
  /** The time that changes are stamped with. */
  protected now = 0n;
  maxBytes: number;
  readonly maxNodes: number;
  protected nodes = new Map<number, MemoryNode>();
  private handles = new Map<FileHandle, number>();
  private nextId = ROOT;
  /** The lowest number that is no handle: numbers depend on what is open only, not on what was. */
  private freeHandle = 0;
  private bytesUsed = 0;
  private entryCount = 0;

  /** @param devices what the devices do, by the names that {@link addDevice} gives them */
  constructor(
    limits: MemoryFilesLimits = {},
    private readonly devices: ReadonlyMap<string, Stream> = new Map(),
  ) {
    this.maxBytes = limits.maxBytes ?? 16 * 1024 * 1024;
    this.maxNodes = limits.maxNodes ?? 4096;
    this.add({ kind: "directory", parent: ROOT, entries: new Map(), lower: null }).links = 1;
  }

  /** Bytes in all files and targets of links. */
  get usedBytes(): number {
    return this.bytesUsed;
  }
  /** Files, directories, links and devices. */
  get nodeCount(): number {
    return this.nodes.size;
  }
  /** Handles that are open. */
  get openCount(): number {
    return this.handles.size;
  }

  setTime(now: bigint): void {
    this.now = now;
  }

  // ---- nodes ----

  protected add(
    what:
      | Pick<DirectoryNode, "kind" | "parent" | "entries" | "lower">
      | Pick<FileNode, "kind" | "data" | "size" | "shared" | "lower">
      | Pick<LinkNode, "kind" | "target">
      | Pick<DeviceNode, "kind" | "device">,
  ): MemoryNode {
    if (this.nodes.size >= this.maxNodes) throw new WasiError(Errno.nospc, "too many files");
    const times = { accessed: this.now, modified: this.now, changed: this.now };
    const node: MemoryNode = { id: this.nextId++, links: 0, opens: 0, readOnly: false, ...times, ...what };
    this.nodes.set(node.id, node);
    return node;
  }

  protected node(id: number): MemoryNode {
    return this.nodes.get(id)!;
  }

  protected isOpen(id: number): boolean {
    return (this.nodes.get(id)?.opens ?? 0) > 0;
  }

  protected nodeOf(handle: FileHandle): MemoryNode {
    const id = this.handles.get(handle);
    if (id === undefined) throw new WasiError(Errno.badf, "not an open file");
    return this.node(id);
  }

  protected directoryOf(handle: FileHandle): DirectoryNode {
    const node = this.nodeOf(handle);
    if (node.kind !== "directory") throw new WasiError(Errno.notdir, "not a directory");
    return node;
  }

  /** The entries of a directory; an overlay makes them when they are first asked for. */
  protected entries(directory: DirectoryNode): Map<string, number> {
    return directory.entries;
  }

  /** Reads a file's content from below, if that is where it is. */
  protected copyUp(_node: FileNode): void {}

  /** The node that an entry leads to; `.` is the directory itself. */
  protected entryOf(directory: DirectoryNode, name: string): MemoryNode | undefined {
    if (name === ".") return directory;
    if (name.length > MAX_NAME_LENGTH || encodeUtf8(name).length > MAX_NAME_LENGTH)
      throw new WasiError(Errno.nametoolong, "name too long");
    const id = this.entries(directory).get(name);
    return id === undefined ? undefined : this.node(id);
  }

  protected existing(handle: FileHandle, name: string): MemoryNode {
    const node = this.entryOf(this.directoryOf(handle), name);
    if (node === undefined) throw new WasiError(Errno.noent, "no such file or directory");
    return node;
  }

  /** Adds an entry. @throws WasiError if the directory is read-only or removed, or there are too many */
  protected place(directory: DirectoryNode, name: string, node: MemoryNode): void {
    directory.entries.set(name, node.id);
    this.entryCount++;
    node.links++;
    if (node.kind === "directory") node.parent = directory.id;
    node.changed = directory.modified = directory.changed = this.now;
  }

  /** Whether an entry can be added: asked before anything is made. */
  private requirePlace(directory: DirectoryNode, name: string): void {
    requireWritable(directory);
    this.requireRoom(directory, name);
  }

  private requireRoom(directory: DirectoryNode, name: string): void {
    if (this.entryOf(directory, name) !== undefined) throw new WasiError(Errno.exist, "exists");
    if (directory.links === 0) throw new WasiError(Errno.noent, "the directory is removed");
    if (this.entryCount >= this.maxNodes) throw new WasiError(Errno.nospc, "too many names of files");
  }

  protected remove(directory: DirectoryNode, name: string, node: MemoryNode): void {
    directory.entries.delete(name);
    this.entryCount--;
    node.links--;
    node.changed = directory.modified = directory.changed = this.now;
    this.collect(node);
  }

  /** Frees a node that has neither a name nor a handle. */
  private collect(node: MemoryNode): void {
    if (node.links > 0 || node.opens > 0) return;
    this.bytesUsed -= sizeOf(node);
    this.nodes.delete(node.id);
  }

  /** Takes account of more bytes, or fewer. @throws WasiError past the limit */
  protected use(bytes: number): void {
    if (bytes > 0 && this.bytesUsed + bytes > this.maxBytes) throw new WasiError(Errno.nospc, "file quota used up");
    this.bytesUsed += bytes;
  }

  /** Makes a file's content its own, with room for `size` bytes; what is behind its end is zero. */
  private own(node: FileNode, size: number): void {
    this.copyUp(node);
    if (!node.shared && size <= node.data.length) return;
    const room = size <= node.size ? node.size : Math.min(this.maxBytes, Math.max(size, node.size * 2, 64));
    const data = new Uint8Array(Math.max(room, size));
    data.set(node.data.subarray(0, node.size));
    node.data = data;
    node.shared = false;
  }

  private resize(node: FileNode, size: number): void {
    if (size === 0) {
      this.use(-sizeOf(node));
      Object.assign(node, { data: new Uint8Array(0), size, shared: false, lower: null });
      return;
    }
    this.copyUp(node);
    this.use(size - node.size);
    if (size > node.size) this.own(node, size);
    else {
      this.own(node, size);
      node.data.fill(0, size, node.size);
    }
    node.size = size;
  }

  private touch(node: FileNode): void {
    node.modified = node.changed = this.now;
  }

  // ---- as WASI's calls use it ----

  lookup(directory: FileHandle, name: string): FileStatus | undefined {
    const node = this.entryOf(this.directoryOf(directory), name);
    return node && this.statusOf(node);
  }

  open(directory: FileHandle, name: string, mode: OpenMode): FileHandle {
    const parent = this.directoryOf(directory);
    let node = this.entryOf(parent, name);
    if (node === undefined) {
      if (!mode.create) throw new WasiError(Errno.noent, "no such file or directory");
      this.requirePlace(parent, name);
      node = this.add({ kind: "file", data: new Uint8Array(0), size: 0, shared: false, lower: null });
      this.place(parent, name, node);
    } else this.prepare(node, mode);
    return this.openNode(node);
  }

  private openNode(node: MemoryNode): FileHandle {
    const handle = this.freeHandle;
    this.handles.set(handle, node.id);
    node.opens++;
    do this.freeHandle++;
    while (this.handles.has(this.freeHandle));
    return handle;
  }

  /** What opening does to a node that is there. */
  private prepare(node: MemoryNode, mode: OpenMode): void {
    if (mode.create && mode.exclusive) throw new WasiError(Errno.exist, "exists");
    if (node.kind === "link") throw new WasiError(mode.directory ? Errno.notdir : Errno.loop, "a symbolic link");
    if (node.kind === "directory") {
      if (mode.write || mode.truncate || mode.create) throw new WasiError(Errno.isdir, "a directory");
      return;
    }
    if (mode.directory) throw new WasiError(Errno.notdir, "not a directory");
    if (mode.write || mode.truncate) requireWritable(node);
    if (mode.truncate && node.kind === "file") {
      this.resize(node, 0);
      this.touch(node);
    }
  }

  close(file: FileHandle): void {
    const node = this.nodeOf(file);
    this.handles.delete(file);
    this.freeHandle = Math.min(this.freeHandle, file);
    node.opens--;
    this.collect(node);
  }

  ready(file: FileHandle, bytes?: number): Promise<void> | undefined {
    return this.deviceOf(file)?.ready?.(bytes);
  }

  written(file: FileHandle): Promise<void> | undefined {
    return this.deviceOf(file)?.written?.();
  }

  private deviceOf(file: FileHandle): Stream | undefined {
    const node = this.nodeOf(file);
    return node.kind === "device" ? this.devices.get(node.device) : undefined;
  }

  price(file: FileHandle, offset: number, source: Uint8Array): number {
    const node = this.nodeOf(file);
    if (node.kind === "device") return this.deviceOf(file)?.price?.(source) ?? 0;
    return node.kind === "file" ? this.priceOfGrowth(node, offset, offset + source.length) : 0;
  }

  priceOfSize(file: FileHandle, size: number): number {
    const node = this.nodeOf(file);
    return node.kind === "file" ? this.priceOfGrowth(node, size, size) : 0;
  }

  /** Of the zeros up to `offset`, in a file that is to have `size` bytes; nothing if that is not allowed. */
  private priceOfGrowth(node: FileNode, offset: number, size: number): number {
    // The first change of content that is shared, or below another file system, copies it.
    const copied = node.shared || node.lower !== null ? node.size : 0;
    if (this.bytesUsed + size - sizeOf(node) > this.maxBytes) return 0;
    return Math.ceil((Math.max(0, offset - node.size) + copied) / HOLE_BYTES_PER_FUEL);
  }

  read(file: FileHandle, offset: number, target: Uint8Array): number {
    const node = this.nodeOf(file);
    if (node.kind === "device") return this.deviceOf(file)?.read?.(target) ?? 0;
    if (node.kind !== "file") throw new WasiError(Errno.isdir, "not a file");
    return this.readContent(node, offset, target);
  }

  protected readContent(node: FileNode, offset: number, target: Uint8Array): number {
    const count = Math.max(0, Math.min(target.length, node.size - offset));
    target.set(node.data.subarray(offset, offset + count));
    return count;
  }

  /** Writes all, or nothing if there is no room for all. */
  write(file: FileHandle, offset: number, source: Uint8Array): number {
    const node = this.nodeOf(file);
    if (node.kind === "device") {
      this.deviceOf(file)?.write?.(source);
      return source.length;
    }
    if (node.kind !== "file") throw new WasiError(Errno.isdir, "not a file");
    const end = offset + source.length;
    if (end > node.size) this.resize(node, end);
    else this.own(node, node.size);
    node.data.set(source, offset);
    this.touch(node);
    return source.length;
  }

  setSize(file: FileHandle, size: number): void {
    const node = this.nodeOf(file);
    if (node.kind !== "file") throw new WasiError(Errno.inval, "not a file");
    this.resize(node, size);
    this.touch(node);
  }

  status(file: FileHandle): FileStatus {
    return this.statusOf(this.nodeOf(file));
  }

  protected statusOf(node: MemoryNode): FileStatus {
    const { id, accessed, modified, changed } = node;
    const size = node.kind === "file" ? node.size : sizeOf(node);
    const times = { accessed, modified, changed };
    return { filetype: FILETYPE[node.kind], device: DEVICE, inode: BigInt(id), links: node.links, size, ...times };
  }

  setTimes(file: FileHandle, times: FileTimes): void {
    this.stamp(this.nodeOf(file), times);
  }

  setTimesOf(directory: FileHandle, name: string, times: FileTimes): void {
    this.stamp(this.existing(directory, name), times);
  }

  private stamp(node: MemoryNode, { accessed, modified }: FileTimes): void {
    requireWritable(node);
    if (accessed !== undefined) node.accessed = accessed;
    if (modified !== undefined) node.modified = modified;
    node.changed = this.now;
  }

  list(directory: FileHandle): string[] {
    return [...this.entries(this.directoryOf(directory)).keys()];
  }

  parent(directory: FileHandle): FileStatus | undefined {
    return this.statusOf(this.node(this.directoryOf(directory).parent) ?? this.node(ROOT));
  }

  readLink(directory: FileHandle, name: string): string {
    const node = this.existing(directory, name);
    if (node.kind !== "link") throw new WasiError(Errno.inval, "not a symbolic link");
    return node.target;
  }

  createDirectory(directory: FileHandle, name: string): void {
    const parent = this.directoryOf(directory);
    this.requirePlace(parent, name);
    this.place(parent, name, this.add({ kind: "directory", parent: parent.id, entries: new Map(), lower: null }));
  }

  removeDirectory(directory: FileHandle, name: string): void {
    const node = this.existing(directory, name);
    if (node.kind !== "directory") throw new WasiError(Errno.notdir, "not a directory");
    if (this.entries(node).size > 0) throw new WasiError(Errno.notempty, "not empty");
    if (node.id === ROOT || name === ".") throw new WasiError(Errno.busy, "in use");
    const parent = this.directoryOf(directory);
    requireWritable(parent);
    this.remove(parent, name, node);
  }

  unlink(directory: FileHandle, name: string): void {
    const node = this.existing(directory, name);
    if (node.kind === "directory") throw new WasiError(Errno.isdir, "a directory");
    const parent = this.directoryOf(directory);
    requireWritable(parent);
    if (node.kind === "device") throw new WasiError(Errno.busy, "a device");
    requireWritable(node);
    this.remove(parent, name, node);
  }

  symlink(target: string, directory: FileHandle, name: string): void {
    const parent = this.directoryOf(directory);
    this.requirePlace(parent, name);
    this.place(parent, name, this.addLink(target));
  }

  protected addLink(target: string): MemoryNode {
    const bytes = encodeUtf8(target).length;
    this.use(bytes);
    try {
      return this.add({ kind: "link", target });
    } catch (error) {
      this.use(-bytes);
      throw error;
    }
  }

  link(fromDirectory: FileHandle, from: string, toDirectory: FileHandle, to: string): void {
    const node = this.existing(fromDirectory, from);
    const parent = this.directoryOf(toDirectory);
    this.requirePlace(parent, to);
    if (node.kind === "directory" || node.kind === "device")
      throw new WasiError(Errno.perm, "neither a file nor a link");
    // Read-only files are those of a place: a name elsewhere would outlive it.
    requireWritable(node);
    this.place(parent, to, node);
  }

  rename(fromDirectory: FileHandle, from: string, toDirectory: FileHandle, to: string): void {
    const source = this.directoryOf(fromDirectory);
    const target = this.directoryOf(toDirectory);
    const moving = this.existing(fromDirectory, from);
    const replaced = this.entryOf(target, to);
    if (moving.kind === "device" || from === "." || to === ".") throw new WasiError(Errno.busy, "in use");
    if (moving === replaced) return;
    for (const node of [source, target, moving]) requireWritable(node);
    if (target.links === 0) throw new WasiError(Errno.noent, "the directory is removed");
    if (moving.kind === "directory") this.requireOutside(moving, target);
    if (replaced !== undefined) this.requireReplaceable(moving, replaced);
    if (replaced !== undefined) this.remove(target, to, replaced);
    source.entries.delete(from);
    this.entryCount--;
    moving.links--;
    source.modified = source.changed = this.now;
    this.place(target, to, moving);
  }

  /** Moving a directory into itself would cut the branch from the tree. */
  private requireOutside(moving: DirectoryNode, target: DirectoryNode): void {
    for (let up: DirectoryNode | undefined = target; up !== undefined; up = this.node(up.parent) as DirectoryNode) {
      if (up === moving) throw new WasiError(Errno.inval, "cannot move a directory into itself");
      if (up.id === up.parent) return;
    }
  }

  private requireReplaceable(moving: MemoryNode, replaced: MemoryNode): void {
    if (replaced.kind === "device") throw new WasiError(Errno.busy, "a device");
    if (moving.kind === "directory") {
      if (replaced.kind !== "directory") throw new WasiError(Errno.notdir, "not a directory");
      if (this.entries(replaced).size > 0) throw new WasiError(Errno.notempty, "not empty");
    } else if (replaced.kind === "directory") throw new WasiError(Errno.isdir, "a directory");
    requireWritable(replaced);
  }

  // ---- for the host: paths from the root, whose links are followed ----

  /** Opens a directory for a preopen. @throws WasiError */
  openDirectory(path = "/"): FileHandle {
    return this.at(path, ({ directory, name }) => this.open(directory, name, OPEN_DIRECTORY));
  }

  /** Opens what `..` of a directory is; of the root, the root. @throws WasiError if the directory is removed */
  openParent(directory: FileHandle): FileHandle {
    const { links, parent } = this.directoryOf(directory);
    if (links === 0) throw new WasiError(Errno.noent, "the directory is removed");
    return this.openNode(this.node(parent));
  }

  protected at<T>(path: string, use: (place: Place) => T): T {
    const root = this.openNode(this.node(ROOT));
    try {
      return this.walk(root, root, path, { follow: true }, use);
    } finally {
      this.close(root);
    }
  }

  /** Walks a path that may lead everywhere: `/` is `root`, and relative paths begin at `base`. */
  walk<T>(root: FileHandle, base: FileHandle, path: string, options: WalkOptions, use: (place: Place) => T): T {
    const everywhere = { directory: root, openParent: (directory: FileHandle) => this.openParent(directory) };
    return atPath(this, base, path, { ...options, root: everywhere }, use);
  }

  /** The path from the root to an open directory; of one that is removed, undefined. */
  pathOf(directory: FileHandle): string | undefined {
    const names: string[] = [];
    for (let node = this.directoryOf(directory); node.id !== ROOT; ) {
      const parent: DirectoryNode | undefined = this.nodes.get(node.parent) as DirectoryNode | undefined;
      const entry = parent && [...parent.entries].find(([, id]) => id === node.id);
      if (entry === undefined) return undefined;
      names.unshift(entry[0]);
      node = parent!;
    }
    return `/${names.join("/")}`;
  }

  /** Closes every handle that is not among these. */
  closeOthers(kept: ReadonlySet<FileHandle>): void {
    for (const handle of [...this.handles.keys()]) if (!kept.has(handle)) this.close(handle);
  }

  /** Makes a directory and those above it, where they are missing. */
  mkdirs(path: string): void {
    let prefix = "";
    for (const part of path.split("/").filter((name) => name !== "")) {
      prefix += `/${part}`;
      this.at(prefix, ({ directory, name, status }) => {
        if (status === undefined) this.createDirectory(directory, name);
      });
    }
  }

  /**
   * Writes a file whole, making or replacing it.
   * @param options `readOnly`: the guest cannot change it. `shared`: `content` is not copied before the guest
   *   writes to the file: nobody changes it meanwhile
   */
  writeFile(path: string, content: Uint8Array, options: { readOnly?: boolean; shared?: boolean } = {}): void {
    this.at(path, ({ directory, name, status }) => {
      if (status === undefined) {
        this.close(this.open(directory, name, { ...OPEN_DIRECTORY, directory: false, create: true }));
      }
      const node = this.existing(directory, name);
      if (node.kind !== "file") throw new WasiError(Errno.isdir, "not a file");
      this.use(content.length - sizeOf(node));
      const data = options.shared ? content : content.slice();
      Object.assign(node, { data, size: content.length, shared: options.shared ?? false, lower: null });
      node.readOnly = options.readOnly ?? false;
      this.touch(node);
    });
  }

  /** The whole content of a file. */
  readFile(path: string): Uint8Array {
    return this.at(path, ({ directory, name }) => {
      const file = this.open(directory, name, { ...OPEN_DIRECTORY, directory: false });
      try {
        const content = new Uint8Array(this.status(file).size);
        this.read(file, 0, content);
        return content;
      } finally {
        this.close(file);
      }
    });
  }

  /** Whether there is a device of this name. */
  hasDevice(name: string): boolean {
    return this.devices.has(name);
  }

  /** Names of all entries of all directories. */
  allNames(): string[] {
    return [...this.nodes.values()].flatMap((node) => (node.kind === "directory" ? [...node.entries.keys()] : []));
  }

  /** Bytes in files that the guest cannot change. */
  get readOnlyBytes(): number {
    let bytes = 0;
    for (const node of this.nodes.values()) if (node.kind === "file" && node.readOnly) bytes += sizeOf(node);
    return bytes;
  }

  /** Names in a directory, in the order in which they were made. */
  names(path: string): string[] {
    const directory = this.openDirectory(path);
    try {
      return this.list(directory);
    } finally {
      this.close(directory);
    }
  }

  /** Puts a device at `path`; `device` names an entry of the constructor's table. */
  addDevice(path: string, device: string): void {
    this.at(path, ({ directory, name }) => {
      const parent = this.directoryOf(directory);
      this.requireRoom(parent, name);
      this.place(parent, name, this.add({ kind: "device", device }));
    });
  }

  /** Makes everything at and below `path` read-only for the guest, or writable again. */
  setReadOnly(path: string, readOnly: boolean): void {
    this.at(path, ({ directory, name }) => this.setEntryReadOnly(directory, name, readOnly));
  }

  /** As {@link setReadOnly}, of an entry of an open directory. */
  setEntryReadOnly(directory: FileHandle, name: string, readOnly: boolean): void {
    const waiting = [this.existing(directory, name)];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      node.readOnly = readOnly;
      if (node.kind === "directory") for (const id of this.entries(node).values()) waiting.push(this.node(id));
    }
  }

  /** Whether the guest can change an entry's content. */
  isReadOnly(directory: FileHandle, name: string): boolean {
    return this.existing(directory, name).readOnly;
  }

  /** As {@link isReadOnly}, of what is open. */
  isOpenReadOnly(file: FileHandle): boolean {
    return this.nodeOf(file).readOnly;
  }

  // ---- state ----

  saveState(): MemoryFilesState {
    const nodes = [...this.nodes.values()].map(savedNode);
    return { nextId: this.nextId, nodes, open: [...this.handles].sort(([a], [b]) => a - b) };
  }

  /** Replaces everything by a state that {@link saveState} returned. */
  restoreState(state: MemoryFilesState): void {
    this.nodes = new Map();
    this.bytesUsed = 0;
    this.entryCount = 0;
    for (const saved of state.nodes) {
      const node = restoredNode(saved);
      this.nodes.set(node.id, node);
      this.bytesUsed += sizeOf(node);
    }
    this.node(ROOT).links = 1;
    for (const node of this.nodes.values()) {
      if (node.kind !== "directory") continue;
      this.entryCount += node.entries.size;
      for (const id of node.entries.values()) this.node(id).links++;
    }
    this.handles = new Map(state.open);
    for (const id of this.handles.values()) this.node(id).opens++;
    this.nextId = state.nextId;
    for (this.freeHandle = 0; this.handles.has(this.freeHandle); ) this.freeHandle++;
  }
}
