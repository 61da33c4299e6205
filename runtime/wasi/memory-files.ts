// A file system in memory: directories, files, symbolic and hard links, devices. It needs nothing of its
// host, and its whole state is plain data (MemoryFilesState). Devices are named in the state; what they do
// is given to the constructor.
//
// memory-tree.ts has what it consists of, memory-calls.ts what a guest does with it; here is what the host does, by
// paths. The terms are those of memory-nodes.ts.

import { Errno } from "./abi.js";
import { WasiError } from "./errors.js";
import type { FileHandle, FileSystem, Stream } from "./file-system.js";
import { MemoryCalls } from "./memory-calls.js";
import { type DirectoryNode, ROOT, sizeOf } from "./memory-nodes.js";
import type { MemoryFilesLimits } from "./memory-tree.js";
import { atPath, OPEN_DIRECTORY, type Place, type WalkOptions } from "./paths.js";

export class MemoryFiles extends MemoryCalls implements FileSystem {
  /** @param devices what the devices do, by the names that {@link addDevice} gives them */
  constructor(limits: MemoryFilesLimits = {}, devices: ReadonlyMap<string, Stream> = new Map()) {
    super(limits, devices);
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
}
