// An overlay: a file system in memory, in which directories of another lie below. What is read comes from there,
// and what is changed is kept here: nothing is ever written below.
//
// A directory from below gets its entries when they are first asked for, as nodes that say where their content
// is; a file's content is copied when it is first changed. From then on all is as in memory: what is removed is
// gone, what is renamed goes on reading from where it was. The file system below must not change meanwhile.

import { Errno, Filetype } from "./abi.js";
import { WasiError } from "./errors.js";
import type { FileHandle, FileStatus, FileSystem, OpenMode, Stream } from "./file-system.js";
import { MemoryFiles } from "./memory-files.js";
import type { DirectoryNode, FileNode, Lower, MemoryNode } from "./memory-nodes.js";
import type { MemoryFilesLimits, MemoryFilesState } from "./memory-tree.js";
import { OPEN_DIRECTORY } from "./paths.js";

const DEFAULT_MAX_NODES = 65_536;
const OPEN_FILE: OpenMode = { ...OPEN_DIRECTORY, directory: false };

export class OverlayFiles extends MemoryFiles {
  protected readonly mounts: { readonly files: FileSystem; readonly directory: FileHandle }[] = [];
  /** Files below that are open, by node; opened when they are first read, and closed with the node. */
  private readonly lowerHandles = new Map<number, { readonly files: FileSystem; readonly handle: FileHandle }>();
  /** Directories below that could not be read, or have more entries than there is room for. */
  private readonly unreadable = new Map<number, WasiError>();
  /** Names in directories below whose entries are about to be looked at: counted for their price. */
  private readonly counted = new Map<number, number>();

  /** @param limits `maxBytes` of what is changed; `maxNodes` (default 65536) also of what has been looked at below */
  constructor(limits: MemoryFilesLimits = {}, devices?: ReadonlyMap<string, Stream>) {
    super({ ...limits, maxNodes: limits.maxNodes ?? DEFAULT_MAX_NODES }, devices);
  }

  /**
   * Lays a directory of another file system below a directory of this one, which is made if it is missing.
   * A state is restored into an overlay with the same mounts, in the same order.
   * @throws WasiError if there is a file, or a directory that has entries
   */
  mount(path: string, files: FileSystem, directory: FileHandle): void {
    this.mkdirs(path);
    this.at(path === "" ? "/" : path, (place) => {
      const node = this.existing(place.directory, place.name);
      if (node.kind !== "directory") throw new WasiError(Errno.notdir, "not a directory");
      if (node.lower !== null || node.entries.size > 0) throw new WasiError(Errno.notempty, "not empty");
      node.lower = { mount: this.mounts.push({ files, directory }) - 1, path: [] };
    });
  }

  protected override entries(directory: DirectoryNode): Map<string, number> {
    const { lower, modified, changed } = directory;
    if (lower === null) return directory.entries;
    const failure = this.unreadable.get(directory.id);
    if (failure !== undefined) throw failure;
    directory.lower = null;
    this.counted.delete(directory.id);
    try {
      this.inLower(lower, lower.path.length, (files, handle) => {
        for (const name of files.list(handle)) {
          const status = files.lookup(handle, name);
          if (status !== undefined) this.addBelow(directory, name, status, { ...lower, path: [...lower.path, name] });
        }
      });
    } catch (error) {
      // Half a directory would be a lie. To try again each time would cost the host more than it costs the guest.
      for (const [name, id] of directory.entries) this.remove(directory, name, this.node(id));
      directory.lower = lower;
      if (error instanceof WasiError) this.unreadable.set(directory.id, error);
      throw error;
    } finally {
      Object.assign(directory, { modified, changed });
    }
    return directory.entries;
  }

  /** Fuel of an access to what is below: of a directory that has not been looked into, for each of its entries. */
  protected priceBelow(file: FileHandle): number {
    const node = this.nodeOf(file);
    if ((node.kind !== "directory" && node.kind !== "file") || node.lower === null) return 0;
    const { lower } = node;
    const { accessFuel = 0 } = this.mounts[lower.mount]!.files;
    if (accessFuel === 0 || node.kind === "file") return accessFuel;
    let count = this.counted.get(node.id);
    if (count === undefined && !this.unreadable.has(node.id)) {
      try {
        count = this.inLower(lower, lower.path.length, (files, handle) => files.list(handle).length);
        this.counted.set(node.id, count);
      } catch (error) {
        if (!(error instanceof WasiError)) throw error;
      }
    }
    return accessFuel * (1 + (count ?? 0));
  }

  private addBelow(directory: DirectoryNode, name: string, status: FileStatus, lower: Lower): void {
    const node = this.nodeBelow(directory, status, lower);
    if (node === undefined) return;
    this.place(directory, name, node);
    const { accessed, modified, changed } = status;
    Object.assign(node, { accessed, modified, changed });
  }

  /** Devices and the like stay below. */
  private nodeBelow(directory: DirectoryNode, { filetype, size }: FileStatus, lower: Lower): MemoryNode | undefined {
    switch (filetype) {
      case Filetype.directory:
        return this.add({ kind: "directory", parent: directory.id, entries: new Map(), lower });
      case Filetype.regular_file:
        return this.add({ kind: "file", data: new Uint8Array(0), size, shared: false, kept: null, lower });
      case Filetype.symbolic_link: {
        const target = this.inLower(lower, lower.path.length - 1, (files, handle) =>
          files.readLink(handle, lower.path.at(-1)!),
        );
        return this.addLink(target);
      }
      default:
        return undefined;
    }
  }

  protected override readContent(node: FileNode, offset: number, target: Uint8Array): number {
    if (node.lower === null) return super.readContent(node, offset, target);
    const room = Math.max(0, Math.min(target.length, node.size - offset));
    if (room === 0) return 0;
    const { files, handle } = this.openLower(node.id, node.lower);
    return files.read(handle, offset, target.subarray(0, room));
  }

  protected override copyUp(node: FileNode): void {
    if (node.lower === null) return;
    this.use(node.size);
    const data = new Uint8Array(node.size);
    try {
      for (let at = 0; at < data.length; ) {
        const count = this.readContent(node, at, data.subarray(at));
        if (count === 0) break;
        at += count;
      }
    } catch (error) {
      this.use(-node.size);
      throw error;
    }
    this.closeLower(node.id);
    node.data = data;
    node.lower = null;
  }

  override close(file: FileHandle): void {
    const { id } = this.nodeOf(file);
    super.close(file);
    if (!this.isOpen(id)) this.closeLower(id);
  }

  override restoreState(state: MemoryFilesState): void {
    this.closeLowers();
    this.unreadable.clear();
    this.counted.clear();
    super.restoreState(state);
  }

  /** Closes what is open below; it is opened anew when it is read. */
  protected closeLowers(): void {
    for (const id of [...this.lowerHandles.keys()]) this.closeLower(id);
  }

  private openLower(id: number, lower: Lower): { files: FileSystem; handle: FileHandle } {
    let opened = this.lowerHandles.get(id);
    if (opened !== undefined) return opened;
    const name = lower.path.at(-1)!;
    opened = this.inLower(lower, lower.path.length - 1, (files, directory) => ({
      files,
      handle: files.open(directory, name, OPEN_FILE),
    }));
    this.lowerHandles.set(id, opened);
    return opened;
  }

  private closeLower(id: number): void {
    const opened = this.lowerHandles.get(id);
    this.lowerHandles.delete(id);
    opened?.files.close(opened.handle);
  }

  /** Opens the first `count` directories of a path below, one in the other, and closes them. */
  private inLower<T>(lower: Lower, count: number, use: (files: FileSystem, directory: FileHandle) => T): T {
    const { files, directory } = this.mounts[lower.mount]!;
    let here = directory;
    const leave = (): void => {
      if (here !== directory) files.close(here);
    };
    try {
      for (const name of lower.path.slice(0, count)) {
        const next = files.open(here, name, OPEN_DIRECTORY);
        leave();
        here = next;
      }
      return use(files, here);
    } finally {
      leave();
    }
  }
}
