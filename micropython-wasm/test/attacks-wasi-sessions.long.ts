// Attacks on sessions on a WASI build. After each the session answers with what it had before, or with what the
// attack has made of it where Python's own rules let it, and so does another one in the process.

import { describe, expect, test } from "vitest";
import { Sandbox, type SandboxOptions, type SandboxStatus } from "../index.js";
import { unavailable, wasiModule } from "./wasi-artifact.js";

const create = (options: SandboxOptions = {}) =>
  Sandbox.create({
    artifact: wasiModule(),
    functions: { echo: (...args: unknown[]) => args, later: async (x: unknown) => x },
    heapBytes: 2 ** 20,
    fuel: 30_000_000,
    outputBytes: 10_000,
    workBytes: 100_000,
    ...options,
  });

async function survives(code: string, statuses: readonly SandboxStatus[], options: SandboxOptions = {}) {
  const sandbox = await create(options);
  const other = await create();
  await sandbox.run("kept = 41");
  const result = await sandbox.run(code);
  expect(statuses, `${code}: ${result.error?.message}`).toContain(result.status);
  expect((await sandbox.run("kept + 1")).value, code).toBe(42);
  expect((await sandbox.run("echo(1)")).value, code).toEqual([1]);
  expect((await other.run("echo(2)")).value).toEqual([2]);
  return result;
}

describe.skipIf(unavailable !== undefined)("exhaustion", () => {
  test.each([
    ["endless exceptions", "while True:\n  try: 1 / 0\n  except: pass"],
    [
      "endless exceptions in functions",
      "def f(): raise ValueError\nwhile True:\n  try: f()\n  except BaseException: pass",
    ],
    ["a loop that catches interrupts", "while True:\n  try:\n    while True: pass\n  except BaseException: pass"],
    [
      "a generator that does not close",
      "def g():\n  while True:\n    try: yield\n    except BaseException: pass\nfor _ in g(): pass",
    ],
    ["a loop in a finally clause", "try: 1 / 0\nfinally:\n  while True: pass"],
    ["a large power", "10 ** 10 ** 8"],
    ["a catastrophic regular expression", "import re\nre.match('(x+x+)+y', 'x' * 60)"],
    ["sleeping", "import time\nwhile True: time.sleep(10**6)"],
    ["host calls", "while True: echo(1)"],
    ["asynchronous host calls", "while True: later(1)"],
    ["output", "while True: print('x' * 1000)"],
  ])("by %s burns fuel to the end", async (_name, code) => {
    const result = await survives(code, ["out-of-fuel"], { maxHostCalls: Number.MAX_SAFE_INTEGER });
    expect(result.fuel.left).toBe(0);
    expect(result.stdout.length).toBeLessThan(11_000);
  });

  test.each([
    ["of the heap by a list", "l = []\nwhile True: l.append(l[:])"],
    ["of the heap by text", "x = 'x'\nwhile True: x += x"],
    ["of the heap by a number", "x = 2\nwhile True: x *= x"],
    ["of the heap by dictionaries", "d = {}\nwhile True: d[len(d)] = {}"],
    ["by one large object", "bytearray(10**9)"],
    ["by a size that is no size", "bytearray(2**63)"],
  ])("%s ends the run", async (_name, code) => {
    await survives(code, ["out-of-memory", "error", "out-of-fuel"], { fuel: 3e8 });
  });

  test.each([
    ["functions", "def f(): f()\nf()"],
    ["methods", "class A:\n  def __getattr__(self, n): return getattr(self, n + 'x')\nA().x"],
    ["repr", "l = []\nl.append(l)\nfor _ in range(2000): l = [l]\nrepr(l)"],
    ["comparison", "a = []\nb = []\nfor _ in range(3000): a, b = [a], [b]\na == b"],
    ["JSON", "import json\njson.loads('[' * 5000)"],
    ["a regular expression", "import re\nre.compile('(' * 5000)"],
    ["a match", "import re\nre.match('(a*)*b', 'a' * 40)"],
    ["source", "eval('(' * 3000 + ')' * 3000)"],
    ["source of lists", "eval('[' * 3000)"],
    ["iterators", "i = iter([1])\nfor _ in range(3000): i = map(lambda x: x, i)\nlist(i)"],
    ["a program's value", "x = []\nfor _ in range(3000): x = [x]\nx"],
    ["arguments", "x = []\nfor _ in range(3000): x = [x]\necho(x)"],
  ])("by recursion of %s ends in an exception at worst", async (_name, code) => {
    await survives(code, ["error", "ok", "out-of-fuel"], { fuel: 1e8 });
  });

  test("of files is an OSError", async () => {
    for (const code of [
      "open('big', 'w').write('x' * 200_000)",
      "i = 0\nwhile True:\n  open('f%d' % i, 'w').write('x' * 1000)\n  i += 1",
      "l = [open('f%d' % i, 'w') for i in range(1000)]",
    ]) {
      const result = await survives(code, ["error"], { fuel: 1e9 });
      expect(result.error?.type, code).toBe("OSError");
    }
  });
});

describe.skipIf(unavailable !== undefined)("the machine", () => {
  test.each([
    ["reading past the end", "import uctypes\nuctypes.bytes_at(0x7fffffff, 4)"],
    ["machine.mem32", "import machine\nmachine.mem32[0xfffffff0]"],
    ["writing everywhere", "import machine\nfor a in range(1024, 10**8, 4): machine.mem32[a] = 0xffffffff"],
    ["zeroing the interpreter's state", "import machine\nfor a in range(66000, 70000, 4): machine.mem32[a] = 0"],
    ["zeroing the heap", "import machine\nfor a in range(140_000, 1_200_000, 4): machine.mem32[a] = 0"],
    ["overwriting the stack", "import machine\nfor a in range(70_000, 140_000, 4): machine.mem32[a] = 0x41414141"],
    ["a reset", "import machine\nmachine.soft_reset()"],
    ["locking the heap", "import micropython\nmicropython.heap_lock()"],
    [
      "freeing the collector",
      "import gc\ngc.enable()\ngc.threshold(1)\nfor i in range(1000): x = [bytes(10) for _ in range(20)]",
    ],
  ])("%s ends the run at worst", async (_name, code) => {
    const sandbox = await create({ fuel: 100_000_000 });
    const other = await create();
    await sandbox.run("kept = 41");
    const result = await sandbox.run(code);
    expect(["ok", "error", "out-of-fuel", "out-of-memory"]).toContain(result.status);
    // Whatever it has damaged: the state before it is there.
    if (!result.rewound) await sandbox.rewind();
    expect((await sandbox.run("kept + 1")).value).toBe(42);
    expect((await other.run("echo(2)")).value).toEqual([2]);
  });
});

describe.skipIf(unavailable !== undefined)("the loop and its channel", () => {
  test.each([
    ["closing every descriptor", "for fd in range(8):\n  try: open(fd, 'r+b').close()\n  except OSError: pass"],
    ["reading the channel", "open(4, 'r+b').read(5)"],
    ["forging a report", "open(4, 'r+b').write(b'\\0')"],
    ["forging a report and reading", "c = open(4, 'r+b')\nc.write(b'\\0')\nc.read(5)"],
    ["raising in the loop's module", "import sys\nsys.modules['_escapement_loop'].throw(ValueError)"],
    ["closing the loop", "import sys\nsys.modules['_escapement_loop'].close()"],
    ["running the loop", "import sys\nnext(sys.modules['_escapement_loop'])"],
    ["dropping the loop", "import sys, gc\nsys.modules.clear()\ngc.collect()"],
    ["changing builtins", "import builtins\nfor n in dir(builtins):\n  if n[0] != '_': setattr(builtins, n, None)"],
    ["leaving", "import sys\nsys.atexit(lambda: 1 / 0)\nraise SystemExit"],
    ["a frame of nonsense", "f = open('/dev/host', 'r+b')\nf.write(b'C' + bytes(range(256)))\nf.read(100)"],
    ["a frame that is too large", "f = open('/dev/host', 'r+b')\nf.write(b'C' * 500_000)"],
    ["reading a reply that is not there", "open('/dev/host', 'r+b').read(100)"],
    ["an answer that nobody asked for", "open('/dev/host', 'r+b').write(b'A' + b'l\\x02\\0\\0\\0TN')"],
    [
      "objects of a list that is none",
      "open('/dev/host', 'r+b').write(b'D' + bytes([255, 255, 255, 127]) + b's\\x04\\0\\0\\0echo')",
    ],
  ])("%s leaves a session that can go back", async (_name, code) => {
    const sandbox = await create();
    const other = await create();
    await sandbox.run("kept = 41");
    const result = await sandbox.run(code);
    expect(["ok", "error", "out-of-fuel"]).toContain(result.status);
    if (!result.rewound) await sandbox.rewind();
    expect((await sandbox.run("echo(kept + 1)")).value).toEqual([42]);
    expect((await other.run("echo(2)")).value).toEqual([2]);
  });
});
