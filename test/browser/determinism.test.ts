// Same code, seed, functions' results and limits: same everything, wherever it runs.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ChromiumEngine, here, nodeProcess, startChromium } from "./engines.js";
import { PROGRAMS } from "./programs.js";
import type { ProgramReport } from "./tasks.js";

describe("programs", () => {
  let chromium: ChromiumEngine;
  let jitless: ChromiumEngine;
  let first: ProgramReport[];

  beforeAll(async () => {
    chromium = await startChromium();
    jitless = await startChromium("--js-flags=--jitless");
    first = await here.run("programs");
  });
  afterAll(async () => {
    await chromium?.close();
    await jitless?.close();
  });

  test("end as they are meant to", () => {
    expect(first.map(({ name, runs }) => [name, runs.map(({ status }) => status)])).toEqual(
      PROGRAMS.map(({ name, runs, ends }) => [name, ends ?? runs.map(() => "ok")]),
    );
  });
  test.concurrent("give the same again in this process", async () => {
    expect(await here.run("programs")).toEqual(first);
  });
  test.concurrent("give the same however they are cut into slices", async () => {
    expect(await here.run("programs", { erratic: true })).toEqual(first);
  });
  test.concurrent("give the same on the artifact that the package finds itself", async () => {
    expect(await nodeProcess().run("programs", { shipped: true })).toEqual(first);
  });
  test.concurrent("give the same in another process", async () => {
    expect(await nodeProcess().run("programs")).toEqual(first);
  });
  test.concurrent("give the same in a process without a compiler", async () => {
    expect(await nodeProcess("--jitless").run("programs")).toEqual(first);
  });
  test.concurrent("give the same in Chromium", async () => {
    expect(await chromium.run("programs")).toEqual(first);
  });
  test.concurrent("give the same in Chromium without a compiler", async () => {
    expect(await jitless.run("programs")).toEqual(first);
  });

  test("with another seed, differ where they ask for random numbers, and nowhere else", async () => {
    const other = await here.run<ProgramReport[]>("programs", { seed: 7 });
    const differing = other.filter((report, i) => JSON.stringify(report) !== JSON.stringify(first[i]));
    expect(differing.map(({ name }) => name)).toEqual(PROGRAMS.filter(({ seeded }) => seeded).map(({ name }) => name));
    for (const { name, runs, memoryHash } of differing) {
      const before = first.find((report) => report.name === name)!;
      runs.forEach(({ stdout }, i) => void expect(stdout).not.toBe(before.runs[i]!.stdout));
      expect(memoryHash).not.toBe(before.memoryHash);
    }
  });
});
