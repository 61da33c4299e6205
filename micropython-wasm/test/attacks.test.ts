// Attacks, each with the refusal that it must meet. After each, the session works, or is as it
// was before; and another session in the same process never notices.
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { Sandbox, type SandboxResult } from "../index.js";

const secret = { token: "hunter2" };
let victim: Sandbox;
let neighbour: Sandbox;

beforeAll(async () => {
  const functions = {
    add: (a: number, b: number) => a + b,
    give: () => ({ text: "x", list: [1], nested: { a: null } }),
    hostile: () =>
      new Proxy(
        {},
        {
          get() {
            throw secret;
          },
          ownKeys() {
            throw secret;
          },
          getPrototypeOf() {
            throw secret;
          },
        },
      ),
    getter: () => ({
      get token() {
        return secret.token;
      },
    }),
    thrower: () => {
      throw new Proxy(new Error("x"), {
        get() {
          throw secret;
        },
      });
    },
  };
  victim = await Sandbox.create({ functions, memory: "24MiB", fuel: 10_000_000, outputBytes: 10_000 });
  neighbour = await Sandbox.create({ functions });
  await victim.run("alive = 1");
});

afterEach(async () => {
  expect((await victim.run("add(alive, 1)")).value).toBe(2);
  expect((await neighbour.run("add(2, 2)")).value).toBe(4);
});

const attack = (code: string): Promise<SandboxResult> => victim.run(code);

describe("escapes", () => {
  test.each([
    "import js\njs.process",
    "import js\njs.globalThis",
    "import js\njs.add.constructor",
    "import js\njs.constructor",
    "import jsffi\njsffi.to_js({}).constructor",
    "import jsffi\njsffi.create_proxy(print).constructor",
    "import js\njs.eval('1')",
    "import js\njs.__proto__",
    "import js\njs.fetch('http://127.0.0.1')",
    "give()['text'].constructor",
    "give().constructor",
    "import socket",
    "import os\nos.getenv('PATH')",
    "open('/etc/passwd')",
    "open('/proc/self/environ')",
    "open('../../../../etc/passwd')",
  ])("%s", async (code) => {
    const { status, error } = await attack(code);
    expect(status).toBe("error");
    expect(error!.kind === "trap" || /^(Attribute|Import|Name|OS|Type|Module)/.test(error!.type ?? "")).toBe(true);
  });

  test("no attribute path from a host function or from js leads to JavaScript", async () => {
    const { value, error } = await victim.run(
      `
import js
seen = []
todo = [js, add, give, add(1, 2), give()]
bad = []
for depth in range(3):
  found = []
  for o in todo:
    for name in dir(o):
      if name in ("constructor", "prototype", "__proto__", "call", "apply", "process", "globalThis", "require"):
        bad.append(name)
      try:
        a = getattr(o, name)
        if not any(a is s for s in seen) and len(seen) < 60:
          seen.append(a)
          found.append(a)
      except Exception:
        pass
  todo = found
[len(seen) > 10, bad]`,
      { fuel: 1e9 },
    );
    expect(error).toBeNull();
    expect(value).toEqual([true, []]);
  });

  test.each(["hostile()", "getter()", "thrower()"])("%s: getters of the host's never run", async (code) => {
    const { error, stdout } = await attack(code);
    expect(error!.type).toMatch(/^(RuntimeError|ValueError)$/);
    expect(JSON.stringify([error, stdout])).not.toContain(secret.token);
  });
});

describe("exhaustion", () => {
  test.each([
    ["fuel", "while True:\n  try:\n    f()\n  except: pass"],
    ["fuel", "def f():\n  try:\n    f()\n  finally:\n    f()\nwhile True:\n  try:\n    f()\n  except: pass"],
    ["fuel", "while True:\n  try:\n    while True: pass\n  except BaseException: pass"],
    ["fuel", "10 ** 10 ** 8"],
    ["fuel", "x = 3\nwhile True: x = x * x"],
    ["fuel", "while True: print('x' * 1000)"],
    ["fuel", "def g():\n  while True:\n    try:\n      yield 1\n    except BaseException: pass\nfor i in g(): pass"],
    ["fuel", "class A:\n  def __del__(self):\n    while True: pass\nwhile True: A()"],
    ["fuel", "import re\nre.match('(a|aa)*$', 'a' * 60 + 'b')\nwhile True: pass"],
    ["fuel", "(i for i in iter(int, 1)).__class__\nlist(iter(int, 1))"],
    ["fuel", "sorted(range(10**6), key=lambda k: -k)"],
    ["fuel", "import time\ntime.sleep(10 ** 9)"],
  ])("of %s: %s", async (kind, code) => {
    const { status, error, fuel } = await attack(code);
    expect([kind, "memory-limit", "stack", "exception"]).toContain(error!.kind);
    expect(["out-of-fuel", "out-of-memory", "error"]).toContain(status);
    expect(fuel.used).toBeLessThanOrEqual(10_000_000);
  });

  test.each([
    ["MemoryError", "bytearray(10 ** 9)"],
    ["MemoryError", "'x' * (10 ** 9)"],
    ["MemoryError", "[0] * (10 ** 8)"],
    ["MemoryError", "l = []\nwhile True: l.append(bytearray(2000000))"],
    ["OverflowError", "1 << (1 << 80)"],
    ["RuntimeError", "def f(): return f()\nf()"],
    ["RuntimeError", "x = []\nfor i in range(100000): x = [x]\nrepr(x)"],
    ["RuntimeError", "import json\njson.loads('[' * 100000)"],
    ["RuntimeError", "import re\nre.match('(a*)*b', 'a' * 5000)"],
    ["RuntimeError", "eval('(' * 5000 + ')' * 5000)"],
    ["RuntimeError", "for i in range(10 ** 6): add(i, 1)"],
    ["ValueError", "add('x' * 300000, 1)"],
    ["ValueError", "add(1 << 200000, 1)"],
    ["ValueError", "x = []\nx.append(x)\nadd(x, 1)"],
  ])("meets %s: %s", async (type, code) => {
    const { status, error, fuel } = await attack(code);
    expect(status).not.toBe("ok");
    // A limit may come before the one that the program was after.
    if (error!.type !== null) expect([type, "MemoryError", "RuntimeError", "ValueError"]).toContain(error!.type);
    expect(fuel.used).toBeLessThanOrEqual(10_000_000);
  });

  test("an output flood is cut", async () => {
    const result = await attack("for i in range(3000): print('x' * 100)");
    expect(result.stdoutTruncated).toBe(true);
    expect(result.stdout.length).toBeLessThan(11_000);
  });
});

describe("machine memory", () => {
  test.each([
    "import uctypes\nuctypes.bytes_at(0xffffff00, 256)",
    "import uctypes\nbytes(uctypes.bytearray_at(0x7fffffff, 64))",
    "import uctypes\nb = uctypes.bytearray_at(0, 1 << 20)\nfor i in range(0, 1 << 20, 4): b[i] = 255",
    "import uctypes\nb = uctypes.bytearray_at(1024, 700000)\nb[:] = b'\\xff' * 700000",
    "import machine\nmachine.mem32[0xfffffff0]",
    "import sys\nsys.settrace(lambda *a: None)",
  ])("%s", async (code) => {
    const { status } = await attack(code);
    expect(["ok", "error", "out-of-fuel", "out-of-memory"]).toContain(status);
  });
});
