// What a host function is told of the frames below it. Expected words are written down from the semantics by hand.
import { expect, test } from "vitest";
import { Engine, Execution, Linker, Store } from "../../index.js";
import { wat } from "../../test/support/wat.js";

/** main waits with an operand of each width on its stack, and calls f by way of a function that is left dead values. */
const BYTES = await wat(`(module (import "h" "see" (func $see (param i32)))
  (func $f (param $p i32) (result i32) (local $wide i64) (local $float f32)
    (local.set $wide (i64.const 0x1122334455667788))
    (drop (i32.add (i32.const 70) (i32.const 71)))
    (call $see (i32.const 99))
    (local.get $p))
  (func (export "main") (param $a i32) (result i32)
    (i32.add
      (i32.wrap_i64 (i64.add (i64.const -2) (i64.extend_i32_u
        (i32.add (local.get $a) (call $between (i32.add (local.get $a) (i32.const 1)))))))
      (i32.const 5)))
  (func $between (param i32) (result i32) (local externref)
    (drop (i32.mul (i32.const 80) (i32.const 81)))
    (call $f (i32.add (local.get 0) (i32.const 10)))))`);

const MINUS_TWO = [-2, -1];
/** $f is the caller; below it the local of $between, then main's local and the operands -2 (i64) and $a. */
const EXPECTED = [5, 4, ...MINUS_TWO, 4];

function started(seen: number[][], charge = 0): Execution {
  const engine = new Engine();
  const store = new Store(engine);
  const linker = new Linker(engine);
  linker.defineFunc("h", "see", { params: ["i32"], results: [] }, (caller) => {
    const words = [...caller.liveWords()];
    caller.chargeFuel(charge);
    seen.push(words);
  });
  const instance = linker.instantiate(store, engine.compile(BYTES));
  return new Execution(store).start(instance.getFunc("main"), [4]);
}

test("locals and operands that live in the frames below, by width, innermost first", () => {
  const seen: number[][] = [];
  expect(started(seen).run(1000).status).toBe("done");
  expect(seen).toEqual([EXPECTED]);
});

test("the same in slices of each size, and when the call is made anew", () => {
  for (let slice = 1; slice < 40; slice++) {
    const seen: number[][] = [];
    const execution = started(seen, 17);
    let outcome = execution.run(slice);
    while (outcome.status === "paused") outcome = execution.run(slice);
    expect(outcome.status).toBe("done");
    expect(seen).toEqual([EXPECTED]);
  }
});

test("a deep stack, each frame of it", async () => {
  const engine = new Engine();
  const store = new Store(engine);
  const linker = new Linker(engine);
  let words: readonly number[] = [];
  linker.defineFunc("h", "see", { params: [], results: [] }, (caller) => {
    words = [...caller.liveWords()];
  });
  const bytes = await wat(`(module (import "h" "see" (func $see))
    (func $down (export "down") (param $n i32)
      (if (local.get $n) (then (call $down (i32.sub (local.get $n) (i32.const 1)))) (else (call $see)))))`);
  const instance = linker.instantiate(store, engine.compile(bytes));
  new Execution(store).start(instance.getFunc("down"), [500]).run(100_000);
  expect(words).toEqual(Array.from({ length: 500 }, (_, i) => i + 1));
});
