// The table of file descriptors. It is plain data, so that it can be part of a snapshot.

import { Errno, Rights } from "./abi.js";
import { WasiError } from "./errors.js";
import type { FileHandle } from "./file-system.js";

export const DEFAULT_MAX_DESCRIPTORS = 128;

interface DescriptorBase {
  /** What may be done with it, and with what is opened through it. */
  rights: number;
  inheriting: number;
  /** `fdflags`. */
  flags: number;
}
export interface StreamDescriptor extends DescriptorBase {
  readonly kind: "stream";
  /** Index of the stream in the world's list. */
  readonly stream: number;
}
/** An open file or directory of one of the world's file systems. */
interface HandleDescriptor extends DescriptorBase {
  /** Index of the file system in the world's list. */
  readonly files: number;
  readonly handle: FileHandle;
}
export interface DirectoryDescriptor extends HandleDescriptor {
  readonly kind: "directory";
  /** The guest's name for it, in UTF-8, if the guest was born with it. */
  readonly preopen: Uint8Array | null;
  /** Nothing below it can be changed. */
  readonly readOnly: boolean;
  /** The names in it, as they were when reading from the start began: what cookies count in. */
  listing: readonly string[] | null;
}
export interface FileDescriptor extends HandleDescriptor {
  readonly kind: "file";
  /** Was opened below a directory that is read-only. */
  readonly readOnly: boolean;
  /** Has no offset, and reading may have to wait. */
  readonly device: boolean;
  /** Byte offset of the next read or write. */
  offset: number;
}
export type Descriptor = StreamDescriptor | DirectoryDescriptor | FileDescriptor;

/** What rights a descriptor of each kind can have at all. */
const FILE_RIGHTS =
  Rights.fd_datasync |
  Rights.fd_read |
  Rights.fd_seek |
  Rights.fd_fdstat_set_flags |
  Rights.fd_sync |
  Rights.fd_tell |
  Rights.fd_write |
  Rights.fd_advise |
  Rights.fd_allocate |
  Rights.fd_filestat_get |
  Rights.fd_filestat_set_size |
  Rights.fd_filestat_set_times |
  Rights.poll_fd_readwrite;
const DIRECTORY_RIGHTS =
  Rights.fd_fdstat_set_flags |
  Rights.fd_sync |
  Rights.fd_datasync |
  Rights.fd_readdir |
  Rights.fd_filestat_get |
  Rights.fd_filestat_set_times |
  Rights.path_create_directory |
  Rights.path_create_file |
  Rights.path_link_source |
  Rights.path_link_target |
  Rights.path_open |
  Rights.path_readlink |
  Rights.path_rename_source |
  Rights.path_rename_target |
  Rights.path_filestat_get |
  Rights.path_filestat_set_size |
  Rights.path_filestat_set_times |
  Rights.path_symlink |
  Rights.path_remove_directory |
  Rights.path_unlink_file;
const STREAM_RIGHTS = Rights.fd_fdstat_set_flags | Rights.fd_filestat_get | Rights.poll_fd_readwrite;

export class Descriptors {
  private readonly table = new Map<number, Descriptor>();

  constructor(readonly limit: number = DEFAULT_MAX_DESCRIPTORS) {}

  find(fd: number): Descriptor | undefined {
    return this.table.get(fd);
  }

  /** @throws WasiError if there is no such descriptor, or it lacks one of `rights` */
  get(fd: number, rights = 0): Descriptor {
    const descriptor = this.table.get(fd);
    if (descriptor === undefined) throw new WasiError(Errno.badf, "not an open descriptor");
    const missing = rights & ~descriptor.rights;
    if (missing === 0) return descriptor;
    // As in POSIX, a file that was opened for reading only is no good descriptor for writing.
    const direction = descriptor.kind !== "directory" && (missing & (Rights.fd_read | Rights.fd_write)) !== 0;
    throw new WasiError(direction ? Errno.badf : Errno.notcapable, "the descriptor lacks the right");
  }

  /** @throws WasiError also if it is not a directory */
  directory(fd: number, rights: number): DirectoryDescriptor {
    const descriptor = this.get(fd);
    if (descriptor.kind !== "directory") throw new WasiError(Errno.notdir, "not a directory");
    return this.get(fd, rights) as DirectoryDescriptor;
  }

  /** @throws WasiError also if it is not a regular file */
  file(fd: number, rights: number): FileDescriptor {
    const descriptor = this.get(fd);
    if (descriptor.kind === "directory") throw new WasiError(Errno.badf, "a directory");
    if (descriptor.kind === "stream" || descriptor.device) throw new WasiError(Errno.spipe, "a stream or a device");
    return this.get(fd, rights) as FileDescriptor;
  }

  /** Whether another descriptor fits. @throws WasiError if not */
  requireRoom(): void {
    if (this.table.size >= this.limit) throw new WasiError(Errno.mfile, "too many open descriptors");
  }

  /** Adds a descriptor under the lowest free number. */
  add(descriptor: Descriptor): number {
    this.requireRoom();
    let fd = 0;
    while (this.table.has(fd)) fd++;
    this.table.set(fd, descriptor);
    return fd;
  }

  remove(fd: number): Descriptor {
    const descriptor = this.get(fd);
    this.table.delete(fd);
    return descriptor;
  }

  /** Moves a descriptor to another number, which is in use; returns what was there. */
  renumber(from: number, to: number): Descriptor | undefined {
    const moving = this.get(from);
    const replaced = this.get(to);
    if (from === to) return undefined;
    this.table.delete(from);
    this.table.set(to, moving);
    return replaced;
  }

  save(): [fd: number, descriptor: Descriptor][] {
    return [...this.table].map(([fd, descriptor]) => [fd, { ...descriptor }]);
  }

  restore(saved: readonly (readonly [fd: number, descriptor: Descriptor])[]): void {
    this.table.clear();
    for (const [fd, descriptor] of saved) this.table.set(fd, { ...descriptor });
  }
}

export function streamDescriptor(stream: number, readable: boolean, writable: boolean): StreamDescriptor {
  const rights = STREAM_RIGHTS | (readable ? Rights.fd_read : 0) | (writable ? Rights.fd_write : 0);
  return { kind: "stream", stream, rights, inheriting: 0, flags: 0 };
}

/** An open directory or file of a file system, and what is asked for it. */
interface Opening {
  readonly files: number;
  readonly handle: FileHandle;
  readonly readOnly: boolean;
  readonly rights: number;
  readonly inheriting: number;
  readonly flags: number;
}

/** Of the rights that are asked for a directory gets those that make sense for one. */
export function directoryDescriptor(opening: Opening, preopen: Uint8Array | null = null): DirectoryDescriptor {
  return { kind: "directory", ...opening, rights: opening.rights & DIRECTORY_RIGHTS, preopen, listing: null };
}

/** As {@link directoryDescriptor}, of a file; nothing is opened through one. */
export function fileDescriptor(opening: Opening, device: boolean): FileDescriptor {
  const possible = device ? FILE_RIGHTS & ~(Rights.fd_seek | Rights.fd_tell) : FILE_RIGHTS;
  return { kind: "file", ...opening, rights: opening.rights & possible, inheriting: 0, device, offset: 0 };
}
