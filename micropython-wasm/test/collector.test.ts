// The collector that runs during runs (patch/heap.wat). What programs print is CPython's; what is collected is
// told by addresses and finalisers of the guest's own.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Engine } from "../../runtime/index.js";
import { forms } from "../../test/support/form.js";
import { loadArtifact } from "../emscripten/artifact-node.js";
import { ARTIFACT_BUILDS, mendArtifact, Sandbox } from "../index.js";
import { boot } from "./engines.js";

const MIB = 2 ** 20;
/** Collects at every allocation: what `gc.threshold` is for, counted in bytes allocated. */
const AT_EVERY_ALLOCATION = "import gc\ngc.threshold(0)\n";
const program = (file: string) => readFileSync(new URL(`programs/${file}`, import.meta.url), "utf8");

test.each(ARTIFACT_BUILDS)("the build %s is known, and mended once", async (build) => {
  const mended = await loadArtifact(build);
  expect(mendArtifact(mended)).toBe(mended);
  const module = new Engine().compile(mended);
  const sandbox = await Sandbox.create({ artifact: module, fuel: 1e9, memory: "24MiB" });
  // 25 MB in all, of which one at a time is in use.
  const { error, memory } = await sandbox.run("for i in range(250): b = bytearray(100_000)");
  expect(error).toBeNull();
  expect(memory.bytes).toBeLessThan(18 * MIB);
});

// collector.long.ts runs all of them.
test.each(["classes", "async_code"])("%s, collected at every allocation", async (name) => {
  const python = await boot();
  await python.run(AT_EVERY_ALLOCATION);
  const { stdout, error } = await python.run(program(`${name}.py`), { fuel: 20e9, value: false });
  expect(error).toBeNull();
  expect(stdout).toBe(program(`${name}.expected`));
});

test("values that cross the border live", async () => {
  const sandbox = await Sandbox.create({
    fuel: 20e9,
    functions: { echo: (value: unknown) => value, fail: () => Promise.reject(new Error("no")) },
  });
  const { error, value } = await sandbox.run(`${AT_EVERY_ALLOCATION}
out = []
for i in range(6):
    out.append(echo({"k" + str(i): [i, str(i) * 3, None, 1.5, {"deep": [str(i)]}]}))
try:
    fail()
except RuntimeError as e:
    out.append(str(e))
out`);
  expect(error).toBeNull();
  expect(value).toEqual([
    ...Array.from({ length: 6 }, (_, i) => ({ [`k${i}`]: [i, String(i).repeat(3), null, 1.5, { deep: [String(i)] }] })),
    "Error: no",
  ]);
});

test("what is dropped is gone during the run", async () => {
  const python = await boot();
  const { value, error } = await python.run(
    `import weakref
class Thing: pass
refs = [weakref.ref(Thing()) for i in range(50)]
for i in range(3000): bytearray(200)
sum(1 for r in refs if r() is None)`,
    { fuel: 1e9 },
  );
  expect(error).toBeNull();
  // One may be taken for live: its address may still lie somewhere.
  expect(value).toBeGreaterThan(45);
});

test("where there is no memory to grow into, it collects; what is in use is a MemoryError", async () => {
  const sandbox = await Sandbox.create({ fuel: 20e9, memory: "20MiB" });
  const kept = await sandbox.run("a = bytearray(1_000_000)\nfor i in range(30): b = bytearray(1_000_000)\nlen(b)");
  expect(kept.error).toBeNull();
  const full = await sandbox.run(`x = []
try:
    while True: x.append(bytearray(${forms(40_000, 10_000)}))
except MemoryError:
    n = len(x)
    x = None
n > ${forms(25, 100)}`);
  expect(full.error).toBeNull();
  expect(full.value).toBe(true);
  expect((await sandbox.run("len(bytearray(1_000_000))")).value).toBe(1_000_000);
});

const COLLECTS = "x = [str(i) for i in range(50)]\nfor i in range(1500): b = bytearray(300)\nx[7], len(x)";

test("it costs the same in slices, on each tier, and after a restored pause in the midst of it", async () => {
  const whole = await (await Sandbox.create()).run(COLLECTS, { fuel: 1e8 });
  expect(whole.value).toEqual(["7", 50]);
  const compiled = await (await Sandbox.create({ tier: "compiler" })).run(COLLECTS, { fuel: 1e8 });
  expect(compiled.fuel.used).toBe(whole.fuel.used);
  let sandbox = await Sandbox.create({ onFuelExhausted: "pause" });
  const slice = Math.ceil(whole.fuel.used / forms(7, 23));
  let result = await sandbox.run(COLLECTS, { fuel: slice });
  while (result.status === "paused") {
    sandbox = await Sandbox.restore(sandbox.snapshot(), { onFuelExhausted: "pause" });
    result = await sandbox.resume(sandbox.paused!, slice);
  }
  expect([result.value, result.fuel.used]).toEqual([whole.value, whole.fuel.used]);
});

test("a run that is given up in the midst of a collection leaves the session as the program left it", async () => {
  const sandbox = await Sandbox.create();
  // 4 MB in use: a collection takes some 20,000,000.
  await sandbox.run("import gc\nx = bytearray(4_000_000)", { fuel: 1e9 });
  const { fuel } = await sandbox.run("gc.collect()", { fuel: 1e9 });
  const { status, rewound } = await sandbox.run("y = 1\ngc.collect()", { fuel: Math.round(fuel.used / 2) });
  expect([status, rewound]).toEqual(["out-of-fuel", false]);
  expect((await sandbox.run("[y, len(x)]")).value).toEqual([1, 4_000_000]);
});

test("an object grows where it is at a cost that hardly depends on its size", async () => {
  const python = await boot();
  const cost = async (length: number) => {
    const { error, value, fuel } = await python.run(
      `from array import array
a = array("B")
for i in range(${length}): a.append(i & 255)
[len(a), all(x == i & 255 for i, x in enumerate(a))]`,
      { fuel: 1e9 },
    );
    expect([error, value]).toEqual([null, [length, true]]);
    return fuel.used / length;
  };
  await cost(10);
  // Its blocks counted one by one, 1.6 times as much.
  expect((await cost(16_000)) / (await cost(1000))).toBeLessThan(1.25);
});
