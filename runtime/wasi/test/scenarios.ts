// Scenarios on files, for every file system and for Node's WASI: what all must agree on is what they return.

import { ALL_RIGHTS, DIRECTORY_RIGHTS, type Guest, nodeGuest, READ_RIGHTS, WRITE_RIGHTS } from "./guest.js";

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

export const SCENARIOS: Readonly<Record<string, (g: Guest) => unknown>> = {
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
  "symbolic links are followed, and are what they are": (g) => {
    for (const path of ["d", "d/e"]) g.onPath("path_create_directory", TOP, path);
    g.write(g.open(TOP, "d/f", { oflags: CREATE, rights: WRITE_RIGHTS }).fd, "hello");
    const results: unknown[] = [
      g.symlink("d/f", TOP, "to-file"),
      g.symlink("d", TOP, "to-directory"),
      g.symlink("none", TOP, "to-nothing"),
      g.symlink("d/f", TOP, "to-file"),
      g.symlink("x", TOP, "none/link"),
    ];
    results.push(g.read(g.open(TOP, "to-file").fd), g.read(g.open(TOP, "to-directory/f").fd));
    results.push(g.open(TOP, "to-nothing").errno);
    results.push(g.stat(TOP, "to-file"), g.stat(TOP, "to-directory").filetype, g.stat(TOP, "to-nothing").errno);
    results.push(g.lstat(TOP, "to-file"), g.lstat(TOP, "to-nothing").filetype);
    results.push(g.readLink(TOP, "to-file"), g.readLink(TOP, "d").errno);
    results.push(g.readLink(TOP, "none").errno);
    results.push(g.onPath("path_unlink_file", TOP, "to-file"), g.stat(TOP, "d/f").errno);
    results.push(g.rename(TOP, "to-directory", TOP, "moved"), g.readLink(TOP, "moved"), g.stat(TOP, "moved/f").errno);
    results.push(g.onPath("path_remove_directory", TOP, "moved"), g.onPath("path_unlink_file", TOP, "moved"));
    return results;
  },
  "opening through a link to nothing makes what it leads to": (g) => {
    g.symlink("target", TOP, "link");
    const { errno, fd } = g.open(TOP, "link", { oflags: CREATE, rights: WRITE_RIGHTS });
    const results: unknown[] = [errno, g.write(fd, "x"), g.stat(TOP, "target"), g.lstat(TOP, "link").filetype];
    return [...results, g.open(TOP, "link", { oflags: CREATE | EXCLUSIVE }).errno];
  },
  "links in a circle": (g) => {
    const results: unknown[] = [g.symlink("b", TOP, "a"), g.symlink("a", TOP, "b"), g.symlink("self/x", TOP, "self")];
    results.push(g.open(TOP, "a").errno, g.stat(TOP, "self").errno, g.stat(TOP, "a/x").errno);
    return [...results, g.lstat(TOP, "a").filetype, g.onPath("path_unlink_file", TOP, "a"), g.stat(TOP, "b").errno];
  },
  "hard links are the same file": (g) => {
    g.write(g.open(TOP, "f", { oflags: CREATE, rights: WRITE_RIGHTS }).fd, "one");
    g.onPath("path_create_directory", TOP, "d");
    const results: unknown[] = [g.link(TOP, "f", TOP, "d/g"), g.stat(TOP, "f").size, g.linksOf(TOP, "f")];
    const { fd } = g.open(TOP, "d/g", { rights: WRITE_RIGHTS, fdflags: APPEND });
    results.push(g.write(fd, "two"), g.read(g.open(TOP, "f").fd), g.stat(TOP, "f").size);
    results.push(g.link(TOP, "f", TOP, "d/g"), g.link(TOP, "none", TOP, "x"), g.link(TOP, "f", TOP, "none/x"));
    results.push(g.rename(TOP, "f", TOP, "d/g"), g.linksOf(TOP, "f"));
    results.push(g.onPath("path_unlink_file", TOP, "f"), g.linksOf(TOP, "d/g"), g.read(g.open(TOP, "d/g").fd));
    return results;
  },
  "sizes are set, and what is new is zero": (g) => {
    const rights = WRITE_RIGHTS | (1n << 22n) | (1n << 8n);
    const { fd } = g.open(TOP, "f", { oflags: CREATE, rights });
    g.write(fd, "0123456789");
    const results: unknown[] = [g.call("fd_filestat_set_size", fd, 4n), g.stat(TOP, "f").size, g.seek(fd, 0n, 1)];
    results.push(g.write(fd, "x"), g.stat(TOP, "f").size, g.seek(fd, 0n, 0), g.read(fd));
    results.push(g.call("fd_filestat_set_size", fd, 14n), g.seek(fd, 0n, 0), g.read(fd));
    results.push(g.call("fd_allocate", fd, 10n, 10n), g.stat(TOP, "f").size);
    results.push(g.call("fd_allocate", fd, 0n, 5n), g.stat(TOP, "f").size);
    results.push(g.call("fd_filestat_set_size", g.open(TOP, "f").fd, 1n) !== 0);
    return results;
  },
  "times are set": (g) => {
    const { fd } = g.open(TOP, "f", { oflags: CREATE, rights: WRITE_RIGHTS | (1n << 23n) });
    const times = (): bigint[] => {
      g.stat(TOP, "f");
      return [g.u64(1064), g.u64(1072)];
    };
    const results: unknown[] = [g.call("fd_filestat_set_times", fd, 5_000_000_000n, 6_000_000_000n, 5), times()];
    results.push(g.call("fd_filestat_set_times", fd, 1n, 7_000_000_000n, 4), times());
    results.push(g.call("path_filestat_set_times", TOP, 1, ...g.put(4096, "f"), 8_000_000_000n, 1n, 1), times());
    results.push(g.call("path_filestat_set_times", TOP, 1, ...g.put(4096, "none"), 1n, 1n, 1));
    results.push(g.call("fd_filestat_set_times", fd, 1n, 1n, 3), g.call("fd_filestat_set_times", fd, 1n, 1n, 12));
    return results;
  },
  "slashes at the end": (g) => {
    g.onPath("path_create_directory", TOP, "d/");
    g.call("fd_close", g.open(TOP, "f", { oflags: CREATE }).fd);
    g.symlink("d", TOP, "l");
    return [
      g.stat(TOP, "d/").filetype,
      g.stat(TOP, "l/").filetype,
      g.lstat(TOP, "l/").filetype,
      g.stat(TOP, "f/").errno,
      g.open(TOP, "f/").errno,
      g.onPath("path_unlink_file", TOP, "f/"),
      g.rename(TOP, "f", TOP, "g/"),
      g.rename(TOP, "d/", TOP, "e/"),
      g.onPath("path_remove_directory", TOP, "e/"),
    ];
  },
};

/** Runs a scenario on Node's WASI, over an empty directory of the machine's. */
export async function onNode(name: string, directory: string): Promise<unknown> {
  return SCENARIOS[name]!(await nodeGuest(directory));
}
