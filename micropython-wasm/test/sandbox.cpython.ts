// Sandboxes on CPython. Expected values are CPython's own, as its documentation or CPython 3.11 has them.
import { describe, expect, test } from "vitest";
import { PythonObject, Sandbox, type SandboxOptions, type SandboxResult, verifyPythonReceipt } from "../index.js";

const functions = {
  add: (a: number, b: number) => a + b,
  later: async (value: unknown) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return value;
  },
  never: () => new Promise(() => {}),
  each: async (call: (item: unknown) => Promise<unknown>, items: unknown[]) => {
    const results: unknown[] = [];
    for (const item of items) results.push(await call(item));
    return results;
  },
  given: (...args: unknown[]) => args,
  fail: () => {
    throw new TypeError("not today");
  },
};
const create = (options: SandboxOptions = {}) => Sandbox.create({ python: "cpython", functions, ...options });

describe("a session on CPython", () => {
  test("keeps variables, functions, classes, imports and open files from run to run", async () => {
    const sandbox = await create();
    const first = await sandbox.run("x = add(2, 3)\nprint(x)");
    expect(first).toMatchObject({ status: "ok", stdout: "5\n", error: null, hostCalls: 1, rewound: false });
    await sandbox.run("import json\nclass A:\n  y = 2\ndef f(): return x + A.y\nfile = open('a.txt', 'w')");
    expect((await sandbox.run("file.write('hello')\nfile.close()\njson.dumps([f()])")).value).toBe("[7]");
    expect(new TextDecoder().decode(sandbox.readFile("a.txt"))).toBe("hello");
  });

  test("has receipts that are true when the run is made again", async () => {
    const code = "import random\nprint(random.random(), add(2, 3))\n[later(i) for i in range(3)] and 7";
    const { receipt, value } = await (await create()).run(code, { receipt: true });
    expect(value).toBe(7);
    expect(receipt!.hostCalls.map(({ name }) => name)).toEqual(["add", "later", "later", "later"]);
    expect(await verifyPythonReceipt(receipt!, { code })).toBeNull();
    const [first, ...others] = receipt!.hostCalls;
    const lie = { ...receipt!, hostCalls: [{ ...first!, result: { value: 6 } }, ...others] };
    expect(await verifyPythonReceipt(lie, { code })).not.toBeNull();
  });

  test("gives values of every kind", async () => {
    const sandbox = await create();
    const value = async (code: string) => (await sandbox.run(code)).value;
    expect(await value("[1, 2.5, 'é€😀', None, True, (3,), {'a': -1}]")).toEqual([
      1,
      2.5,
      "é€😀",
      null,
      true,
      [3],
      Object.assign(Object.create(null), { a: -1 }),
    ]);
    expect(await value("2 ** 100")).toBe(2n ** 100n);
    expect(await value("{1, 2}")).toEqual(new Set([1, 2]));
    expect(await value("b'ab'")).toEqual(Uint8Array.of(97, 98));
    expect(await value("x = 3")).toBeUndefined();
    expect(await value('f\'{"a" + "b"}\'; y = 1')).toBeUndefined();
    expect(await value("for i in range(3): pass")).toBeUndefined();
    expect(await value("# nothing\n'a' 'b' # last")).toBe("ab");
    expect(await value("object()")).toMatchObject({ pythonType: "object" });
  });

  test("tells the class of a value that is too large or too deep", async () => {
    const sandbox = await create();
    for (const [code, type] of [
      ["'x' * 270_000", "str"],
      ["b'x' * 270_000", "bytes"],
      ["x = []\nfor i in range(40): x = [x]\nx", "list"],
      ["set(range(30_000))", "set"],
    ])
      expect((await sandbox.run(code!)).value, code).toEqual(new PythonObject(type!));
  });

  test("tells an exception with its class, message and traceback, of chains too", async () => {
    const sandbox = await create();
    const result = await sandbox.run("def f():\n  return 1 // 0\nf()");
    expect(result.error).toEqual({
      kind: "exception",
      type: "ZeroDivisionError",
      message: "division by zero",
      traceback: expect.any(String),
    });
    expect(result.error!.traceback).toBe(
      'Traceback (most recent call last):\n  File "<stdin>", line 3, in <module>\n  File "<stdin>", line 2, in f\n' +
        "ZeroDivisionError: division by zero\n",
    );
    const chained = await sandbox.run("try:\n  {}['k']\nexcept KeyError as e:\n  raise ValueError('v') from e");
    expect(chained.error).toMatchObject({ type: "ValueError", message: "v" });
    expect(chained.error!.traceback).toContain("KeyError: 'k'\n\nThe above exception was the direct cause");
    expect((await sandbox.run("x = (")).error).toMatchObject({
      type: "SyntaxError",
      message: "'(' was never closed (<stdin>, line 1)",
    });
    expect(await sandbox.run("import sys; sys.exit(3)")).toMatchObject({
      status: "error",
      error: { kind: "exit", message: "3" },
    });
    expect(await sandbox.run("exit()")).toMatchObject({ status: "ok", error: null });
  });

  test("calls host functions: promises, keywords, callbacks, errors, modules", async () => {
    const sandbox = await create({ modules: { db: { query: (text: string) => [text, 1] } } });
    expect((await sandbox.run("later(4)")).value).toBe(4);
    expect((await sandbox.run("given(1, [2], a=3)")).value).toEqual([
      1,
      [2],
      Object.assign(Object.create(null), { a: 3 }),
    ]);
    expect((await sandbox.run("each(lambda v: add(v, 1), [1, 2])")).value).toEqual([2, 3]);
    expect((await sandbox.run("from db import query\nquery('q')")).value).toEqual(["q", 1]);
    expect((await sandbox.run("fail()")).error).toMatchObject({
      type: "RuntimeError",
      message: "TypeError: not today",
    });
    expect((await sandbox.run("add(object(), 1)")).error).toMatchObject({ type: "TypeError" });
    await sandbox.register("twice", (n: number) => 2 * n);
    expect((await sandbox.run("twice(n)", { inputs: { n: 21 } })).value).toBe(42);
  });

  test("stops at its limits, and stays usable", async () => {
    const sandbox = await create({ memory: "64MiB" });
    await sandbox.run("x = 5");
    expect(await sandbox.run("x = 6\nwhile True: pass", { fuel: 3_000_000 })).toMatchObject({
      status: "out-of-fuel",
      fuel: { used: 3_000_000 },
      rewound: false,
    });
    expect((await sandbox.run("x")).value).toBe(6);
    expect(await sandbox.run("while True: pass", { timeout: 100 })).toMatchObject({
      status: "timeout",
      rewound: false,
    });
    expect(await sandbox.run("never()", { timeout: 50 })).toMatchObject({ status: "timeout" });
    const stubborn = "x = 7\nwhile True:\n  try:\n    while True: pass\n  except BaseException: pass";
    expect(await sandbox.run(stubborn, { fuel: 3_000_000 })).toMatchObject({ status: "out-of-fuel", rewound: true });
    const noHandler = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nx = 8\nwhile True: pass";
    expect(await sandbox.run(noHandler, { fuel: 10_000_000 })).toMatchObject({ status: "out-of-fuel", rewound: true });
    expect(await sandbox.run("bytes(10 ** 9)")).toMatchObject({ status: "out-of-memory", rewound: false });
    expect(await sandbox.run("l = []\nwhile True: l.append(bytearray(10 ** 6))")).toMatchObject({
      status: "out-of-memory",
    });
    expect(await sandbox.run("n = len(l); del l; n > 5")).toMatchObject({ status: "ok", value: true });
    expect(await sandbox.run("def r(): r()\nr()")).toMatchObject({ error: { type: "RecursionError" } });
    expect(await sandbox.run("import os\nos._exit(3)")).toMatchObject({ error: { kind: "trap" }, rewound: true });
    expect((await sandbox.run("x")).value).toBe(6);
  });

  test("costs the same to the unit, stops at U - 1, and goes on from there", async () => {
    const code = "sum(i * i for i in range(300))";
    const exact = (await (await create()).run(code)).fuel.used;
    const sandbox = await create({ onFuelExhausted: "pause" });
    const stopped = await sandbox.run(code, { fuel: exact - 1 });
    expect(stopped).toMatchObject({ status: "paused", fuel: { used: exact - 1 } });
    expect(await sandbox.resume(stopped, 1)).toMatchObject({ status: "ok", value: 8_955_050, fuel: { used: exact } });
    expect(await (await create()).run(code, { fuel: exact })).toMatchObject({ status: "ok" });
  });

  test("is saved in the midst of a run, restored, forked and taken back", async () => {
    const options: SandboxOptions = { onFuelExhausted: "pause" };
    const sandbox = await create(options);
    await sandbox.run("l = [1]");
    const paused = await sandbox.run("for i in range(20000): l.append(i)\nlen(l)", { fuel: 1_000_000 });
    expect(paused.status).toBe("paused");
    const restored = await Sandbox.restore(sandbox.snapshot(), { python: "cpython", functions, ...options });
    const fork = await sandbox.fork();
    const ends: SandboxResult[] = [];
    for (const each of [sandbox, restored, fork]) ends.push(await each.resume(each.paused!, 1e9));
    expect(ends.map(({ value }) => value)).toEqual([20_001, 20_001, 20_001]);
    expect(new Set(ends.map(({ fuel }) => fuel.used)).size).toBe(1);
    expect(new Set([sandbox, restored, fork].map((each) => each.memoryHash())).size).toBe(1);
    await fork.rewind();
    expect((await fork.run("len(l)")).value).toBe(1);
    expect((await sandbox.run("len(l)")).value).toBe(20_001);
  });

  test("has files, arguments, standard input, a seed and a clock of its own", async () => {
    const sandbox = await create({ files: { "a/b.txt": "hello" }, argv: ["p", "x"], stdin: "one\ntwo\n", seed: 7 });
    expect((await sandbox.run("import sys\nopen('/input/a/b.txt').read(), sys.argv, input()")).value).toEqual([
      "hello",
      ["p", "x"],
      "one",
    ]);
    expect((await sandbox.run("open('/input/a/b.txt', 'w')")).error).toMatchObject({ type: "OSError" });
    const random = "import random\nrandom.random()";
    const [a, b] = [await create({ seed: 1 }), await create({ seed: 2 })];
    expect((await a.run(random)).value).not.toBe((await b.run(random)).value);
    const [c, d] = [await create({ seed: 1 }), await create({ seed: 1 })];
    expect((await c.run(random)).value).toBe((await d.run(random)).value);
    // An hour that passed would be longer than a test may take.
    const slept = await sandbox.run("import time\nt = time.time()\ntime.sleep(3600)\nround(time.time() - t)");
    expect(slept.value).toBe(3600);
  });

  test("runs asyncio by its virtual clock", async () => {
    const sandbox = await create();
    const code = `
import asyncio, time
async def wait(n):
    await asyncio.sleep(n)
    return n
async def main():
    start = time.monotonic()
    found = await asyncio.gather(wait(2), wait(1), asyncio.wait_for(wait(3), 5))
    return found, round(time.monotonic() - start)
asyncio.run(main())`;
    expect(await sandbox.run(code)).toMatchObject({ error: null, value: [[2, 1, 3], 3] });
    expect(
      (await sandbox.run("async def stuck(): await asyncio.Event().wait()\nasyncio.run(stuck())")).error,
    ).toMatchObject({
      type: "RuntimeError",
    });
  });

  test("has modules imported beforehand, and values of numpy as lists and numbers", async () => {
    const sandbox = await create({ preload: ["numpy"] });
    const result = await sandbox.run("import numpy as np\nnp.arange(6).reshape(2, 3) @ np.ones(3)");
    expect(result).toMatchObject({ status: "ok", value: [3, 12] });
    expect(result.fuel.used).toBeLessThan(5_000_000);
    expect((await sandbox.run("np.float64(0.5), np.int32(3)")).value).toEqual([0.5, 3]);
    await expect(create({ preload: ["nosuchmodule"] })).rejects.toThrow(/No module named 'nosuchmodule'/);
    await expect(create({ preload: ["a; b"] })).rejects.toThrow("not the name of a module");
  });
});
