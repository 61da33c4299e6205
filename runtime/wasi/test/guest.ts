// A guest that does nothing but call: it exports every function of preview 1 under its name,
// and its memory. It runs on our engine and, as an oracle, on V8 with Node's own WASI.

import { Engine, Execution, type Instance, Linker, type RunResult, Store } from "../../index.js";
import { wat } from "../../test/support/wat.js";
import { MemoryFiles, type MemoryFilesLimits, ProcExit, Wasi, type WasiOptions } from "../index.js";

/** Types by the specification (preview 1, "Modules"): parameters of one letter each, and whether there is a result. */
export const SIGNATURES: Readonly<Record<string, string>> = {
  args_get: "ii>i",
  args_sizes_get: "ii>i",
  environ_get: "ii>i",
  environ_sizes_get: "ii>i",
  clock_res_get: "ii>i",
  clock_time_get: "ili>i",
  fd_advise: "illi>i",
  fd_close: "i>i",
  fd_datasync: "i>i",
  fd_fdstat_get: "ii>i",
  fd_fdstat_set_flags: "ii>i",
  fd_fdstat_set_rights: "ill>i",
  fd_filestat_get: "ii>i",
  fd_pread: "iiili>i",
  fd_prestat_get: "ii>i",
  fd_prestat_dir_name: "iii>i",
  fd_pwrite: "iiili>i",
  fd_read: "iiii>i",
  fd_readdir: "iiili>i",
  fd_renumber: "ii>i",
  fd_seek: "ilii>i",
  fd_sync: "i>i",
  fd_tell: "ii>i",
  fd_write: "iiii>i",
  path_create_directory: "iii>i",
  path_filestat_get: "iiiii>i",
  path_open: "iiiiillii>i",
  path_readlink: "iiiiii>i",
  path_remove_directory: "iii>i",
  path_rename: "iiiiii>i",
  path_unlink_file: "iii>i",
  poll_oneoff: "iiii>i",
  proc_exit: "i>",
  sched_yield: ">i",
  random_get: "ii>i",
  fd_allocate: "ill>i",
  fd_filestat_set_size: "il>i",
  fd_filestat_set_times: "illi>i",
  path_filestat_set_times: "iiiilli>i",
  path_link: "iiiiiii>i",
  path_symlink: "iiiii>i",
  proc_raise: "i>i",
  sock_accept: "iii>i",
  sock_recv: "iiiiii>i",
  sock_send: "iiiii>i",
  sock_shutdown: "ii>i",
};

const TYPES: Readonly<Record<string, string>> = { i: "i32", l: "i64" };

function guestText(): string {
  const imports: string[] = [];
  const forwarders: string[] = [];
  for (const [name, signature] of Object.entries(SIGNATURES)) {
    const [params, results] = signature.split(">") as [string, string];
    const type =
      [...params].map((letter) => ` (param ${TYPES[letter]})`).join("") +
      [...results].map((letter) => ` (result ${TYPES[letter]})`).join("");
    imports.push(`(import "wasi_snapshot_preview1" "${name}" (func $${name}${type}))`);
    const gets = [...params].map((_, i) => `local.get ${i}`).join(" ");
    forwarders.push(`(func (export "${name}")${type} ${gets} call $${name})`);
  }
  return `(module ${imports.join("\n")} (memory (export "memory") 2) (func (export "_start")) ${forwarders.join("\n")})`;
}

let bytes: Promise<Uint8Array> | undefined;

function guestBytes(): Promise<Uint8Array> {
  bytes ??= wat(guestText());
  return bytes;
}

const encoder = new TextEncoder();

/** Calls by name, and looks at memory. */
export abstract class Guest {
  abstract view(): DataView;
  /** Calls one function; its error code. */
  abstract call(name: string, ...args: (number | bigint)[]): number;

  bytes(): Uint8Array {
    const { buffer, byteLength } = this.view();
    return new Uint8Array(buffer, 0, byteLength);
  }
  u32(address: number): number {
    return this.view().getUint32(address, true);
  }
  u64(address: number): bigint {
    return this.view().getBigUint64(address, true);
  }
  text(address: number, length: number): string {
    return new TextDecoder().decode(this.bytes().slice(address, address + length));
  }
  /** Puts text or bytes at `address`; the two arguments that name them. */
  put(address: number, content: string | Uint8Array): [number, number] {
    const data = typeof content === "string" ? encoder.encode(content) : content;
    this.bytes().set(data, address);
    return [address, data.length];
  }
  /** Puts an array of iovecs at `address`; the two arguments that name it. */
  vectors(address: number, ...vectors: [address: number, length: number][]): [number, number] {
    vectors.flat().forEach((word, i) => {
      this.view().setUint32(address + 4 * i, word, true);
    });
    return [address, vectors.length];
  }

  // Calls with the usual scratch addresses; each gives the error code and what was written.

  open(
    directory: number,
    path: string,
    options: { oflags?: number; rights?: bigint; inheriting?: bigint; fdflags?: number; lookup?: number } = {},
  ): { errno: number; fd: number } {
    const { oflags = 0, rights = READ_RIGHTS, inheriting = 0n, fdflags = 0, lookup = 1 } = options;
    this.view().setUint32(8, 0xffff, true);
    const name = this.put(4096, path);
    const errno = this.call("path_open", directory, lookup, ...name, oflags, rights, inheriting, fdflags, 8);
    return { errno, fd: this.u32(8) };
  }
  write(fd: number, content: string): { errno: number; count: number } {
    const errno = this.call("fd_write", fd, ...this.vectors(16, this.put(8192, content)), 8);
    return { errno, count: this.u32(8) };
  }
  read(fd: number, length = 100): { errno: number; text: string } {
    this.view().setUint32(8, 0, true);
    const errno = this.call("fd_read", fd, ...this.vectors(16, [8192, length]), 8);
    return { errno, text: this.text(8192, this.u32(8)) };
  }
  seek(fd: number, offset: bigint, whence: number): { errno: number; offset: bigint } {
    const errno = this.call("fd_seek", fd, offset, whence, 8);
    return { errno, offset: this.u64(8) };
  }
  /** Calls a function on one path. */
  onPath(name: string, directory: number, path: string): number {
    return this.call(name, directory, ...this.put(4096, path));
  }
  stat(directory: number, path: string): { errno: number; filetype: number; size: bigint } {
    const errno = this.call("path_filestat_get", directory, 1, ...this.put(4096, path), 1024);
    return { errno, filetype: this.bytes()[1040]!, size: this.u64(1056) };
  }
  lstat(directory: number, path: string): { errno: number; filetype: number; size: bigint } {
    const errno = this.call("path_filestat_get", directory, 0, ...this.put(4096, path), 1024);
    return { errno, filetype: this.bytes()[1040]!, size: this.u64(1056) };
  }
  linksOf(directory: number, path: string): bigint {
    this.stat(directory, path);
    return this.u64(1048);
  }
  symlink(target: string, directory: number, path: string): number {
    return this.call("path_symlink", ...this.put(5120, target), directory, ...this.put(4096, path));
  }
  link(from: number, path: string, to: number, newPath: string): number {
    return this.call("path_link", from, 0, ...this.put(4096, path), to, ...this.put(5120, newPath));
  }
  readLink(directory: number, path: string, length = 100): { errno: number; text: string } {
    this.view().setUint32(8, 0, true);
    const errno = this.call("path_readlink", directory, ...this.put(4096, path), 8192, length, 8);
    return { errno, text: this.text(8192, this.u32(8)) };
  }
  rename(from: number, path: string, to: number, newPath: string): number {
    return this.call("path_rename", from, ...this.put(4096, path), to, ...this.put(5120, newPath));
  }
  /** Entries as `name:filetype`, from a buffer of `length` bytes. */
  list(fd: number, cookie = 0n, length = 4096): { errno: number; entries: string[]; used: number; next: bigint } {
    const errno = this.call("fd_readdir", fd, 16384, length, cookie, 8);
    const used = errno === 0 ? this.u32(8) : 0;
    const entries: string[] = [];
    let next = cookie;
    for (let at = 16384; at + 24 <= 16384 + used; ) {
      const size = this.u32(at + 16);
      if (at + 24 + size > 16384 + used) break;
      entries.push(`${this.text(at + 24, size)}:${this.bytes()[at + 20]}`);
      next = this.u64(at);
      at += 24 + size;
    }
    return { errno, entries, used, next };
  }
}

/** fd_read, fd_seek, fd_tell, fd_readdir, fd_filestat_get. */
export const READ_RIGHTS = (1n << 1n) | (1n << 2n) | (1n << 5n) | (1n << 14n) | (1n << 21n);
/** The same, and fd_write. */
export const WRITE_RIGHTS = READ_RIGHTS | (1n << 6n);
export const ALL_RIGHTS = (1n << 30n) - 1n;
/** All that a directory can have: no fd_read, fd_write and so on, with which directories are not opened. */
export const DIRECTORY_RIGHTS = 0x7bf_fe00n | (1n << 3n) | (1n << 4n);

/** On our engine. */
export class OurGuest extends Guest {
  private constructor(
    readonly wasi: Wasi,
    readonly store: Store,
    readonly instance: Instance,
  ) {
    super();
  }

  static async create(options: WasiOptions = {}): Promise<OurGuest> {
    const engine = new Engine();
    const store = new Store(engine);
    const linker = new Linker(engine);
    const wasi = new Wasi(options);
    wasi.define(linker);
    return new OurGuest(wasi, store, linker.instantiate(store, engine.compile(await guestBytes())));
  }

  override view(): DataView {
    return this.instance.getMemory("memory").view();
  }

  execution(name: string, args: (number | bigint)[]): Execution {
    return new Execution(this.store).start(this.instance.getFunc(name), args);
  }

  private finish(execution: Execution, result: RunResult): number {
    this.wasi.fuelBefore += execution.fuelUsed;
    if (result.status === "done") return (result.results[0] ?? 0) as number;
    throw result.status === "failed" || result.status === "trapped" ? result.error : new Error(result.status);
  }

  override call(name: string, ...args: (number | bigint)[]): number {
    const execution = this.execution(name, args);
    return this.finish(execution, execution.run(100_000_000));
  }

  async callAsync(name: string, ...args: (number | bigint)[]): Promise<number> {
    const execution = this.execution(name, args);
    return this.finish(execution, await execution.runAsync(100_000_000));
  }

  exitStatus(...args: (number | bigint)[]): number {
    try {
      this.call("proc_exit", ...args);
    } catch (error) {
      if (error instanceof ProcExit) return error.code;
      throw error;
    }
    throw new Error("proc_exit returned");
  }
}

/** On V8, with Node's WASI over a directory of the machine's. */
export async function nodeGuest(directory: string): Promise<Guest> {
  // Importing it prints a warning.
  const { WASI } = await import("node:wasi");
  const wasi = new WASI({ version: "preview1", preopens: { "/top": directory }, returnOnExit: true });
  const { instance } = await WebAssembly.instantiate(
    (await guestBytes()).slice(),
    wasi.getImportObject() as WebAssembly.Imports,
  );
  wasi.start(instance);
  const memory = instance.exports["memory"] as WebAssembly.Memory;
  return new (class extends Guest {
    override view(): DataView {
      return new DataView(memory.buffer);
    }
    override call(name: string, ...args: (number | bigint)[]): number {
      return (instance.exports[name] as (...args: (number | bigint)[]) => number)(...args);
    }
  })();
}

/** A file system with the preopened directory /top as descriptor 3, and something outside of it. */
export function memoryFiles(limits: MemoryFilesLimits = {}): { files: MemoryFiles; options: WasiOptions } {
  const files = new MemoryFiles(limits);
  files.mkdirs("/root/top");
  files.mkdirs("/root/outside");
  files.writeFile("/root/secret", encoder.encode("secret"));
  return { files, options: { files, preopens: [{ name: "/top", directory: files.openDirectory("/root/top") }] } };
}
