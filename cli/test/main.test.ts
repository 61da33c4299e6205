// The command: arguments, output, exit statuses; signals and pipes from outside. Modules; Python is in cli/test/python.test.ts.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLI, escapement, Files, ROOT, start, TELLS_WHEN_IT_LISTENS } from "../../test/support/built-cli.js";
import { inProcess } from "../../test/support/in-process-cli.js";

const files = new Files();
const micropython = createRequire(import.meta.url).resolve(
  "@micropython/micropython-webassembly-pyscript/micropython.wasm",
);

afterAll(() => files.remove());

describe("wrong use ends with status 2 and says what is wrong", () => {
  test.each([
    [["frobnicate"], /unknown command 'frobnicate'/],
    [["pyhton"], /Did you mean python\?/],
    [["run", "x.wasm", "--feul", "1"], /unknown option '--feul'[\s\S]*Did you mean --fuel\?/],
    [["run"], /missing required argument 'file'/],
    [["run", "x.wasm", "--fuel", "-1"], /whole number from 0/],
    [["run", "x.wasm", "--fuel"], /argument missing/],
    [["run", "x.wasm", "--memory", "64M"], /MiB/],
    [["run", "x.wasm", "--tier", "jit"], /Allowed choices are interpreter/],
    [
      ["run", "x.wasm", "--schedule", "none"],
      /Allowed choices are escapement-2, escapement-1, wasmtime-45, wasmtime-48, wasmtime-49, wasmtime-50/,
    ],
    [["validate", "a", "b"], /too many arguments/],
    [["validate", "no-such-file.wasm"], /cannot read no-such-file\.wasm: no such file/],
    [["inspect", ROOT], /it is a directory/],
    // Without a suite to look in, that is what is wrong.
    [["spec", "no-such-test"], /no-such-test|no test suite/],
  ])("%j", async (args, message) => {
    const { status, stdout, stderr } = await inProcess(args);
    expect(stderr).toMatch(message);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  });

  test("no command at all prints the help on standard error", async () => {
    const { status, stderr } = await escapement([]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^Usage: escapement/);
  });
});

test("help and version are no errors", async () => {
  expect(await inProcess(["--help"])).toMatchObject({ status: 0, stderr: "" });
  const { status, stdout } = await escapement(["--version"]);
  expect(status).toBe(0);
  expect(stdout).toBe(`${createRequire(import.meta.url)("../../package.json").version}\n`);
});

describe("validate", () => {
  test("says nothing of a valid module", async () => {
    expect(await inProcess(["validate", micropython])).toEqual({ status: 0, signal: null, stdout: "", stderr: "" });
  });

  test.each([
    ["an empty file", "", /malformed module: .*byte 0/],
    ["a text file", "(module)", /malformed module: magic header not detected \(at byte 0\)/],
    ["a later version", "\0asm\x02\0\0\0", /malformed module: unknown binary version \(at byte 4\)/],
    ["a start function that is not there", "\0asm\x01\0\0\0\x08\x01\x00", /invalid module: unknown function.*byte/],
  ])("says where and why %s is no module", async (_, bytes, message) => {
    const path = files.write("bad.wasm", bytes);
    const { status, stderr } = await inProcess(["validate", path]);
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
  });
});

describe("inspect", () => {
  const text = `(module
    (import "env" "log" (func $log (param i32)))
    (memory (export "memory") 1 2)
    (func $double (export "double") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
    (func $main (call $log (i32.extend8_s (i32.const 5))))
    (start $main))`;

  test("lists sections, features, imports and exports", async () => {
    const { status, stdout } = await inProcess(["inspect", files.module("inspected.wasm", text)]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^sections: \d+\n {2}type +offset 0x8, \d+ bytes, \d+ entries\n/);
    expect(stdout).toContain('  "env" "log": func [i32] -> []\n');
    expect(stdout).toContain('  "memory": memory 1..2\n');
    expect(stdout).toContain('  "double": func [i32] -> [i32]\n');
    expect(stdout).toMatch(/features: \d+\n(?: {2}[\w-]+\n)*? {2}sign-extension\n/);
    expect(stdout).toMatch(/start: func \d\n/);
  });

  test("disassembles", async () => {
    const { status, stdout } = await inProcess(["inspect", "--disassemble", files.module("inspected.wasm", text)]);
    expect(status).toBe(0);
    for (const part of ["$double", "local.get", "i32.mul", "i32.extend8_s"]) expect(stdout).toContain(part);
  });

  test("ends quietly when nobody reads on", async () => {
    const child = spawn(process.execPath, [CLI, "inspect", "--disassemble", micropython], { cwd: ROOT });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
    });
    child.stdout.once("data", () => child.stdout.destroy());
    const status = await new Promise((resolve) => child.on("close", resolve));
    expect({ status, stderr }).toEqual({ status: 141, stderr: "" });
  });

  test("nor what cannot be written", () => {
    const full = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(process.execPath, [CLI, "python", "-c", "print(1)"], {
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
    });
    closeSync(full);
    expect(stderr).toMatch(/^escapement: standard output: ENOSPC.*\n$/);
    expect(status).toBe(2);
  });

  test("a stack that the engine cannot have is wrong use", async () => {
    const { status, stderr } = await inProcess(["python", "--stack", "1GiB", "-c", "1"]);
    expect(stderr).toContain("The largest stack is 512MiB.");
    expect(status).toBe(2);
  });
});

describe("run", () => {
  const text = `(module
    (func $add (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func $halve (export "halve") (param f32) (result f32) (f32.mul (local.get 0) (f32.const 0.5)))
    (func $both (export "both") (param i64) (result i64 f64) (local.get 0) (f64.const -0))
    (func $div (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
    (func $caller (export "caller") (result i32) (call $div (i32.const 1) (i32.const 0)))
    (func $forever (export "forever") (loop $l (br $l)))
    (func $deep (export "deep") (param i32) (result i32) (i32.add (i32.const 1) (call $deep (local.get 0)))))`;
  let path = "";
  beforeAll(() => {
    path = files.module("run.wasm", text);
  });
  const invoke = (name: string, ...args: string[]) => inProcess(["run", path, "--invoke", name, ...args]);

  test.each([
    ["add", ["2", "40"], "42\n"],
    ["add", ["-5", "0xffffffff"], "-6\n"],
    ["halve", ["0.2"], "0.1\n"],
    ["halve", ["--", "-inf"], "-inf\n"],
    ["both", ["-9223372036854775808"], "-9223372036854775808\n-0\n"],
  ])("%s %j prints its results, one a line", async (name, args, stdout) => {
    expect(await invoke(name, ...args)).toEqual({ status: 0, signal: null, stdout, stderr: "" });
  });

  test.each([
    ["add", ["1"], /add takes 2 arguments \[i32 i32\], not 1/],
    ["add", ["1", "x"], /argument 2 of add \(i32\) cannot be "x"/],
    ["add", ["1", "4294967296"], /integer from -2\^31 to 2\^32 - 1/],
    ["sub", [], /exports no function "sub"; it exports "add"/],
  ])("%s %j is wrong use", async (name, args, message) => {
    const { status, stderr } = await invoke(name, ...args);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });

  test("arguments without --invoke are wrong use", async () => {
    expect(await inProcess(["run", path, "1"])).toMatchObject({ status: 2, stdout: "" });
  });

  test("a trap ends with status 1 and a backtrace of names and offsets", async () => {
    const { status, stdout, stderr } = await invoke("caller");
    expect(stderr).toMatch(
      /^trap: integer divide by zero\n {4}at div \(func 3\), offset 0x[\da-f]+\n {4}at caller \(func 4\), offset 0x[\da-f]+\n$/,
    );
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  });

  test("fuel stops an endless loop with status 3, at the budget", async () => {
    const { status, stderr } = await invoke("forever", "--fuel", "1000");
    expect(stderr).toMatch(
      /stopped by the fuel limit: used 1000 of 1000 fuel \(schedule escapement-2\); raise it with --fuel/,
    );
    expect(status).toBe(3);
  });

  test("exactly the fuel that is needed is enough, one less is not", async () => {
    const report = async (...flags: string[]) => {
      const { status, stdout } = await invoke("add", "1", "2", "--json", ...flags);
      return { status, ...JSON.parse(stdout) };
    };
    const { fuel } = await report();
    expect(fuel).toEqual({ schedule: "escapement-2", limit: 20_000_000, used: 4 });
    expect(await report("--fuel", "4")).toMatchObject({ status: 0, ok: true, results: ["3"], fuel: { used: 4 } });
    expect(await report("--fuel", "3")).toMatchObject({ status: 3, ok: false, error: { kind: "fuel" } });
  });

  test("deep recursion is stopped by the stack limit with status 3", async () => {
    const { status, stderr } = await invoke("deep", "0", "--stack", "64KiB");
    expect(stderr).toMatch(/call stack exhausted[\s\S]*at deep[\s\S]*stopped by the stack limit.*64KiB.*--stack/);
    expect(status).toBe(3);
  });

  test("a memory past the cap is stopped with status 3, one that fits is not", async () => {
    const memory = files.module("memory.wasm", '(module (memory (export "m") 3))');
    expect(await inProcess(["run", memory, "--memory", "192KiB"])).toMatchObject({ status: 0, stderr: "" });
    const { status, stderr } = await inProcess(["run", memory, "--memory", "191KiB"]);
    expect(stderr).toMatch(/stopped by the memory limit:.*191KiB.*asked for 192KiB; raise it with --memory/);
    expect(status).toBe(3);
  });

  test("structs past the cap are stopped with status 3, in a Node with a small heap too", async () => {
    const list = files.module(
      "gc-heap.wasm",
      `(module (type $n (struct (field (ref null $n)) (field i32)))
         (func (export "f") (result i32) (local $h (ref null $n)) (local $i i32)
           (loop $l
             (local.set $h (struct.new $n (local.get $h) (local.get $i)))
             (local.set $i (i32.add (local.get $i) (i32.const 1)))
             (br_if $l (i32.lt_u (local.get $i) (i32.const 100000000))))
           (local.get $i)))`,
    );
    const run = (heap: string, ...flags: string[]) => {
      const args = [
        `--max-old-space-size=${heap}`,
        CLI,
        "run",
        list,
        "--invoke",
        "f",
        "--fuel",
        "1000000000",
        ...flags,
      ];
      return spawnSync(process.execPath, args, { encoding: "utf8" });
    };
    // As --memory, whose default is 64 MiB: twice that is what the process may take for it.
    const small = await run("128");
    expect(small.stderr).toMatch(
      /trap: GC heap limit exceeded[\s\S]*stopped by the gc-heap limit: used \d+ bytes of 64MiB.*raise it with --gc-heap/,
    );
    expect(small.status).toBe(3);
    expect((await run("128", "--memory", "1MiB")).stderr).toMatch(/of 1MiB of structs/);
    const other = await run("128", "--gc-heap", "20MiB", "--json");
    expect(JSON.parse(other.stdout)).toMatchObject({ gcHeap: { limitBytes: 20 * 2 ** 20 }, ok: false });
    // 112 bytes each: a header and two cells.
    expect(JSON.parse(other.stdout).gcHeap.bytes).toBe(Math.floor((20 * 2 ** 20) / 112) * 112);
  });

  test("the start function and _start run, on one budget", async () => {
    const both = files.module(
      "start.wasm",
      `(module (global $g (mut i32) (i32.const 0))
         (func $init (global.set $g (i32.const 7)))
         (func (export "_start") (if (i32.ne (global.get $g) (i32.const 7)) (then (unreachable))))
         (start $init))`,
    );
    const { status, stdout } = await inProcess(["run", both, "--json"]);
    expect(status).toBe(0);
    // 1 for the entry and 2 instructions; 1 for the entry and 4.
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, results: [], fuel: { used: 8 } });
    expect((await inProcess(["run", both, "--fuel", "7"])).status).toBe(3);
    expect((await inProcess(["run", both, "--fuel", "8"])).status).toBe(0);
  });

  test("a start function that traps ends with status 1", async () => {
    const bad = files.module("bad-start.wasm", "(module (func $boom (unreachable)) (start $boom))");
    const { status, stderr } = await inProcess(["run", bad]);
    expect(stderr).toMatch(/^trap: unreachable[\s\S]*at boom/);
    expect(status).toBe(1);
  });

  test("missing imports are named", async () => {
    const needy = files.module("needy.wasm", '(module (import "env" "f" (func (param i32))) (import "a" "b" (func)))');
    const { status, stderr } = await inProcess(["run", needy]);
    expect(stderr).toMatch(/unknown import: "env"\."f" .*"a"\."b"/);
    expect(status).toBe(1);
  });

  test("an uncaught exception of the guest ends with status 1", async () => {
    const thrower = files.module("throw.wasm", '(module (tag $t) (func (export "_start") (throw $t)))');
    const { status, stderr } = await inProcess(["run", thrower]);
    expect(stderr).toMatch(/uncaught exception/);
    expect(status).toBe(1);
  });

  test("--json reports a trap as data, on standard output alone", async () => {
    const { status, stdout, stderr } = await invoke("caller", "--json");
    const report = JSON.parse(stdout);
    expect(Object.keys(report)).toEqual(["ok", "results", "error", "fuel", "memory", "gcHeap", "tier", "elapsedMs"]);
    expect(report).toMatchObject({
      ok: false,
      results: [],
      error: { kind: "trap", message: "trap: integer divide by zero" },
      memory: { bytes: 0, peakBytes: 0, limitBytes: 67108864 },
      gcHeap: { bytes: 0, limitBytes: 67108864 },
      tier: "interpreter",
    });
    expect(report.error.backtrace).toHaveLength(2);
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
  });

  test("--profile writes how often each block ran", async () => {
    const out = files.path("run.profile");
    expect(await invoke("add", "--profile", out, "1", "2")).toMatchObject({ status: 0, stdout: "3\n", stderr: "" });
    expect(readFileSync(out, "utf8")).toMatch(/^escapement profile 1\nmodule [0-9a-f]{64}\nfunc 0 add\n0:1\n$/);
    const refused = await invoke("add", "--profile", out, "--tier", "compiler", "1", "2");
    expect(refused.stderr).toMatch(/--profile is taken by the interpreter/);
    expect(refused.status).toBe(2);
    expect((await invoke("add", "--profile", "/nowhere/x", "1", "2")).status).toBe(2);
  });

  test("compile --profile and run --ahead give what run gives, to the unit of fuel, also where no code is made", async () => {
    const profile = files.path("ahead.profile");
    await invoke("add", "--profile", profile, "1", "2");
    const compiled = await inProcess(["compile", path, "-o", files.path("ahead"), "--profile", profile]);
    expect(compiled).toMatchObject({ status: 0, stderr: "" });
    expect(compiled.stdout).toMatch(/run\.mjs: 1 functions, 6 left to the interpreter\n {2}halve_1: called 0 times\n/);
    const code = files.path("ahead/run.mjs");
    expect(await invoke("add", "--ahead", code, "40", "2")).toMatchObject({ status: 0, stdout: "42\n", stderr: "" });
    const report = async (...flags: string[]) => {
      const { elapsedMs: _, tier, ...rest } = JSON.parse((await invoke("caller", "--json", ...flags)).stdout);
      return { tier, rest };
    };
    const plain = await report();
    expect(await report("--ahead", code)).toEqual({ tier: "ahead-of-time", rest: plain.rest });
    const [node, ...command] = [process.execPath, "--disallow-code-generation-from-strings", "--jitless", CLI];
    const strict = spawnSync(node!, [...command, "run", path, "--invoke", "add", "--ahead", code, "40", "2"]);
    expect(strict.stdout.toString()).toBe("42\n");
  });

  test("code that was compiled from another module, or is none, is wrong use", async () => {
    const other = files.module(
      "other.wasm",
      '(module (func (export "add") (param i32 i32) (result i32) (i32.const 0)))',
    );
    await inProcess(["compile", other, "-o", files.path("ahead")]);
    const refused = await invoke("add", "--ahead", files.path("ahead/other.mjs"), "1", "2");
    expect(refused.stderr).toMatch(/from another module: SHA-256 [0-9a-f]{64}, where this one has/);
    expect(refused.status).toBe(2);
    expect(await invoke("add", "--ahead", "/nowhere.mjs", "1", "2")).toMatchObject({ status: 2 });
    expect((await inProcess(["compile", path])).stderr).toMatch(/required option '-o, --output/);
    const profile = files.write("bad.profile", "x");
    const bad = await inProcess(["compile", path, "-o", files.path("ahead"), "--profile", profile]);
    expect(bad).toMatchObject({ status: 2, stderr: expect.stringMatching(/a profile begins with the line/) });
  });

  test("Ctrl-C ends an endless loop at once with status 130", async () => {
    const running = start(["run", path, "--invoke", "forever", "--fuel", "9007199254740991"], TELLS_WHEN_IT_LISTENS);
    await running.shows("listening");
    running.interrupt();
    expect(await running.ended).toEqual({ status: 130, signal: null, stdout: "listening", stderr: "" });
  });
});
