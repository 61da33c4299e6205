// Every budget, asked of whatever the default tier is: the same tests of each way to compile.

import { expect, test } from "vitest";
import { parseModule } from "../../../decoder/index.js";
import { smallPrograms } from "./assembly-script.js";
import { exportEverything, planCalls } from "./differential.js";
import { checkAgainstSteps, checkCall, checkModule, newTally } from "./every-budget.js";
import { ALL_FEATURES, randomModule } from "./random-module.js";
import { randomProgram } from "./random-program.js";
import { SNAPSHOT_PROGRAMS } from "./snapshot-program-texts.js";
import { assemble } from "./snapshot-programs.js";
import { wat } from "./wat.js";

/** How much of each: programs and modules by seeds from 1, and of AssemblyScript's loops every so many units. */
export interface BudgetCounts {
  readonly programs: number;
  readonly modules: number;
  readonly every: number;
  /** The same, of programs, and where that begins for those of which the reference stepper knows nothing. */
  readonly steps: { readonly every: number; readonly first: number };
  /** More calls than that are looked at. */
  readonly moreCalls: number;
}

/** Defines the tests. */
export function testEveryBudget({ programs, modules, every, steps, moreCalls }: BudgetCounts): void {
  test("every budget stops where the reference stepper says, and goes on from there", async () => {
    const tally = newTally();
    for (let seed = 1; seed <= programs; seed++)
      checkModule(
        `program ${seed}`,
        await wat(randomProgram(seed, {})),
        seed,
        { most: 150, every: steps.every },
        tally,
      );
    for (let seed = 1; seed <= modules; seed++) {
      const bytes = randomModule(seed, { ...ALL_FEATURES, size: 20, budget: 20 });
      checkModule(`seed ${seed}`, bytes, seed, { most: 90, every: steps.every }, tally);
    }
    expect(tally.calls).toBeGreaterThan(moreCalls);
  });

  test("every budget of AssemblyScript's loops", async () => {
    const tally = newTally();
    const bytes = exportEverything(parseModule(await smallPrograms("-O3")));
    for (const call of planCalls(parseModule(bytes), 1)) {
      if (call.name !== "matmul" && call.name !== "quicksort" && call.name !== "hash64") continue;
      checkCall(call.name, bytes, { ...call, args: [2n] }, { most: 5_000, every }, tally);
    }
    expect(tally.calls).toBe(3);
  });

  test.each([
    "invoke frames and longjmp",
    "longjmp through several frames, again and again",
    "several instances that call each other",
  ])("%s", async (name) => {
    expect(checkAgainstSteps(await assemble(SNAPSHOT_PROGRAMS[name]!), steps.every, steps.first)).toBeGreaterThan(50);
  });
}
