// The guide and the example do what they say: each is run as it stands there, with this Redis's address.
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { escapement, Files, ROOT } from "../../test/support/built-cli.js";
import { examplesIn, expectPrinted } from "../../test/support/printed.js";
import { RedisServer, WorkerProcess } from "./support.js";

const run = promisify(execFile);
const GUIDE = readFileSync(`${ROOT}docs/guides/farm.md`, "utf8");
/** Within the package, so that its own name leads to it. */
const SCRATCH = `${ROOT}dist/guide-examples/`;
const ADDRESS = "redis://127.0.0.1:6379";
let redis: RedisServer;
const files = new Files();
beforeAll(async () => {
  redis = await new RedisServer().start();
});
afterAll(async () => {
  await redis[Symbol.asyncDispose]();
  files.remove();
});

test("the guide's commands and its program", async () => {
  const commands = [...GUIDE.matchAll(/^npx escapement (.*)$/gm)].map(([, line]) => line!);
  expect(commands).toEqual([`worker --redis ${ADDRESS} &`, `submit --redis ${ADDRESS} -c 'print(sum(range(10)))'`]);
  await using worker = new WorkerProcess(redis.url);
  const submitted = await escapement(["submit", "--redis", redis.url, "-c", "print(sum(range(10)))"]);
  expect(submitted).toEqual({ status: 0, signal: null, stdout: "45\n", stderr: "" });
  const examples = examplesIn(GUIDE, "ts", "// →");
  expect(examples).toHaveLength(1);
  for (const example of examples) {
    mkdirSync(SCRATCH, { recursive: true });
    const file = `${SCRATCH}farm.mjs`;
    writeFileSync(file, example.code.replaceAll(ADDRESS, redis.url));
    expectPrinted((await run(process.execPath, [file], { cwd: ROOT })).stdout.trimEnd(), example);
  }
  worker.kill("SIGINT");
  expect(await worker.ended).toEqual({ status: 0, signal: null });
  expect(worker.stderr).toMatch(/ready, 1 at a time\n.*SIGINT: runs under way end.*\n.*stopped, 2 runs ended\n$/);
});

test("the example", async () => {
  const { stdout } = await run(process.execPath, [`${ROOT}examples/farm/main.mjs`, redis.url], { cwd: ROOT });
  expect(stdout.split("\n").slice(0, 3)).toEqual([
    expect.stringMatching(/^8 runs: pi is about 3\.[01]$/),
    "north and south agree: true",
    "paid 2 times what it costs alone: true",
  ]);
});

test("submit: programs, modules, receipts that verify takes, statuses", async () => {
  await using _worker = new WorkerProcess(redis.url, ["--concurrency", "2", "--max-fuel", "2000000000"]);
  const farm = ["submit", "--redis", redis.url];
  const program = files.write("program.py", "import sys\nprint(sys.argv[1:], x)\n");
  const receipt = files.path("receipt.json");
  const done = await escapement([...farm, program, "a", "--input", "x=[1]", "--receipt", receipt, "--", "-b"]);
  expect(done).toMatchObject({ status: 0, stdout: "['a', '-b'] [1]\n", stderr: "" });
  expect(await escapement(["verify", receipt, "--code", program])).toMatchObject({ status: 0, stdout: /^true: / });
  const module = files.module(
    "add.wasm",
    `(module (func (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1))))`,
  );
  expect(await escapement([...farm, module, "--invoke", "add", "2", "40"])).toMatchObject({
    status: 0,
    stdout: "42\n",
  });
  const failing = [
    [["-c", "1/0"], 1, /ZeroDivisionError/],
    [["-c", "while True: pass", "--fuel", "2000000"], 3, /fuel/],
    [["-c", "1", "--fuel", "3000000000"], 1, /has failed: the run asks for 3000000000 fuel/],
    [["-c", "1", "--id", "7"], 2, /not of digits alone/],
    [["-c", "1", "--verify", "3"], 2, /--verify is AGREE\/WORKERS, as in 2\/3/],
    [[], 2, /a file, or -c CODE/],
    [[files.path("none.py")], 2, /none\.py/],
  ] as const;
  for (const [args, status, message] of failing) {
    const ended = await escapement([...farm, ...args]);
    expect(ended.stderr, args.join(" ")).toMatch(message);
    expect(ended.status, args.join(" ")).toBe(status);
  }
  const detached = await escapement([...farm, "-c", "6 * 7", "--id", "later", "--detach"]);
  expect(detached.stdout).toBe("later\n");
  const later = JSON.parse((await escapement([...farm, "-c", "6 * 7", "--id", "later", "--json"])).stdout);
  expect(later).toMatchObject({ id: "later", state: "done", value: 42 });
});
