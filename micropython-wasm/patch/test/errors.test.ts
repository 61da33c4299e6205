// Errors say what CPython's say: error-programs.json has programs that fail, and what CPython 3.11 prints of it.
// make_error_programs.py writes it.

import { expect, test } from "vitest";
import { parseModule } from "../../../decoder/index.js";
import { ARTIFACT_BUILDS } from "../../emscripten/artifact-build.js";
import { loadArtifact } from "../../emscripten/artifact-node.js";
import { Sandbox } from "../../session/sandbox.js";
import { withErrorsOfCPython } from "../errors.js";
import { printAsRecorded, recorded } from "./table-programs.js";

const programs = recorded("error-programs.json");

test("are printed as CPython prints them", () => printAsRecorded(programs));

test.each(ARTIFACT_BUILDS)("are those of the build %s, which is valid", async (build) => {
  const artifact = await loadArtifact(build);
  parseModule(artifact);
  // Texts that are there are not put there again.
  expect(withErrorsOfCPython(artifact)).toBe(artifact);
  const sandbox = await Sandbox.create({ build, fuel: 1_000_000_000 });
  for (const { source, stdout } of programs.filter((_, i) => i % 5 === 0))
    expect((await sandbox.run(source)).stdout, source).toBe(stdout);
  sandbox.close();
});

test("an exception that nobody catches is reported as it is printed", async () => {
  const sandbox = await Sandbox.create();
  expect((await sandbox.run("{}['it is']")).error).toMatchObject({ type: "KeyError", message: "'it is'" });
  expect((await sandbox.run("int('x')")).error?.traceback).toContain(
    "ValueError: invalid literal for int() with base 10: 'x'\n",
  );
  sandbox.close();
});
