// One register file and one code file for all machines of the process: executions that take turns, run within one
// another, or need more than the file has.
import { describe, expect, test } from "vitest";
import { Engine, Execution, type Instance, Linker, Store } from "../../index.js";
import type { CodeWords } from "../../register-code/code-words.js";
import { wat } from "../../test/support/wat.js";

/** down(n): n frames deep, then n + (n − 1) + …; mix(n): f64 and i64 in registers over a loop. */
const PROGRAM = `(module
  (import "host" "between" (func $between (param i32) (result i32)))
  (func $down (export "down") (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0))
      (else (i32.add (call $down (i32.sub (local.get 0) (i32.const 1))) (local.get 0)))))
  (func (export "mix") (param $n i32) (result f64 i64) (local $x f64) (local $y i64)
    (loop $again
      (local.set $x (f64.add (local.get $x) (f64.convert_i32_s (local.get $n))))
      (local.set $y (i64.add (i64.mul (local.get $y) (i64.const 31)) (i64.extend_i32_s (local.get $n))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x) (local.get $y))
  (func (export "nested") (param i32) (result i32) (local i32 i32)
    (local.set 1 (i32.const 1000))
    (local.set 2 (call $between (i32.const 5)))
    (i32.add (i32.add (local.get 0) (local.get 1)) (i32.add (local.get 2) (call $between (i32.const 7))))))`;

const sumTo = (n: number) => (n * (n + 1)) / 2;
function mixed(n: number): [number, bigint] {
  let y = 0n;
  for (let i = n; i > 0; i--) y = BigInt.asIntN(64, y * 31n + BigInt(i));
  return [sumTo(n), y];
}

async function instantiate(stackSlots: number, between: (n: number) => number): Promise<Instance> {
  const engine = new Engine();
  const store = new Store(engine, { limits: { stackSlots, frames: 2 ** 23 } });
  const linker = new Linker(engine);
  linker.defineFunc("host", "between", { params: ["i32"], results: ["i32"] }, (_caller, n) => between(n as number));
  return linker.instantiate(store, engine.compile(await wat(PROGRAM)));
}
const begin = (instance: Instance, name: string, args: number[]) =>
  new Execution(instance.store).start(instance.getFunc(name), args);

const codeOf = (instance: Instance): CodeWords => instance.code.words;

test("executions of several stores take turns, slice by slice", async () => {
  const instances = [];
  for (let i = 0; i < 3; i++) instances.push(await instantiate(2 ** 16, () => 0));
  const waiting = instances.flatMap((instance, i) => [
    { x: begin(instance, "down", [300 + i]), expected: [sumTo(300 + i)] },
    { x: begin(instance, "mix", [200 + i]), expected: mixed(200 + i) },
  ]);
  let turns = 0;
  while (waiting.length > 0) {
    const next = waiting.shift()!;
    const result = next.x.run(23);
    turns++;
    if (result.status === "paused") waiting.push(next);
    else expect(result).toMatchObject({ status: "done", results: next.expected });
  }
  expect(turns).toBeGreaterThan(500);
});

test("a host function runs another execution while its caller waits in the middle of an expression", async () => {
  const inner = await instantiate(2 ** 16, () => 0);
  const outer = await instantiate(2 ** 16, (n) => {
    const result = begin(inner, "down", [n * 100]).run(1_000_000);
    return result.status === "done" ? (result.results[0] as number) : -1;
  });
  const expected = 3 + 1000 + sumTo(500) + sumTo(700);
  expect(begin(outer, "nested", [3]).run(1_000_000)).toMatchObject({ status: "done", results: [expected] });
});

test("results that are read while another execution runs are its own", async () => {
  const other = await instantiate(2 ** 16, () => 0);
  const engine = new Engine();
  const store = new Store(engine);
  const linker = new Linker(engine);
  // The second result is asked for when the first is written already.
  linker.defineFunc("h", "pair", { params: [], results: ["i32", "i32"] }, () => {
    const results = [7, 0];
    Object.defineProperty(results, 1, {
      get: () => {
        begin(other, "down", [50]).run(100_000);
        return 9;
      },
    });
    return results;
  });
  const text = `(module (import "h" "pair" (func $pair (result i32 i32)))
    (func (export "f") (param i32) (result i32 i32 i32) (local.get 0) (call $pair)))`;
  const instance = linker.instantiate(store, engine.compile(await wat(text)));
  const result = begin(instance, "f", [5]).run(1000);
  expect(result).toMatchObject({ status: "done", results: [5, 7, 9] });
});

test("a store that allows more registers than the file has gets them, and others go on beside it", async () => {
  const deep = await instantiate(2 ** 23, () => 0);
  const shallow = await instantiate(2 ** 16, () => 0);
  // Three slots a frame: more than two million.
  const depth = 700_000;
  const big = begin(deep, "down", [depth]);
  const small = begin(shallow, "mix", [5000]);
  let result = big.run(5_000_000);
  expect(small.run(1000).status).toBe("paused");
  while (result.status === "paused") {
    result = big.run(5_000_000);
  }
  expect(result).toMatchObject({ status: "done", results: [sumTo(depth) | 0] });
  expect(small.run(1_000_000)).toMatchObject({ status: "done", results: mixed(5000) });
});

describe("one code file for the modules of the process", () => {
  test("executions of several modules take turns, slice by slice", async () => {
    const modules = [];
    for (let i = 0; i < 3; i++) modules.push(await instantiate(2 ** 16, () => 0));
    const waiting = modules.map((instance, i) => ({
      i,
      x: begin(instance, "mix", [3000 + i]),
      expected: mixed(3000 + i),
    }));
    const codes = modules.map((instance) => codeOf(instance));
    const moves = codes.map(() => 0);
    const used = waiting.map(() => 0);
    let inFile = codes.map((code) => code.isInFile);
    while (waiting.length > 0) {
      const next = waiting.shift()!;
      const result = next.x.run(101);
      used[next.i] = next.x.fuelUsed;
      if (result.status === "paused") waiting.push(next);
      else expect(result).toMatchObject({ status: "done", results: next.expected });
      const now = codes.map((code) => code.isInFile);
      expect(now.filter((is) => is).length).toBeLessThanOrEqual(1);
      now.forEach((is, i) => {
        if (is && !inFile[i]) moves[i]!++;
      });
      inFile = now;
    }
    // More than 30,000 fuel each, of which every 4,096 outside of the file are worth a move.
    for (const [i, count] of moves.entries()) {
      expect(codes[i]!.length).toBeLessThan(4096);
      expect(count).toBeGreaterThan(2);
      expect(count).toBeLessThanOrEqual(1 + used[i]! / 4096);
    }
  });

  test("a module that is called from another in the file moves in within one run", async () => {
    const engine = new Engine();
    const store = new Store(engine);
    const linker = new Linker(engine);
    linker.defineFunc("host", "between", { params: ["i32"], results: ["i32"] }, (_caller, n) => n as number);
    const callee = linker.instantiate(store, engine.compile(await wat(PROGRAM)));
    const caller = `(module (import "callee" "down" (func $down (param i32) (result i32)))
      (func (export "f") (param $n i32) (result i32) (local $sum i32)
        (loop $again
          (local.set $sum (i32.add (local.get $sum) (call $down (local.get $n))))
          (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum)))`;
    linker.define("callee", "down", callee.getFunc("down"));
    const outer = linker.instantiate(store, engine.compile(await wat(caller)));
    const run = () => begin(outer, "f", [60]).run(10_000_000);
    const expected = Array.from({ length: 60 }, (_, i) => sumTo(i + 1)).reduce((a, b) => a + b);
    const first = run();
    expect(first).toMatchObject({ status: "done", results: [expected] });
    // 1,830 calls of the callee's, some 20,000 fuel in all: neither stays away for long.
    for (let i = 0; i < 5; i++) expect(run()).toEqual(first);
    expect([codeOf(callee).isInFile, codeOf(outer).isInFile].filter((is) => is)).toHaveLength(1);
  });

  test("what a host function runs of another module leaves its caller where it was", async () => {
    const inner = await instantiate(2 ** 16, () => 0);
    const outer = await instantiate(2 ** 16, (n) => {
      // Into the file, and the caller out of it, in the middle of the call.
      codeOf(inner).credit = Number.POSITIVE_INFINITY;
      const result = begin(inner, "mix", [n * 10]).run(1_000_000);
      return result.status === "done" ? (result.results[0] as number) : -1;
    });
    const expected = 3 + 1000 + sumTo(50) + sumTo(70);
    for (let i = 0; i < 3; i++) {
      codeOf(outer).credit = Number.POSITIVE_INFINITY;
      expect(begin(outer, "nested", [3]).run(1_000_000)).toMatchObject({ status: "done", results: [expected] });
      expect([codeOf(inner).isInFile, codeOf(outer).isInFile]).toEqual([true, false]);
    }
  });

  test("code that is lowered while its module is in the file, out of it and in again runs", async () => {
    const count = 300;
    const functions = Array.from(
      { length: count },
      (_, i) =>
        `(func (export "f${i}") (param i32) (result i32) ${"(i32.mul (local.get 0) ".repeat(30)}(i32.const ${i})${")".repeat(30)})`,
    );
    const engine = new Engine();
    const store = new Store(engine);
    const large = new Linker(engine).instantiate(store, engine.compile(await wat(`(module ${functions.join("\n")})`)));
    const other = await instantiate(2 ** 16, () => 0);
    let stays = 0;
    for (let i = 0; i < count; i++) {
      expect(begin(large, `f${i}`, [-1]).run(10_000)).toMatchObject({ status: "done", results: [i] });
      if (codeOf(large).isInFile) stays++;
      // At times it has earned to be back, at others it lowers where it is.
      if (i % 3 === 0) codeOf(large).credit = Number.POSITIVE_INFINITY;
      if (i % 7 === 0) expect(begin(other, "mix", [900]).run(100_000)).toMatchObject({ results: mixed(900) });
    }
    expect(stays).toBeGreaterThan(10);
    expect(stays).toBeLessThan(count);
  });
});
