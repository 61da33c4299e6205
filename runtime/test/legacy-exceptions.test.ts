// Legacy exception handling on the interpreter: random programs against V8 and against the
// reference stepper, whole and in slices; and by hand what those do not reach.

import { describe, expect, test } from "vitest";
import { parseModule } from "../../decoder/index.js";
import { Execution, GuestException, hostFunc, type Instance, Tag, Trap, UncaughtException } from "../index.js";
import { referenceTrace } from "./reference/runner.js";
import { exportEverything, firstDifference, planCalls } from "./support/differential.js";
import { Embedding } from "./support/embed.js";
import { hostTrace } from "./support/host-runner.js";
import { type InterpreterOptions, interpreterTrace } from "./support/interpreter-runner.js";
import { Random } from "./support/random.js";
import { randomLegacyModule } from "./support/random-legacy.js";

function randomSlices(seed: number): () => number {
  const random = new Random(seed);
  return () => 1 + random.below(12);
}

test.each([
  ["whole", 1, 60, (): InterpreterOptions => ({})],
  ["in random slices", 1001, 30, (seed: number): InterpreterOptions => ({ slice: randomSlices(seed) })],
  ["with one unit of fuel at a time", 2001, 20, (): InterpreterOptions => ({ slice: () => 1 })],
])("random programs behave as in V8, and pay as the reference stepper, run %s", (_, firstSeed, count, options) => {
  const kinds = new Set<string>();
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const module = parseModule(exportEverything(parseModule(randomLegacyModule(seed))));
    const calls = planCalls(module, seed, 3);
    const { lines, outcomes } = interpreterTrace(module.bytes, calls, options(seed));
    const difference = firstDifference(hostTrace(module, calls), lines);
    if (difference !== undefined) expect.fail(`seed ${seed}: ${difference}`);
    const reference = referenceTrace(module, calls).outcomes;
    expect(
      outcomes.map(({ kind, fuel }) => ({ kind, fuel })),
      `seed ${seed}`,
    ).toEqual(reference.map(({ kind, fuel }) => ({ kind, fuel })));
    for (const { kind } of outcomes) kinds.add(kind);
  }
  expect(kinds).toEqual(new Set(["results", "exception"]));
});

/** Results and fuel of a call of `f`. */
function run(embedding: Embedding, instance: Instance, args: readonly (number | bigint)[] = [], slice = 1_000_000) {
  const execution = new Execution(embedding.store).start(instance.getFunc("f"), args);
  let result = execution.run(slice);
  while (result.status === "paused") result = execution.run(slice);
  if (result.status === "trapped" || result.status === "failed") throw result.error;
  if (result.status === "threw") throw new UncaughtException(result.exception);
  return { results: result.results, fuel: execution.fuelUsed };
}

async function runText(text: string, args: readonly (number | bigint)[] = [], slice?: number) {
  const embedding = new Embedding();
  return run(embedding, await embedding.instantiate(text), args, slice);
}

describe("prices", () => {
  // Entry 1, try 1; catch, catch_all, delegate and end separate parts and cost nothing.
  test("a try that throws nothing pays for try and body", async () => {
    const text = `(module (tag $e) (func (export "f") (result i32)
      try (result i32) i32.const 1 catch $e i32.const 2 i32.const 3 i32.add catch_all i32.const 4 end))`;
    expect(await runText(text)).toEqual({ results: [1], fuel: 3 });
  });

  test("a caught exception pays for what ran: the body up to the throw, and the handler", async () => {
    const text = `(module (tag $e (param i32)) (func (export "f") (result i32)
      try (result i32) i32.const 5 throw $e catch $e i32.const 1 i32.add end))`;
    expect(await runText(text)).toEqual({ results: [6], fuel: 6 });
    expect(await runText(text, [], 1)).toEqual({ results: [6], fuel: 6 });
  });

  test("delegate is free, rethrow costs 1", async () => {
    const text = `(module (tag $e) (func (export "f") (result i32)
      try (result i32)
        try try throw $e delegate 0 catch_all rethrow 0 end
        i32.const 1
      catch $e i32.const 2 end))`;
    // Entry, three tries, throw, rethrow, const.
    expect(await runText(text)).toEqual({ results: [2], fuel: 7 });
  });

  test("a budget of exactly the price is enough, one less is not", async () => {
    const embedding = new Embedding();
    const instance = await embedding.instantiate(`(module (tag $e (param i32)) (func (export "f") (result i32)
      try (result i32) i32.const 5 throw $e catch $e i32.const 1 i32.add end))`);
    const start = () => new Execution(embedding.store).start(instance.getFunc("f"));
    expect(start().run(6).status).toBe("done");
    expect(start().run(5)).toEqual({ status: "paused", reason: "fuel" });
  });
});

describe("handlers", () => {
  test("values of every type arrive, in functions of more than 256 slots too", async () => {
    const many = "(local " + "i64 ".repeat(300) + ")";
    for (const locals of ["", many]) {
      const { results } = await runText(`(module
        (tag $e (param i32 i64 f32 f64 v128 funcref i32))
        (elem declare func $g) (func $g)
        (func $throws (param i32)
          (throw $e (local.get 0) (i64.const -2) (f32.const 3.5) (f64.const -4.5)
            (v128.const i32x4 10 11 12 13) (ref.func $g) (i32.const 7)))
        (func (export "f") (result i32 i64 f32 f64 i32 i32 i32)
          (local $v v128) (local $r funcref) (local $n i32) ${locals}
          i32.const 99
          try (result i32 i64 f32 f64)
            (call $throws (i32.const 1))
            unreachable
          catch $e
            local.set $n local.set $r local.set $v
          end
          (i32x4.extract_lane 2 (local.get $v))
          (ref.is_null (local.get $r))
          (local.get $n)
          return))`);
      expect(results).toEqual([1, -2n, 3.5, -4.5, 12, 0, 7]);
    }
  });

  test("rethrow throws the exception of the handler that its label names", async () => {
    const { results } = await runText(`(module (tag $a (param i32)) (tag $b (param i32))
      (func (export "f") (result i32)
        try (result i32)
          try
            (throw $a (i32.const 1))
          catch $a
            drop
            try
              (throw $b (i32.const 2))
            catch $b
              drop
              i32.const 10
              rethrow 1
            end
          end
          i32.const 0
        catch $b
          i32.const 100 i32.add
        catch $a
          i32.const 200 i32.add
        end))`);
    expect(results).toEqual([201]);
  });

  test("a handler's own exceptions are not for the handlers beside it", async () => {
    const { results } = await runText(`(module (tag $a) (tag $b)
      (func (export "f") (result i32)
        try (result i32)
          try throw $a catch $a throw $b catch $b unreachable catch_all unreachable end
          i32.const 0
        catch $b i32.const 3 end))`);
    expect(results).toEqual([3]);
  });

  test("delegate to the function goes to the caller; to a handler, past its try", async () => {
    const { results } = await runText(`(module (tag $e)
      (func $inner try try throw $e delegate 1 catch_all unreachable end)
      (func (export "f") (result i32)
        try (result i32)
          try
            call $inner
          catch $e
            try try throw $e delegate 1 catch_all unreachable end
          catch_all unreachable
          end
          i32.const 0
        catch $e i32.const 8 end))`);
    expect(results).toEqual([8]);
  });

  test("branches out of handlers take their values along, and leave what lies under the try", async () => {
    const text = `(module (tag $e (param i32))
      (func (export "f") (param i32) (result i32)
        i32.const 1000
        block (result i32)
          i32.const 50
          try (result i32)
            (throw $e (i32.const 3))
          catch $e
            i32.const 4
            i32.add
            i32.const 5
            local.get 0
            br_table 0 1 0
          end
          i32.add
        end
        i32.add))`;
    expect((await runText(text, [0])).results).toEqual([1055]);
    expect((await runText(text, [1])).results).toEqual([1005]);
  });

  test("exceptions cross instances and host functions, and their handlers", async () => {
    const embedding = new Embedding();
    const tag = Tag.create(embedding.store, ["i32"]);
    embedding.linker.define("host", "tag", tag);
    const throwing = hostFunc(embedding.engine, { params: ["i32"], results: [] }, (_, value) => {
      throw new GuestException(tag, [value]);
    });
    embedding.linker.define("host", "throw", throwing);
    await embedding.define(
      "middle",
      `(module (import "host" "throw" (func $throw (param i32))) (tag $other)
        (func (export "g") (param i32) try local.get 0 call $throw catch $other unreachable end))`,
    );
    const instance = await embedding.instantiate(`(module
      (import "middle" "g" (func $g (param i32))) (import "host" "tag" (tag $e (param i32)))
      (func (export "f") (result i32) try (result i32) i32.const 77 call $g i32.const 0 catch $e end))`);
    for (const slice of [1, 1000]) expect(run(embedding, instance, [], slice).results).toEqual([77]);
  });

  test("traps are not exceptions", async () => {
    const text = `(module (func (export "f") try unreachable catch_all end))`;
    await expect(runText(text)).rejects.toThrow(Trap);
  });

  test("try_table's handlers and legacy ones see each other's exceptions", async () => {
    const { results } = await runText(`(module (tag $e (param i32))
      (func $legacy try (throw $e (i32.const 1)) catch $e i32.const 1 i32.add throw $e end)
      (func $table
        block $h (result i32 exnref)
          try_table (catch_ref $e $h) call $legacy end
          unreachable
        end
        throw_ref)
      (func (export "f") (result i32)
        try (result i32) call $table i32.const 0 catch $e end))`);
    expect(results).toEqual([2]);
  });
});
