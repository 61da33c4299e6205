// Every place of the official suite's core/ at which a step begins, proved and checked once: what is executed there, with
// the engine's own states before and behind it. `PROVE_PER_PLACE` steps of each, and `PROVE_ONLY` files with a name.
import { describe, expect, test, vi } from "vitest";
import { OPCODES } from "../../decoder/opcodes.js";
import type { Instance } from "../../runtime/index.js";
import { findSuite, runSuite, SuiteError, type SuiteFile, selectFiles } from "../../spec-tests/index.js";
import { basePrice } from "../check-step/price.js";
import { NOT_IN_CORE } from "./step-programs.js";
import { createProvingAdapter } from "./suite-steps.js";

// An instance whose segments do not fit stays in its store, and nobody is given it: it is part of the state, too.
const { allocated } = vi.hoisted(() => ({ allocated: [] as Instance[] }));
vi.mock("../../runtime/embedding/instantiate.js", async (original) => {
  const module = await original<typeof import("../../runtime/embedding/instantiate.js")>();
  const allocateInstance: typeof module.allocateInstance = (...args) => {
    const instance = module.allocateInstance(...args);
    allocated.push(instance);
    return instance;
  };
  return { ...module, allocateInstance };
});
const made = (store: object) => allocated.filter((instance) => instance.store === store);

/** Instructions that no program of the suite executes, by why; step-programs.ts has those of NOT_IN_CORE. */
const NOT_EXECUTED: Readonly<Record<string, string>> = Object.fromEntries(
  ["f32x4_s", "f32x4_u", "f64x2_s_zero", "f64x2_u_zero"].map((from) => [
    `i32x4.relaxed_trunc_${from}`,
    "its file is a module without assertions: step-programs.ts has it",
  ]),
);

const ONLY = process.env["PROVE_ONLY"] ?? "";
const PER_PLACE = Number(process.env["PROVE_PER_PLACE"] ?? 1);

function suiteFiles(): readonly SuiteFile[] {
  try {
    return selectFiles(findSuite(process.env), ["core"], process.cwd()).filter(({ file }) => file.includes(ONLY));
  } catch (error) {
    if (error instanceof SuiteError) return [];
    throw error;
  }
}
const files = suiteFiles();

describe.skipIf(files.length === 0)("steps of the official suite", () => {
  const { adapter, counts } = createProvingAdapter(PER_PLACE, made);

  test.each(files.map(({ file }) => file))("%s", async (name) => {
    allocated.length = 0;
    const chosen = files.filter(({ file }) => file === name);
    const { files: results } = await runSuite(adapter, { files: chosen, expectedFailures: [] });
    for (const { error, commands } of results) {
      expect(error).toBeUndefined();
      const failed = commands.filter(({ outcome }) => outcome !== "passed" && outcome !== "skipped");
      expect(failed.map(({ line, message }) => `${line}: ${message}`)).toEqual([]);
    }
  });

  test.skipIf(ONLY !== "")("every instruction with a price is among them, and each step had a proof", () => {
    const { proved, places, ended, refused } = counts;
    const steps = [...proved.values()].reduce((sum, count) => sum + count, 0);
    console.log(`${steps} steps of ${places} places proved, ${ended} of them traps and exceptions nobody catches`);
    expect([...refused]).toEqual([]);
    expect(steps).toBeGreaterThan(10_000);
    const missing = OPCODES.filter(({ opcode, feature }) => basePrice(opcode) > 0 && !NOT_IN_CORE.has(feature))
      .map(({ name }) => name)
      .filter((name) => !proved.has(name));
    expect(missing).toEqual(Object.keys(NOT_EXECUTED));
  });
});
