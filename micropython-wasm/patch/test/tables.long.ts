// All programs, builds and lengths of tables.test.ts.

import { expect, test } from "vitest";
import "./tables.test.js";
import { printAsRecorded, programs } from "./table-programs.js";

test("dicts and sets print what they print on CPython", async () => {
  expect(programs.length).toBeGreaterThan(250);
  await printAsRecorded(programs);
});
