// Folders of the host's in sandboxes: the tests of mounts.test.ts and mounts.cpython.ts, on one Python at a time.
// Expected results are POSIX's; that nothing outside is reached is looked up on the host itself.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Sandbox, type SandboxOptions, SnapshotError } from "../index.js";

type Mounts = NonNullable<SandboxOptions["mounts"]>;

/** What a Python has none of: the test says so, in place of being skipped. */
interface Lacks {
  /** os.symlink, os.readlink, os.link */
  readonly links: boolean;
}

const FUEL = 20_000_000_000;

/** @param options of every sandbox: which Python it is */
export function testMounts(options: SandboxOptions, lacks: Lacks): void {
  let root: string;
  let folder: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "escapement-mounts-"));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  /** A folder anew, beside a secret. */
  function fresh(): string {
    folder = mkdtempSync(join(root, "folder-"));
    writeFileSync(join(root, "secret.txt"), "secret");
    mkdirSync(join(folder, "data/sub"), { recursive: true });
    writeFileSync(join(folder, "data/a.txt"), "alpha\n");
    writeFileSync(join(folder, "data/sub/b.txt"), "wombat");
    return join(folder, "data");
  }
  const create = (mounts: Mounts, more: SandboxOptions = {}) =>
    Sandbox.create({ fuel: FUEL, ...options, mounts, ...more });
  const resultOf = async (sandbox: Sandbox, code: string) => {
    const { value, error } = await sandbox.run(code);
    expect(error, code).toBeNull();
    return value;
  };
  /** What a statement raises, by errno. */
  const errnoOf = (sandbox: Sandbox, statement: string) =>
    resultOf(
      sandbox,
      `import os\ndef attempt():\n  try:\n    ${statement}\n  except OSError as e:\n    return type(e).__name__, e.errno\nr = attempt()\nNone if r is None else r[1]`,
    );

  describe("read-only", () => {
    test("shows the folder as it is, also what the host changes", async () => {
      const data = fresh();
      using sandbox = await create({ "/input": data });
      expect(await resultOf(sandbox, "import os\nsorted(os.listdir('/input'))")).toEqual(["a.txt", "sub"]);
      expect(await resultOf(sandbox, "open('/input/a.txt').read()")).toBe("alpha\n");
      expect(await resultOf(sandbox, "open('/input/sub/b.txt').read()")).toBe("wombat");
      expect(await resultOf(sandbox, "os.stat('/input/sub/b.txt')[6]")).toBe(6);
      writeFileSync(join(data, "later.txt"), "later");
      expect(await resultOf(sandbox, "open('/input/later.txt').read()")).toBe("later");
    });

    test("is not changed", async () => {
      const data = fresh();
      using sandbox = await create({ "/input": { path: data, access: "read-only" } });
      for (const statement of [
        "open('/input/a.txt', 'w')",
        "open('/input/a.txt', 'a')",
        "open('/input/new.txt', 'w')",
        "os.remove('/input/a.txt')",
        "os.mkdir('/input/d')",
        "os.rmdir('/input/sub')",
        "os.rename('/input/a.txt', '/input/c.txt')",
      ])
        expect(await errnoOf(sandbox, statement), statement).not.toBeNull();
      expect(readdirSync(data).sort()).toEqual(["a.txt", "sub"]);
      expect(readFileSync(join(data, "a.txt"), "utf8")).toBe("alpha\n");
      expect(() => sandbox.writeFile("/input/a.txt", "x")).toThrow("read-only");
      expect(new TextDecoder().decode(sandbox.readFile("/input/a.txt"))).toBe("alpha\n");
      expect(sandbox.fileStatus("/input/a.txt")).toEqual({ kind: "file", size: 6, readOnly: true });
      expect(sandbox.listFiles("/input")).toEqual(["a.txt", "sub"]);
    });
  });

  describe("read-write", () => {
    test("changes the folder", async () => {
      const data = fresh();
      using sandbox = await create({ "/out": { path: data, access: "read-write" } });
      await resultOf(
        sandbox,
        [
          "import os",
          "with open('/out/new.txt', 'w') as f: _ = f.write('new')",
          "with open('/out/a.txt', 'a') as f: _ = f.write('more')",
          "os.mkdir('/out/d')",
          "os.rename('/out/new.txt', '/out/d/moved.txt')",
          "os.remove('/out/sub/b.txt')",
          "os.rmdir('/out/sub')",
        ].join("\n"),
      );
      expect(readdirSync(data).sort()).toEqual(["a.txt", "d"]);
      expect(readFileSync(join(data, "a.txt"), "utf8")).toBe("alpha\nmore");
      expect(readFileSync(join(data, "d/moved.txt"), "utf8")).toBe("new");
      sandbox.writeFile("/out/host.txt", "host");
      expect(readFileSync(join(data, "host.txt"), "utf8")).toBe("host");
    });

    test("is another file system than the session's own", async () => {
      using sandbox = await create({ "/out": { path: fresh(), access: "read-write" } });
      expect(await errnoOf(sandbox, "os.rename('/out/a.txt', '/work/a.txt')")).not.toBeNull();
      expect(await errnoOf(sandbox, "os.rename('/out', '/work/out')")).not.toBeNull();
      expect(await errnoOf(sandbox, "os.rmdir('/out')")).not.toBeNull();
      expect(await resultOf(sandbox, "sorted(os.listdir('/out'))")).toEqual(["a.txt", "sub"]);
    });

    test("grows by no more than the session's files may have", async () => {
      const data = fresh();
      using sandbox = await create({ "/out": { path: data, access: "read-write" } }, { workBytes: 100_000 });
      const fill = "f = open('/out/big', 'wb')\nfor i in range(100):\n  f.write(bytes(10_000))\n  f.flush()";
      expect((await sandbox.run(fill)).error?.type).toBe("OSError");
      expect(readFileSync(join(data, "big")).length).toBeLessThanOrEqual(100_000);
    });

    test("keeps what was written when the session goes back", async () => {
      const data = fresh();
      using sandbox = await create({ "/out": { path: data, access: "read-write" } });
      await sandbox.run("x = 1\nwith open('/out/kept.txt', 'w') as f: _ = f.write('kept')");
      await sandbox.rewind();
      expect((await sandbox.run("x")).error?.type).toBe("NameError");
      expect(readFileSync(join(data, "kept.txt"), "utf8")).toBe("kept");
    });
  });

  describe("an overlay", () => {
    test("shows the folder, and keeps changes to the session", async () => {
      const data = fresh();
      using sandbox = await create({ "/data": { path: data, access: "overlay" } });
      await resultOf(
        sandbox,
        [
          "import os",
          "with open('/data/a.txt', 'a') as f: _ = f.write('more')",
          "with open('/data/new.txt', 'w') as f: _ = f.write('new')",
          "os.remove('/data/sub/b.txt')",
        ].join("\n"),
      );
      expect(await resultOf(sandbox, "open('/data/a.txt').read()")).toBe("alpha\nmore");
      expect(await resultOf(sandbox, "sorted(os.listdir('/data'))")).toEqual(["a.txt", "new.txt", "sub"]);
      expect(await resultOf(sandbox, "os.listdir('/data/sub')")).toEqual([]);
      expect(readdirSync(data).sort()).toEqual(["a.txt", "sub"]);
      expect(readFileSync(join(data, "a.txt"), "utf8")).toBe("alpha\n");
      expect(existsSync(join(data, "sub/b.txt"))).toBe(true);
      await sandbox.rewind();
      using other = await sandbox.fork();
      expect(await resultOf(other, "import os\nsorted(os.listdir('/data'))")).toEqual(["a.txt", "new.txt", "sub"]);
    });
  });

  describe("cannot be left", () => {
    const all = (data: string): Mounts => ({
      "/ro": data,
      "/rw": { path: data, access: "read-write" },
      "/over": { path: data, access: "overlay" },
    });

    test("by `..`, which leads to the session's own files", async () => {
      using sandbox = await create(all(fresh()));
      for (const at of ["/ro", "/rw", "/over"]) {
        expect(await errnoOf(sandbox, `open('${at}/../secret.txt')`), at).not.toBeNull();
        expect(await errnoOf(sandbox, `open('${at}/sub/../../../secret.txt')`), at).not.toBeNull();
        expect(await resultOf(sandbox, `'work' in os.listdir('${at}/..')`)).toBe(true);
        expect(await resultOf(sandbox, `open('${at}/sub/../a.txt').read()`)).toBe("alpha\n");
        expect(await resultOf(sandbox, `os.chdir('${at}/sub')\n(os.getcwd(), sorted(os.listdir('..')))`)).toEqual([
          `${at}/sub`,
          ["a.txt", "sub"],
        ]);
        await resultOf(sandbox, "os.chdir('/work')");
      }
    });

    test("by symbolic links of the host's", async () => {
      const data = fresh();
      symlinkSync(join(root, "secret.txt"), join(data, "absolute"));
      symlinkSync("../../secret.txt", join(data, "relative"));
      symlinkSync("..", join(data, "up"));
      symlinkSync("/", join(data, "rooted"));
      symlinkSync("a.txt", join(data, "inner"));
      using sandbox = await create(all(data));
      for (const at of ["/ro", "/rw", "/over"]) {
        for (const path of ["absolute", "relative", "up/secret.txt", "up/../secret.txt", `rooted${root}/secret.txt`])
          expect(await errnoOf(sandbox, `open('${at}/${path}')`), `${at}/${path}`).not.toBeNull();
        expect(await resultOf(sandbox, `open('${at}/inner').read()`)).toBe("alpha\n");
      }
    });

    test("by renames while it is looked at", async () => {
      const data = fresh();
      using sandbox = await create(all(data));
      // Each is in the directory that is about to be another: a link to what lies around.
      await resultOf(sandbox, "import os\nos.chdir('/ro/sub')\nf = open('/rw/sub/b.txt')\nsorted(os.listdir('/over'))");
      renameSync(join(data, "sub"), join(folder, "away"));
      symlinkSync(root, join(data, "sub"));
      for (const path of [
        "secret.txt",
        "/ro/sub/secret.txt",
        "/rw/sub/secret.txt",
        "/over/sub/secret.txt",
        "../secret.txt",
      ])
        expect(await errnoOf(sandbox, `open('${path}')`), path).not.toBeNull();
      expect(await resultOf(sandbox, "f.read()")).toBe("wombat");
    });

    test("by links of the guest's own", async () => {
      const data = fresh();
      using sandbox = await create(all(data));
      if (lacks.links) {
        const names = "['link', 'readlink', 'symlink']";
        expect(await resultOf(sandbox, `import os\n[n for n in ${names} if hasattr(os, n)]`)).toEqual([]);
        return;
      }
      expect(await errnoOf(sandbox, "os.symlink('../../secret.txt', '/rw/out')")).not.toBeNull();
      expect(await errnoOf(sandbox, `os.symlink('${root}/secret.txt', '/rw/out')`)).not.toBeNull();
      expect(existsSync(join(data, "out"))).toBe(false);
      expect(await errnoOf(sandbox, "os.symlink('../../../secret.txt', '/over/out')")).toBeNull();
      expect(await errnoOf(sandbox, "open('/over/out')")).not.toBeNull();
      expect(await errnoOf(sandbox, "os.link('/rw/a.txt', '/work/a.txt')")).not.toBeNull();
      expect(await resultOf(sandbox, "os.symlink('a.txt', '/rw/in')\nopen('/rw/in').read()")).toBe("alpha\n");
    });
  });

  describe("snapshots", () => {
    test("have what was changed in overlays, and of other folders the places of open files", async () => {
      const data = fresh();
      const mounts: Mounts = { "/ro": data, "/over": { path: data, access: "overlay" } };
      using sandbox = await create(mounts);
      await resultOf(
        sandbox,
        "with open('/over/a.txt', 'w') as g: _ = g.write('mine')\nf = open('/ro/a.txt')\nf.read(2)",
      );
      const snapshot = sandbox.snapshot();
      expect(new TextDecoder("latin1").decode(snapshot)).not.toContain("ombat");
      writeFileSync(join(data, "a.txt"), "ALPHA!");
      using copy = await Sandbox.restore(snapshot, { fuel: FUEL, ...options, mounts });
      expect(await resultOf(copy, "open('/over/a.txt').read()")).toBe("mine");
      expect(await resultOf(copy, "open('/over/sub/b.txt').read()")).toBe("wombat");
      expect(await resultOf(copy, "open('/ro/a.txt').read()")).toBe("ALPHA!");
      using fork = await copy.fork();
      await resultOf(fork, "with open('/over/a.txt', 'w') as g: _ = g.write('theirs')");
      expect(await resultOf(copy, "open('/over/a.txt').read()")).toBe("mine");
    });

    test("are restored with the same folders, of the same access", async () => {
      const data = fresh();
      using sandbox = await create({ "/ro": data });
      const snapshot = sandbox.snapshot();
      const restore = (mounts: Mounts | undefined) => Sandbox.restore(snapshot, { fuel: FUEL, ...options, mounts });
      await expect(restore(undefined)).rejects.toThrow(SnapshotError);
      await expect(restore(undefined)).rejects.toThrow("/ro mounted (read-only), which is not given");
      await expect(restore({ "/ro": { path: data, access: "read-write" } })).rejects.toThrow(SnapshotError);
      using copy = await restore({ "/ro": data, "/more": join(data, "sub") });
      expect(await resultOf(copy, "import os\nos.listdir('/more')")).toEqual(["b.txt"]);
    });

    test("are the same bytes from a session and from its copy", async () => {
      const mounts: Mounts = { "/ro": fresh(), "/over": { path: join(folder, "data"), access: "overlay" } };
      using sandbox = await create(mounts);
      await resultOf(sandbox, "import os\nf = open('/ro/sub/b.txt')\nos.listdir('/over')");
      const snapshot = sandbox.snapshot();
      using copy = await Sandbox.restore(snapshot, { fuel: FUEL, ...options, mounts });
      expect(Buffer.compare(copy.snapshot(), snapshot)).toBe(0);
    });
  });

  test("close with the session, to the last descriptor", async () => {
    const data = fresh();
    const descriptors = () =>
      readdirSync("/proc/self/fd", { encoding: "utf8" }).filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
        } catch {
          return false; // The one that the list was read by.
        }
      }).length;
    const sandbox = await create({
      "/rw": { path: data, access: "read-write" },
      "/o": { path: data, access: "overlay" },
    });
    const copy = await sandbox.fork();
    expect(descriptors()).toBe(2);
    await sandbox.run("f = open('/rw/a.txt')\ng = open('/o/a.txt')\ng.read(1)");
    expect(descriptors()).toBe(4);
    for (const each of [sandbox, copy]) {
      each.close();
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    expect(descriptors()).toBe(0);
  });

  test("cost fuel for what they take of the host, the same each time", async () => {
    const data = fresh();
    /** The least that ten more names on the way cost, of some runs: they also pay for how the heap happens to lie. */
    const namesCost = async (folder: string) => {
      using sandbox = await Sandbox.create({
        ...{ fuel: FUEL, ...options, mounts: { "/other": data }, files: { "sub/b.txt": "wombat" } },
      });
      const used: number[] = [];
      for (const way of ["", "sub/../".repeat(10)]) {
        await resultOf(sandbox, `import os\ndef look(): os.stat('${folder}/${way}sub/b.txt')`);
        const runs: number[] = [];
        for (let i = 0; i < 8; i++) runs.push((await sandbox.run("look()")).fuel.used);
        used.push(Math.min(...runs));
      }
      return used[1]! - used[0]!;
    };
    const mounted = await namesCost("/other");
    expect(await namesCost("/other")).toBe(mounted);
    const own = await namesCost("/input");
    expect(mounted - own).toBeGreaterThanOrEqual(9000);
    expect(mounted - own).toBeLessThan(25_000);
  });

  test("stop at the unit of fuel, and go on", async () => {
    using sandbox = await create({ "/rw": { path: fresh(), access: "read-write" } }, { onFuelExhausted: "pause" });
    const code =
      "import os\nfor i in range(3):\n  with open('/rw/n.txt', 'a') as f: f.write('x' * 10)\nlen(open('/rw/n.txt').read()), len(os.listdir('/rw'))";
    let result = await sandbox.run(code, { fuel: 10_000 });
    for (let turns = 0; result.status === "paused"; turns++) {
      expect(turns).toBeLessThan(20_000);
      result = await sandbox.resume(result, 1_777);
    }
    expect(result.value).toEqual([30, 3]);
  });
}
