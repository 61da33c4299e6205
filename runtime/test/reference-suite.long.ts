// The reference stepper against the official test suite: an oracle must be right by itself.

import { describe, expect, test } from "vitest";
import { findSuite, runSuite, SuiteError, type SuiteFile, selectFiles } from "../../spec-tests/index.js";
import { createReferenceAdapter } from "./reference/spec-adapter.js";

/** What executes; the decoder's tests have the rest. */
const EXECUTIONS = /^(assert_return|assert_trap|assert_exhaustion|assert_exception|invoke|module|register)/;

// A second or more each, for rules that a sibling tests too: return_call_indirect.wast, memory_copy.wast.
const SLOW = /^core\/(return_call|return_call_ref|skip-stack-guard-page|memory64\/memory_(copy|fill)64)\.wast$/;
const NOT_COVERED = /^core\/(simd|relaxed-simd|gc)\//;

/** Assertions that fail, with the reason. */
const KNOWN: Readonly<Record<string, string>> = {
  "core/bulk-memory/bulk.wast:221": "the expected message names the element's index",
  "core/bulk-memory/table_init.wast:2272": "an element is array.new_default, which belongs to GC",
  "core/bulk-memory/table_init.wast:2286": "uses array.new_default and ref.eq, which belong to GC",
  "core/memory64/table_init64.wast:2457": "an element is array.new_default, which belongs to GC",
  "core/memory64/table_init64.wast:2471": "uses array.new_default and ref.eq, which belong to GC",
};

function suiteFiles(): readonly SuiteFile[] {
  try {
    return selectFiles(findSuite(process.env), ["core"], process.cwd()).filter(({ file }) => !NOT_COVERED.test(file));
  } catch (error) {
    if (error instanceof SuiteError) return [];
    throw error;
  }
}

const files = suiteFiles();

describe.skipIf(files.length === 0)("the reference stepper passes", () => {
  for (const group of ["core", "core/exceptions", "core/multi-memory", "core/memory64", "core/bulk-memory"]) {
    test(`what executes of ${group}`, async () => {
      const inGroup = (path: string) => path.slice(0, path.lastIndexOf("/")) === group;
      const chosen = files.filter(({ file }) => inGroup(file) && !SLOW.test(file));
      const { files: results } = await runSuite(createReferenceAdapter(), { files: chosen, expectedFailures: [] });
      const commands = results.flatMap(({ file, error, commands }) => {
        expect(error, file).toBeUndefined();
        return commands.map((command) => ({ ...command, at: `${file}:${command.line}` }));
      });
      const executed = commands.filter(({ kind }) => EXECUTIONS.test(kind));
      expect(executed.length).toBeGreaterThan(40);
      const failed = executed.filter(({ outcome }) => outcome !== "passed");
      const unknown = failed.filter(({ at }) => KNOWN[at] === undefined);
      expect(unknown.map(({ at, message }) => `${at}: ${message}`)).toEqual([]);
      expect(failed.map(({ at }) => at)).toEqual(Object.keys(KNOWN).filter(inGroup));
    });
  }
});
