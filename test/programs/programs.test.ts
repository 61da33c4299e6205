// Programs from npm, as they are, print on our WebAssembly what they print on V8's, in the same run.
import { expect, test } from "vitest";
import { forms } from "../support/form.js";
import { output } from "./support.js";

/** Something that shows how far the program comes. */
const PROGRAMS = {
  sql: '{"id":230,',
  wabt: "error: ",
  yoga: '"left":',
  ...forms({}, { micropython: "slept", quickjs: "interrupts: 21", hash: "$argon2id$" }),
};

test.each(Object.entries(PROGRAMS))("%s", async (program, shown) => {
  const expected = await output(program, "V8");
  expect(expected).toContain(shown);
  expect(await output(program, "ours")).toBe(expected);
});
