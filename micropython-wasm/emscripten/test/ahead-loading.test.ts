// Code that was compiled ahead of time and is not there, or is there and cannot be used.
import { rmSync, writeFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { type Module, UsageError } from "../../../runtime/index.js";
import { AheadLoading } from "../ahead-loading.js";
import { aheadName, loadAhead, warnOfAhead } from "../artifact-node.js";

const ARTIFACT = new TextEncoder().encode("an artifact of this test alone");
const place = new URL(`../${aheadName(ARTIFACT)}`, import.meta.url);

afterEach(() => {
  rmSync(place, { force: true });
  vi.restoreAllMocks();
});

test("code that is not there is none; of code that cannot be run the reason is thrown", async () => {
  expect(await loadAhead(ARTIFACT)).toBeUndefined();
  writeFileSync(place, "throw new Error('no such code');");
  await expect(loadAhead(ARTIFACT)).rejects.toThrow("no such code");
});

test("while programs run, code that cannot be loaded is a warning, once", async () => {
  const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const given: unknown[] = [];
  const module = { giveAhead: (code: unknown) => given.push(code) } as unknown as Module;
  const load = vi.fn(() => Promise.reject(new Error("EACCES: permission denied")));
  const loading = new AheadLoading(module, load, warnOfAhead);
  for (let i = 0; i < 5; i++) loading.count(300_000);
  await vi.waitFor(() => expect(warnings).toHaveBeenCalled());
  loading.count(300_000);
  expect(load).toHaveBeenCalledTimes(1);
  expect(warnings.mock.calls).toEqual([
    [expect.stringMatching(/the interpreter goes on: EACCES: permission denied$/), { code: "ESCAPEMENT_AHEAD" }],
  ]);
  expect(given).toEqual([]);
});

test("code of another version is passed over, without a word", async () => {
  const warn = vi.fn();
  let asked: unknown;
  const module = {
    giveAhead: () => {
      asked = true;
      throw new UsageError("the code is of another version");
    },
  } as unknown as Module;
  const loading = new AheadLoading(module, () => Promise.resolve({ about: { module: "00" } } as never), warn);
  loading.count(500_000);
  await vi.waitFor(() => expect(asked).toBe(true));
  await Promise.resolve();
  expect(warn).not.toHaveBeenCalled();
});
