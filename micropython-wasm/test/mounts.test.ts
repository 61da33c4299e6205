// Folders of the host's in sandboxes on the default artifact, and what the option may be.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createPython, Sandbox, SandboxUsageError } from "../index.js";
import { testMounts } from "./mounts-suite.js";

describe("mounts on the default artifact", () => testMounts({}, { links: true }));

describe("the option mounts", () => {
  test("is an object of folders by the guest's paths", async () => {
    for (const [mounts, said] of [
      ["/etc", 'mounts is an object of folders by the guest\'s paths, as in { "/input": "./data" }, not "/etc"'],
      [["/etc"], "not an array"],
      [new Map(), "not an object with entries"],
      [{ input: "." }, '"input" is no path of the guest\'s'],
      [{ "/": "." }, "no path"],
      [{ "/a/../b": "." }, "no path"],
      [{ "/a/": "." }, "no path"],
      [{ "/dev": "." }, "interpreter's own"],
      [{ "/lib/x": "." }, "interpreter's own"],
      [{ "/a": "" }, "not a path of the host's"],
      [{ "/a": 1 }, "/a is 1"],
      [{ "/a": { path: ".", mode: "rw" } }, "and not mode"],
      [{ "/a": { path: ".", access: "rw" } }, '"read-only", "read-write" or "overlay", not "rw"'],
      [{ "/a": ".", "/a/b": "." }, "/a/b is below /a"],
      [{ "/a": "/no/such/folder" }, "the folder /no/such/folder cannot be opened for /a: there is none"],
      [{ "/a": import.meta.filename }, "it is no folder"],
    ] as const) {
      const creating = Sandbox.create({ mounts: mounts as never });
      await expect(creating, said).rejects.toThrow(SandboxUsageError);
      await expect(creating).rejects.toThrow(said);
    }
  });

  test("is refused where files are, and goes beside them", async () => {
    const folder = mkdtempSync(join(tmpdir(), "escapement-mounts-"));
    try {
      writeFileSync(join(folder, "b.txt"), "beta");
      const files = { "a.txt": "alpha" };
      await expect(Sandbox.create({ files, mounts: { "/input": folder } })).rejects.toThrow("not empty: /input");
      using sandbox = await Sandbox.create({ files, mounts: { "/input/more": folder, "/work": folder } });
      const { value } = await sandbox.run("[open(p).read() for p in ('/input/a.txt', '/input/more/b.txt', 'b.txt')]");
      expect(value).toEqual(["alpha", "beta", "beta"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("is there for a lone interpreter, too", async () => {
    const folder = mkdtempSync(join(tmpdir(), "escapement-mounts-"));
    try {
      writeFileSync(join(folder, "m.py"), "x = 42");
      const python = await createPython({ mounts: { "/mods": folder } });
      const { value, error } = await python.run("import sys\nsys.path.append('/mods')\nimport m\nm.x");
      expect(error).toBeNull();
      expect(value).toBe(42);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
