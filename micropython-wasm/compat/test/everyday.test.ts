// Short programs in the style of exercises, each at a session's default limits: everyday-programs.txt has them,
// everyday-programs.json what CPython 3.11 prints (record_everyday.py writes it).

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { hasCPython, onCPython } from "../../../test/support/cpython.js";
import { forms } from "../../../test/support/form.js";
import { Sandbox } from "../../session/sandbox.js";

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const programs = new Map(
  readFileSync(file("everyday-programs.txt"), "utf8")
    .split(/^### /m)
    .slice(1)
    .map((part) => {
      const [name] = part.split("\n", 1);
      return [name!, part.slice(name!.length + 1)] as const;
    }),
);
const expected = JSON.parse(readFileSync(file("everyday-programs.json"), "utf8")) as Record<string, string>;

test("there are as many outputs as programs", () => {
  expect(programs.size).toBeGreaterThanOrEqual(343);
  expect(Object.keys(expected)).toEqual([...programs.keys()]);
});

const start = await Sandbox.create({ timeout: 120_000 });

test.each([...programs.keys()])("%s prints what CPython prints, at the default limits", async (name) => {
  const sandbox = await start.fork();
  const { status, stdout, error } = await sandbox.run(programs.get(name)!);
  sandbox.close();
  expect({ status, stdout, error: error?.message }).toEqual({ status: "ok", stdout: expected[name], error: undefined });
});

// They are recorded: in the long form, the record is made anew.
if (forms(false, hasCPython))
  test("the expected outputs are CPython 3.11's", () => {
    const names = [...programs.keys()];
    const printed = onCPython([...programs.values()]);
    expect(Object.fromEntries(names.map((name, i) => [name, printed[i]]))).toEqual(expected);
  });
