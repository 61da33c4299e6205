// What sessions on the two artifacts do not have in common; the README has a table of it.

import { describe, expect, test } from "vitest";
import { Engine } from "../../runtime/index.js";
import { wat } from "../../runtime/test/support/wat.js";
import { createPython, createPythonTool, runPython, Sandbox, SnapshotError } from "../index.js";
import { ARTIFACTS } from "./artifacts.js";
import { unavailable, wasiModule } from "./wasi-artifact.js";

const LARGE = 1e10;
const [emscripten, wasi] = ARTIFACTS as [(typeof ARTIFACTS)[0], (typeof ARTIFACTS)[0]];

describe.skipIf(unavailable !== undefined)("a WASI build", () => {
  test("has a heap of a fixed size, which may be chosen, within the memory limit", async () => {
    const bytes = async (options = {}) => (await (await wasi.create(options)).run("1")).memory.bytes;
    expect(await bytes()).toBeLessThan(8.5 * 2 ** 20);
    expect(await bytes({ heapBytes: 2 ** 20 })).toBeLessThan(1.5 * 2 ** 20);
    expect(await bytes({ memory: "4MiB" })).toBeLessThanOrEqual(4 * 2 ** 20);
    await expect(wasi.create({ heapBytes: 2 ** 23, memory: "8MiB" })).rejects.toMatchObject({ kind: "memory-limit" });
    await expect(wasi.create({ heapBytes: 1000 })).rejects.toThrow("heapBytes is a number from");
    await expect(emscripten.create({ heapBytes: 2 ** 20 })).rejects.toThrow("heapBytes is for WASI builds");
  });

  test("has its stack compiled in", async () => {
    await expect(wasi.create({ pythonStackBytes: 65536 })).rejects.toThrow("pythonStackBytes has no effect");
    const depth = "def f(n):\n  try: return f(n + 1)\n  except RuntimeError: return n\nf(1)";
    const depths = await Promise.all(ARTIFACTS.map(async ({ create }) => (await (await create()).run(depth)).value));
    expect(depths[0]).toBeGreaterThan(800);
    expect(depths[1]).toBeGreaterThan(80);
    expect(depths[1]).toBeLessThan(200);
  });

  test("with a full heap has room for a program that tidies up", async () => {
    for (const size of [16, 100, 10_000]) {
      const sandbox = await wasi.create({ heapBytes: 2 ** 20, fuel: LARGE });
      const full = await sandbox.run(`l = []\nwhile True: l.append(bytes(${size}))`);
      expect(full, `${size}`).toMatchObject({
        status: "out-of-memory",
        error: { type: "MemoryError" },
        rewound: false,
      });
      expect((await sandbox.run("n = len(l)\ndel l\nn * 0")).value).toBe(0);
      expect((await sandbox.run("len(bytes(300_000))")).value, `${size}`).toBe(300_000);
    }
  });

  test("collects garbage between runs, not during one, in which it stays", async () => {
    const sandbox = await wasi.create({ heapBytes: 2 ** 20, fuel: LARGE });
    expect((await sandbox.run("for i in range(3): x = bytes(500_000)")).status).toBe("out-of-memory");
    for (let i = 0; i < 3; i++) {
      await sandbox.run("x = None");
      expect((await sandbox.run("x = bytes(900_000)")).status).toBe("ok");
    }
  });

  test("collects during a run when a statement asks for it, as the default artifact does", async () => {
    const collecting = (size: number) =>
      `import gc\nfor i in range(20):\n  x = bytes(${size})\n  x = None\n  gc.collect()`;
    const sandbox = await wasi.create({ heapBytes: 2 ** 20, fuel: LARGE });
    expect((await sandbox.run(collecting(300_000))).status).toBe("ok");
    const other = await emscripten.create({ memory: "20MiB", fuel: LARGE });
    expect((await other.run(collecting(1_500_000))).status).toBe("ok");
  });

  test("runs to the same result, fuel and memory every time", async () => {
    const run = async () => {
      const sandbox = await wasi.create({ seed: 7, functions: { add: (a: number, b: number) => a + b } });
      await sandbox.run("import random, time, os");
      const { stdout, fuel } = await sandbox.run(
        "print(random.random(), time.time_ns(), os.urandom(3), add(id(add), 1))",
      );
      await sandbox.run("while True: pass", { fuel: 500_000 });
      return [stdout, fuel, sandbox.memoryHash()];
    };
    expect(await run()).toEqual(await run());
  });

  test("has the clock of the options, also after a snapshot", async () => {
    const clockStart = 1_000_000_000_000_000_000n;
    const sandbox = await wasi.create({ clockStart });
    const code = "import time\nint(time.time())";
    expect((await sandbox.run(code)).value).toBe(1_000_000_000);
    const branch = await wasi.restore(sandbox.snapshot());
    expect((await branch.run(code)).value).toBe(1_000_000_000);
  });

  test("reads lines from stdin", async () => {
    const sandbox = await wasi.create({ stdin: "one\ntwo\n" });
    expect((await sandbox.run("import sys\n[input(), sys.stdin.readline()]")).value).toEqual(["one", "two\n"]);
    expect((await sandbox.run("input()")).error).toMatchObject({ type: "EOFError" });
  });

  test("charges for host calls and output what the options say, under every schedule", async () => {
    for (const schedule of ["escapement-2", "wasmtime-48"] as const) {
      const used = async (options = {}) => {
        const artifact = wasiModule(schedule);
        const sandbox = await Sandbox.create({ artifact, functions: { f: () => 1 }, ...options });
        return (await sandbox.run("f()\nprint('x' * 100)")).fuel.used;
      };
      const base = await used();
      expect(await used({ hostCallFuel: 1_000_000 })).toBe(base + 1_000_000);
      expect(await used({ outputFuel: 1000 })).toBe(base + 101_000);
    }
  });

  test("whose memory is broken by the program is rewound", async () => {
    const sandbox = await wasi.create();
    await sandbox.run("x = 1");
    for (const code of ["open(4, 'r+b').close()", "import uctypes\nuctypes.bytes_at(0x7fffffff, 4)"])
      expect(await sandbox.run(code), code).toMatchObject({ status: "error", rewound: true, error: { kind: "trap" } });
    expect((await sandbox.run("x")).value).toBe(1);
  });
});

describe.skipIf(unavailable !== undefined)("modules", () => {
  const ONLY_EMSCRIPTEN = (
    "abc asyncio base64 copy datetime fnmatch functools gzip hmac html inspect itertools js jsffi locale logging " +
    "operator pathlib stat string tarfile types unittest uu zlib"
  ).split(" ");
  const ONLY_WASI = ["host", "machine"];
  // Listed by help("modules") of the WASI build, but they need a network.
  const NOWHERE = ["mip", "requests", "ssl", "socket"];

  test("that one artifact has and the other has not", async () => {
    const names = [...ONLY_EMSCRIPTEN, ...ONLY_WASI, ...NOWHERE];
    const code = `l = []\nfor n in ${JSON.stringify(names)}:\n  try:\n    __import__(n)\n    l.append(n)\n  except ImportError: pass\nl`;
    expect((await (await emscripten.create({ fuel: LARGE })).run(code)).value).toEqual(ONLY_EMSCRIPTEN);
    expect((await (await wasi.create({ fuel: LARGE })).run(code)).value).toEqual(ONLY_WASI);
  });
});

describe.each(ARTIFACTS)("$kind: a tool", ({ create }) => {
  test("for agents keeps its variables", async () => {
    using tool = createPythonTool(() => create());
    expect(await tool.execute({ code: "x = 20\nx + 1" })).toMatchObject({ status: "ok", value: 21 });
    expect(await tool.executeText({ code: "x * 2" })).toContain("40");
  });
});

describe.each(ARTIFACTS)("$kind: host calls", ({ create }) => {
  const values = [
    ["None, True, False", [null, true, false]],
    [
      "0, -1, 2**30, -2**30, 2**53 - 1, 2**53, -2**64, 2**200",
      [0, -1, 2 ** 30, -(2 ** 30), 2 ** 53 - 1, 2n ** 53n, -(2n ** 64n), 2n ** 200n],
    ],
    ["0.5, -0.0, float('inf'), 1e300", [0.5, -0, Number.POSITIVE_INFINITY, 1e300]],
    ["'', 'a', 'é€😀', 'x' * 5000", ["", "a", "é€😀", "x".repeat(5000)]],
    ["b'', b'\\x00\\xff', bytearray(b'ab')", [new Uint8Array(0), Uint8Array.of(0, 255), Uint8Array.of(97, 98)]],
    ["[], [1, [2, [3]]], (), (1,)", [[], [1, [2, [3]]], [], [1]]],
    ["{}, {'a': {'b': [1]}}, {'__proto__': 1}", [{}, { a: { b: [1] } }, Object.fromEntries([["__proto__", 1]])]],
    ["{1: 'x'}, {1, 2}", [new Map([[1, "x"]]), new Set([1, 2])]],
  ] as const;

  test.each(values)("carry %s there, and back", async (code, expected) => {
    const seen: unknown[] = [];
    const sandbox = await create({
      functions: {
        see: (...args: unknown[]) => void seen.push(args),
        give: () => expected,
        giveLater: async () => expected,
      },
    });
    const { error } = await sandbox.run(`see(${code})`);
    expect(error).toBeNull();
    expect(seen).toEqual([expected]);
    for (const name of ["give", "giveLater"])
      expect((await sandbox.run(`see(*${name}())\n${name}()`)).value, name).toEqual(expected);
    expect(seen).toEqual([expected, expected, expected]);
  });
});

describe.each(ARTIFACTS)("$kind: runPython", ({ artifact, kind }) => {
  test("runs one program, with arguments, input and functions", async () => {
    const result = await runPython("import sys\nprint(sys.argv, input())\nadd(1, 2)", {
      artifact,
      argv: ["p", "é"],
      stdin: "line",
      functions: { add: (a: number, b: number) => a + b },
    });
    // MicroPython prints printable characters as they are from 1.28 on.
    const shown = kind === "wasi" ? "\\xe9" : "é";
    expect(result).toMatchObject({ ok: true, stdout: `['p', '${shown}'] line\n`, value: 3 });
    expect(await runPython("while True: pass", { artifact, fuel: 500_000 })).toMatchObject({
      error: { kind: "fuel" },
      fuel: { limit: 500_000, used: 500_000 },
    });
    await expect(runPython("1", { artifact, memory: 100_000 })).rejects.toMatchObject({
      kind: "memory-limit",
    });
  });

  test("goes on, and back, as an interpreter", async () => {
    const python = await createPython({ artifact });
    await python.run("x = 1");
    const state = python.checkpoint();
    const paused = await python.run("while x < 3000: x += 1", { fuel: 100_000 });
    expect([paused.error?.kind, python.isPaused]).toEqual(["fuel", true]);
    expect((await python.resume(1e9)).ok).toBe(true);
    expect((await python.run("x")).value).toBe(3000);
    await python.run("while True: x += 1", { fuel: 1_000_000 });
    expect(await python.abandon()).toBe(true);
    expect((await python.run("x > 3000")).value).toBe(true);
    python.rewind(state);
    expect((await python.run("x")).value).toBe(1);
  });
});

describe.skipIf(unavailable !== undefined)("snapshots", () => {
  test("of one artifact are refused by the other", async () => {
    for (const [from, to] of [
      [emscripten, wasi],
      [wasi, emscripten],
    ] as const) {
      const sandbox = await from.create();
      await sandbox.run("x = 1");
      const refused = to.restore(sandbox.snapshot());
      await expect(refused).rejects.toThrow(SnapshotError);
      await expect(refused).rejects.toThrow(/^the snapshot is one of .*MicroPython.*, the artifact is another$/);
    }
  });
});

describe("an artifact that is no MicroPython", () => {
  const create = (artifact: Uint8Array) => Sandbox.create({ artifact });

  test("is refused, whatever it is", async () => {
    await expect(create(new Uint8Array(0))).rejects.toMatchObject({ kind: "malformed" });
    await expect(create(new TextEncoder().encode("(module)"))).rejects.toMatchObject({ kind: "malformed" });
    await expect(create(await wat("(module)"))).rejects.toThrow("the artifact is no build of MicroPython");
  });

  test("but another WASI command cannot start", async () => {
    const artifact = new Engine().compile(
      await wat(`(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
        (memory (export "memory") 1) (func (export "_start")))`),
    );
    await expect(Sandbox.create({ artifact })).rejects.toThrow(
      "MicroPython cannot start: the guest exited with status 0",
    );
  });
});
