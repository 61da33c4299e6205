// Samples of the suite on this project's engine; `escapement spec` runs all of it.
import { describe, expect, it } from "vitest";
import { createEscapementAdapter } from "../adapters/escapement.js";
import { problemsOf } from "../report.js";
import { runSuite } from "../run-suite.js";
import { findSuite } from "../suite.js";

const hasSuite = (() => {
  try {
    return findSuite(process.env) !== undefined;
  } catch (error) {
    console.log(`tests on the suite are skipped: ${(error as Error).message}`);
    return false;
  }
})();

const SAMPLE = [
  "core/start.wast",
  "core/if.wast",
  "core/return_call.wast",
  "core/table_grow.wast",
  "core/exceptions",
  "core/gc",
  "core/simd/simd_load.wast",
  "core/simd/simd_lane.wast",
  "core/simd/simd_store16_lane.wast",
  "core/relaxed-simd",
  "core/bulk-memory/bulk.wast",
  "core/memory64/load64.wast",
  "core/multi-memory/memory_copy0.wast",
  "custom",
  "legacy",
  "proposals",
];

describe.skipIf(!hasSuite || !("WebAssembly" in globalThis))("a sample of the suite", () => {
  it("passes", async () => {
    const result = await runSuite(createEscapementAdapter(), { paths: SAMPLE });
    expect(problemsOf(result)).toEqual([]);
  });

  it("passes with a pause after every unit of fuel", async () => {
    // Not return_call.wast: it counts to a million.
    const paths = SAMPLE.filter((path) => path !== "core/return_call.wast");
    const result = await runSuite(createEscapementAdapter("interpreter", 1), { paths });
    expect(problemsOf(result)).toEqual([]);
  });
});
