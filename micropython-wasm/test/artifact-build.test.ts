// The builds that the artifact's package has, and what is mended in their bytes.

import { describe, expect, test } from "vitest";
import { Engine } from "../../runtime/index.js";
import { loadArtifact } from "../emscripten/artifact-node.js";
import { artifactKind } from "../guest/artifact-kind.js";
import { ARTIFACT_BUILDS, type ArtifactBuild, mendArtifact, Sandbox } from "../index.js";

const HAS = `
import sys
def there(name):
    try:
        __import__(name)
        return True
    except ImportError:
        return False
[there("ulab"), hasattr(sys, "settrace")]`;

const EXPECTED: Readonly<Record<ArtifactBuild, readonly boolean[]>> = {
  standard: [false, false],
  ulab: [true, false],
  settrace: [false, true],
  "settrace-ulab": [true, true],
};

describe.each(ARTIFACT_BUILDS)("the build %s", (build) => {
  test("runs, has what it is named for, and goes on from its snapshots", async () => {
    const sandbox = await Sandbox.create({ build, fuel: 1e9 });
    const { error, value } = await sandbox.run(HAS);
    expect(error).toBeNull();
    expect(value).toEqual(EXPECTED[build]);
    await sandbox.run("x = [1, 2]");
    const other = await Sandbox.restore(sandbox.snapshot(), { build });
    expect((await other.run("x")).value).toEqual([1, 2]);
  });

  test("has room for an object that is larger than its heap", async () => {
    const sandbox = await Sandbox.create({ build, fuel: 1e9 });
    for (const bytes of [65_000, 128_000, 200_000, 3_000_000, 20_000_000])
      expect((await sandbox.run(`x = bytearray(${bytes})\nlen(x)`)).value, String(bytes)).toBe(bytes);
  });
});

test("arrays of ulab compute", async () => {
  const sandbox = await Sandbox.create({ build: "ulab", fuel: 1e9 });
  const { value } = await sandbox.run(
    "from ulab import numpy as np\n[float(np.sum(np.array([1.5, 2, 3]))), np.array([1, 2]).shape]",
  );
  expect(value).toEqual([6.5, [2]]);
});

test("a build is not named together with an artifact, and is one that there is", async () => {
  const artifact = await loadArtifact();
  await expect(Sandbox.create({ artifact, build: "ulab" })).rejects.toThrow("not together with artifact");
  await expect(Sandbox.create({ build: "numpy" as ArtifactBuild })).rejects.toThrow('build is "standard" or "ulab"');
});

test("mending is done once, to a copy, and leaves other modules alone", async () => {
  const mended = await loadArtifact();
  expect(mendArtifact(mended)).toBe(mended);
  expect(artifactKind(new Engine().compileLazily(mended))).toBe("emscripten");
  const other = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
  expect(mendArtifact(other)).toBe(other);
});

test("a system call that this package does not know answers ENOSYS", async () => {
  const artifact = await loadArtifact();
  const renamed = new Uint8Array(artifact);
  // The same length, so that nothing moves: rmdir is then unknown.
  const name = new TextEncoder().encode("__syscall_rmdir");
  const at = artifact.findIndex((_, i) => name.every((byte, k) => artifact[i + k] === byte));
  renamed.set(new TextEncoder().encode("__syscall_rmdxx"), at);
  const sandbox = await Sandbox.create({ artifact: renamed });
  const { error } = await sandbox.run("import os\nos.mkdir('d')\nos.rmdir('d')");
  expect(error).toMatchObject({ type: "OSError", message: expect.stringContaining("38") });
});
