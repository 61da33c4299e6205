import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readHostFiles } from "../host-files-node.js";
import { Sandbox } from "../index.js";

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
    expect((await sandbox.run(`open(${JSON.stringify(path)})`)).error?.type).toBe("OSError");
});

test("refuses links to files and directories, and special files, inside a chosen directory", async () => {
  const link = join(root, "chosen/link");
  for (const target of ["../secret", "..", "/etc/passwd", "sub", "nowhere"]) {
    symlinkSync(target, link);
    await expect(readHostFiles({ data: join(root, "chosen") })).rejects.toThrow("neither a file nor a directory");
    unlinkSync(link);
  }
  execFileSync("mkfifo", [link]);
  await expect(readHostFiles({ data: join(root, "chosen") })).rejects.toThrow("neither a file nor a directory");
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

test("has limits on bytes and files", async () => {
  const data = join(root, "chosen");
  await expect(readHostFiles({ data }, { maxBytes: 1 })).rejects.toThrow("larger than is allowed");
  await expect(readHostFiles({ data }, { maxFiles: 1 })).rejects.toThrow("more than 1 files");
});
