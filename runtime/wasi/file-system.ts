// What the calls on files need of a file system. It has directories, regular files and devices,
// no links; it knows nothing of descriptors, rights or preopens.

import type { FiletypeValue } from "./abi.js";

/** An open directory or file: a number that the file system gave out. */
export type FileHandle = number;

/** What `filestat` tells. Times are nanoseconds since 1970. */
export interface FileStatus {
  readonly filetype: FiletypeValue;
  readonly inode: number;
  /** In bytes. */
  readonly size: number;
  readonly accessed: bigint;
  readonly modified: bigint;
  readonly changed: bigint;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly filetype: FiletypeValue;
  readonly inode: number;
}

/** What {@link FileSystem.open} is to do. */
export interface OpenMode {
  /** Whether the content is going to be written; of a directory: never. */
  readonly write: boolean;
  /** Makes the file if it is missing. */
  readonly create: boolean;
  /** With `create`: fails if it is not missing. */
  readonly exclusive: boolean;
  readonly truncate: boolean;
  /** Fails if it is not a directory. */
  readonly directory: boolean;
}

/**
 * A path is relative to a directory, is not empty, contains no NUL, and has no `..` that
 * leads above the directory: callers see to that. Every method may throw WasiError.
 */
export interface FileSystem {
  /** Told before each call, for time stamps: nanoseconds since 1970. */
  setTime(now: bigint): void;
  open(directory: FileHandle, path: string, mode: OpenMode): FileHandle;
  close(file: FileHandle): void;
  /** A promise if reading has to wait for something, as it may from a device; the guest pauses until it settles. */
  ready?(file: FileHandle): Promise<void> | undefined;
  /** Fuel that writing `source` costs besides moving it; default 0. Charged under every schedule. */
  price?(file: FileHandle, source: Uint8Array): number;
  /** Reads into `target` from `offset` on, which a device ignores; the count, 0 at the end. */
  read(file: FileHandle, offset: number, target: Uint8Array): number;
  /** Writes all of `source` at `offset`, which a device ignores, or fails and writes nothing. */
  write(file: FileHandle, offset: number, source: Uint8Array): void;
  /** A promise if what was written has to be waited for; the guest pauses until it settles. */
  written?(file: FileHandle): Promise<void> | undefined;
  status(file: FileHandle): FileStatus;
  statusOf(directory: FileHandle, path: string): FileStatus;
  /**
   * The entries of an open directory from index `from` on, `.` and `..` first. Indices hold
   * until entries are read from index 0 again.
   */
  entries(directory: FileHandle, from: number): readonly DirectoryEntry[];
  createDirectory(directory: FileHandle, path: string): void;
  removeDirectory(directory: FileHandle, path: string): void;
  unlink(directory: FileHandle, path: string): void;
  rename(fromDirectory: FileHandle, from: string, toDirectory: FileHandle, to: string): void;
}

/** Descriptors without a file: what the guest's standard streams are connected to. */
export interface Stream {
  /** Whether the guest takes it for a terminal; default false. */
  readonly terminal?: boolean;
  /**
   * A promise if reading has to wait for something; the guest pauses until it settles. May also
   * throw FuelPause: then the execution pauses, and makes the call anew when it goes on.
   */
  ready?(): Promise<void> | undefined;
  /** Fills `target` from its start; the count, 0 at the end. Without it nothing can be read. */
  read?(target: Uint8Array): number;
  /** Takes `source` whole; a view of guest memory. Without it nothing can be written. */
  write?(source: Uint8Array): void;
  /** Fuel that writing `source` costs besides moving it; default 0. Charged under every schedule. */
  price?(source: Uint8Array): number;
}
