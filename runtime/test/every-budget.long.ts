// The long form of every-budget.test.ts: npm run test:long.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parseModule } from "../../decoder/index.js";
import { type Optimisation, SMALL_SIZES, smallPrograms } from "./support/assembly-script.js";
import { exportEverything, planCalls } from "./support/differential.js";
import { checkAgainstSteps, checkCall, checkModule, newTally } from "./support/every-budget.js";
import { fuzzModules, NODE_20_FEATURES } from "./support/fuzz-modules.js";
import { GcProgram } from "./support/gc-program.js";
import { Random } from "./support/random.js";
import { randomLegacyModule } from "./support/random-legacy.js";
import { ALL_FEATURES, randomModule } from "./support/random-module.js";
import { randomProgram } from "./support/random-program.js";
import { SNAPSHOT_PROGRAMS } from "./support/snapshot-program-texts.js";
import { assemble } from "./support/snapshot-programs.js";
import { wat } from "./support/wat.js";

const GC_KERNELS = fileURLToPath(new URL("../../bench/kernels/gc.wat", import.meta.url));

test.each([
  ["fused", 10_001, 300, 500, {}],
  ["larger", 20_001, 40, 1500, { size: 9 }],
  ["wide", 30_001, 80, 400, { padding: 300 }],
] as const)("programs of compilers' shapes, %s", async (_, first, count, most, shape) => {
  const tally = newTally();
  for (let seed = first; seed < first + count; seed++) {
    checkModule(`program ${seed}`, await wat(randomProgram(seed, shape)), seed, { most }, tally);
  }
  expect(tally.kinds).toEqual(new Set(["results", "trap", "exception"]));
  expect(tally.calls).toBeGreaterThan(count / 2);
});

test("random stack shapes", () => {
  const tally = newTally();
  for (let seed = 40_001; seed < 40_101; seed++) {
    checkModule(
      `seed ${seed}`,
      randomModule(seed, { ...ALL_FEATURES, size: 20, budget: 20 }),
      seed,
      { most: 250 },
      tally,
    );
  }
  expect(tally.kinds).toEqual(new Set(["results", "trap", "exception"]));
  expect(tally.calls).toBeGreaterThan(200);
});

test("legacy exceptions", () => {
  const tally = newTally();
  for (let seed = 50_001; seed < 50_041; seed++) {
    checkModule(`seed ${seed}`, randomLegacyModule(seed), seed, { most: 250 }, tally);
  }
  expect(tally.calls).toBeGreaterThan(40);
});

test("modules of binaryen's fuzzer", async () => {
  const features = [...NODE_20_FEATURES, "exception-handling", "memory64", "multimemory", "extended-const"];
  const tally = newTally();
  for (const passes of [false, true]) {
    for await (const { seed, bytes } of fuzzModules(60_001, 10, { entropy: 2500, features, passes })) {
      checkModule(`seed ${seed}`, bytes, seed, { most: 400 }, tally);
    }
  }
  expect(tally.calls).toBeGreaterThan(20);
});

test("what the reference stepper does not know: SIMD, GC", async () => {
  const tally = newTally();
  const options = { most: 300, reference: false };
  for (let seed = 70_001; seed < 70_021; seed++) {
    const bytes = randomModule(seed, { simd: "relaxed", exceptions: true, size: 20, budget: 20 });
    checkModule(`seed ${seed}`, bytes, seed, options, tally);
  }
  const features = [...NODE_20_FEATURES, "exception-handling", "gc"];
  for await (const { seed, bytes } of fuzzModules(80_001, 10, { entropy: 2500, features })) {
    checkModule(`fuzz ${seed}`, bytes, seed, options, tally);
  }
  const gc = exportEverything(parseModule(await wat(readFileSync(GC_KERNELS, "utf8"))));
  for (const call of planCalls(parseModule(gc), 1)) {
    checkCall(call.name, gc, { ...call, args: [1n] }, { most: 1_000_000, every: 4999, reference: false }, tally);
  }
  expect(tally.calls).toBeGreaterThan(60);
});

test.each(Object.entries(SNAPSHOT_PROGRAMS))("%s: every budget stops as small steps do", async (_, text) => {
  expect(checkAgainstSteps(await assemble(text))).toBeGreaterThan(5);
});

test("programs on structs and arrays, where the heap is full now and then", async () => {
  let budgets = 0;
  for (let seed = 90_001; seed < 90_021; seed++) {
    const random = new Random(seed);
    const program = new GcProgram(random);
    const whole = program.run(2 ** 30);
    if (whole === undefined || whole.fuel > 800) continue;
    const text = program.wat.replace('(import "h" "log" (func $log (param i64)))', "(func $log (param i64))");
    for (const share of [300, 600, 900]) {
      const gcHeapBytes = Math.floor((whole.heapBytes * share) / 1000);
      budgets += checkAgainstSteps(await assemble({ modules: { main: text }, limits: { gcHeapBytes } }));
    }
  }
  expect(budgets).toBeGreaterThan(500);
});

test.each(["-O0", "-O3"] as Optimisation[])("AssemblyScript %s", async (optimisation) => {
  const tally = newTally();
  const bytes = exportEverything(parseModule(await smallPrograms(optimisation)));
  for (const call of planCalls(parseModule(bytes), 1, 6)) {
    const size = SMALL_SIZES[call.name];
    if (size === undefined) checkCall(call.name, bytes, call, { most: 1000 }, tally);
  }
  for (const call of planCalls(parseModule(bytes), 1)) {
    const size = SMALL_SIZES[call.name];
    const every = call.name === "sha256" ? 41 : 3;
    if (size !== undefined) checkCall(call.name, bytes, { ...call, args: [size] }, { most: 40_000, every }, tally);
  }
  expect(tally.calls).toBe(6 * 7 + 8);
});
