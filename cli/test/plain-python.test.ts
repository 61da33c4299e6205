// Which lines one script does, and that nobody can tell.
import { runInThisContext } from "node:vm";
import { afterAll, expect, test } from "vitest";
import { escapement, Files } from "../../test/support/built-cli.js";
import { type ScriptedPython, scriptFor, scriptOfAhead } from "../plain-python.js";

const files = new Files();
afterAll(() => files.remove());

test.each<[ScriptedPython | null, string[]]>([
  ["micropython", ["python", "-c", "print(1)"]],
  ["micropython", ["python", "--fuel", "5", "--memory=1MiB", "x.py", "a", "b"]],
  ["cpython", ["python", "--python", "cpython", "-c", "print(1)"]],
  ["cpython", ["python", "--python=cpython", "--preload", "numpy", "--preload=json", "--fuel", "5", "x.py", "a"]],
  [null, ["python", "--preload", "numpy", "-c", "1"]],
  [null, ["python", "--python", "cpython", "--functions", "x.mjs", "-c", "1"]],
  [null, ["python", "--python", "pypy", "-c", "1"]],
  ["micropython", ["python", "-"]],
  ["micropython", ["python"]],
  ["micropython", ["python", "--json", "--stats", "--tier", "interpreter", "--build=ulab", "-c", "1"]],
  [null, []],
  [null, ["--help"]],
  [null, ["run", "python"]],
  [null, ["python", "--help"]],
  [null, ["python", "-h"]],
  [null, ["python", "x.py", "--", "a"]],
  [null, ["python", "-c", "-1"]],
  ...["functions", "mount", "preload", "profile", "python", "receipt", "wasm"].map((flag): [null, string[]] => [
    null,
    ["python", `--${flag}`, "x", "-c", "1"],
  ]),
  [null, ["python", "--fuel-for", "1"]],
  [null, ["python", "--jsonx"]],
])("%j: %j", (script, line) => {
  expect(scriptFor(line)).toBe(script);
});

/** The same by the whole command: what is behind `--` is the program's, and empty here. */
const whole = (args: readonly string[]) => [...args, "--"];

test.each<[string, string[], string?]>([
  ["a program's output and status", ["python", "-c", "import sys\nprint(sys.argv)\nsys.exit(7)", "a b"]],
  ["an error", ["python", "-c", "def f(:"]],
  ["the end of its fuel", ["python", "--fuel", "100000", "-c", "while True: pass"]],
  ["standard input", ["python", "-c", "print(input(), input())"], "x\ny\n"],
  ["a program from standard input", ["python", "-"], "print('piped')"],
  ["a program that is rewritten", ["python", "-c", "a = {'x': 1}\nprint({**a, 'y': 2}, [*a])"]],
  ["the debug build", ["python", "--build", "settrace", "-c", "import sys\nprint(hasattr(sys, 'settrace'))"]],
  ["code ahead of time", ["python", "--tier", "ahead-of-time", "-c", "print(sum(range(1000)))"]],
  ["the compiler", ["python", "--tier", "compiler", "-c", "print(sum(range(1000)))"]],
  ["a flag's wrong value", ["python", "--fuel", "x", "-c", "1"]],
  ["an input", ["python", "--input", 'a=[1, "b"]', "-c", "print(a)"]],
  ["no program", ["python"]],
  ["a file that is not there", ["python", "no-such-file.py"]],
])("%s", async (_what, args, input = "") => {
  const ended = await escapement(args, { input });
  expect(ended.stderr).not.toContain("internal error");
  expect(await escapement(whole(args), { input })).toEqual(ended);
});

test("code compiled ahead of time, as a script, gives what the module exports", () => {
  const text =
    'export const about={"module":"00"};export const functions=["export const no"];export function make(a){return a+1}';
  const script = `(${scriptOfAhead(text)})()`;
  const { about, functions, make } = runInThisContext(script) as AheadText;
  expect([about, functions, make(1)]).toEqual([{ module: "00" }, ["export const no"], 2]);
});

interface AheadText {
  readonly about: unknown;
  readonly functions: unknown;
  make(a: number): number;
}
