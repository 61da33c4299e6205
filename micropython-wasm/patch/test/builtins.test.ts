// Built-in types do what CPython's do: builtin-programs.json has programs and what CPython 3.11 prints.
// make_builtin_programs.py writes it.

import { expect, test } from "vitest";
import { parseModule } from "../../../decoder/index.js";
import { ARTIFACT_BUILDS } from "../../emscripten/artifact-build.js";
import { loadArtifact } from "../../emscripten/artifact-node.js";
import { Sandbox } from "../../session/sandbox.js";
import { withBuiltinsOfCPython } from "../builtins.js";
import { printAsRecorded, recorded } from "./table-programs.js";

test("as CPython's", () => printAsRecorded(recorded("builtin-programs.json")));

test.each(ARTIFACT_BUILDS)("are those of the build %s, which is valid", async (build) => {
  const artifact = await loadArtifact(build);
  parseModule(artifact);
  // Its functions have another shape now.
  expect(withBuiltinsOfCPython(artifact)).toBe(artifact);
  const sandbox = await Sandbox.create({ build });
  expect((await sandbox.run("print('{:>4}'.format('é'), isinstance(True, int))")).stdout).toBe("   é True\n");
  sandbox.close();
});
