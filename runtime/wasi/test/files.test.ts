// Calls on files. The scenarios also run on Node's WASI over a real directory.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Errno, MemoryFiles, OverlayFiles, type WasiOptions } from "../index.js";
import { ALL_RIGHTS, DIRECTORY_RIGHTS, memoryFiles, OurGuest, READ_RIGHTS, WRITE_RIGHTS } from "./guest.js";
import { onNode, SCENARIOS } from "./scenarios.js";

const TOP = 3;
const CREATE = 1;
const DIRECTORY = 2;
const APPEND = 1;

/** An overlay over an empty directory, preopened as /top. */
function overlay(): WasiOptions {
  const lower = new MemoryFiles();
  const files = new OverlayFiles();
  files.mount("/top", lower, lower.openDirectory());
  return { files, preopens: [{ name: "/top", directory: files.openDirectory("/top") }] };
}

describe("files", () => {
  let root = "";
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "escapement-wasi-"));
  });
  afterAll(() => {
    rmSync(root, { recursive: true });
  });

  test.each(Object.keys(SCENARIOS))("%s, as in Node's WASI", async (name) => {
    const directory = join(root, name.replaceAll(/\W/g, "-"));
    mkdirSync(directory);
    const nodes = await onNode(name, directory);
    expect(SCENARIOS[name]!(await OurGuest.create(memoryFiles().options))).toEqual(nodes);
    expect(SCENARIOS[name]!(await OurGuest.create(overlay()))).toEqual(nodes);
  });
});

describe("where Node's WASI is not the measure", () => {
  test("an empty path leads nowhere", async () => {
    const g = await OurGuest.create(memoryFiles().options);
    for (const call of ["path_create_directory", "path_unlink_file", "path_remove_directory"])
      expect(g.onPath(call, TOP, "")).toBe(Errno.noent);
    expect([g.open(TOP, "").errno, g.stat(TOP, "").errno]).toEqual([Errno.noent, Errno.noent]);
  });

  test("a path goes through every directory that it names, also those that .. leaves", async () => {
    const g = await OurGuest.create(memoryFiles().options);
    g.open(TOP, "f", { oflags: CREATE });
    expect(g.stat(TOP, "none/../f").errno).toBe(Errno.noent);
    expect(g.stat(TOP, "f/../f").errno).toBe(Errno.notdir);
  });

  test("a file is no directory, and a directory no file", async () => {
    const g = await OurGuest.create(memoryFiles().options);
    const file = g.open(TOP, "f", { oflags: CREATE, rights: WRITE_RIGHTS }).fd;
    const directory = g.open(TOP, ".", { oflags: DIRECTORY, rights: DIRECTORY_RIGHTS }).fd;
    expect([g.list(file).errno, g.open(file, "x").errno, g.stat(file, "x").errno]).toEqual(Array(3).fill(Errno.notdir));
    expect(g.read(directory).errno).toBe(Errno.isdir);
    expect(g.write(directory, "x").errno).toBe(Errno.isdir);
    expect(g.seek(directory, 0n, 0).errno).toBe(Errno.badf);
    expect(g.seek(1, 0n, 0).errno).toBe(Errno.spipe);
  });

  test("a directory lists itself and the one above", async () => {
    const g = await OurGuest.create(memoryFiles().options);
    expect(g.list(TOP).entries).toEqual([".:3", "..:3"]);
  });

  test("an entry that does not fit is cut, and the buffer is full", async () => {
    const g = await OurGuest.create(memoryFiles().options);
    g.open(TOP, "long-name", { oflags: CREATE });
    expect(g.list(TOP, 2n, 30)).toMatchObject({ errno: 0, used: 30, entries: [] });
    expect(g.text(16384 + 24, 6)).toBe("long-n");
    expect(g.list(TOP, 2n, 24 + 9)).toMatchObject({ used: 33, entries: ["long-name:4"] });
    expect(g.list(TOP, 2n, 0)).toMatchObject({ errno: 0, used: 0 });
    expect(g.list(TOP, 1000n)).toMatchObject({ errno: 0, used: 0 });
    expect(g.list(TOP, -1n).errno).toBe(Errno.fbig);
  });

  test("a file's name may have any character of UTF-8, and nothing else", async () => {
    const g = await OurGuest.create(memoryFiles().options);
    g.open(TOP, "hé€😀", { oflags: CREATE });
    expect(g.list(TOP, 2n).entries).toEqual(["hé€😀:4"]);
    expect(g.stat(TOP, "hé€😀").errno).toBe(0);
    for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0x61, 0xe2, 0x82]]) {
      const path = g.put(4096, Uint8Array.from(bytes));
      expect(g.call("path_filestat_get", TOP, 1, ...path, 1024)).toBe(Errno.ilseq);
    }
  });

  test("rights are those that are asked for, and only fewer can be asked for", async () => {
    const g = await OurGuest.create(memoryFiles().options);
    g.onPath("path_create_directory", TOP, "d");
    const outer = g.open(TOP, "d", { oflags: DIRECTORY, rights: DIRECTORY_RIGHTS, inheriting: READ_RIGHTS }).fd;
    expect(g.open(outer, "f", { oflags: CREATE, rights: WRITE_RIGHTS }).errno).toBe(Errno.notcapable);
    const { errno, fd } = g.open(outer, "f", { oflags: CREATE, rights: READ_RIGHTS });
    expect(errno).toBe(0);
    expect(g.call("fd_fdstat_get", fd, 1024)).toBe(0);
    expect([g.u64(1032) & ~READ_RIGHTS, g.u64(1040)]).toEqual([0n, 0n]);
    expect(g.call("fd_fdstat_set_rights", fd, ALL_RIGHTS, 0n)).toBe(Errno.notcapable);
    expect(g.call("fd_fdstat_set_rights", fd, 1n << 21n, 0n)).toBe(0);
    expect(g.read(fd).errno).toBe(Errno.badf);
    expect(g.seek(fd, 0n, 0).errno).toBe(Errno.notcapable);
    expect(g.call("fd_fdstat_set_rights", outer, 0n, 0n)).toBe(0);
    expect(g.open(outer, "f").errno).toBe(Errno.notcapable);
  });

  test("flags that do not exist are refused", async () => {
    const g = await OurGuest.create(memoryFiles().options);
    expect(g.open(TOP, "f", { oflags: CREATE | 16 }).errno).toBe(Errno.inval);
    expect(g.open(TOP, "f", { oflags: CREATE, fdflags: 32 }).errno).toBe(Errno.inval);
    expect(g.open(TOP, "f", { oflags: CREATE, lookup: 2 }).errno).toBe(Errno.inval);
    expect(g.open(TOP, "f", { oflags: CREATE | DIRECTORY }).errno).toBe(Errno.inval);
    expect(g.stat(TOP, "f").errno).toBe(Errno.noent);
    const { fd } = g.open(TOP, "f", { oflags: CREATE, rights: ALL_RIGHTS });
    expect(g.call("fd_fdstat_set_flags", fd, 64)).toBe(Errno.inval);
    expect(g.call("fd_advise", fd, 0n, 0n, 6)).toBe(Errno.inval);
    expect([g.call("fd_advise", fd, 0n, 0n, 5), g.call("fd_datasync", fd), g.call("fd_sync", fd)]).toEqual([0, 0, 0]);
  });

  test("appending can be switched on", async () => {
    const g = await OurGuest.create(memoryFiles().options);
    const { fd } = g.open(TOP, "f", { oflags: CREATE, rights: ALL_RIGHTS });
    g.write(fd, "abc");
    g.seek(fd, 0n, 0);
    expect(g.call("fd_fdstat_set_flags", fd, APPEND)).toBe(0);
    expect(g.write(fd, "d")).toEqual({ errno: 0, count: 1 });
    expect(g.stat(TOP, "f").size).toBe(4n);
  });

  test("a symbolic link leads from where it lies, is read as far as there is room, and is not opened itself", async () => {
    const g = await OurGuest.create(memoryFiles().options);
    for (const path of ["d", "d/e"]) g.onPath("path_create_directory", TOP, path);
    g.write(g.open(TOP, "d/f", { oflags: CREATE, rights: WRITE_RIGHTS }).fd, "hello");
    expect(g.symlink("../f", TOP, "d/e/up")).toBe(0);
    expect(g.read(g.open(TOP, "d/e/up").fd)).toEqual({ errno: 0, text: "hello" });
    expect(g.open(TOP, "d/e/up", { lookup: 0 }).errno).toBe(Errno.loop);
    expect(g.open(TOP, "d/e/up", { lookup: 0, oflags: DIRECTORY }).errno).toBe(Errno.notdir);
    expect(g.readLink(TOP, "d/e/up", 2)).toEqual({ errno: 0, text: ".." });
    expect(g.readLink(TOP, "d/e/up", 0)).toEqual({ errno: 0, text: "" });
  });

  test("hard links to directories, and to what a symbolic link leads to, are refused", async () => {
    const g = await OurGuest.create(memoryFiles().options);
    g.onPath("path_create_directory", TOP, "d");
    g.open(TOP, "f", { oflags: CREATE });
    g.symlink("f", TOP, "l");
    expect(g.link(TOP, "d", TOP, "x")).toBe(Errno.perm);
    expect(g.call("path_link", TOP, 1, ...g.put(4096, "l"), TOP, ...g.put(5120, "x"))).toBe(Errno.inval);
    // The link itself has another name then.
    expect([g.link(TOP, "l", TOP, "x"), g.readLink(TOP, "x").text]).toEqual([0, "f"]);
  });

  test("nothing is allocated by nothing", async () => {
    const g = await OurGuest.create(memoryFiles().options);
    const { fd } = g.open(TOP, "f", { oflags: CREATE, rights: ALL_RIGHTS });
    expect(g.call("fd_allocate", fd, 0n, 0n)).toBe(Errno.inval);
    expect(g.call("fd_allocate", fd, 2n ** 63n, 2n ** 63n)).toBe(Errno.fbig);
    expect(g.call("fd_allocate", fd, 0n, 2n ** 40n)).toBe(Errno.nospc);
    expect(g.stat(TOP, "f").size).toBe(0n);
  });

  test("no descriptor is a socket", async () => {
    const g = await OurGuest.create(memoryFiles().options);
    const { fd } = g.open(TOP, "f", { oflags: CREATE });
    for (const [name, ...more] of [
      ["sock_shutdown", 1],
      ["sock_accept", 0, 8],
      ["sock_recv", 16, 1, 0, 8, 12],
      ["sock_send", 16, 1, 0, 8],
    ] as [string, ...number[]][]) {
      for (const open of [0, TOP, fd]) expect(g.call(name, open, ...more)).toBe(Errno.notsock);
      expect(g.call(name, 99, ...more)).toBe(Errno.badf);
    }
  });

  test("the zeros behind a seek are paid for by where they are, whichever call makes them", async () => {
    const g = await OurGuest.create(memoryFiles().options);
    const MB = 1_000_000;
    const cost = (name: string, ...args: (number | bigint)[]): number => {
      const before = g.wasi.fuelBefore;
      expect(g.call(name, ...args)).toBe(0);
      return g.wasi.fuelBefore - before;
    };
    const file = (): number => g.open(TOP, `f${g.wasi.fuelBefore}`, { oflags: CREATE, rights: ALL_RIGHTS }).fd;
    const sources = g.vectors(16, g.put(8192, "a"), g.put(8300, "b"));
    const atStart = cost("fd_write", file(), ...sources, 8);
    const behind = file();
    g.seek(behind, BigInt(MB), 0);
    expect(cost("fd_write", behind, ...sources, 8) - atStart).toBe(MB / 16);
    // The file has those bytes now: nothing is made.
    g.seek(behind, BigInt(MB), 0);
    expect(cost("fd_write", behind, ...sources, 8) - atStart).toBe(0);
    const positioned = file();
    const direct = cost("fd_pwrite", file(), ...sources, 0n, 8);
    expect(cost("fd_pwrite", positioned, ...sources, BigInt(MB), 8) - direct).toBe(MB / 16);
    // An offset of the descriptor's is not where that call writes.
    g.seek(positioned, BigInt(4 * MB), 0);
    expect(cost("fd_pwrite", positioned, ...sources, 0n, 8) - direct).toBe(0);
    for (const [name, more] of [
      ["fd_filestat_set_size", []],
      ["fd_allocate", [0n]],
    ] as const) {
      const fd = file();
      const small = cost(name, fd, ...more, 1n);
      expect(cost(name, fd, ...more, BigInt(MB + 1)) - small).toBe(MB / 16 - 1);
    }
  });

  test("changes are stamped with the guest's time", async () => {
    const g = await OurGuest.create({ ...memoryFiles().options, clockStart: 1234n * 1_000_000_000n });
    g.write(g.open(TOP, "f", { oflags: CREATE, rights: WRITE_RIGHTS }).fd, "x");
    g.stat(TOP, "f");
    const [accessed, modified, changed] = [g.u64(1064), g.u64(1072), g.u64(1080)].map(
      (time) => time - 1234_000_000_000n,
    );
    expect(accessed).toBeGreaterThan(0n);
    // Written a call later.
    expect(modified).toBeGreaterThan(accessed!);
    expect(changed).toBe(modified);
    expect(changed).toBeLessThan(1000n);
  });

  test("a quota that is used up says so, and what was written before it counts", async () => {
    const g = await OurGuest.create(memoryFiles({ maxBytes: 20 }).options);
    const { fd } = g.open(TOP, "f", { oflags: CREATE, rights: WRITE_RIGHTS });
    const sources = g.vectors(16, [8192, 8], [8192, 100]);
    expect([g.call("fd_write", fd, ...sources, 8), g.u32(8)]).toEqual([0, 8]);
    expect(g.call("fd_write", fd, ...g.vectors(16, [8192, 100]), 8)).toBe(Errno.nospc);
    expect(g.seek(fd, 2n ** 53n, 0).errno).toBe(Errno.fbig);
    expect(g.seek(fd, 2n ** 52n, 0).errno).toBe(0);
    expect(g.write(fd, "x").errno).toBe(Errno.nospc);
    expect(g.stat(TOP, "f").size).toBe(8n);
  });
});

describe("standard streams", () => {
  test("output goes where the embedder says, in order", async () => {
    const written: string[] = [];
    const to = (name: string) => ({
      write: (bytes: Uint8Array) => void written.push(`${name}:${new TextDecoder().decode(bytes)}`),
    });
    const g = await OurGuest.create({ stdout: to("out"), stderr: to("err") });
    expect([g.write(1, "a"), g.write(2, "b"), g.write(1, "")]).toEqual([
      { errno: 0, count: 1 },
      { errno: 0, count: 1 },
      { errno: 0, count: 0 },
    ]);
    expect(written).toEqual(["out:a", "err:b"]);
    expect([g.read(1).errno, g.write(0, "x").errno]).toEqual([Errno.badf, Errno.badf]);
  });

  test("nothing comes in by default, and output is lost", async () => {
    const g = await OurGuest.create();
    expect(g.read(0)).toEqual({ errno: 0, text: "" });
    expect(g.write(1, "abc")).toEqual({ errno: 0, count: 3 });
  });

  test("are terminals only where the embedder says so", async () => {
    const g = await OurGuest.create({ stdin: { terminal: true, read: () => 0 } });
    const filetypes = [0, 1].map((fd) => [g.call("fd_fdstat_get", fd, 1024), g.bytes()[1024]]);
    expect(filetypes).toEqual([
      [0, 2],
      [0, 0],
    ]);
    expect([g.call("fd_filestat_get", 0, 1024), g.bytes()[1040]]).toEqual([0, 2]);
    expect([g.call("fd_sync", 1), g.call("fd_tell", 1, 8)]).toEqual([Errno.inval, Errno.spipe]);
  });

  test("reading waits for a stream that is not ready, in a pause", async () => {
    let arrive = (): void => {};
    const waiting = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const g = await OurGuest.create({
      stdin: {
        ready: () => waiting,
        read: (target) => {
          target.set([104, 105]);
          return 2;
        },
      },
    });
    const execution = g.execution("fd_read", [0, ...g.vectors(16, [8192, 10]), 8]);
    expect(execution.run(1000)).toEqual({ status: "paused", reason: "host" });
    arrive();
    await execution.settled();
    expect(execution.run(0)).toEqual({ status: "done", results: [0] });
    expect(g.text(8192, g.u32(8))).toBe("hi");
  });

  test("further streams have the descriptors behind the preopens", async () => {
    const { options } = memoryFiles();
    const g = await OurGuest.create({ ...options, streams: [{ write: () => {} }] });
    expect([g.call("fd_prestat_get", 3, 8), g.call("fd_prestat_get", 4, 8)]).toEqual([0, Errno.badf]);
    expect(g.write(4, "x")).toEqual({ errno: 0, count: 1 });
  });

  test("a failure of a stream is the host's, not the guest's", async () => {
    const g = await OurGuest.create({
      stdout: {
        write() {
          throw new Error("full");
        },
      },
    });
    expect(() => g.write(1, "x")).toThrow("host function wasi_snapshot_preview1.fd_write failed: full");
  });
});
