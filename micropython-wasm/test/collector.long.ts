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
