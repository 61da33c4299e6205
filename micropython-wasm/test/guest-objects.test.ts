// Values that the host reads and builds in the guest's memory. What is expected comes from
// Python's own literals, from JavaScript values written out beside them, and from the way
// through encoded frames, which shares no code with this one.
import { describe, expect, test } from "vitest";
import { forms } from "../../test/support/form.js";
import { EmscriptenPython } from "../emscripten/python.js";
import { capability, Sandbox } from "../index.js";
import { boot, ENGINES } from "./engines.js";

const record = (entries: object) => Object.assign(Object.create(null), entries);

/** Python: the outcome of a call, and of the same call by encoded frames. */
const OUTCOMES = `
import _escapement
def outcome(f, *args, **kwargs):
  try:
    return f(*args, **kwargs)
  except Exception as e:
    return [type(e).__name__, str(e)]
def both(name, *args, **kwargs):
  f = _escapement._Function(name)
  return [outcome(f.call, *args, **kwargs), outcome(f.encode, *args, **kwargs)]
None`;

/** A seeded generator of numbers from 0 to below `limit`. */
function random(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % limit;
  };
}

describe.each(ENGINES)("on %s", (_engine, factory) => {
  test.each([
    "None, True, False",
    "0, -1, 15, 16, -16, 255, 256, 65535, 65536",
    "(1 << 30) - 1, 1 << 30, -(1 << 30), -(1 << 30) - 1, 1 << 31, -(1 << 31)",
    "(1 << 53) - 1, 1 << 53, -(1 << 53) + 1, 1 << 64, -(1 << 70) + 1, 0xffff << 32, 10 ** 300",
    "1.5, -0.0, 0.1, 5e-324, 1e300, -1.7976931348623157e308, float('inf'), float('-inf')",
    "'', 'a', 'abc', 'x' * 15, 'x' * 16, 'x' * 5000, 'with a zero \\0 in it'",
    "'é', '€uro', '😀', 'x' * 100 + 'é\\0€😀', '\\ud7ff\\ue000\\uffff'",
    "b'', b'\\0', b'\\xff\\xfe', b'x' * 300",
    "[], [[]], [1, 'a', None, True, 2.5, b'x', [1 << 40, ['deep']]], list(range(1000))",
    "{}, {'a': 1}, {'': 0}, {1: 2}, set(), {3}, [{'x': {4}}, {'y': [{'z': None}]}]",
    "['item %d' % i for i in range(200)]",
  ])("%s come back as they went", async (values) => {
    const python = await EmscriptenPython.boot(factory(), { functions: { same: (x: unknown) => x } });
    const { value, error } = await python.run(
      `[(v, same(v)) for v in [${values}] if not (type(same(v)) is type(v) and repr(same(v)) == repr(v) and same(v) == v)]`,
    );
    expect(error).toBeNull();
    expect(value).toEqual([]);
  });

  test.each(["{-1: 'x', 2: [3], 'mixed': {}}, {'k%d' % i: i for i in range(300)}, {1, 2, 3}, {'a', 'b', -5}"])(
    "%s come back as they went, but for their order",
    async (values) => {
      const python = await EmscriptenPython.boot(factory(), { functions: { same: (x: unknown) => x } });
      const { value } = await python.run(
        `def whole(v): return type(v), sorted(map(repr, v.items() if isinstance(v, dict) else v))\n[same(v) == v and whole(same(v)) == whole(v) for v in [${values}]]`,
      );
      expect(value).toEqual([true, true, true, true]);
    },
  );

  test.each<[string, unknown]>([
    ["'append', 'a text too long to be interned', ''", ["append", "a text too long to be interned", ""]],
    ["(1, (2,), [3]), ()", [[1, [2], [3]], []]],
    ["bytearray(b'ab'), b'', bytearray()", [Uint8Array.of(97, 98), new Uint8Array(0), new Uint8Array(0)]],
    ["{1, 'a'}, frozenset((2,)), set()", [new Set([1, "a"]), new Set([2]), new Set()]],
    ["{'__proto__': 1, 'constructor': 2}", [JSON.parse('{"__proto__":1,"constructor":2}')]],
    ["{None: 1, True: 2, 1.5: 3, (4,): 5, b'k': 6}", [{ size: 5 }]],
    ["1 << 62, -(1 << 62), 2.0, -0.0, 1e22", [2n ** 62n, -(2n ** 62n), 2, -0, 1e22]],
    ["same, len", [expect.any(Function), expect.any(Function)]],
  ])("the host takes %s", async (values, expected) => {
    const seen: unknown[] = [];
    const python = await EmscriptenPython.boot(factory(), {
      functions: { same: (...args: unknown[]) => void seen.push(args) },
    });
    expect((await python.run(`same(${values})`)).error).toBeNull();
    const taken = (seen[0] as unknown[]).map((item, i) =>
      item instanceof Map ? { size: item.size } : isRecord((expected as unknown[])[i]) ? { ...(item as object) } : item,
    );
    expect(taken).toEqual(expected);
  });

  test("what was removed from a dict or a set is gone", async () => {
    let seen: unknown;
    const python = await EmscriptenPython.boot(factory(), {
      functions: {
        take: (...args: unknown[]) => {
          seen = args;
        },
      },
    });
    const code =
      "d = {i: 'v%d' % i for i in range(50)}\ns = set(range(50))\nfor i in range(48): del d[i]; s.remove(i)\ntake(d, s)";
    expect((await python.run(code)).error).toBeNull();
    expect(seen).toEqual([
      new Map([
        [48, "v48"],
        [49, "v49"],
      ]),
      new Set([48, 49]),
    ]);
  });

  test("objects of classes of the guest's go as they always did", async () => {
    const seen: unknown[][] = [];
    const python = await EmscriptenPython.boot(factory(), {
      functions: {
        take: (...args: unknown[]) => {
          seen.push(args);
          return args[0];
        },
      },
    });
    const { error, value } = await python.run(`
from collections import OrderedDict, namedtuple
class I(int): pass
class S(str): pass
class L(list): pass
class C:
  def __call__(self): return 1
take(I(5), S("s"), L([1]), OrderedDict([("b", 1), ("a", 2)]), namedtuple("P", "x y")(1, 2), k=L([I(1)]))
failures = []
for v in [object(), [C], {1: range(3)}, (i for i in [])]:
  try:
    take(v)
  except TypeError as e:
    failures.append(str(e))
[failures, take(C())()]`);
    expect(error).toBeNull();
    expect(seen[0]).toEqual([5, "s", [1], record({ b: 1, a: 2 }), [1, 2], record({ k: [1] })]);
    expect(value).toEqual([
      ["cannot pass object to the host", "cannot pass range to the host", "cannot pass generator to the host"],
      1,
    ]);
  });

  test("what was built can be used and changed, and outlives the collector", async () => {
    const python = await EmscriptenPython.boot(factory(), {
      functions: { give: () => ({ list: [1, "two"], text: "name", set: new Set(["s"]), big: 2n ** 80n, float: 0.5 }) },
    });
    await python.run("kept = [give() for i in range(20)]");
    for (let i = 0; i < 3; i++) await python.run("junk = [[i, str(i)] for i in range(3000)]\ndel junk");
    const { value, error } = await python.run(`
class A: pass
results = []
for d in kept:
  d["list"].extend(range(100))
  d["set"].update(range(100))
  for i in range(100): d[i] = "v%d" % i
  del d[50]
  a = A()
  setattr(a, d["text"], d["big"] + 1)
  results.append([sum(d["list"][2:]), d["list"][1].upper(), "s" in d["set"], len(d["set"]), len(d), a.name - 2 ** 80, d["float"] * 2,
    {"name": 1}[d["text"]], d[99], d["text"][1:], d["text"] + "x", hash(d["text"]) == hash("name")])
[results.count(results[0]), results[0]]`);
    expect(error).toBeNull();
    expect(value).toEqual([20, [4950, "TWO", true, 101, 104, 1, 1, 1, "v99", "ame", "namex", true]]);
  });

  test("dicts and sets have the order that Python itself gives them", async () => {
    const next = random(7);
    const all: Map<unknown, number>[] = [];
    for (let round = 0; round < 60; round++) {
      const map = new Map<unknown, number>();
      const size = round < 40 ? next(60) : next(1000);
      while (map.size < size) map.set(next(2) === 0 ? next(100_000) - 50_000 : `key ${next(100_000)}`, map.size);
      all.push(map);
    }
    const python = await EmscriptenPython.boot(factory(), {
      functions: {
        pairs: (i: number) => [...all[i]!],
        give: (i: number) => all[i],
        members: (i: number) => new Set(all[i]!.keys()),
      },
    });
    const { value, error } = await python.run(`
bad = []
for i in range(${all.length}):
  d = {}
  s = set()
  for k, v in pairs(i):
    d[k] = v
    s.add(k)
  g = give(i)
  if list(g.items()) != list(d.items()) or not all(g[k] == d[k] for k in d) or "absent" in g or 99999 in g:
    bad.append(i)
  if list(members(i)) != list(s) or members(i) != s:
    bad.append(-i)
bad`);
    expect(error).toBeNull();
    expect(value).toEqual([]);
  });

  test("keys that Python takes for equal, and others than text and small integers, are as in Python", async () => {
    const python = await EmscriptenPython.boot(factory(), {
      functions: {
        give: () => [
          new Map<unknown, unknown>([
            [1, "int"],
            [1n, "long"],
          ]),
          new Map<unknown, unknown>([
            [true, 1],
            [null, 2],
            [0.5, 3],
            [2n ** 70n, 4],
          ]),
          new Set([null, false, 1.5]),
          new Set([3, 3n]),
        ],
      },
    });
    const code =
      "a, b, c, d = give()\n[a == {1: 'long'}, b == {True: 1, None: 2, 0.5: 3, 2 ** 70: 4}, c == {None, False, 1.5}, d == {3}]";
    expect((await python.run(code)).value).toEqual([true, true, true, true]);
  });

  test("values at the size limit cross to the byte as encoded frames do", async () => {
    const python = await EmscriptenPython.boot(factory(), {
      maxValueBytes: 64,
      functions: { same: (x: unknown) => x },
    });
    await python.run(OUTCOMES);
    // So that the two ways are two.
    expect(
      (
        await python.run(
          "type(_escapement._s[3]) is int and _escapement._Function.call is not _escapement._Function.encode",
        )
      ).value,
    ).toBe(true);
    for (const value of [
      "'x' * n",
      "'é' * n",
      "b'x' * n",
      "[None] * n",
      "{'k': 'x' * n}",
      "1 << 4 * n",
      "-(1 << 4 * n)",
      "[n] * (n // 4)",
    ]) {
      const { stdout, error } = await python.run(
        `outcomes = [both("same", ${value}) for n in range(80)]\nprint([n for n in range(80) if repr(outcomes[n][0]) != repr(outcomes[n][1])], outcomes[0][0], outcomes[79])`,
      );
      expect(error).toBeNull();
      const refusal = "['ValueError', 'value larger than 64 bytes']";
      expect(stdout.startsWith("[] ") && stdout.endsWith(` [${refusal}, ${refusal}]\n`), stdout).toBe(true);
      expect(stdout.startsWith(`[] ${refusal}`)).toBe(false);
    }
  });

  test("values too deep, too large or endless are refused as encoded frames are", async () => {
    const python = await EmscriptenPython.boot(factory(), { functions: { same: (x: unknown) => x } });
    await python.run(OUTCOMES);
    const { value, error } = await python.run(`
def nested(n):
  x = 1
  for i in range(n): x = [x]
  return x
cycle = []
cycle.append(cycle)
[both("same", nested(30))[0] == nested(30), both("same", nested(31)), both("same", cycle), outcome(same, 1 << 131072), same((1 << 131072) - 1) == (1 << 131072) - 1]`);
    expect(error).toBeNull();
    const [fits, deep, cycle, large, largest] = value as unknown[];
    expect([fits, largest]).toEqual([true, true]);
    expect(deep).toEqual(Array(2).fill(["ValueError", "value nested too deeply"]));
    expect(cycle).toEqual(Array(2).fill(["ValueError", "value nested too deeply"]));
    expect(large).toEqual(["ValueError", "not an integer, or too large"]);
  });
});

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

describe("a guest that lies", () => {
  const functions = { add: (a: number, b: number) => a + b, same: (x: unknown) => x };

  test("with frames that name anything gets nowhere", async () => {
    const python = await boot({ functions });
    const next = random(3);
    for (let round = 0; round < 30; round++) {
      const frames = Array.from({ length: 40 }, () => {
        const kind = "DWZBP"[next(5)];
        const address = [0, 1, 4, 0x17e94, 0x96e00, 0xffffffff, 0xfffffffc, 2 ** 24, next(2 ** 20) & ~3][next(9)]!;
        const bytes = [address, address >>> 8, address >>> 16, address >>> 24].map((byte) => byte & 0xff);
        return `(b"${kind}", bytes([${bytes.slice(0, next(8) === 0 ? 2 : 4).join(",")}]), b"s\\x03\\0\\0\\0add"[:${next(9)}])`;
      });
      const code = `f = open("/dev/host", "r+b")\nfor parts in [${frames.join(", ")}]:\n  f.write(b"".join(parts))\nf.close()\nadd(2, 3)`;
      const { value, error } = await python.run(code, { fuel: 1e8 });
      expect(error).toBeNull();
      expect(value).toBe(5);
    }
  });

  test("with a list of its own gets what its objects say, or a ValueError", async () => {
    const python = await boot({ functions });
    const own = (list: string) => `
import struct, _escapement
s = ${list}
f = open("/dev/host", "r+b")
f.write(struct.pack("<BI", 68, id(s)) + b"s\\x03\\0\\0\\0add")
f.close()
[s[0], s[1]]`;
    const good = "[(20, 3), {}, _escapement._s[2], _escapement._s[3], None]";
    expect((await python.run(own(good))).value).toEqual([23, null]);
    for (const list of [
      "[]",
      "[(2, 3), {}, None, 5, None]",
      "[(2, 3), {}, (), 5, None]",
      "[(2, 3), {}, (1,) * 17, 5, None]",
      "[(2, 3), {}, _escapement._s[2], None, None]",
      "[(2, 'interned'), {}, _escapement._s[2], 1, None]",
      "[(2, 'interned'), {}, _escapement._s[2], (1 << 30) - 1, None]",
      "[5, 5, _escapement._s[2], _escapement._s[3], None]",
      "[None, None, _escapement._s[2], _escapement._s[3], None]",
      "[(2, 3), {}, tuple(reversed(_escapement._s[2])), _escapement._s[3], None]",
    ]) {
      expect((await python.run(own(list).replace("[s[0], s[1]]", "None"))).error, list).toBeNull();
      expect((await python.run("add(2, 3)")).value, list).toBe(5);
    }
  });

  const DAMAGE = `
import uctypes, struct
def word(o, i, w):
  uctypes.bytearray_at(id(o) + 4 * i, 4)[:] = struct.pack("<I", w)
`;
  test.each([
    ["a list without end", "x = [1]\nword(x, 2, 0xffffffff)"],
    ["a list of nothing", "x = [1]\nword(x, 3, 0)\nword(x, 2, 1000000)"],
    ["a text without end", "x = 'x' * 20\nword(x, 2, 0x7fffffff)"],
    [
      "a text that is not UTF-8",
      "x = 'x' * 20\nuctypes.bytearray_at(uctypes.addressof(x), 4)[:] = b'\\xff\\xff\\xff\\xff'",
    ],
    ["a huge empty table", "x = {1: 2}\nword(x, 2, 0x7fffffff)"],
    ["many names of a huge empty table", "x = {}\nword(x, 2, 100000)\nword(x, 3, 1 << 20)\nx = [x] * 10000"],
    ["a huge set", "x = {1}\nword(x, 1, 0x7fffffff)"],
    ["an integer without end", "x = 1 << 40\nword(x, 2, 0x7fffffff)"],
    ["a list that is its own item", "x = [1]\nx[0] = x\nx = [x]"],
    ["a tree with 2 ** 31 leaves", "x = 1\nfor i in range(31): x = [x, x]"],
    ["a tree with 20 ** 20 leaves", "x = 'leaf'\nfor i in range(20): x = [x] * 20"],
    ["a float at the end of the memory", "x = 1.5\nx = [x]\nword(x, 3, 0xfffffff0)"],
    [
      "an interned string that does not exist",
      "x = [1]\nuctypes.bytearray_at(struct.unpack('<I', uctypes.bytearray_at(id(x) + 12, 4))[0], 4)[:] = struct.pack('<I', 0x7ffffff2)",
    ],
  ])("about %s meets a typed end, soon", async (_name, damage) => {
    // What is damaged are MicroPython's own objects, so programs are taken as they are written.
    const sandbox = await Sandbox.create({ functions, fuel: 20_000_000, memory: "24MiB", compat: false });
    const result = await sandbox.run(`${DAMAGE}${damage}\nsame(x)\nNone`);
    expect(["ok", "error", "out-of-fuel", "out-of-memory"]).toContain(result.status);
    expect(result.fuel.used).toBeLessThanOrEqual(20_000_000);
    // A TypeError where what lies behind the damaged object begins with something that cannot be passed, an
    // AttributeError where it begins with something without items.
    if (result.error?.kind === "exception")
      expect(["ValueError", "TypeError", "AttributeError", "MemoryError", "UnicodeError", "RuntimeError"]).toContain(
        result.error.type,
      );
    const fresh = await Sandbox.create({ functions });
    expect((await fresh.run("add(2, 3)")).value).toBe(5);
  });

  test("about the samples is not believed, and learns nothing of what a capability stands for", async () => {
    let asked = 0;
    const target = {
      method: () => 1,
      toJSON: () => asked++,
      get other() {
        return asked++;
      },
    };
    const python = await boot({ functions: { ...functions, give: () => capability(target, ["method"]) } });
    await python.run("import struct, _escapement\nf = open('/dev/host', 'r+b')\nc = give()", { value: false });
    for (let i = 0; i < 17; i++) {
      for (const sample of [
        "c",
        "1 << 80",
        "{c: c}",
        "{1: 2}",
        "{1 << 80}",
        "[c]",
        "[[]]",
        "'_a_sample_' * 3",
        "None",
      ]) {
        const code = `samples = list(_escapement._s[2])\nsamples[${i}] = ${sample}\ns = [None, None, tuple(samples), None]\nf.write(struct.pack("<BI", 80, id(s)))\n[s[3], samples[${i}] is _escapement._s[2][${i}]]`;
        const { value, error } = await python.run(code);
        expect(error, code).toBeNull();
        // Types alone are told by the samples of a list, a tuple and the object of the host's.
        if (i < 14)
          expect([null, true], code).toContain((value as unknown[])[(value as unknown[])[1] === true ? 1 : 0]);
      }
    }
    expect(asked).toBe(0);
    expect((await python.run("add(2, 3), c.method()")).value).toEqual([5, 1]);
  });

  test("pays for all that it makes the host do", async () => {
    const python = await boot({ functions });
    for (const frame of [
      "struct.pack('<BI', 80, id(_escapement._s))",
      "b'V' + b'l' + struct.pack('<I', 200000) + b'N' * 200000",
      "b'A' + b's' + struct.pack('<I', 200000) + b'x' * 200000",
      "struct.pack('<BI', 68, id(_escapement._s)) + b's' + struct.pack('<I', 200000) + b'x' * 200000",
    ]) {
      await python.run(`import struct, _escapement\nf = open("/dev/host", "r+b")\nframe = ${frame}`, { value: false });
      const once = await python.run("f.write(frame)", { value: false });
      const often = await python.run("for i in range(11): f.write(frame)", { value: false });
      expect(often.fuel.used - once.fuel.used, frame).toBeGreaterThan(2_000_000);
    }
  });

  test("about the blocks for a result gets no result", async () => {
    const python = await boot({ functions });
    for (const blocks of [
      "None",
      "5",
      "'text'",
      "[]",
      "[1, 2]",
      "bytearray(1)",
      "[bytearray(1)] * 3",
      "[bytearray(100)]",
      "(bytearray(100),)",
    ]) {
      const { value, error } = await python.run(`
import struct, _escapement
from _escapement import _s
f = open("/dev/host", "r+b")
_s[0] = (["a text", "another"],)
_s[1] = {}
f.write(struct.pack("<BI", 68, id(_s)) + b"s\\x04\\0\\0\\0same")
needs = _s[1]
_s[0] = given = ${blocks}
f.write(struct.pack("<BI", 66, id(_s)))
answer = f.read(100)
f.close()
[needs, _s[0] is given, answer[4:5]]`);
      expect(error).toBeNull();
      expect(value).toEqual([-3, true, Uint8Array.of(0x45)]);
      expect((await python.run("same(['a text', 'another'])")).value).toEqual(["a text", "another"]);
    }
  });
});

describe("calls", () => {
  test("cost little fuel, and what the host reads and builds is charged", async () => {
    const functions = {
      add: (a: number, b: number) => a + b,
      take: () => undefined,
      give: (n: number) => Array(n).fill(0),
    };
    const used = async (setup: string, call: string) => {
      const totals: number[] = [];
      for (const count of [20, 120]) {
        const python = await boot({ functions });
        const code = `${setup}\ndef f(n):\n  for i in range(n): ${call}\nf(0)\nf(${count})`;
        totals.push((await python.run(code, { value: false })).fuel.used);
      }
      return (totals[1]! - totals[0]!) / 100;
    };
    const add = await used("", "add(2, 3)");
    expect(add).toBeLessThan(10_000);
    expect((await used("x = [None] * 1000", "take(x)")) - add).toBeGreaterThan(10_000);
    expect((await used("x = 'x' * 160000", "take(x)")) - add).toBeGreaterThan(5_000);
    expect((await used("x = [None] * 1000", "add(2, 3)")) - add).toBeLessThan(1000);
  });

  test("that fail have their message, whatever the guest has made of the block to spare", async () => {
    const messages = ["", "x", ...[110, 111, 112, 113, 4089].map((n) => "m".repeat(n - 7)), "é€😀".repeat(12), "\0"];
    const functions = {
      fail: (i: number) => {
        throw new Error(messages[i]);
      },
    };
    for (const spare of ["_s[5]", "bytearray(1)", "None", "5", "b'bytes'", "[]", "'text'", "_s[0]", "_s"]) {
      const python = await boot({ functions });
      const code = `
from _escapement import _s
def text(f, *args):
  _s[5] = ${spare}
  try: f(*args)
  except RuntimeError as e: return str(e)
kept = [text(fail, i) for i in range(${messages.length})]
import gc
gc.collect()
[kept, text(fail, 1), [{k: 1}[k] for k in kept] == [1] * len(kept), hash("Error: x") == hash(kept[1])]`;
      const { value, error } = await python.run(code);
      expect(error, spare).toBeNull();
      const whole = messages.map((message) => `Error: ${message}`);
      expect(value, spare).toEqual([whole, "Error: x", true, true]);
    }
  });

  test("that fail cost what a call and an exception out of a function cost", async () => {
    const functions = {
      fail: () => {
        throw new Error("refused");
      },
      done: () => 1,
    };
    const used = async (statement: string) => {
      const totals: number[] = [];
      for (const count of [20, 120]) {
        const python = await boot({ functions });
        const code = `def raises(*args, **kwargs): raise RuntimeError("x")
def f(n):
  for i in range(n):
    ${statement}
try: fail()
except RuntimeError: pass
f(${count})`;
        totals.push((await python.run(code, { value: false })).fuel.used);
      }
      return (totals[1]! - totals[0]!) / 100;
    };
    const caught = (call: string) => `try: ${call}\n    except RuntimeError: pass`;
    const [fail, done, raises] = [await used(caught("fail()")), await used("done()"), await used(caught("raises()"))];
    // What is more: a Python function raises it, and makes the block for the next message. A call that returns needs none.
    expect(fail).toBeLessThan(1.5 * (done + raises));
    expect(done).toBeLessThan(2500);
  });

  test("have their price once, however their arguments go", async () => {
    for (const call of ["f(1)", "f(lambda: 1)", "f([int])", "f(x='text')"]) {
      const totals: number[] = [];
      for (const hostCallFuel of [0, 1_000_000]) {
        const sandbox = await Sandbox.create({ functions: { f: () => "a result" }, hostCallFuel });
        const result = await sandbox.run(`x = ${call}`);
        expect(result).toMatchObject({ status: "ok", hostCalls: 1 });
        totals.push(result.fuel.used);
      }
      expect(totals[1]! - totals[0]!).toBe(1_000_000);
    }
  });

  test("go on after a pause, and after a snapshot in any place", async () => {
    const functions = { same: (x: unknown) => x, later: async (x: unknown) => x };
    const code =
      "r = []\nfor i in range(3):\n  r.append(same(['text %d' % i, i, 2.5]))\n  r.append(later({'k': 'v' * i}))\nr";
    const whole = await (await Sandbox.create({ functions })).run(code);
    expect(whole.error).toBeNull();
    // Small ones also stop between the sending of the value and the end.
    for (const slice of forms([2777], [311, 1777, 4001])) {
      let sandbox = await Sandbox.create({ functions, fuel: whole.fuel.used - 60_000, onFuelExhausted: "pause" });
      let result = await sandbox.run(code);
      while (result.status === "paused") {
        sandbox = await Sandbox.restore(sandbox.snapshot(), { functions, onFuelExhausted: "pause" });
        result = await sandbox.resume(sandbox.paused!, slice);
      }
      expect(result.value).toEqual(whole.value);
      expect(result.fuel.used).toBe(whole.fuel.used);
    }
  });

  test("that find no memory for their result leave the session usable", async () => {
    const functions = { large: () => "x".repeat(200_000), small: () => "small" };
    const sandbox = await Sandbox.create({ functions, memory: "18MiB", fuel: 1e9 });
    const result = await sandbox.run("l = []\nwhile True: l.append(large())");
    expect(result.status).toBe("out-of-memory");
    await sandbox.run("l = None");
    expect((await sandbox.run("small()")).value).toBe("small");
  });
});
