// Random modules that move to a fresh engine, by way of a snapshot, in the midst of their runs:
// against runs without a break.
import { expect, test } from "vitest";
import { type DecodedModule, parseModule } from "../../decoder/index.js";
import { exportEverything, firstDifference, planCalls } from "./support/differential.js";
import { fuzzModules, NODE_20_FEATURES } from "./support/fuzz-modules.js";
import { interpreterTrace } from "./support/interpreter-runner.js";
import { Random } from "./support/random.js";
import { randomLegacyModule } from "./support/random-legacy.js";
import { ALL_FEATURES, randomModule } from "./support/random-module.js";

const FUZZER_FEATURES = [...NODE_20_FEATURES, "exception-handling", "memory64", "multimemory", "extended-const", "gc"];

/** Runs whole, and in slices with up to `most` moves, and compares. Returns the number of moves. */
function compare(what: string, module: DecodedModule, seed: number, most: number, slices: readonly number[]): number {
  const calls = planCalls(module, seed);
  const whole = interpreterTrace(module.bytes, calls);
  const random = new Random(seed);
  let moves = 0;
  const moved = interpreterTrace(module.bytes, calls, {
    slice: () => 1 + random.below(random.pick(slices)),
    migrate: () => random.below(3) === 0 && moves < most && moves++ >= 0,
  });
  const difference = firstDifference(whole.lines, moved.lines);
  if (difference !== undefined) expect.fail(`${what}: ${difference}`);
  const seen = ({ outcomes }: typeof whole) => outcomes.map(({ kind, fuel, trace }) => ({ kind, fuel, trace }));
  expect(seen(moved), what).toEqual(seen(whole));
  return moves;
}

function complete(bytes: Uint8Array): DecodedModule {
  return parseModule(exportEverything(parseModule(bytes)));
}

test("random stack shapes", () => {
  let moves = 0;
  for (let seed = 7001; seed < 7021; seed++) {
    moves += compare(`seed ${seed}`, complete(randomModule(seed, ALL_FEATURES)), seed, 40, [1, 20, 200]);
  }
  expect(moves).toBeGreaterThan(120);
});

test("legacy exceptions", () => {
  let moves = 0;
  for (let seed = 7101; seed < 7111; seed++) {
    moves += compare(`seed ${seed}`, complete(randomLegacyModule(seed)), seed, 40, [1, 20, 200]);
  }
  expect(moves).toBeGreaterThan(30);
});

test("modules of binaryen's fuzzer", async () => {
  let moves = 0;
  for (const passes of [false, true]) {
    for await (const { seed, bytes } of fuzzModules(801, 3, { entropy: 4000, features: FUZZER_FEATURES, passes })) {
      moves += compare(`seed ${seed}`, complete(bytes), seed, 30, [3, 50, 2000]);
    }
  }
  expect(moves).toBeGreaterThan(10);
});
