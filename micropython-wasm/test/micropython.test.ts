import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../runtime/index.js";
import { EmscriptenPython } from "../emscripten/python.js";
import { SandboxUsageError } from "../guest/errors.js";
import { runPython } from "../index.js";
import { PythonObject } from "../values/python-value.js";
import { boot, ENGINES, runOnce } from "./engines.js";

describe.each(ENGINES)("on %s", (_engine, factory) => {
  const run = async (code: string, options = {}) =>
    (await EmscriptenPython.boot(factory(), options)).run(code, { fuel: 1e9 });

  test("output comes back, and as a stream while it is made", async () => {
    const chunks: string[] = [];
    const result = await run(
      "print('héllo', 1)\nimport sys\nsys.stderr.write('warn\\n')\nsys.stdout.buffer.write(b'\\xff')",
      {
        stdout: { onData: (bytes: Uint8Array) => chunks.push(new TextDecoder().decode(bytes)) },
      },
    );
    expect(result.stdout).toBe("héllo 1\n\ufffd");
    expect(result.stderr).toBe("warn\n");
    expect(chunks.join("")).toBe("héllo 1\n\ufffd");
    expect(result.ok).toBe(true);
  });

  test.each([
    ["None", null],
    ["True", true],
    ["-7", -7],
    ["2 ** 100", 2n ** 100n],
    ["-(2 ** 53)", -(2n ** 53n)],
    ["0.1", 0.1],
    ["'é\\0x'", "é\0x"],
    ["b'\\x00\\xff'", Uint8Array.of(0, 255)],
    ["bytearray(b'a')", Uint8Array.of(97)],
    ["[1, (2, 3), []]", [1, [2, 3], []]],
    ["{1, 2} - {2}", new Set([1])],
    ["{1: 'a'}", new Map([[1, "a"]])],
    [
      "x = {'a': [1, {'b': None}]}\nx",
      Object.assign(Object.create(null), { a: [1, Object.assign(Object.create(null), { b: null })] }),
    ],
    ["object()", new PythonObject("object")],
    ["class C:\n  def __repr__(self): 1/0\nC()", new PythonObject("C")],
    ["print", new PythonObject("function")],
    ["x = []\nx.append(x)\nx", new PythonObject("list")],
    ["'a' * 300000", new PythonObject("str")],
    ["x = 1", undefined],
  ])("the value of %j", async (code, value) => {
    const result = await run(code);
    expect(result.error).toBeNull();
    expect(result.value).toEqual(value);
    expect(result.stdout).toBe("");
  });

  test("an exception gives class, message, and the traceback that MicroPython prints", async () => {
    const result = await run(
      'print("before")\ndef f(x):\n    return g(x)\ndef g(x):\n    raise ValueError("two\\nlines: %d" % x)\nf(3)',
    );
    expect(result.ok).toBe(false);
    expect(result.stdout).toBe("before\n");
    expect(result.exitStatus).toBeNull();
    expect(result.error).toEqual({
      kind: "exception",
      type: "ValueError",
      message: "two\nlines: 3",
      traceback:
        'Traceback (most recent call last):\n  File "<stdin>", line 6, in <module>\n  File "<stdin>", line 3, in f\n' +
        '  File "<stdin>", line 5, in g\nValueError: two\nlines: 3\n',
    });
  });

  test.each([
    ["1/0", "ZeroDivisionError", "division by zero"],
    ["raise KeyError", "KeyError", ""],
    ["raise KeyError('k')", "KeyError", "'k'"],
    ["class E(Exception): pass\nraise E('a', 1)", "E", "('a', 1)"],
    ["class E(Exception): pass\nraise E", "E", ""],
    ["import nope", "ImportError", "No module named 'nope'"],
    ["x = (", "SyntaxError", "invalid syntax"],
    ["def f(:\n  pass", "SyntaxError", "invalid syntax"],
    ["if True:\npass", "SyntaxError", "invalid syntax"],
    ["  x = 1\n y = 2", "IndentationError", "unexpected indent"],
    ["return 5", "SyntaxError", "'return' outside function"],
    ["await f()", "SyntaxError", "'await' outside function"],
    ["raise KeyboardInterrupt", "KeyboardInterrupt", ""],
  ])("the exception of %j", async (code, type, message) => {
    const { error } = await run(code);
    expect(error?.kind).toBe("exception");
    expect(error?.type).toBe(type);
    expect(error?.message).toBe(message);
    expect(error?.traceback.startsWith("Traceback (most recent call last):\n")).toBe(true);
  });

  test.each([
    ["import sys; sys.exit()", 0],
    ["import sys; sys.exit(0)", 0],
    ["import sys; sys.exit(None)", 0],
    ["raise SystemExit", 0],
    ["import sys; sys.exit(3)", 3],
    ["import sys; sys.exit(-1)", 255],
    ["import sys; sys.exit(256)", 0],
    ["import sys; sys.exit('bye')", 1],
  ])("%s leaves with status %i", async (code, status) => {
    const result = await run(`print("out")\n${code}\nprint("not reached")`);
    expect(result.stdout).toBe("out\n");
    expect([result.exitStatus, result.ok]).toEqual([status, status === 0]);
    if (status !== 0) expect(result.error).toMatchObject({ kind: "exit", type: "SystemExit" });
  });

  test("stdin is read by line, in pieces and by input()", async () => {
    const python = await EmscriptenPython.boot(factory(), { stdin: new TextEncoder().encode("one\ntwo\nthree\nfour") });
    const result = await python.run(
      "import sys\nprint(input(), input('prompt> '), repr(sys.stdin.readline()), sys.stdin.read())\ntry: input()\nexcept EOFError as e: print(e)",
    );
    expect(result.stdout).toBe("prompt> one two 'three\\n' four\nEOF when reading a line\n");
    python.environment.setStdin(new TextEncoder().encode("again"));
    expect((await python.run("input()")).value).toBe("again");
  });

  test("os.urandom gives the seed's bytes", async () => {
    const bytes = (seed: number) => {
      const expected = new Uint8Array(300);
      new SeededRandom(seed).fill(expected);
      return expected;
    };
    for (const seed of [0, 7]) {
      const { value } = await run("import os\n[os.urandom(300), os.urandom(0), len(os.urandom(5000))]", { seed });
      expect(value).toEqual([bytes(seed), new Uint8Array(0), 5000]);
    }
    expect((await run("import os\nos.urandom(-1)")).error?.type).toBe("ValueError");
  });

  test("what the artifact lacks is provided without touching the program's names", async () => {
    const python = await EmscriptenPython.boot(factory());
    await python.run("import os, sys\nbuiltins = n = 1\nf = 2", { value: false });
    const { value } = await python.run("r = eval('os.urandom')(2)\n[os.getcwd(), builtins, f, n, sys.byteorder]");
    expect(value).toEqual(["/work", 1, 2, 1, "little"]);
  });

  test("argv is there, in any characters", async () => {
    const result = await run("import sys\nsys.argv", { argv: ["prog.py", "a b", 'quote"\\', "é€😀", "\n"] });
    expect(result.value).toEqual(["prog.py", "a b", 'quote"\\', "é€😀", "\n"]);
  });

  test("runs share globals, functions, modules and files, also after an exception", async () => {
    const python = await EmscriptenPython.boot(factory());
    await python.run("import math\nx = 40\ndef f(): return x + 2\nopen('f', 'w').write('kept')");
    expect((await python.run("x = 41\n1/0")).error?.type).toBe("ZeroDivisionError");
    expect((await python.run("[f(), math.floor(1.5), open('f').read()]")).value).toEqual([43, 1, "kept"]);
  });

  test("a thousand runs in one interpreter do not grow its memory", async () => {
    const python = await EmscriptenPython.boot(factory());
    await python.run("x = []");
    const objects = "import jsffi\njsffi.mem_info()[3:5]";
    const before = await python.run(objects);
    for (let i = 0; i < 300; i++) {
      await python.run("x = [i for i in range(10)]\n{'a': x}");
      await python.run("1/0");
      await python.run("def f(): pass\nf", { value: false });
    }
    const after = await python.run(objects);
    expect(after.memory.bytes).toBe(before.memory.bytes);
    expect(after.value).toEqual(before.value);
  });

  test("asks the embedder for time and randomness only through its own clock and generator", async () => {
    const code = "import time, random\n[time.time(), time.ticks_ms() < 1000, random.random(), random.getrandbits(30)]";
    const one = await run(code, { seed: 7 });
    const two = await run(code, { seed: 7 });
    const other = await run(code, { seed: 8 });
    expect(one.value).toEqual(two.value);
    expect(other.value).not.toEqual(one.value);
    expect(Math.floor((one.value as number[])[0]!)).toBe(946684800);
    expect((await run("import time; time.gmtime()[:3]", { clockStart: 1_700_000_000_000_000_000n })).value).toEqual([
      2023, 11, 14,
    ]);
  });

  test("sleeping passes virtual time, and little real time", async () => {
    const result = await run(
      "import time\na = time.time(), time.ticks_ms()\ntime.sleep(30)\nb = time.time(), time.ticks_ms()\n(b[0] - a[0], b[1] - a[1])",
    );
    const [seconds, ticks] = result.value as [number, number];
    expect(seconds).toBeGreaterThanOrEqual(29.99);
    expect(seconds).toBeLessThan(30.5);
    expect(Math.abs(ticks - 30_000)).toBeLessThan(500);
  });

  test("the memory limit answers with MemoryError, and the interpreter goes on", async () => {
    const python = await EmscriptenPython.boot(factory({ memoryLimitBytes: 20 * 1024 * 1024 }));
    const result = await python.run("x = bytearray(8_000_000)\ny = bytearray(8_000_000)\nz = bytearray(8_000_000)");
    expect(result.error).toMatchObject({ kind: "memory-limit", type: "MemoryError" });
    expect(result.memory.limitBytes).toBe(20 * 1024 * 1024);
    expect(result.memory.bytes).toBeLessThanOrEqual(20 * 1024 * 1024);
    const caught = await python.run("try:\n  bytearray(30_000_000)\nexcept MemoryError:\n  print('caught')\n1 + 1");
    expect([caught.stdout, caught.value]).toEqual(["caught\n", 2]);
  });

  test("files that the embedder puts there are read, files that the program makes are found", async () => {
    const python = await EmscriptenPython.boot(factory());
    const { files } = python.environment;
    files.mkdirs("/input");
    files.writeFile("/input/data.txt", new TextEncoder().encode("from the host"));
    files.setReadOnly("/input", true);
    const result = await python.run(
      "text = open('/input/data.txt').read()\nopen('out.txt', 'w').write(text.upper())\n" +
        "try:\n  open('/input/data.txt', 'w')\nexcept OSError as e:\n  print(e)\n" +
        "import os, errno\nos.listdir('/'), os.statvfs('/')[0], errno.ENOENT",
    );
    expect(result.stdout).toBe("30\n");
    expect(result.value).toEqual([["rom", "dev", "lib", "tmp", "work", "input"], 4096, 2]);
    expect(new TextDecoder().decode(files.readFile("/work/out.txt"))).toBe("FROM THE HOST");
  });

  test("wrong source is refused before anything runs", async () => {
    const python = await EmscriptenPython.boot(factory());
    await expect(python.run(Uint8Array.of(0x78, 0xff))).rejects.toThrow(
      "the source is not UTF-8: byte 0xff at offset 1",
    );
    await expect(python.run("print(1)\0")).rejects.toThrow(SandboxUsageError);
    expect((await python.run("")).ok).toBe(true);
    expect((await python.run(Uint8Array.of(0xef, 0xbb, 0xbf, 0x31))).value).toBe(1);
    expect((await python.run("print('\\x00é', end='')")).stdout).toBe("\0é");
  });

  test("one run at a time", async () => {
    const python = await EmscriptenPython.boot(factory());
    const first = python.run("1");
    await expect(python.run("2")).rejects.toThrow("a run is under way");
    expect((await first).value).toBe(1);
    await expect(python.resume(1)).rejects.toThrow("there is no run to resume");
  });

  test("Python calls nest some 900 deep, then raise RuntimeError", async () => {
    const result = await run(
      "def d(n):\n  global deepest\n  deepest = n\n  d(n + 1)\ntry:\n  d(0)\nexcept RuntimeError as e:\n  print(e)\ndeepest",
    );
    expect(result.stdout).toBe("maximum recursion depth exceeded\n");
    expect(result.value).toBeGreaterThan(850);
    expect(result.value).toBeLessThan(1100);
  });
});

describe("limits", () => {
  test("fuel is exact: U passes, U - 1 stops, and one more unit finishes the run", async () => {
    const code = "x = [str(i) for i in range(20)]\nprint(len(x))\nx[3]";
    const { used } = (await runOnce(code)).fuel;
    const enough = await runOnce(code, { fuel: used });
    expect([enough.ok, enough.value, enough.fuel.used, enough.fuel.limit]).toEqual([true, "3", used, used]);
    const python = await boot();
    const short = await python.run(code, { fuel: used - 1 });
    expect(short.error).toMatchObject({ kind: "fuel", type: null });
    expect(short.error?.message).toBe(`out of fuel: ${short.fuel.used} of ${used - 1} units used`);
    expect(short.stdout).toBe("20\n");
    await expect(python.run("1")).rejects.toThrow("it ran out of fuel");
    const finished = await python.resume(1);
    expect([finished.ok, finished.value, finished.fuel.used]).toEqual([true, "3", used]);
    expect((await python.run("len(x)")).value).toBe(20);
  });

  test("a run in slices of any size ends with the same result and the same total", async () => {
    const code =
      "import time, random\nd = {}\nfor i in range(50):\n  try:\n    d[i] = 1 // (i % 3)\n  except ZeroDivisionError:\n    print(i, end=' ')\n(len(d), random.random(), time.ticks_ms())";
    const whole = await runOnce(code);
    for (const slice of [997, 10_007, 100_003]) {
      const python = await boot();
      let result = await python.run(code, { fuel: slice });
      while (result.error?.kind === "fuel") result = await python.resume(slice);
      expect([result.stdout, result.value, result.fuel.used]).toEqual([whole.stdout, whole.value, whole.fuel.used]);
    }
  });

  test("booting is not charged, and every run counts for itself", async () => {
    const python = await boot();
    const results = [];
    for (let i = 0; i < 4; i++) results.push(await python.run("pass", { value: false }));
    for (const { fuel } of results) expect(fuel.used).toBeLessThan(100_000);
    expect(results[3]!.fuel.schedule).toBe("escapement-2");
  });

  test("the same program costs the same each time", async () => {
    const code = "import json\nprint(json.dumps({'a': [1, 2, {'b': None}]}), hash('x'), id(object()))";
    const one = await runOnce(code);
    const two = await runOnce(code);
    expect(two).toEqual(one);
  });

  test.each([
    "while True: pass",
    "def f(): raise ValueError\nwhile True:\n  try: f()\n  except: pass",
    "while True:\n  try:\n    while True: pass\n  except BaseException: pass",
    "class A:\n  def __del__(self):\n    while True: pass\n[A() for i in range(10)]\nwhile True: pass",
    "def g():\n  while True:\n    try: yield\n    finally: continue\nx = g()\nnext(x)\nx.close()\nwhile True: pass",
    "import re\nre.match('(a*)*b', 'a' * 40)\nwhile True: pass",
    "10 ** 10 ** 8",
    "x = 'a'\nwhile True: x = (x + x)[:100000]",
    "import time\nwhile True: time.sleep(1000)",
    "sum(i for i in iter(int, 1))",
    "[0] * 10**7 == [0] * 10**7\nwhile True: pass",
    "class E(Exception):\n  def __repr__(self): raise E\n  __str__ = __repr__\nraise E",
    "while True: print('x' * 1000)",
    "import sys\nb = bytes(1000000)\nwhile True: sys.stdout.buffer.write(b)",
    "while True: open('f', 'w').write('x' * 100000)",
    "import os\nwhile True: os.listdir('/')",
  ])("an endless program burns its fuel and stops: %j", async (code) => {
    const result = await runOnce(code, { fuel: 5_000_000 });
    expect(["fuel", "memory-limit", "exception"]).toContain(result.error?.kind);
    expect(result.fuel.used).toBeLessThanOrEqual(5_000_000);
    expect(result.stdout.length).toBeLessThan(1_000_100);
    expect((await runOnce("1 + 1")).value).toBe(2);
  });

  test("output past the cap keeps head and tail, or stops the run by option", async () => {
    const code = "for i in range(1000): print(i)\nprint('end')";
    const kept = await runOnce(code, { stdout: { limitBytes: 100 } });
    expect(kept.ok).toBe(true);
    expect(kept.stdoutTruncated).toBe(true);
    expect(kept.stdout).toMatch(/^0\n1\n2\n.*\[\d+ bytes of stdout omitted\].*999\nend\n$/s);
    const stopped = await runOnce(code, { stdout: { limitBytes: 100, overflow: "stop" } });
    expect(stopped.error).toMatchObject({ kind: "output-limit", message: "stdout limit exceeded: 100 bytes allowed" });
    expect(stopped.stdout).toBe(kept.stdout.slice(0, 50) + stopped.stdout.slice(50));
    expect(stopped.stdout.length).toBe(100);
  });

  test("the engine's call stack stops what Python's own limit does not", async () => {
    const result = await runOnce("def d(n): return d(n + 1)\nd(0)", { limits: { stackSlots: 4096 } });
    expect(result.error?.kind).toBe("stack");
  });

  test("a memory limit that does not hold the start is an error that says so", async () => {
    await expect(runOnce("1", { memoryLimitBytes: 1_000_000 })).rejects.toThrow(
      "a memory limit of 1000000 bytes is too low: MicroPython starts with 16973824 bytes",
    );
  });

  test("reading and writing memory through uctypes stays inside and ends in an error at worst", async () => {
    for (const code of [
      "import uctypes\nbytes(uctypes.bytearray_at(0, 64))",
      "import uctypes\nlen(bytes(uctypes.bytearray_at(0, 1 << 30)))",
      "import uctypes\nbytes(uctypes.bytearray_at(0xfffffff0, 64))",
      "import uctypes\nb = uctypes.bytearray_at(0, 16 << 20)\nfor i in range(0, len(b), 64): b[i] = 0xff",
      "import uctypes\nb = uctypes.bytearray_at(0, 16 << 20)\nfor i in range(100000, 400000, 4): b[i] ^= 0x55",
    ]) {
      const result = await runOnce(code, { fuel: 20_000_000 });
      // "host" is a longjmp() to a frame that is not there: what it jumps to lies in that memory, too.
      const kinds = ["trap", "exception", "fuel", "stack", "memory-limit", "host"];
      if (!result.ok) expect(kinds).toContain(result.error?.kind);
      if (result.error?.kind === "host") expect(result.error.message).toContain("longjmp");
    }
    expect((await runOnce("6 * 7")).value).toBe(42);
  });
});

describe("runPython", () => {
  test("runs one program with the documented defaults", async () => {
    const result = await runPython("print('hi')\n6 * 7", { stdin: "x" });
    expect(result).toMatchObject({
      ok: true,
      stdout: "hi\n",
      stderr: "",
      value: 42,
      error: null,
      exitStatus: null,
      fuel: { schedule: "escapement-2", limit: 20_000_000 },
      memory: { limitBytes: 64 * 1024 * 1024 },
      tier: "interpreter",
    });
  });

  test("counts by other schedules on request", async () => {
    const totals = new Set();
    for (const schedule of ["escapement-1", "escapement-2", "wasmtime-45", "wasmtime-48"] as const) {
      const result = await runPython("x = bytes(100000)", { schedule });
      expect(result.fuel.schedule).toBe(schedule);
      totals.add(result.fuel.used);
    }
    expect(totals.size).toBe(4);
  });

  test("streams output", async () => {
    const seen: string[] = [];
    await runPython("import sys\nprint(1)\nsys.stderr.write('e')", {
      onStdout: (bytes) => seen.push(new TextDecoder().decode(bytes)),
      onStderr: (bytes) => seen.push(`!${new TextDecoder().decode(bytes)}`),
    });
    expect(seen.join("|")).toBe("1|\n|!e");
  });
});
