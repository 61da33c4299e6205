// What a hostile guest may try, and the refusal.

import { describe, expect, test } from "vitest";
import { UsageError } from "../../errors.js";
import { Random } from "../../test/support/random.js";
import { Errno, Wasi } from "../index.js";
import { ALL_RIGHTS, DIRECTORY_RIGHTS, memoryFiles, OurGuest, READ_RIGHTS, SIGNATURES, WRITE_RIGHTS } from "./guest.js";

const TOP = 3;
const CREATE = 1;
const TRUNCATE = 8;
const END = 131072;

const ESCAPES = [
  "..",
  "../secret",
  "../outside",
  "../outside/x",
  "../top/../secret",
  "d/../../secret",
  "d/../../top/d",
  "./../secret",
  ".//..//secret",
  "d/./../d/../../secret",
  "/",
  "/root/secret",
  "//root/secret",
  "/root/top/d",
];

describe("paths", () => {
  test.each(ESCAPES)("%s leads to nothing", async (path) => {
    const { files, options } = memoryFiles();
    const g = await OurGuest.create(options);
    g.onPath("path_create_directory", TOP, "d");
    g.open(TOP, "f", { oflags: CREATE });
    const before = files.saveState();
    const refusals = [
      g.open(TOP, path).errno,
      g.open(TOP, path, { oflags: CREATE, rights: WRITE_RIGHTS }).errno,
      g.open(TOP, path, { oflags: 2 }).errno,
      g.stat(TOP, path).errno,
      g.onPath("path_create_directory", TOP, path),
      g.onPath("path_remove_directory", TOP, path),
      g.onPath("path_unlink_file", TOP, path),
      g.rename(TOP, path, TOP, "stolen"),
      g.rename(TOP, "f", TOP, path),
      g.call("path_readlink", TOP, ...g.put(4096, path), 8192, 10, 8),
    ];
    expect(refusals).toEqual(refusals.map(() => Errno.perm));
    expect(files.saveState()).toEqual(before);
  });

  test("a directory that is moved takes its descriptor along, and it leads no further than before", async () => {
    const g = await OurGuest.create(memoryFiles().options);
    for (const path of ["a", "a/b", "c"]) g.onPath("path_create_directory", TOP, path);
    const { fd } = g.open(TOP, "a/b", { oflags: 2, rights: DIRECTORY_RIGHTS, inheriting: ALL_RIGHTS });
    expect(g.rename(TOP, "a/b", TOP, "c/b")).toBe(0);
    expect(g.stat(fd, "..").errno).toBe(Errno.perm);
    expect(g.open(fd, "../../../secret").errno).toBe(Errno.perm);
    expect(g.open(fd, "x", { oflags: CREATE }).errno).toBe(0);
    expect(g.stat(TOP, "c/b/x").errno).toBe(0);
  });

  test("NUL does not end a path", async () => {
    const g = await OurGuest.create(memoryFiles().options);
    g.open(TOP, "f", { oflags: CREATE });
    expect(g.open(TOP, "f\0").errno).toBe(Errno.inval);
    expect(g.open(TOP, "f\0/../../secret").errno).toBe(Errno.inval);
  });

  test("long paths are refused at once, and paid for", async () => {
    const g = await OurGuest.create(memoryFiles().options);
    g.bytes().fill(0x61);
    expect(g.call("path_filestat_get", TOP, 0, 0, END, 0)).toBe(Errno.nametoolong);
    expect(g.call("path_filestat_get", TOP, 0, 0, 4097, 0)).toBe(Errno.nametoolong);
    expect(g.call("path_filestat_get", TOP, 0, 0, 4096, 0)).toBe(Errno.nametoolong);
    const deep = "a/".repeat(2048);
    const execution = g.execution("path_filestat_get", [TOP, 0, ...g.put(0, deep), 0]);
    expect(execution.run(1000)).toEqual({ status: "paused", reason: "fuel" });
    expect(execution.run(100_000)).toEqual({ status: "done", results: [Errno.noent] });
    expect(execution.fuelUsed).toBeGreaterThan(deep.length);
  });
});

describe("symbolic links", () => {
  test.each([["../secret"], ["d/../../secret"], ["d/up/../secret"], ["../top/../secret"]])(
    "to %s lead to nothing",
    async (target) => {
      const { options } = memoryFiles();
      const g = await OurGuest.create(options);
      g.onPath("path_create_directory", TOP, "d");
      expect(g.symlink("..", TOP, "d/up")).toBe(0);
      expect(g.symlink(target, TOP, "l")).toBe(0);
      const refusals = [
        g.open(TOP, "l").errno,
        g.open(TOP, "l", { oflags: CREATE, rights: WRITE_RIGHTS }).errno,
        g.stat(TOP, "l").errno,
        g.stat(TOP, "l/x").errno,
        g.onPath("path_create_directory", TOP, "l/x"),
        g.rename(TOP, "d", TOP, "l/x"),
        g.link(TOP, "l/x", TOP, "y"),
      ];
      expect(refusals).toEqual(refusals.map(() => Errno.perm));
    },
  );

  test("to absolute paths are not made, and those that the embedder made lead to nothing", async () => {
    const { files, options } = memoryFiles();
    const g = await OurGuest.create(options);
    expect(g.symlink("/root/secret", TOP, "l")).toBe(Errno.perm);
    files.symlink("/root/secret", options.preopens![0]!.directory, "l");
    expect([g.open(TOP, "l").errno, g.lstat(TOP, "l").errno]).toEqual([Errno.perm, 0]);
  });

  test("that each lead through many others are paid for, and end", async () => {
    const g = await OurGuest.create(memoryFiles().options);
    // Each of 40 links is a long way round to the next one.
    for (let i = 0; i < 50; i++) expect(g.symlink(`${"./".repeat(2000)}l${i + 1}`, TOP, `l${i}`)).toBe(0);
    g.open(TOP, "l50", { oflags: CREATE });
    const execution = g.execution("path_filestat_get", [TOP, 1, ...g.put(4096, "l11"), 1024]);
    expect(execution.run(100_000)).toEqual({ status: "paused", reason: "fuel" });
    expect(execution.run(10_000_000)).toEqual({ status: "done", results: [0] });
    expect(execution.fuelUsed).toBeGreaterThan(39 * 4000 * 4);
    expect(g.stat(TOP, "l9").errno).toBe(Errno.loop);
    expect(g.stat(TOP, "l0").errno).toBe(Errno.loop);
  });

  test("and hard links are as limited as files, in number and in bytes", async () => {
    const { files, options } = memoryFiles({ maxNodes: 20, maxBytes: 10_000 });
    const g = await OurGuest.create(options);
    g.open(TOP, "f", { oflags: CREATE });
    const made = Array.from({ length: 30 }, (_, i) => g.link(TOP, "f", TOP, `hard${i}`));
    expect(made.filter((errno) => errno === 0).length).toBeLessThan(20);
    expect(new Set(made)).toEqual(new Set([0, Errno.nospc]));
    for (let i = 0; i < 30; i++) g.onPath("path_unlink_file", TOP, `hard${i}`);
    const links = Array.from({ length: 10 }, (_, i) => g.symlink("x".repeat(4000), TOP, `soft${i}`));
    expect(links).toEqual([0, 0, ...Array(8).fill(Errno.nospc)]);
    expect(files.usedBytes).toBe(8006);
    for (let i = 0; i < 2; i++) expect(g.onPath("path_unlink_file", TOP, `soft${i}`)).toBe(0);
    expect(files.usedBytes).toBe(6);
  });

  test("a directory that is removed while it is open is empty, and nothing can be put into it", async () => {
    const { files, options } = memoryFiles();
    const g = await OurGuest.create(options);
    g.onPath("path_create_directory", TOP, "d");
    const { fd } = g.open(TOP, "d", { oflags: 2, rights: DIRECTORY_RIGHTS, inheriting: ALL_RIGHTS });
    g.open(TOP, "f", { oflags: CREATE });
    const nodes = files.nodeCount;
    expect(g.onPath("path_remove_directory", TOP, "d")).toBe(0);
    expect(g.list(fd)).toMatchObject({ errno: 0, entries: [] });
    const refusals = [
      g.open(fd, "x", { oflags: CREATE }).errno,
      g.onPath("path_create_directory", fd, "x"),
      g.symlink("y", fd, "x"),
      g.link(TOP, "f", fd, "x"),
      g.rename(TOP, "f", fd, "x"),
    ];
    expect(refusals).toEqual(refusals.map(() => Errno.noent));
    expect(g.stat(fd, "..").errno).toBe(Errno.perm);
    expect(g.call("fd_close", fd)).toBe(0);
    expect(files.nodeCount).toBe(nodes - 1);
  });
});

describe("a read-only preopen", () => {
  const readOnly = async () => {
    const { files, options } = memoryFiles();
    files.mkdirs("/root/top/d/e");
    files.writeFile("/root/top/d/f", new TextEncoder().encode("text"));
    const [preopen] = options.preopens!;
    const directory = files.openDirectory("/root/outside");
    const preopens = [
      { ...preopen!, readOnly: true },
      { name: "/out", directory },
    ];
    return { files, guest: await OurGuest.create({ ...options, preopens }) };
  };

  test("can be read", async () => {
    const { guest } = await readOnly();
    const { errno, fd } = guest.open(TOP, "d/f");
    expect(errno).toBe(0);
    expect(guest.read(fd)).toEqual({ errno: 0, text: "text" });
    expect(guest.open(TOP, "d/f", { oflags: CREATE }).errno).toBe(0);
    expect(guest.open(TOP, "none").errno).toBe(Errno.noent);
    expect(guest.list(guest.open(TOP, "d", { oflags: 2 }).fd, 2n).entries).toEqual(["e:3", "f:4"]);
  });

  test("cannot be changed, neither through itself nor through what is opened below it", async () => {
    const { files, guest: g } = await readOnly();
    const before = files.saveState();
    const inner = g.open(TOP, "d", { oflags: 2, rights: DIRECTORY_RIGHTS, inheriting: ALL_RIGHTS }).fd;
    for (const [fd, prefix] of [
      [TOP, "d/"],
      [inner, ""],
    ] as const) {
      const refusals = [
        g.open(fd, `${prefix}f`, { rights: WRITE_RIGHTS }).errno,
        g.open(fd, `${prefix}f`, { rights: 1n << 8n }).errno,
        g.open(fd, `${prefix}f`, { oflags: TRUNCATE }).errno,
        g.open(fd, `${prefix}new`, { oflags: CREATE }).errno,
        g.onPath("path_create_directory", fd, `${prefix}new`),
        g.onPath("path_remove_directory", fd, `${prefix}e`),
        g.onPath("path_unlink_file", fd, `${prefix}f`),
        g.rename(fd, `${prefix}f`, fd, `${prefix}g`),
        g.rename(fd, `${prefix}f`, 4, "taken"),
        g.rename(4, "none", fd, `${prefix}f`),
      ];
      expect(refusals).toEqual(refusals.map(() => Errno.rofs));
    }
    g.call("fd_close", inner);
    expect(files.saveState()).toEqual(before);
  });
});

describe("pointers", () => {
  const BAD = [END - 1, END, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_ffff];

  // For each function, calls that are right but for the pointers marked P.
  const P = Symbol("pointer");
  const CALLS: Readonly<Record<string, readonly (number | bigint | typeof P)[]>> = {
    args_get: [P, P],
    args_sizes_get: [P, P],
    environ_get: [P, P],
    environ_sizes_get: [P, P],
    clock_res_get: [0, P],
    clock_time_get: [0, 0n, P],
    fd_fdstat_get: [1, P],
    fd_filestat_get: [4, P],
    fd_pread: [4, P, 1, 0n, P],
    fd_prestat_get: [3, P],
    fd_prestat_dir_name: [3, P, 4],
    fd_pwrite: [4, P, 1, 0n, P],
    fd_read: [4, P, 1, P],
    fd_readdir: [3, P, 100, 0n, P],
    fd_seek: [4, 0n, 0, P],
    fd_tell: [4, P],
    fd_write: [4, P, 1, P],
    path_create_directory: [3, P, 4],
    path_filestat_get: [3, 0, P, 4, P],
    path_open: [3, 0, P, 4, 0, 0n, 0n, 0, P],
    path_readlink: [3, P, 4, P, 4, P],
    path_remove_directory: [3, P, 4],
    path_rename: [3, P, 4, 3, P, 4],
    path_unlink_file: [3, P, 4],
    path_filestat_set_times: [3, 0, P, 4, 0n, 0n, 15 - 10],
    path_link: [3, 0, P, 4, 3, P, 4],
    path_symlink: [P, 4, 3, P, 4],
    poll_oneoff: [P, P, 1, P],
    random_get: [P, 4],
  };

  const withFile = async () => {
    const { files, options } = memoryFiles();
    const g = await OurGuest.create({ ...options, args: ["a"], environ: { A: "1" } });
    expect(g.open(TOP, "file", { oflags: CREATE, rights: ALL_RIGHTS }).fd).toBe(4);
    g.bytes().fill(0);
    // A usable path at 64, and a usable buffer table there as well.
    g.put(64, "file");
    return { files, g };
  };

  test("every function that takes one is here", () => {
    const pointers = new Set(Object.keys(CALLS));
    const without = ["fd_advise", "fd_close", "fd_datasync", "fd_fdstat_set_flags", "fd_fdstat_set_rights"];
    without.push("fd_renumber", "fd_sync", "proc_exit", "proc_raise", "sched_yield");
    without.push("fd_allocate", "fd_filestat_set_size", "fd_filestat_set_times");
    // There is no socket that anything could be received from.
    without.push("sock_accept", "sock_recv", "sock_send", "sock_shutdown");
    expect([...pointers, ...without].sort()).toEqual(Object.keys(SIGNATURES).sort());
  });

  test.each(Object.keys(CALLS))("out of bounds in %s are Errno.fault, and change nothing", async (name) => {
    const { files, g } = await withFile();
    const before = files.saveState();
    const memory = g.bytes().slice();
    const args = CALLS[name]!;
    for (const [position, arg] of args.entries()) {
      if (arg !== P) continue;
      for (const bad of BAD) {
        const call = args.map((other, i) => (i === position ? bad : other === P ? 64 : other));
        expect([position, bad, g.call(name, ...call)]).toEqual([position, bad, Errno.fault]);
      }
    }
    expect(Buffer.compare(g.bytes(), memory)).toBe(0);
    expect(files.saveState()).toEqual(before);
  });

  test("in buffer tables are checked before a byte moves", async () => {
    const { g } = await withFile();
    g.write(4, "abc");
    g.seek(4, 0n, 0);
    for (const bad of [[END - 2, 3] as const, [0xffff_ffff, 1] as const, [8, 0xffff_ffff] as const]) {
      const memory = g.vectors(16, [8192, 3], [bad[0], bad[1]]);
      expect(g.call("fd_read", 4, ...memory, 8)).toBe(Errno.fault);
      expect(g.call("fd_write", 4, ...memory, 8)).toBe(Errno.fault);
    }
    expect(g.seek(4, 0n, 1).offset).toBe(0n);
    expect(g.stat(TOP, "file").size).toBe(3n);
  });

  test("may overlap: the guest gets a mixture, and nothing else happens", async () => {
    const { g } = await withFile();
    g.write(4, "0123456789".repeat(20));
    g.seek(4, 0n, 0);
    // The table of buffers is one of them, and the count lies in it as well.
    expect(g.call("fd_read", 4, ...g.vectors(16, [16, 64], [20, 64], [8, 64]), 24)).toBe(0);
    expect(g.call("fd_readdir", 3, 8, 4096, 0n, 16)).toBe(0);
    expect(g.call("fd_readdir", 3, 0, END, 0n, END - 4)).toBe(0);
    expect(g.u32(END - 4)).toBeLessThan(200);
    g.put(64, "file");
    expect(g.call("path_filestat_get", 3, 0, 64, 4, 60)).toBe(0);
    g.put(64, "file");
    expect(g.call("path_open", 3, 0, 64, 4, 0, READ_RIGHTS, 0n, 0, 64)).toBe(0);
    expect(g.u32(64)).toBe(5);
    g.put(64, "name");
    expect(g.call("path_symlink", 64, 4, 3, 64, 4)).toBe(0);
    expect(g.call("path_readlink", 3, 64, 4, 64, 4, 66)).toBe(0);
  });
});

describe("sizes", () => {
  test("numbers of buffers are bounded", async () => {
    const g = await OurGuest.create();
    for (const count of [1025, 0x1000_0000, 0x2000_0001, 0xffff_ffff]) {
      expect(g.call("fd_write", 1, 0, count, 8)).toBe(Errno.inval);
      expect(g.call("fd_read", 0, 0, count, 8)).toBe(Errno.inval);
    }
    expect(g.call("fd_write", 1, 64, 1024, 8)).toBe(0);
  });

  test("many buffers over the same bytes are paid for, each", async () => {
    let written = 0;
    const g = await OurGuest.create({
      stdout: {
        write: ({ length }) => {
          written += length;
        },
      },
    });
    const table = g.vectors(1024, ...Array.from({ length: 1024 }, (): [number, number] => [0, 65536]));
    const execution = g.execution("fd_write", [1, ...table, 8]);
    expect(execution.run(1_000_000)).toEqual({ status: "paused", reason: "fuel" });
    expect(written).toBe(0);
    expect(execution.run(100_000)).toEqual({ status: "done", results: [0] });
    expect(written).toBe(1024 * 65536);
    expect(execution.fuelUsed).toBeGreaterThan(1024 * 1024);
  });

  test("descriptors run out with an error, and come back", async () => {
    const { options } = memoryFiles();
    const g = await OurGuest.create({ ...options, maxDescriptors: 10 });
    const opened = Array.from({ length: 20 }, (_, i) => g.open(TOP, `f${i}`, { oflags: CREATE }));
    expect(opened.slice(0, 6).map(({ fd }) => fd)).toEqual([4, 5, 6, 7, 8, 9]);
    expect(opened.slice(6).every(({ errno }) => errno === Errno.mfile)).toBe(true);
    // What could not be opened has not been made either.
    expect(g.stat(TOP, "f6").errno).toBe(Errno.noent);
    expect(g.call("fd_close", 5)).toBe(0);
    expect(g.open(TOP, "f0").fd).toBe(5);
  });

  test("so do the file system's own", async () => {
    const { options } = memoryFiles({ maxNodes: 8 });
    const g = await OurGuest.create(options);
    for (let i = 0; i < 10; i++) g.onPath("path_create_directory", TOP, `d${i}`);
    expect(g.onPath("path_create_directory", TOP, "one-more")).toBe(Errno.nospc);
  });

  test("a descriptor that is opened and closed for ever leaves nothing behind", async () => {
    const { files, options } = memoryFiles();
    const g = await OurGuest.create(options);
    for (let i = 0; i < 200; i++) {
      expect(g.call("fd_close", g.open(TOP, `f${i}`, { oflags: CREATE }).fd)).toBe(0);
      expect(g.onPath("path_unlink_file", TOP, `f${i}`)).toBe(0);
    }
    expect(files.openCount).toBe(1);
    expect(files.nodeCount).toBe(5);
  });

  test("more open at the start than may be open is the embedder's error", () => {
    expect(() => new Wasi({ maxDescriptors: 2 })).toThrow(UsageError);
  });
});

test("no call with any arguments does anything but answer", async () => {
  const random = new Random(7);
  const { files, options } = memoryFiles({ maxBytes: 100_000, maxNodes: 50 });
  const g = await OurGuest.create({ ...options, args: ["a"], stdin: { read: () => 1 } });
  // Closing, and giving up rights, would soon leave nothing to call on.
  const once = new Set(["fd_close", "fd_renumber", "fd_fdstat_set_rights"]);
  const names = Object.keys(SIGNATURES).filter((name) => !name.startsWith("proc_"));
  const number = () => {
    const kind = random.below(8);
    if (kind < 4) return random.below(12);
    if (kind < 6) return random.below(END);
    return kind === 6 ? END - random.below(64) : random.below(2 ** 32);
  };
  const answers = new Set<number>();
  for (let i = 0; i < 6000; i++) {
    const name = random.pick(names);
    if (once.has(name) && random.below(50) !== 0) continue;
    const letters = SIGNATURES[name]!.split(">")[0]!;
    const args = [...letters].map((letter) =>
      letter === "l" ? BigInt.asIntN(64, BigInt(number()) << BigInt(random.below(40))) : number(),
    );
    if (i % 16 === 0) for (let k = 0; k < 256; k++) g.bytes()[k] = random.below(3) === 0 ? 0x2e : random.below(256);
    const errno = g.call(name, ...args);
    expect(errno >= 0 && errno <= Errno.notcapable, `${name}(${args.join(", ")})`).toBe(true);
    answers.add(errno);
  }
  expect(answers.size).toBeGreaterThan(9);
  expect(files.names("/root")).toEqual(["top", "outside", "secret"]);
});

test("a guest without preopens has no files", async () => {
  const g = await OurGuest.create();
  expect(g.call("fd_prestat_get", 3, 8)).toBe(Errno.badf);
  for (const fd of [0, 1, 2]) expect(g.open(fd, "etc/passwd", { rights: READ_RIGHTS }).errno).toBe(Errno.notdir);
  expect(g.open(3, "etc/passwd").errno).toBe(Errno.badf);
});
