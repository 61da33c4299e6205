// Ways out through the artifact's JavaScript bridge. Behind ours there is no JavaScript, so
// each of them must end in an ordinary Python exception, or in nothing at all.

import { describe, expect, test } from "vitest";
import { Bridge } from "../emscripten/bridge.js";
import { EmscriptenPython } from "../emscripten/python.js";
import type { HostContext } from "../guest/engine-port.js";
import { GuestFault } from "../guest/errors.js";
import { HostCalls } from "../host-calls/host-calls.js";
import { ENGINES } from "./engines.js";

const HOST_NAMES = [
  "globalThis",
  "window",
  "self",
  "global",
  "process",
  "require",
  "module",
  "Function",
  "Object",
  "Array",
  "Reflect",
  "Proxy",
  "eval",
  "constructor",
  "__proto__",
  "prototype",
  "toString",
  "hasOwnProperty",
  "valueOf",
  "then",
  "import",
  "Symbol",
  "Promise",
  "setTimeout",
  "fetch",
  "Module",
  "WebAssembly",
  "document",
  "console",
  "proxy_js_ref",
  "loadMicroPython",
  "Buffer",
  "Date",
  "Math",
  "new",
  "call",
  "apply",
  "bind",
  "length",
  "name",
  "__dict__",
  "__class__",
  "__getattr__",
  "__globals__",
  "registered.constructor",
];

describe.each(ENGINES)("on %s", (_engine, factory) => {
  const boot = () => EmscriptenPython.boot(factory(), { functions: { registered: (x: unknown) => x, other: () => 1 } });
  const bootBare = () => EmscriptenPython.boot(factory());

  test("js shows nothing of the host", async () => {
    for (const [python, registered] of [
      [await boot(), ["other", "registered"]],
      [await bootBare(), []],
    ] as const) {
      for (const name of HOST_NAMES) {
        const code = `import js\nv = getattr(js, "${name}", None)\n[v is None, type(v).__name__, hasattr(js, "${name}")]`;
        const { value, error } = await python.run(code);
        expect(error).toBeNull();
        // What Python modules have of themselves: __dict__ and __class__ are Python's own.
        if (name === "__dict__") expect((value as unknown[])[1]).toBe("dict");
        else if (name === "__class__") expect((value as unknown[])[1]).toBe("type");
        else expect([name, value]).toEqual([name, [true, "NoneType", false]]);
      }
      expect((await python.run("import js\nsorted(js.__dict__)")).value).toEqual(["__name__"]);
      expect((await python.run("[n for n in dir(js) if not n.startswith('__')]")).value).toEqual(registered);
    }
  });

  test("from js import finds what is registered and nothing else", async () => {
    const python = await boot();
    expect((await python.run("from js import registered\nregistered(7)")).value).toBe(7);
    for (const name of ["globalThis", "process", "Function"])
      expect((await python.run(`from js import ${name}`)).error?.type).toBe("ImportError");
    expect((await python.run("from js import *\nregistered(8)")).value).toBe(8);
  });

  test("js cannot be changed by the guest", async () => {
    const python = await boot();
    for (const code of [
      "js.registered = 5",
      "js.evil = 1",
      "js.__proto__ = {}",
      "del js.registered",
      "setattr(js, 'constructor', 1)",
    ])
      await python.run(`import js\ntry:\n  ${code}\nexcept Exception: pass`);
    expect((await python.run("import js\njs.registered(3)")).value).toBe(3);
    for (const name of ["evil", "constructor"]) expect((await python.run(`hasattr(js, "${name}")`)).value).toBe(false);
  });

  test("a registered function has no way to the JavaScript function behind it", async () => {
    const python = await boot();
    for (const name of [
      "constructor",
      "call",
      "apply",
      "bind",
      "prototype",
      "__proto__",
      "toString",
      "new",
      "caller",
      "arguments",
    ]) {
      expect((await python.run(`hasattr(registered, "${name}")`)).value, name).toBe(false);
      expect((await python.run(`registered.${name}`)).error?.type, name).toBe("AttributeError");
    }
    expect((await python.run("registered['constructor']")).error?.type).toBe("TypeError");
    expect((await python.run("registered.new('return process')")).error?.type).toBe("AttributeError");
    for (const name of ["__globals__", "__code__", "__closure__", "__func__", "__self__"]) {
      const { value, error } = await python.run(`str(type(getattr(registered, "${name}", None)))`);
      expect(error).toBeNull();
      expect(String(value)).not.toContain("JsProxy");
    }
  });

  test("jsffi gives back Python objects, never proxies", async () => {
    const python = await boot();
    const { value, error } = await python.run(
      "import jsffi\ndef f(): return 1\nclass C: pass\nc = C()\ng = (i for i in [1])\nd = {'a': [1]}\n" +
        "[jsffi.create_proxy(o) is o and jsffi.to_js(o) is o for o in (f, c, C, g, d, [1], (1,), None, True, print, registered, js if 0 else jsffi)]",
    );
    expect(error).toBeNull();
    expect(value).toEqual(Array(12).fill(true));
    const numbers = await python.run("[jsffi.create_proxy(v) for v in (0, -5, 7, 2.5, False)]");
    expect(numbers.value).toEqual([0, -5, 7, 2.5, false]);
    // A text has no way back without the allocator: it is the bridge's undefined.
    expect(
      (await python.run("[str(type(jsffi.to_js('text'))), jsffi.to_js('a') is jsffi.create_proxy('b')]")).value,
    ).toEqual(["<class 'undefined'>", true]);
    expect((await python.run("jsffi.to_js(jsffi.to_js('x')) is jsffi.to_js('y')")).value).toBe(true);
  });

  test("no JsProxy can be made, and JsException holds nothing", async () => {
    const python = await boot();
    for (const code of [
      "jsffi.JsProxy()",
      "jsffi.JsProxy(0)",
      "jsffi.JsProxy.__new__(jsffi.JsProxy)",
      "object.__new__(jsffi.JsProxy)",
      "class P(jsffi.JsProxy): pass\nP()",
      "class P(jsffi.JsProxy, object): pass\nP().constructor",
      "jsffi.JsProxy.constructor",
      "jsffi.JsProxy.__call__(0)",
      "type(jsffi.to_js('x'))()",
      "jsffi.to_js('x').constructor",
      "jsffi.to_js('x')()",
      "jsffi.to_js('x')['constructor']",
      "iter(jsffi.to_js('x'))",
      "jsffi.globalThis",
      "jsffi.create_proxy()",
      "jsffi.JsException.constructor",
      "jsffi.JsException(0).constructor",
    ]) {
      const { error } = await python.run(`import jsffi\n${code}`);
      expect(["exception", "trap"], code).toContain(error?.kind);
      expect(error?.kind, code).toBe("exception");
    }
    const caught = await python.run(
      "try:\n  raise jsffi.JsException(0, 'name', 'message')\nexcept jsffi.JsException as e:\n  print(e.args)",
    );
    expect(caught.stdout).toBe("(0, 'name', 'message')\n");
    expect((await python.run("raise jsffi.JsException(print, 'a')")).error?.type).toBe("JsException");
  });

  test("mem_info tells of Python objects only, and proxies do not pile up", async () => {
    const python = await boot();
    const info = "import jsffi\nlist(jsffi.mem_info())[3:]";
    const before = (await python.run(info)).value as number[];
    await python.run(
      "keep = [object() for i in range(2000)]\nfor o in keep:\n  for _ in range(3): jsffi.create_proxy(o)",
    );
    const after = (await python.run(info)).value as number[];
    expect(after.slice(2)).toEqual([0, 0]);
    expect(after[1]).toBe(before[1]);
  });

  test("huge integers, texts and hostile objects through the bridge do no harm", async () => {
    const python = await boot();
    for (const code of [
      "jsffi.to_js(1 << 20000)",
      "jsffi.create_proxy(-(10 ** 5000))",
      "getattr(js, 'x' * 255, None)",
      "getattr(js, '\\0x', None)",
      "getattr(js, '\\u20ac' * 50, None)",
      "jsffi.to_js('x' * 1000000)",
      "class H:\n  def __getattr__(self, n): raise ValueError(n)\n  def __str__(self): raise ValueError\n  __repr__ = __hash__ = __eq__ = __call__ = __str__\njsffi.to_js(H())\njsffi.create_proxy([H()])",
      "x = []\nx.append(x)\njsffi.to_js(x)",
      "class D(dict):\n  def items(self): raise ValueError\njsffi.to_js(D())",
      "for i in range(100): jsffi.to_js(lambda: i)",
    ]) {
      expect((await python.run(`import js, jsffi\n${code}\nNone`)).error, code).toBeNull();
    }
    expect((await python.run("getattr(js, 'x' * 256, None)")).error?.message).toBe("name too long");
  });

  test("asyncio finds no timers of the host", async () => {
    const python = await bootBare();
    // The artifact's own module looks for them; the library's is another.
    const code =
      "import sys\nsys.path.remove('/rom/lib')\nimport asyncio\nasync def f(): pass\nasyncio.create_task(f())";
    expect((await python.run(code)).error).toMatchObject({
      type: "AttributeError",
      message: "module 'js' has no attribute 'setTimeout'",
    });
  });

  test("other modules have nothing of the host either", async () => {
    const python = await bootBare();
    const { value } = await python.run(
      "import os, sys, platform\n[hasattr(os, n) for n in ('system', 'environ', 'getenv', 'popen', 'fork')] + [sys.platform]",
    );
    expect(value).toEqual([false, false, false, false, false, "webassembly"]);
    expect((await python.run("import socket")).error?.type).toBe("ImportError");
    expect((await python.run("open('/proc/self/environ')")).error?.type).toBe("OSError");
    expect((await python.run("open('/etc/passwd')")).error?.type).toBe("OSError");
    expect((await python.run("import os\nos.listdir('/dev')")).value).toEqual([
      "stdin",
      "stdout",
      "stderr",
      "null",
      "host",
      "urandom",
    ]);
  });
});

describe("imports called with forged arguments", () => {
  const memory = new Uint8Array(1024);
  const view = new DataView(memory.buffer);
  const context: HostContext = {
    memory: {
      byteLength: memory.length,
      range: (address, length) => memory.subarray(address, address + length),
      touched: () => memory,
      touchedView: () => view,
      word: (address) => view.getUint32(address, true),
      setWord: (address, word) => view.setUint32(address, word, true),
      grow: () => false,
    },
    fuelUsed: () => 0,
    chargeFuel: () => {},
  };

  test("fault, and touch nothing", () => {
    const imports = new Bridge().imports(new HostCalls());
    const forged = [0, 1, 2, 5, 12, 1020, 1023, 1024, -1, -2147483648, 2147483647];
    for (const [name, { params, call }] of Object.entries(imports)) {
      for (const a of forged)
        for (const b of forged) {
          const args = params.map((_type, i) => (i % 2 === 0 ? a : b));
          try {
            call(context, ...args);
          } catch (error) {
            expect(error, name).toBeInstanceOf(GuestFault);
          }
        }
    }
  });
});
