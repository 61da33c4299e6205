// Calls on open descriptors.

import {
  ALL_FDFLAGS,
  DIRENT_SIZE,
  Errno,
  FDSTAT_SIZE,
  Fdflags,
  FILESTAT_SIZE,
  Filetype,
  PRESTAT_SIZE,
  Rights,
  Whence,
} from "./abi.js";
import { CALL_FUEL, type WasiCall, wasiFunction } from "./call.js";
import type { Descriptor, FileDescriptor, StreamDescriptor } from "./descriptors.js";
import { WasiError } from "./errors.js";
import type { FileStatus } from "./file-system.js";
import type { GuestMemory } from "./guest-memory.js";
import { encodeUtf8 } from "./utf8.js";

/** Fuel for each entry from the cookie on: the file system lists them all. */
const ENTRY_FUEL = 8;

function filetypeOf(call: WasiCall, descriptor: Descriptor): number {
  if (descriptor.kind === "directory") return Filetype.directory;
  if (descriptor.kind === "file") return descriptor.device ? Filetype.character_device : Filetype.regular_file;
  return call.wasi.streams[descriptor.stream]!.terminal === true ? Filetype.character_device : Filetype.unknown;
}

/** Writes a `filestat`. */
export function writeStatus(memory: GuestMemory, address: number, status: FileStatus): void {
  const view = memory.struct(address, FILESTAT_SIZE);
  view.setBigUint64(0, 1n, true); // dev
  view.setBigUint64(8, BigInt(status.inode), true);
  view.setBigUint64(16, 0n, true);
  view.setUint8(16, status.filetype);
  view.setBigUint64(24, 1n, true); // nlink
  view.setBigUint64(32, BigInt(status.size), true);
  view.setBigUint64(40, status.accessed, true);
  view.setBigUint64(48, status.modified, true);
  view.setBigUint64(56, status.changed, true);
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
  let at = offset;
  return readInto(targets, (target) => {
    const count = call.wasi.files.read(file.handle, at, target);
    at += count;
    return count;
  });
}

/** Writes the buffers one after another; what is written before one fails counts, as in POSIX. */
function writeFile(call: WasiCall, file: FileDescriptor, sources: readonly Uint8Array[], offset: number): number {
  const { files } = call.wasi;
  let total = 0;
  for (const source of sources) {
    if (source.length === 0) continue;
    try {
      files.write(file.handle, fileOffset(BigInt(offset + total)), source);
    } catch (error) {
      if (total > 0 && error instanceof WasiError) return total;
      throw error;
    }
    total += source.length;
  }
  return total;
}

/** A promise if reading from the descriptor has to wait. */
export function readiness({ wasi }: WasiCall, descriptor: Descriptor | undefined): Promise<void> | undefined {
  if (descriptor === undefined) return undefined;
  if (descriptor.kind === "stream") return wasi.streams[descriptor.stream]!.ready?.();
  return descriptor.kind === "file" && descriptor.device ? wasi.files.ready?.(descriptor.handle) : undefined;
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
  call.wasi.files.setTime(call.now);
  const start = (descriptor.flags & Fdflags.append) !== 0 ? endOf(call, descriptor) : descriptor.offset;
  const count = writeFile(call, descriptor, sources, start);
  if (!descriptor.device) descriptor.offset = start + count;
  return count;
}

/** What the embedder asks for writing there. */
function priceOf(
  call: WasiCall,
  descriptor: FileDescriptor | StreamDescriptor,
  sources: readonly Uint8Array[],
): number {
  const { files, streams } = call.wasi;
  const stream = descriptor.kind === "stream" ? streams[descriptor.stream]! : undefined;
  let price = 0;
  for (const source of sources) {
    price +=
      descriptor.kind === "stream" ? (stream?.price?.(source) ?? 0) : (files.price?.(descriptor.handle, source) ?? 0);
  }
  return price;
}

function endOf(call: WasiCall, file: FileDescriptor): number {
  return call.wasi.files.status(file.handle).size;
}

/** Writes as much of the directory as fits; the last entry may be cut. */
function readDirectory(call: WasiCall, fd: number, address: number, length: number, cookie: bigint): number {
  const directory = call.wasi.descriptors.directory(fd, Rights.fd_readdir);
  const target = call.memory.bytes(address, length);
  const from = fileOffset(cookie);
  const entries = call.wasi.files.entries(directory.handle, from);
  call.charge(entries.length * ENTRY_FUEL + Math.ceil(length / 64));
  let at = 0;
  const put = (bytes: Uint8Array): void => {
    const part = bytes.subarray(0, length - at);
    target.set(part, at);
    at += part.length;
  };
  for (let i = 0; i < entries.length && at < length; i++) {
    const { name, filetype, inode } = entries[i]!;
    const head = new DataView(new ArrayBuffer(DIRENT_SIZE));
    head.setBigUint64(0, BigInt(from + i + 1), true);
    head.setBigUint64(8, BigInt(inode), true);
    const bytes = encodeUtf8(name);
    head.setUint32(16, bytes.length, true);
    head.setUint8(20, filetype);
    put(new Uint8Array(head.buffer));
    put(bytes);
  }
  return at;
}

export function closeDescriptor(call: WasiCall, descriptor: Descriptor): void {
  if (descriptor.kind !== "stream") call.wasi.files.close(descriptor.handle);
}

export const FD_FUNCTIONS = {
  // Everything is in memory: there is nothing to prepare.
  fd_advise: wasiFunction(["i32", "i64", "i64", "i32"], (call, fd, _offset, _length, advice) => {
    call.wasi.descriptors.file(fd, Rights.fd_advise);
    if (advice > 5) throw new WasiError(Errno.inval, "no such advice");
  }),
  fd_close: wasiFunction(["i32"], (call, fd) => {
    closeDescriptor(call, call.wasi.descriptors.remove(fd));
  }),
  fd_datasync: wasiFunction(["i32"], (call, fd) => {
    call.wasi.descriptors.file(fd, Rights.fd_datasync);
  }),
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
      writeStatus(call.memory, out, call.wasi.files.status(descriptor.handle));
      return;
    }
    const filetype = call.wasi.streams[descriptor.stream]!.terminal ? Filetype.character_device : Filetype.unknown;
    writeStatus(call.memory, out, { filetype, inode: 0, size: 0, accessed: 0n, modified: 0n, changed: 0n });
  }),
  fd_pread: wasiFunction(["i32", "i32", "i32", "i64", "i32"], (call, fd, vectors, count, offset, read) => {
    const file = call.wasi.descriptors.file(fd, Rights.fd_read | Rights.fd_seek);
    const targets = call.memory.vectors(vectors, count);
    const result = call.memory.struct(read, 4);
    call.chargeTransfer(targets);
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
    call.chargeTransfer(sources);
    call.wasi.files.setTime(call.now);
    result.setUint32(0, writeFile(call, file, sources, fileOffset(offset)), true);
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
  fd_sync: wasiFunction(["i32"], (call, fd) => {
    const descriptor = call.wasi.descriptors.get(fd);
    if (descriptor.kind === "stream") throw new WasiError(Errno.inval, "a stream");
    call.wasi.descriptors.get(fd, Rights.fd_sync);
  }),
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
    call.chargePrice(priceOf(call, descriptor, sources));
    result.setUint32(0, writeNext(call, descriptor, sources), true);
    return descriptor.kind === "file" ? call.wasi.files.written?.(descriptor.handle) : undefined;
  }),
} as const;

function preopenName(call: WasiCall, fd: number): Uint8Array {
  const descriptor = call.wasi.descriptors.get(fd);
  if (descriptor.kind !== "directory" || descriptor.preopen === null)
    throw new WasiError(Errno.badf, "not a directory that was open at the start");
  return descriptor.preopen;
}
