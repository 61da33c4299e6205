// Attacks by depth: Python's calls, C's, those of parsers, comparisons, printers and regular
// expressions. Nothing of it reaches the stack of the host.
import { describe, expect, test } from "vitest";
import { Sandbox } from "../index.js";
import { burnsAndRewinds, burnsAnyWay, exhaustsTheStack, gives, type Row, raises, Scene } from "./attack-support.js";

// Raising through 900 frames, and telling of them, costs about 60 million units: this artifact's
// realloc looks at every block of what it enlarges, and a traceback grows entry by entry.
const scene = new Scene({ memory: "24MiB", fuel: 300_000_000 });
const tooDeep = raises("RuntimeError", "maximum recursion depth exceeded");

describe("Python that calls itself", () => {
  const loops: readonly string[] = [
    "def f(): return f()\nf()",
    "f = lambda: f()\nf()",
    "class A:\n  def __getattr__(self, n): return getattr(self, n)\nA().x",
    "class A:\n  def __getattr__(self, n): return self.y\nA().x",
    "class A:\n  def __repr__(self): return repr(self)\nrepr(A())",
    "class A:\n  def __str__(self): return str(self)\nstr(A())",
    "class A:\n  def __eq__(self, o): return self == o\nA() == A()",
    "class A:\n  def __lt__(self, o): return self < o\nA() < A()",
    "class A:\n  def __hash__(self): return hash(self)\n{A(): 1}",
    "class A:\n  def __len__(self): return len(self)\nlen(A())",
    "class A:\n  def __bool__(self): return not self\nnot A()",
    "class A:\n  def __call__(self): return self()\nA()()",
    "class A:\n  def __add__(self, o): return self + o\nA() + 1",
    "class A:\n  def __contains__(self, o): return o in self\n1 in A()",
    "class A:\n  def __getitem__(self, o): return self[o]\nA()[1]",
    "class A:\n  def __setattr__(self, n, v): setattr(self, n, v)\nA().x = 1",
    "class A:\n  def __init__(self): self.a = A()\nA()",
    "class A:\n  def __new__(cls): return cls()\nA()",
    "class A:\n  @property\n  def x(self): return self.x\nA().x",
    "class A:\n  def __iter__(self): return iter(self)\nlist(A())",
    "class A:\n  def __next__(self): return next(self)\n  def __iter__(self): return self\nlist(A())",
    "class A:\n  def __enter__(self):\n    with self: pass\n  def __exit__(self, *a): pass\nwith A(): pass",
    "class E(Exception):\n  def __init__(self): raise E\nraise E",
    "def f(): return sorted([1, 2], key=lambda k: f())\nf()",
    "def f(x): return max(map(f, [x]))\nf(1)",
    "def f(): return [f() for i in (1,)]\nf()",
    "def f(*a): return f(*a, 1)\nf()",
    "def f(**k): return f(**k)\nf(a=1)",
    "import functools\nf = functools.partial(lambda: f())\nf()",
    "global f\ndef f(): exec('f()')\nf()",
    "global f\ndef f(): return eval('f()')\nf()",
    "def g(n): yield from g(n + 1)\nnext(g(0))",
    "def g(): return next(g2())\ndef g2(): yield g()\ng()",
    "def f():\n  try: f()\n  finally: pass\nf()",
    "import re\ndef f(m): return re.sub('a', f, 'a')\nre.sub('a', f, 'a')",
  ];
  test.each(loops)("raises RuntimeError: %s", async (code) => {
    const caught = `def attack():\n${code.replace(/^/gm, "  ")}\ntry:\n  attack()\nexcept RuntimeError as e:\n  x = str(e)\nx`;
    const { status, error, value } = await scene.victim.run(code.includes("import re\n") ? code : caught);
    // Frames with many arguments use up the stack of Python's locals first.
    if (error === null) expect(["maximum recursion depth exceeded", "pystack exhausted"]).toContain(value);
    else expect([status, error.kind, error.type]).toEqual(["error", "exception", "RuntimeError"]);
  });

  scene.meets("and is not caught", [
    ["def f(): return f()\nf()", tooDeep],
    ["class A:\n  def __getattr__(self, n): return self.y\nA().x", tooDeep],
  ]);

  test("goes as deep as it is given stack, and no further", async () => {
    const depth = "def f(n):\n  try: return f(n + 1)\n  except RuntimeError: return n\nf(0)";
    const depths: number[] = [];
    for (const pythonStackBytes of [8192, 65536, 196608]) {
      const session = await Sandbox.create({ pythonStackBytes, fuel: 1e9 });
      depths.push((await session.run(depth)).value as number);
    }
    expect(depths[0]).toBeGreaterThan(20);
    expect(depths[1]).toBeGreaterThan(6 * depths[0]!);
    expect(depths[2]).toBeGreaterThan(2 * depths[1]!);
    expect(depths[2]).toBeLessThan(1200);
  }, 30_000);
});

// In copies: what is nested deeply makes each later collection of garbage dear.
describe("C that calls itself", () => {
  const nested = (open: string, rest: string, levels: number): string =>
    `x = ${open}\nfor i in range(${levels}): x = ${rest}\n`;
  scene.meetsInACopy("over nested values", [
    [`${nested("[]", "[x]", 3000)}len(repr(x))`, gives(6002)],
    [`${nested("[]", "[x]", 20000)}repr(x)`, tooDeep],
    [`${nested("{}", "{1: x}", 20000)}str(x)`, tooDeep],
    ["x = []\nx.append(x)\nrepr(x)", tooDeep],
    ["x = {}\nx[1] = x\nrepr(x)", tooDeep],
    [`import copy\n${nested("[]", "[x]", 3000)}copy.deepcopy(x)`, tooDeep],
    ["x = iter([1])\nfor i in range(20000): x = map(int, x)\nlist(x)", tooDeep],
    ["x = iter([1])\nfor i in range(20000): x = zip(x)\nlist(x)", tooDeep],
    ["def g(it):\n  for x in it: yield x\nx = iter([1])\nfor i in range(2000): x = g(x)\nlist(x)", tooDeep],
    ["f = len\nfor i in range(2000): f = (lambda g: lambda x: g(x))(f)\nf([])", tooDeep],
    // Hashing and comparing do not look at their depth: wasm's stack is their limit.
    [`${nested("()", "(x,)", 5000)}type(hash(x))`, gives(expect.objectContaining({ pythonType: "type" }))],
    [`${nested("()", "(x,)", 20000)}hash(x)`, exhaustsTheStack],
    ["x = []\nx.append(x)\nx == [x]", gives(true)],
    ["x = []\nx.append(x)\ny = []\ny.append(y)\nx == y", exhaustsTheStack],
    [`${nested("[]", "[x]", 20000)}y = x\n${nested("[]", "[x]", 20000)}x == y`, exhaustsTheStack],
    ["x = {}\nx[1] = x\ny = {}\ny[1] = y\nx == y", exhaustsTheStack],
  ]);
  scene.meetsInACopy("in JSON", [
    ["import ujson as json\njson.loads('[' * 3000)", raises("ValueError", "syntax error in JSON")],
    ["import ujson as json\njson.loads('{\"a\":' * 3000)", raises("ValueError", "syntax error in JSON")],
    [`import json\n${nested("[]", "[x]", 20000)}json.dumps(x)`, tooDeep],
    ["import json\nx = []\nx.append(x)\njson.dumps(x)", tooDeep],
  ]);
  // The compiler keeps a stack of its own in the heap, which costs more than it takes from the host.
  scene.meetsInACopy("in the compiler", [
    ["eval('[' * 500 + ']' * 500)", gives(expect.anything())],
    ["eval('~' * 2000 + '1')", gives(1)],
    ["eval('(' * 30000 + ')' * 30000)", burnsAndRewinds],
    ["eval('-' * 30000 + '1')", gives(1)],
    ["eval('not ' * 30000 + '1')", gives(true)],
    ["eval('2 ** ' * 30000 + '1')", burnsAndRewinds],
    ["eval('lambda:' * 1000)", raises("SyntaxError", "invalid syntax")],
    [
      "exec('if 1:\\n' + ''.join(' ' * i + 'if 1:\\n' for i in range(1, 200)))",
      raises("SyntaxError", "invalid syntax"),
    ],
  ]);
  scene.meetsInACopy("in formats", [
    ["('{:' * 3000 + '}' * 3000).format(*range(3000))", tooDeep],
    ["'{0.__class__.__mro__}'.format(1)", raises("NotImplementedError", "attributes not supported")],
    ["'{0[0]}'.format([1])", raises("NotImplementedError", "attributes not supported")],
  ]);
});

describe("regular expressions", () => {
  const catastrophic: Row[] = [
    ["import ure as re\nre.match('(a|aa)*$', 'a' * 60 + 'b')", burnsAndRewinds],
    ["import ure as re\nre.search('(x+x+)+y', 'x' * 30)", burnsAndRewinds],
    ["import ure as re\nre.match('(a?){30}a{30}', 'a' * 30)", gives(null)],
    ["import ure as re\nre.match('.*.*.*.*.*.*.*.*=', 'x' * 2000)", burnsAndRewinds],
    ["import ure as re\nre.match('(a*)*b', 'a' * 5000)", exhaustsTheStack],
    ["import ure as re\nre.sub('(a*)*', lambda m: m.group(0), 'a' * 100)", exhaustsTheStack],
    ["import ure as re\nre.match('(.*)*$', 'a\\n' * 100000)", exhaustsTheStack],
    ["import ure as re\nre.compile('(' * 5000)", raises("ValueError", "regex too complex")],
    ["import ure as re\nre.compile('(' * 5000 + ')' * 5000)", raises("ValueError", "regex too complex")],
    ["import ure as re\nre.compile('[' * 5000)", raises("ValueError", "regex too complex")],
    ["import ure as re\nre.compile('[a-' * 5000)", raises("ValueError", "regex too complex")],
    ["import ure as re\nre.compile('\\\\')", raises("ValueError", "regex too complex")],
    ["import ure as re\nre.compile('*')", raises("ValueError", "regex too complex")],
    ["import ure as re\nre.match('a' * 100000, 'a')", gives(null)],
    ["import ure as re\nre.compile('a|' * 100)", raises("ValueError", "regex too complex")],
    ["import ure as re\nre.match('a?' * 30 + 'a' * 30, 'a' * 30)", burnsAndRewinds],
  ];
  scene.meets("that are catastrophic, in the artifact's own engine", catastrophic);
  scene.meets("that are catastrophic, in the library's", [
    ["import re\nre.match('(a|aa)*$', 'a' * 60 + 'b')", burnsAnyWay],
    ["import re\nre.search('(x+x+)+y', 'x' * 30)", burnsAnyWay],
    ["import re\nre.match('(a?){30}a{30}', 'a' * 30).span()", burnsAnyWay],
    ["import re\nre.match('(a*)*b', 'a' * 300)", burnsAnyWay],
    ["import re\nre.compile('(' * 5000)", tooDeep],
    ["import re\nre.compile('[' * 5000)", raises("error", /^unterminated character set at position/)],
    ["import re\nre.compile('\\\\')", raises("error", /^bad escape/)],
    ["import re\nre.compile('*')", raises("error", /^nothing to repeat at position 0/)],
    ["import re\nre.match('a' * 2000, 'a')", gives(null)],
  ]);
});

test("a default session answers to endless recursion, one way or the other", async () => {
  const session = await Sandbox.create();
  await session.run("alive = 1");
  const deep = await session.run("def f(): return f()\ntry: f()\nexcept RuntimeError as e: x = str(e)\nx");
  expect(deep.value).toBe("maximum recursion depth exceeded");
  const uncaught = await session.run("def f(): return f()\nf()");
  expect(uncaught.error).toMatchObject({ kind: "exception", type: "RuntimeError" });
  expect((await session.run("alive")).value).toBe(1);
});
