// Programs whose output must be CPython's. The .expected files are what `python3 -I NAME.py`
// (3.11) printed in an empty directory; where that Python is there, a test prints them anew.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { EmscriptenPython } from "../emscripten/python.js";
import { ENGINES } from "./engines.js";

const folder = fileURLToPath(new URL("programs/", import.meta.url));
const names = readdirSync(folder)
  .filter((name) => name.endsWith(".py"))
  .map((name) => name.slice(0, -3));
const expected = (name: string) => readFileSync(`${folder}${name}.expected`, "utf8");

describe.each(ENGINES)("on %s", (_engine, factory) => {
  test.each(names)("%s prints what CPython prints", async (name) => {
    const python = await EmscriptenPython.boot(factory());
    const result = await python.run(readFileSync(`${folder}${name}.py`), { fuel: 1_000_000_000, value: false });
    expect(result.error).toBeNull();
    expect(result.stdout).toBe(expected(name));
    expect(result.stderr).toBe("");
  });
});

const cpython = spawnSync("python3", ["--version"], { encoding: "utf8" }).stdout?.startsWith("Python 3.11.");

test.skipIf(!cpython)("the expected outputs are CPython 3.11's", () => {
  for (const name of names) {
    const cwd = mkdtempSync(join(tmpdir(), "escapement-"));
    try {
      const { stdout } = spawnSync("python3", ["-I", `${folder}${name}.py`], { cwd, encoding: "utf8" });
      expect(stdout, name).toBe(expected(name));
    } finally {
      rmSync(cwd, { recursive: true });
    }
  }
});
