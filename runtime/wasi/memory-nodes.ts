// What a file system in memory consists of.
//
// Conventions: a node is what an inode is; an entry is a name in a directory that leads to a node. Nodes have
// numbers, from 1, which is the root. Times are nanoseconds since 1970.

import { encodeUtf8 } from "../../decoder/index.js";
import { Errno, Filetype, type FiletypeValue } from "./abi.js";
import { WasiError } from "./errors.js";

export const ROOT = 1;

interface NodeBase {
  readonly id: number;
  /** Entries that lead to it. */
  links: number;
  /** Handles that it is open under: it lives while there is either. */
  opens: number;
  accessed: bigint;
  modified: bigint;
  changed: bigint;
  /** Refuses every change by the guest. */
  readOnly: boolean;
  /** The node in the last state that was saved, which later ones have as well while it is the same. */
  saved: SavedNode | null;
}
/** Where a node's content is as long as nobody has changed it: in the file system below an overlay. */
export interface Lower {
  /** Number of the mount. */
  readonly mount: number;
  /** Names of directories from the mounted one on, then the node's. */
  readonly path: readonly string[];
}
export interface DirectoryNode extends NodeBase {
  readonly kind: "directory";
  /** The containing directory; the root contains itself. */
  parent: number;
  readonly entries: Map<string, number>;
  /** Entries that have not been looked at are there. */
  lower: Lower | null;
}
export interface FileNode extends NodeBase {
  readonly kind: "file";
  /** Capacity; the content is its first `size` bytes, and behind it all is zero. */
  data: Uint8Array;
  size: number;
  /** `data` belongs to others as well: it is copied before it is changed. */
  shared: boolean;
  /**
   * The `data` that states have as well: it is copied before it is changed, like what is shared. Nobody pays for that: a
   * state would have taken a copy otherwise, and what a guest is charged does not depend on who looks at it.
   */
  kept: Uint8Array | null;
  /** The content is there, and `data` is empty. */
  lower: Lower | null;
}
export interface LinkNode extends NodeBase {
  readonly kind: "link";
  readonly target: string;
}
export interface DeviceNode extends NodeBase {
  readonly kind: "device";
  readonly device: string;
}
export type MemoryNode = DirectoryNode | FileNode | LinkNode | DeviceNode;

export const FILETYPE: Readonly<Record<MemoryNode["kind"], FiletypeValue>> = {
  directory: Filetype.directory,
  file: Filetype.regular_file,
  link: Filetype.symbolic_link,
  device: Filetype.character_device,
};

/** A node as plain data. */
type SavedBase = Pick<NodeBase, "id" | "accessed" | "modified" | "changed" | "readOnly">;
export type SavedNode = SavedBase &
  (
    | {
        readonly kind: "directory";
        readonly parent: number;
        readonly entries: readonly (readonly [string, number])[];
        readonly lower: Lower | null;
      }
    | { readonly kind: "file"; readonly size: number; readonly content: Uint8Array; readonly lower: Lower | null }
    | { readonly kind: "link"; readonly target: string }
    | { readonly kind: "device"; readonly device: string }
  );

/** The node as plain data: the same object as last time, if nothing of it has changed. */
export function savedNode(node: MemoryNode): SavedNode {
  if (node.saved === null || !shows(node.saved, node)) node.saved = dataOf(node);
  return node.saved;
}

function dataOf(node: MemoryNode): SavedNode {
  const { id, accessed, modified, changed, readOnly } = node;
  const base = { id, accessed, modified, changed, readOnly };
  switch (node.kind) {
    case "directory":
      return { ...base, kind: "directory", parent: node.parent, entries: [...node.entries], lower: node.lower };
    case "file": {
      // What is behind the end, and may be large, is not to be held by the state.
      if (node.data.length > node.size) node.data = node.data.slice(0, node.size);
      node.kept = node.data;
      return { ...base, kind: "file", size: node.size, content: node.data, lower: node.lower };
    }
    case "link":
      return { ...base, kind: "link", target: node.target };
    case "device":
      return { ...base, kind: "device", device: node.device };
  }
}

/** Whether data that was made of a node is what would be made of it now. */
function shows(saved: SavedNode, node: MemoryNode): boolean {
  if (saved.accessed !== node.accessed || saved.modified !== node.modified || saved.changed !== node.changed)
    return false;
  if (saved.readOnly !== node.readOnly) return false;
  if (node.kind === "file")
    return (
      saved.kind === "file" && saved.content === node.data && saved.size === node.size && saved.lower === node.lower
    );
  if (node.kind !== "directory" || saved.kind !== "directory") return true;
  if (saved.parent !== node.parent || saved.lower !== node.lower || saved.entries.length !== node.entries.size)
    return false;
  let i = 0;
  for (const [name, id] of node.entries) {
    const entry = saved.entries[i++]!;
    if (entry[0] !== name || entry[1] !== id) return false;
  }
  return true;
}

/** A node from its data; links and handles are not counted yet. */
export function restoredNode(saved: SavedNode): MemoryNode {
  const { id, accessed, modified, changed, readOnly } = saved;
  const base = { id, accessed, modified, changed, readOnly, links: 0, opens: 0, saved: null };
  switch (saved.kind) {
    case "directory":
      return { ...base, kind: "directory", parent: saved.parent, entries: new Map(saved.entries), lower: saved.lower };
    case "file": {
      const { size, lower } = saved;
      return { ...base, kind: "file", data: saved.content.slice(), size, shared: false, kept: null, lower };
    }
    case "link":
      return { ...base, kind: "link", target: saved.target };
    case "device":
      return { ...base, kind: "device", device: saved.device };
  }
}

/** What counts towards the limit on bytes. */
export function sizeOf(node: MemoryNode): number {
  if (node.kind === "file") return node.lower === null ? node.size : 0;
  return node.kind === "link" ? encodeUtf8(node.target).length : 0;
}

export function requireWritable(node: MemoryNode): void {
  if (node.readOnly) throw new WasiError(Errno.rofs, "read-only");
}
