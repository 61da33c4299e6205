// Calls on open descriptors.

import { encodeUtf8 } from "../../decoder/index.js";
import {
  ALL_FDFLAGS,
  ALL_FSTFLAGS,
  DIRENT_SIZE,
  Errno,
  FDSTAT_SIZE,
  Fdflags,
  FILESTAT_SIZE,
  Filetype,
  type FiletypeValue,
  Fstflags,
  LAST_ADVICE,
  PRESTAT_SIZE,
  Rights,
  Whence,
} from "./abi.js";
import { CALL_FUEL, type WasiCall, wasiFunction } from "./call.js";
import type { Descriptor, DirectoryDescriptor, FileDescriptor, StreamDescriptor } from "./descriptors.js";
import { WasiError } from "./errors.js";
import type { FileStatus, FileTimes } from "./file-system.js";
import type { GuestMemory } from "./guest-memory.js";

/** Fuel for each entry from the cookie on: the file system lists them all. */
const ENTRY_FUEL = 8;

function filetypeOf(call: WasiCall, descriptor: Descriptor): FiletypeValue {
  if (descriptor.kind === "directory") return Filetype.directory;
  if (descriptor.kind === "file") return descriptor.device ? Filetype.character_device : Filetype.regular_file;
  return call.wasi.streams[descriptor.stream]!.terminal === true ? Filetype.character_device : Filetype.unknown;
}

/** Writes a `filestat`. */
export function writeStatus(memory: GuestMemory, address: number, status: FileStatus): void {
  const view = memory.struct(address, FILESTAT_SIZE);
  view.setBigUint64(0, status.device, true);
  view.setBigUint64(8, status.inode, true);
  view.setBigUint64(16, 0n, true);
  view.setUint8(16, status.filetype);
  view.setBigUint64(24, BigInt(status.links), true);
  view.setBigUint64(32, BigInt(status.size), true);
  view.setBigUint64(40, status.accessed, true);
  view.setBigUint64(48, status.modified, true);
  view.setBigUint64(56, status.changed, true);
}

/** The times that a call is to set, by its `fstflags`. */
export function fileTimes(call: WasiCall, accessed: bigint, modified: bigint, flags: number): FileTimes {
  const time = (given: bigint, set: number, now: number): bigint | undefined => {
    if ((flags & set) !== 0 && (flags & now) !== 0) throw new WasiError(Errno.inval, "a time, and now");
    return (flags & now) !== 0 ? call.now : (flags & set) !== 0 ? given : undefined;
  };
  if ((flags & ~ALL_FSTFLAGS) !== 0) throw new WasiError(Errno.inval, "unknown flags");
  return {
    accessed: time(accessed, Fstflags.atim, Fstflags.atim_now),
    modified: time(modified, Fstflags.mtim, Fstflags.mtim_now),
  };
}

/** A file offset from the guest, as a number. */
function fileOffset(offset: bigint): number {
  if (offset < 0n) throw new WasiError(Errno.inval, "offset before the start");
  if (offset > BigInt(Number.MAX_SAFE_INTEGER)) throw new WasiError(Errno.fbig, "offset too large");
  return Number(offset);
}

/** Reads into each buffer in turn until one is not filled; the count. */
function readInto(targets: readonly Uint8Array[], read: (target: Uint8Array) => number): number {
  let total = 0;
  for (const target of targets) {
    const count = read(target);
    total += count;
    if (count < target.length) break;
  }
  return total;
}

function readFile(call: WasiCall, file: FileDescriptor, targets: readonly Uint8Array[], offset: number): number {
  const files = call.filesOf(file);
  let at = offset;
  return readInto(targets, (target) => {
    const count = files.read(file.handle, at, target);
    at += count;
    return count;
  });
}

/** Writes the buffers one after another; what is written before one fails counts, as in POSIX. */
function writeFile(call: WasiCall, file: FileDescriptor, sources: readonly Uint8Array[], offset: number): number {
  const files = call.filesOf(file);
  let total = 0;
  for (const source of sources) {
    if (source.length === 0) continue;
    try {
      const count = files.write(file.handle, fileOffset(BigInt(offset + total)), source);
      total += count;
      if (count < source.length) return total;
    } catch (error) {
      if (total > 0 && error instanceof WasiError) return total;
      throw error;
    }
  }
  return total;
}

/** A promise if reading from the descriptor has to wait. */
export function readiness(call: WasiCall, descriptor: Descriptor | undefined): Promise<void> | undefined {
  if (descriptor === undefined) return undefined;
  if (descriptor.kind === "stream") return call.wasi.streams[descriptor.stream]!.ready?.();
  return descriptor.kind === "file" && descriptor.device
    ? call.filesOf(descriptor).ready?.(descriptor.handle)
    : undefined;
}

/** Reads at the descriptor's own offset, and moves it. */
function readNext(
  call: WasiCall,
  descriptor: FileDescriptor | StreamDescriptor,
  targets: readonly Uint8Array[],
): number {
  if (descriptor.kind === "stream") {
    const stream = call.wasi.streams[descriptor.stream]!;
    return readInto(targets, (target) => stream.read!(target));
  }
  const count = readFile(call, descriptor, targets, descriptor.offset);
  if (!descriptor.device) descriptor.offset += count;
  return count;
}

/** Writes at the descriptor's own offset or at the end, and moves it. */
function writeNext(
  call: WasiCall,
  descriptor: FileDescriptor | StreamDescriptor,
  sources: readonly Uint8Array[],
): number {
  if (descriptor.kind === "stream") {
    const stream = call.wasi.streams[descriptor.stream]!;
    let total = 0;
    for (const source of sources) {
      if (source.length > 0) stream.write!(source);
      total += source.length;
    }
    return total;
  }
  call.filesOf(descriptor).setTime(call.now);
  const start = startOf(call, descriptor);
  const count = writeFile(call, descriptor, sources, start);
  if (!descriptor.device) descriptor.offset = start + count;
  return count;
}

/** What the embedder asks for writing there, and what making zeros before it costs. */
function priceOf(
  call: WasiCall,
  descriptor: FileDescriptor | StreamDescriptor,
  sources: readonly Uint8Array[],
): number {
  if (descriptor.kind === "stream") {
    const stream = call.wasi.streams[descriptor.stream]!;
    return sources.reduce((price, source) => price + (stream.price?.(source) ?? 0), 0);
  }
  return priceAt(call, descriptor, sources, startOf(call, descriptor));
}

/** The price of writing `sources` one after another from `offset` on. */
function priceAt(call: WasiCall, file: FileDescriptor, sources: readonly Uint8Array[], offset: number): number {
  const files = call.filesOf(file);
  let price = 0;
  let at = offset;
  for (const source of sources) {
    // Zeros before the first bytes are made once: what follows begins where these end.
    if (source.length > 0 && (at === offset || file.device)) price += files.price?.(file.handle, at, source) ?? 0;
    at += source.length;
  }
  return price;
}

/** Where the next write begins. */
function startOf(call: WasiCall, file: FileDescriptor): number {
  return (file.flags & Fdflags.append) !== 0 && !file.device ? endOf(call, file) : file.offset;
}

function endOf(call: WasiCall, file: FileDescriptor): number {
  return call.filesOf(file).status(file.handle).size;
}

/** Makes a file as large as the guest asks; the zeros are paid for. */
function setSize(call: WasiCall, file: FileDescriptor, size: number): void {
  if (file.readOnly) throw new WasiError(Errno.rofs, "read-only");
  const files = call.filesOf(file);
  call.chargeAccess(file);
  files.setTime(call.now);
  call.chargePrice(files.priceOfSize?.(file.handle, size) ?? 0);
  files.setSize(file.handle, size);
}

/** An entry of a directory as it is now: its number and type; undefined if it is gone. */
function entryStatus(call: WasiCall, directory: DirectoryDescriptor, name: string): FileStatus | undefined {
  const files = call.filesOf(directory);
  if (name !== "..") return files.lookup(directory.handle, name);
  // The parent of what the guest has opened may be outside: then it shows the directory itself.
  return files.parent?.(directory.handle) ?? files.status(directory.handle);
}

/** Writes as much of the directory as fits; the last entry may be cut. */
function readDirectory(call: WasiCall, fd: number, address: number, length: number, cookie: bigint): number {
  const directory = call.wasi.descriptors.directory(fd, Rights.fd_readdir);
  const target = call.memory.bytes(address, length);
  const from = fileOffset(cookie);
  if (from === 0 || directory.listing === null) {
    const files = call.filesOf(directory);
    // One that is removed has not even itself in it.
    const isRemoved = files.status(directory.handle).links === 0;
    const listing = isRemoved ? [] : [".", "..", ...files.list(directory.handle)];
    call.charge(listing.length * ENTRY_FUEL);
    directory.listing = listing;
  }
  call.chargeAccess(directory);
  call.charge(Math.ceil(length / 64));
  // Looked up and paid one by one, as many as there is room for; nothing is written before all are.
  const found: Uint8Array[] = [];
  let used = 0;
  for (let i = from; i < directory.listing.length && used < length; i++) {
    call.charge(ENTRY_FUEL);
    call.chargeAccess(directory);
    const entry = directoryEntry(call, directory, directory.listing[i]!, i + 1);
    // Removed since reading began: its place stays, so that cookies do.
    if (entry === undefined) continue;
    found.push(entry);
    used += entry.length;
  }
  let at = 0;
  for (const entry of found) {
    target.set(entry.subarray(0, length - at), at);
    at += entry.length;
  }
  return Math.min(used, length);
}

/** A `dirent` and the name behind it; undefined if there is no such entry. */
function directoryEntry(
  call: WasiCall,
  directory: DirectoryDescriptor,
  name: string,
  next: number,
): Uint8Array | undefined {
  const status = entryStatus(call, directory, name);
  if (status === undefined) return undefined;
  const bytes = encodeUtf8(name);
  const entry = new Uint8Array(DIRENT_SIZE + bytes.length);
  const head = new DataView(entry.buffer);
  head.setBigUint64(0, BigInt(next), true);
  head.setBigUint64(8, status.inode, true);
  head.setUint32(16, bytes.length, true);
  head.setUint8(20, status.filetype);
  entry.set(bytes, DIRENT_SIZE);
  return entry;
}

export function closeDescriptor(call: WasiCall, descriptor: Descriptor): void {
  if (descriptor.kind !== "stream") call.filesOf(descriptor).close(descriptor.handle);
}

export const FD_FUNCTIONS = {
  // Nothing is read ahead: whatever is advised is taken note of.
  fd_advise: wasiFunction(["i32", "i64", "i64", "i32"], (call, fd, _offset, _length, advice) => {
    const descriptor = call.wasi.descriptors.get(fd);
    if (descriptor.kind === "stream" || (descriptor.kind === "file" && descriptor.device))
      throw new WasiError(Errno.spipe, "a stream or a device");
    if (descriptor.kind === "file") call.wasi.descriptors.get(fd, Rights.fd_advise);
    if (advice > LAST_ADVICE) throw new WasiError(Errno.inval, "no such advice");
  }),
  fd_allocate: wasiFunction(["i32", "i64", "i64"], (call, fd, offset, length) => {
    const file = call.wasi.descriptors.file(fd, Rights.fd_allocate);
    if (length === 0n) throw new WasiError(Errno.inval, "nothing to allocate");
    const size = fileOffset(offset + length);
    if (size > endOf(call, file)) setSize(call, file, size);
  }),
  fd_close: wasiFunction(["i32"], (call, fd) => {
    closeDescriptor(call, call.wasi.descriptors.remove(fd));
  }),
  fd_datasync: wasiFunction(["i32"], (call, fd) => sync(call, fd, Rights.fd_datasync)),
  fd_fdstat_get: wasiFunction(["i32", "i32"], (call, fd, out) => {
    const descriptor = call.wasi.descriptors.get(fd);
    const view = call.memory.struct(out, FDSTAT_SIZE);
    view.setBigUint64(0, 0n, true);
    view.setUint8(0, filetypeOf(call, descriptor));
    view.setUint16(2, descriptor.flags, true);
    view.setBigUint64(8, BigInt(descriptor.rights), true);
    view.setBigUint64(16, BigInt(descriptor.inheriting), true);
  }),
  fd_fdstat_set_flags: wasiFunction(["i32", "i32"], (call, fd, flags) => {
    const descriptor = call.wasi.descriptors.get(fd, Rights.fd_fdstat_set_flags);
    if ((flags & ~ALL_FDFLAGS) !== 0) throw new WasiError(Errno.inval, "no such flags");
    descriptor.flags = flags;
  }),
  fd_fdstat_set_rights: wasiFunction(["i32", "i64", "i64"], (call, fd, base, inheriting) => {
    const descriptor = call.wasi.descriptors.get(fd);
    const more = (base & ~BigInt(descriptor.rights)) | (inheriting & ~BigInt(descriptor.inheriting));
    if (more !== 0n) throw new WasiError(Errno.notcapable, "rights can only be given up");
    descriptor.rights = Number(base);
    descriptor.inheriting = Number(inheriting);
  }),
  fd_filestat_get: wasiFunction(["i32", "i32"], (call, fd, out) => {
    const descriptor = call.wasi.descriptors.get(fd, Rights.fd_filestat_get);
    if (descriptor.kind !== "stream") {
      call.chargeAccess(descriptor);
      writeStatus(call.memory, out, call.filesOf(descriptor).status(descriptor.handle));
      return;
    }
    const filetype = filetypeOf(call, descriptor);
    const inode = BigInt(descriptor.stream);
    const times = { accessed: 0n, modified: 0n, changed: 0n };
    writeStatus(call.memory, out, { filetype, device: 0n, inode, links: 1, size: 0, ...times });
  }),
  fd_filestat_set_size: wasiFunction(["i32", "i64"], (call, fd, size) => {
    const file = call.wasi.descriptors.file(fd, Rights.fd_filestat_set_size);
    setSize(call, file, fileOffset(size));
  }),
  fd_filestat_set_times: wasiFunction(["i32", "i64", "i64", "i32"], (call, fd, accessed, modified, flags) => {
    const descriptor = call.wasi.descriptors.get(fd);
    if (descriptor.kind === "stream") throw new WasiError(Errno.badf, "a stream");
    call.wasi.descriptors.get(fd, Rights.fd_filestat_set_times);
    if (descriptor.readOnly) throw new WasiError(Errno.rofs, "read-only");
    call.chargeAccess(descriptor);
    const files = call.filesOf(descriptor);
    files.setTime(call.now);
    files.setTimes(descriptor.handle, fileTimes(call, accessed, modified, flags));
  }),
  fd_pread: wasiFunction(["i32", "i32", "i32", "i64", "i32"], (call, fd, vectors, count, offset, read) => {
    const file = call.wasi.descriptors.file(fd, Rights.fd_read | Rights.fd_seek);
    const targets = call.memory.vectors(vectors, count);
    const result = call.memory.struct(read, 4);
    call.chargeTransfer(targets);
    call.chargeAccess(file, targets.length);
    result.setUint32(0, readFile(call, file, targets, fileOffset(offset)), true);
  }),
  fd_prestat_get: wasiFunction(["i32", "i32"], (call, fd, out) => {
    const name = preopenName(call, fd);
    const view = call.memory.struct(out, PRESTAT_SIZE);
    view.setUint32(0, 0, true); // `preopentype`: dir
    view.setUint32(4, name.length, true);
  }),
  fd_prestat_dir_name: wasiFunction(["i32", "i32", "i32"], (call, fd, path, length) => {
    const name = preopenName(call, fd);
    if (length < name.length) throw new WasiError(Errno.nametoolong, "buffer too small");
    call.memory.bytes(path, name.length).set(name);
  }),
  fd_pwrite: wasiFunction(["i32", "i32", "i32", "i64", "i32"], (call, fd, vectors, count, offset, written) => {
    const file = call.wasi.descriptors.file(fd, Rights.fd_write | Rights.fd_seek);
    const sources = call.memory.vectors(vectors, count);
    const result = call.memory.struct(written, 4);
    const start = fileOffset(offset);
    call.chargeTransfer(sources);
    call.chargeAccess(file, sources.length);
    call.chargePrice(priceAt(call, file, sources, start));
    call.filesOf(file).setTime(call.now);
    result.setUint32(0, writeFile(call, file, sources, start), true);
  }),
  fd_read: wasiFunction(
    ["i32", "i32", "i32", "i32"],
    (call, fd, vectors, count, read) => {
      // Asked before anything is charged: a stream that throws FuelPause makes the guest wait
      // at a point that no shortage of fuel keeps it from.
      const waiting = readiness(call, call.wasi.descriptors.find(fd));
      call.charge(CALL_FUEL);
      const descriptor = call.wasi.descriptors.get(fd);
      if (descriptor.kind === "directory") throw new WasiError(Errno.isdir, "a directory");
      call.wasi.descriptors.get(fd, Rights.fd_read);
      const targets = call.memory.vectors(vectors, count);
      const result = call.memory.struct(read, 4);
      call.chargeTransfer(targets);
      if (descriptor.kind === "file") call.chargeAccess(descriptor, targets.length);
      if (waiting === undefined || targets.every(({ length }) => length === 0)) {
        result.setUint32(0, readNext(call, descriptor, targets), true);
        return undefined;
      }
      // The views may be stale by then.
      return waiting.then(() =>
        call.memory.setU32(read, readNext(call, descriptor, call.memory.vectors(vectors, count))),
      );
    },
    0,
  ),
  fd_readdir: wasiFunction(["i32", "i32", "i32", "i64", "i32"], (call, fd, buffer, length, cookie, used) => {
    const result = call.memory.struct(used, 4);
    result.setUint32(0, readDirectory(call, fd, buffer, length, cookie), true);
  }),
  fd_renumber: wasiFunction(["i32", "i32"], (call, fd, to) => {
    const replaced = call.wasi.descriptors.renumber(fd, to);
    if (replaced !== undefined) closeDescriptor(call, replaced);
  }),
  fd_seek: wasiFunction(["i32", "i64", "i32", "i32"], (call, fd, delta, whence, out) => {
    // Asking for the offset takes another right than moving it.
    const offset = BigInt.asIntN(64, delta);
    const asks = offset === 0n && whence === Whence.cur;
    const file = call.wasi.descriptors.file(fd, asks ? Rights.fd_tell : Rights.fd_seek);
    const result = call.memory.struct(out, 8);
    if (whence > Whence.end) throw new WasiError(Errno.inval, "no such origin");
    const start = whence === Whence.set ? 0 : whence === Whence.cur ? file.offset : endOf(call, file);
    file.offset = fileOffset(BigInt(start) + offset);
    result.setBigUint64(0, BigInt(file.offset), true);
  }),
  fd_sync: wasiFunction(["i32"], (call, fd) => sync(call, fd, Rights.fd_sync)),
  fd_tell: wasiFunction(["i32", "i32"], (call, fd, out) => {
    const file = call.wasi.descriptors.file(fd, Rights.fd_tell);
    call.memory.setU64(out, BigInt(file.offset));
  }),
  fd_write: wasiFunction(["i32", "i32", "i32", "i32"], (call, fd, vectors, count, written) => {
    const descriptor = call.wasi.descriptors.get(fd);
    if (descriptor.kind === "directory") throw new WasiError(Errno.isdir, "a directory");
    call.wasi.descriptors.get(fd, Rights.fd_write);
    const sources = call.memory.vectors(vectors, count);
    const result = call.memory.struct(written, 4);
    call.chargeTransfer(sources);
    // One more for the end of the file, of which appending asks.
    if (descriptor.kind === "file") call.chargeAccess(descriptor, sources.length + 1);
    call.chargePrice(priceOf(call, descriptor, sources));
    result.setUint32(0, writeNext(call, descriptor, sources), true);
    return descriptor.kind === "stream"
      ? call.wasi.streams[descriptor.stream]!.written?.()
      : call.filesOf(descriptor).written?.(descriptor.handle);
  }),
} as const;

function sync(call: WasiCall, fd: number, right: number): void {
  const descriptor = call.wasi.descriptors.get(fd);
  if (descriptor.kind === "stream") throw new WasiError(Errno.inval, "a stream");
  call.wasi.descriptors.get(fd, right);
  call.chargeAccess(descriptor);
  call.filesOf(descriptor).sync?.(descriptor.handle);
}

function preopenName(call: WasiCall, fd: number): Uint8Array {
  const descriptor = call.wasi.descriptors.get(fd);
  if (descriptor.kind !== "directory" || descriptor.preopen === null)
    throw new WasiError(Errno.badf, "not a directory that was open at the start");
  return descriptor.preopen;
}
