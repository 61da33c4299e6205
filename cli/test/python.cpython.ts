// `python --python cpython` from outside, with the artifact that is in the user's cache.
import { afterAll, expect, test } from "vitest";
import { escapement, Files } from "../../test/support/built-cli.js";

const files = new Files();
afterAll(() => files.remove());
const cpython = (...args: string[]) => escapement(["python", "--python", "cpython", ...args]);

test("a program in CPython has its arguments, its input and its status", async () => {
  const source = "import sys\nprint(sys.argv[1:], sys.stdin.read(), sys.version_info[0])\nsys.exit(3)";
  const file = files.write("program.py", source);
  const { status, stdout } = await escapement(["python", "--python", "cpython", file, "a", "b"], { input: "line" });
  expect({ status, stdout }).toEqual({ status: 3, stdout: "['a', 'b'] line 3\n" });
});

test("numpy is there, preloaded", async () => {
  const code = "import numpy as np\nprint((np.arange(6).reshape(2, 3) @ np.ones(3)).tolist())";
  expect(await cpython("--preload", "numpy", "-c", code)).toMatchObject({ status: 0, stdout: "[3.0, 12.0]\n" });
});

test("an exception has its traceback, and a limit its flag", async () => {
  const failed = await cpython("-c", "def f():\n  return 1 / 0\nf()");
  expect(failed).toMatchObject({ status: 1, stderr: expect.stringMatching(/line 2, in f[\s\S]*ZeroDivisionError/) });
  const stopped = await cpython("--fuel", "1000", "-c", "print(1)");
  expect(stopped).toMatchObject({ status: 3, stdout: "", stderr: expect.stringContaining("raise it with --fuel") });
});

test("the same program costs the same, with --json and without", async () => {
  const code = "sum(range(100))";
  const plain = await cpython("--stats", "-c", code);
  const { fuel, value } = JSON.parse((await cpython("--json", "-c", code)).stdout);
  expect(value).toBe(4950);
  expect(Number(/fuel (\d+) of/.exec(plain.stderr)![1])).toBe(fuel.used);
});

test.each<[string, string[], string?]>([
  ["output and status", ["-c", "import sys\nprint(sys.argv)\nsys.exit(7)", "a b"]],
  ["a preloaded module", ["--preload", "numpy", "-c", "import numpy as np\nprint(np.arange(3).sum())"]],
  ["an error", ["-c", "def f(:"]],
  ["the end of its fuel", ["--fuel", "30000000", "-c", "while True: pass"]],
  ["standard input", ["-c", "print(input(), input())"], "x\ny\n"],
  ["a flag of MicroPython's", ["--build", "ulab", "-c", "1"]],
])("the script of CPython's lines does what the whole command does: %s", async (_what, args, input = "") => {
  const line = ["python", "--python", "cpython", ...args];
  const ended = await escapement(line, { input });
  expect(ended.stderr).not.toContain("internal error");
  // What is behind `--` is the program's, and makes the line one of the whole command's.
  expect(await escapement([...line, "--"], { input })).toEqual(ended);
});
