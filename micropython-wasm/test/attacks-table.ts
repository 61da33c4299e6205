// Attacks that every Python is tried with: what a program does that means no good, and how its run may end. Their exact
// ends on MicroPython are in the other files of attacks; here it is what all Pythons promise.
import type { SandboxStatus } from "../index.js";

export interface Attack {
  readonly name: string;
  readonly code: string;
  /** How the run may end: what of its limits it meets first depends on the Python. */
  readonly ends: readonly SandboxStatus[];
  /** Of the exception that ends the run, where it is one. */
  readonly types?: readonly string[];
  /** Of a run that ends well. */
  readonly value?: unknown;
}

const attack = (name: string, code: string, ends: readonly SandboxStatus[], types?: readonly string[]): Attack => ({
  name,
  code,
  ends,
  ...(types === undefined ? {} : { types }),
});

const TOO_DEEP_VALUE = "too deep";
/** The error is caught where it is an exception: CPython's tracebacks of such depth take 144 million units. */
const recursion = (name: string, code: string): Attack => ({
  name,
  code: `def attack():\n${code.replace(/^/gm, "  ")}\ntry: attack()\nexcept RuntimeError: x = "${TOO_DEEP_VALUE}"\nx`,
  ends: ["ok"],
  value: TOO_DEEP_VALUE,
});

const BURNS = ["out-of-fuel"] as const;
const NO_ROOM = ["out-of-memory", "out-of-fuel"] as const;
const FAILS = ["error"] as const;
/** C's stack, or Python's count of calls. */
const TOO_DEEP = ["RecursionError", "RuntimeError"];
const nested = (levels: number) => `x = []\nfor i in range(${levels}): x = [x]\n`;

export const ATTACKS: readonly Attack[] = [
  // Fills memory.
  attack("a list of large objects", "l = []\nwhile True: l.append(bytearray(1000000))", NO_ROOM),
  attack("a list of small objects", "l = []\nwhile True: l.append([])", NO_ROOM),
  attack("a text that doubles", "x = 'x'\nwhile True: x += x", NO_ROOM),
  attack("a number that squares itself", "x = 3\nwhile True: x = x * x", NO_ROOM),
  attack("a dict that grows", "d = {}\nwhile True: d[len(d)] = {}", NO_ROOM),
  attack("one object of a gigabyte", "bytearray(10 ** 9)", ["out-of-memory"]),
  attack("a size that is none", "[0] * 10 ** 30", ["error", "out-of-memory"], ["OverflowError", "MemoryError"]),
  attack(
    "every MemoryError is caught",
    "l = []\nwhile True:\n  try: l.append(bytearray(1000000))\n  except MemoryError: pass",
    BURNS,
  ),
  // Opens every file.
  attack(
    "ever more files",
    "l = []\ni = 0\nwhile True:\n  l.append(open('f%d' % i, 'w'))\n  i += 1",
    ["error", ...NO_ROOM],
    ["OSError", "PermissionError", "FileNotFoundError", "FileExistsError"],
  ),
  attack(
    "one file, again and again",
    "open('f', 'w').close()\nl = []\nwhile True: l.append(open('f'))",
    ["error", ...NO_ROOM],
    ["OSError", "PermissionError", "FileNotFoundError", "FileExistsError"],
  ),
  attack(
    "a file without end",
    "f = open('x', 'w')\nwhile True: f.write('x' * 100000)",
    ["error", "out-of-fuel"],
    ["OSError", "PermissionError", "FileNotFoundError", "FileExistsError"],
  ),
  attack(
    "directories in directories",
    "import os\nwhile True:\n  os.mkdir('d')\n  os.chdir('d')",
    ["error", "out-of-fuel"],
    ["OSError", "PermissionError", "FileNotFoundError", "FileExistsError"],
  ),
  attack("what is outside", "open('/../../../etc/passwd')", FAILS, ["OSError", "FileNotFoundError", "PermissionError"]),
  // Recurses.
  recursion("functions", "def f(): return f()\nf()"),
  recursion("attributes", "class A:\n  def __getattr__(self, n): return getattr(self, n)\nA().x"),
  recursion("comparisons", "class A:\n  def __eq__(self, o): return self == o\nA() == A()"),
  recursion("generators", "def g(n): yield from g(n + 1)\nnext(g(0))"),
  attack("representations", `${nested(20_000)}repr(x)`, ["error", "out-of-fuel"], TOO_DEEP),
  attack("a program's value", `${nested(3000)}x`, ["ok"]),
  // An empty tuple in parentheses, for who reads so deep.
  attack(
    "source",
    "eval('(' * 3000 + ')' * 3000)",
    ["ok", "error", ...NO_ROOM],
    ["SyntaxError", "MemoryError", ...TOO_DEEP],
  ),
  attack("a regular expression", "import re\nre.compile('(' * 20000)", ["error", "out-of-fuel"]),
  // Takes time.
  attack("sleeps for a year", "import time\ntime.sleep(365 * 86400)", ["ok", "out-of-fuel"]),
  attack("sleeps for ever", "import time\nwhile True: time.sleep(10 ** 6)", BURNS),
  attack("a loop", "while True: pass", BURNS),
  attack("a large power", "10 ** 10 ** 8", NO_ROOM),
  attack("a match that takes for ever", "import re\nre.match('(a*)*b', 'a' * 60)", ["error", "out-of-fuel"], TOO_DEEP),
  // Floods output.
  attack("output without end", "while True: print('x' * 1000)", BURNS),
  attack("errors without end", "import sys\nwhile True: sys.stderr.write('x' * 1000)", BURNS),
  // Catches everything.
  attack("exceptions of its own", "while True:\n  try: 1 / 0\n  except: pass", BURNS),
  attack("what interrupts it", "while True:\n  try:\n    while True: pass\n  except BaseException: pass", BURNS),
  attack(
    "in a context",
    "class A:\n  def __enter__(self): pass\n  def __exit__(self, *a): return True\nwhile True:\n  with A(): raise ValueError",
    BURNS,
  ),
  attack(
    "in a generator that does not close",
    "def g():\n  while True:\n    try: yield 1\n    except BaseException: pass\nfor i in g(): pass",
    BURNS,
  ),
  attack("in a finally clause", "try: 1 / 0\nfinally:\n  while True: pass", BURNS),
  attack("in an event loop", "import asyncio\nasync def f():\n  while True: await asyncio.sleep(0)\nasyncio.run(f())", [
    "error",
    "out-of-fuel",
  ]),
  // Asks the host.
  attack("calls without end", "while True: add(1, 1)", BURNS),
  attack("calls past their number", "while True:\n  try: few()\n  except RuntimeError: pass", BURNS),
  attack("an argument that is too large", "add(b'x' * 300000, 1)", ["error", "out-of-fuel"], ["ValueError"]),
  attack("an argument in itself", "x = []\nx.append(x)\nadd(x, 1)", FAILS, ["ValueError"]),
  // Leaves.
  attack("a status", "raise SystemExit(3)", FAILS, ["SystemExit"]),
  attack("KeyboardInterrupt", "raise KeyboardInterrupt", FAILS, ["KeyboardInterrupt"]),
];
