// Whether a file system's state, which may come from anybody, is one that a file system can be in.

import { SnapshotError } from "../../runtime/index.js";
import type { SavedNode } from "../../runtime/wasi/index.js";
import type { PosixFiles } from "./posix-files.js";
import type { PosixFilesState } from "./posix-files-state.js";

const ROOT = 1;
const MAX_NAME_LENGTH = 255;
const MAX_TARGET_LENGTH = 4096;
/** Most files that a WASI guest has open, and what is open besides. */
const MAX_HANDLES = 256;

/** @throws SnapshotError */
export function requireThat(condition: boolean, what: string): asserts condition {
  if (!condition) throw new SnapshotError("damaged", `the snapshot is damaged: ${what}`);
}

/**
 * Requires that the state's directories are one tree, every file has the places that it
 * should have, and everything fits the limits of `target`.
 * @throws SnapshotError
 */
export function checkPosixFilesState({ cwd, memory, open }: PosixFilesState, target: PosixFiles): void {
  const nodes = new Map<number, SavedNode>();
  let bytes = 0;
  requireThat(memory.nodes.length <= target.maxNodes, "too many files");
  for (const node of memory.nodes) {
    requireThat(isCount(node.id) && node.id > 0 && node.id < memory.nextId && !nodes.has(node.id), "numbers of files");
    nodes.set(node.id, node);
    bytes += checkedSize(node, target);
  }
  requireThat(isCount(memory.nextId), "numbers of files");
  requireThat(bytes <= target.maxBytes, "more bytes in files than the limit allows");
  const handles = new Map(memory.open);
  requireThat(handles.size === memory.open.length && handles.size <= MAX_HANDLES, "numbers of open files");
  for (const [handle, id] of handles) requireThat(isCount(handle) && nodes.has(id), "an open file");
  checkMounts(memory, nodes, handles, target);
  requireThat(handles.get(target.root) === ROOT, "the root directory");
  requireThat(kindOf(nodes, handles.get(cwd)) === "directory", "the working directory");
  checkPlaces(nodes, new Set(handles.values()), target.maxNodes);
  const fds = new Set<number>();
  for (const { fd, handle, flags, offset, listing } of open) {
    requireThat(isCount(fd) && fd < target.maxOpenFiles && !fds.has(fd), "numbers of open files");
    requireThat(handles.has(handle) && isCount(flags) && isCount(offset), "an open file");
    requireThat(listing === null || kindOf(nodes, handles.get(handle)) === "directory", "an open directory");
    requireThat(listing === null || listing.slice(2).every(isName), "names in a directory");
    fds.add(fd);
  }
}

/**
 * Requires that what is mounted is offered, and that what is open or unchanged below leads nowhere else: names are
 * looked up one in the other, so that they need only be names.
 */
function checkMounts(
  { mounts, mounted }: PosixFilesState["memory"],
  nodes: ReadonlyMap<number, SavedNode>,
  handles: ReadonlyMap<number, number>,
  target: PosixFiles,
): void {
  for (const { path, access } of mounts)
    if (!target.memory.offers(path, access))
      throw new SnapshotError("mismatch", `the session has ${path} mounted (${access}), which is not given`);
  requireThat(new Set(mounts.map(({ path }) => path)).size === mounts.length, "a mounted directory");
  const points = new Set(mounts.filter(({ access }) => access !== "overlay").map(({ node }) => node));
  for (const { node } of mounts) requireThat(kindOf(nodes, node) === "directory", "a mounted directory");
  for (const point of points) {
    const node = nodes.get(point);
    requireThat(node?.kind === "directory" && node.entries.length === 0, "a mounted directory");
  }
  const known = new Set<number>();
  for (const { handle, way } of mounted) {
    const point = handles.get(handle);
    requireThat(point !== undefined && points.has(point) && !known.has(handle), "an open file of a mounted directory");
    requireThat(way.every(isName), "an open file of a mounted directory");
    known.add(handle);
  }
  for (const node of nodes.values()) {
    if ((node.kind !== "file" && node.kind !== "directory") || node.lower === null) continue;
    const { mount, path } = node.lower;
    requireThat(mounts[mount]?.access === "overlay" && path.every(isName), "a file below an overlay");
    requireThat(node.kind === "directory" || path.length > 0, "a file below an overlay");
  }
}

/** What a node counts towards the limit on bytes. */
function checkedSize(node: SavedNode, target: PosixFiles): number {
  switch (node.kind) {
    case "file":
      if (node.lower !== null) {
        requireThat(node.content.length === 0 && isCount(node.size), "a file's content");
        return 0;
      }
      requireThat(node.size === node.content.length, "a file's content");
      return node.size;
    case "link":
      requireThat(isTarget(node.target), "a symbolic link");
      // At least; the file system counts them again.
      return node.target.length;
    case "device":
      requireThat(target.memory.hasDevice(node.device), "an unknown device");
      return 0;
    case "directory":
      requireThat(node.lower === null || node.entries.length === 0, "a directory's content");
      return 0;
  }
}

function kindOf(nodes: ReadonlyMap<number, SavedNode>, id: number | undefined): SavedNode["kind"] | undefined {
  return id === undefined ? undefined : nodes.get(id)?.kind;
}

/** Directories and devices have one place each, files at least one; but what is open may have been removed. */
function checkPlaces(nodes: ReadonlyMap<number, SavedNode>, open: ReadonlySet<number>, maxNames: number): void {
  const root = nodes.get(ROOT);
  requireThat(root?.kind === "directory" && root.parent === ROOT, "the root directory");
  const placed = new Set([ROOT]);
  let names = 0;
  const waiting = [root];
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    const own = new Set<string>();
    for (const [name, id] of directory.entries) {
      const child = nodes.get(id);
      requireThat(isName(name) && !own.has(name) && ++names <= maxNames, "a file's name");
      own.add(name);
      requireThat(child !== undefined, "a file that is nowhere");
      const single = child.kind === "directory" || child.kind === "device";
      requireThat(!single || !placed.has(id), "a directory that is in two places");
      placed.add(id);
      if (child.kind !== "directory") continue;
      requireThat(child.parent === directory.id, "a directory that is elsewhere");
      waiting.push(child);
    }
  }
  for (const node of nodes.values()) {
    if (placed.has(node.id)) continue;
    requireThat(open.has(node.id) && node.kind !== "device", "a file without a place");
    requireThat(node.kind !== "directory" || node.entries.length === 0, "a removed directory");
  }
}

function isTarget(text: string): boolean {
  return text !== "" && text.length <= MAX_TARGET_LENGTH && !text.includes("\0");
}

/** Whether an entry of a directory may have this name. */
export function isName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && name.length <= MAX_NAME_LENGTH && !/[/\0]/.test(name);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
