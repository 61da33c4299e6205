// Chosen files and directories of the host's, read into memory for a sandbox's /input. Node only.
//
// The guest works on the copies: nothing that it does, or that happens on the host later, leads
// from there to the host's file system. So all that can go wrong is that more is read than was
// chosen: by symbolic links, and by renames while reading.

import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, lstat, open, opendir, readlink, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { SandboxUsageError } from "./guest/errors.js";
import { describe, isRecord } from "./session/checks.js";

export interface HostFileLimits {
  /** Most bytes in all files together; default 16 MiB. */
  readonly maxBytes?: number | undefined;
  /** Most files and directories together; default 1000. */
  readonly maxFiles?: number | undefined;
}

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;
const DEFAULT_MAX_FILES = 1000;
const MAX_DEPTH = 32;
/** How often a file that changes is read. */
const ATTEMPTS = 3;
/** Files are read in pieces of this size: what the system says of their sizes (0 in /proc) need not hold. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Reads files for the option `files` of a sandbox.
 * @param mounts path below /input → path of a file or directory on the host, which may be reached
 *   through links itself
 * @returns the files' contents by their paths below /input; empty directories are left out
 * @throws SandboxUsageError for what cannot be read, for a symbolic link or a special file inside a chosen
 *   directory, a file that is exchanged or changed while it is read, two files of one name, and past the limits
 */
export async function readHostFiles(
  mounts: Readonly<Record<string, string>>,
  limits: HostFileLimits = {},
): Promise<Record<string, Uint8Array>> {
  requireMounts(mounts);
  const reader = new HostFileReader(limits.maxBytes ?? DEFAULT_MAX_BYTES, limits.maxFiles ?? DEFAULT_MAX_FILES);
  for (const [name, path] of Object.entries(mounts)) {
    try {
      await reader.add(name, await realpath(path), 0);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      throw new SandboxUsageError(`cannot read ${error.path ?? path}: ${REASONS[error.code] ?? error.code}`);
    }
  }
  return reader.files;
}

/** A text has members as well: "/etc" would be a walk of the host's root. @throws SandboxUsageError */
function requireMounts(mounts: unknown): asserts mounts is Readonly<Record<string, string>> {
  const expected = "mounts are an object of paths, as in { data: './data' }";
  if (!isRecord(mounts)) throw new SandboxUsageError(`${expected}, not ${describe(mounts)}`);
  for (const [name, path] of Object.entries(mounts)) {
    if (name.split("/").some((part) => part === "" || part === "." || part === ".."))
      throw new SandboxUsageError(`not a path below /input: ${describe(name)}`);
    if (typeof path !== "string" || path === "" || path.includes("\0"))
      throw new SandboxUsageError(`${expected}, and its ${JSON.stringify(name)} is ${describe(path)}`);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "permission denied",
  ELOOP: "its links lead in a circle",
  ENOTDIR: "a part of its path is no directory",
  ENAMETOOLONG: "the name is too long",
};

function isSystemError(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === "string";
}

class HostFileReader {
  readonly files: Record<string, Uint8Array> = Object.create(null);
  private count = 0;
  private bytesLeft: number;

  constructor(
    private readonly maxBytes: number,
    private readonly maxFiles: number,
  ) {
    this.bytesLeft = maxBytes;
  }

  /** @param path without any link in it */
  async add(name: string, path: string, depth: number): Promise<void> {
    if (depth > MAX_DEPTH) throw new SandboxUsageError(`directories nested too deeply: ${path}`);
    if (++this.count > this.maxFiles) throw this.tooMany();
    const status = await lstat(path, { bigint: true });
    if (status.isDirectory()) {
      const names = (await this.namesIn(path)).sort();
      await requireSame(path, status);
      for (const child of names) await this.add(`${name}/${child}`, join(path, child), depth + 1);
    } else if (status.isFile()) await this.read(name, path, status);
    else throw new SandboxUsageError(`neither a file nor a directory: ${path}`);
  }

  private tooMany(): SandboxUsageError {
    return new SandboxUsageError(`more than ${this.maxFiles} files and directories`);
  }

  /** At most as many as are allowed: a directory may have millions. */
  private async namesIn(path: string): Promise<string[]> {
    const names: string[] = [];
    for await (const { name } of await opendir(path)) {
      if (names.push(name) > this.maxFiles - this.count) throw this.tooMany();
    }
    return names;
  }

  private async read(name: string, path: string, status: BigIntStats): Promise<void> {
    if (name in this.files) throw new SandboxUsageError(`two files for /input/${name}`);
    // Without waiting, should it have become a pipe.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      // What is open is what was looked at, and is still where it was.
      requireEqual(path, status, await file.stat({ bigint: true }));
      await requireSame(path, status);
      // Where the system tells the path of what is open, nothing can come between.
      const actual = await readlink(`/proc/self/fd/${file.fd}`).catch(() => path);
      if (actual !== path) throw new SandboxUsageError(`exchanged while it was read: ${path}`);
      this.files[name] = await this.unchangedContent(file, path);
    } finally {
      await file.close();
    }
  }

  /** What the file held at one time, as far as its times tell: a mixture of two versions is worse than none. */
  private async unchangedContent(file: FileHandle, path: string): Promise<Uint8Array> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const before = await file.stat({ bigint: true });
      const content = await this.content(file, path);
      const after = await file.stat({ bigint: true });
      if (before.size === after.size && before.mtimeNs === after.mtimeNs) {
        this.bytesLeft -= content.length;
        return content;
      }
    }
    throw new SandboxUsageError(`changed while it was read: ${path}`);
  }

  /** Reads to the end, and no more than is allowed, even if the file grows meanwhile. */
  private async content(file: FileHandle, path: string): Promise<Uint8Array> {
    const tooLarge = () =>
      new SandboxUsageError(`the files are larger than is allowed: with ${path} more than ${this.maxBytes} bytes`);
    const { size } = await file.stat();
    if (size > this.bytesLeft) throw tooLarge();
    let content = new Uint8Array(Math.max(size, CHUNK_BYTES));
    let length = 0;
    for (;;) {
      if (length === content.length) {
        const larger = new Uint8Array(2 * length);
        larger.set(content);
        content = larger;
      }
      const { bytesRead } = await file.read(content, length, content.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
      if (length > this.bytesLeft) throw tooLarge();
    }
    return content.slice(0, length);
  }
}

/** @throws SandboxUsageError unless `path` leads, without links, to what has this status */
async function requireSame(path: string, status: BigIntStats): Promise<void> {
  if ((await realpath(path)) !== path) throw new SandboxUsageError(`exchanged while it was read: ${path}`);
  requireEqual(path, status, await stat(path, { bigint: true }));
}

function requireEqual(path: string, expected: BigIntStats, actual: BigIntStats): void {
  if (expected.dev === actual.dev && expected.ino === actual.ino && expected.mode === actual.mode) return;
  throw new SandboxUsageError(`exchanged while it was read: ${path}`);
}
