// What a run can be asked for besides its value: the repr, progress, where it was when it was given up.
import { describe, expect, test } from "vitest";
import { Sandbox } from "../session/sandbox.js";

describe("what a run is asked for besides", () => {
  const VALUES: [code: string, repr: string][] = [
    ["(1, 'é', [None])", "(1, 'é', [None])"],
    ["{'a': (1,)}", "{'a': (1,)}"],
    ["b'\\0'", "b'\\x00'"],
    ["1e100", "1e+100"],
    ["'it'", "'it'"],
    ["class A:\n  def __repr__(self): return 'an A'\n\nA()", "an A"],
    ["class A:\n  def __repr__(self): 1 / 0\n\nA()", "<A object>"],
  ];
  test.each(VALUES)("the repr of %j is %j", async (code, repr) => {
    const sandbox = await Sandbox.create();
    const result = await sandbox.run(code, { repr: 100 });
    expect(result).toMatchObject({ status: "ok", repr: { text: repr, length: [...repr].length } });
    expect((await sandbox.run(code)).repr).toBeUndefined();
    expect((await sandbox.run("None", { repr: 100 })).repr).toBeUndefined();
    expect((await sandbox.run("x = 1", { repr: 100 })).repr).toBeUndefined();
  });

  test("a repr is cut, and says how long it is", async () => {
    const sandbox = await Sandbox.create();
    expect((await sandbox.run("'ab' * 50", { repr: 3 })).repr).toEqual({ text: "'ab", length: 102 });
  });

  test("progress comes between slices, and grows", async () => {
    const sandbox = await Sandbox.create({ fuel: 100_000_000 });
    const seen: { fuelUsed: number; elapsedMs: number }[] = [];
    const { fuel } = await sandbox.run("for i in range(20_000): pass", { onProgress: (note) => seen.push(note) });
    expect(seen.length).toBeGreaterThan(1);
    for (const [i, note] of seen.entries()) {
      expect(note.fuelUsed).toBeGreaterThan(seen[i - 1]?.fuelUsed ?? 0);
      expect(note.fuelUsed).toBeLessThanOrEqual(fuel.used);
    }
  });

  test("a run without fuel says whether its program had begun, and where it was", async () => {
    const sandbox = await Sandbox.create({ fuel: 3_000_000 });
    const loop = await sandbox.run("def f():\n  while True:\n    pass\n\nf()");
    expect(loop.error).toMatchObject({ begun: true, traceback: expect.stringMatching(/, line 3, in f\n$/) });
    const literal = await sandbox.run(`print(1)\nx = [${"1,".repeat(5_000)}]`);
    expect(literal).toMatchObject({ status: "out-of-fuel", stdout: "", error: { begun: false, traceback: "" } });
    const late = await sandbox.run("while True:\n  pass", { fuel: 10 ** 12, timeout: 30 });
    expect(late).toMatchObject({ status: "timeout", error: { traceback: expect.stringContaining(", line ") } });
  });
});
