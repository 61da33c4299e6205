// Directories of one file system in another: every scenario as on the other itself, which is held against Node's WASI
// (files.test.ts), and what a mount adds to that.

import { expect, test } from "vitest";
import { Errno, MemoryFiles, type MountAccess, MountedFiles } from "../index.js";
import { ALL_RIGHTS, memoryFiles, OurGuest, WRITE_RIGHTS } from "./guest.js";
import { SCENARIOS } from "./scenarios.js";

const TOP = 3;
const CREATE = 1;
const TRUNCATE = 8;
const ACCESS: readonly MountAccess[] = ["read-only", "read-write", "overlay"];

/** A file system with the directory of another at /top, beside a file of its own. */
function mounted(access: MountAccess, lower = new MemoryFiles(), limits = {}) {
  const files = new MountedFiles(limits);
  files.offer([{ path: "/top", access, files: lower, directory: lower.openDirectory() }]);
  files.mkdirs("/own");
  files.mountAt("/top");
  return { files, lower };
}
const guestAt = (files: MountedFiles, path: string) =>
  OurGuest.create({ files, preopens: [{ name: "/top", directory: files.openDirectory(path) }] });

test.each(Object.keys(SCENARIOS))("%s, as without a mount", async (name) => {
  const plain = SCENARIOS[name]!(await OurGuest.create(memoryFiles().options));
  for (const access of ["read-write", "overlay"] as const)
    expect(SCENARIOS[name]!(await guestAt(mounted(access).files, "/top")), access).toEqual(plain);
});

function filled(): MemoryFiles {
  const lower = new MemoryFiles();
  lower.mkdirs("/d/e");
  lower.writeFile("/d/f", new TextEncoder().encode("below"));
  return lower;
}

test("nothing is changed in a read-only mount, by any call", async () => {
  const { files, lower } = mounted("read-only", filled());
  const before = lower.saveState();
  const g = await guestAt(files, "/");
  expect(g.read(g.open(TOP, "top/d/f").fd).text).toBe("below");
  expect([
    g.open(TOP, "top/d/f", { rights: WRITE_RIGHTS }).errno,
    g.open(TOP, "top/d/f", { oflags: TRUNCATE }).errno,
    g.open(TOP, "top/d/n", { oflags: CREATE }).errno,
    g.onPath("path_create_directory", TOP, "top/n"),
    g.onPath("path_remove_directory", TOP, "top/d/e"),
    g.onPath("path_unlink_file", TOP, "top/d/f"),
    g.rename(TOP, "top/d/f", TOP, "top/g"),
    g.link(TOP, "top/d/f", TOP, "top/g"),
  ]).toEqual(Array(8).fill(Errno.rofs));
  expect({ ...lower.saveState(), open: [] }).toEqual({ ...before, open: [] });
});

test.each(ACCESS)("what is mounted (%s) is in another file system, and stays where it is", async (access) => {
  const { files } = mounted(access, filled());
  const g = await guestAt(files, "/");
  g.open(TOP, "own/f", { oflags: CREATE });
  // An overlay's entries are its own.
  const between = access === "overlay" ? 0 : Errno.xdev;
  expect(g.rename(TOP, "own/f", TOP, "top/d/g")).toBe(between);
  expect(g.rename(TOP, "top/d/f", TOP, "own/h")).toBe(between);
  expect(g.rename(TOP, "top", TOP, "elsewhere")).toBe(Errno.busy);
  expect(g.rename(TOP, "own", TOP, "top")).toBe(Errno.busy);
  expect(g.onPath("path_remove_directory", TOP, "top")).not.toBe(0);
  expect(g.open(TOP, "top/d/e").errno).toBe(0);
});

test("`..` of what is mounted leads to where it is mounted", async () => {
  const { files } = mounted("read-only", filled());
  const handle = files.openDirectory("/top/d/e");
  expect(files.pathOf(handle)).toBe("/top/d/e");
  const up = [handle];
  for (let i = 0; i < 4; i++) up.push(files.openParent(up.at(-1)!));
  expect(up.map((directory) => files.pathOf(directory))).toEqual(["/top/d/e", "/top/d", "/top", "/", "/"]);
});

test("a file is found by its new name, open under the old one, and after its state was put back", async () => {
  const { files, lower } = mounted("read-write", filled());
  const g = await guestAt(files, "/");
  const { fd } = g.open(TOP, "top/d/f");
  expect(g.read(fd, 2).text).toBe("be");
  expect(g.rename(TOP, "top/d", TOP, "top/moved")).toBe(0);
  const saved = structuredClone({ files: files.saveState(), wasi: g.wasi.saveState() });
  expect(JSON.stringify(saved.files, (_, v) => (typeof v === "bigint" ? `${v}` : v))).not.toContain("below");
  files.restoreState(saved.files);
  expect(lower.openCount).toBe(1);
  g.wasi.restoreState(saved.wasi);
  expect(g.read(fd, 2).text).toBe("lo");
  // What is gone is an error where it is used, not where the state is put back.
  files.restoreState(saved.files);
  g.wasi.restoreState(saved.wasi);
  lower.rename(lower.openDirectory("/moved"), "f", lower.openDirectory("/"), "f");
  expect(g.read(fd, 2).errno).toBe(Errno.noent);
});

test("a state names what it has mounted, and is refused where that is not offered", () => {
  const { files } = mounted("read-only");
  const state = files.saveState();
  expect(state.mounts).toEqual([{ path: "/top", access: "read-only", node: expect.any(Number) }]);
  expect(() => new MountedFiles().restoreState(state)).toThrow("/top is not offered as read-only");
  expect(() => mounted("overlay").files.restoreState(state)).toThrow("/top is not offered as read-only");
});

test("files of others grow by no more than the quota, and no more are made than there may be", async () => {
  const { files, lower } = mounted("read-write", new MemoryFiles({ maxNodes: 10_000 }), {
    maxBytes: 1000,
    maxNodes: 20,
  });
  const g = await guestAt(files, "/top");
  const { fd } = g.open(TOP, "f", { oflags: CREATE, rights: ALL_RIGHTS });
  expect(g.write(fd, "x".repeat(900)).errno).toBe(0);
  expect(g.write(fd, "x".repeat(200)).errno).toBe(Errno.nospc);
  expect(g.call("fd_filestat_set_size", fd, 2000n)).toBe(Errno.nospc);
  expect(g.call("fd_filestat_set_size", fd, 0n)).toBe(0);
  g.seek(fd, 0n, 0);
  expect(g.write(fd, "x".repeat(1000)).errno).toBe(0);
  const made = Array.from({ length: 40 }, (_, i) => g.onPath("path_create_directory", TOP, `d${i}`));
  expect(made.filter((errno) => errno === 0).length).toBeLessThanOrEqual(20);
  expect(made.at(-1)).toBe(Errno.nospc);
  expect(lower.nodeCount).toBeLessThanOrEqual(22);
});
