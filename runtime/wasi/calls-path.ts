// Calls on paths, relative to an open directory. How they are walked is in paths.ts.

import { decodeUtf8, encodeUtf8 } from "../../decoder/index.js";
import { ALL_FDFLAGS, ALL_OFLAGS, ALL_RIGHTS, Errno, Filetype, Oflags, Rights, SYMLINK_FOLLOW } from "./abi.js";
import { type WasiCall, wasiFunction } from "./call.js";
import { fileTimes, writeStatus } from "./calls-fd.js";
import { type DirectoryDescriptor, directoryDescriptor, fileDescriptor } from "./descriptors.js";
import { WasiError } from "./errors.js";
import { type FileHandle, type FileStatus, type OpenMode, priceOfAccess } from "./file-system.js";
import { atPath, MAX_PATH_LENGTH, type Place, type WalkOptions } from "./paths.js";

/** A byte may be a directory to look into. */
const PATH_BYTE_FUEL = 4;

/** The text of a path, or of a symbolic link's target. */
function readPath(call: WasiCall, address: number, length: number): string {
  const bytes = call.memory.bytes(address, length);
  if (length > MAX_PATH_LENGTH) throw new WasiError(Errno.nametoolong, "path too long");
  call.charge(length * PATH_BYTE_FUEL);
  const path = decodeUtf8(bytes, 0, length);
  if (path === undefined) throw new WasiError(Errno.ilseq, "path is not UTF-8");
  if (path === "") throw new WasiError(Errno.noent, "empty path");
  if (path.includes("\0")) throw new WasiError(Errno.inval, "path contains NUL");
  return path;
}

/** An entry that is named, not what a link in its place leads to. */
const ENTRY: WalkOptions = { follow: false, followSlash: false };

/** Walks a path from a directory; what the calls do where it leads is in `use`. */
function walk<T>(
  call: WasiCall,
  { files, handle }: DirectoryDescriptor,
  path: string,
  options: WalkOptions,
  use: (place: Place) => T,
): T {
  const fileSystem = call.wasi.fileSystems[files]!;
  const charge = (bytes: number): void => call.charge(bytes * PATH_BYTE_FUEL);
  const step = (here: FileHandle): void => {
    const fuel = priceOfAccess(fileSystem, here);
    if (fuel > 0) call.charge(fuel);
  };
  // For what is done where the path leads.
  step(handle);
  return atPath(fileSystem, handle, path, { ...options, charge, step }, use);
}

/** A directory whose content is about to change. */
function changeable(call: WasiCall, fd: number, rights: number): DirectoryDescriptor {
  const directory = call.wasi.descriptors.directory(fd, rights);
  if (directory.readOnly) throw new WasiError(Errno.rofs, "read-only");
  call.filesOf(directory).setTime(call.now);
  return directory;
}

function checkFlags(given: number, known: number): void {
  if ((given & ~known) !== 0) throw new WasiError(Errno.inval, "unknown flags");
}

/** Paths that end in `.` or `..` name no entry of a directory. */
function requireEntry({ name }: Place, path: string, errno: number): void {
  if (name === "." || /(^|\/)\.\/*$/.test(path)) throw new WasiError(errno, "not an entry of a directory");
}

/** What the entry is, which must not be missing. */
function presentStatus({ status }: Place): FileStatus {
  if (status === undefined) throw new WasiError(Errno.noent, "no such file or directory");
  return status;
}

/** An entry that is going to be made. */
function requireMissing({ status, mustBeDirectory }: Place, directory: boolean): void {
  if (status !== undefined) throw new WasiError(Errno.exist, "exists");
  if (mustBeDirectory && !directory) throw new WasiError(Errno.noent, "no such directory");
}

/** A call that changes one entry of a directory. */
function entryCall(
  rights: number,
  change: (call: WasiCall, directory: DirectoryDescriptor, place: Place, path: string) => void,
) {
  return wasiFunction(["i32", "i32", "i32"], (call, fd, address, length) => {
    const directory = changeable(call, fd, rights);
    const path = readPath(call, address, length);
    walk(call, directory, path, ENTRY, (place) => change(call, directory, place, path));
  });
}

/** A file that is opened below a read-only directory must be there, and not be opened to change. */
function requireNoChange({ status }: Place, mode: OpenMode): void {
  if (status === undefined ? !mode.create : status.filetype === Filetype.directory || !(mode.write || mode.truncate))
    return;
  throw new WasiError(Errno.rofs, "read-only");
}

/** What path_open asks for. */
function openMode(oflags: number, rights: number): OpenMode {
  const mode = {
    write: (rights & (Rights.fd_write | Rights.fd_allocate | Rights.fd_filestat_set_size)) !== 0,
    create: (oflags & Oflags.creat) !== 0,
    exclusive: (oflags & Oflags.excl) !== 0,
    truncate: (oflags & Oflags.trunc) !== 0,
    directory: (oflags & Oflags.directory) !== 0,
  };
  if (mode.directory && (mode.create || mode.truncate))
    throw new WasiError(Errno.inval, "directories are neither made nor truncated by opening");
  return mode;
}

/** Opens what a path leads to, and says what it is. */
function openPlace(call: WasiCall, directory: DirectoryDescriptor, place: Place, mode: OpenMode) {
  const files = call.filesOf(directory);
  const { status, mustBeDirectory } = place;
  if (directory.readOnly) requireNoChange(place, mode);
  if (status === undefined && mode.create && mustBeDirectory) throw new WasiError(Errno.isdir, "a directory");
  if (status?.filetype === Filetype.directory) {
    if (mode.create && mode.exclusive) throw new WasiError(Errno.exist, "exists");
    if (mode.write || mode.truncate || mode.create) throw new WasiError(Errno.isdir, "a directory");
  }
  const handle = files.open(place.directory, place.name, mode);
  try {
    return { handle, filetype: files.status(handle).filetype };
  } catch (error) {
    files.close(handle);
    throw error;
  }
}

export const PATH_FUNCTIONS = {
  path_create_directory: entryCall(Rights.path_create_directory, (call, directory, place) => {
    requireMissing(place, true);
    call.filesOf(directory).createDirectory(place.directory, place.name);
  }),
  path_filestat_get: wasiFunction(["i32", "i32", "i32", "i32", "i32"], (call, fd, lookup, address, length, out) => {
    const directory = call.wasi.descriptors.directory(fd, Rights.path_filestat_get);
    checkFlags(lookup, SYMLINK_FOLLOW);
    const path = readPath(call, address, length);
    walk(call, directory, path, { follow: lookup !== 0 }, (place) => {
      writeStatus(call.memory, out, presentStatus(place));
    });
  }),
  path_filestat_set_times: wasiFunction(
    ["i32", "i32", "i32", "i32", "i64", "i64", "i32"],
    (call, fd, lookup, address, length, accessed, modified, flags) => {
      checkFlags(lookup, SYMLINK_FOLLOW);
      const directory = changeable(call, fd, Rights.path_filestat_set_times);
      const times = fileTimes(call, accessed, modified, flags);
      const path = readPath(call, address, length);
      walk(call, directory, path, { follow: lookup !== 0 }, (place) => {
        presentStatus(place);
        call.filesOf(directory).setTimesOf(place.directory, place.name, times);
      });
    },
  ),
  path_link: wasiFunction(
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32"],
    (call, fd, lookup, oldAddress, oldLength, newFd, newAddress, newLength) => {
      checkFlags(lookup, SYMLINK_FOLLOW);
      // Non-spec: as in other hosts, so that nobody links to what a link leads to without naming it.
      if (lookup !== 0) throw new WasiError(Errno.inval, "hard links to what a symbolic link leads to");
      const from = changeable(call, fd, Rights.path_link_source);
      const to = changeable(call, newFd, Rights.path_link_target);
      const oldPath = readPath(call, oldAddress, oldLength);
      const newPath = readPath(call, newAddress, newLength);
      walk(call, from, oldPath, ENTRY, (source) => {
        const { filetype } = presentStatus(source);
        walk(call, to, newPath, ENTRY, (target) => {
          requireMissing(target, false);
          if (filetype === Filetype.directory) throw new WasiError(Errno.perm, "a directory");
          if (from.files !== to.files) throw new WasiError(Errno.xdev, "another file system");
          call.filesOf(from).link(source.directory, source.name, target.directory, target.name);
        });
      });
    },
  ),
  path_open: wasiFunction(
    ["i32", "i32", "i32", "i32", "i32", "i64", "i64", "i32", "i32"],
    (call, fd, lookup, address, length, oflags, base, inheriting, flags, out) => {
      const { descriptors } = call.wasi;
      const directory = descriptors.directory(fd, Rights.path_open);
      checkFlags(lookup, SYMLINK_FOLLOW);
      checkFlags(oflags, ALL_OFLAGS);
      checkFlags(flags, ALL_FDFLAGS);
      const result = call.memory.struct(out, 4);
      const path = readPath(call, address, length);
      const rights = Number(base & BigInt(ALL_RIGHTS));
      const inherited = Number(inheriting & BigInt(ALL_RIGHTS));
      const mode = openMode(oflags, rights);
      const needed = (mode.create ? Rights.path_create_file : 0) | (mode.truncate ? Rights.path_filestat_set_size : 0);
      descriptors.get(fd, needed);
      if (((rights | inherited) & ~directory.inheriting) !== 0)
        throw new WasiError(Errno.notcapable, "rights that the directory does not pass on");
      descriptors.requireRoom();
      call.filesOf(directory).setTime(call.now);
      // What O_EXCL makes is new: a link in its place is one that exists.
      const follow = lookup !== 0 && !(mode.create && mode.exclusive);
      const { handle, filetype } = walk(call, directory, path, { follow }, (place) =>
        openPlace(call, directory, place, mode),
      );
      const { files, readOnly } = directory;
      const opening = { files, handle, readOnly, rights, inheriting: inherited, flags };
      const opened =
        filetype === Filetype.directory
          ? directoryDescriptor(opening)
          : fileDescriptor(opening, filetype !== Filetype.regular_file);
      result.setUint32(0, descriptors.add(opened), true);
    },
  ),
  path_readlink: wasiFunction(
    ["i32", "i32", "i32", "i32", "i32", "i32"],
    (call, fd, address, length, buffer, bufferLength, used) => {
      const directory = call.wasi.descriptors.directory(fd, Rights.path_readlink);
      const target = call.memory.bytes(buffer, bufferLength);
      const result = call.memory.struct(used, 4);
      const path = readPath(call, address, length);
      const text = walk(call, directory, path, { follow: false }, (place) => {
        presentStatus(place);
        return encodeUtf8(call.filesOf(directory).readLink(place.directory, place.name));
      });
      call.chargeTransfer([text]);
      const part = text.subarray(0, bufferLength);
      target.set(part);
      result.setUint32(0, part.length, true);
    },
  ),
  path_remove_directory: entryCall(Rights.path_remove_directory, (call, directory, place, path) => {
    requireEntry(place, path, Errno.inval);
    presentStatus(place);
    call.filesOf(directory).removeDirectory(place.directory, place.name);
  }),
  path_rename: wasiFunction(
    ["i32", "i32", "i32", "i32", "i32", "i32"],
    (call, fd, oldAddress, oldLength, newFd, newAddress, newLength) => {
      const from = changeable(call, fd, Rights.path_rename_source);
      const to = changeable(call, newFd, Rights.path_rename_target);
      const oldPath = readPath(call, oldAddress, oldLength);
      const newPath = readPath(call, newAddress, newLength);
      walk(call, from, oldPath, ENTRY, (source) => {
        requireEntry(source, oldPath, Errno.busy);
        const { filetype } = presentStatus(source);
        walk(call, to, newPath, ENTRY, (target) => {
          requireEntry(target, newPath, Errno.busy);
          if (target.mustBeDirectory && filetype !== Filetype.directory)
            throw new WasiError(Errno.notdir, "not a directory");
          if (from.files !== to.files) throw new WasiError(Errno.xdev, "another file system");
          call.filesOf(from).rename(source.directory, source.name, target.directory, target.name);
        });
      });
    },
  ),
  path_symlink: wasiFunction(
    ["i32", "i32", "i32", "i32", "i32"],
    (call, targetAddress, targetLength, fd, address, length) => {
      const directory = changeable(call, fd, Rights.path_symlink);
      const target = readPath(call, targetAddress, targetLength);
      const path = readPath(call, address, length);
      // Such a link leads nowhere in the guest, and to the host's files for everybody else.
      if (target.startsWith("/")) throw new WasiError(Errno.perm, "a symbolic link to an absolute path");
      walk(call, directory, path, ENTRY, (place) => {
        requireMissing(place, false);
        call.filesOf(directory).symlink(target, place.directory, place.name);
      });
    },
  ),
  path_unlink_file: entryCall(Rights.path_unlink_file, (call, directory, place) => {
    if (presentStatus(place).filetype === Filetype.directory) throw new WasiError(Errno.isdir, "a directory");
    call.filesOf(directory).unlink(place.directory, place.name);
  }),
} as const;
