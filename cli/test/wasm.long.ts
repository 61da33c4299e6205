// `escapement python --wasm PATH` and `escapement mcp --wasm PATH`: builds of MicroPython other than the package's own.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterAll, describe, expect, test } from "vitest";
import { FetchError, wasiArtifactPath } from "../../micropython-wasm/test/fetch-wasi-artifact.js";
import { CLI, escapement, Files, ROOT, start } from "../../test/support/built-cli.js";

const files = new Files();
afterAll(() => files.remove());

const own = createRequire(import.meta.url).resolve("@micropython/micropython-webassembly-pyscript/micropython.wasm");
const wasi = wasiPath();

function wasiPath(): string | undefined {
  try {
    return wasiArtifactPath();
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    console.warn(`tests of the WASI build are skipped: ${error.message}`);
    return undefined;
  }
}

const BUILDS = [["the package's own build", own], ...(wasi === undefined ? [] : [["a WASI build", wasi]])];

describe.each(BUILDS)("%s", (_name, path) => {
  const python = (args: readonly string[], input = "") => escapement(["python", "--wasm", path!, ...args], { input });

  test("runs a program from -c, a file and standard input", async () => {
    const program = files.write("program.py", "import sys\nprint('é', len(sys.argv))\n");
    const done = { status: 0, signal: null, stderr: "" };
    expect(await python(["-c", "print(sum(range(10)))"])).toEqual({ ...done, stdout: "45\n" });
    expect(await python([program])).toEqual({ ...done, stdout: "é 1\n" });
    expect(await python(["-"], "print(6 * 7)\n")).toEqual({ ...done, stdout: "42\n" });
  });

  test("ends with the program's status, and with that of the limit that stopped it", async () => {
    const failed = await python(["-c", "def f(x):\n    return 1 // x\nprint('a')\nf(0)"]);
    expect(failed).toMatchObject({ status: 1, stdout: "a\n" });
    expect(failed.stderr).toBe(
      'Traceback (most recent call last):\n  File "<string>", line 4, in <module>\n  File "<string>", line 2, in f\n' +
        // The package's build says it in CPython's words (patch/errors.ts); WASI builds are not patched.
        `ZeroDivisionError: ${path === wasi ? "divide by zero" : "integer division or modulo by zero"}\n`,
    );
    expect(await python(["-c", "import sys; sys.exit('bye')"])).toMatchObject({ status: 1, stderr: "bye\n" });
    expect(await python(["-c", "while True: pass", "--fuel", "1000000"])).toMatchObject({
      status: 3,
      stderr:
        "escapement: stopped by the fuel limit: used 1000000 of 1000000 fuel (schedule escapement-2); raise it with --fuel\n",
    });
    const full = await python(["-c", "bytearray(100_000_000)", "--fuel", "1000000000"]);
    expect(full.status).toBe(3);
    // A larger --memory is no help where the heap is fixed.
    expect(full.stderr).toMatch(path === wasi ? /and 8MiB at most\n$/ : /raise it with --memory\n$/);
    expect(await python(["-c", "1", "--memory", "100KiB"])).toMatchObject({
      status: 3,
      stdout: "",
      stderr: expect.stringMatching(/too low.*; raise it with --memory\n$/),
    });
    expect(await python(["-c", "1", "--stack", "256"])).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(/raise it with --stack\n$/),
    });
  });

  test("reports as JSON", async () => {
    const { status, stdout } = await python(["-c", "print(1)\n[2, 'x']", "--json", "--schedule", "wasmtime-48"]);
    expect({ status, ...JSON.parse(stdout) }).toMatchObject({
      status: 0,
      ok: true,
      stdout: "1\n",
      value: [2, "x"],
      fuel: { schedule: "wasmtime-48" },
    });
  });

  test("ends at once at Ctrl-C", async () => {
    const running = start([
      ...["python", "--wasm", path!, "-c", "print('go')\nwhile True: pass"],
      ...["--fuel", "9007199254740991"],
    ]);
    await running.shows("go\n");
    running.interrupt();
    expect(await running.ended).toMatchObject({ status: 130, stderr: "" });
  });

  test("serves agents", async () => {
    const client = new Client({ name: "test", version: "1" });
    await client.connect(new StdioClientTransport({ command: process.execPath, args: [CLI, "mcp", "--wasm", path!] }));
    try {
      const platform = { code: "import sys\nsys.platform" };
      const { structuredContent } = await client.callTool({ name: "run_python", arguments: platform });
      expect(structuredContent).toMatchObject({ status: "ok", value: path === own ? "webassembly" : "linux" });
    } finally {
      await client.close();
    }
  });
});

describe("a file that is no build of MicroPython", () => {
  const python = (path: string) => escapement(["python", "--wasm", path, "-c", "print(1)"]);
  const bytes = readFileSync(own);
  const wasiCommand = (body: string, name = "proc_exit") => `(module
    (import "wasi_snapshot_preview1" "${name}" (func $exit (param i32)))
    (memory (export "memory") 1) (func (export "_start") ${body}))`;

  test.each([
    ["missing", () => files.path("missing.wasm"), 2, /cannot read .*missing\.wasm: no such file/],
    ["a directory", () => files.path("."), 2, /it is a directory/],
    ["empty", () => files.write("empty.wasm", ""), 1, /empty\.wasm: malformed module: .*byte 0/],
    ["text", () => files.write("text.wasm", "print(1)"), 1, /malformed module: magic header not detected/],
    ["cut", () => files.write("cut.wasm", bytes.subarray(0, 100_000)), 1, /cut\.wasm: malformed module: /],
    ["another module", () => files.module("other.wasm", "(module)"), 2, /other\.wasm is no build of MicroPython/],
    [
      "another command",
      () => files.module("exit.wasm", wasiCommand("")),
      2,
      /exit\.wasm does not start as MicroPython/,
    ],
    ["a command that traps", () => files.module("trap.wasm", wasiCommand("unreachable")), 2, /not start.*unreachable/],
    [
      "a command that needs what there is not",
      () => files.module("link.wasm", wasiCommand("", "sock_dance")),
      2,
      /does not start as MicroPython: .*sock_dance/,
    ],
    [
      "a command that never asks for a program",
      () => files.module("loop.wasm", wasiCommand("(loop br 0)")),
      2,
      /does not start as MicroPython: .*out of fuel/,
    ],
  ] as const)("%s", async (_name, path, status, message) => {
    const ended = await python(path());
    expect(ended.stderr).toMatch(message);
    expect(ended).toMatchObject({ status, stdout: "" });
  });
});

test.skipIf(wasi === undefined)("a WASI build has no terminal mode, and says so", async () => {
  const inTerminal = [`${ROOT}test/support/in-terminal.py`, process.execPath, CLI, "python", "--wasm", wasi!];
  const child = spawn("python3", inTerminal);
  let screen = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    screen += text;
  });
  const status = await new Promise((resolve) => child.on("close", resolve));
  expect(screen).toMatch(/a WASI build has no terminal mode here: give it a program/);
  expect(status).toBe(2);
});
