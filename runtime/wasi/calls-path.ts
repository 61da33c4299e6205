// Calls on paths. A path is relative to an open directory and never leads above it; there are
// no symbolic links, so to count its `..` is to know where it goes.

import { decodeUtf8 } from "../../decoder/index.js";
import { ALL_FDFLAGS, ALL_LOOKUPFLAGS, ALL_OFLAGS, ALL_RIGHTS, Errno, Filetype, Oflags, Rights } from "./abi.js";
import { type WasiCall, wasiFunction } from "./call.js";
import { writeStatus } from "./calls-fd.js";
import { type DirectoryDescriptor, directoryDescriptor, fileDescriptor } from "./descriptors.js";
import { WasiError } from "./errors.js";
import type { OpenMode } from "./file-system.js";

/** In bytes (PATH_MAX). */
const MAX_PATH_LENGTH = 4096;
/** A byte may be a directory to look into. */
const PATH_BYTE_FUEL = 4;

function readPath(call: WasiCall, address: number, length: number): string {
  const bytes = call.memory.bytes(address, length);
  if (length > MAX_PATH_LENGTH) throw new WasiError(Errno.nametoolong, "path too long");
  call.charge(length * PATH_BYTE_FUEL);
  const path = decodeUtf8(bytes, 0, length);
  if (path === undefined) throw new WasiError(Errno.ilseq, "path is not UTF-8");
  if (path === "") throw new WasiError(Errno.noent, "empty path");
  if (path.includes("\0")) throw new WasiError(Errno.inval, "path contains NUL");
  if (!staysInside(path)) throw new WasiError(Errno.perm, "path leads outside of its directory");
  return path;
}

function staysInside(path: string): boolean {
  if (path.startsWith("/")) return false;
  let depth = 0;
  for (const part of path.split("/")) {
    if (part === "..") depth--;
    else if (part !== "" && part !== ".") depth++;
    if (depth < 0) return false;
  }
  return true;
}

/** A directory whose content is about to change. */
function changeable(call: WasiCall, fd: number, rights: number): DirectoryDescriptor {
  const directory = call.wasi.descriptors.directory(fd, rights);
  if (directory.readOnly) throw new WasiError(Errno.rofs, "read-only");
  call.wasi.files.setTime(call.now);
  return directory;
}

function checkFlags(given: number, known: number): void {
  if ((given & ~known) !== 0) throw new WasiError(Errno.inval, "unknown flags");
}

/** A call that changes one entry of a directory. */
function entryCall(rights: number, change: (call: WasiCall, directory: DirectoryDescriptor, path: string) => void) {
  return wasiFunction(["i32", "i32", "i32"], (call, fd, address, length) => {
    const directory = changeable(call, fd, rights);
    change(call, directory, readPath(call, address, length));
  });
}

/** Opening a file below a read-only directory: it must be there, and not be opened to change. */
function requireNoChange({ wasi }: WasiCall, { handle }: DirectoryDescriptor, path: string, mode: OpenMode): void {
  try {
    const { filetype } = wasi.files.statusOf(handle, path);
    if (filetype === Filetype.directory || !(mode.write || mode.truncate)) return;
  } catch (error) {
    if (!(error instanceof WasiError && error.errno === Errno.noent && mode.create)) throw error;
  }
  throw new WasiError(Errno.rofs, "read-only");
}

export const PATH_FUNCTIONS = {
  path_create_directory: entryCall(Rights.path_create_directory, (call, { handle }, path) =>
    call.wasi.files.createDirectory(handle, path),
  ),
  path_filestat_get: wasiFunction(["i32", "i32", "i32", "i32", "i32"], (call, fd, lookup, address, length, out) => {
    const { handle } = call.wasi.descriptors.directory(fd, Rights.path_filestat_get);
    checkFlags(lookup, ALL_LOOKUPFLAGS);
    writeStatus(call.memory, out, call.wasi.files.statusOf(handle, readPath(call, address, length)));
  }),
  path_open: wasiFunction(
    ["i32", "i32", "i32", "i32", "i32", "i64", "i64", "i32", "i32"],
    (call, fd, lookup, address, length, oflags, base, inheriting, fdflags, out) => {
      const { descriptors, files } = call.wasi;
      const directory = descriptors.directory(fd, Rights.path_open);
      checkFlags(lookup, ALL_LOOKUPFLAGS);
      checkFlags(oflags, ALL_OFLAGS);
      checkFlags(fdflags, ALL_FDFLAGS);
      const result = call.memory.struct(out, 4);
      const path = readPath(call, address, length);
      const rights = Number(base & BigInt(ALL_RIGHTS));
      const inherited = Number(inheriting & BigInt(ALL_RIGHTS));
      const mode = {
        write:
          (oflags & Oflags.directory) === 0 &&
          (rights & (Rights.fd_write | Rights.fd_allocate | Rights.fd_filestat_set_size)) !== 0,
        create: (oflags & Oflags.creat) !== 0,
        exclusive: (oflags & Oflags.excl) !== 0,
        truncate: (oflags & Oflags.trunc) !== 0,
        directory: (oflags & Oflags.directory) !== 0,
      };
      if (mode.directory && (mode.create || mode.truncate))
        throw new WasiError(Errno.inval, "directories are neither made nor truncated by opening");
      const needed = (mode.create ? Rights.path_create_file : 0) | (mode.truncate ? Rights.path_filestat_set_size : 0);
      descriptors.get(fd, needed);
      if (((rights | inherited) & ~directory.inheriting) !== 0)
        throw new WasiError(Errno.notcapable, "rights that the directory does not pass on");
      descriptors.requireRoom();
      files.setTime(call.now);
      if (directory.readOnly) requireNoChange(call, directory, path, mode);
      const handle = files.open(directory.handle, path, mode);
      const { filetype } = files.status(handle);
      const { readOnly } = directory;
      const opened =
        filetype === Filetype.directory
          ? directoryDescriptor(handle, { readOnly, rights, inheriting: inherited })
          : fileDescriptor(handle, filetype !== Filetype.regular_file, rights, fdflags);
      result.setUint32(0, descriptors.add(opened), true);
    },
  ),
  // There are no symbolic links to read.
  path_readlink: wasiFunction(
    ["i32", "i32", "i32", "i32", "i32", "i32"],
    (call, fd, address, length, buffer, bufferLength, used) => {
      const { handle } = call.wasi.descriptors.directory(fd, Rights.path_readlink);
      call.memory.bytes(buffer, bufferLength);
      call.memory.bytes(used, 4);
      call.wasi.files.statusOf(handle, readPath(call, address, length));
      throw new WasiError(Errno.inval, "not a symbolic link");
    },
  ),
  path_remove_directory: entryCall(Rights.path_remove_directory, (call, { handle }, path) =>
    call.wasi.files.removeDirectory(handle, path),
  ),
  path_rename: wasiFunction(
    ["i32", "i32", "i32", "i32", "i32", "i32"],
    (call, fd, oldAddress, oldLength, newFd, newAddress, newLength) => {
      const from = changeable(call, fd, Rights.path_rename_source);
      const to = changeable(call, newFd, Rights.path_rename_target);
      const oldPath = readPath(call, oldAddress, oldLength);
      const newPath = readPath(call, newAddress, newLength);
      call.wasi.files.rename(from.handle, oldPath, to.handle, newPath);
    },
  ),
  path_unlink_file: entryCall(Rights.path_unlink_file, (call, { handle }, path) =>
    call.wasi.files.unlink(handle, path),
  ),
} as const;
