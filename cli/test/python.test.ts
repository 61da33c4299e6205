// `escapement python`: output, exit statuses, limits; from outside signals, pipes, hosts without WebAssembly.
import { spawn } from "node:child_process";
import { afterAll, describe, expect, test } from "vitest";
import { CLI, escapement, Files, ROOT, start, TELLS_WHEN_IT_LISTENS } from "../../test/support/built-cli.js";
import { inProcess } from "../../test/support/in-process-cli.js";

const files = new Files();
afterAll(() => files.remove());

const python = (...args: string[]) => inProcess(["python", ...args]);

describe("a program runs", () => {
  const done = (stdout: string) => ({ status: 0, signal: null, stdout, stderr: "" });

  test("from -c", async () => {
    expect(await escapement(["python", "-c", "print(sum(range(10)))"])).toEqual(done("45\n"));
  });

  test("from a file, with a byte order mark and non-ASCII text", async () => {
    const path = files.write("program.py", "\ufeffimport sys\nprint('é', len(sys.argv))\n");
    expect(await python(path)).toEqual(done("é 1\n"));
  });

  test("from standard input", async () => {
    expect(await escapement(["python", "-"], { input: "print(6 * 7)\n" })).toEqual(done("42\n"));
  });

  test("under --jitless, where Node has no WebAssembly", async () => {
    const { status, stdout } = await escapement(["python", "-c", "print(45)"], { node: ["--jitless"] });
    expect({ status, stdout }).toEqual({ status: 0, stdout: "45\n" });
  });

  test("when the global WebAssembly is deleted", async () => {
    const node = ["--import", "data:text/javascript,delete globalThis.WebAssembly"];
    expect(await escapement(["python", "-c", "print(45)"], { node })).toEqual(done("45\n"));
  });

  test("the same seed gives the same numbers, another seed others", async () => {
    const program = "import random; print(random.getrandbits(30))";
    const [first, again, other] = await Promise.all([
      python("-c", program, "--seed", "7"),
      python("-c", program, "--seed", "7"),
      python("-c", program, "--seed", "8"),
    ]);
    expect(first.stdout).toMatch(/^\d+\n$/);
    expect(again.stdout).toBe(first.stdout);
    expect(other.stdout).not.toBe(first.stdout);
  });

  test("output streams as it is produced", async () => {
    const running = start(["python", "-c", "print('first')\nwhile True: pass", "--fuel", "9007199254740991"]);
    await running.shows("first\n");
    running.interrupt();
    await running.ended;
  });
});

describe("arguments are the program's", () => {
  const program = "import sys\nprint(sys.argv)\nsys.exit(3)\n";

  test.each([
    ["a file's", () => [files.write("args.py", program), "a", "b", "--", "--fuel", "-c"], "", "a|b|--fuel|-c"],
    ["those of -c", () => ["-c", program, "a", "--", "--json"], "", "-c|a|--json"],
    ["those of -", () => ["-", "a"], program, "-|a"],
    ["a pipe's", () => ["--", "a"], program, "|a"],
    ["a pipe's, none", () => [], program, ""],
  ])("%s, and its status is the command's", async (_, args, input, argv) => {
    const ended = await inProcess(["python", ...args()], { input });
    const shown = argv.split("|").map((arg) => (arg.endsWith("args.py") ? arg : `'${arg}'`));
    const expected = argv.startsWith("a|b") ? [`'${files.path("args.py")}'`, ...shown] : shown;
    expect(ended).toEqual({ status: 3, signal: null, stdout: `[${expected.join(", ")}]\n`, stderr: "" });
  });

  test("flags behind the file are the command's own, and what is misspelt is refused", async () => {
    const path = files.write("args.py", program);
    expect(JSON.parse((await python(path, "a", "--json")).stdout)).toMatchObject({ exitStatus: 3, ok: false });
    expect(await python(path, "--feul", "1")).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/Did you mean --fuel/),
    });
  });
});

describe("standard input is the program's", () => {
  const program =
    "import sys\nprint(input('? '))\nprint([sys.stdin.readline(), sys.stdin.read()])\ntry:\n    input()\nexcept EOFError:\n    print('end')\n";

  test.each(["a file", "-c"])("with %s", async (kind) => {
    const args = kind === "-c" ? ["-c", program] : [files.write("reads.py", program)];
    expect(await inProcess(["python", ...args], { input: "é\nb\nc\nd" })).toMatchObject({
      status: 0,
      stdout: "? é\n['b\\n', 'c\\nd']\nend\n",
      stderr: "",
    });
  });

  test("as it comes: a line is read when it is there, and the bill does not depend on the pieces", async () => {
    const path = files.write("reads.py", program);
    const used = async (pieces: string[]) => {
      const child = spawn(process.execPath, [CLI, "python", path, "--json"], { cwd: ROOT });
      let stdout = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
      });
      for (const piece of pieces) {
        child.stdin.write(piece);
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
      child.stdin.end();
      await new Promise((resolve) => child.on("close", resolve));
      return JSON.parse(stdout).fuel.used;
    };
    const whole = "one\ntwo\nthree and more";
    expect(await used(["o", "ne\ntw", "o\nth", "ree and", " more"])).toBe(await used([whole]));
    const child = spawn(process.execPath, [CLI, "python", "-c", "print(input() * 2)\ninput()"], {
      cwd: ROOT,
    });
    child.stdin.write("ab\n");
    const shown = await new Promise((resolve) => child.stdout.once("data", (data: Buffer) => resolve(`${data}`)));
    expect(shown).toMatch(/^abab/);
    child.stdin.end("\n");
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
  });
});

describe("flags as in mcp", () => {
  test("--input sets globals", async () => {
    const given = ["--input", 'rows=[1,2.5,{"é":null}]', "--input", 'n="x=y"'];
    expect(await python("-c", "print(rows, n)", ...given)).toMatchObject({
      status: 0,
      stdout: "[1, 2.5, {'é': None}] x=y\n",
    });
  });

  test.each([
    ["class=1", /a word of Python's own/],
    ["a-b=1", /not a Python identifier/],
    ["a=x", /a is not JSON/],
    ["a", /NAME=JSON/],
  ])("--input %s is wrong use", async (input, message) => {
    expect(await python("-c", "1", "--input", input)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(message),
    });
  });

  test("--mount gives folders: read-only, read-write, overlay", async () => {
    const folder = files.folder({ "a.txt": "alpha" });
    const read = "print(open('/d/a.txt').read())";
    const write = "open('/d/b.txt', 'w').write('beta')\nprint(open('/d/b.txt').read())";
    expect((await python("-c", read, "--mount", `${folder}::/d`)).stdout).toBe("alpha\n");
    expect((await python("-c", write, "--mount", `${folder}::/d`)).stderr).toContain(
      "OSError: [Errno 30] Read-only file system: '/d/b.txt'",
    );
    expect((await python("-c", write, "--mount", `${folder}::/d:overlay`)).stdout).toBe("beta\n");
    expect((await python("-c", "open('/d/b.txt')", "--mount", `${folder}::/d`)).stderr).toContain("[Errno 2]");
    expect((await python("-c", write, "--mount", `${folder}::/d:rw`)).stdout).toBe("beta\n");
    expect((await python("-c", "print(open('/d/b.txt').read())", "--mount", `${folder}::/d`)).stdout).toBe("beta\n");
    const { status, stderr } = await python("-c", "1", "--mount", "/no/such::/d");
    expect([status, stderr]).toEqual([2, expect.stringContaining("/no/such cannot be opened for /d: there is none")]);
  });

  test("--timeout stops with status 3: a loop, and a program that waits for input", async () => {
    const message =
      "escapement: stopped by the time limit: the program took longer than 1 s; raise it with --timeout\n";
    const flags = ["--timeout", "1", "--fuel", "9007199254740991"];
    expect(await python("-c", "while True: pass", ...flags)).toMatchObject({ status: 3, stderr: message });
    const waiting = start(["python", "-c", "input()", ...flags]);
    expect(await waiting.ended).toMatchObject({ status: 3, stderr: message });
    const inTime = await python("-c", "print(1)", "--timeout", "600");
    expect(inTime).toMatchObject({ status: 0, stdout: "1\n", stderr: "" });
  });

  test("--output cuts what is shown, and what --json tells", async () => {
    expect(await python("-c", "print('x' * 100)", "--output", "10")).toMatchObject({
      status: 0,
      stdout: "x".repeat(10),
      stderr: "escapement: stdout cut behind 10 bytes; --output shows more\n",
    });
    const { stdout } = await python("-c", "print('x' * 100)", "--output", "10", "--json");
    expect(JSON.parse(stdout).stdout).toMatch(/^x{5}[^x]+.*x{4}\n$/s);
  });

  test("--functions gives the exports of a module", async () => {
    const path = files.write("functions.mjs", "export const add = (a, b) => a + b; export const m = { one: () => 1 };");
    const program = "import m\nprint(add(2, 3), m.one())";
    expect(await python("-c", program, "--functions", path)).toMatchObject({ status: 0, stdout: "5 1\n" });
  });

  test("--stats tells fuel, memory and time on standard error", async () => {
    const { status, stdout, stderr } = await python("-c", "print(1)", "--stats");
    expect({ status, stdout }).toEqual({ status: 0, stdout: "1\n" });
    expect(stderr).toMatch(
      /^escapement: fuel \d+ of 20000000 \(schedule escapement-2\); memory \d+ bytes, at most \d+ of 67108864; time [\d.]+ ms\n$/,
    );
  });
});

describe("wrong use ends with status 2", () => {
  test.each([
    [[], /one program/],
    [["-c"], /argument missing/],
    [["no-such-file.py"], /cannot read no-such-file\.py: no such file/],
    [["-c", "1", "--stack", "many"], /MiB/],
    [["-c", "1", "--seed", "-1"], /seed/],
  ])("%j", async (args, message) => {
    const { status, stdout, stderr } = await python(...args);
    expect(stderr).toMatch(message);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  });

  test("source that is not UTF-8, or has a NUL", async () => {
    const latin1 = files.write("latin1.py", Buffer.from("x = 1\nprint('\xe9')\n", "latin1"));
    expect(await python(latin1)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/latin1\.py is not UTF-8: byte 0xe9 at offset 13, in line 2/),
    });
    const nul = files.write("nul.py", "print(1)\0print(2)");
    expect(await python(nul)).toMatchObject({ status: 2, stdout: "", stderr: expect.stringMatching(/NUL/) });
  });
});

describe("a program that fails ends with status 1", () => {
  test("an uncaught exception prints MicroPython's traceback on standard error", async () => {
    const { status, stdout, stderr } = await python("-c", "def f(x):\n    return 1 // x\nprint('a')\nf(0)");
    expect(stderr).toBe(
      'Traceback (most recent call last):\n  File "<string>", line 4, in <module>\n  File "<string>", line 2, in f\n' +
        "ZeroDivisionError: integer division or modulo by zero\n",
    );
    expect({ status, stdout }).toEqual({ status: 1, stdout: "a\n" });
  });

  test("tracebacks have no frames of what is built in on CPython", async () => {
    const { stderr } = await python("-c", "def f():\n    open('/nope')\nsorted([1], key=lambda x: f())");
    const frames = ["line 3, in <module>", "line 3, in <lambda>", "line 2, in f"].map(
      (at) => `  File "<string>", ${at}\n`,
    );
    const error = "FileNotFoundError: [Errno 2] No such file or directory: '/nope'\n";
    expect(stderr).toBe(`Traceback (most recent call last):\n${frames.join("")}${error}`);
  });

  test("tracebacks name the file", async () => {
    const path = files.write("fails.py", "def f(x):\n    return 1 // x\ntry:\n    f(0)\nexcept OSError:\n    pass\n");
    const traceback = `Traceback (most recent call last):\n  File "${path}", line 4, in <module>\n  File "${path}", line 2, in f\nZeroDivisionError: integer division or modulo by zero\n`;
    expect(await python(path)).toMatchObject({ status: 1, stderr: traceback });
    expect(JSON.parse((await python(path, "--json")).stdout).error.traceback).toBe(traceback);
    const broken = files.write("broken.py", "x = 1\ndef f(:\n");
    expect((await python(broken)).stderr).toContain(`File "${broken}", line 2`);
  });

  test("a syntax error", async () => {
    const { status, stderr } = await python("-c", "def f(:");
    expect(stderr).toMatch(
      /SyntaxError: invalid syntax\nescapement: hint: What CPython takes and MicroPython does not: .*\n$/,
    );
    expect(status).toBe(1);
  });

  test.each([
    ["import sys; sys.exit(0)", 0, ""],
    ["import sys; sys.exit()", 0, ""],
    ["import sys; sys.exit(3)", 3, ""],
    ["import sys; sys.exit('bye')", 1, "bye\n"],
    ["raise MemoryError('mine')", 1, /MemoryError: mine\n$/],
    ["def f(): f()\nf()", 1, /RuntimeError: maximum recursion depth exceeded\nescapement: hint: Some 900 calls .*\n$/],
  ])("%s ends with %i", async (program, status, stderr) => {
    const ended = await python("-c", program, "--fuel", "1000000000");
    expect(ended.stderr).toEqual(typeof stderr === "string" ? stderr : expect.stringMatching(stderr));
    expect(ended).toMatchObject({ status, stdout: "" });
  });
});

describe("a limit that stops a program ends with status 3 and names its flag", () => {
  test("fuel", async () => {
    const { status, stdout, stderr } = await python("-c", "print('a')\nwhile True: pass", "--fuel", "1_000_000");
    expect(stderr).toBe(
      "escapement: stopped by the fuel limit: used 1000000 of 1000000 fuel (schedule escapement-2); raise it with --fuel\n",
    );
    expect({ status, stdout }).toEqual({ status: 3, stdout: "a\n" });
  });

  test("exactly the fuel that is needed is enough, one less is not; booting is free", async () => {
    const report = async (...flags: string[]) => {
      const { status, stdout } = await python("-c", "n = 0\nfor i in range(100): n += i", "--json", ...flags);
      return { status, ...JSON.parse(stdout) };
    };
    const { used } = (await report()).fuel;
    expect(await report("--fuel", `${used}`)).toMatchObject({ status: 0, ok: true, fuel: { limit: used, used } });
    const short = await report("--fuel", `${used - 1}`);
    expect(short).toMatchObject({ status: 3, ok: false, error: { kind: "fuel", type: null } });
    expect(short.fuel.used).toBe(used - 1);
    expect(await report("--fuel", "0")).toMatchObject({ status: 3, fuel: { limit: 0, used: 0 } });
  });

  test("with and without --json the bill is the same", async () => {
    const program = "n = 0\nfor i in range(100): n += i\n[n] * 10";
    const { used } = JSON.parse((await python("-c", program, "--json")).stdout).fuel;
    expect(await python("-c", program, "--fuel", `${used}`)).toMatchObject({ status: 0, stderr: "" });
    expect(await python("-c", program, "--fuel", `${used - 1}`)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(`used ${used - 1} of ${used - 1} fuel`),
    });
  });

  test("the schedule decides what is used", async () => {
    const used = async (schedule: string) =>
      JSON.parse((await python("-c", "x = bytes(100000)", "--json", "--schedule", schedule)).stdout).fuel;
    const [flat, perByte] = await Promise.all([used("wasmtime-45"), used("wasmtime-48")]);
    expect([flat.schedule, perByte.schedule]).toEqual(["wasmtime-45", "wasmtime-48"]);
    expect(perByte.used).toBeGreaterThan(flat.used + 50_000);
  });

  test("memory, that the program asks for", async () => {
    const { status, stderr } = await python("-c", "x = bytearray(100_000_000)", "--memory", "32MiB");
    expect(stderr).toMatch(
      /MemoryError[\s\S]*stopped by the memory limit: used .* of 32MiB.*; raise it with --memory\n$/,
    );
    expect(status).toBe(3);
  });

  test("a program that handles its MemoryError is not stopped", async () => {
    const program = "try:\n    x = bytearray(100_000_000)\nexcept MemoryError:\n    print('caught')";
    expect(await python("-c", program, "--memory", "32MiB")).toMatchObject({ status: 0, stdout: "caught\n" });
  });

  test("memory, that MicroPython itself needs", async () => {
    const { status, stderr } = await python("-c", "print(1)", "--memory", "1MiB");
    expect(stderr).toMatch(
      /1048576 bytes is too low: MicroPython starts with 16973824 bytes; raise it with --memory\n$/,
    );
    expect(status).toBe(3);
  });

  test("a stack that MicroPython itself does not fit in", async () => {
    const { status, stderr } = await python("-c", "print(1)", "--stack", "256");
    expect(stderr).toMatch(/raise it with --stack\n$/);
    expect(status).toBe(3);
  });
});

describe("--json", () => {
  test("prints one object with everything, and nothing else", async () => {
    const program = "import sys\nprint('out')\nprint('err', file=sys.stderr)\n[1, 'two', None]";
    const { status, stdout, stderr } = await python("-c", program, "--json");
    const report = JSON.parse(stdout);
    expect(Object.keys(report)).toEqual([
      "ok",
      "stdout",
      "stderr",
      "value",
      "exitStatus",
      "error",
      "fuel",
      "memory",
      "tier",
      "elapsedMs",
    ]);
    expect(report).toMatchObject({
      ok: true,
      stdout: "out\n",
      stderr: "err\n",
      value: [1, "two", null],
      error: null,
      fuel: { schedule: "escapement-2", limit: 20_000_000 },
      memory: { limitBytes: 67108864 },
      tier: "interpreter",
    });
    expect(report.memory.peakBytes).toBeGreaterThanOrEqual(report.memory.bytes);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  test("reports an exception as data", async () => {
    const { status, stdout, stderr } = await python("-c", "int('x')", "--json");
    const { ok, error } = JSON.parse(stdout);
    expect({ ok, status, stderr }).toEqual({ ok: false, status: 1, stderr: "" });
    expect(error).toMatchObject({ kind: "exception", type: "ValueError" });
    expect(error.traceback).toContain(`ValueError: ${error.message}`);
  });
});

test("Ctrl-C ends a program at once with status 130", async () => {
  const running = start(["python", "-c", "print('go')\nwhile True: pass", "--fuel", "9007199254740991"]);
  await running.shows("go\n");
  running.interrupt();
  expect(await running.ended).toMatchObject({ status: 130, signal: null, stderr: "" });
});

test("Ctrl-C ends it while it waits for standard input", async () => {
  const running = start(["python", "-"], TELLS_WHEN_IT_LISTENS);
  await running.shows("listening");
  running.interrupt();
  expect(await running.ended).toMatchObject({ status: 130, signal: null, stderr: "" });
});

test("a program whose output nobody reads any more is ended quietly", async () => {
  const flags = ["python", "-c", "while True: print('x' * 1000)", "--fuel", "9007199254740991"];
  const child = spawn(process.execPath, [CLI, ...flags], { cwd: ROOT });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdout.once("data", () => child.stdout.destroy());
  const status = await new Promise((resolve) => child.on("close", resolve));
  expect({ status, stderr }).toEqual({ status: 141, stderr: "" });
});

test("output that is read slowly is not piled up in memory", async () => {
  const flags = ["python", "-c", "while True: print('x' * 10000)", "--fuel", "9007199254740991"];
  const child = spawn(process.execPath, ["--max-old-space-size=200", CLI, ...flags], { cwd: ROOT });
  child.stderr.resume();
  // One chunk, then nothing for a while: the guest has to wait.
  await new Promise((resolve) => child.stdout.once("data", resolve));
  child.stdout.pause();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(child.exitCode).toBeNull();
  child.kill("SIGINT");
  child.stdout.resume();
  expect(await new Promise((resolve) => child.on("close", resolve))).toBe(130);
});
