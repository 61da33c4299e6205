// Options that make no sense are said to, whichever they are.

import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { createPython, runPython, Sandbox, type SandboxOptions, SandboxUsageError } from "../index.js";
import { sandboxSettings } from "../session/sandbox-options.js";

const wrong: readonly [keyof SandboxOptions, readonly unknown[]][] = [
  ["fuel", [-1, 1.5, "five", Number.NaN, 2 ** 60, null, -5n, "1.5"]],
  ["sessionFuel", [-1, "5 units"]],
  ["memory", ["lots", -1, 1.5, null, {}, "64 XB"]],
  ["schedule", ["wasmtime-1", 5, "constructor"]],
  ["seed", [-1, 1.5, "x", {}]],
  ["functions", [5, [], { add: 5 }, null, "add"]],
  ["modules", [{ db: 5 }, { db: { query: 5 } }, []]],
  ["maxHostCalls", [-1]],
  ["hostCallFuel", [Number.POSITIVE_INFINITY]],
  ["maxValueBytes", ["1 MB/s"]],
  ["files", [[], { a: 5 }, { a: null }]],
  ["workBytes", [-1]],
  ["outputBytes", [0.5]],
  ["onOutputLimit", ["foo", true]],
  ["outputFuel", [-1, 2_000_000, "1"]],
  ["onStdout", [{}, "print"]],
  ["onStderr", [5]],
  ["onFuelExhausted", ["foo", 5]],
  ["timeout", [-1, Number.NaN, 2 ** 31, "5 s"]],
  ["argv", ["x", [5], {}]],
  ["stdin", [5, {}, ["a"]]],
  ["clock", [5, {}, () => 0n]],
  ["clockStart", [5, "now"]],
  ["pythonStackBytes", [-1]],
  ["heapBytes", [-1]],
  ["artifact", ["micropython.wasm", {}, 5]],
  ["image", ["image", 5]],
  ["eventLoop", [{}, 5]],
];

describe.each(wrong)("%s", (name, values) => {
  test.each(values.map((value) => [value]))("cannot be %o", async (value) => {
    const options = { [name]: value } as SandboxOptions;
    await expect(Sandbox.create(options)).rejects.toThrow(SandboxUsageError);
    await expect(Sandbox.create(options)).rejects.toThrow(`${name} is `);
  });
  test("may be left out", () => {
    expect(() => sandboxSettings({ [name]: undefined })).not.toThrow();
  });
});

test.each([
  [{ functions: { add: () => 1, sub: 5 } }, 'its "sub" is 5'],
  [{ modules: { db: { query: () => 1 }, os: { x: 5 } } }, 'its "os" is an object'],
  [{ files: { a: "text", b: null } }, 'its "b" is null'],
])("of several members, the wrong one is named: %o", (options, expected) => {
  expect(() => sandboxSettings(options as never)).toThrow(expected);
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
    ["timeout", () => sandbox.run("1", { timeout: "5 s" })],
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

test("an amount may be a number, a bigint or text, wherever there is one", async () => {
  const amounts = { fuel: "5_000_000", sessionFuel: 7_000_000n, memory: "32MiB", workBytes: "1KiB", seed: "7" };
  expect(sandboxSettings(amounts)).toEqual({
    fuel: 5_000_000,
    sessionFuel: 7_000_000,
    memory: 32 * 2 ** 20,
    workBytes: 1024,
    seed: 7,
  });
  const sandbox = await Sandbox.create({ ...amounts, onFuelExhausted: "pause" });
  const paused = await sandbox.run("while True: pass", { fuel: "2_000_000" });
  expect([paused.fuel.limit, paused.memory.limitBytes]).toEqual([2_000_000, 32 * 2 ** 20]);
  expect((await sandbox.resume(paused, 1_000_000n)).fuel.used).toBe(3_000_000);
  expect(sandbox.sessionFuelLeft).toBe(4_000_000);
  const { memory, fuel } = await runPython("1", { memory: 20n * 2n ** 20n, fuel: "5_000_000" });
  expect([memory.limitBytes, fuel.limit]).toEqual([20 * 2 ** 20, 5_000_000]);
});

test("a sandbox is made by create, and is one line on Node's console", async () => {
  const make = Sandbox as unknown as new (...args: unknown[]) => Sandbox;
  for (const args of [[], [{ fuel: 5 }]]) {
    expect(() => new make(...args)).toThrow(SandboxUsageError);
    expect(() => new make(...args)).toThrow("Sandbox.create(options)");
  }
  const sandbox = await Sandbox.create({ onFuelExhausted: "pause" });
  expect(inspect(sandbox)).toBe("Sandbox { idle }");
  const run = sandbox.run("while True: pass", { fuel: 500_000 });
  expect(inspect({ sandbox })).toBe("{ sandbox: Sandbox { running } }");
  await run;
  expect(inspect(sandbox)).toBe("Sandbox { paused }");
  sandbox.close();
  expect(inspect(sandbox)).toBe("Sandbox { closed }");
});

test("options that there are none of are refused: a limit that is misspelt would not hold", async () => {
  await expect(Sandbox.create({ fule: 5 } as SandboxOptions)).rejects.toThrow(
    "there is no option fule: did you mean fuel? (there are fuel, sessionFuel,",
  );
  const sandbox = await Sandbox.create();
  await expect((async () => sandbox.run("1", { fule: 5 } as never))()).rejects.toThrow("there is no option fule");
  for (const [name, meant] of [
    ["memoryLimitBytes", "memory"],
    ["memroy", "memory"],
    ["outputOverflow", "onOutputLimit"],
    ["Functions", "functions"],
    ["scedule", "schedule"],
  ])
    await expect(runPython("1", { [name!]: 1 } as never)).rejects.toThrow(`no option ${name}: did you mean ${meant}?`);
  await expect(runPython("1", { network: true } as never)).rejects.toThrow("there is no option network (there are");
  await expect(runPython("1", { fuel: "five" })).rejects.toThrow("fuel is a whole number from 0");
  await expect(createPython({ functions: 5 } as never)).rejects.toThrow(SandboxUsageError);
  // A Map has entries and no members: it would define nothing.
  const map = new Map([["f", () => 1]]);
  for (const options of [map, { functions: map }])
    await expect(Sandbox.create(options as never)).rejects.toThrow(/an object.*, not an object with entries/);
});

test.each(["class", "None", "async", "and"])("a function cannot be called %s", async (name) => {
  const create = Sandbox.create({ functions: { [name]: () => 1 } });
  await expect(create).rejects.toThrow(`a word of Python's own cannot be a name: ${name}`);
});
