// Programs whose output must be CPython's. The .expected files are what `python3 -I NAME.py`
// (3.11) printed in an empty directory; where that Python is there, a test prints them anew.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { hasCPython, onCPython } from "../../test/support/cpython.js";
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

test.skipIf(!hasCPython)("the expected outputs are CPython 3.11's", () => {
  const printed = onCPython(names.map((name) => readFileSync(`${folder}${name}.py`, "utf8")));
  for (const [i, name] of names.entries()) expect(printed[i], name).toBe(expected(name));
});
