// Same code, seed, functions' results and limits: same everything, wherever it runs.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ChromiumEngine, type Engine, here, nodeProcess, startChromium } from "./engines.js";
import { type ArtifactName, programsFor } from "./programs.js";
import type { ProgramReport } from "./tasks.js";

let chromium: ChromiumEngine;
let jitless: ChromiumEngine;
beforeAll(async () => {
  [chromium, jitless] = await Promise.all([startChromium(), startChromium("--js-flags=--jitless")]);
});
afterAll(async () => {
  await chromium?.close();
  await jitless?.close();
});

type Place = readonly [name: string, engine: () => Engine, input: object];

/** Where else the programs run, but for what all builds have in common. */
const PLACES: Readonly<Record<ArtifactName, readonly Place[]>> = {
  npm: [
    ["again", () => here, {}],
    // The package finds this build itself, and may bring it booted.
    ["in another process, on the build that the package brings", () => nodeProcess(), { shipped: true }],
    ["in Chromium without a compiler", () => jitless, {}],
  ],
  wasi: [["in another process", () => nodeProcess(), {}]],
};

describe.each<ArtifactName>(["npm", "wasi"])("programs on the %s build", (artifact) => {
  let first: ProgramReport[];
  beforeAll(async () => {
    first = await here.run("programs", {}, { artifact });
  });

  test("end as they are meant to", () => {
    expect(first.map(({ name, runs }) => [name, runs.map(({ status }) => status)])).toEqual(
      programsFor(artifact).map(({ name, runs, ends }) => [name, ends ?? runs.map(() => "ok")]),
    );
  });

  test.concurrent.each<Place>([
    ...PLACES[artifact],
    ["however they are cut into slices", () => here, { erratic: true }],
    ["in a process without a compiler", () => nodeProcess("--jitless"), {}],
    ["in Chromium", () => chromium, {}],
  ])("give the same %s", async (_where, engine, input) => {
    expect(await engine().run("programs", input, { artifact })).toEqual(first);
  });

  if (artifact === "npm")
    test("give the same where they begin with an image, which is the same wherever it is made", async () => {
      const image = await here.run<string>("image");
      expect(await chromium.run("image")).toBe(image);
      expect(await chromium.run("programs", { image })).toEqual(first);
    });

  test("with another seed, differ where they ask for random numbers, and nowhere else", async () => {
    const other = await here.run<ProgramReport[]>("programs", { seed: 7 }, { artifact });
    programsFor(artifact).forEach(({ name, runs, seeded = false }, i) => {
      const [before, after] = [first[i]!, other[i]!];
      const changed = after.runs.map(({ stdout }, run) => stdout !== before.runs[run]!.stdout);
      expect(changed, name).toEqual(runs.map(() => seeded));
      if (seeded) expect(after.memoryHash, name).not.toBe(before.memoryHash);
      // Importing random draws from the seed, which may leave its traces in memory.
      else if (!runs.some((code) => code.includes("import random"))) expect(after, name).toEqual(before);
    });
  });
});
