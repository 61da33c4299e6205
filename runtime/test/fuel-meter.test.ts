// Fuel by functions and the calls that led to them, against the reference stepper, which says of each charge in which
// function it is, and who has called that.
import { describe, expect, test } from "vitest";
import { parseModule } from "../../decoder/index.js";
import { Engine, type MeterNode } from "../index.js";
import { stubbedInstance } from "./reference/runner.js";
import { type Call, exportEverything, planCalls } from "./support/differential.js";
import { World } from "./support/interpreter-runner.js";
import { ALL_FEATURES, randomModule } from "./support/random-module.js";
import { randomProgram } from "./support/random-program.js";
import { wat } from "./support/wat.js";

const MOST = 4000;

/** Fuel by paths of functions, the outermost first. */
type ByPath = Record<string, number>;

function ofReference(bytes: Uint8Array, call: Call): ByPath | undefined {
  let instance: ReturnType<typeof stubbedInstance>;
  try {
    instance = stubbedInstance(parseModule(bytes), []);
    if ((instance.started?.kind ?? "results") !== "results") return undefined;
  } catch {
    return undefined;
  }
  const { outcome, stops } = instance.invokeStopping(call.name, call.args, MOST);
  if (outcome.kind === "out of fuel" || (outcome.kind === "trap" && outcome.trap === "call stack exhausted"))
    return undefined;
  const paths: ByPath = {};
  for (const { before, after, trace } of stops) {
    const path = trace
      .map(({ funcidx }) => funcidx)
      .reverse()
      .join(" > ");
    paths[path] = (paths[path] ?? 0) + after - before;
  }
  return paths;
}

function pathsOf({ children }: MeterNode, imported: number, above: string, paths: ByPath = {}): ByPath {
  for (const child of children) {
    const path = above + String(imported + child.func);
    if (child.fuel !== 0) paths[path] = (paths[path] ?? 0) + child.fuel;
    pathsOf(child, imported, `${path} > `, paths);
  }
  return paths;
}

/** The meter's answer, run whole or in slices. */
function metered(bytes: Uint8Array, call: Call, slice: number): { paths: ByPath; used: number } {
  const world = new World(bytes, [], { meter: true }, true);
  const execution = world.start(call);
  world.engine.meter!.root.children.length = 0;
  while (execution.run(slice).status === "paused");
  expect(world.engine.meter!.root.fuel).toBe(0);
  return {
    paths: pathsOf(world.engine.meter!.root, world.module.decoded.importedFuncCount, ""),
    used: execution.fuelUsed,
  };
}

function check(bytes: Uint8Array, seed: number, tally: { calls: number; paths: number }): void {
  const complete = exportEverything(parseModule(bytes));
  for (const call of planCalls(parseModule(complete), seed)) {
    const expected = ofReference(complete, call);
    if (expected === undefined) continue;
    for (const slice of [1e6, 7]) {
      const { paths, used } = metered(complete, call, slice);
      expect(paths, `seed ${seed}, ${call.name}, slices of ${slice}`).toEqual(expected);
      expect(Object.values(paths).reduce((sum, fuel) => sum + fuel, 0)).toBe(used);
    }
    tally.calls++;
    tally.paths += Object.keys(expected).length;
  }
}

describe("a meter", () => {
  test("says of programs of compilers' shapes what the reference stepper says", async () => {
    const tally = { calls: 0, paths: 0 };
    for (let seed = 1; seed <= 15; seed++) check(await wat(randomProgram(seed, {})), seed, tally);
    expect(tally.calls).toBeGreaterThan(5);
    expect(tally.paths).toBeGreaterThan(tally.calls);
  });

  test("and of random stack shapes: traps, exceptions, tail calls", () => {
    const tally = { calls: 0, paths: 0 };
    for (let seed = 1; seed <= 12; seed++) {
      check(randomModule(seed, { ...ALL_FEATURES, size: 20, budget: 20 }), seed, tally);
    }
    expect(tally.calls).toBeGreaterThan(5);
  });

  test("counts what bulk operations pay beyond their base price for their function", async () => {
    const bytes = await wat(`(module (memory 1)
      (func $copy (memory.copy (i32.const 0) (i32.const 1000) (i32.const 640)))
      (func (export "f") (call $copy) (call $copy)))`);
    const { paths } = metered(bytes, { name: "f", args: [], params: [], results: [] } as unknown as Call, 1e6);
    // Each: 1 for entering, 3 constants, 1 for memory.copy, 10 for the bytes. f: 1 for entering, 2 calls.
    expect(paths).toEqual({ "1": 3, "1 > 0": 30 });
  });

  test("is asked for", () => {
    expect(new Engine().meter).toBeNull();
    expect(() => new Engine({ meter: true, profile: true })).toThrow(/one of them/);
    expect(() => new Engine({ meter: true, tier: "compiler" })).toThrow(/by the tier interpreter/);
    expect(new Engine({ meter: true }).tiers).toEqual(["interpreter"]);
  });
});
