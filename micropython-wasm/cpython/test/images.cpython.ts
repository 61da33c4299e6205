// Images of booted interpreters in the cache: processes that begin with one, and what becomes of those that are damaged
// or another's. Through the built command, in a cache of the tests' own with the user's CPython in it.

import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { escapement } from "../../../test/support/built-cli.js";
import { cpythonFolder, MODULE_FILE } from "../cache-node.js";

let cache: string;
let images: string;

beforeAll(() => {
  cache = mkdtempSync(join(tmpdir(), "escapement-images-"));
  const folder = join(cache, "escapement/cpython-0.1.0");
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(cpythonFolder()))
    if (name !== "images") symlinkSync(join(cpythonFolder(), name), join(folder, name));
  images = join(folder, "images");
});
afterAll(() => rmSync(cache, { recursive: true, force: true }));

const command = (...args: string[]) => escapement(args, { env: { XDG_CACHE_HOME: cache } });
const python = (...args: string[]) => command("python", "--python", "cpython", ...args);
const names = () => readdirSync(images);
const paths = () => names().map((name) => join(images, name));

const PROGRAM = "import sys, random; print('colorsys' in sys.modules, random.random(), sum(range(1000)))";

/** Runs the program, whose output and fuel are the same wherever the interpreter has come from. */
async function run(...flags: string[]) {
  const { status, stdout } = await python("--json", "-c", PROGRAM, ...flags);
  const { fuel, memory, stdout: printed, error } = JSON.parse(stdout);
  expect([status, error]).toEqual([0, null]);
  return { printed, fuel: fuel.used, memory: memory.bytes };
}

test("the first process makes an image, others begin with it, and nothing differs", async () => {
  const first = await run();
  expect(first.printed).toMatch(/^False 0\.\d+ 499500\n$/);
  expect(names()).toEqual([expect.stringMatching(/^[0-9a-f]{32}\.image$/)]);
  const before = readFileSync(paths()[0]!);
  expect(await run()).toEqual(first);
  expect(readFileSync(paths()[0]!).equals(before)).toBe(true);
});

test("what is damaged, cut, or another's is not used, and made anew", async () => {
  const first = await run();
  const [path] = paths() as [string];
  const whole = readFileSync(path);
  const altered = Buffer.from(whole);
  altered[whole.length >> 1]! ^= 1;
  for (const bytes of [altered, whole.subarray(0, 1000), Buffer.alloc(0), Buffer.from("no image at all")]) {
    writeFileSync(path, bytes);
    expect(await run()).toEqual(first);
    expect(names().length).toBe(1);
    expect(readFileSync(path).equals(whole)).toBe(true);
  }
  // An image of other options under this one's name.
  const preloaded = await run("--preload", "colorsys");
  expect(preloaded.printed).toMatch(/^True/);
  const other = paths().find((name) => name !== path)!;
  copyFileSync(other, path);
  expect(await run()).toEqual(first);
  expect(readFileSync(path).equals(whole)).toBe(true);
}, 600_000);

test("where nothing can be written, interpreters boot", async () => {
  const first = await run();
  rmSync(images, { recursive: true });
  // A file in the folder's place: root may write to folders that nobody may write to.
  writeFileSync(images, "");
  expect(await run()).toEqual(first);
  rmSync(images);
  mkdirSync(images);
  chmodSync(images, 0o755);
});

test("a module that has changed is refused, where an image has its outline and where it is read as a whole", async () => {
  await run();
  const path = join(images, "..", MODULE_FILE);
  const bytes = readFileSync(path);
  bytes[20_000]! ^= 1;
  rmSync(path);
  writeFileSync(path, bytes);
  expect(await python("-c", "1")).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/is damaged at byte 0: .* artifacts add cpython/),
  });
  for (const image of paths()) rmSync(image);
  expect(await python("-c", "1")).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/not the one that is pinned: .* artifacts add cpython/),
  });
  expect(names()).toEqual([]);
  rmSync(path);
  symlinkSync(join(cpythonFolder(), MODULE_FILE), path);
});

test("images are made, listed and removed by the command", async () => {
  expect(await command("artifacts", "prepare", "cpython", "--preload", "colorsys", "--preload", "re")).toMatchObject({
    status: 0,
  });
  expect((await command("artifacts", "list")).stdout).toMatch(
    /cpython 0\.1\.0 .*\n {2}image {2}colorsys,re {2}escapement-2 {2}\d+/,
  );
  expect(await command("artifacts", "prepare", "cpython", "--preload", "no_such_module")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("No module named 'no_such_module'"),
  });
  expect((await command("artifacts", "remove", "cpython", "--images")).stdout).toBe("1 image is removed\n");
  expect((await command("artifacts", "list")).stdout).not.toMatch(/^ {2}image/m);
});
