// `--profile` from outside: the same bytes on every run and tier, and the sum is the bill.
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { escapement, Files } from "../../test/support/built-cli.js";
import { forms } from "../../test/support/form.js";
import { inProcess } from "../../test/support/in-process-cli.js";

const files = new Files();
afterAll(() => files.remove());

const program = files.write(
  "program.py",
  `def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
text = ""
for i in range(8):
    text += str(ask(i))
print(fib(7), len(text))
`,
);
const functions = files.write("functions.mjs", "export const ask = (i) => i * 3;");

const module = files.module(
  "calls.wasm",
  `(module (func $leaf (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
     (func $middle (param i32) (result i32) (i32.add (call $leaf (local.get 0)) (call $leaf (i32.const 1))))
     (func (export "main") (result i32) (drop (call $leaf (i32.const 7))) (call $middle (i32.const 2))))`,
);

const PYTHON = ["python", "--functions", functions, program];
const MODULE = ["run", module, "--invoke", "main"];

async function profile(name: string, flags: readonly string[] = [], command = inProcess, what = PYTHON) {
  const path = files.path(name);
  const args = [...what, "--json", "--profile", path, ...flags];
  const { status, stdout, stderr } = await command(args);
  expect(status, stderr).toBe(0);
  return { text: readFileSync(path, "utf8"), result: JSON.parse(stdout) };
}

interface Speedscope {
  readonly shared: { readonly frames: readonly { name: string; file?: string; line?: number }[] };
  readonly profiles: readonly { name: string; endValue: number; samples: number[][]; weights: number[] }[];
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);

describe("python --profile", () => {
  test("is the same bytes again, jitless, and whatever the tier; both trees add up to the bill", async () => {
    const { text, result } = await profile("a.speedscope.json");
    const node = forms([], ["--jitless"]);
    const shipped = (args: readonly string[]) => escapement(args, { node });
    expect((await profile("b.speedscope.json", ["--tier", "compiler"], shipped)).text).toBe(text);
    const plain = await inProcess(["python", "--functions", functions, "--json", program]);
    expect(result.fuel.used).toBe(JSON.parse(plain.stdout).fuel.used);
    const { shared, profiles } = JSON.parse(text) as Speedscope;
    expect(profiles.map(({ name }) => name)).toEqual([
      ...["Python, fuel", "WebAssembly, fuel", "Python, bytes", "Python, visits"],
    ]);
    for (const { endValue, weights } of profiles.slice(0, 2)) {
      expect(endValue).toBe(result.fuel.used);
      expect(sum(weights)).toBe(endValue);
    }
    const places = shared.frames.map(({ name, file, line }) => `${name} ${file ?? ""} ${line ?? ""}`);
    expect(places).toContain(`<module> ${program} 6`);
    expect(places.some((place) => place.startsWith(`fib ${program} `))).toBe(true);
    expect(places.some((place) => place.startsWith("mp_js_do_exec"))).toBe(true);
  });

  test("as cpuprofile and as a picture", async () => {
    const what = forms(MODULE, PYTHON);
    const { text, result } = await profile("a.cpuprofile", [], inProcess, what);
    const { nodes, samples, timeDeltas, endTime } = JSON.parse(text);
    expect(sum(timeDeltas)).toBe(result.fuel.used);
    expect(endTime).toBe(result.fuel.used);
    expect(samples.every((id: number) => nodes[id - 1].id === id)).toBe(true);
    const { text: picture } = await profile("a.svg", [], inProcess, what);
    expect(picture).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    expect(picture).toContain(`all: ${result.fuel.used} fuel of ${result.fuel.used}`);
  });

  test("is refused where it cannot be", async () => {
    for (const flags of [
      ["--profile", "x.txt"],
      ["--profile", "x.svg", "--receipt", "y"],
      ["--profile", "x.svg", "--python", "cpython"],
    ])
      expect(await inProcess(["python", ...flags, "-c", "1"])).toMatchObject({ status: 2 });
  });
});

test("run --profile NAME.cpuprofile: by functions, to the unit", async () => {
  const path = files.path("run.speedscope.json");
  const { stdout } = await inProcess(["run", "--profile", path, "--json", module, "--invoke", "main"]);
  const { shared, profiles } = JSON.parse(readFileSync(path, "utf8")) as Speedscope;
  const [{ samples, weights, endValue }] = profiles as [Speedscope["profiles"][0]];
  expect(endValue).toBe(JSON.parse(stdout).fuel.used);
  const named = samples.map((path, i) => [path.map((frame) => shared.frames[frame]!.name).join(" > "), weights[i]]);
  // Counted by hand: 1 for entering, 1 for each instruction but drop and end.
  const leaf = 1 + 3;
  const rest = named.filter(([name]) => !String(name).includes("main"));
  expect(Object.fromEntries(named.filter(([name]) => String(name).includes("main")))).toEqual({
    "all > main": 1 + 4,
    "all > main > leaf": leaf,
    "all > main > middle": 1 + 5,
    "all > main > middle > leaf": 2 * leaf,
  });
  expect(sum(weights)).toBe(endValue);
  expect(rest.every(([name]) => name === "all > (instantiation)")).toBe(true);
});
