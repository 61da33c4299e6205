// V8's code that is kept between processes: never another's, never damaged, and nothing depends on it.
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { escapement, Files } from "../../test/support/built-cli.js";
import { CodeCache } from "../code-cache.js";

const files = new Files();
const user = process.getuid?.() ?? 0;
const code = Buffer.from(Array.from({ length: 1000 }, (_, i) => (i * 37) & 255));
let folder: string;
let cache: CodeCache;

beforeEach(() => {
  folder = join(files.folder({}), "cache", "code");
  cache = new CodeCache(folder, user);
});
afterAll(() => files.remove());

function onlyFile(): string {
  const names = readdirSync(folder);
  expect(names).toHaveLength(1);
  return join(folder, names[0]!);
}

describe.skipIf(process.getuid === undefined)("the cache", () => {
  test("gives what was kept, by the script's name, from files that are the user's alone", () => {
    expect(cache.read("a.cjs")).toBeUndefined();
    cache.write("a.cjs", code);
    expect(cache.read("a.cjs")).toEqual(code);
    expect(cache.read("b.cjs")).toBeUndefined();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(onlyFile()).mode & 0o777).toBe(0o600);
  });

  test("gives nothing of a file that is damaged or cut, wherever", () => {
    cache.write("a.cjs", code);
    const path = onlyFile();
    const whole = readFileSync(path);
    for (let i = 0; i < whole.length; i += 7) {
      const damaged = Buffer.from(whole);
      damaged[i]! ^= 1 << (i % 8);
      writeFileSync(path, damaged);
      expect(cache.read("a.cjs")).toBeUndefined();
      writeFileSync(path, whole.subarray(0, i));
      expect(cache.read("a.cjs")).toBeUndefined();
    }
    writeFileSync(path, whole);
    expect(cache.read("a.cjs")).toEqual(code);
  });

  test.each([
    ["others can write to the file", () => chmodSync(onlyFile(), 0o602)],
    ["the group can write to the file", () => chmodSync(onlyFile(), 0o620)],
    ["others can write to the folder", () => chmodSync(folder, 0o707)],
    [
      "the file is a link",
      () => {
        const path = onlyFile();
        renameSync(path, `${folder}.elsewhere`);
        symlinkSync(`${folder}.elsewhere`, path);
      },
    ],
    [
      "the folder is a link",
      () => {
        renameSync(folder, `${folder}.elsewhere`);
        symlinkSync(`${folder}.elsewhere`, folder);
      },
    ],
  ])("gives nothing where %s", (_what, change) => {
    cache.write("a.cjs", code);
    change();
    expect(cache.read("a.cjs")).toBeUndefined();
  });

  test.skipIf(user !== 0)("gives nothing that belongs to another user, and keeps nothing in another's folder", () => {
    cache.write("a.cjs", code);
    chownSync(onlyFile(), 12345, 12345);
    expect(cache.read("a.cjs")).toBeUndefined();
    chownSync(folder, 12345, 12345);
    cache.write("b.cjs", code);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test("keeps the sixteen files written last", () => {
    for (let i = 0; i < 20; i++) {
      cache.write(`${i}.cjs`, code);
      for (const name of readdirSync(folder).filter((name) => name.startsWith(`${i}.`)))
        utimesSync(join(folder, name), 1000 + i, 1000 + i);
    }
    expect(readdirSync(folder)).toHaveLength(16);
    expect(cache.read("3.cjs")).toBeUndefined();
    expect(cache.read("4.cjs")).toEqual(code);
  });
});

test("the command does the same without a cache, with one, and with one that is damaged or cannot be had", async () => {
  const base = files.folder({});
  const run = (env: Record<string, string> = {}) =>
    escapement(["python", "--json", "--seed", "3", "-c", "import random\nprint(random.random())\nprint(1/0)"], {
      env: { XDG_CACHE_HOME: base, ...env },
    }).then(({ stdout, ...ended }) => ({ ...ended, report: { ...JSON.parse(stdout), elapsedMs: 0 } }));
  const plain = await run({ NODE_DISABLE_COMPILE_CACHE: "1" });
  expect(plain).toMatchObject({ status: 1, stderr: "", report: { error: { type: "ZeroDivisionError" } } });
  expect(readdirSync(base)).toEqual([]);
  expect(await run()).toEqual(plain);
  const kept = join(base, "escapement", "code");
  if (process.getuid !== undefined) {
    const [name] = readdirSync(kept).filter((file) => file.startsWith("python-"));
    const path = join(kept, name!);
    const bytes = readFileSync(path);
    expect(await run()).toEqual(plain);
    bytes[bytes.length >> 1]! ^= 255;
    writeFileSync(path, bytes);
    expect(await run()).toEqual(plain);
    // What was damaged has been written anew.
    expect(readFileSync(path)).not.toEqual(bytes);
  }
  const blocked = files.path("blocked");
  mkdirSync(blocked);
  writeFileSync(join(blocked, "escapement"), "no folder");
  expect(await run({ XDG_CACHE_HOME: blocked })).toEqual(plain);
});
