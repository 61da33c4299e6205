// Attacks on the border between Python and JavaScript: whatever a guest holds leads nowhere.
// Each ends in its exact refusal; afterwards the session answers, and so does another one.
import { describe, expect, test } from "vitest";
import { forms } from "../../test/support/form.js";
import { capability } from "../index.js";
import { burns, burnsAndRewinds, gives, type Row, raises, Scene } from "./attack-support.js";

const scene = new Scene({
  functions: {
    give: () => ({ text: "x", list: [1], nested: { a: null } }),
    tool: () => capability({ read: () => 1, hidden: () => 2 }, ["read"]),
    fail: () => {
      throw new Error("from the host");
    },
    echo: (...args: unknown[]) => args,
  },
  modules: { db: { query: () => [1] } },
  memory: "24MiB",
  fuel: 20_000_000,
});

const noAttribute = (object: string, name: string) =>
  raises("AttributeError", `'${object}' object has no attribute '${name}'`);
const notInModule = (module: string, name: string) =>
  raises("AttributeError", `module '${module}' has no attribute '${name}'`);
const noModule = (name: string) => raises("ImportError", `No module named '${name}'`);

const JAVASCRIPT_NAMES = [
  "constructor",
  "__proto__",
  "prototype",
  "globalThis",
  "process",
  "require",
  "importScripts",
  "Function",
  "apply",
  "toString",
  "valueOf",
  "then",
  "window",
  "self",
  "fetch",
  "Deno",
  "Reflect",
  "Object",
  "Symbol",
  "__lookupGetter__",
  "__defineGetter__",
  "isPrototypeOf",
  "hidden",
];

describe("the js module", () => {
  scene.meets(
    "shows nothing but the registered functions",
    [...JAVASCRIPT_NAMES, "eval", "add.x"].map((name): Row => {
      const code = `import js\njs.${name}`;
      return [code, name === "add.x" ? noAttribute("bound_method", "x") : notInModule("js", name)];
    }),
  );

  scene.meets("is a Python module", [
    ["import js\nfrom js import process", raises("ImportError", "can't import name process")],
    ["import js\njs()", raises("TypeError", "'module' object is not callable")],
    ["import js\njs[0]", raises("TypeError", "'module' object is not subscriptable")],
    ["import js\njs['process']", raises("TypeError", "'module' object is not subscriptable")],
    ["import js\nlist(js)", raises("TypeError", "'module' object is not iterable")],
    ["import js\njs.new_name = 1\njs.new_name", notInModule("js", "new_name")],
    ["import js\njs.add = 5\njs.add(1, 2)", gives(3)],
    ["import js\nsetattr(js, 'process', 1)\njs.process", notInModule("js", "process")],
    [
      "import js\nsorted(set(dir(js)) - set(dir(db)) - {'add', 'give', 'tool', 'fail', 'echo'})",
      raises("NameError", /db/),
    ],
  ]);
});

describe("the jsffi module", () => {
  scene.meets("makes no JavaScript objects", [
    ["import jsffi\njsffi.JsProxy(0)", raises("TypeError", "can't create 'JsProxy' instances")],
    ["import jsffi\njsffi.JsProxy.__new__(jsffi.JsProxy)", raises("AttributeError", /__new__/)],
    ["import jsffi\nclass P(jsffi.JsProxy): pass\nP()", raises("TypeError", /JsProxy/)],
    ["import jsffi\nfrom jsffi import global_this", raises("ImportError", "can't import name global_this")],
    ["import jsffi\njsffi.to_js({'a': 1})", gives({ a: 1 })],
    ["import jsffi\njsffi.to_js({}).constructor", noAttribute("dict", "constructor")],
    ["import jsffi\njsffi.to_js('text').constructor", noAttribute("undefined", "constructor")],
    ["import jsffi\njsffi.to_js(print) is print", gives(true)],
    ["import jsffi\njsffi.create_proxy(print) is print", gives(true)],
    ["import jsffi\njsffi.create_proxy([1]).constructor", noAttribute("list", "constructor")],
    ["import jsffi\njsffi.to_js(jsffi.create_proxy(print)).constructor", noAttribute("function", "constructor")],
    ["import jsffi\njsffi.async_timeout_ms(5)", notInModule("jsffi", "async_timeout_ms")],
    ["import jsffi\nraise jsffi.JsException('x')", raises("JsException", "x")],
    ["import jsffi\njsffi.JsException('x').constructor", noAttribute("JsException", "constructor")],
    ["import jsffi\njsffi.JsException(1).value", gives(1)],
  ]);
});

describe("objects that come from the host", () => {
  scene.meets("are Python's", [
    ["give().constructor", noAttribute("dict", "constructor")],
    ["give()['text'].constructor", noAttribute("str", "constructor")],
    ["give()['list'].__proto__", noAttribute("list", "__proto__")],
    ["give()['nested']['a'].constructor", noAttribute("NoneType", "constructor")],
    ["give()['__proto__']", raises("KeyError", "'__proto__'")],
    ["give()['constructor']", raises("KeyError", "'constructor'")],
    ["tool().read()", gives(1)],
    ["tool().hidden()", noAttribute("HostObject", "hidden")],
    ["tool().target", noAttribute("HostObject", "target")],
    ["tool().methods", noAttribute("HostObject", "methods")],
    ["tool().constructor", noAttribute("HostObject", "constructor")],
    ["tool()()", raises("ValueError", "no such host function")],
    ["add.__globals__['constructor']", raises("KeyError", "'constructor'")],
    ["fail()", raises("RuntimeError", "Error: from the host")],
    ["try: fail()\nexcept RuntimeError as e: x = e\nx.stack", noAttribute("RuntimeError", "stack")],
    ["try: fail()\nexcept RuntimeError as e: x = e\nx.args", gives(["Error: from the host"])],
    ["import db\ndb.constructor", notInModule("db", "constructor")],
    ["import db\ndb.query()", gives([1])],
  ]);

  // What the guest says comes from a capability is looked up by number, and by the chosen methods.
  scene.meets("cannot be made up", [
    ["t = tool()\nt._number = 10 ** 6\nt.read()", gives(1)],
    ["type(tool())(10 ** 6, ['read']).read()", raises("ValueError", "no such host function")],
    ["type(tool())(-1, ['read']).read()", raises("ValueError", "no such host function")],
    ["type(tool())('__proto__', ['read']).read()", raises("ValueError", "no such host function")],
    ["type(tool())(0, ['hidden']).hidden()", raises("ValueError", "no such host function")],
    ["type(tool())(0, ['constructor']).constructor()", raises("ValueError", "no such host function")],
    ["type(tool())(0, ['__proto__']).__proto__()", raises("ValueError", "no such host function")],
    ["echo(type(tool())(10 ** 6, []))", raises("ValueError", "the host's object is gone")],
  ]);

  scene.meets("have names that JavaScript does not know", [
    ["echo({'__proto__': {'x': 1}})", gives([{ ["__proto__"]: { x: 1 } }])],
    ["echo(constructor=1)", gives([{ constructor: 1 }])],
    ["echo(**{'__proto__': 1})", gives([{ ["__proto__"]: 1 }])],
  ]);

  test("keys named like parts of Object.prototype change nothing for anybody", async () => {
    await scene.victim.run("echo({'__proto__': {'polluted': 1}, 'constructor': {'prototype': {'polluted': 1}}})");
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});

test("no attribute path from anything that a guest can hold leads to JavaScript", async () => {
  const { value, error } = await scene.victim.run(
    `
import js, jsffi, sys, builtins, db, __main__
names = ${JSON.stringify(JAVASCRIPT_NAMES)}
def caught(f):
  try: f()
  except Exception as e: return e
class C:
  def m(self): pass
callables = (type(print), type(caught), type(C().m), type([].append), type(add), type(int.from_bytes))
starts = {"js": js, "jsffi": jsffi, "sys": sys, "builtins": builtins, "db": db, "main": __main__, "add": add,
  "give": give(), "tool": tool(), "read": tool().read, "error": caught(fail), "to_js": jsffi.to_js(lambda: 1),
  "undefined": jsffi.to_js("text"), "proxy": jsffi.create_proxy([1]), "exception": jsffi.JsException("x")}
for name in ("_asyncio", "abc", "array", "asyncio", "base64", "binascii", "collections", "copy", "datetime", "deflate",
    "errno", "functools", "gc", "hashlib", "heapq", "html", "inspect", "io", "itertools", "json", "logging", "math",
    "micropython", "operator", "os", "pathlib", "platform", "random", "re", "select", "stat", "string", "struct",
    "time", "types", "uctypes", "unittest", "warnings", "zlib", "_escapement"):
  try: starts[name] = __import__(name)
  except ImportError: pass
todo = list(starts.items())
seen = set()
hits = []
proxies = []
while todo:
  path, o = todo.pop()
  # All objects of a class have the same attributes, but for modules, classes and where we start.
  key = id(o) if type(o) in (type(sys), type) or "." not in path else id(type(o))
  if key in seen: continue
  seen.add(key)
  if isinstance(o, jsffi.JsProxy): proxies.append(path)
  for name in names:
    if hasattr(o, name): hits.append(path + "." + name)
  if path.count(".") < 3 and type(o) not in callables:
    for name in dir(o):
      if hasattr(o, name): todo.append((path + "." + name, getattr(o, name)))
[len(starts) > 45, len(seen) > 120, hits, proxies]`,
    { fuel: 2e9 },
  );
  expect(error).toBeNull();
  expect(value).toEqual([true, true, [], []]);
}, 60_000);

describe("the world outside", () => {
  scene.meets("has no modules", [
    ...["socket", "subprocess", "ctypes", "ffi", "machine", "network", "_thread", "multiprocessing", "signal"].map(
      (name): Row => [`import ${name}`, noModule(name)],
    ),
    ["__import__('socket')", noModule("socket")],
    ["__import__('../x')", noModule("../x")],
    ["__import__('/etc/passwd')", noModule("/etc/passwd")],
    ["__import__('')", raises("ValueError", "")],
    ["__import__('a' * 300)", raises("RuntimeError", "name too long")],
    ["__import__('js.process')", noModule("js.process")],
    ["from os import system", noModule("os.system")],
    ["import os\nos.getenv('PATH')", gives(null)],
    ["import os\nlen(os.environ)", gives(0)],
    ["import os\nos.system('id')", notInModule("os", "system")],
    ["import os\nos.fork()", notInModule("os", "fork")],
  ]);

  scene.meets("does not see its frames", [
    ["import sys\nsys.settrace(lambda *a: None)", notInModule("sys", "settrace")],
    ["import sys\nsys.setprofile(lambda *a: None)", notInModule("sys", "setprofile")],
    ["import sys\nsys._getframe()", notInModule("sys", "_getframe")],
    ["import sys\nsys.exc_info()", notInModule("sys", "exc_info")],
    ["import sys\nsys.setrecursionlimit(10 ** 9)", notInModule("sys", "setrecursionlimit")],
    ["@micropython.native\ndef f(): pass", raises("SyntaxError", "invalid micropython decorator")],
    ["@micropython.viper\ndef f(): pass", raises("SyntaxError", "invalid micropython decorator")],
    ["@micropython.asm_thumb\ndef f(): pass", raises("SyntaxError", "invalid micropython decorator")],
  ]);

  scene.meets("tells who it is only by constants", [
    ["import sys\n[sys.platform, sys.argv]", gives(["webassembly", []])],
    ["import sys\nsys.path", gives(expect.arrayContaining(["/lib"]))],
    // What the session has run so far is seconds: a nanosecond for each unit of fuel.
    ["import time\n946684800 <= time.time() < 946684810", gives(true)],
    ["import random\nrandom.seed(1)\nrandom.getrandbits(8) == (random.seed(1), random.getrandbits(8))[1]", gives(true)],
  ]);
});

describe("import tricks", () => {
  scene.meetsInACopy("do not reach the library", [
    ["open('/lib/db.py', 'w')", raises("OSError", "30")],
    ["open('/lib/json.py', 'w')", raises("OSError", "30")],
    ["import os\nos.remove('/lib/db.py')", raises("OSError", "[Errno 30] Read-only file system: '/lib/db.py'")],
    ["import sys\nsys.modules['json'] = 5\nimport json\njson", gives(5)],
    ["import sys\nsys.modules.clear()\nadd(1, 2)", gives(3)],
    ["import sys\ndel sys.modules['__main__']\n1", raises("KeyError", "'__main__'")],
    ["import builtins\nbuiltins.__import__ = lambda *a: 7\nimport os\nos", gives(7)],
    ["open('evil.py', 'w').write('import evil')\nimport evil\nevil.x", notInModule("evil", "x")],
    ["f = open('big.py', 'w')\nf.write('(' * 20000)\nf.close()\nimport big", burns],
    ["open('nul.py', 'wb').write(b'x = 1\\x00\\xff')\nimport nul", raises("SyntaxError", "invalid syntax")],
    // Bytecode is loaded: it can do what uctypes can, which attacks-memory.test.ts has.
    ["open('mpy.mpy', 'wb').write(b'M\\x06\\x00\\x1f' + b'\\xff' * 100)\nimport mpy", burnsAndRewinds],
    ["open('mpy.mpy', 'wb').write(b'M')\nimport mpy", raises("ValueError", "incompatible .mpy file")],
    ["open('mpy.mpy', 'wb').write(b'M\\x05\\x00\\x1f')\nimport mpy", raises("ValueError", "incompatible .mpy file")],
    // A native architecture that is not there.
    ["open('mpy.mpy', 'wb').write(b'M\\x06\\x0c\\x1f')\nimport mpy", raises("ValueError", "incompatible .mpy file")],
  ]);
});

describe("changes to what the host relies on in the guest", () => {
  scene.meetsInACopy("harm only the session that makes them, until it is rewound", [
    ["import builtins\nbuiltins.print = None\nprint(1)", raises("TypeError", "'NoneType' object is not callable")],
    ["import sys\nsys.stdout.close()\nprint(1)", raises("ValueError", "I/O operation on closed file")],
    ["import sys\nsys.stdout = None", raises("AttributeError", "'module' object has no attribute 'stdout'")],
    ["import struct\nstruct.pack = None", raises("AttributeError", "'module' object has no attribute 'pack'")],
    ["globals().clear()\nadd(1, 2)", raises("NameError", "name 'add' is not defined")],
    ["_escapement_value_ = 9\n5", gives(5)],
  ]);

  test("each name of the library, and each builtin that it uses, can be broken: the run ends, typed", async () => {
    const names = (await scene.victim.run("import _escapement\n[n for n in dir(_escapement) if n[:2] != '__']"))
      .value as string[];
    expect(names).toContain("call");
    const builtins = [
      "isinstance",
      "len",
      "type",
      "list",
      "str",
      "bytes",
      "int",
      "callable",
      "range",
      "ValueError",
      "Exception",
    ];
    const breaking = [...names.map((n) => `_escapement.${n}`), ...builtins.map((n) => `builtins.${n}`)];
    for (const target of breaking) {
      const copy = await scene.victim.fork();
      for (const value of forms(["None"], ["None", "lambda *a, **k: 0", "b'Z'"])) {
        const { status, error } = await copy.run(
          `import _escapement, builtins\n${target} = ${value}\n[add(1, 2), tool().read()]`,
        );
        expect([`${target} = ${value}`, status, error?.kind ?? null]).toEqual([
          `${target} = ${value}`,
          error === null ? "ok" : "error",
          error === null ? null : "exception",
        ]);
        await copy.rewind();
      }
      expect((await copy.run("add(alive, 1)")).value).toBe(2);
      copy.close();
    }
  }, 120_000);
});
