// Programs from npm, as they are, on V8's WebAssembly and on ours in the same run.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { type Api, native, ours } from "./support.js";

const run = promisify(execFile);

/** By name, not by their types: they declare globals of their own, which would hold for the whole project. */
const LOADER: string = "@assemblyscript/loader";
const COMPILER: string = "assemblyscript/asc";

/** Runs `program` while the global WebAssembly is `api`. */
async function withGlobal<T>(api: Api, program: () => Promise<T>): Promise<T> {
  const scope = globalThis as unknown as { WebAssembly: Api };
  const before = scope.WebAssembly;
  scope.WebAssembly = api;
  try {
    return await program();
  } finally {
    scope.WebAssembly = before;
  }
}

const PYTHON = [
  `print(sum(range(1000)), [x*x for x in range(5)], {'a': 1}, 2**100, 1/3)`,
  `def fib(n): return n if n < 2 else fib(n-1) + fib(n-2)\nprint(fib(12))`,
  `try:\n  1/0\nexcept ZeroDivisionError as e: print("caught", e)`,
  `raise ValueError("boom")`,
  `def deep(n): return 0 if n == 0 else 1 + deep(n-1)\nprint(deep(40))`,
  `def endless(n): return endless(n+1)\ntry: endless(0)\nexcept RuntimeError as e: print(e)`,
  `import js\nprint(js.Math.max(1, 5, 3), js.JSON.stringify(js.JSON.parse('{"a":[1,2]}')))`,
  `x = ["s" * i for i in range(1000)]\nprint(len(x), len(x[-1]))`,
  `import json, re\nprint(json.dumps({"k": [1, {"z": None}]}), re.match("a+", "aaab").group(0))`,
  `import host\nprint(host.add(2, 3), host.call(lambda v: v * 2))`,
];

/** Several programs on the package's own JavaScript, whose invoke_* functions call back into the guest. */
const MICROPYTHON = `
  const { loadMicroPython } = await import("@micropython/micropython-webassembly-pyscript/micropython.mjs");
  const python = await loadMicroPython({ linebuffer: true, stdout: (line) => console.log(line), stderr: (line) => console.log(line) });
  python.registerJsModule("host", { add: (a, b) => a + b, call: (f) => f(3) });
  for (const code of ${JSON.stringify(PYTHON)}) {
    try {
      python.runPython(code);
    } catch (error) {
      console.log(error.name, error.message);
    }
  }
  await python.runPythonAsync('import asyncio\\nawait asyncio.sleep_ms(1)\\nprint("slept")');`;

const root = fileURLToPath(new URL("../../../", import.meta.url));
const POLYFILL = `await import(${JSON.stringify(new URL("../../../cli/js-api/polyfill.ts", import.meta.url).href)});`;

/** The lines that a program prints in a Node of its own: the glue keeps its module in a global, so there is one for each process. */
async function lines(program: string, ...flags: string[]): Promise<string[]> {
  const args = [...flags, "--no-warnings", "--import", "tsx", "--input-type=module", "-e", program];
  const { stdout } = await run(process.execPath, args, { cwd: root });
  return stdout.split("\n");
}

const ASSEMBLYSCRIPT = `
class Point {
  constructor(public x: f64, public y: f64) {}
  length(): f64 { return Math.sqrt(this.x * this.x + this.y * this.y); }
  get double(): f64 { return this.x * 2; }
}
export function point(x: f64, y: f64): Point { return new Point(x, y); }
export function length(point: Point): f64 { return point.length(); }
export function double(point: Point): f64 { return point.double; }
export function greet(name: string): string { return "Hällo " + name + " \u{1f600}!".repeat(2); }
export function sorted(values: Int32Array): Int32Array { return values.slice().sort((a, b) => a - b); }
export function total(values: Array<f64>): f64 { let sum = 0.0; for (let i = 0; i < values.length; i++) sum += values[i]; return sum; }
export function primes(n: i32): i32 {
  const sieve = new Uint8Array(n + 1); let count = 0;
  for (let i = 2; i <= n; i++) { if (sieve[i]) continue; count++; for (let j = i * 2; j <= n; j += i) sieve[j] = 1; }
  return count;
}
export function big(a: i64): i64 { return a * a; }
export function grow(n: i32): i32 { let s = 0; for (let i = 0; i < n; i++) s += new Uint8Array(100000).length; return s; }
export function fail(x: i32): void { assert(x > 5, "too small"); }
export const INT32ARRAY_ID = idof<Int32Array>();
export const FLOAT64ARRAY_ID = idof<Array<f64>>();
`;

/** Strings, arrays, classes, growth and aborts through the loader of AssemblyScript. */
async function assemblyscript(api: Api, binary: Uint8Array): Promise<unknown[]> {
  return withGlobal(api, async () => {
    const { default: loader } = (await import(LOADER)) as Api;
    const { exports } = await loader.instantiate(binary, {});
    const { __newString, __getString, __newArray, __getInt32Array, __pin, __unpin } = exports;
    const seen: unknown[] = [];
    const name = __pin(__newString("wörld"));
    seen.push(__getString(exports.greet(name)));
    __unpin(name);
    const values = __newArray(exports.INT32ARRAY_ID.value, [5, -1, 4, 2 ** 31 - 1, 0]);
    seen.push([...__getInt32Array(exports.sorted(values))]);
    seen.push(exports.total(__newArray(exports.FLOAT64ARRAY_ID.value, [0.1, 0.2, 0.3])));
    const point = __pin(exports.point(3, 4));
    seen.push(exports.length(point), exports.double(point));
    seen.push(exports.primes(5000), exports.big(-3_000_000_000n), exports.grow(50));
    try {
      exports.fail(1);
    } catch (error) {
      seen.push((error as Error).name, (error as Error).message);
    }
    return seen;
  });
}

describe("with V8's output", () => {
  test("MicroPython's own glue", { timeout: 120_000 }, async () => {
    const expected = await lines(MICROPYTHON);
    expect(expected).toContain("slept");
    expect(expected[0]).toContain("1267650600228229401496703205376");
    expect(await lines(POLYFILL + MICROPYTHON)).toEqual(expected);
  });

  test("@assemblyscript/loader", { timeout: 120_000 }, async () => {
    const { default: asc } = (await import(COMPILER)) as Api;
    const { binary, error } = await compile(asc);
    expect(error).toBe(null);
    const expected = await assemblyscript(native, binary);
    expect(expected.slice(0, 2)).toEqual(["Hällo wörld \u{1f600}! \u{1f600}!", [-1, 0, 4, 5, 2 ** 31 - 1]]);
    expect(await assemblyscript(ours(), binary)).toEqual(expected);
  });

  async function compile(asc: Api): Promise<{ binary: Uint8Array; error: unknown }> {
    let binary = new Uint8Array();
    const { error } = await asc.main(["module.ts", "-O", "--exportRuntime", "--outFile", "module.wasm"], {
      readFile: (name: string) => (name === "module.ts" ? ASSEMBLYSCRIPT : null),
      writeFile: (_: string, contents: Uint8Array) => {
        binary = contents as typeof binary;
      },
      listFiles: () => [],
    });
    return { binary, error };
  }
});

test("a Node without a JIT, and so without WebAssembly, runs MicroPython's glue by the polyfill", {
  timeout: 120_000,
}, async () => {
  const found = await lines(`console.log(typeof WebAssembly); ${POLYFILL} ${MICROPYTHON}`, "--jitless");
  expect(found).toEqual(["undefined", ...(await lines(MICROPYTHON))]);
});
