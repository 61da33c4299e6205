// The long form of canonical.test.ts: npm run test:long.
import { expect, test } from "vitest";
import { checkModule } from "../../test/support/canonical.js";
import { fuzzModules, NODE_20_FEATURES } from "../../test/support/fuzz-modules.js";
import { GcProgram } from "../../test/support/gc-program.js";
import { Random } from "../../test/support/random.js";
import { randomLegacyModule } from "../../test/support/random-legacy.js";
import { ALL_FEATURES, randomModule } from "../../test/support/random-module.js";
import { randomProgram } from "../../test/support/random-program.js";
import "./canonical.test.js";
import { wat } from "../../test/support/wat.js";

test.each([
  ["fused", 101, 60, {}],
  ["wide", 2001, 20, { padding: 300 }],
] as const)("programs of compilers' shapes, %s", async (_, first, count, shape) => {
  let stops = 0;
  for (let seed = first; seed < first + count; seed++) {
    stops += checkModule(`program ${seed}`, await wat(randomProgram(seed, shape)), seed, 200, 1);
  }
  expect(stops).toBeGreaterThan(20 * count);
});

test("random stack shapes", () => {
  let stops = 0;
  for (let seed = 101; seed <= 160; seed++) {
    const bytes = randomModule(seed, { ...ALL_FEATURES, simd: true, size: 60, budget: 40 });
    stops += checkModule(`seed ${seed}`, bytes, seed, 300, 3);
  }
  expect(stops).toBeGreaterThan(1000);
});

test("legacy exceptions", () => {
  let stops = 0;
  for (let seed = 101; seed <= 120; seed++) {
    stops += checkModule(`seed ${seed}`, randomLegacyModule(seed), seed, 300, 3);
  }
  expect(stops).toBeGreaterThan(500);
});

test("programs on structs and arrays", async () => {
  let stops = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const program = new GcProgram(new Random(seed));
    stops += checkModule(`seed ${seed}`, await wat(program.wat), seed, 2000, 37);
  }
  expect(stops).toBeGreaterThan(200);
});

test("modules of binaryen's fuzzer", async () => {
  let stops = 0;
  const features = [...NODE_20_FEATURES, "exception-handling", "gc"];
  for await (const { seed, bytes } of fuzzModules(901, 12, { entropy: 4000, features, passes: false })) {
    stops += checkModule(`seed ${seed}`, bytes, seed, 300, 7);
  }
  expect(stops).toBeGreaterThan(100);
});
