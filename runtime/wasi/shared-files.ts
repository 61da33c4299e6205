// Files that nobody can change: a library that many guests of one process read. It has no state: the handle of a
// node is its number, whoever opens it and however often, so that guests, forks and snapshots share one of these.

import { Errno, Filetype, type FiletypeValue } from "./abi.js";
import { WasiError } from "./errors.js";
import type { FileHandle, FileStatus, FileSystem, OpenMode } from "./file-system.js";

/** The content of a file, which must not change. */
export interface SharedContent {
  /** In bytes. */
  readonly size: number;
  /** Fills `target`, which ends within the content, with the bytes from `offset` on. */
  read(offset: number, target: Uint8Array): void;
}

interface DirectoryNode {
  readonly parent: FileHandle;
  readonly entries: Map<string, FileHandle>;
}
interface FileNode {
  readonly content: SharedContent;
}
type Node = DirectoryNode | FileNode;

/** When everything was made: 2000-01-01, in nanoseconds since 1970. */
const MADE = 946_684_800_000_000_000n;
const ROOT: FileHandle = 0;

/** The bytes themselves as a file's content. They are not copied. */
export function contentOf(bytes: Uint8Array): SharedContent {
  return {
    size: bytes.length,
    read: (offset, target) => target.set(bytes.subarray(offset, offset + target.length)),
  };
}

export class SharedFiles implements FileSystem {
  private readonly nodes: Node[] = [{ parent: ROOT, entries: new Map() }];

  /**
   * @param files contents by their paths from the root, such as `lib/a.zip`; directories are made for them. Node numbers
   *   follow the order: guests that share a state are given the same files
   * @throws WasiError for a path that is none, or leads through a file
   */
  constructor(files: Readonly<Record<string, SharedContent>>) {
    for (const [path, content] of Object.entries(files)) {
      const names = path.split("/");
      const name = names.pop()!;
      const { entries } = this.directory(this.mkdirs(names));
      if (!isName(name) || entries.has(name)) throw new WasiError(Errno.inval, `not a path of a file: ${path}`);
      entries.set(name, this.nodes.push({ content }) - 1);
    }
  }

  /** The handle of a directory. @throws WasiError if there is none */
  openDirectory(path: string): FileHandle {
    let at = ROOT;
    for (const name of path.split("/").filter((part) => part !== "")) at = this.entry(at, name);
    this.directory(at);
    return at;
  }

  private mkdirs(names: readonly string[]): FileHandle {
    let at = ROOT;
    for (const name of names) {
      if (!isName(name)) throw new WasiError(Errno.inval, `not a name of a directory: ${name}`);
      const { entries } = this.directory(at);
      const known = entries.get(name);
      const next: FileHandle = known ?? this.nodes.push({ parent: at, entries: new Map() }) - 1;
      if (known === undefined) entries.set(name, next);
      at = next;
    }
    return at;
  }

  private node(handle: FileHandle): Node {
    const node = this.nodes[handle];
    if (node === undefined) throw new WasiError(Errno.badf, "not an open file");
    return node;
  }

  private directory(handle: FileHandle): DirectoryNode {
    const node = this.node(handle);
    if (!("entries" in node)) throw new WasiError(Errno.notdir, "not a directory");
    return node;
  }

  private find(directory: FileHandle, name: string): FileHandle | undefined {
    const { entries } = this.directory(directory);
    return name === "." ? directory : entries.get(name);
  }

  private entry(directory: FileHandle, name: string): FileHandle {
    const found = this.find(directory, name);
    if (found === undefined) throw new WasiError(Errno.noent, "no such file or directory");
    return found;
  }

  setTime(): void {}

  lookup(directory: FileHandle, name: string): FileStatus | undefined {
    const found = this.find(directory, name);
    return found === undefined ? undefined : this.status(found);
  }

  open(directory: FileHandle, name: string, mode: OpenMode): FileHandle {
    const found = this.find(directory, name);
    if (found === undefined && mode.create) throw readOnly();
    const handle = this.entry(directory, name);
    if (mode.create && mode.exclusive) throw new WasiError(Errno.exist, "exists");
    const isDirectory = "entries" in this.node(handle);
    if (mode.directory && !isDirectory) throw new WasiError(Errno.notdir, "not a directory");
    if (isDirectory && mode.write) throw new WasiError(Errno.isdir, "a directory");
    if (mode.write || mode.truncate) throw readOnly();
    return handle;
  }

  close(): void {}

  read(file: FileHandle, offset: number, target: Uint8Array): number {
    const node = this.node(file);
    if ("entries" in node) throw new WasiError(Errno.isdir, "a directory");
    const count = Math.max(0, Math.min(target.length, node.content.size - offset));
    if (count > 0) node.content.read(offset, target.subarray(0, count));
    return count;
  }

  status(file: FileHandle): FileStatus {
    const node = this.node(file);
    const filetype: FiletypeValue = "entries" in node ? Filetype.directory : Filetype.regular_file;
    const size = "entries" in node ? 0 : node.content.size;
    const times = { accessed: MADE, modified: MADE, changed: MADE };
    return { filetype, device: 1n, inode: BigInt(file + 1), links: 1, size, ...times };
  }

  list(directory: FileHandle): string[] {
    return [...this.directory(directory).entries.keys()];
  }

  parent(directory: FileHandle): FileStatus {
    return this.status(this.directory(directory).parent);
  }

  readLink(directory: FileHandle, name: string): string {
    this.entry(directory, name);
    throw new WasiError(Errno.inval, "not a symbolic link");
  }

  write(): never {
    throw readOnly();
  }
  setSize(): never {
    throw readOnly();
  }
  setTimes(): never {
    throw readOnly();
  }
  setTimesOf(): never {
    throw readOnly();
  }
  createDirectory(): never {
    throw readOnly();
  }
  removeDirectory(): never {
    throw readOnly();
  }
  unlink(): never {
    throw readOnly();
  }
  symlink(): never {
    throw readOnly();
  }
  link(): never {
    throw readOnly();
  }
  rename(): never {
    throw readOnly();
  }
}

const isName = (name: string): boolean => name !== "" && name !== "." && name !== "..";
const readOnly = (): WasiError => new WasiError(Errno.rofs, "read-only");
