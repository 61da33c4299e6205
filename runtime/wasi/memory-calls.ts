// What WASI's calls do with a file system in memory, one name in one open directory at a time.

import { encodeUtf8 } from "../../decoder/index.js";
import { Errno } from "./abi.js";
import { WasiError } from "./errors.js";
import type { FileHandle, FileStatus, FileTimes, OpenMode, Stream } from "./file-system.js";
import {
  type DirectoryNode,
  FILETYPE,
  type FileNode,
  type MemoryNode,
  ROOT,
  requireWritable,
  sizeOf,
} from "./memory-nodes.js";
import { type MemoryFilesLimits, MemoryTree } from "./memory-tree.js";

/** Zeros between the end of a file and what is written behind it: a unit makes that many. */
const HOLE_BYTES_PER_FUEL = 16;
/** The `dev` of everything here. */
const DEVICE = 1n;

export class MemoryCalls extends MemoryTree {
  /** @param devices what the devices do, by the names that entries have for them */
  constructor(
    limits: MemoryFilesLimits,
    protected readonly devices: ReadonlyMap<string, Stream>,
  ) {
    super(limits);
  }

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
      node = this.add({ kind: "file", data: new Uint8Array(0), size: 0, shared: false, kept: null, lower: null });
      this.place(parent, name, node);
    } else this.prepare(node, mode);
    return this.openNode(node);
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
    this.changes();
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
}
