// Equal states, equal bytes: see test/support/canonical.ts. The long form of this test is canonical.long.ts.
import { expect, test } from "vitest";
import { forms } from "../../../test/support/form.js";
import { checkModule, checkProgram } from "../../test/support/canonical.js";
import { randomLegacyModule } from "../../test/support/random-legacy.js";
import { ALL_FEATURES, randomModule } from "../../test/support/random-module.js";
import { randomProgram } from "../../test/support/random-program.js";
import { SNAPSHOT_PROGRAMS } from "../../test/support/snapshot-program-texts.js";
import { assemble } from "../../test/support/snapshot-programs.js";
import { wat } from "../../test/support/wat.js";

test.each([
  ["fused", 1, 2, {}],
  ["wide", 1001, 1, { padding: 300 }],
] as const)("programs of compilers' shapes, %s", async (_, first, count, shape) => {
  let stops = 0;
  for (let seed = first; seed < first + count; seed++) {
    stops += checkModule(`program ${seed}`, await wat(randomProgram(seed, shape)), seed, 120, 1);
  }
  expect(stops).toBeGreaterThan(20 * count);
});

test("random stack shapes", () => {
  let stops = 0;
  for (let seed = 1; seed <= 3; seed++) {
    const bytes = randomModule(seed, { ...ALL_FEATURES, simd: true, size: 40, budget: 20 });
    stops += checkModule(`seed ${seed}`, bytes, seed, 150, 5);
  }
  expect(stops).toBeGreaterThan(50);
});

test("legacy exceptions", () => {
  expect(checkModule("seed 1", randomLegacyModule(1), 1, 150, 5)).toBeGreaterThan(30);
});

test.each(Object.entries(SNAPSHOT_PROGRAMS))("%s", async (name, text) => {
  expect(checkProgram(name, await assemble(text), forms(60, 300), 1)).toBeGreaterThan(3);
});
