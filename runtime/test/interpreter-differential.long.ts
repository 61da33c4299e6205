// The interpreter against the reference stepper on random modules: results, traps and where they
// are, calls of imports, memories, globals, fuel; run whole, in slices, and instruction by instruction.

import { expect, test } from "vitest";
import { type DecodedModule, parseModule } from "../../decoder/index.js";
import type { FuelScheduleName } from "../fuel-schedule.js";
import type { Outcome, Position } from "./reference/instance.js";
import { referenceTrace } from "./reference/runner.js";
import { type Call, exportEverything, firstDifference, planCalls } from "./support/differential.js";
import { fuzzModules, NODE_20_FEATURES } from "./support/fuzz-modules.js";
import { type InterpreterOptions, type InterpreterOutcome, interpreterTrace } from "./support/interpreter-runner.js";
import { Random } from "./support/random.js";
import { ALL_FEATURES, randomModule } from "./support/random-module.js";

const FUZZER_FEATURES = [...NODE_20_FEATURES, "exception-handling", "memory64", "multimemory", "extended-const"];
// A backtrace has that many frames at each end of a deep stack.
const SHOWN_FRAMES = 50;

function complete(bytes: Uint8Array): DecodedModule {
  return parseModule(exportEverything(parseModule(bytes)));
}

function innermost(outcome: { readonly trace?: readonly Position[] }): readonly Position[] {
  return (outcome.trace ?? []).slice(0, SHOWN_FRAMES);
}

function compareOutcomes(what: string, expected: readonly Outcome[], actual: readonly InterpreterOutcome[]): void {
  expected.forEach((outcome, i) => {
    const summary = { kind: outcome.kind, fuel: outcome.fuel, trace: "trace" in outcome ? innermost(outcome) : [] };
    const found = actual[i]!;
    expect({ kind: found.kind, fuel: found.fuel, trace: innermost(found) }, `${what}, call ${i}`).toEqual(summary);
  });
}

/** Compares the two on a module, and gives the reference's outcomes. */
function compare(
  what: string,
  module: DecodedModule,
  calls: readonly Call[],
  options: InterpreterOptions & { readonly schedule?: FuelScheduleName } = {},
): readonly Outcome[] {
  const { schedule = "escapement-2" } = options;
  const expected = referenceTrace(module, calls, { schedule });
  const actual = interpreterTrace(module.bytes, calls, options);
  const difference = firstDifference(expected.lines, actual.lines);
  if (difference !== undefined) expect.fail(`${what}: ${difference}`);
  compareOutcomes(what, expected.outcomes, actual.outcomes);
  return expected.outcomes;
}

/** Random modules, each with a driver of its own. */
function randomSlices(seed: number): () => number {
  const random = new Random(seed);
  return () => 1 + random.below(random.pick([3, 20, 200]));
}

test.each([
  ["whole", 1, 30, (): InterpreterOptions => ({})],
  ["in random slices", 1001, 20, (seed: number): InterpreterOptions => ({ slice: randomSlices(seed) })],
  ["with one unit of fuel at a time", 2001, 15, (): InterpreterOptions => ({ slice: () => 1 })],
  ["whole, as wasmtime-45", 3001, 8, (): InterpreterOptions => ({ schedule: "wasmtime-45" })],
  [
    "in random slices, as wasmtime-48",
    4001,
    8,
    (seed: number): InterpreterOptions => ({ schedule: "wasmtime-48", slice: randomSlices(seed) }),
  ],
  [
    "one unit at a time, as wasmtime-50",
    5001,
    8,
    (): InterpreterOptions => ({ schedule: "wasmtime-50", slice: () => 1 }),
  ],
])("random stack shapes, run %s", (_, firstSeed, count, options) => {
  const kinds = new Set<string>();
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const module = complete(randomModule(seed, ALL_FEATURES));
    for (const { kind } of compare(`seed ${seed}`, module, planCalls(module, seed, 2), options(seed))) kinds.add(kind);
  }
  expect(kinds).toEqual(new Set(["results", "trap", "exception"]));
});

test("modules of binaryen's fuzzer, run whole and in random slices", async () => {
  for (const passes of [false, true]) {
    for await (const { seed, bytes } of fuzzModules(501, 5, { entropy: 4000, features: FUZZER_FEATURES, passes })) {
      const module = complete(bytes);
      const calls = planCalls(module, seed);
      compare(`seed ${seed}, whole`, module, calls);
      compare(`seed ${seed}, sliced`, module, calls, { slice: randomSlices(seed) });
    }
  }
});

test("fuel runs out at the same instruction, with the same left over", () => {
  let stops = 0;
  for (let seed = 5001; seed < 5015; seed++) {
    const random = new Random(seed);
    const module = complete(randomModule(seed, ALL_FEATURES));
    for (const call of planCalls(module, seed)) {
      const total = referenceTrace(module, [call]).outcomes[0]!.fuel;
      // One budget in the midst of the call, one just too small, one that is enough.
      for (const fuelLimit of [random.below(total), total - 1, total]) {
        const expected = referenceTrace(module, [call], {}, fuelLimit).outcomes;
        const actual = interpreterTrace(module.bytes, [call], { fuelLimit }).outcomes;
        compareOutcomes(`seed ${seed}, ${call.name} with ${fuelLimit} of ${total}`, expected, actual);
        if (expected[0]!.kind === "out of fuel") stops++;
      }
    }
  }
  expect(stops).toBeGreaterThan(90);
});
