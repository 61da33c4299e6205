// Code that a profile calls cold, as functions of its own or left out, changes nothing that can be seen.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseModule } from "../../../decoder/index.js";
import { forms } from "../../../test/support/form.js";
import { atRandom } from "../../../test/support/stress.js";
import { defaultTier } from "../../embedding/engine.js";
import { smallPrograms } from "../../test/support/assembly-script.js";
import { exportEverything, planCalls } from "../../test/support/differential.js";
import { checkAgainstSteps, checkCall, checkModule, newTally } from "../../test/support/every-budget.js";
import { ALL_FEATURES, randomModule } from "../../test/support/random-module.js";
import { randomProgram } from "../../test/support/random-program.js";
import { SNAPSHOT_PROGRAMS } from "../../test/support/snapshot-program-texts.js";
import { assemble } from "../../test/support/snapshot-programs.js";
import { wat } from "../../test/support/wat.js";
import type { Heat } from "../region.js";
import { AT_ONCE, type CompilerSettings } from "../tier.js";

/** Counts that look random, and are the same each time: of three blocks, one never ran, one seldom, one often. */
const anyHeat = (prune: boolean): Heat => ({
  countOf: (offset) => [0, 10, 1000][(Math.imul(offset, 0x9e3779b1) >>> 16) % 3]!,
  inline: 100,
  prune,
});

describe.each([
  ["cold code apart", { ...AT_ONCE, heat: anyHeat(false) }],
  ["all code apart", { ...AT_ONCE, heat: { countOf: () => 1, inline: 100, prune: false } }],
  ["what never ran left out", { ...AT_ONCE, heat: anyHeat(true) }],
  ["cold code apart, left at random", { ...AT_ONCE, heat: anyHeat(false), stress: atRandom(1) }],
] as readonly (readonly [string, CompilerSettings])[])("%s", (_, settings) => {
  const before = { ...defaultTier };
  beforeAll(() => {
    Object.assign(defaultTier, { tier: "compiler", settings });
  });
  afterAll(() => {
    Object.assign(defaultTier, before);
  });

  test("every budget stops where the reference stepper says, and goes on from there", async () => {
    const tally = newTally();
    for (let seed = 1; seed <= forms(3, 12); seed++)
      checkModule(`program ${seed}`, await wat(randomProgram(seed, {})), seed, { most: 150 }, tally);
    for (let seed = 1; seed <= forms(1, 3); seed++) {
      const bytes = randomModule(seed, { ...ALL_FEATURES, size: 20, budget: 20 });
      checkModule(`seed ${seed}`, bytes, seed, { most: 90 }, tally);
    }
    expect(tally.calls).toBeGreaterThanOrEqual(3);
  });

  test("every budget of AssemblyScript's loops", async () => {
    const tally = newTally();
    const bytes = exportEverything(parseModule(await smallPrograms("-O3")));
    for (const call of planCalls(parseModule(bytes), 1)) {
      if (call.name !== "matmul" && call.name !== "quicksort" && call.name !== "hash64") continue;
      checkCall(call.name, bytes, { ...call, args: [2n] }, { most: 5_000, every: forms(211, 31) }, tally);
    }
    expect(tally.calls).toBe(3);
  });

  test.each(["invoke frames and longjmp", "several instances that call each other"])("%s", async (name) => {
    expect(checkAgainstSteps(await assemble(SNAPSHOT_PROGRAMS[name]!))).toBeGreaterThan(50);
  });
});
