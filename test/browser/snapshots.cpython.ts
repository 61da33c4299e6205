// A paused run of CPython as bytes: it goes on in Chromium, under a policy that allows no compiler, and back here.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { cpythonFolder } from "../../micropython-wasm/cpython/cache-node.js";
import { type ChromiumEngine, here, startChromium } from "./engines.js";
import type { CPythonEnds } from "./tasks.js";

const FUEL = 6_000_000;
const read = (name: string) => new Uint8Array(readFileSync(join(cpythonFolder(), name)));
const files = { module: read("python-snapshot.wasm"), archive: read("python-stdlib.zip") };

let chromium: ChromiumEngine | undefined;
afterAll(() => chromium?.close());

test("a run of CPython's that was paused here ends alike in Chromium, and one that was paused there ends alike here", async () => {
  const before = await here.run<CPythonEnds>("cpython", { ...files, fuel: FUEL });
  const { result, calls } = before.paused;
  expect(before.whole.result).toMatchObject({ status: "ok", hostCalls: 40 });
  // Row by row: (i + 2) times the sum of 0 to 11 and of i threes.
  const total = Array.from({ length: 40 }, (_, i) => (i + 2) * (66 + 3 * i)).reduce((sum, n) => sum + n);
  expect(before.whole.result.value).toBe(total);
  // In the middle.
  expect(result).toMatchObject({ status: "paused", fuel: { used: FUEL, left: 0 } });
  expect(calls.length).toBeGreaterThan(0);
  expect(calls.length).toBeLessThan(40);

  chromium = await startChromium();
  chromium.serve("/cpython.wasm", files.module);
  chromium.serve("/stdlib.zip", files.archive);
  const there = await chromium.run<CPythonEnds>("cpython", {
    module: "/cpython.wasm",
    archive: "/stdlib.zip",
    snapshot: before.paused.snapshot,
    fuel: FUEL,
  });
  expect(there.whole).toEqual(before.whole);
  expect(there.paused).toEqual(before.paused);
  expectWhole(there, before);
  const back = await here.run<CPythonEnds>("cpython", { ...files, snapshot: there.paused.snapshot, fuel: FUEL });
  expectWhole(back, there);
});

/** That what was paused in `from` has ended as the whole run, and called nothing twice and nothing never. */
function expectWhole({ end }: CPythonEnds, { whole, paused }: CPythonEnds): void {
  const { limit, left, ...spent } = end!.result.fuel;
  const { limit: _limit, left: _left, ...wholeSpent } = whole.result.fuel;
  expect(limit - left).toBe(spent.used);
  expect(spent).toEqual(wholeSpent);
  expect({ ...end!.result, fuel: null }).toEqual({ ...whole.result, fuel: null });
  expect(end!.memoryHash).toBe(whole.memoryHash);
  expect([...paused.calls, ...end!.calls]).toEqual(whole.calls);
}
