// The file, clock, randomness and process imports of the artifact, over our own in-memory
// file system, virtual clock and generator. `__syscall_*` return -errno, WASI calls errno.

import { encodeUtf8 } from "../../decoder/index.js";
import type { SeededRandom } from "../../runtime/index.js";
import type { GuestImport, GuestMemory, HostContext, NumericType } from "../guest/engine-port.js";
import { EBADF, EINVAL, ENAMETOOLONG, ENOTDIR, ERANGE, FileSystemError } from "../guest/errno.js";
import { GuestAborted } from "../guest/errors.js";
import { guestBytes, guestTextWithin, guestWord, setGuestBytes, setGuestWord } from "../guest/memory-access.js";
import type { GuestClock } from "../world/guest-clock.js";
import type { FileStatus } from "../world/posix-calls.js";
import type { PosixFiles } from "../world/posix-files.js";
import { handOverRoots } from "./collector-roots.js";

/** What the system calls act on. */
export interface SystemState {
  readonly files: PosixFiles;
  readonly clock: GuestClock;
  readonly random: SeededRandom;
  /** How often a request for more memory was refused. */
  refusedGrowth: number;
}

const AT_FDCWD = -100;
const AT_REMOVEDIR = 0x200;
const AT_EMPTY_PATH = 0x1000;
const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
const S_IFCHR = 0o020000;
const DT_CHR = 2;
const DT_DIR = 4;
const DT_REG = 8;
const POLLNVAL = 0x20;
const POLLIN_POLLOUT = 0x5;
const STAT_SIZE = 96;
const STATFS_SIZE = 88;
const BLOCK_SIZE = 4096;
const PAGE = 65536;
/** Most buffers of one readv or writev that are looked at (IOV_MAX). */
const MAX_IO_VECTORS = 1024;
/** PATH_MAX, without the NUL. */
const MAX_PATH_BYTES = 4096;

const I32: readonly NumericType[] = ["i32"];

/** Makes the imports. Keys are the import names of module `env` and of WASI together. */
export function systemCalls(state: SystemState): Record<string, GuestImport> {
  const { files, clock, random } = state;

  /** A call that answers 0 or more, or -errno. */
  function syscall(arity: number, body: (context: HostContext, ...args: number[]) => number): GuestImport {
    return {
      params: Array<NumericType>(arity).fill("i32"),
      results: I32,
      call(context, ...args) {
        files.nowMs = clock.timeMs(context.fuelUsed());
        try {
          return files.paidBy(context, () => body(context, ...(args as number[])));
        } catch (error) {
          if (error instanceof FileSystemError) return -error.errno;
          throw error;
        }
      },
    };
  }

  const path = (context: HostContext, address: number): string => {
    const text = guestTextWithin(context.memory, address, MAX_PATH_BYTES);
    if (text === undefined) throw new FileSystemError(ENAMETOOLONG, "path too long");
    return text;
  };
  const base = (dirfd: number, name: string): number | undefined =>
    dirfd === AT_FDCWD || name.startsWith("/") ? undefined : files.directoryOf(dirfd);

  return {
    __syscall_chdir: syscall(1, (context, name) => {
      files.chdir(path(context, name!));
      return 0;
    }),
    __syscall_getcwd: syscall(2, (context, buffer, size) => {
      if (size === 0) throw new FileSystemError(EINVAL, "empty buffer");
      const bytes = encodeUtf8(files.getcwd() + "\0");
      if (bytes.length > size! >>> 0) throw new FileSystemError(ERANGE, "buffer too small");
      setGuestBytes(context.memory, buffer!, bytes);
      return bytes.length;
    }),
    __syscall_mkdirat: syscall(3, (context, dirfd, name) => {
      const text = path(context, name!);
      files.mkdir(text, base(dirfd!, text));
      return 0;
    }),
    __syscall_rmdir: syscall(1, (context, name) => {
      files.rmdir(path(context, name!));
      return 0;
    }),
    __syscall_unlinkat: syscall(3, (context, dirfd, name, flags) => {
      const text = path(context, name!);
      if (flags === AT_REMOVEDIR) files.rmdir(text, base(dirfd!, text));
      else if (flags === 0) files.unlink(text, base(dirfd!, text));
      else throw new FileSystemError(EINVAL, "unknown flags");
      return 0;
    }),
    __syscall_renameat: syscall(4, (context, oldDirfd, oldName, newDirfd, newName) => {
      const from = path(context, oldName!);
      const to = path(context, newName!);
      files.rename(from, to, base(oldDirfd!, from), base(newDirfd!, to));
      return 0;
    }),
    __syscall_openat: syscall(4, (context, dirfd, name, flags) => {
      const text = path(context, name!);
      return files.open(text, flags!, base(dirfd!, text));
    }),
    __syscall_stat64: syscall(2, (context, name, buffer) => {
      writeStatus(context.memory, buffer!, files.stat(path(context, name!)));
      return 0;
    }),
    // There are no symbolic links, so this is stat.
    __syscall_lstat64: syscall(2, (context, name, buffer) => {
      writeStatus(context.memory, buffer!, files.stat(path(context, name!)));
      return 0;
    }),
    __syscall_fstat64: syscall(2, (context, fd, buffer) => {
      writeStatus(context.memory, buffer!, files.fstat(fd!));
      return 0;
    }),
    __syscall_newfstatat: syscall(4, (context, dirfd, name, buffer, flags) => {
      const text = path(context, name!);
      const status =
        text === "" && (flags! & AT_EMPTY_PATH) !== 0 && dirfd !== AT_FDCWD
          ? files.fstat(dirfd!)
          : files.stat(text, base(dirfd!, text));
      writeStatus(context.memory, buffer!, status);
      return 0;
    }),
    __syscall_statfs64: syscall(3, (context, name, size, buffer) => {
      files.stat(path(context, name!));
      if (size !== STATFS_SIZE) throw new FileSystemError(EINVAL, "unknown structure");
      writeFileSystemStatus(context.memory, buffer!, files);
      return 0;
    }),
    __syscall_getdents64: syscall(3, (context, fd, buffer, size) =>
      readEntries(context.memory, files, fd!, buffer!, size!),
    ),
    // Nothing here ever blocks, so that the two calls are one: every open descriptor is ready.
    __syscall_poll: syscall(3, (context, fds, count) => poll(context.memory, files, fds!, count!)),
    __syscall_poll_nonblocking: syscall(2, (context, fds, count) => poll(context.memory, files, fds!, count!)),

    fd_close: wasi(1, (_context, fd) => files.close(fd!)),
    fd_sync: wasi(1, (_context, fd) => {
      files.fstat(fd!);
    }),
    fd_write: {
      params: ["i32", "i32", "i32", "i32"],
      results: I32,
      call(context, ...args) {
        const [fd, vectors, count, written] = args as number[];
        const { memory } = context;
        files.nowMs = clock.timeMs(context.fuelUsed());
        const refused = errnoOf(() => {
          const sources = ioVectors(memory, vectors!, count!);
          chargeTransfer(context, sources, files.price(fd!, sources, context));
          // With a look at the end of the file.
          files.paidBy(context, () => files.payAccess(fd!, sources.length + 1));
          let total = 0;
          for (const source of sources) total += files.write(fd!, source, context);
          setGuestWord(memory, written!, total);
        });
        const waiting = refused === 0 ? files.written(fd!) : undefined;
        return waiting === undefined ? refused : waiting.then(() => refused);
      },
    },
    fd_read: {
      params: ["i32", "i32", "i32", "i32"],
      results: I32,
      call(context, ...args) {
        const [fd, vectors, count, read] = args as number[];
        const targets = () => ioVectors(context.memory, vectors!, count!);
        const copy = (): number =>
          errnoOf(() => {
            let total = 0;
            for (const target of targets()) {
              const n = files.read(fd!, target);
              total += n;
              if (n < target.length) break;
            }
            setGuestWord(context.memory, read!, total);
          });
        const refused = errnoOf(() => {
          chargeTransfer(context, targets());
          files.paidBy(context, () => files.payAccess(fd!, targets().length));
        });
        if (refused !== 0) return refused;
        const wanted = targets().reduce((sum, { length }) => sum + length, 0);
        const waiting = files.isOpen(fd!) ? files.ready(fd!, wanted) : undefined;
        return waiting === undefined ? copy() : waiting.then(copy);
      },
    },
    fd_seek: {
      params: ["i32", "i64", "i32", "i32"],
      results: I32,
      call(context, ...args) {
        const [fd, offset, whence, result] = args as [number, bigint, number, number];
        return errnoOf(() => {
          const position = BigInt(files.seek(fd, Number(offset), whence));
          setGuestWord(context.memory, result, Number(position & 0xffffffffn));
          setGuestWord(context.memory, result + 4, Number(position >> 32n));
        });
      },
    },

    mp_js_random_u32: { params: [], results: I32, call: () => random.nextU32() | 0 },
    mp_js_ticks_ms: { params: [], results: I32, call: (context) => clock.ticksMs(context.fuelUsed()) | 0 },
    mp_js_time_ms: { params: [], results: ["f64"], call: (context) => clock.timeMs(context.fuelUsed()) },
    _abort_js: {
      params: [],
      results: [],
      call() {
        throw new GuestAborted("the guest called abort()");
      },
    },
    emscripten_resize_heap: {
      params: I32,
      results: I32,
      call(context, ...args) {
        const requested = (args[0] as number) >>> 0;
        const size = context.memory.byteLength;
        // Not for more memory: patch/heap.wat.
        if (requested < size) return handOverRoots(context, requested);
        const needed = Math.ceil((requested - size) / PAGE);
        // An eighth more than asked for, so that many small requests do not copy the memory
        // each time; exactly what is needed where the cap does not allow more.
        const generous = Math.max(needed, Math.ceil(size / PAGE / 8));
        if (context.memory.grow(generous) || (generous > needed && context.memory.grow(needed))) return 1;
        state.refusedGrowth++;
        return 0;
      },
    },
  };

  function wasi(arity: number, body: (context: HostContext, ...args: number[]) => void): GuestImport {
    return {
      params: Array<NumericType>(arity).fill("i32"),
      results: I32,
      call(context, ...args) {
        files.nowMs = clock.timeMs(context.fuelUsed());
        return errnoOf(() => files.paidBy(context, () => body(context, ...(args as number[]))));
      },
    };
  }
}

function errnoOf(body: () => void): number {
  try {
    body();
    return 0;
  } catch (error) {
    if (error instanceof FileSystemError) return error.errno;
    throw error;
  }
}

/** Moving bytes costs what memory.copy costs, one unit per started 64; charged before anything moves. */
function chargeTransfer(context: HostContext, buffers: readonly Uint8Array[], extra = 0): void {
  let fuel = extra;
  for (const buffer of buffers) fuel += Math.ceil(buffer.length / 64);
  context.chargeFuel(fuel);
}

/** The buffers of an array of `struct iovec`. */
function ioVectors(memory: GuestMemory, address: number, count: number): Uint8Array[] {
  if (count >>> 0 > MAX_IO_VECTORS) throw new FileSystemError(EINVAL, "too many buffers");
  const buffer = (i: number) =>
    guestBytes(memory, guestWord(memory, address + 8 * i), guestWord(memory, address + 8 * i + 4));
  if (count === 1) return [buffer(0)];
  // Once to ask for the last of them, so that none is stale afterwards.
  for (let i = 0; i < count; i++) buffer(i);
  return Array.from({ length: count }, (_, i) => buffer(i));
}

/** Fills in `revents` of an array of `struct pollfd`; returns how many are ready. */
function poll(memory: GuestMemory, files: PosixFiles, fds: number, count: number): number {
  let ready = 0;
  for (let i = 0; i < Math.min(count >>> 0, MAX_IO_VECTORS); i++) {
    const entry = guestBytes(memory, fds + 8 * i, 8);
    const fd = guestWord(memory, fds + 8 * i) | 0;
    const mask = files.isOpen(fd) ? POLLIN_POLLOUT & (entry[4]! | (entry[5]! << 8)) : POLLNVAL;
    entry[6] = mask;
    entry[7] = 0;
    if (mask !== 0) ready++;
  }
  return ready;
}

/** Writes musl's `struct stat`. */
function writeStatus(memory: GuestMemory, address: number, status: FileStatus): void {
  const type = status.kind === "directory" ? S_IFDIR : status.kind === "file" ? S_IFREG : S_IFCHR;
  const permissions = (status.kind === "file" ? 0o666 : 0o777) & (status.readOnly ? 0o555 : 0o777);
  const bytes = guestBytes(memory, address, STAT_SIZE);
  const view = new DataView(bytes.buffer, bytes.byteOffset, STAT_SIZE);
  bytes.fill(0);
  view.setUint32(0, 1, true); // st_dev
  view.setUint32(4, type | permissions, true);
  view.setUint32(8, 1, true); // st_nlink
  view.setBigInt64(24, BigInt(status.size), true);
  view.setInt32(32, BLOCK_SIZE, true);
  view.setInt32(36, Math.ceil(status.size / 512), true);
  for (const offset of [40, 56, 72]) {
    view.setBigInt64(offset, BigInt(Math.floor(status.mtimeMs / 1000)), true);
    view.setUint32(offset + 8, (status.mtimeMs % 1000) * 1_000_000, true);
  }
  view.setBigInt64(88, BigInt(status.inode), true);
}

/** Writes musl's `struct statfs`. */
function writeFileSystemStatus(memory: GuestMemory, address: number, files: PosixFiles): void {
  const bytes = guestBytes(memory, address, STATFS_SIZE);
  const view = new DataView(bytes.buffer, bytes.byteOffset, STATFS_SIZE);
  bytes.fill(0);
  const blocks = Math.floor(files.maxBytes / BLOCK_SIZE);
  const free = Math.floor((files.maxBytes - files.usedBytes) / BLOCK_SIZE);
  view.setUint32(4, BLOCK_SIZE, true);
  view.setBigInt64(8, BigInt(blocks), true);
  view.setBigInt64(16, BigInt(free), true);
  view.setBigInt64(24, BigInt(free), true);
  view.setBigInt64(32, BigInt(files.maxNodes), true);
  view.setBigInt64(40, BigInt(files.maxNodes - files.nodeCount), true);
  view.setUint32(56, 255, true); // f_namelen
  view.setUint32(60, BLOCK_SIZE, true);
}

/** Writes as many `struct dirent` as fit; returns the bytes written, 0 at the end. */
function readEntries(memory: GuestMemory, files: PosixFiles, fd: number, address: number, size: number): number {
  if (!files.isOpen(fd)) throw new FileSystemError(EBADF, "not open");
  if (files.fstat(fd).kind !== "directory") throw new FileSystemError(ENOTDIR, "not a directory");
  const target = guestBytes(memory, address, size);
  const view = new DataView(target.buffer, target.byteOffset, target.length);
  const start = files.seek(fd, 0, 1);
  let position = 0;
  let count = 0;
  for (const entry of files.readDirectory(fd)) {
    const name = encodeUtf8(entry.name);
    const length = (19 + name.length + 1 + 7) & ~7;
    if (position + length > target.length) {
      if (count === 0) throw new FileSystemError(EINVAL, "buffer too small for an entry");
      break;
    }
    count++;
    target.fill(0, position, position + length);
    view.setBigInt64(position, BigInt(entry.inode), true);
    view.setBigInt64(position + 8, BigInt(start + count), true);
    view.setUint16(position + 16, length, true);
    target[position + 18] = entry.kind === "directory" ? DT_DIR : entry.kind === "file" ? DT_REG : DT_CHR;
    target.set(name, position + 19);
    position += length;
  }
  if (count > 0) files.seek(fd, start + count, 0);
  return position;
}
