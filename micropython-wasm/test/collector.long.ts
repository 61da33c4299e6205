// Every program of programs/, collected at every allocation.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { boot } from "./engines.js";

const folder = new URL("programs/", import.meta.url);
const names = readdirSync(folder)
  .filter((name) => name.endsWith(".py"))
  .map((name) => name.slice(0, -3));

test.each(names)("%s prints what CPython prints", async (name) => {
  const python = await boot();
  await python.run("import gc\ngc.threshold(0)");
  const { stdout, error } = await python.run(readFileSync(new URL(`${name}.py`, folder)), { fuel: 60e9, value: false });
  expect(error).toBeNull();
  expect(stdout).toBe(readFileSync(new URL(`${name}.expected`, folder), "utf8"));
});

test("a million short strings stay within the memory that an interpreter starts with", async () => {
  const python = await boot();
  const { error } = await python.run("for i in range(1_000_000): s = str(i)", { fuel: 20e9 });
  expect(error).toBeNull();
  expect(python.memoryBytes).toBeLessThan(24 * 2 ** 20);
});
