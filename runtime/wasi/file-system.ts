// What the calls on files need of a file system: directories, files, symbolic links and devices, named
// by an open directory and one name in it. Paths are walked above it (paths.ts), which is what keeps a
// guest inside, so that every file system behaves alike. It knows nothing of descriptors, rights or preopens.

import type { FiletypeValue } from "./abi.js";

/** An open directory or file: a number that the file system gave out, which {@link FileSystem.close} gives back. */
export type FileHandle = number;

/** What `filestat` tells. Times are nanoseconds since 1970. */
export interface FileStatus {
  readonly filetype: FiletypeValue;
  readonly device: bigint;
  readonly inode: bigint;
  /** Names that lead to it. */
  readonly links: number;
  /** In bytes; of a symbolic link: of its target's text. */
  readonly size: number;
  readonly accessed: bigint;
  readonly modified: bigint;
  readonly changed: bigint;
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

/** Times to set, in nanoseconds since 1970; undefined leaves one as it is. */
export interface FileTimes {
  readonly accessed?: bigint | undefined;
  readonly modified?: bigint | undefined;
}

/**
 * A name is one component of a path, in a directory: never empty, without `/` and NUL, never `..`. `.` is the
 * directory itself, where the method says so. No method follows a symbolic link. Every method may throw
 * WasiError, and nothing else.
 */
export interface FileSystem {
  /** Most directories that one path leads through, where each takes room on the host. Default: no limit. */
  readonly maxDepth?: number;
  /** Fuel of each access beside what the calls cost: where one takes as long as the host's own files do. Default 0. */
  readonly accessFuel?: number;
  /** The same of one directory or file, where they are not all alike. */
  priceOfAccess?(file: FileHandle): number;
  /** Told before each call, for time stamps: nanoseconds since 1970. */
  setTime(now: bigint): void;
  /** What an entry is, undefined if it is missing; `.` too. */
  lookup(directory: FileHandle, name: string): FileStatus | undefined;
  /** `.` opens the directory anew. A symbolic link is Errno.loop. */
  open(directory: FileHandle, name: string, mode: OpenMode): FileHandle;
  close(file: FileHandle): void;
  /**
   * A promise if reading has to wait for something, as it may from a device; the guest pauses until it settles.
   * @param bytes as many are wanted, if that is known
   */
  ready?(file: FileHandle, bytes?: number): Promise<void> | undefined;
  /**
   * Fuel that writing `source` at `offset` costs besides moving it: for the zeros before it, say. Default 0.
   * Charged under every schedule.
   */
  price?(file: FileHandle, offset: number, source: Uint8Array): number;
  /** Fuel that {@link setSize} costs; default 0. Charged under every schedule. */
  priceOfSize?(file: FileHandle, size: number): number;
  /** Reads into `target` from `offset` on, which a device ignores; the count, 0 at the end. */
  read(file: FileHandle, offset: number, target: Uint8Array): number;
  /**
   * Writes `source`, which is not empty, at `offset`, which a device ignores; the count, at least 1: fewer than
   * all if there is no room for more.
   */
  write(file: FileHandle, offset: number, source: Uint8Array): number;
  /** A promise if what was written has to be waited for; the guest pauses until it settles. */
  written?(file: FileHandle): Promise<void> | undefined;
  /** Cuts a file, or lengthens it by zeros. */
  setSize(file: FileHandle, size: number): void;
  /** Brings a file to its storage; default: it is there. */
  sync?(file: FileHandle): void;
  status(file: FileHandle): FileStatus;
  setTimes(file: FileHandle, times: FileTimes): void;
  /** Of an entry, without following it; `.` too. */
  setTimesOf(directory: FileHandle, name: string, times: FileTimes): void;
  /** The names in a directory, without `.` and `..`. */
  list(directory: FileHandle): string[];
  /** What `..` is; undefined where the guest is not to know. */
  parent?(directory: FileHandle): FileStatus | undefined;
  /** The target of a symbolic link; Errno.inval if it is none. */
  readLink(directory: FileHandle, name: string): string;
  createDirectory(directory: FileHandle, name: string): void;
  removeDirectory(directory: FileHandle, name: string): void;
  unlink(directory: FileHandle, name: string): void;
  symlink(target: string, directory: FileHandle, name: string): void;
  /** Another name for a file or a symbolic link. */
  link(fromDirectory: FileHandle, from: string, toDirectory: FileHandle, to: string): void;
  rename(fromDirectory: FileHandle, from: string, toDirectory: FileHandle, to: string): void;
}

/** Fuel of an access to a directory or file, beside what the calls cost. */
export function priceOfAccess(files: FileSystem, file: FileHandle): number {
  return files.priceOfAccess === undefined ? (files.accessFuel ?? 0) : files.priceOfAccess(file);
}

/** Descriptors without a file: what the guest's standard streams are connected to. */
export interface Stream {
  /** Whether the guest takes it for a terminal; default false. */
  readonly terminal?: boolean;
  /**
   * A promise if reading has to wait for something; the guest pauses until it settles. May also
   * throw FuelPause: then the execution pauses, and makes the call anew when it goes on.
   * @param bytes as many are wanted, if that is known
   */
  ready?(bytes?: number): Promise<void> | undefined;
  /** Fills `target` from its start; the count, 0 at the end. Without it nothing can be read. */
  read?(target: Uint8Array): number;
  /** Takes `source` whole; a view of guest memory. Without it nothing can be written. */
  write?(source: Uint8Array): void;
  /** A promise if what was written has to be waited for; the guest pauses until it settles. */
  written?(): Promise<void> | undefined;
  /** Fuel that writing `source` costs besides moving it; default 0. Charged under every schedule. */
  price?(source: Uint8Array): number;
}
