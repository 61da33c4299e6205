// Fuel is exact: see support/every-budget.ts. The long form of this test is every-budget.long.ts.
import { expect, test } from "vitest";
import { parseModule } from "../../decoder/index.js";
import { type Optimisation, SMALL_SIZES, smallPrograms } from "./support/assembly-script.js";
import { exportEverything, planCalls } from "./support/differential.js";
import { checkAgainstSteps, checkCall, checkModule, newTally } from "./support/every-budget.js";
import { ALL_FEATURES, randomModule } from "./support/random-module.js";
import { randomProgram } from "./support/random-program.js";
import { SNAPSHOT_PROGRAMS } from "./support/snapshot-program-texts.js";
import { assemble } from "./support/snapshot-programs.js";
import { wat } from "./support/wat.js";

test.each([
  ["fused", 1, 20, {}, 5],
  ["wide", 1001, 8, { padding: 300 }, 3],
] as const)("programs of compilers' shapes, %s", async (_, first, count, shape, least) => {
  const tally = newTally();
  for (let seed = first; seed < first + count; seed++) {
    checkModule(`program ${seed}`, await wat(randomProgram(seed, shape)), seed, { most: 150 }, tally);
  }
  expect(tally.calls).toBeGreaterThan(least);
});

test("random stack shapes", () => {
  const tally = newTally();
  for (let seed = 1; seed <= 7; seed++) {
    const bytes = randomModule(seed, { ...ALL_FEATURES, size: 20, budget: 20 });
    checkModule(`seed ${seed}`, bytes, seed, { most: 90 }, tally);
  }
  expect(tally.kinds).toEqual(new Set(["results", "trap", "exception"]));
});

test.each([
  "garbage until the heap's limit",
  "invoke frames and longjmp",
  "longjmp through several frames, again and again",
  "several instances that call each other",
])("%s: every budget stops as small steps do", async (name) => {
  expect(checkAgainstSteps(await assemble(SNAPSHOT_PROGRAMS[name]!))).toBeGreaterThan(50);
});

test.each(["-O0", "-O3"] as Optimisation[])("AssemblyScript %s", async (optimisation) => {
  const tally = newTally();
  const bytes = exportEverything(parseModule(await smallPrograms(optimisation)));
  for (const call of planCalls(parseModule(bytes), 1)) {
    const size = SMALL_SIZES[call.name];
    const args = size === undefined ? call.args : [size];
    checkCall(call.name, bytes, { ...call, args }, { most: 5_000, every: size === undefined ? 97 : 431 }, tally);
  }
  // All but sha256, which costs more: the long form has it.
  expect(tally.calls).toBe(7 + 7);
});
