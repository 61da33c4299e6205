// The attacks' table on every Python: each run ends in one of the ways that it may, within its limits, and the session
// and one beside it answer afterwards.
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { Sandbox, type SandboxOptions } from "../index.js";
import { ARTIFACTS } from "./artifacts.js";
import { ATTACKS } from "./attacks-table.js";

/** CPython takes more for the same, and begins with 40 MiB. */
const LIMITS = {
  emscripten: { fuel: 20_000_000, memory: 24 * 2 ** 20 },
  wasi: { fuel: 20_000_000, memory: 24 * 2 ** 20 },
  cpython: { fuel: 100_000_000, memory: 64 * 2 ** 20 },
} as const;
const OUTPUT = 10_000;

describe.each(ARTIFACTS)("$kind", ({ kind, artifact }) => {
  const limits = LIMITS[kind];
  let victim: Sandbox;
  let neighbour: Sandbox;

  beforeAll(async () => {
    const options: SandboxOptions = {
      ...(kind === "cpython" ? { python: "cpython" } : { artifact }),
      ...limits,
      outputBytes: OUTPUT,
      maxHostCalls: Number.MAX_SAFE_INTEGER,
      functions: {
        add: (a: number, b: number) => a + b,
        few: () => {
          throw new Error("no more");
        },
      },
    };
    victim = await Sandbox.create(options);
    neighbour = await Sandbox.create(options);
    await victim.run("alive = 1");
    await neighbour.run("secret = 'neighbour'");
  }, 300_000);

  afterEach(async () => {
    expect((await victim.run("add(alive, 1)")).value).toBe(2);
    expect((await neighbour.run("add(len(secret), 1)")).value).toBe(10);
  });

  test.each(ATTACKS)("$name", async ({ code, ends, types, value }) => {
    const copy = await victim.fork();
    const result = await copy.run(code);
    expect(ends, result.error?.message).toContain(result.status);
    if (types !== undefined && result.error?.kind === "exception") expect(types).toContain(result.error.type);
    if (result.status === "error") expect(["exception", "exit", "stack"]).toContain(result.error!.kind);
    if (value !== undefined) expect(result.value).toBe(value);
    expect(result.fuel.used).toBeLessThanOrEqual(limits.fuel);
    // Nor for the next call of a file's.
    if (result.status === "out-of-fuel") expect(result.fuel.left).toBeLessThan(1000);
    expect(result.memory.peakBytes).toBeLessThanOrEqual(limits.memory);
    expect(result.stdout.length + result.stderr.length).toBeLessThan(OUTPUT + 100);
    // What the attack has done may stay, as Python's own rules have it: all of it goes with rewind().
    if (!result.rewound) await copy.rewind();
    expect((await copy.run("add(alive, 1)")).value).toBe(2);
    copy.close();
  });
});
