// Integers of any size and floats are CPython's: number-programs.json has expressions and what CPython 3.11 gives.
// make_number_programs.py writes it.

import { expect, test } from "vitest";
import { ARTIFACT_BUILDS } from "../../emscripten/artifact-build.js";
import { Sandbox } from "../../session/sandbox.js";
import { printAsRecorded, recorded } from "./table-programs.js";

test("as CPython's", () => printAsRecorded(recorded("number-programs.json")));

test.each(ARTIFACT_BUILDS)("of the build %s, too", async (build) => {
  const sandbox = await Sandbox.create({ build, fuel: 1_000_000_000 });
  const [first] = recorded("number-programs.json");
  expect((await sandbox.run(first!.source)).stdout).toBe(first!.stdout);
  sandbox.close();
});

test("what is calculated with survives a collection at every allocation", async () => {
  const sandbox = await Sandbox.create({ fuel: 1_000_000_000 });
  const program =
    "import gc\ngc.threshold(0)\nn = 2**40\nkept = []\nfor i in range(20):\n  n = n * 3 % (2**61 - 1) + i\n" +
    "  kept.append(n)\nprint(sum(kept), n, kept[7] / 3**60, 3**99 / n)";
  const expected = "11396737090368541601 1448911135187471704 1.7017453835550285e-13 1.1856662754437495e+29\n";
  expect((await sandbox.run(program)).stdout).toBe(expected);
  sandbox.close();
});
