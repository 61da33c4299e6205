// Attacks on fuel, memory and output: each meets its limit, and the session goes on afterwards.
import { describe, expect, test } from "vitest";
import { capability, Sandbox } from "../index.js";
import {
  burns,
  burnsAndRewinds,
  burnsAnyWay,
  expectRefusal,
  gives,
  meetsTheCap,
  type Row,
  raises,
  Scene,
  traps,
} from "./attack-support.js";

const FUEL = 20_000_000;
const scene = new Scene({ memory: "24MiB", fuel: FUEL, outputBytes: 10_000 });
const noMemory = raises("MemoryError", /^memory allocation failed/);
const tooWide = raises("OverflowError", "overflow converting long int to machine word");
const noFloat = raises("OverflowError", "int too large to convert to float");

describe("huge integers", () => {
  scene.meets("burn fuel", [
    ["10 ** 10 ** 6", burnsAndRewinds],
    ["10 ** 10 ** 8", burnsAndRewinds],
    ["str(1 << 10 ** 7)", burnsAndRewinds],
    ["int('1' * 10 ** 6)", burnsAndRewinds],
    ["int('9' * 20000)", burnsAndRewinds],
    ["str(10 ** 5000)", burnsAndRewinds],
    ["'%d' % 10 ** 5000", burnsAndRewinds],
    ["hex(1 << 10 ** 6)", burnsAndRewinds],
    ["x = 3\nwhile True: x = x * x", burnsAndRewinds],
    ["pow(3, 3 ** 3000, 2 ** 3000 + 1)", burnsAndRewinds],
    ["int.from_bytes(b'\\xff' * 10 ** 6, 'little')", burnsAndRewinds],
  ]);
  scene.meets("are refused", [
    ["1 << 10 ** 9", meetsTheCap],
    ["1 << (1 << 80)", tooWide],
    ["-1 >> 10 ** 30", tooWide],
    ["range(10 ** 30)", tooWide],
    ["[0] * 10 ** 30", tooWide],
    ["'a' * 2 ** 31", tooWide],
    ["bytearray(10 ** 10)", tooWide],
    ["(1).to_bytes(10 ** 9, 'little')", noMemory],
    ["(1 << 5000).to_bytes(4, 'little')", raises("OverflowError", "value would overflow a 4 byte buffer")],
    ["pow(3, -1, 0)", raises("ValueError", "division by zero")],
    ["chr(1 << 40)", tooWide],
    ["1.5 ** 10 ** 400", noFloat],
    ["float(10 ** 400)", noFloat],
  ]);
});

describe("huge texts", () => {
  scene.meets("are refused", [
    ["'1' * 10 ** 9", noMemory],
    ["b'1' * 10 ** 9", noMemory],
    ["bytes(10 ** 9)", noMemory],
    ["bytearray(10 ** 9)", noMemory],
    ["[0] * 10 ** 9", noMemory],
    ["import io\nio.BytesIO(10 ** 9)", noMemory],
    ["import struct\nstruct.pack('1000000000s', b'')", noMemory],
    ["import array\narray.array('I', range(10 ** 7))", meetsTheCap],
    // The product wraps in C, and what is copied runs out of memory's bounds.
    ["bytes(range(256)) * 2 ** 24", traps("out of bounds memory access")],
    ["add('x' * 270000, 1)", raises("ValueError", "value larger than 262144 bytes")],
    ["add(b'x' * 300000, 1)", raises("ValueError", "value larger than 262144 bytes")],
    ["add(1 << 140000, 1)", raises("ValueError", "not an integer, or too large")],
    ["x = []\nx.append(x)\nadd(x, 1)", raises("ValueError", "value nested too deeply")],
  ]);
  scene.meets("burn fuel", [
    ["'%1000000000d' % 5", burnsAndRewinds],
    ["'%*d' % (10 ** 9, 5)", burnsAndRewinds],
    ["'{:1000000000}'.format(5)", burnsAndRewinds],
    ["'{:{}}'.format(1, 10 ** 9)", burnsAndRewinds],
    ["'{:<1000000}'.format(5)", burnsAndRewinds],
    ["f'{5:1000000000}'", burnsAndRewinds],
    [
      "'5'.center(10 ** 8)",
      {
        ...burnsAndRewinds,
        status: "out-of-memory",
        kind: "memory-limit",
        type: "MemoryError",
        message: /./,
        rewound: false,
      },
    ],
    ["x = 'a'\nwhile True: x += x", burnsAndRewinds],
    ["''.join('a' for i in range(10 ** 7))", burns],
    ["'a' * 100000 in 'a' * 99999 + 'b' * 200000", burnsAndRewinds],
    ["('a' * 3000).replace('a', 'b' * 3000)", burnsAndRewinds],
  ]);
  scene.meets("are cut", [["'%.1000000000f' % 1.5", gives(`1.5${"0".repeat(29)}`)]]);
});

describe("storms of allocations", () => {
  scene.meets("at the cap", [
    ["l = []\nwhile True: l.append(bytearray(2000000))", burnsAnyWay],
    ["l = []\nwhile True: l.append(bytearray(100000))", burnsAnyWay],
    ["l = []\nwhile True: l.append([])", burnsAnyWay],
    ["l = []\nwhile True: l = [l, l]", burnsAnyWay],
    ["d = {}\ni = 0\nwhile True:\n  d[i] = i; i += 1", burnsAnyWay],
    ["while True:\n  try: x = bytearray(10 ** 8)\n  except MemoryError: pass", burns],
    ["l = []\nwhile True:\n  try: l.append(bytearray(100000))\n  except MemoryError: pass", burnsAnyWay],
    ["[1, 2] * (2 ** 30 + 1)", burnsAndRewinds],
    ["list(range(10 ** 7))", burnsAndRewinds],
    ["import micropython\nmicropython.heap_lock()\nx = [1]", burnsAndRewinds],
  ]);

  test("are the same at every cap: what is left answers", async () => {
    for (const memory of ["17MiB", "20MiB", "24MiB"]) {
      const session = await Sandbox.create({ memory, fuel: 1e9 });
      await session.run("alive = 1");
      const result = await session.run("l = []\nwhile True: l.append(bytearray(500000))");
      expect([memory, result.status, result.error!.type]).toEqual([memory, "out-of-memory", "MemoryError"]);
      expect(result.memory.peakBytes).toBeLessThanOrEqual(result.memory.limitBytes);
      expect((await session.run("l = 0\nalive")).value).toBe(1);
    }
  }, 60_000);
});

describe("loops that catch everything", () => {
  scene.meets("burn the fuel to its end", [
    ["while True:\n  try: f()\n  except: pass", burns],
    ["while True:\n  try: 1 / 0\n  except: pass", burns],
    ["while True:\n  try: raise KeyboardInterrupt\n  except KeyboardInterrupt: pass", burns],
    ["while True:\n  try: raise SystemExit\n  except SystemExit: pass", burns],
    ["while True:\n  try: raise MemoryError\n  except BaseException: pass", burns],
    ["while True:\n  try:\n    while True: pass\n  except BaseException: pass", burnsAndRewinds],
    ["def f():\n  try: f()\n  except: pass\nwhile True: f()", burnsAndRewinds],
    ["def f():\n  try: f()\n  finally: f()\nwhile True:\n  try: f()\n  except: pass", burnsAndRewinds],
    [
      "class A:\n  def __enter__(self): return self\n  def __exit__(self, *a): return True\nwhile True:\n  with A(): raise ValueError",
      burns,
    ],
    ["class A:\n  def __enter__(self): pass\n  def __exit__(self, *a):\n    while True: pass\nwith A(): 1 / 0", burns],
    ["def g():\n  while True:\n    try: yield 1\n    except BaseException: pass\nfor i in g(): pass", burns],
    ["class A:\n  def __iter__(self): return self\n  def __next__(self): return self\nfor x in A(): pass", burns],
    ["x = [1]\nfor i in x: x.append(i)", burns],
    ["import select\nselect.poll().poll()", burns],
    ["import time\ntime.sleep(10 ** 9)", burnsAndRewinds],
    ["import micropython\ndef f(a): micropython.schedule(f, 1)\nf(1)\nwhile True: pass", burns],
    ["import micropython\nmicropython.kbd_intr(-1)\nwhile True: pass", burns],
    ["sorted(range(10 ** 6), key=lambda k: -k)", burnsAndRewinds],
  ]);

  scene.meets("that leave by exceptions that end programs", [
    ["raise KeyboardInterrupt", raises("KeyboardInterrupt", "")],
    ["raise GeneratorExit", raises("GeneratorExit", "")],
    ["raise BaseException('x')", raises("BaseException", "x")],
    ["raise SystemExit", gives(undefined)],
    ["raise SystemExit(3)", { status: "error", kind: "exit", type: "SystemExit", message: "3", rewound: false }],
    [
      "raise SystemExit('9' * 9000)",
      { status: "error", kind: "exit", type: "SystemExit", message: /^9{9000}$/, rewound: false },
    ],
    ["raise ValueError('\\x04' * 10)", raises("ValueError", "\x04".repeat(10))],
    [
      "raise type('File \"a\", line 1, in b\", line 1\\r', (Exception,), {})('x')",
      raises('File "a", line 1, in b", line 1\r', "x"),
    ],
  ]);
});

test("a run that could not be unwound has left nothing, and is not what going back undoes", async () => {
  const session = await Sandbox.create({ fuel: 1_000_000 });
  await session.run("x = 1");
  await session.run("x = 2");
  const stuck = "x = 3\nwhile True:\n  try:\n    while True: pass\n  except BaseException: pass";
  for (let i = 0; i < 2; i++) expectRefusal(await session.run(stuck), burnsAndRewinds);
  await session.rewind();
  expect((await session.run("x")).value).toBe(1);
});

describe("generators and finalisers", () => {
  const inCopies: Row[] = [
    ["def g():\n  try: yield 1\n  finally:\n    while True: pass\nx = g(); next(x)\nwhile True: pass", burns],
    ["def g():\n  try: yield 1\n  finally:\n    while True: pass\nx = g(); next(x); x.close()", burns],
    [
      "def g():\n  while True:\n    try: yield 1\n    except GeneratorExit: pass\nx = g(); next(x); x.close()",
      raises("RuntimeError", "generator ignored GeneratorExit"),
    ],
    ["class A:\n  def __del__(self):\n    while True: pass\nwhile True: A()", burns],
    [
      "class A:\n  def __del__(self):\n    global kept\n    kept = self\nfor i in range(1000): A()\nwhile True: pass",
      burns,
    ],
    [
      "def g():\n  yield g\nx = g()\nx.gi = x\nwhile True: pass",
      raises("AttributeError", "'generator' object has no attribute 'gi'"),
    ],
  ];
  scene.meetsInACopy("after exhaustion", inCopies);

  test("are not run when the fuel of their run is gone: the next run is not theirs", async () => {
    const copy = await scene.victim.fork();
    const stuck = await copy.run(
      "class A:\n  def __del__(self): print('finaliser')\nx = A()\ndef g():\n  try: yield 1\n  finally: print('generator')\ny = g(); next(y)\nwhile True: pass",
    );
    expectRefusal(stuck, burns);
    // A collection looks at all of a heap that the attacks before have filled.
    const { stdout, value, fuel } = await copy.run("x = y = None\nimport gc\ngc.collect()\nalive", { fuel: 10 * FUEL });
    expect([stdout.includes("generator"), value]).toEqual([false, 1]);
    expect(fuel.used).toBeLessThan(10 * FUEL);
  });

  test("of a run that is given up do not run on anybody's account", async () => {
    const copy = await scene.victim.fork();
    const result = await copy.run(
      "def g():\n  try:\n    while True: yield 1\n  finally:\n    while True: pass\nfor i in g(): pass",
    );
    expect([result.status, result.fuel.used]).toEqual(["out-of-fuel", FUEL]);
    expect((await copy.run("add(alive, 1)")).value).toBe(2);
  });
});

describe("asyncio", () => {
  const loop = (body: string): string =>
    `import asyncio\nasync def f():\n  ${body}\nl = asyncio.get_event_loop()\nl.run_until_complete(f())`;
  test.each([
    "while True: await asyncio.sleep(0)",
    "await asyncio.sleep(10 ** 6)",
    "while True: asyncio.create_task(f()); await asyncio.sleep(0)",
    "await asyncio.Event().wait()",
  ])("loops end in bounded fuel: %s", async (body) => {
    const copy = await scene.victim.fork();
    const result = await copy.run(loop(body));
    expect(["error", "out-of-fuel"]).toContain(result.status);
    expect(["exception", "fuel", "trap"]).toContain(result.error!.kind);
    expect((await copy.run("add(alive, 1)")).value).toBe(2);
  });
  scene.meets("takes coroutines only", [
    ["import asyncio\nasyncio.run(5)", raises("ValueError", "a coroutine was expected, got 5")],
  ]);
});

describe("floods of output", () => {
  const CAP = 10_000;
  test.each([
    ["lines", "for i in range(3000): print('x' * 100)", "stdout", 303_000],
    ["one write", "print('x' * 100000)", "stdout", 100_001],
    ["to stderr", "import sys\nsys.stderr.write('e' * 50000)", "stderr", 50_000],
    ["of two bytes each", "import sys\nsys.stdout.write('\u00e9' * 20000)", "stdout", 40_000],
    ["of four bytes each", "import sys\nsys.stdout.write('\u{1f600}' * 9000)", "stdout", 36_000],
    [
      "of cut characters",
      "import sys\nfor i in range(200): sys.stdout.buffer.write(b'\\xf0\\x9f\\x98' * 100)",
      "stdout",
      60_000,
    ],
    ["of bytes that are not UTF-8", "import sys\nsys.stdout.buffer.write(b'\\xff' * 12000)", "stdout", 12_000],
    ["in single bytes", "import sys\nfor i in range(11000): sys.stdout.write('y')", "stdout", 11_000],
  ] as const)("%s are cut, and flagged", async (_what, code, stream, total) => {
    const result = await scene.victim.run(code, { fuel: 1e9 });
    const text = result[stream];
    expect([result.status, result.stdoutTruncated, result.stderrTruncated]).toEqual([
      "ok",
      stream === "stdout",
      stream === "stderr",
    ]);
    expect(text).toContain(`\n[${total - CAP} bytes of ${stream} omitted]\n`);
    expect(text.length).toBeLessThan(CAP + 60);
  });

  test("unfinished characters at the end are replaced, in every chunk", async () => {
    const chunks: number[] = [];
    const session = await Sandbox.create({ onStdout: (bytes) => void chunks.push(bytes.length) });
    const { stdout } = await session.run(
      "import sys\nsys.stdout.buffer.write(b'\\xe2\\x82')\nsys.stdout.buffer.write(b'\\xac\\xf0')",
    );
    // The bytes come together: one whole character, and one that is not.
    expect(stdout).toBe("\u20ac\ufffd");
    expect(chunks).toEqual([2, 2]);
  });

  test("endless ones end with the fuel, and a receiver that throws ends the run only", async () => {
    expectRefusal(await scene.victim.run("while True: print('x' * 1000)"), burns);
    let angry = true;
    const session = await Sandbox.create({
      onStdout: () => {
        if (angry) throw Object.create(null);
      },
    });
    const result = await session.run("print(1)");
    expect([result.status, result.error!.kind, result.rewound]).toEqual(["error", "host", true]);
    angry = false;
    expect((await session.run("print(2)")).stdout).toBe("2\n");
  });

  test("can be made to stop the run", async () => {
    const session = await Sandbox.create({ onOutputLimit: "stop", outputBytes: 1000 });
    const result = await session.run("x = 1\nwhile True: print('x' * 100)");
    expect([result.status, result.error!.kind, result.rewound, result.stdout.length]).toEqual([
      "error",
      "output-limit",
      true,
      1000,
    ]);
    expect((await session.run("x")).error!.type).toBe("NameError");
  });
});

describe("host calls", () => {
  test("tiny ones, in millions, end at their cap, at the price of fuel, or with the fuel", async () => {
    const endless = "n = 0\nwhile True:\n  add(1, 1)\n  n += 1";
    const functions = { add: (a: number, b: number) => a + b };
    const capped = await (await Sandbox.create({ functions, maxHostCalls: 50, fuel: 1e12 })).run(endless);
    expect([capped.error!.type, capped.error!.message, capped.hostCalls]).toEqual([
      "RuntimeError",
      "too many host calls",
      50,
    ]);
    const priced = await (await Sandbox.create({ functions, hostCallFuel: 1_000_000, fuel: FUEL })).run(endless);
    expect(priced.status).toBe("out-of-fuel");
    expect(priced.hostCalls).toBeLessThan(20);
    // A call and its round cost some 1,300 units: fuel ends before the cap of 10,000 calls.
    expectRefusal(await scene.victim.run(endless, { fuel: 5_000_000 }), burns);
  });

  test("beyond the cap, caught for ever, burn fuel and reach nobody", async () => {
    let calls = 0;
    const session = await Sandbox.create({ functions: { count: () => ++calls }, maxHostCalls: 10, fuel: FUEL });
    const result = await session.run("while True:\n  try: count()\n  except RuntimeError: pass");
    expect([result.status, result.hostCalls, calls]).toEqual(["out-of-fuel", 10, 10]);
    expect((await session.run("count()")).value).toBe(11);
  });

  test("that collect the host's objects reach a limit, which going back lifts", async () => {
    const functions = { tool: () => capability({ read: () => 7 }, ["read"]) };
    const session = await Sandbox.create({ functions, maxHostCalls: 20_000, fuel: 1e10 });
    await session.run("kept = tool()");
    const greedy = await session.run("n = 0\nwhile True:\n  tool()\n  n += 1");
    expectRefusal(greedy, raises("ValueError", "too many capabilities"));
    expect(greedy.hostCalls).toBe(10_000);
    await session.rewind();
    expect((await session.run("[tool().read(), kept.read()]")).value).toEqual([7, 7]);
  });

  scene.meets("with too many arguments", [["add(*range(10 ** 5))", raises("RuntimeError", "pystack exhausted")]]);
});
