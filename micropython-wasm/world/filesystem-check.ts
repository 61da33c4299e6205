// Whether a file system's state, which may come from anybody, is one that a file system can be in.

import { SnapshotError } from "../../runtime/index.js";
import type { FileSystem, FileSystemState } from "./filesystem.js";

type Node = FileSystemState["nodes"][number];

const ROOT = 1;
const MAX_NAME_LENGTH = 255;

/** @throws SnapshotError */
export function requireThat(condition: boolean, what: string): asserts condition {
  if (!condition) throw new SnapshotError("damaged", `the snapshot is damaged: ${what}`);
}

/**
 * Requires that the state's directories are one tree, every file has the one place that it
 * should have, and everything fits the limits of `target`.
 * @throws SnapshotError
 */
export function checkFileSystemState(state: FileSystemState, target: FileSystem): void {
  const nodes = new Map<number, Node>();
  let bytes = 0;
  requireThat(state.nodes.length <= target.maxNodes, "too many files");
  for (const node of state.nodes) {
    requireThat(isCount(node.id) && node.id < state.nextId && !nodes.has(node.id), "numbers of files");
    requireThat(Number.isSafeInteger(node.mtimeMs), "a file's time");
    nodes.set(node.id, node);
    if (node.kind === "file") bytes += node.content.length;
    else if (node.kind === "device") requireThat(target.hasDevice(node.device), "an unknown device");
  }
  requireThat(isCount(state.nextId), "numbers of files");
  requireThat(bytes <= target.maxBytes, "more bytes in files than the limit allows");
  const placed = placedNodes(nodes);
  requireThat(nodes.get(state.cwd)?.kind === "directory" && placed.has(state.cwd), "the working directory");
  const open = new Set<number>();
  const fds = new Set<number>();
  for (const { fd, node, flags, offset, listing } of state.open) {
    requireThat(isCount(fd) && fd < target.maxOpenFiles && !fds.has(fd), "numbers of open files");
    requireThat(nodes.has(node) && isCount(flags) && isCount(offset), "an open file");
    requireThat(listing === null || nodes.get(node)!.kind === "directory", "an open directory");
    fds.add(fd);
    open.add(node);
  }
  for (const node of nodes.values()) {
    const linked = node.kind === "device" || node.linked;
    requireThat(placed.has(node.id) === linked && (linked || open.has(node.id)), "a file without a place");
    if (node.kind === "directory" && !linked)
      requireThat(node.parent === node.id && node.entries.length === 0, "a directory that was removed");
  }
}

/** Everything below the root, each once. */
function placedNodes(nodes: ReadonlyMap<number, Node>): Set<number> {
  const root = nodes.get(ROOT);
  requireThat(root?.kind === "directory" && root.parent === ROOT, "the root directory");
  const placed = new Set([ROOT]);
  const waiting = [root];
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    const names = new Set<string>();
    for (const [name, id] of directory.entries) {
      const child = nodes.get(id);
      requireThat(child !== undefined && !placed.has(id), "a file that is in two places, or nowhere");
      requireThat(isName(name) && !names.has(name), "a file's name");
      names.add(name);
      placed.add(id);
      if (child.kind !== "directory") continue;
      requireThat(child.parent === directory.id, "a directory that is elsewhere");
      waiting.push(child);
    }
  }
  return placed;
}

/** Whether an entry of a directory may have this name. */
export function isName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && name.length <= MAX_NAME_LENGTH && !/[/\0]/.test(name);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
