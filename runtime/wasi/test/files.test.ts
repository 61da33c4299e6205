// Calls on files, by scenarios that also run on Node's WASI over a real directory: what both
// must agree on is what the scenarios return.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Errno } from "../index.js";
import {
  ALL_RIGHTS,
  DIRECTORY_RIGHTS,
  type Guest,
  memoryFiles,
  nodeGuest,
  OurGuest,
  READ_RIGHTS,
  WRITE_RIGHTS,
} from "./guest.js";

const TOP = 3;
const CREATE = 1;
const DIRECTORY = 2;
const EXCLUSIVE = 4;
const TRUNCATE = 8;
const APPEND = 1;

/** Node leaves out the two entries that every directory has. */
function withoutDots(entries: string[]): string[] {
  return entries.filter((entry) => !/^\.\.?:3$/.test(entry)).sort();
}

const SCENARIOS: Readonly<Record<string, (g: Guest) => unknown>> = {
  "a file is made, written, read and measured": (g) => {
    const { errno, fd } = g.open(TOP, "a.txt", { oflags: CREATE, rights: WRITE_RIGHTS });
    const results: unknown[] = [errno, g.write(fd, "hello"), g.seek(fd, 0n, 0), g.read(fd), g.read(fd)];
    results.push(g.stat(TOP, "a.txt"), g.call("fd_filestat_get", fd, 1024), g.u64(1056), g.bytes()[1040]);
    return [...results, g.call("fd_close", fd), g.call("fd_close", fd), g.read(fd).errno];
  },
  "opening fails as POSIX says": (g) => {
    g.call("fd_close", g.open(TOP, "f", { oflags: CREATE, rights: WRITE_RIGHTS }).fd);
    g.onPath("path_create_directory", TOP, "d");
    return [
      g.open(TOP, "none").errno,
      g.open(TOP, "none/f", { oflags: CREATE }).errno,
      g.open(TOP, "f", { oflags: CREATE | EXCLUSIVE }).errno,
      g.open(TOP, "f", { oflags: DIRECTORY }).errno,
      g.open(TOP, "f/x").errno,
      g.open(TOP, "f/").errno,
      g.open(TOP, "d", { oflags: CREATE | EXCLUSIVE }).errno,
      g.open(TOP, "d", { rights: WRITE_RIGHTS }).errno,
      g.open(TOP, "d", { oflags: TRUNCATE, rights: WRITE_RIGHTS }).errno,
      g.open(TOP, "x".repeat(300), { oflags: CREATE }).errno,
      g.open(99, "f").errno,
    ];
  },
  "truncation and appending": (g) => {
    const rights = WRITE_RIGHTS;
    const first = g.open(TOP, "f", { oflags: CREATE, rights });
    const results: unknown[] = [g.write(first.fd, "0123456789")];
    const append = g.open(TOP, "f", { rights, fdflags: APPEND });
    results.push(g.write(append.fd, "ab"), g.seek(append.fd, 0n, 1), g.seek(append.fd, 0n, 0), g.write(append.fd, "c"));
    results.push(g.seek(first.fd, -3n, 2), g.read(first.fd));
    const truncated = g.open(TOP, "f", { oflags: TRUNCATE, rights });
    return [...results, truncated.errno, g.stat(TOP, "f"), g.read(first.fd), g.write(first.fd, "z"), g.stat(TOP, "f")];
  },
  seeking: (g) => {
    const { fd } = g.open(TOP, "f", { oflags: CREATE, rights: WRITE_RIGHTS });
    g.write(fd, "0123456789");
    return [
      g.seek(fd, 2n, 0),
      g.seek(fd, 3n, 1),
      g.call("fd_tell", fd, 8),
      g.u64(8),
      g.seek(fd, -4n, 1),
      g.seek(fd, -1n, 2),
      g.read(fd),
      g.seek(fd, -1n, 0).errno,
      g.seek(fd, -100n, 1).errno,
      g.seek(fd, 0n, 3).errno,
      g.seek(fd, 0n, 1),
      g.seek(fd, 20n, 0),
      g.read(fd),
      g.write(fd, "!"),
      g.stat(TOP, "f"),
      g.seek(fd, 9n, 0),
      g.read(fd),
      g.seek(77, 0n, 0).errno,
    ];
  },
  "reading and writing at an offset leaves the descriptor's alone": (g) => {
    const { fd } = g.open(TOP, "f", { oflags: CREATE, rights: WRITE_RIGHTS });
    g.write(fd, "abcdef");
    const results: unknown[] = [g.call("fd_pwrite", fd, ...g.vectors(16, g.put(8192, "XY")), 2n, 8), g.u32(8)];
    results.push(g.call("fd_pread", fd, ...g.vectors(16, [8192, 3], [9000, 2]), 1n, 8), g.u32(8));
    results.push(g.text(8192, 3), g.text(9000, 2), g.seek(fd, 0n, 1));
    return [...results, g.call("fd_pread", fd, ...g.vectors(16, [8192, 3]), 100n, 8), g.u32(8)];
  },
  "several buffers are filled in turn, and written in turn": (g) => {
    const { fd } = g.open(TOP, "f", { oflags: CREATE, rights: WRITE_RIGHTS });
    const sources = g.vectors(16, g.put(8192, "abc"), [0, 0], g.put(8300, "defg"));
    const results: unknown[] = [g.call("fd_write", fd, ...sources, 8), g.u32(8), g.seek(fd, 0n, 0)];
    results.push(g.call("fd_read", fd, ...g.vectors(16, [9000, 2], [9100, 2], [9200, 9]), 8), g.u32(8));
    return [...results, g.text(9000, 2), g.text(9100, 2), g.text(9200, 3), g.call("fd_read", fd, 16, 0, 8), g.u32(8)];
  },
  "directories are made, listed and removed": (g) => {
    const results: unknown[] = ["d", "d", "d/e", "x/y", "d/e/"].map((path) =>
      g.onPath("path_create_directory", TOP, path),
    );
    g.call("fd_close", g.open(TOP, "d/f", { oflags: CREATE }).fd);
    const { errno, fd } = g.open(TOP, "d", { oflags: DIRECTORY, rights: READ_RIGHTS });
    results.push(errno, g.list(fd).errno, withoutDots(g.list(fd).entries));
    results.push(g.onPath("path_remove_directory", TOP, "d"), g.onPath("path_remove_directory", TOP, "d/f"));
    results.push(g.onPath("path_remove_directory", TOP, "none"), g.onPath("path_remove_directory", TOP, "d/e"));
    results.push(g.onPath("path_unlink_file", TOP, "d/f"), g.onPath("path_unlink_file", TOP, "d/f"));
    return [...results, g.call("fd_close", fd), g.onPath("path_remove_directory", TOP, "d"), g.stat(TOP, "d").errno];
  },
  "a directory is read in pieces": (g) => {
    for (let i = 0; i < 20; i++) g.call("fd_close", g.open(TOP, `file${i}`, { oflags: CREATE }).fd);
    const { fd } = g.open(TOP, ".", { oflags: DIRECTORY });
    const entries: string[] = [];
    for (let cookie = 0n; ; ) {
      const piece = g.list(fd, cookie, 100);
      if (piece.errno !== 0 || piece.entries.length === 0) return [piece.errno, piece.used, withoutDots(entries)];
      entries.push(...piece.entries);
      cookie = piece.next;
    }
  },
  renaming: (g) => {
    g.write(g.open(TOP, "a", { oflags: CREATE, rights: WRITE_RIGHTS }).fd, "A");
    g.write(g.open(TOP, "b", { oflags: CREATE, rights: WRITE_RIGHTS }).fd, "BB");
    for (const path of ["d", "d/e", "empty"]) g.onPath("path_create_directory", TOP, path);
    return [
      g.rename(TOP, "a", TOP, "b"),
      g.stat(TOP, "a").errno,
      g.stat(TOP, "b"),
      g.rename(TOP, "b", TOP, "d/b"),
      g.rename(TOP, "none", TOP, "x"),
      g.rename(TOP, "d", TOP, "d/e/f"),
      g.rename(TOP, "d/e", TOP, "empty"),
      g.rename(TOP, "empty", TOP, "d"),
      g.rename(TOP, "d/b", TOP, "empty"),
      g.rename(TOP, "empty", TOP, "d/b"),
      g.rename(TOP, "d", TOP, "moved"),
      g.stat(TOP, "moved/b"),
      g.rename(TOP, "moved/b", TOP, "moved/b"),
    ];
  },
  "a file that is removed lives on while it is open": (g) => {
    const { fd } = g.open(TOP, "f", { oflags: CREATE, rights: WRITE_RIGHTS });
    g.write(fd, "still");
    return [g.onPath("path_unlink_file", TOP, "f"), g.stat(TOP, "f").errno, g.seek(fd, 0n, 0).errno, g.read(fd)];
  },
  "rights that a file was not opened with": (g) => {
    const write = 1n << 6n;
    g.call("fd_close", g.open(TOP, "f", { oflags: CREATE, rights: WRITE_RIGHTS }).fd);
    const reader = g.open(TOP, "f", { rights: READ_RIGHTS }).fd;
    const writer = g.open(TOP, "f", { rights: write }).fd;
    return [g.write(reader, "x").errno !== 0, g.read(writer).errno !== 0, g.write(writer, "x").errno];
  },
  renumbering: (g) => {
    const a = g.open(TOP, "a", { oflags: CREATE, rights: WRITE_RIGHTS }).fd;
    const b = g.open(TOP, "b", { oflags: CREATE, rights: WRITE_RIGHTS }).fd;
    return [g.call("fd_renumber", a, b), g.write(b, "to a"), g.stat(TOP, "a").size, g.write(a, "x").errno];
  },
  preopens: (g) => [
    g.call("fd_prestat_get", TOP, 8),
    g.u32(8),
    g.u32(12),
    g.call("fd_prestat_dir_name", TOP, 100, 4),
    g.text(100, 4),
    g.call("fd_prestat_get", 4, 8),
    g.call("fd_prestat_dir_name", 99, 100, 4),
  ],
  "paths that wander but stay inside": (g) => {
    for (const path of ["d", "d/e"]) g.onPath("path_create_directory", TOP, path);
    g.write(g.open(TOP, "d/../d/./e/..//f", { oflags: CREATE, rights: WRITE_RIGHTS }).fd, "f");
    const inner = g.open(TOP, "d/e", { oflags: DIRECTORY, rights: DIRECTORY_RIGHTS, inheriting: ALL_RIGHTS }).fd;
    return [
      g.stat(TOP, "d/f"),
      g.stat(TOP, ".").filetype,
      g.stat(inner, "..").errno !== 0,
      g.stat(inner, "../f").errno !== 0,
      g.open(inner, "../f").errno !== 0,
    ];
  },
};

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
    const ours = SCENARIOS[name]!(await OurGuest.create(memoryFiles().options));
    const nodes = SCENARIOS[name]!(await nodeGuest(directory));
    expect(ours).toEqual(nodes);
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

  test("there are no symbolic links to read", async () => {
    const g = await OurGuest.create(memoryFiles().options);
    g.open(TOP, "f", { oflags: CREATE });
    expect(g.call("path_readlink", TOP, ...g.put(4096, "f"), 8192, 100, 8)).toBe(Errno.inval);
    expect(g.call("path_readlink", TOP, ...g.put(4096, "none"), 8192, 100, 8)).toBe(Errno.noent);
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
