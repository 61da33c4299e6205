// Directories of the host: they behave as in Node's WASI, and nothing leads out of them.

import { execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { Random } from "../../../runtime/test/support/random.js";
import { Errno, type Preopen } from "../../../runtime/wasi/index.js";
import {
  ALL_RIGHTS,
  DIRECTORY_RIGHTS,
  OurGuest,
  READ_RIGHTS,
  SIGNATURES,
  WRITE_RIGHTS,
} from "../../../runtime/wasi/test/guest.js";
import { onNode, SCENARIOS } from "../../../runtime/wasi/test/scenarios.js";
import { NodeFiles } from "../index.js";

const TOP = 3;
const CREATE = 1;
const DIRECTORY = 2;
const TRUNCATE = 8;

const root = mkdtempSync(join(tmpdir(), "escapement-node-files-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
let top = "";
/** /…/top is the guest's; beside it are a secret and a directory. */
beforeEach(() => {
  const base = join(root, String(count++));
  top = join(base, "top");
  mkdirSync(join(base, "outside"), { recursive: true });
  mkdirSync(top);
  writeFileSync(join(base, "secret"), "secret");
  writeFileSync(join(base, "outside", "f"), "outside");
});
const outside = (name: string) => join(top, "..", name);
/** What lies outside, as it was. */
const isUntouched = () =>
  readFileSync(outside("secret"), "utf8") === "secret" &&
  readFileSync(outside("outside/f"), "utf8") === "outside" &&
  readdirSync(outside("outside")).length === 1 &&
  readdirSync(outside(".")).sort().join() === "outside,secret,top";

async function guest(options: Partial<Preopen> = {}): Promise<OurGuest> {
  const files = new NodeFiles();
  return OurGuest.create({ files, preopens: [{ name: "/top", directory: files.openDirectory(top), ...options }] });
}

test.each(Object.keys(SCENARIOS))("%s, as in Node's WASI", async (name) => {
  const ours = SCENARIOS[name]!(await guest());
  rmSync(top, { recursive: true });
  mkdirSync(top);
  expect(ours).toEqual(await onNode(name, top));
});

describe("leaving it", () => {
  /** Every way of using a path. */
  const uses = (g: OurGuest, path: string): number[] => [
    g.open(TOP, path).errno,
    g.open(TOP, path, { oflags: CREATE, rights: WRITE_RIGHTS }).errno,
    g.open(TOP, path, { oflags: DIRECTORY, rights: DIRECTORY_RIGHTS }).errno,
    g.stat(TOP, path).errno,
    g.lstat(TOP, path).errno,
    g.onPath("path_create_directory", TOP, path),
    g.onPath("path_remove_directory", TOP, path),
    g.onPath("path_unlink_file", TOP, path),
    g.rename(TOP, path, TOP, "stolen"),
    g.rename(TOP, "f", TOP, path),
    g.link(TOP, path, TOP, "stolen"),
    g.link(TOP, "f", TOP, path),
    g.symlink("f", TOP, path),
    g.readLink(TOP, path).errno,
    g.call("path_filestat_set_times", TOP, 1, ...g.put(4096, path), 0n, 0n, 5),
  ];

  test.each(["..", "../secret", "../outside/f", "d/../../secret", "/etc/passwd", "//", "d/../../top/d", "../top"])(
    "by %s is refused",
    async (path) => {
      mkdirSync(join(top, "d"));
      writeFileSync(join(top, "f"), "f");
      const g = await guest();
      expect(uses(g, path)).toEqual(Array(15).fill(Errno.perm));
      expect(readdirSync(top).sort()).toEqual(["d", "f"]);
      expect(isUntouched()).toBe(true);
    },
  );

  test.each([
    ["an absolute link", () => outside("outside")],
    ["a link that climbs", () => "../outside"],
    ["a link that climbs from within", () => "d/../../outside"],
    ["a chain of links", () => "chain"],
    ["the root", () => "/"],
    ["the process's own files", () => `/proc/self/cwd`],
  ])("through %s is refused", async (_name, target) => {
    mkdirSync(join(top, "d"));
    writeFileSync(join(top, "f"), "f");
    symlinkSync("../outside", join(top, "chain"));
    symlinkSync(target(), join(top, "l"));
    const g = await guest();
    // On the way the link is followed by every call. At the end some calls act on the link, which is in the directory.
    expect(uses(g, "l/f")).toEqual(Array(15).fill(Errno.perm));
    expect([g.open(TOP, "l").errno, g.stat(TOP, "l").errno]).toEqual([Errno.perm, Errno.perm]);
    expect(g.open(TOP, "l", { oflags: CREATE, rights: WRITE_RIGHTS }).errno).toBe(Errno.perm);
    expect(g.onPath("path_unlink_file", TOP, "l")).toBe(0);
    expect(isUntouched()).toBe(true);
  });

  test("a guest makes no link that leads out", async () => {
    const g = await guest();
    g.onPath("path_create_directory", TOP, "d");
    expect(g.symlink("/etc/passwd", TOP, "l")).toBe(Errno.perm);
    expect(g.symlink("../secret", TOP, "l")).toBe(Errno.perm);
    expect(g.symlink("../../secret", TOP, "d/l")).toBe(Errno.perm);
    expect(g.symlink("../f", TOP, "d/l")).toBe(0);
    expect(readdirSync(top, { recursive: true }).sort()).toEqual(["d", "d/l"]);
  });

  test("a directory that is moved out, or replaced by a link, leads nowhere else", async () => {
    mkdirSync(join(top, "d/e"), { recursive: true });
    const g = await guest();
    const options = { oflags: DIRECTORY, rights: DIRECTORY_RIGHTS, inheriting: ALL_RIGHTS };
    const { fd } = g.open(TOP, "d/e", options);
    // Somebody on the host moves the directory, and puts a link in its place.
    renameSync(join(top, "d"), join(top, "..", "moved"));
    symlinkSync("../outside", join(top, "d"));
    expect(g.open(TOP, "d/f").errno).toBe(Errno.perm);
    expect(g.open(fd, "..", options).errno).toBe(Errno.perm);
    expect(g.open(fd, "../../secret").errno).toBe(Errno.perm);
    expect(g.open(fd, "mine", { oflags: CREATE }).errno).toBe(0);
    // It is the directory that was opened, wherever it is.
    expect(existsSync(join(top, "..", "moved/e/mine"))).toBe(true);
    renameSync(join(top, "..", "moved"), join(top, "back"));
    rmSync(join(top, "d"));
    expect(isUntouched()).toBe(true);
  });

  test("a process that swaps a directory for a link all the while never lets the guest out", async () => {
    mkdirSync(join(top, "d"));
    writeFileSync(join(top, "d", "f"), "inside");
    symlinkSync("../outside", join(top, "l"));
    const swap = `
      const { renameSync } = require("node:fs"); process.chdir(${JSON.stringify(top)});
      console.log("go");
      for (;;) {
        try { renameSync("d", "x"); renameSync("l", "d"); renameSync("d", "l"); renameSync("x", "d"); } catch {}
      }`;
    const swapper = spawn(process.execPath, ["-e", swap], { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve) => swapper.stdout.once("data", resolve));
    const g = await guest();
    const seen = new Set<string>();
    const errnos = new Set<number>();
    // Until both sides of the swap were met, and some rounds more: on a busy machine the swapper has few turns.
    for (let round = 0; round < 10 || !errnos.has(0) || errnos.size < 2; round++) {
      for (let i = 0; i < 200; i++) {
        const { errno, fd } = g.open(TOP, "d/f", { rights: READ_RIGHTS });
        errnos.add(errno);
        if (errno === 0) {
          seen.add(g.read(fd).text);
          g.call("fd_close", fd);
        }
        const made = g.open(TOP, "d/new", { oflags: CREATE, rights: WRITE_RIGHTS });
        if (made.errno === 0) g.call("fd_close", made.fd);
        g.onPath("path_unlink_file", TOP, "d/new");
        g.rename(TOP, "d/f", TOP, "d/g");
        g.rename(TOP, "d/g", TOP, "d/f");
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    swapper.kill("SIGKILL");
    await new Promise((resolve) => swapper.once("close", resolve));
    expect([...seen]).toEqual(["inside"]);
    // inval: a link when it was looked at, and no longer when it was read.
    const known = [0, Errno.noent, Errno.perm, Errno.notdir, Errno.loop, Errno.inval];
    for (const errno of errnos) expect(known).toContain(errno);
    expect(isUntouched()).toBe(true);
  });

  test("hard links of the host's are files like others: who put them there gave them", async () => {
    linkSync(outside("secret"), join(top, "given"));
    const g = await guest();
    expect(g.read(g.open(TOP, "given").fd).text).toBe("secret");
    expect(g.linksOf(TOP, "given")).toBe(2n);
  });
});

describe("what is no file", () => {
  test("pipes and devices are seen and not opened; none makes the guest wait", async () => {
    execFileSync("mkfifo", [join(top, "pipe")]);
    symlinkSync("/dev/zero", join(top, "zero"));
    const g = await guest();
    expect(g.stat(TOP, "pipe")).toMatchObject({ errno: 0, filetype: 0 });
    for (const rights of [READ_RIGHTS, WRITE_RIGHTS]) expect(g.open(TOP, "pipe", { rights }).errno).toBe(Errno.acces);
    expect(g.open(TOP, "zero").errno).toBe(Errno.perm);
    expect(g.onPath("path_unlink_file", TOP, "pipe")).toBe(0);
  });

  test("names that are not UTF-8 are not shown", async () => {
    writeFileSync(Buffer.concat([Buffer.from(`${top}/`), Buffer.from([0x66, 0xff])]), "");
    writeFileSync(join(top, "é"), "");
    const g = await guest();
    expect(g.list(TOP, 2n).entries).toEqual(["é:4"]);
  });

  test("links whose targets are not UTF-8 cannot be read", async () => {
    symlinkSync(Buffer.from([0x66, 0xff]), join(top, "l"));
    const g = await guest();
    expect([g.readLink(TOP, "l").errno, g.open(TOP, "l").errno]).toEqual([Errno.ilseq, Errno.ilseq]);
  });
});

test("a read-only directory is not changed", async () => {
  mkdirSync(join(top, "d"));
  writeFileSync(join(top, "d/f"), "text");
  symlinkSync("d/f", join(top, "l"));
  const before = lstatSync(join(top, "d/f"), { bigint: true });
  const g = await guest({ readOnly: true });
  expect(g.read(g.open(TOP, "l").fd).text).toBe("text");
  const { fd } = g.open(TOP, "d/f", { rights: READ_RIGHTS | (1n << 23n) });
  const refusals = [
    g.open(TOP, "d/f", { rights: WRITE_RIGHTS }).errno,
    g.open(TOP, "l", { oflags: TRUNCATE }).errno,
    g.open(TOP, "new", { oflags: CREATE }).errno,
    g.onPath("path_create_directory", TOP, "new"),
    g.onPath("path_remove_directory", TOP, "d"),
    g.onPath("path_unlink_file", TOP, "l"),
    g.rename(TOP, "l", TOP, "m"),
    g.link(TOP, "l", TOP, "m"),
    g.symlink("l", TOP, "m"),
    g.call("fd_filestat_set_times", fd, 0n, 0n, 5),
    g.call("path_filestat_set_times", TOP, 1, ...g.put(4096, "d/f"), 0n, 0n, 5),
  ];
  expect(refusals).toEqual(refusals.map(() => Errno.rofs));
  expect(lstatSync(join(top, "d/f"), { bigint: true })).toMatchObject({ mtimeNs: before.mtimeNs, size: 4n });
});

test("times are kept to the nanosecond, as long as nobody else sets them", async () => {
  const g = await guest();
  const { fd } = g.open(TOP, "f", { oflags: CREATE, rights: WRITE_RIGHTS | (1n << 23n) });
  const times = () => {
    g.stat(TOP, "f");
    return [g.u64(1064), g.u64(1072)];
  };
  const [accessed] = times();
  const exact = 1_700_000_000_123_456_789n;
  expect(g.call("fd_filestat_set_times", fd, 0n, exact, 4)).toBe(0);
  expect(times()).toEqual([accessed, exact]);
  expect(g.call("path_filestat_set_times", TOP, 1, ...g.put(4096, "f"), exact + 1n, 0n, 1)).toBe(0);
  expect(times()).toEqual([exact + 1n, exact]);
  g.write(fd, "x");
  expect(times()[1]).toBe(lstatSync(join(top, "f"), { bigint: true }).mtimeNs);
});

test("a path through more directories than may be open at once is refused", async () => {
  const g = await guest();
  g.onPath("path_create_directory", TOP, "d");
  g.symlink(".", TOP, "d/l");
  mkdirSync(join(top, ...Array(300).fill("n")), { recursive: true });
  expect(g.stat(TOP, "n/".repeat(200)).errno).toBe(0);
  expect(g.stat(TOP, "n/".repeat(300)).errno).toBe(Errno.nametoolong);
  expect(g.stat(TOP, "d/l/".repeat(40)).errno).toBe(Errno.noent);
  expect(g.stat(TOP, `${"d/../".repeat(800)}d`).errno).toBe(0);
  expect(g.open(TOP, "x".repeat(256), { oflags: CREATE }).errno).toBe(Errno.nametoolong);
});

test("what the host's files take is paid for: each name on the way, each access", async () => {
  mkdirSync(join(top, "d/d/d"), { recursive: true });
  writeFileSync(join(top, "f"), "0123456789");
  const g = await guest();
  const cost = (call: () => number): number => {
    const before = g.wasi.fuelBefore;
    expect(call()).toBe(0);
    return g.wasi.fuelBefore - before;
  };
  const shallow = cost(() => g.stat(TOP, "d").errno);
  expect(shallow).toBeGreaterThan(2000);
  expect(cost(() => g.stat(TOP, "d/d/d").errno) - shallow).toBe(2 * 1000 + 4 * 4);
  const { fd } = g.open(TOP, "f");
  const one = cost(() => g.call("fd_pread", fd, ...g.vectors(16, [8192, 1]), 0n, 8));
  const two = cost(() => g.call("fd_pread", fd, ...g.vectors(16, [8192, 1], [8200, 1]), 0n, 8));
  expect(two - one).toBe(1000 + 1);
  // A call that pauses at every unit costs the same, and leaves nothing open.
  const execution = g.execution("path_filestat_get", [TOP, 1, ...g.put(4096, "d/d/d"), 1024]);
  const whole = shallow + 2 * 1000 + 4 * 4;
  let result = execution.run(1);
  while (result.status === "paused") result = execution.run(1);
  expect([result, execution.fuelUsed]).toEqual([{ status: "done", results: [0] }, whole]);
});

test("no call with any arguments does anything but answer, or reaches anything outside", async () => {
  const random = new Random(11);
  const g = await guest();
  for (const name of ["a", ".a", "a/.a"]) g.onPath("path_create_directory", TOP, name);
  const paths = ["a", "..", "a/..", "../secret", ".a", "/", "a/.a", "a/b", "l", "a/l", "../outside/f", "."];
  const names = Object.keys(SIGNATURES).filter((name) => !name.startsWith("proc_") && name !== "poll_oneoff");
  const once = new Set(["fd_close", "fd_renumber", "fd_fdstat_set_rights"]);
  const answers = new Set<number>();
  for (let i = 0; i < 8000; i++) {
    const name = random.pick(names);
    if (once.has(name) && random.below(50) !== 0) continue;
    const path = random.pick(paths);
    const other = random.pick(paths);
    const [at, length] = g.put(64, path);
    const [otherAt, otherLength] = g.put(128, other);
    const args = name.startsWith("path_")
      ? pathCall(name, { at, length, otherAt, otherLength }, random)
      : [...SIGNATURES[name]!.split(">")[0]!].map((letter) =>
          letter === "l" ? BigInt(random.below(4096)) : random.below(4) === 0 ? random.below(70_000) : random.below(16),
        );
    const errno = g.call(name, ...args);
    expect(errno >= 0 && errno <= Errno.notcapable, `${name}(${args.join(", ")})`).toBe(true);
    answers.add(errno);
  }
  expect(answers.size).toBeGreaterThan(9);
  expect(isUntouched()).toBe(true);
});

interface Paths {
  readonly at: number;
  readonly length: number;
  readonly otherAt: number;
  readonly otherLength: number;
}

/** Arguments of a call on paths that is mostly right. */
function pathCall(name: string, paths: Paths, random: Random): (number | bigint)[] {
  const { at, length, otherAt, otherLength } = paths;
  const fd = random.below(8) === 0 ? random.below(12) : TOP;
  switch (name) {
    case "path_open":
      return [
        fd,
        random.below(2),
        at,
        length,
        random.below(16),
        BigInt(random.below(2 ** 28)),
        ALL_RIGHTS,
        random.below(2),
        8,
      ];
    case "path_symlink":
      return [at, length, fd, otherAt, otherLength];
    case "path_link":
      return [fd, 0, at, length, TOP, otherAt, otherLength];
    case "path_rename":
      return [fd, at, length, TOP, otherAt, otherLength];
    case "path_readlink":
      return [fd, at, length, 4096, 100, 8];
    case "path_filestat_get":
      return [fd, random.below(2), at, length, 4096];
    case "path_filestat_set_times":
      return [fd, random.below(2), at, length, 5n, 6n, random.below(16)];
    default:
      return [fd, at, length];
  }
}
