// One register file for all machines of the process: executions that take turns, run within one another, or need more
// than the file has.
import { expect, test } from "vitest";
import { Engine, Execution, type Instance, Linker, Store } from "../../index.js";
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
