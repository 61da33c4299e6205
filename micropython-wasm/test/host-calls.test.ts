import { describe, expect, test, vi } from "vitest";
import { EmscriptenPython } from "../emscripten/python.js";
import { boot, ENGINES } from "./engines.js";

describe.each(ENGINES)("host functions on %s", (_engine, factory) => {
  test("are globals and attributes of js, and take and return data", async () => {
    const seen: unknown[][] = [];
    const python = await EmscriptenPython.boot(factory(), {
      functions: {
        add: (a: number, b: number) => a + b,
        echo: (...args: unknown[]) => {
          seen.push(args);
          return args;
        },
      },
    });
    expect((await python.run("import js\n[add(2, 3), js.add(2, 2 ** 40)]")).value).toEqual([5, 2 + 2 ** 40]);
    expect((await python.run("js.add is add, type(add).__name__")).value).toEqual([true, "bound_method"]);
    const result = await python.run(
      "echo(None, True, -1, 2 ** 70, 1.5, 'é\\0', b'\\xff', [1, (2,)], {'k': 1}, {1: 2}, {3}, key=1)",
    );
    expect(result.error).toBeNull();
    expect(seen[0]).toEqual([
      null,
      true,
      -1,
      2n ** 70n,
      1.5,
      "é\0",
      Uint8Array.of(255),
      [1, [2]],
      record({ k: 1 }),
      new Map([[1, 2]]),
      new Set([3]),
      record({ key: 1 }),
    ]);
    expect(result.value).toEqual(seen[0]);
  });

  test("keep integers and floats apart and exact", async () => {
    const python = await EmscriptenPython.boot(factory(), { functions: { same: (x: unknown) => x } });
    const values = "[0, -1, 1 << 31, -(1 << 62), 10 ** 40, 0.1, 1e300, -5e-324, float('inf'), -0.0, 2.5]";
    expect((await python.run(`[repr(same(v)) == repr(v) for v in ${values}]`)).value).toEqual(Array(11).fill(true));
    expect((await python.run("n = same(float('nan'))\nn != n")).value).toBe(true);
  });

  test("are found in modules of their own", async () => {
    const query = vi.fn((text: string) => [text.length]);
    const python = await EmscriptenPython.boot(factory(), { modules: { db: { query, close: () => undefined } } });
    expect((await python.run("import db\nfrom db import close\n(db.query('abc'), close())")).value).toEqual([
      [3],
      null,
    ]);
    expect((await python.run("db.nope")).error?.type).toBe("AttributeError");
    expect((await python.run("query")).error?.type).toBe("NameError");
  });

  test("that throw raise RuntimeError with class and message, which the guest can catch", async () => {
    const python = await EmscriptenPython.boot(factory(), {
      functions: {
        fail: () => {
          throw new TypeError("no such thing");
        },
        fail_oddly: () => {
          throw new Proxy(new Error("x"), {
            get() {
              throw new Error("trap");
            },
          });
        },
        fail_with_text: () => {
          throw "text";
        },
      },
    });
    const result = await python.run("try:\n  fail()\nexcept RuntimeError as e:\n  print(e)\nfail()");
    expect(result.stdout).toBe("TypeError: no such thing\n");
    expect(result.error).toMatchObject({
      kind: "exception",
      type: "RuntimeError",
      message: "TypeError: no such thing",
    });
    expect((await python.run("fail_oddly()")).error?.message).toBe("the host function failed");
    expect((await python.run("fail_with_text()")).error?.message).toBe("the host function failed");
    expect((await python.run("1")).value).toBe(1);
  });

  test("refuse what is not data, in both directions, and what is too large", async () => {
    const python = await EmscriptenPython.boot(factory(), {
      maxValueBytes: 1000,
      functions: {
        same: (x: unknown) => x,
        date: () => new Date(0),
        large: () => "x".repeat(2000),
        nested: () => ({ f: () => 1 }),
      },
    });
    for (const [code, type, message] of [
      ["same([object()])", "TypeError", "cannot pass object to the host"],
      ["x = []\nx.append(x)\nsame(x)", "ValueError", "value nested too deeply"],
      ["same('x' * 2000)", "ValueError", "value larger than 1000 bytes"],
      ["date()", "ValueError", "a class instance is not data"],
      ["nested()", "ValueError", "a function is not data"],
      ["large()", "ValueError", "value larger than 1000 bytes"],
    ] as const) {
      expect((await python.run(code)).error).toMatchObject({ type, message });
    }
  });

  test("cannot be reached under names that nobody registered", async () => {
    const python = await EmscriptenPython.boot(factory(), {
      functions: { f: () => 1 },
      modules: { m: { g: () => 2 } },
    });
    const attempts = "toString constructor __proto__ hasOwnProperty m.f m f.call f.constructor g".split(" ");
    for (const name of ["", ...attempts]) {
      const { error } = await python.run(`import _escapement\n_escapement.call("${name}", [], {})`);
      expect(error).toMatchObject({ type: "ValueError", message: "no such host function" });
    }
    expect((await python.run('_escapement.call("m.g", [], {})')).value).toBe(2);
  });

  test("answer any frame that a guest makes up", async () => {
    const python = await EmscriptenPython.boot(factory(), { functions: { f: (...args: unknown[]) => args.length } });
    for (const frame of [
      "b''",
      "b'C'",
      "b'X'",
      "b'C' + b'l' * 100",
      "b'CN'",
      "b'Cl\\xff\\xff\\xff\\xff'",
      "b'\\x00' * 300000",
      "b'Cl\\x03\\x00\\x00\\x00s\\x01\\x00\\x00\\x00fNN'",
      "b'Cl\\x03\\x00\\x00\\x00s\\x01\\x00\\x00\\x00fl\\x00\\x00\\x00\\x00N'",
    ]) {
      const result = await python.run(
        `import _escapement\nf = open("/dev/host", "r+b")\nf.write(${frame})\nf.read(4), f.read(100)`,
      );
      expect(result.error, frame).toBeNull();
      expect((result.value as Uint8Array[])[1]?.[0] ?? 0x45, frame).toBe(0x45);
    }
    expect((await python.run("_escapement.call('f', [1, 2], {})")).value).toBe(2);
  });

  test("names must be identifiers, and functions functions", async () => {
    for (const name of ["a b", "1x", "", "a.b", "x\ny", "é"])
      await expect(EmscriptenPython.boot(factory(), { functions: { [name]: () => 1 } })).rejects.toThrow(
        "not a Python identifier",
      );
    await expect(EmscriptenPython.boot(factory(), { modules: { "a;b": {} } })).rejects.toThrow(
      "not a Python identifier",
    );
    await expect(EmscriptenPython.boot(factory(), { functions: { f: 5 as never } })).rejects.toThrow(
      "f is not a function",
    );
  });

  test("a run inside a host function is refused", async () => {
    let inner: Promise<unknown> | undefined;
    const python: EmscriptenPython = await EmscriptenPython.boot(factory(), {
      functions: {
        again() {
          inner = python.run("1").catch((error: Error) => error.message);
        },
      },
    });
    await python.run("again()");
    expect(await inner).toBe("a run is under way");
  });
});

describe("asynchronous host functions", () => {
  test("pause the guest until they settle", async () => {
    const order: string[] = [];
    const python = await boot({
      functions: {
        later: async (x: number) => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          order.push(`host ${x}`);
          return x * 2;
        },
        fails: () => Promise.reject(new RangeError("late")),
      },
      stdout: { onData: (bytes) => order.push(new TextDecoder().decode(bytes).trim()) },
    });
    const result = await python.run(
      "for i in range(3):\n  print(later(i))\ntry:\n  fails()\nexcept RuntimeError as e:\n  str(e)\nsum(later(x) for x in [1, 2])",
    );
    expect(result.error).toBeNull();
    expect(result.value).toBe(6);
    expect(order.filter((entry) => entry !== "")).toEqual([
      "host 0",
      "0",
      "host 1",
      "2",
      "host 2",
      "4",
      "host 1",
      "host 2",
    ]);
    expect((await python.run("fails()")).error).toMatchObject({ type: "RuntimeError", message: "RangeError: late" });
  });

  test("cost the same fuel as synchronous ones, in any slices", async () => {
    const code = "x = [f(i) for i in range(10)]\nsum(x)";
    const totals: number[] = [];
    for (const f of [(x: number) => x, async (x: number) => x]) {
      for (const slice of [1e9, 3001]) {
        const python = await boot({ functions: { f } });
        let result = await python.run(code, { fuel: slice });
        while (result.error?.kind === "fuel") result = await python.resume(slice);
        expect(result.value).toBe(45);
        totals.push(result.fuel.used);
      }
    }
    expect(new Set(totals).size).toBe(1);
  });
});

function record(entries: object): object {
  return Object.assign(Object.create(null), entries);
}
