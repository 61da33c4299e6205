// What the programs on CPython with its packages are to print, by the machine's own CPython.
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { CPYTHON_PROGRAMS } from "../cpython-programs.js";

test.each(CPYTHON_PROGRAMS.map((program) => [program.name, program] as const))("%s", (_, { source, plain, prints }) => {
  const { stdout, stderr } = spawnSync("python3", ["-c", plain ?? source], { encoding: "utf8" });
  expect(stdout, stderr).toBe(prints);
});
