import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readHostFiles } from "../host-files-node.js";
import { Sandbox, SandboxUsageError } from "../index.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "escapement-files-"));
  mkdirSync(join(root, "chosen/sub"), { recursive: true });
  writeFileSync(join(root, "chosen/a.txt"), "a");
  writeFileSync(join(root, "chosen/sub/b.txt"), "b");
  writeFileSync(join(root, "secret"), "secret");
});
afterEach(() => rmSync(root, { recursive: true }));

test("reads chosen files and directories, which the guest sees below /input", async () => {
  const files = await readHostFiles({ data: join(root, "chosen"), "one.txt": join(root, "chosen/a.txt") });
  expect(Object.keys(files)).toEqual(["data/a.txt", "data/sub/b.txt", "one.txt"]);
  const sandbox = await Sandbox.create({ files });
  const { value } = await sandbox.run("[open('/input/data/sub/b.txt').read(), open('/input/one.txt').read()]");
  expect(value).toEqual(["b", "a"]);
  for (const path of ["/input/../secret", "/input/data/../../secret", `${root}/secret`])
    expect((await sandbox.run(`open(${JSON.stringify(path)})`)).error?.type).toBe("FileNotFoundError");
});

test("reads what a chosen path leads to, through links to it; its own name is not looked at", async () => {
  symlinkSync("chosen", join(root, "way"));
  symlinkSync(join(root, "way/a.txt"), join(root, "file"));
  const files = await readHostFiles({ d: join(root, "way"), f: join(root, "file"), u: `${root}/chosen/../secret` });
  expect(Object.keys(files)).toEqual(["d/a.txt", "d/sub/b.txt", "f", "u"]);
});

test("refuses links inside a chosen directory: to the inside, outside, nowhere and themselves", async () => {
  const link = join(root, "chosen/link");
  for (const target of ["../secret", "..", "/etc/passwd", "sub", "a.txt", "nowhere", "link", "../chosen"]) {
    symlinkSync(target, link);
    await expect(readHostFiles({ data: join(root, "chosen") }), target).rejects.toThrow(
      "neither a file nor a directory",
    );
    unlinkSync(link);
  }
});

test("refuses pipes, sockets and devices, without waiting for them", async () => {
  const special = join(root, "chosen/special");
  const refused = async (path: string) => {
    const refusal = await readHostFiles({ data: path }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(SandboxUsageError);
    expect((refusal as Error).message).toContain("neither a file nor a directory");
  };
  execFileSync("mkfifo", [special]);
  await refused(join(root, "chosen"));
  await refused(special);
  unlinkSync(special);
  const server = createServer().listen(special);
  await once(server, "listening");
  await refused(join(root, "chosen"));
  server.close();
  await refused("/dev/zero");
  await refused("/dev/null");
});

test("tells what cannot be read", async () => {
  symlinkSync("loop", join(root, "loop"));
  symlinkSync("nowhere", join(root, "dangling"));
  for (const [path, reason] of [
    ["none", "there is no such file"],
    ["dangling", "there is no such file"],
    ["secret/below", "a part of its path is no directory"],
    ["loop", "its links lead in a circle"],
    ["x".repeat(300), "the name is too long"],
  ] as const) {
    const refusal = await readHostFiles({ data: join(root, path) }).catch((error: unknown) => error);
    expect(refusal, path).toBeInstanceOf(SandboxUsageError);
    expect((refusal as Error).message).toBe(`cannot read ${join(root, path)}: ${reason}`);
  }
});

test("tells of a file that this user may not read", async () => {
  const path = join(root, "chosen/a.txt");
  chmodSync(root, 0o755);
  chmodSync(path, 0);
  const user = process.geteuid!();
  // Root may read everything: as somebody else, then.
  if (user === 0) process.seteuid!(65534);
  const refusal = await readHostFiles({ data: join(root, "chosen") })
    .catch((error: unknown) => error)
    .finally(() => process.seteuid!(user));
  expect(refusal).toBeInstanceOf(SandboxUsageError);
  expect((refusal as Error).message).toBe(`cannot read ${path}: permission denied`);
});

test("files that the system gives no size are read to their end, within the limit", async () => {
  const { version } = await readHostFiles({ version: "/proc/version" });
  expect(new TextDecoder().decode(version)).toBe(readFileSync("/proc/version", "utf8"));
  await expect(readHostFiles({ version: "/proc/version" }, { maxBytes: 10 })).rejects.toThrow("larger than is allowed");
});

test("a file that changes while it is read never gives more than is allowed", async () => {
  const path = join(root, "chosen/a.txt");
  let changing = true;
  const change = async () => {
    for (let i = 0; changing; i++) {
      writeFileSync(path, "x".repeat((i % 3) * 150_000));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const changer = change();
  const sizes = new Set<number | string>();
  for (let i = 0; i < 40; i++) {
    const read = readHostFiles({ a: path }, { maxBytes: 200_000 });
    sizes.add(
      await read.then(
        ({ a }) => a!.length,
        (error: unknown) => (error as Error).name,
      ),
    );
  }
  changing = false;
  await changer;
  for (const size of sizes) {
    if (typeof size === "number") expect(size).toBeLessThanOrEqual(200_000);
    else expect(size).toBe("SandboxUsageError");
  }
});

test("two files of one name are refused", async () => {
  const mounts = { data: join(root, "chosen"), "data/sub/b.txt": join(root, "secret") };
  await expect(readHostFiles(mounts)).rejects.toThrow("two files for /input/data/sub/b.txt");
});

test("never reads a secret while directories and links are exchanged under it", async () => {
  const outside = join(root, "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "b.txt"), "secret");
  const sub = join(root, "chosen/sub");
  let swapping = true;
  const swap = async () => {
    while (swapping) {
      renameSync(sub, join(root, "kept"));
      symlinkSync(outside, sub);
      await new Promise((resolve) => setImmediate(resolve));
      unlinkSync(sub);
      renameSync(join(root, "kept"), sub);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const swapper = swap();
  for (let i = 0; i < 100; i++) {
    const files = await readHostFiles({ data: join(root, "chosen") }).catch(() => ({}));
    for (const content of Object.values(files)) expect(new TextDecoder().decode(content)).not.toBe("secret");
  }
  swapping = false;
  await swapper;
});

test("has limits on bytes, on files and directories, and on depth", async () => {
  const data = join(root, "chosen");
  await expect(readHostFiles({ data }, { maxBytes: 1 })).rejects.toThrow("larger than is allowed");
  // Two directories and two files.
  expect(Object.keys(await readHostFiles({ data }, { maxBytes: 2, maxFiles: 4 }))).toHaveLength(2);
  await expect(readHostFiles({ data }, { maxFiles: 3 })).rejects.toThrow("more than 3 files and directories");
  const huge = join(root, "huge");
  writeFileSync(huge, "");
  // Takes no room on the disk, and none in memory.
  truncateSync(huge, 2 ** 40);
  await expect(readHostFiles({ huge })).rejects.toThrow("larger than is allowed");
  const many = join(root, "many");
  for (let i = 0; i < 20; i++) mkdirSync(join(many, `${i}`), { recursive: true });
  await expect(readHostFiles({ many }, { maxFiles: 10 })).rejects.toThrow("more than 10 files and directories");
  mkdirSync(join(root, "deep", ..."x".repeat(40)), { recursive: true });
  await expect(readHostFiles({ deep: join(root, "deep") })).rejects.toThrow("nested too deeply");
});
