// A file system in memory with directories of others in it: read-only and read-write ones, which show the other file
// system as it is and have nothing of their own, and overlays, whose changes are kept here (overlay-files.ts).
//
// A handle of something in a mounted directory is one of this file system, open on the node of the mount point, and
// beside it the way from there: names of directories, then the name. What is open below is opened by that way when it
// is first used, and again after a state has been restored: a state has the way, and nothing of the content.

import { Errno, Filetype, type FiletypeValue } from "./abi.js";
import { WasiError } from "./errors.js";
import type { FileHandle, FileStatus, FileSystem, FileTimes, OpenMode } from "./file-system.js";
import type { MemoryNode } from "./memory-nodes.js";
import type { MemoryFilesState } from "./memory-tree.js";
import { OverlayFiles } from "./overlay-files.js";
import { OPEN_DIRECTORY } from "./paths.js";

export type MountAccess = "read-only" | "read-write" | "overlay";

/** A directory of another file system, and where the guest finds it. */
export interface Mount {
  /** From the root, as in `/input`. */
  readonly path: string;
  readonly access: MountAccess;
  readonly files: FileSystem;
  readonly directory: FileHandle;
}

/** The state as plain data. What is in mounted directories is not in it, but for what was changed in overlays. */
export interface MountedFilesState extends MemoryFilesState {
  /** What is mounted, in the order in which it was, and the node that it is mounted on. */
  readonly mounts: readonly { readonly path: string; readonly access: MountAccess; readonly node: number }[];
  /** Handles of what is open in mounted directories. */
  readonly mounted: readonly SavedOpening[];
}

interface SavedOpening {
  readonly handle: FileHandle;
  readonly way: readonly string[];
  readonly directory: boolean;
  readonly write: boolean;
}

/** Something that is open in a mounted directory. */
interface Opening {
  readonly mount: Mount;
  /** Names from the mounted directory on. */
  way: readonly string[];
  readonly directory: boolean;
  readonly write: boolean;
  /** The handle below; undefined until it is used. */
  below: FileHandle | undefined;
}

export class MountedFiles extends OverlayFiles {
  private readonly points = new Map<number, Mount>();
  private mountedAt: MountedFilesState["mounts"] = [];
  private readonly openings = new Map<FileHandle, Opening>();
  /** Bytes by which files of others have grown, and names that were made there: as bounded as what is in memory. */
  private grown = 0;
  private made = 0;
  /** What a state may have mounted, by path. */
  private readonly available = new Map<string, Mount>();

  /** What {@link mountAt} and states may name. */
  offer(mounts: readonly Mount[]): void {
    for (const mount of mounts) this.available.set(mount.path, mount);
  }

  offers(path: string, access: MountAccess): boolean {
    return this.available.get(path)?.access === access;
  }

  /** Paths that are offered, in order. */
  get offered(): readonly string[] {
    return [...this.available.keys()];
  }

  /** What is mounted. */
  get mountPaths(): readonly string[] {
    return this.mountedAt.map(({ path }) => path);
  }

  /**
   * Mounts what is offered under a path. Its directory is made if it is missing.
   * @throws WasiError if something is there that is not an empty directory
   */
  mountAt(path: string): void {
    const mount = this.available.get(path);
    if (mount === undefined) throw new WasiError(Errno.inval, "not a directory that is offered");
    const { files, directory, access } = mount;
    this.mount(path, files, directory);
    this.at(path, ({ directory: parent, name }) => {
      const node = this.existing(parent, name);
      // Even where the directory around it is not the guest's to change.
      node.readOnly = false;
      this.mountedAt = [...this.mountedAt, { path, access, node: node.id }];
      if (access === "overlay") return;
      if (node.kind === "directory") node.lower = null;
      this.points.set(node.id, mount);
    });
    // Whoever is in the directory is now in the mounted one.
    for (const [handle, id] of this.handles) this.enterPoint(handle, id);
  }

  /** Closes what is open in other file systems. */
  dispose(): void {
    for (const opening of this.openings.values()) this.closeBelow(opening);
    this.closeLowers();
  }

  get maxDepth(): number {
    return Math.min(...[...this.available.values()].map(({ files }) => files.maxDepth ?? Number.POSITIVE_INFINITY));
  }

  priceOfAccess(file: FileHandle): number {
    const opening = this.openings.get(file);
    return opening === undefined ? this.priceBelow(file) : (opening.mount.files.accessFuel ?? 0);
  }

  // ---- handles ----

  private enterPoint(handle: FileHandle, id: number): void {
    const mount = this.points.get(id);
    if (mount === undefined || this.openings.has(handle)) return;
    this.openings.set(handle, { mount, way: [], directory: true, write: false, below: undefined });
  }

  /** The handle below of something that is open there. @throws WasiError if it cannot be opened any more */
  private belowOf(opening: Opening): FileHandle {
    const { mount, way, directory, write } = opening;
    if (way.length === 0) return mount.directory;
    opening.below ??= openWay(mount, way, { ...OPEN_DIRECTORY, directory, write });
    return opening.below;
  }

  private closeBelow(opening: Opening): void {
    if (opening.below === undefined) return;
    opening.mount.files.close(opening.below);
    opening.below = undefined;
  }

  /** Does something with what is open below; undefined if the handle is one of memory's. */
  private below<T>(
    file: FileHandle,
    use: (files: FileSystem, handle: FileHandle, opening: Opening) => T,
  ): { readonly of: T } | undefined {
    const opening = this.openings.get(file);
    return opening && { of: use(opening.mount.files, this.belowOf(opening), opening) };
  }

  /** The same for what changes something. */
  private changing<T>(file: FileHandle, use: (files: FileSystem, handle: FileHandle, opening: Opening) => T) {
    return this.below(file, (files, handle, opening) => {
      requireWritable(opening.mount);
      return use(files, handle, opening);
    });
  }

  override open(directory: FileHandle, name: string, mode: OpenMode): FileHandle {
    const inside = this.openings.get(directory);
    if (inside === undefined) {
      const handle = super.open(directory, name, mode);
      this.enterPoint(handle, this.handles.get(handle)!);
      return handle;
    }
    const { mount } = inside;
    const there = mount.files.lookup(this.belowOf(inside), name);
    if (there === undefined && mode.create) {
      requireWritable(mount);
      this.make();
    }
    if ((mode.write || mode.truncate) && there?.filetype !== Filetype.directory) requireWritable(mount);
    const below = mount.files.open(this.belowOf(inside), name, mode);
    if (mode.truncate) this.grow(-(there?.size ?? 0));
    const way = name === "." ? inside.way : [...inside.way, name];
    const isDirectory = mount.files.status(below).filetype === Filetype.directory;
    const handle = this.openNode(this.nodeOf(directory));
    this.openings.set(handle, { mount, way, directory: isDirectory, write: mode.write, below });
    return handle;
  }

  override close(file: FileHandle): void {
    const opening = this.openings.get(file);
    if (opening !== undefined) {
      this.openings.delete(file);
      this.closeBelow(opening);
    }
    super.close(file);
  }

  override openParent(directory: FileHandle): FileHandle {
    const opening = this.openings.get(directory);
    if (opening === undefined || opening.way.length === 0) {
      const handle = super.openParent(directory);
      this.enterPoint(handle, this.handles.get(handle)!);
      return handle;
    }
    const { mount } = opening;
    const up: Opening = { mount, way: opening.way.slice(0, -1), directory: true, write: false, below: undefined };
    this.belowOf(up);
    const handle = this.openNode(this.nodeOf(directory));
    this.openings.set(handle, up);
    return handle;
  }

  override pathOf(directory: FileHandle): string | undefined {
    const point = super.pathOf(directory);
    const { way = [] } = this.openings.get(directory) ?? {};
    if (point === undefined || way.length === 0) return point;
    return [point === "/" ? "" : point, ...way].join("/");
  }

  // ---- what is looked at ----

  protected override statusOf(node: MemoryNode): FileStatus {
    const mount = this.points.get(node.id);
    return mount === undefined ? super.statusOf(node) : mount.files.status(mount.directory);
  }

  override lookup(directory: FileHandle, name: string): FileStatus | undefined {
    const found = this.below(directory, (files, handle) =>
      name === "." ? files.status(handle) : files.lookup(handle, name),
    );
    return found === undefined ? super.lookup(directory, name) : found.of;
  }

  override status(file: FileHandle): FileStatus {
    const found = this.below(file, (files, handle) => files.status(handle));
    return found === undefined ? super.status(file) : found.of;
  }

  /** What something open is, without a look below. */
  filetypeOf(file: FileHandle): FiletypeValue {
    const opening = this.openings.get(file);
    if (opening === undefined) return super.status(file).filetype;
    return opening.directory ? Filetype.directory : Filetype.regular_file;
  }

  override list(directory: FileHandle): string[] {
    const found = this.below(directory, (files, handle) => files.list(handle));
    return found === undefined ? super.list(directory) : found.of;
  }

  override parent(directory: FileHandle): FileStatus | undefined {
    const opening = this.openings.get(directory);
    if (opening === undefined || opening.way.length === 0) return super.parent(directory);
    const up = this.openParent(directory);
    try {
      return this.status(up);
    } finally {
      this.close(up);
    }
  }

  override readLink(directory: FileHandle, name: string): string {
    const found = this.below(directory, (files, handle) => files.readLink(handle, name));
    return found === undefined ? super.readLink(directory, name) : found.of;
  }

  override isReadOnly(directory: FileHandle, name: string): boolean {
    const opening = this.openings.get(directory);
    return opening === undefined ? super.isReadOnly(directory, name) : opening.mount.access === "read-only";
  }

  override setEntryReadOnly(directory: FileHandle, name: string, readOnly: boolean): void {
    // In a mounted directory that is not the embedder's to say.
    if (!this.openings.has(directory)) super.setEntryReadOnly(directory, name, readOnly);
  }

  override isOpenReadOnly(file: FileHandle): boolean {
    const opening = this.openings.get(file);
    return opening === undefined ? super.isOpenReadOnly(file) : opening.mount.access === "read-only";
  }

  override read(file: FileHandle, offset: number, target: Uint8Array): number {
    const found = this.below(file, (files, handle, { directory }) => {
      if (directory) throw new WasiError(Errno.isdir, "not a file");
      return files.read(handle, offset, target);
    });
    return found === undefined ? super.read(file, offset, target) : found.of;
  }

  // ---- what changes ----

  override price(file: FileHandle, offset: number, source: Uint8Array): number {
    const found = this.below(file, (files, handle) => files.price?.(handle, offset, source) ?? 0);
    return found === undefined ? super.price(file, offset, source) : found.of;
  }

  override priceOfSize(file: FileHandle, size: number): number {
    const found = this.below(file, (files, handle) => files.priceOfSize?.(handle, size) ?? 0);
    return found === undefined ? super.priceOfSize(file, size) : found.of;
  }

  override write(file: FileHandle, offset: number, source: Uint8Array): number {
    const found = this.changing(file, (files, handle, { directory }) => {
      if (directory) throw new WasiError(Errno.isdir, "not a file");
      this.grow(Math.max(0, offset + source.length - files.status(handle).size));
      return files.write(handle, offset, source);
    });
    return found === undefined ? super.write(file, offset, source) : found.of;
  }

  override setSize(file: FileHandle, size: number): void {
    const found = this.changing(file, (files, handle) => {
      this.grow(size - files.status(handle).size);
      files.setSize(handle, size);
    });
    if (found === undefined) super.setSize(file, size);
  }

  sync(file: FileHandle): void {
    this.below(file, (files, handle) => files.sync?.(handle));
  }

  override setTimes(file: FileHandle, times: FileTimes): void {
    if (this.changing(file, (files, handle) => files.setTimes(handle, times)) === undefined)
      super.setTimes(file, times);
  }

  override setTimesOf(directory: FileHandle, name: string, times: FileTimes): void {
    const found = this.changing(directory, (files, handle) => files.setTimesOf(handle, name, times));
    if (found === undefined) super.setTimesOf(directory, name, times);
  }

  override createDirectory(directory: FileHandle, name: string): void {
    const found = this.changing(directory, (files, handle) => {
      this.make();
      files.createDirectory(handle, name);
    });
    if (found === undefined) super.createDirectory(directory, name);
  }

  override removeDirectory(directory: FileHandle, name: string): void {
    const found = this.changing(directory, (files, handle) => files.removeDirectory(handle, name));
    if (found !== undefined) return;
    this.requireNoPoint(directory, name);
    super.removeDirectory(directory, name);
  }

  override unlink(directory: FileHandle, name: string): void {
    if (this.changing(directory, (files, handle) => files.unlink(handle, name)) === undefined)
      super.unlink(directory, name);
  }

  override symlink(target: string, directory: FileHandle, name: string): void {
    const found = this.changing(directory, (files, handle) => {
      this.make();
      files.symlink(target, handle, name);
    });
    if (found === undefined) super.symlink(target, directory, name);
  }

  override link(fromDirectory: FileHandle, from: string, toDirectory: FileHandle, to: string): void {
    const source = this.requireOneSystem(fromDirectory, toDirectory);
    if (source === undefined) {
      super.link(fromDirectory, from, toDirectory, to);
      return;
    }
    requireWritable(source.mount);
    this.make();
    source.mount.files.link(this.belowOf(source), from, this.belowOf(this.openings.get(toDirectory)!), to);
  }

  override rename(fromDirectory: FileHandle, from: string, toDirectory: FileHandle, to: string): void {
    const source = this.requireOneSystem(fromDirectory, toDirectory);
    if (source === undefined) {
      this.requireNoPoint(fromDirectory, from);
      this.requireNoPoint(toDirectory, to);
      super.rename(fromDirectory, from, toDirectory, to);
      return;
    }
    const { mount } = source;
    requireWritable(mount);
    const target = this.openings.get(toDirectory)!;
    mount.files.rename(this.belowOf(source), from, this.belowOf(target), to);
    // What is open below the old name is found by the new one.
    const [before, now] = [
      [...source.way, from],
      [...target.way, to],
    ];
    for (const opening of this.openings.values())
      if (opening.mount === mount && before.every((name, i) => opening.way[i] === name))
        opening.way = [...now, ...opening.way.slice(before.length)];
  }

  /** What the first directory is open as; undefined if both are memory's. @throws WasiError if they are in two systems */
  private requireOneSystem(one: FileHandle, other: FileHandle): Opening | undefined {
    const [a, b] = [this.openings.get(one), this.openings.get(other)];
    if (a?.mount !== b?.mount) throw new WasiError(Errno.xdev, "in two file systems");
    return a;
  }

  /** @throws WasiError if something is mounted there */
  private requireNoPoint(directory: FileHandle, name: string): void {
    const node = this.entryOf(this.directoryOf(directory), name);
    if (node !== undefined && this.mountedAt.some(({ node: id }) => id === node.id))
      throw new WasiError(Errno.busy, "something is mounted there");
  }

  /** @throws WasiError if what is added to the files of others is more than this file system may hold itself */
  private grow(bytes: number): void {
    if (bytes > 0 && this.grown + bytes > this.maxBytes) throw new WasiError(Errno.nospc, "file quota used up");
    this.grown = Math.max(0, this.grown + bytes);
  }

  private make(): void {
    if (this.made >= this.maxNodes) throw new WasiError(Errno.nospc, "too many files");
    this.made++;
  }

  // ---- state ----

  override saveState(): MountedFilesState {
    const mounted = [...this.openings]
      .map(([handle, { way, directory, write }]) => ({ handle, way: [...way], directory, write }))
      .sort((a, b) => a.handle - b.handle);
    return { ...super.saveState(), mounts: this.mountedAt, mounted };
  }

  /** @throws WasiError if the state has something mounted that is not offered */
  override restoreState(state: MountedFilesState): void {
    const mounts = state.mounts.map(({ path, access }) => {
      const mount = this.available.get(path);
      if (mount?.access !== access) throw new WasiError(Errno.inval, `${path} is not offered as ${access}`);
      return mount;
    });
    for (const opening of this.openings.values()) this.closeBelow(opening);
    this.openings.clear();
    super.restoreState(state);
    this.mounts.splice(0, this.mounts.length, ...mounts);
    this.mountedAt = state.mounts;
    this.points.clear();
    state.mounts.forEach(({ node }, i) => {
      if (mounts[i]!.access !== "overlay") this.points.set(node, mounts[i]!);
    });
    for (const { handle, way, directory, write } of state.mounted) {
      const mount = this.points.get(this.handles.get(handle)!);
      if (mount !== undefined) this.openings.set(handle, { mount, way, directory, write, below: undefined });
    }
  }
}

/** @throws WasiError if the guest may not change what is there */
function requireWritable({ access }: Mount): void {
  if (access === "read-only") throw new WasiError(Errno.rofs, "read-only");
}

/** Opens what a way leads to, one name in the other. */
function openWay({ files, directory }: Mount, way: readonly string[], mode: OpenMode): FileHandle {
  let here = directory;
  const leave = (): void => {
    if (here !== directory) files.close(here);
  };
  try {
    for (const name of way.slice(0, -1)) {
      const next = files.open(here, name, OPEN_DIRECTORY);
      leave();
      here = next;
    }
    return files.open(here, way.at(-1)!, mode);
  } finally {
    leave();
  }
}
