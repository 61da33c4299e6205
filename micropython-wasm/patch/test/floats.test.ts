// Floats are printed as on CPython: float-programs.json has programs and what CPython 3.11 prints.
// make_float_programs.py writes it.

import { expect, test } from "vitest";
import { parseModule } from "../../../decoder/index.js";
import { ARTIFACT_BUILDS } from "../../emscripten/artifact-build.js";
import { loadArtifact } from "../../emscripten/artifact-node.js";
import { Sandbox } from "../../session/sandbox.js";
import { withExactFloats } from "../floats.js";
import { printAsRecorded, recorded } from "./table-programs.js";

const programs = recorded("float-programs.json");

test("are printed as CPython prints them", () => printAsRecorded(programs));

test.each(ARTIFACT_BUILDS)("are those of the build %s, which is valid", async (build) => {
  const artifact = await loadArtifact(build);
  parseModule(artifact);
  expect(withExactFloats(artifact)).toBe(artifact);
  const sandbox = await Sandbox.create({ build });
  expect((await sandbox.run("print(90945 / 1000, f'{2.5:.0f}', 5e-324)")).stdout).toBe("90.945 2 5e-324\n");
  sandbox.close();
});

test("that do not fit into 32 characters have fewer decimals, or an exponent", async () => {
  const sandbox = await Sandbox.create();
  const { stdout } = await sandbox.run("print(f'{2/3:.40f} {-1e20:.20f} {1e40:.3f} {1/3:.60e}')");
  // The first digits of the exact values, which CPython prints to the end.
  expect(stdout).toBe(
    "0.666666666666666629659232512495 -100000000000000000000.000000000 1.000e+40 3.3333333333333331482961626e-01\n",
  );
  sandbox.close();
});

test("cost no more than they have digits: the largest and the smallest are no way to stop the clock", async () => {
  const sandbox = await Sandbox.create({ fuel: 1_000_000_000 });
  const cost = async (code: string) => (await sandbox.run(code)).fuel.used;
  const base = await cost("for i in range(100): pass");
  expect((await cost("for i in range(100): repr(5e-324)")) - base).toBeLessThan(100 * 200_000);
  expect((await cost("for i in range(100): '%.25e' % 1.7976931348623157e308")) - base).toBeLessThan(100 * 200_000);
  sandbox.close();
});
