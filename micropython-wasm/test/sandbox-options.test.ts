// Options that make no sense are said to, whichever they are.

import { describe, expect, test } from "vitest";
import { createPython, runPython, Sandbox, type SandboxOptions, SandboxUsageError } from "../index.js";
import { checkOptions, memoryBytes } from "../session/sandbox-options.js";

const wrong: readonly [keyof SandboxOptions, readonly unknown[]][] = [
  ["fuel", [-1, 1.5, "5", Number.NaN, 2 ** 60, null, 5n]],
  ["sessionFuel", [-1, "5"]],
  ["memory", ["lots", -1, 1.5, null, {}, "64 XB"]],
  ["schedule", ["wasmtime-1", 5, "constructor"]],
  ["seed", [-1, 1.5, "5", {}]],
  ["functions", [5, [], { add: 5 }, null, "add"]],
  ["modules", [{ db: 5 }, { db: { query: 5 } }, []]],
  ["maxHostCalls", [-1]],
  ["hostCallFuel", [Number.POSITIVE_INFINITY]],
  ["maxValueBytes", ["1MiB"]],
  ["files", [[], { a: 5 }, { a: null }]],
  ["workBytes", [-1]],
  ["outputBytes", [0.5]],
  ["onOutputLimit", ["foo", true]],
  ["outputFuel", [-1, 2_000_000, "1"]],
  ["onStdout", [{}, "print"]],
  ["onStderr", [5]],
  ["onFuelExhausted", ["foo", 5]],
  ["timeout", [-1, Number.NaN, 2 ** 31, "5"]],
  ["argv", ["x", [5], {}]],
  ["stdin", [5, {}, ["a"]]],
  ["clock", [5, {}, () => 0n]],
  ["clockStart", [5, "now"]],
  ["pythonStackBytes", [-1]],
  ["heapBytes", [-1]],
  ["artifact", ["micropython.wasm", {}, new ArrayBuffer(8)]],
  ["image", ["image", new ArrayBuffer(8)]],
  ["eventLoop", [{}, 5]],
];

describe.each(wrong)("%s", (name, values) => {
  test.each(values.map((value) => [value]))("cannot be %o", async (value) => {
    const options = { [name]: value } as SandboxOptions;
    await expect(Sandbox.create(options)).rejects.toThrow(SandboxUsageError);
    await expect(Sandbox.create(options)).rejects.toThrow(`${name} is `);
  });
  test("may be left out", () => {
    expect(() => checkOptions({ [name]: undefined })).not.toThrow();
  });
});

test.each([
  [{ functions: { add: () => 1, sub: 5 } }, 'its "sub" is 5'],
  [{ modules: { db: { query: () => 1 }, os: { x: 5 } } }, 'its "os" is an object'],
  [{ files: { a: "text", b: null } }, 'its "b" is null'],
])("of several members, the wrong one is named: %o", (options, expected) => {
  expect(() => checkOptions(options as never)).toThrow(expected);
});

test.each([null, 5, [], "fuel"])("options cannot be %o", async (options) => {
  await expect(Sandbox.create(options as never)).rejects.toThrow(SandboxUsageError);
});

test("what runs, resumptions and files are asked for is checked, too, and the session goes on", async () => {
  const sandbox = await Sandbox.create();
  const asks: [string, () => unknown][] = [
    ["options", () => sandbox.run("1", null as never)],
    ["options", () => sandbox.run("1", 5 as never)],
    ["signal", () => sandbox.run("1", { signal: {} as never })],
    ["fuel", () => sandbox.run("1", { fuel: -1 })],
    ["timeout", () => sandbox.run("1", { timeout: "5" as never })],
    ["moreFuel", () => sandbox.resume({} as never, -1)],
    ["path", () => sandbox.readFile(5 as never)],
    ["path", () => sandbox.listFiles({} as never)],
    ["path", () => sandbox.writeFile(null as never, "")],
    ["content", () => sandbox.writeFile("a", 5 as never)],
    ["content", () => sandbox.writeFile("a", null as never)],
  ];
  for (const [what, ask] of asks) {
    const error = await (async () => ask())().catch((thrown: unknown) => thrown);
    expect(error, what).toBeInstanceOf(SandboxUsageError);
    expect((error as Error).message).toContain(what);
  }
  expect((await sandbox.run("6 * 7")).value).toBe(42);
});

test.each([
  [undefined, 64 * 2 ** 20],
  [20_000_000, 20_000_000],
  ["32MiB", 32 * 2 ** 20],
  ["1.5GiB", 1.5 * 2 ** 30],
  ["500 KB", 500_000],
  ["17000000", 17_000_000],
])("the size %s is %d bytes", (text, bytes) => {
  expect(memoryBytes(text)).toBe(bytes);
});

test("options that there are none of are refused: a limit that is misspelt would not hold", async () => {
  await expect(Sandbox.create({ fule: 5 } as SandboxOptions)).rejects.toThrow("there is no option fule, only fuel,");
  const sandbox = await Sandbox.create();
  await expect((async () => sandbox.run("1", { fule: 5 } as never))()).rejects.toThrow("there is no option fule");
  await expect(runPython("1", { memory: "64MiB" } as never)).rejects.toThrow("there is no option memory, only");
  await expect(runPython("1", { fuel: "5" } as never)).rejects.toThrow("fuel is a whole number from 0");
  await expect(createPython({ functions: 5 } as never)).rejects.toThrow(SandboxUsageError);
});

test.each(["class", "None", "async", "and"])("a function cannot be called %s", async (name) => {
  const create = Sandbox.create({ functions: { [name]: () => 1 } });
  await expect(create).rejects.toThrow(`a word of Python's own cannot be a name: ${name}`);
});
