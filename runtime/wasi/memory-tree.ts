// The tree behind a file system in memory: nodes, the entries that lead to them, the handles that they are open
// under, and what all of them may take. Its whole state is plain data (MemoryFilesState).
//
// The terms are those of memory-nodes.ts.

import { encodeUtf8 } from "../../decoder/index.js";
import { Errno } from "./abi.js";
import { WasiError } from "./errors.js";
import type { FileHandle } from "./file-system.js";
import {
  type DeviceNode,
  type DirectoryNode,
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

/** In bytes of UTF-8 (NAME_MAX). */
export const MAX_NAME_LENGTH = 255;

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

export class MemoryTree {
  /** The time that changes are stamped with. */
  protected now = 0n;
  maxBytes: number;
  readonly maxNodes: number;
  protected nodes = new Map<number, MemoryNode>();
  protected handles = new Map<FileHandle, number>();
  private nextId = ROOT;
  /** The lowest number that is no handle: numbers depend on what is open only, not on what was. */
  protected freeHandle = 0;
  protected bytesUsed = 0;
  protected entryCount = 0;
  /** The nodes as data, until one of them may have been changed: states of a run are taken by the thousand. */
  private saved: readonly SavedNode[] | null = null;

  constructor(limits: MemoryFilesLimits = {}) {
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
      | Pick<FileNode, "kind" | "data" | "size" | "shared" | "kept" | "lower">
      | Pick<LinkNode, "kind" | "target">
      | Pick<DeviceNode, "kind" | "device">,
  ): MemoryNode {
    if (this.nodes.size >= this.maxNodes) throw new WasiError(Errno.nospc, "too many files");
    const times = { accessed: this.now, modified: this.now, changed: this.now };
    const node: MemoryNode = { id: this.nextId++, links: 0, opens: 0, readOnly: false, saved: null, ...times, ...what };
    this.nodes.set(node.id, node);
    this.saved = null;
    return node;
  }

  /** A node, which whoever asks for it may change. */
  protected node(id: number): MemoryNode {
    this.saved = null;
    return this.nodes.get(id)!;
  }

  protected isOpen(id: number): boolean {
    return (this.nodes.get(id)?.opens ?? 0) > 0;
  }

  /** The node that is open there. Of a device nothing changes when it is read or written: see {@link changes}. */
  protected nodeOf(handle: FileHandle): MemoryNode {
    const id = this.handles.get(handle);
    if (id === undefined) throw new WasiError(Errno.badf, "not an open file");
    const node = this.nodes.get(id)!;
    if (node.kind !== "device") this.saved = null;
    return node;
  }

  /** A device is about to be changed that was found by its handle. */
  protected changes(): void {
    this.saved = null;
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
  protected requirePlace(directory: DirectoryNode, name: string): void {
    requireWritable(directory);
    this.requireRoom(directory, name);
  }

  protected requireRoom(directory: DirectoryNode, name: string): void {
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
  protected collect(node: MemoryNode): void {
    if (node.links > 0 || node.opens > 0) return;
    this.bytesUsed -= sizeOf(node);
    this.nodes.delete(node.id);
    this.saved = null;
  }

  /** Takes account of more bytes, or fewer. @throws WasiError past the limit */
  protected use(bytes: number): void {
    if (bytes > 0 && this.bytesUsed + bytes > this.maxBytes) throw new WasiError(Errno.nospc, "file quota used up");
    this.bytesUsed += bytes;
  }

  /** Makes a file's content its own, with room for `size` bytes; what is behind its end is zero. */
  protected own(node: FileNode, size: number): void {
    this.copyUp(node);
    if (!node.shared && node.kept !== node.data && size <= node.data.length) return;
    const room = size <= node.size ? node.size : Math.min(this.maxBytes, Math.max(size, node.size * 2, 64));
    const data = new Uint8Array(Math.max(room, size));
    data.set(node.data.subarray(0, node.size));
    node.data = data;
    node.shared = false;
  }

  protected resize(node: FileNode, size: number): void {
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

  protected touch(node: FileNode): void {
    node.modified = node.changed = this.now;
  }

  protected openNode(node: MemoryNode): FileHandle {
    const handle = this.freeHandle;
    this.handles.set(handle, node.id);
    node.opens++;
    do this.freeHandle++;
    while (this.handles.has(this.freeHandle));
    return handle;
  }

  // ---- state ----

  saveState(): MemoryFilesState {
    this.saved ??= [...this.nodes.values()].map(savedNode);
    return { nextId: this.nextId, nodes: this.saved, open: [...this.handles].sort(([a], [b]) => a - b) };
  }

  /** Replaces everything by a state that {@link saveState} returned. */
  restoreState(state: MemoryFilesState): void {
    this.nodes = new Map();
    this.saved = null;
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
