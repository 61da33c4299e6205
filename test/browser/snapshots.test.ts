// A paused run as bytes: it goes on in another process and in a browser, and ends as it would have ended.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ChromiumEngine, here, nodeProcess, startChromium } from "./engines.js";
import type { LongRunEnd, Paused } from "./tasks.js";

let chromium: ChromiumEngine;
let jitless: ChromiumEngine;
let whole: LongRunEnd;
/** In the middle of the run: in a loop, with a generator, an open file and host functions, one of which is asynchronous. */
let fuel: number[];
let paused: Paused[];

beforeAll(async () => {
  [chromium, jitless] = await Promise.all([startChromium(), startChromium("--js-flags=--jitless")]);
  whole = await here.run("whole");
  fuel = [0.5, 0.7, 0.9].map((share) => Math.round(whole.result.fuel.used * share));
  paused = await nodeProcess().run("pause", { fuel, shipped: true });
});
afterAll(async () => {
  await chromium?.close();
  await jitless?.close();
});

/** That a run which went on ended as the whole one did, and called nothing twice and nothing never. */
function expectWhole(ends: readonly LongRunEnd[], from: readonly Paused[], expected = whole): void {
  expect(ends).toHaveLength(from.length);
  ends.forEach((end, i) => {
    const calls = [...from[i]!.calls, ...end.calls];
    const { limit } = end.result.fuel;
    const { used } = expected.result.fuel;
    const result = { ...expected.result, fuel: { ...expected.result.fuel, limit, left: limit - used } };
    expect({ ...end, calls }).toEqual({ ...expected, result });
  });
}

describe("a run that a Node process has paused", () => {
  const snapshots = () => ({ snapshots: paused.map(({ snapshot }) => snapshot) });

  test("is in the middle", () => {
    expect(whole.result).toMatchObject({ status: "ok", hostCalls: 800 });
    paused.forEach(({ result, log, calls }, i) => {
      expect(result).toMatchObject({ status: "paused", fuel: { used: fuel[i], left: 0 } });
      expect(result).not.toHaveProperty("value");
      expect(result.stdout).not.toBe("");
      expect(whole.result.stdout.startsWith(result.stdout)).toBe(true);
      expect(whole.log.startsWith(log)).toBe(true);
      expect(calls.length).toBeGreaterThan(0);
      expect(calls.length).toBeLessThan(whole.calls.length);
    });
  });

  test.concurrent("ends alike in another process", async () => {
    expectWhole(await nodeProcess().run("finish", snapshots()), paused);
  });
  test.concurrent("ends alike in a process without a compiler", async () => {
    expectWhole(await nodeProcess("--jitless").run("finish", snapshots()), paused);
  });
  test.concurrent("ends alike in Chromium", async () => {
    expectWhole(await chromium.run("finish", snapshots()), paused);
  });
  test.concurrent("ends alike in Chromium without a compiler", async () => {
    expectWhole(await jitless.run("finish", snapshots()), paused);
  });
});

test("a run that Chromium has paused is the same to the byte, and ends alike here and in a process", async () => {
  const other = await chromium.run<Paused[]>("pause", { fuel });
  expect(other).toEqual(paused);
  const snapshots = other.map(({ snapshot }) => snapshot);
  expectWhole(await here.run("finish", { snapshots }), other);
  expectWhole(await nodeProcess().run("finish", { snapshots }), other);
});

test("a run goes from Node to Chromium and back, a pause in each", async () => {
  const [first] = paused;
  const [second] = await chromium.run<Paused[]>("advance", { snapshots: [first!.snapshot], fuel: 1_000_000 });
  expect(second!.result.fuel.used).toBe(first!.result.fuel.used + 1_000_000);
  const [end] = await nodeProcess().run<LongRunEnd[]>("finish", { snapshots: [second!.snapshot] });
  expectWhole([{ ...end!, calls: [...second!.calls, ...end!.calls] }], [first!]);
});

test("a run on the WASI build goes from Chromium to Node and back", async () => {
  const options = { artifact: "wasi" } as const;
  const expected = await here.run<LongRunEnd>("whole", {}, options);
  expect(expected.result).toMatchObject({ status: "ok", stdout: expect.stringContaining("399 "), hostCalls: 800 });
  const half = Math.round(expected.result.fuel.used / 2);
  const first = await chromium.run<Paused[]>("pause", { fuel: [half] }, options);
  const snapshotOf = ([{ snapshot }]: Paused[]) => ({ snapshots: [snapshot] });
  const second = await nodeProcess().run<Paused[]>("advance", { ...snapshotOf(first), fuel: 1_000_000 }, options);
  const [end] = await chromium.run<LongRunEnd[]>("finish", snapshotOf(second), options);
  expectWhole([{ ...end!, calls: [...second[0]!.calls, ...end!.calls] }], first, expected);
});
