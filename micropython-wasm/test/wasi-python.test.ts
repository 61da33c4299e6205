// A WASI build of MicroPython, where it can be had (fetch-wasi-artifact.ts).

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { Engine, type Module } from "../../runtime/index.js";
import { wat } from "../../runtime/test/support/wat.js";
import { BootLimitError, SandboxUsageError } from "../guest/errors.js";
import { WasiGuest, type WasiGuestOptions } from "../wasi/guest.js";
import { WasiPython, type WasiPythonOptions } from "../wasi/python.js";
import { compiledArtifact } from "./engines.js";
import { unavailable, wasiModule } from "./wasi-artifact.js";

const boot = (options: WasiPythonOptions = {}) => WasiPython.boot(wasiModule(), options);
const FUEL = 200_000_000;

describe.skipIf(unavailable !== undefined)(`one command${unavailable === undefined ? "" : ` (${unavailable})`}`, () => {
  const command = async (code: string, options: WasiGuestOptions & { fuel?: number } = {}) => {
    const guest = new WasiGuest(wasiModule(options.schedule), { args: ["micropython", "-c", code], ...options });
    const outcome = await guest.run(options.fuel ?? FUEL);
    const { stdout, stderr } = guest.environment;
    return { guest, outcome, stdout: stdout.text(), stderr: stderr.text() };
  };

  test("prints, and exits with status 0", async () => {
    const { outcome, stdout, stderr } = await command("print(sum(range(10)))");
    expect([outcome, stdout, stderr]).toEqual([{ status: "exited", code: 0 }, "45\n", ""]);
  });

  test("exits with the program's status", async () => {
    expect((await command("import sys; sys.exit(7)")).outcome).toEqual({ status: "exited", code: 7 });
    const failed = await command("raise ValueError('boom')");
    expect(failed.outcome).toEqual({ status: "exited", code: 1 });
    expect(failed.stderr + failed.stdout).toContain("ValueError: boom");
  });

  // What the PyPI package says that it has used, on Wasmtime 45.0.0 and 48.0.0.
  const SQUARES = `x = [i * i for i in range(1000)]
print(sum(x), sorted(str(i) for i in x)[:3], {n: len(str(n)) for n in x[::250]})
`;
  test.each([
    ["wasmtime-45", "pass", "", 78_055],
    ["wasmtime-48", "pass", "", 103_508],
    ["wasmtime-45", SQUARES, "332833500 ['0', '1', '100'] {0: 1, 62500: 5, 250000: 6, 562500: 6}\n", 18_026_226],
    ["wasmtime-48", SQUARES, "332833500 ['0', '1', '100'] {0: 1, 62500: 5, 250000: 6, 562500: 6}\n", 18_084_926],
  ] as const)("prints and costs under %s what it does in Wasmtime: %j", async (schedule, code, output, fuel) => {
    const { stdout, guest } = await command(code, { schedule });
    expect([stdout, guest.fuelUsed]).toEqual([output, fuel]);
  });

  test("stops at its last unit of fuel, and goes on with more", async () => {
    const code = "x = 0\nfor i in range(1000): x += i\nprint(x)";
    const whole = await command(code);
    const { guest, outcome } = await command(code, { fuel: whole.guest.fuelUsed - 1 });
    expect(outcome).toEqual({ status: "paused" });
    expect(await guest.run(1)).toEqual({ status: "exited", code: 0 });
    expect(guest.environment.stdout.text()).toBe("499500\n");
    expect(guest.fuelUsed).toBe(whole.guest.fuelUsed);
  });

  test("sees no files, no environment, no network by default", async () => {
    const { stdout } = await command(`
import os
def attempt(f):
    try:
        return f()
    except (OSError, ImportError) as e:
        return type(e).__name__
print(attempt(lambda: open("/etc/passwd")), attempt(lambda: os.listdir("/")), os.getenv("HOME"), attempt(lambda: __import__("socket")))
`);
    expect(stdout).toBe("OSError OSError None ImportError\n");
  });

  test("sees mounts, read-only unless told otherwise", async () => {
    const environment = (await command("pass")).guest.environment;
    environment.files.mkdirs("/data/inner");
    environment.files.writeFile("/data/inner/example.txt", new TextEncoder().encode("hello from the host\n"));
    const { stdout } = await command(
      `
import os
print(os.listdir("/input"), open("/input/inner/example.txt").read())
for attempt in (lambda: open("/input/new", "w"), lambda: open("/input/inner/example.txt", "a"), lambda: os.remove("/input/inner/example.txt"), lambda: os.rename("/input/inner", "/out/inner"), lambda: os.mkdir("/input/d"), lambda: open("/input/../secret"), lambda: open("/data/inner/example.txt")):
    try:
        print(attempt())
    except OSError as e:
        print(e.errno)
open("/out/result.txt", "w").write("done")
`,
      {
        environment,
        mounts: [
          { name: "/input", path: "/data" },
          { name: "/out", path: "/work", readOnly: false },
        ],
      },
    );
    // rofs; and what no mount holds is noent.
    expect(stdout).toBe("['inner'] hello from the host\n\n69\n69\n69\n69\n69\n63\n44\n");
    expect(new TextDecoder().decode(environment.files.readFile("/work/result.txt"))).toBe("done");
  });

  test("host.call passes JSON to functions of the host and back", async () => {
    const { stdout } = await command(
      `
import host, json
def call(name, *args, **kwargs):
    return json.loads(host.call(name, json.dumps({"args": args, "kwargs": kwargs})))
print(call("add", 2, 3), call("add", 2**70, 1), call("later", [1.5, None, {"k": "é"}]))
print(call("none"), call("fail"))
try:
    call("much")
except ValueError as e:
    print(e)
`,
      {
        maxValueBytes: 1000,
        hostFunctions: {
          add: (a: number | bigint, b: number) => (typeof a === "bigint" ? a + BigInt(b) : a + b),
          later: async (x: unknown) => x,
          fail: () => {
            throw new Error("no");
          },
          much: () => "x".repeat(1000),
        },
      },
    );
    expect(stdout).toBe(
      "{'value': 5, 'ok': True} {'value': 1180591620717411303425, 'ok': True} {'value': [1.5, None, {'k': '\\xe9'}], 'ok': True}\n" +
        "{'error': \"KeyError: 'none'\", 'ok': False} {'error': 'Error: no', 'ok': False}\n" +
        "host callback result too large\n",
    );
  });

  // What the reference's session does: a loop that asks the host for the next program.
  test("a loop of its own waits for the host without a thread", async () => {
    const programs = ["x = 10", "x += 5", "print(x * 2)"];
    const results: unknown[] = [];
    const { outcome, stdout } = await command(
      `
import host, json
def call(name, *args):
    response = json.loads(host.call(name, json.dumps({"args": args, "kwargs": {}})))
    if not response["ok"]:
        raise RuntimeError(response["error"])
    return response["value"]
while True:
    message = call("__session_next__")
    if message["op"] == "close":
        break
    try:
        exec(message["code"], globals())
        call("__session_result__", {"ok": True})
    except Exception as e:
        call("__session_result__", {"ok": False, "error": str(e)})
`,
      {
        hostFunctions: {
          __session_next__: async () => {
            await new Promise((resolve) => setTimeout(resolve, 1));
            const code = programs.shift();
            return code === undefined ? { op: "close" } : { op: "run", code };
          },
          __session_result__: (result: { ok: boolean }) => void results.push(result.ok),
        },
      },
    );
    expect([outcome, stdout, results]).toEqual([{ status: "exited", code: 0 }, "30\n", [true, true, true]]);
  });

  test("sleeping takes no time, and the clock knows", async () => {
    // An hour that passed would be longer than a test may take.
    const { stdout } = await command(
      "import time\nt = time.time()\ntime.sleep(3600)\nprint(int(time.time() - t), int(t))",
    );
    expect(stdout).toBe("3600 946684800\n");
  });
});

describe.skipIf(unavailable !== undefined)("sessions", () => {
  test("keep variables, functions and imports from run to run", async () => {
    const python = await boot();
    expect(await python.run("import math\nx = 10\ndef f(n): return n * x")).toMatchObject({ ok: true, stdout: "" });
    expect(await python.run("print(f(4), math.sqrt(16))")).toMatchObject({ ok: true, stdout: "40 4.0\n", error: null });
    expect(await python.run("x += 1\nx")).toMatchObject({ value: 11 });
    expect((await python.run("dir()")).value).toEqual(expect.not.arrayContaining(["_escapement_loop"]));
  });

  test("say which limit is too low to start", async () => {
    for (const limits of [{ memoryLimitBytes: 300_000 }, { heapBytes: 2 ** 24, memoryLimitBytes: 2 ** 24 }])
      await expect(boot(limits)).rejects.toMatchObject({ name: "BootLimitError", kind: "memory-limit" });
    await expect(boot({ limits: { stackSlots: 100 } })).rejects.toMatchObject({
      name: "BootLimitError",
      kind: "stack",
    });
    await expect(boot({ heapBytes: 1000 })).rejects.toThrow(SandboxUsageError);
    const small = await boot({ memoryLimitBytes: 330_000 });
    expect(await small.run("print(1)\n[2]")).toMatchObject({ stdout: "1\n", value: [2], memory: { bytes: 4 * 65536 } });
  });

  test("two do not know of each other", async () => {
    const [one, two] = [await boot(), await boot()];
    await one.run("x = 1");
    expect((await two.run("x")).error).toMatchObject({ type: "NameError" });
  });

  test("give values as Python has them", async () => {
    const python = await boot();
    const { value } = await python.run("[None, True, -2**70, 1.5, 'é', b'\\x00', (1,), {'k': [2]}, {3}]");
    expect(value).toEqual([null, true, -(2n ** 70n), 1.5, "é", Uint8Array.of(0), [1], { k: [2] }, new Set([3])]);
    expect((await python.run("1", { value: false })).value).toBeUndefined();
  });

  test("an exception leaves the session usable, and says type, message, traceback, and the output so far", async () => {
    const python = await boot();
    const result = await python.run("def f():\n  return 1 / 0\nprint('before')\nf()");
    expect(result).toMatchObject({ ok: false, stdout: "before\n" });
    expect(result.error).toEqual({
      kind: "exception",
      type: "ZeroDivisionError",
      message: "divide by zero",
      traceback:
        'Traceback (most recent call last):\n  File "<stdin>", line 4, in <module>\n  File "<stdin>", line 2, in f\nZeroDivisionError: divide by zero\n',
    });
    expect((await python.run("print('x'")).error).toMatchObject({ type: "SyntaxError", kind: "exception" });
    expect((await python.run("raise KeyboardInterrupt")).error).toMatchObject({ type: "KeyboardInterrupt" });
    expect(await python.run("f.__name__")).toMatchObject({ ok: true, value: "f" });
  });

  test("SystemExit ends a run, not the session", async () => {
    const python = await boot();
    expect(await python.run("import sys\nsys.exit(3)")).toMatchObject({
      ok: false,
      exitStatus: 3,
      error: { kind: "exit" },
    });
    expect(await python.run("sys.exit()")).toMatchObject({ ok: true, exitStatus: 0, error: null });
    expect(await python.run("1 + 1")).toMatchObject({ ok: true, value: 2 });
  });

  test("call functions and modules of the host, asynchronous ones too", async () => {
    const python = await boot({
      functions: {
        add: (a: number, b: number) => a + b,
        later: async (x: unknown) => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          return x;
        },
        fail: () => {
          throw new TypeError("no");
        },
      },
      modules: { db: { query: (text: string, options: object) => [text, options] } },
    });
    expect((await python.run("add(2, 3), later({'a': b'x'})")).value).toEqual([5, { a: Uint8Array.of(120) }]);
    expect((await python.run("import db\ndb.query('q', limit=1)")).value).toEqual(["q", { limit: 1 }]);
    expect((await python.run("try:\n  fail()\nexcept RuntimeError as e:\n  print(e)")).stdout).toBe("TypeError: no\n");
  });

  test("have files: /input read-only, /work to write, and nothing else of the host's", async () => {
    const python = await boot({ input: { "a/b.txt": "text" } });
    expect(await python.run("import os\nos.getcwd(), open('/input/a/b.txt').read(), os.listdir('/')")).toMatchObject({
      value: ["/work", "text", ["dev", "lib", "tmp", "work", "input"]],
    });
    expect((await python.run("open('/input/a/b.txt', 'w')")).error?.message).toBe("69");
    await python.run("with open('out.bin', 'wb') as f: f.write(bytes(range(5)))");
    expect(python.environment.files.readFile("/work/out.bin")).toEqual(Uint8Array.of(0, 1, 2, 3, 4));
    for (const path of ["/../etc/passwd", "/input/../../etc/passwd", "../../etc/passwd", "/etc/passwd"])
      expect((await python.run(`open('${path}')`)).error?.type, path).toBe("OSError");
    await expect(boot({ input: { "../x": "" } })).rejects.toThrow(SandboxUsageError);
  });

  test("cut output at the cap", async () => {
    const python = await boot({ stdout: { limitBytes: 1000 } });
    const result = await python.run("print('x' * 5000)");
    expect(result).toMatchObject({ ok: true, stdoutTruncated: true });
    expect(result.stdout).toContain("bytes of stdout omitted");
    const stopping = await boot({ stdout: { limitBytes: 1000, overflow: "stop" } });
    expect((await stopping.run("while True: print('x' * 100)")).error).toMatchObject({ kind: "output-limit" });
    await expect(stopping.run("1")).rejects.toThrow("broken");
    await stopping.restart();
    expect(await stopping.run("1")).toMatchObject({ value: 1 });
  });

  test("are deterministic", async () => {
    const code =
      "import random, time, os\nprint(random.random(), time.time_ns(), os.urandom(4), id(code), {3, 'a', b'b'}, hash('x'))";
    const run = async (seed: number) => (await (await boot({ seed })).run(`code = 1\n${code}`)).stdout;
    expect(await run(1)).toBe(await run(1));
    expect(await run(1)).not.toBe(await run(2));
  });
});

// The programs of programs.test.ts; what this build lacks of the package's own is known.
const LACKING: Readonly<Record<string, string>> = {
  closures_and_scope: "RuntimeError: maximum recursion depth exceeded",
  functions: "RuntimeError: maximum recursion depth exceeded",
  collections_and_tools: "ImportError: can't import name defaultdict",
  text_processing: "ImportError: no module named 'base64'",
  // Its error numbers are WASI's, and its chdir keeps `..` in the path.
  files: "OSError: [Errno 44] ENOENT",
};

describe.skipIf(unavailable !== undefined)("programs", () => {
  const folder = fileURLToPath(new URL("programs/", import.meta.url));
  const names = readdirSync(folder).flatMap((name) => (name.endsWith(".py") ? [name.slice(0, -3)] : []));

  test.each(names)("%s prints what CPython prints, or ends where the build lacks something", async (name) => {
    const { stdout, error } = await (await boot()).run(readFileSync(`${folder}${name}.py`), { value: false });
    expect(error?.traceback.trim().split("\n").at(-1)).toBe(LACKING[name]);
    if (error === null) expect(stdout).toBe(readFileSync(`${folder}${name}.expected`, "utf8"));
  });
});

describe.skipIf(unavailable !== undefined)("fuel of sessions", () => {
  test("exactly what a run needs is enough, and one unit less is not", async () => {
    const code = "print(sum(i * i for i in range(100)))";
    const { fuel } = await (await boot()).run(code);
    expect(await (await boot()).run(code, { fuel: fuel.used })).toMatchObject({ ok: true, stdout: "328350\n" });
    const python = await boot();
    const short = await python.run(code, { fuel: fuel.used - 1 });
    expect(short.error).toMatchObject({ kind: "fuel" });
    expect(short.fuel).toEqual({ schedule: "escapement-2", limit: fuel.used - 1, used: fuel.used - 1 });
    expect(await python.resume(1)).toMatchObject({ ok: true, stdout: "328350\n", fuel: { used: fuel.used } });
  });

  test("is a run's own: what one leaves over is not the next one's", async () => {
    const python = await boot();
    await python.run("x = 0", { fuel: FUEL });
    const result = await python.run("while True: x += 1", { fuel: 300_000 });
    expect(result.fuel).toEqual({ schedule: "escapement-2", limit: 300_000, used: 300_000 });
    expect(result.error?.message).toBe("out of fuel: 300000 of 300000 units used");
  });

  test("does not depend on what was granted before, nor does time", async () => {
    const run = async (fuel: number) => {
      const python = await boot();
      await python.run("import time", { fuel });
      const { stdout, fuel: used } = await python.run("print(time.time_ns())", { fuel: FUEL });
      return [stdout, used.used];
    };
    expect(await run(1_000_000)).toEqual(await run(FUEL));
  });

  test("a run that is out of it waits for more, or for a restart that keeps the files", async () => {
    const python = await boot();
    await python.run("open('kept', 'w').write('yes')");
    const paused = await python.run("import time\nx = 0\nwhile x < 2000: x += 1\nprint(x)", { fuel: 100_000 });
    expect(paused.error?.kind).toBe("fuel");
    await expect(python.run("1")).rejects.toThrow(SandboxUsageError);
    expect(await python.resume(FUEL)).toMatchObject({ ok: true, stdout: "2000\n" });
    await python.run("while True:\n  try:\n    1 / 0\n  except: pass", { fuel: 1_000_000 });
    await python.restart();
    await expect(python.resume(1)).rejects.toThrow("no run to resume");
    expect((await python.run("x")).error?.type).toBe("NameError");
    expect(await python.run("open('kept').read()")).toMatchObject({ value: "yes" });
  });

  test("never runs out for a session, however often it is granted without a limit", async () => {
    const python = await boot();
    for (let i = 0; i < 20; i++) await python.run(`x = ${i}`);
    expect(await python.run("x", { fuel: Number.MAX_SAFE_INTEGER })).toMatchObject({ value: 19 });
    python.rewind(python.checkpoint());
    expect(await python.run("x")).toMatchObject({ value: 19 });
  });

  test("is a whole number", async () => {
    const python = await boot();
    for (const fuel of [-1, 1.5, Number.NaN])
      await expect(python.run("1", { fuel })).rejects.toThrow(SandboxUsageError);
    expect(await python.run("1", { fuel: 0 })).toMatchObject({ error: { kind: "fuel" } });
  });
});

describe.skipIf(unavailable !== undefined)("states of sessions", () => {
  test("a run can be taken back, whatever it did", async () => {
    const python = await boot();
    await python.run("x = 1\nwith open('kept', 'w') as f: f.write('yes')");
    const before = python.checkpoint();
    const attempts: readonly (readonly [string, number | undefined])[] = [
      ["x = 2\nimport os\nos.remove('kept')", undefined],
      ["while True:\n  try:\n    x += 1\n    1 / 0\n  except: pass", 1_000_000],
      ["open(4, 'r+b').read(5)", undefined],
      ["import uctypes\nuctypes.bytes_at(0x7fffffff, 4)", undefined],
      ["x = 'x' * 2**30", undefined],
    ];
    for (const [code, fuel] of attempts) {
      await python.run(code, { fuel });
      python.rewind(before);
      expect((await python.run("[x, open('kept').read()]")).value, code).toEqual([1, "yes"]);
    }
  });

  test("what comes after one comes the same again", async () => {
    const python = await boot();
    const code = "import random, time\nprint(random.random(), time.time_ns(), id(code) if 'code' in dir() else 0)";
    const before = python.checkpoint();
    const first = await python.run(code, { value: false });
    python.rewind(before);
    const second = await python.run(code, { value: false });
    expect([second.stdout, second.fuel]).toEqual([first.stdout, first.fuel]);
  });

  test("a run that is out of fuel goes on from its state, more than once", async () => {
    const python = await boot();
    await python.run("n = 0\nwhile n < 3000: n += 1\nprint(n)", { fuel: 200_000 });
    const paused = python.checkpoint();
    const first = await python.resume(FUEL);
    python.rewind(paused);
    const second = await python.resume(FUEL);
    expect(first.stdout).toBe("3000\n");
    expect([second.stdout, second.fuel]).toEqual([first.stdout, first.fuel]);
  });
});

describe.skipIf(unavailable !== undefined)("attacks on sessions", () => {
  test("recursion ends in an exception", async () => {
    const python = await boot();
    expect((await python.run("def f(): f()\nf()")).error).toMatchObject({ type: "RuntimeError" });
    expect(await python.run("1")).toMatchObject({ value: 1 });
  });

  test("a heap that is full ends the run with the limit", async () => {
    const python = await boot();
    expect((await python.run("'x' * 2**30")).error).toMatchObject({ kind: "memory-limit", type: "MemoryError" });
    expect(await python.run("1")).toMatchObject({ value: 1 });
  });

  test("the loop's channel gives a program nothing but the end of its session", async () => {
    const python = await boot();
    expect((await python.run("c = open(4, 'r+b')\nc.write(b'nonsense')")).ok).toBe(true);
    expect((await python.run("c.read(5)")).error).toMatchObject({ kind: "trap" });
    await expect(python.run("1")).rejects.toThrow("broken");
    await python.restart();
    expect(await python.run("1")).toMatchObject({ value: 1 });
    await python.run("open(4, 'r+b').close()");
    await expect(python.run("1")).rejects.toThrow("broken");
  });

  test("changing builtins does not reach the loop", async () => {
    const python = await boot();
    await python.run(
      "import builtins, sys, io\nfor n in ('exec', 'compile', 'open', 'type', 'BaseException'): setattr(builtins, n, None)",
    );
    await python.run("sys.print_exception = io.StringIO = None");
    expect((await python.run("1 / 0")).error).toMatchObject({ type: "ZeroDivisionError" });
    expect(await python.run("print(2)")).toMatchObject({ ok: true, stdout: "2\n" });
  });

  test("reading machine memory stays inside of the guest's", async () => {
    const python = await boot();
    const result = await python.run("import uctypes\nuctypes.bytes_at(0x7fffffff, 4)");
    expect(result.ok).toBe(false);
    await python.restart();
    expect(await python.run("1")).toMatchObject({ value: 1 });
  });

  test("open descriptors are bounded", async () => {
    const python = await boot();
    const { stdout } = await python.run(`
files = []
try:
    while True:
        files.append(open("/work/f%d" % len(files), "w"))
except OSError as e:
    print(len(files) < 200, e.errno)
`);
    expect(stdout).toBe("True 33\n");
    await python.run("for f in files: f.close()");
    expect(await python.run("1")).toMatchObject({ value: 1 });
  });
});

describe("an artifact that does not fit", () => {
  test("is refused", async () => {
    await expect(WasiPython.boot(compiledArtifact())).rejects.toThrow("not a WASI command");
    expect(() => new WasiGuest(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))).toThrow(SandboxUsageError);
  });

  const command = async (body: string) =>
    new Engine().compile(
      await wat(`(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1) (func (export "_start") ${body}))`),
    );

  test("that is not MicroPython cannot start a session", async () => {
    const cases = [
      ["", "the guest exited with status 0"],
      ["i32.const 3 call $exit", "the guest exited with status 3"],
      ["unreachable", "unreachable"],
    ] as const;
    for (const [body, message] of cases) await expect(WasiPython.boot(await command(body))).rejects.toThrow(message);
  });

  test("needs the memory that it starts with", async () => {
    const module: Module = await command("");
    expect(() => new WasiGuest(module, { memoryLimitBytes: 1000 })).toThrow(BootLimitError);
  });
});
