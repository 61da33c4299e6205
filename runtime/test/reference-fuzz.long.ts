// The reference stepper against V8's WebAssembly on random modules, ours and of binaryen's fuzzer:
// results, traps, calls of imports, memories and globals.

import { expect, test } from "vitest";
import { type DecodedModule, parseModule } from "../../decoder/index.js";
import { referenceTrace } from "./reference/runner.js";
import { exportEverything, firstDifference, planCalls } from "./support/differential.js";
import { type FuzzOptions, fuzzModules } from "./support/fuzz-modules.js";
import { hostTrace } from "./support/host-runner.js";
import { ALL_FEATURES, randomModule } from "./support/random-module.js";

/** What the calls of a module end in, after a comparison with V8. */
function compare(seed: number, module: DecodedModule): readonly string[] {
  const calls = planCalls(module, seed, 2);
  const actual = referenceTrace(module, calls);
  const difference = firstDifference(hostTrace(module, calls), actual.lines);
  if (difference !== undefined) expect.fail(`seed ${seed}: ${difference}`);
  return actual.outcomes.map(({ kind }) => kind);
}

const SHAPES: readonly (FuzzOptions & { readonly what: string; readonly firstSeed: number; readonly count: number })[] =
  [
    { what: "small modules", firstSeed: 1, count: 16, entropy: 1000, denan: true },
    { what: "larger modules", firstSeed: 101, count: 8, entropy: 6000, denan: true },
    { what: "optimised modules", firstSeed: 201, count: 12, entropy: 4000, denan: true, passes: true },
  ];

test.each(SHAPES)("$what behave as in V8", async ({ what: _, firstSeed, count, ...options }) => {
  const kinds = new Set<string>();
  for await (const { seed, bytes } of fuzzModules(firstSeed, count, options)) {
    const module = parseModule(exportEverything(parseModule(bytes)));
    for (const kind of compare(seed, module)) kinds.add(kind);
  }
  expect(kinds).toEqual(new Set(["results", "trap"]));
});

test("modules with random stacks behave as in V8", () => {
  const kinds = new Set<string>();
  for (let seed = 1; seed <= 60; seed++) {
    const bytes = randomModule(seed, seed > 30 ? { legacyExceptions: true, threads: true } : {});
    expect(WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>), `seed ${seed}`).toBe(true);
    for (const kind of compare(seed, parseModule(exportEverything(parseModule(bytes))))) kinds.add(kind);
  }
  expect(kinds).toEqual(new Set(["results", "trap", "exception"]));
});

test("modules with what V8 lacks are valid and end", () => {
  const kinds = new Set<string>();
  for (let seed = 1; seed <= 40; seed++) {
    const module = parseModule(randomModule(seed, ALL_FEATURES));
    for (const { kind } of referenceTrace(module, planCalls(module, seed)).outcomes) kinds.add(kind);
  }
  expect(kinds).toEqual(new Set(["results", "trap", "exception"]));
});

test("a budget of exactly a call's cost is enough, one less is not", async () => {
  for await (const { seed, bytes } of fuzzModules(1, 8, { entropy: 1000, denan: true })) {
    const module = parseModule(bytes);
    const calls = planCalls(module, seed);
    // Each budget needs an instance of its own: the calls before change its state.
    const run = (budgetOf: (i: number) => number) => {
      const { instance } = referenceTrace(module, []);
      return calls.map(({ name, args }, i) => instance!.invoke(name, args, budgetOf(i)));
    };
    const whole = run(() => Number.POSITIVE_INFINITY);
    const exact = run((i) => whole[i]!.fuel);
    expect(exact.map(({ kind, fuel, instructions }) => [kind, fuel, instructions])).toEqual(
      whole.map(({ kind, fuel, instructions }) => [kind, fuel, instructions]),
    );
    const last = whole.length - 1;
    const short = run((i) => whole[i]!.fuel - (i === last ? 1 : 0));
    expect(short[last]!.kind).toBe("out of fuel");
    expect(short[last]!.fuel).toBeLessThan(whole[last]!.fuel);
  }
});
