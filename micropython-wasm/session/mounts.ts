// Folders of the host that a sandbox finds among its files: what the option `mounts` may say, and what becomes of it.

import type { Mount, MountAccess } from "../../runtime/wasi/index.js";
import { SandboxUsageError } from "../guest/errors.js";
import { type Check, describe, isRecord } from "./checks.js";

/** A folder of the host's by its path, read-only; or with what the guest may do there. */
export type SandboxMount = string | { readonly path: string; readonly access?: MountAccess | undefined };

/** A folder that is open. It stays open while a sandbox retains it. */
export interface HostMount extends Mount {
  retain(): void;
  release(): void;
}

const ACCESS: readonly MountAccess[] = ["read-only", "read-write", "overlay"];
/** Where a sandbox has what it needs itself. */
const TAKEN = ["/dev", "/lib", "/usr"];

/** What the option `mounts` may be. */
export const MOUNTS: Check = (value) => {
  const expected = 'an object of folders by the guest\'s paths, as in { "/input": "./data" }';
  if (!isRecord(value)) return `${expected}, not ${describe(value)}`;
  const paths = Object.keys(value);
  for (const [path, mount] of Object.entries(value)) {
    const problem = problemOf(path, mount) ?? collision(path, paths);
    if (problem !== undefined) return `${expected}: ${problem}`;
  }
  return undefined;
};

function problemOf(path: string, mount: unknown): string | undefined {
  const names = path.split("/").slice(1);
  if (
    !path.startsWith("/") ||
    names.some((name) => name === "" || name === "." || name === ".." || name.includes("\0"))
  )
    return `${JSON.stringify(path)} is no path of the guest's, as /input is`;
  if (TAKEN.some((taken) => path === taken || path.startsWith(`${taken}/`)))
    return `${path} is where the interpreter's own files are`;
  const host = isRecord(mount) ? mount["path"] : mount;
  if (typeof host !== "string" || host === "" || host.includes("\0"))
    return `${path} is ${describe(mount)}, not a path of the host's or { path, access }`;
  if (!isRecord(mount)) return undefined;
  const stray = Object.keys(mount).find((name) => name !== "path" && name !== "access");
  if (stray !== undefined) return `${path} has path and access, and not ${stray}`;
  const { access } = mount;
  if (access !== undefined && !(ACCESS as readonly unknown[]).includes(access))
    return `the access of ${path} is "read-only", "read-write" or "overlay", not ${describe(access)}`;
  return undefined;
}

function collision(path: string, paths: readonly string[]): string | undefined {
  const outer = paths.find((other) => path.startsWith(`${other}/`));
  return outer === undefined ? undefined : `${path} is below ${outer}, which is mounted itself`;
}

/**
 * Opens the folders.
 * @throws SandboxUsageError for one that cannot be opened, and where there are no folders, as in browsers
 */
export async function loadMounts(mounts: Readonly<Record<string, SandboxMount>>): Promise<HostMount[]> {
  const { openFolder } = await nodeFolders();
  const opened: HostMount[] = [];
  try {
    for (const [path, mount] of Object.entries(mounts)) {
      const { path: host, access = "read-only" } = typeof mount === "string" ? { path: mount } : mount;
      opened.push(openFolder(path, host, access));
    }
  } catch (error) {
    for (const mount of opened) mount.release();
    throw error;
  }
  return opened;
}

async function nodeFolders(): Promise<typeof import("./mounts-node.js")> {
  try {
    const folders = await import("./mounts-node.js");
    if (typeof folders.openFolder !== "function") throw new Error("it was left out");
    return folders;
  } catch (cause) {
    throw new SandboxUsageError(
      `there are no folders here to mount: hand files over, files: { name: content } (${cause})`,
      {
        cause,
      },
    );
  }
}
