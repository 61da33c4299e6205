// Code that a profile calls cold, as functions of its own or left out, changes nothing that can be seen.
import { afterAll, beforeAll, describe } from "vitest";
import { forms } from "../../../test/support/form.js";
import { atRandom } from "../../../test/support/stress.js";
import { defaultTier } from "../../embedding/engine.js";
import { testEveryBudget } from "../../test/support/budget-suite.js";
import type { Heat } from "../region.js";
import { AT_ONCE, type CompilerSettings } from "../settings.js";

/** Counts that look random, and are the same each time: of three blocks, one never ran, one seldom, one often. */
const anyHeat = (prune: boolean): Heat => ({
  countOf: (offset) => [0, 10, 1000][(Math.imul(offset, 0x9e3779b1) >>> 16) % 3]!,
  inline: 100,
  prune,
});

describe.each([
  ["cold code apart", 0, { ...AT_ONCE, heat: anyHeat(false) }],
  ["all code apart", 1, { ...AT_ONCE, heat: { countOf: () => 1, inline: 100, prune: false } }],
  ["what never ran left out", 2, { ...AT_ONCE, heat: anyHeat(true) }],
  ["cold code apart, left at random", 3, { ...AT_ONCE, heat: anyHeat(false), stress: atRandom(1) }],
] as readonly (readonly [string, number, CompilerSettings])[])("%s", (_, number, settings) => {
  const before = { ...defaultTier };
  beforeAll(() => {
    Object.assign(defaultTier, { tier: "compiler", settings });
  });
  afterAll(() => {
    Object.assign(defaultTier, before);
  });

  testEveryBudget({
    programs: forms(3, 12),
    modules: forms(1, 3),
    every: forms(421, 31),
    steps: { every: forms(7, 1), first: forms(number, 0) },
    moreCalls: forms(2, 3),
  });
});
