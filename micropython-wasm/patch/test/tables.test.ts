// Dicts and sets as CPython has them: table-programs.json has programs and what CPython 3.11 prints.
// make_table_programs.py writes it.

import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { parseModule } from "../../../decoder/index.js";
import { hasCPython } from "../../../test/support/cpython.js";
import { forms } from "../../../test/support/form.js";
import { ARTIFACT_BUILDS, type ArtifactBuild } from "../../emscripten/artifact-build.js";
import { loadArtifact } from "../../emscripten/artifact-node.js";
import { Sandbox } from "../../session/sandbox.js";
import { withOrderedTables } from "../tables.js";
import { file, printAsRecorded, programs } from "./table-programs.js";

const FUEL = 1_000_000_000;
/** The default, and the one with all that builds may have. */
const BUILDS = forms<readonly ArtifactBuild[]>(["standard", "settrace-ulab"], ARTIFACT_BUILDS);
/** Of a table whose cost is held against that of one four times as long. */
const ENTRIES = forms(1_500, 5_000);

/** Fuel that a program uses by itself. */
async function cost(source: string): Promise<number> {
  const sandbox = await Sandbox.create({ fuel: 20 * FUEL, timeout: 120_000 });
  const { status, fuel } = await sandbox.run(source);
  expect(status).toBe("ok");
  sandbox.close();
  return fuel.used;
}

describe("dicts and sets", () => {
  // tables.long.ts runs all of them.
  test("print what they print on CPython", async () => {
    await printAsRecorded(programs.filter((_, i) => i % 6 === 0));
  });

  test.each(BUILDS)("are those of the build %s, which is valid", async (build) => {
    const artifact = await loadArtifact(build);
    parseModule(artifact);
    // Functions that are replaced are not found again.
    expect(withOrderedTables(artifact)).toBe(artifact);
    const sandbox = await Sandbox.create({ build, fuel: FUEL });
    for (const { source, stdout } of programs.filter((_, i) => i % 20 === 0))
      expect((await sandbox.run(source)).stdout, source).toBe(stdout);
    sandbox.close();
  });

  test.each([
    ["numbers that follow each other", "for i in range(COUNT): d[i] = i"],
    ["numbers with a distance", "for i in range(COUNT): d[i * 1024] = i"],
    ["points of a grid", "for i in range(COUNT): d[i % 100, i // 100] = i"],
    ["numbers looked up and missed", "for i in range(COUNT): d[3 * i] = i in d"],
    ["a queue", "for i in range(COUNT):\n    d[i] = i\n    d.pop(i - 5, None)"],
    ["a stack", "for i in range(COUNT): d[i] = i\nwhile d: d.popitem()"],
    ["members of a set", "s = set()\nfor i in range(COUNT): s.add(7 * i)\nwhile s: s.pop()"],
    ["copies", "for i in range(COUNT): d[i] = i\nfor i in range(9): d.copy().get(1)"],
  ])("cost fuel in proportion: %s", async (_, code) => {
    const of = async (n: number) => cost(`d = {}\n${code.replaceAll("COUNT", String(n))}`);
    const base = await of(0);
    // By the square it would be sixteen; one collection more or less is a step.
    expect(((await of(4 * ENTRIES)) - base) / ((await of(ENTRIES)) - base)).toBeLessThan(6);
  });

  test("a hundred thousand entries are found", async () => {
    const code = "d = {i * 31: i for i in range(100_000)}\nassert all(d[i * 31] == i for i in range(100_000))";
    expect(await cost(`${code}\nassert 1 not in d and len(d) == 100_000`)).toBeLessThan(FUEL);
  });

  // 2^32 / 0x9e3779b1 has an inverse: multiples of it are mixed into neighbours.
  test("keys that were chosen to collide cost their fuel, and no more than before", async () => {
    const collide = `
N = 300
inverse = pow(0x9e3779b1, -1, 1 << 32)
keys = []
n = 0
while len(keys) < N:
    h = n * 1_000_003 * 449 & 0xffffffff
    k = h * inverse & 0xffffffff
    if k < 1 << 30: keys.append(k)
    n += 1
d = {}
for k in keys: d[k] = k
assert all(d[k] == k for k in keys)`;
    expect(await cost(collide)).toBeLessThan(FUEL);
  });
});

test.skipIf(!hasCPython)("the expected outputs are CPython 3.11's", () => {
  const { stdout } = spawnSync("python3", ["-I", file("make_table_programs.py")], {
    encoding: "utf8",
    maxBuffer: 1 << 24,
  });
  expect(JSON.parse(stdout)).toEqual(programs);
});
