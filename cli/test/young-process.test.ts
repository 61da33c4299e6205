// Flags of V8's that a young process of the command sets: it is the same program, and later processes' code is taken.
import { spawnSync } from "node:child_process";
import { afterAll, expect, test } from "vitest";
import { CLI, escapement, Files } from "../../test/support/built-cli.js";

const files = new Files();
afterAll(() => files.remove());

/** What V8 says that it optimises while a program runs. NODE_OPTIONS would say that the flags are the user's. */
function optimised(program: string, ...flags: string[]): number {
  const setup = files.write(
    "trace.mjs",
    'import { setFlagsFromString } from "node:v8";\nsetFlagsFromString("--trace-opt");\n',
  );
  const main = `await import(${JSON.stringify(`file://${setup}`)}); await import(${JSON.stringify(`file://${CLI}`)});`;
  const script = files.write("main.mjs", main);
  const env = { ...process.env, XDG_CACHE_HOME: files.path("cache") };
  const { stdout, status } = spawnSync(process.execPath, [script, "python", ...flags, "-c", program], {
    encoding: "utf8",
    env,
  });
  expect(status).toBe(0);
  return stdout.split("[completed optimizing").length - 1;
}

test("nothing is optimised for a short program; what runs for long is", () => {
  expect(optimised("print(1)")).toBe(0);
  expect(optimised("for i in range(20000): pass", "--tier", "interpreter", "--fuel", "100000000")).toBeGreaterThan(0);
});

test("results are the same under flags of the user's, which are left alone", async () => {
  const program = ["python", "--json", "-c", "print(sum(i * i for i in range(1000)))"];
  const [plain, users] = await Promise.all([
    escapement(program),
    escapement(program, { node: ["--max-optimized-bytecode-size=50000"] }),
  ]);
  const withoutTime = (text: string) => ({ ...JSON.parse(text), elapsedMs: 0 });
  expect(withoutTime(users.stdout)).toEqual(withoutTime(plain.stdout));
});
