// An overlay over a file system with content: what is read comes from below, and nothing is changed there.

import { expect, test } from "vitest";
import { Errno, MemoryFiles, OverlayFiles } from "../index.js";
import { ALL_RIGHTS, OurGuest, WRITE_RIGHTS } from "./guest.js";

const TOP = 3;
const CREATE = 1;
const TRUNCATE = 8;
const encoder = new TextEncoder();

function below(): MemoryFiles {
  const files = new MemoryFiles();
  files.mkdirs("/d/e");
  files.mkdirs("/empty");
  files.writeFile("/d/f", encoder.encode("from below"));
  files.writeFile("/d/e/g", encoder.encode("deep"));
  const root = files.openDirectory();
  files.symlink("d/f", root, "link");
  files.close(root);
  return files;
}

async function guest(limits = {}) {
  const lower = below();
  const files = new OverlayFiles(limits);
  files.mount("/top", lower, lower.openDirectory());
  const preopens = [{ name: "/top", directory: files.openDirectory("/top") }];
  return { lower, files, before: lower.saveState(), g: await OurGuest.create({ files, preopens }) };
}

const names = (g: OurGuest, path: string) => g.list(g.open(TOP, path, { oflags: 2 }).fd, 2n).entries;

test("shows what is below", async () => {
  const { g } = await guest();
  expect(names(g, ".")).toEqual(["d:3", "empty:3", "link:7"]);
  expect(g.read(g.open(TOP, "link").fd)).toEqual({ errno: 0, text: "from below" });
  expect(g.stat(TOP, "d/e/g")).toEqual({ errno: 0, filetype: 4, size: 4n });
  expect(g.readLink(TOP, "link").text).toBe("d/f");
});

test("keeps every change to itself", async () => {
  const { g, lower, before } = await guest();
  const { fd } = g.open(TOP, "d/f", { rights: WRITE_RIGHTS });
  g.seek(fd, 5n, 0);
  expect(g.write(fd, "above")).toEqual({ errno: 0, count: 5 });
  g.seek(fd, 0n, 0);
  expect(g.read(fd).text).toBe("from above");
  expect(g.read(g.open(TOP, "link").fd).text).toBe("from above");
  expect(g.open(TOP, "d/e/g", { oflags: TRUNCATE, rights: WRITE_RIGHTS }).errno).toBe(0);
  expect(g.stat(TOP, "d/e/g").size).toBe(0n);
  expect(g.onPath("path_unlink_file", TOP, "link")).toBe(0);
  expect(g.rename(TOP, "d", TOP, "empty")).toBe(0);
  expect(g.onPath("path_create_directory", TOP, "d")).toBe(0);
  g.open(TOP, "d/new", { oflags: CREATE });
  expect([names(g, "."), names(g, "d"), names(g, "empty")]).toEqual([["empty:3", "d:3"], ["new:4"], ["e:3", "f:4"]]);
  expect(g.link(TOP, "empty/f", TOP, "g")).toBe(0);
  expect(g.read(g.open(TOP, "g").fd).text).toBe("from above");
  // Handles below are open while the files are.
  expect({ ...lower.saveState(), open: [] }).toEqual({ ...before, open: [] });
});

test("a file that is open when it is removed can be read, and lets go of what is below", async () => {
  const { g, lower } = await guest();
  const { fd } = g.open(TOP, "d/f");
  expect(g.read(fd, 4).text).toBe("from");
  expect(lower.openCount).toBe(2);
  expect(g.onPath("path_unlink_file", TOP, "d/f")).toBe(0);
  expect(g.read(fd).text).toBe(" below");
  g.call("fd_close", fd);
  expect(lower.openCount).toBe(1);
});

test("a directory with more entries than there is room for is refused whole, at once, and every time", async () => {
  const { g, files } = await guest({ maxNodes: 6 });
  // The root, /top and its three entries are five nodes; /top/d has two.
  const open = () => g.open(TOP, "d/f").errno;
  expect([open(), open()]).toEqual([Errno.nospc, Errno.nospc]);
  expect(files.nodeCount).toBe(5);
  expect(g.open(TOP, "empty/x", { oflags: CREATE }).errno).toBe(0);
});

test("the first change of a file is paid for by its size, and counts towards the limit", async () => {
  const { g, files, lower } = await guest({ maxBytes: 2000 });
  lower.writeFile("/d/f", new Uint8Array(1600));
  const { fd } = g.open(TOP, "d/f", { rights: ALL_RIGHTS });
  const write = () => {
    const before = g.wasi.fuelBefore;
    return [g.write(fd, "x").errno, g.wasi.fuelBefore - before];
  };
  expect(files.usedBytes).toBe(3);
  const [first, second] = [write(), write()];
  expect([first[0], second[0]]).toEqual([0, 0]);
  expect(first[1]! - second[1]!).toBe(100);
  expect(files.usedBytes).toBe(1603);
  lower.writeFile("/d/e/g", new Uint8Array(500));
  expect(g.write(g.open(TOP, "d/e/g", { rights: ALL_RIGHTS }).fd, "x").errno).toBe(Errno.nospc);
});

test("its state is plain data, and is put back over the same mounts", async () => {
  const { g, files } = await guest();
  const { fd } = g.open(TOP, "d/f", { rights: WRITE_RIGHTS });
  g.read(fd, 5);
  const saved = structuredClone({ wasi: g.wasi.saveState(), files: files.saveState() });
  const rest = () => [g.read(fd).text, names(g, "."), names(g, "d/e")];
  const first = rest();
  g.write(fd, "x");
  g.onPath("path_unlink_file", TOP, "d/f");
  files.restoreState(saved.files);
  g.wasi.restoreState(saved.wasi);
  expect(rest()).toEqual(first);
});
