// `python --receipt`, `verify` and `dispute`.
import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { Files } from "../../test/support/built-cli.js";
import { inProcess } from "../../test/support/in-process-cli.js";

const files = new Files();
afterAll(() => files.remove());

const program = files.write(
  "program.py",
  `import sys
def work(n):
    total = 0
    for i in range(n):
        total += ask(i) if i % 50 == 0 else i
    return total
print(sys.argv[1:], input(), start)
work(200)
`,
);
const honest = files.write("honest.mjs", "export const ask = (i) => i * 2;");
const lying = files.write("lying.mjs", "export const ask = (i) => (i === 100 ? 7 : i * 2);");
const [a, b] = [files.path("a.json"), files.path("b.json")];
const input = "a line\n";
const record = (functions: string, receipt: string) =>
  inProcess(["python", "--functions", functions, "--input", "start=5", "--receipt", receipt, program, "x"], { input });

test("a program's receipt is true, and refused of another program, input or value", async () => {
  const plain = await inProcess(["python", "--functions", honest, "--input", "start=5", program, "x"], { input });
  expect(plain).toMatchObject({ status: 0, stdout: "['x'] a line 5\n" });
  expect(await record(honest, a)).toEqual(plain);
  const receipt = JSON.parse(readFileSync(a, "utf8"));
  expect(receipt).toMatchObject({ status: "done", inputs: { globals: { start: 5 }, session: false } });
  const verify = (path: string, code = program, text = input) =>
    inProcess(["verify", path, "--code", code], { input: text });
  expect(await verify(a)).toMatchObject({ status: 0, stdout: expect.stringMatching(/^true: /) });
  const forged = files.write("forged.json", JSON.stringify({ ...receipt, value: 1 }));
  expect(await verify(forged)).toMatchObject({ status: 1, stdout: expect.stringMatching(/^not true: value/) });
  expect(await verify(a, program, "other\n")).toMatchObject({ status: 2 });
  expect(await verify(a, honest)).toMatchObject({ status: 2, stderr: expect.stringContaining("the program is not") });
});

test("two hosts that answered differently: the instruction, the line, and the answers", async () => {
  expect((await record(lying, b)).status).toBe(0);
  const { status, stdout } = await inProcess(["dispute", a, b, "--code", program], { input });
  expect(status).toBe(1);
  expect(stdout).toMatch(/they part with one unit more than \d+ fuel\n {2}call \d+, /);
  expect(stdout).toMatch(/called by mp_js_do_exec at 0x/);
  expect(stdout).toMatch(/in Python: <stdin>, line 5, in work\n/);
  expect(stdout).toMatch(/host call 2: .*"value":200.* and .*"value":7/);
  expect(await inProcess(["dispute", a, a, "--code", program], { input })).toMatchObject({ status: 0 });
});
