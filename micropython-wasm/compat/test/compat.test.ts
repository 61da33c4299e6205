// Programs as agents write them print what CPython 3.11 prints. agent-programs.expected is what `python3 -I` printed;
// where that Python is there, a test prints it anew.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hasCPython, onCPython } from "../../../test/support/cpython.js";
import { Sandbox } from "../../index.js";
import { compatible, REWRITE_FUEL_PER_CHARACTER } from "../index.js";
import { rewrite } from "../rewrite.js";

const read = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");

function sections(text: string): ReadonlyMap<string, string> {
  const parts = text.split(/^### /m).slice(1);
  return new Map(parts.map((part) => [part.slice(0, part.indexOf("\n")), part.slice(part.indexOf("\n") + 1)]));
}

const programs = sections(read("agent-programs.txt"));
const expected = sections(read("agent-programs.expected"));
/** The limits of `escapement mcp`. */
const LIMITS = { fuel: 1_000_000_000, memory: "128MiB" };

describe("a program", () => {
  test.each([...programs])("%s prints what CPython prints", async (name, code) => {
    const sandbox = await Sandbox.create(LIMITS);
    const { error, stdout } = await sandbox.run(code);
    expect(error).toBeNull();
    expect(stdout).toBe(expected.get(name));
    sandbox.close();
  });
});

test.skipIf(!hasCPython)("the expected outputs are CPython 3.11's", () => {
  expect([...expected.keys()]).toEqual([...programs.keys()]);
  const printed = onCPython([...programs.values()]);
  for (const [i, name] of [...programs.keys()].entries()) expect(printed[i], name).toBe(expected.get(name));
});

describe("rewriting", () => {
  test("keeps every statement on its line", async () => {
    for (const [name, code] of programs) {
      if (/class \w+\((?:\w*Enum|NamedTuple)\)/.test(code)) continue;
      expect(rewrite(code).split("\n").length, name).toBe(code.split("\n").length);
    }
    const sandbox = await Sandbox.create(LIMITS);
    const { error } = await sandbox.run(
      "a = {\n  **{'x': 1},\n  'y': [*range(2)],\n}\nb = 'abc'[::-1]\nraise ValueError(b)",
    );
    expect(error).toMatchObject({ type: "ValueError", message: "cba" });
    expect(error?.traceback).toContain("line 6");
  });

  test("leaves alone what is the program's own", () => {
    for (const source of [
      "def sorted(x):\n    return x\nsorted([1])",
      "class A:\n    def title(self):\n        return 1\nx = A.title",
      "x[1:2] = y",
      "x = 'not {**a} nor [::2]'",
      "f(**kwargs, *args)",
    ])
      expect(rewrite(source), source).toBe(source);
  });

  test("a method of the program's own class stays one", async () => {
    const sandbox = await Sandbox.create(LIMITS);
    const code =
      "class A:\n  def title(self, x=1): return x\n  def sort(self): return 'own'\n[A().title(x=5), A().sort(), 'a b'.title()]";
    expect((await sandbox.run(code)).value).toEqual([5, "own", "A B"]);
  });

  test("costs the same for the same source, and nothing where nothing is looked at", async () => {
    const source = "x = 'abc'[::-1]";
    expect((await compatible(source)).fuel).toBe(source.length * REWRITE_FUEL_PER_CHARACTER);
    expect(await compatible("x = 1 + 1\nprint(x)")).toEqual({ source: "x = 1 + 1\nprint(x)", fuel: 0 });
  });

  test("is paid to the unit: a run that costs U ends with U and stops with U - 1, also in two parts", async () => {
    const code = "x = 'abcdef'[::-2]\nlen(x)";
    const cost = (await (await Sandbox.create(LIMITS)).run(code)).fuel.used;
    expect(await (await Sandbox.create(LIMITS)).run(code, { fuel: cost })).toMatchObject({ status: "ok", value: 3 });
    const last = await Sandbox.create({ ...LIMITS, onFuelExhausted: "pause" });
    expect(await last.run(code, { fuel: cost - 1 })).toMatchObject({ status: "paused", fuel: { used: cost - 1 } });
    for (const fuel of [0, 1, 100, code.length * REWRITE_FUEL_PER_CHARACTER]) {
      const sandbox = await Sandbox.create({ ...LIMITS, onFuelExhausted: "pause" });
      const paused = await sandbox.run(code, { fuel });
      expect(paused, String(fuel)).toMatchObject({ status: "paused", fuel: { used: fuel } });
      const other = await Sandbox.restore(sandbox.snapshot(), LIMITS);
      const done = await other.resume(other.paused!, cost - fuel);
      expect(done, String(fuel)).toMatchObject({ status: "ok", value: 3, fuel: { used: cost, left: 0 } });
    }
  });

  test("is an option", async () => {
    const sandbox = await Sandbox.create({ ...LIMITS, compat: false });
    expect((await sandbox.run("{**{'a': 1}}")).error).toMatchObject({ type: "SyntaxError" });
  });

  test("does nothing to what is nested too deeply, or is no Python", () => {
    const deep = `x = ${"(".repeat(2000)}1${")".repeat(2000)}[::2]`;
    expect(rewrite(deep)).toBe(deep);
    for (const source of [
      "def (",
      "x = [1, 2",
      "{**",
      "match:\n",
      "\u0000",
      "f'{",
      "class A(Enum):\n",
      'match x:\n  case "a" "b": y\n',
    ])
      expect(typeof rewrite(source)).toBe("string");
  });
});

describe("libraries of the embedder's", () => {
  const libraries = { shout: "def up(s): return s[::-1].title()", "tools.text": "N = [*range(3)]" };

  test("are imported, rewritten as programs are, and cannot be changed", async () => {
    const sandbox = await Sandbox.create({ ...LIMITS, libraries });
    expect((await sandbox.run("import shout\nfrom tools.text import N\n[shout.up('ba'), N]")).value).toEqual([
      "Ab",
      [0, 1, 2],
    ]);
    expect((await sandbox.run("open('/lib/shout.py', 'w')")).error).toMatchObject({ type: "OSError" });
    const other = await Sandbox.restore(sandbox.snapshot(), LIMITS);
    expect((await other.run("shout.up('dc')")).value).toBe("Cd");
  });

  test("have names of modules", async () => {
    for (const name of ["", "a-b", "../x", "a..b", "1"])
      await expect(Sandbox.create({ libraries: { [name]: "" } }), name).rejects.toThrow(
        "not the name of a Python module",
      );
  });
});
