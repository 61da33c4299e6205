// Programs on the compiler's tier: what they see, and what they pay, is the interpreter's.
import { expect, test } from "vitest";
import { wat } from "../../test/support/wat.js";
import { createWebAssembly } from "../index.js";
import { outcome } from "./support.js";

/** A loop that is hot in its first call, one that calls JavaScript in each round, and what calls itself through it. */
const MODULE = `(module (import "m" "js" (func $js (param i32) (result i32))) (memory (export "memory") 1)
  (func (export "hot") (param $n i32) (result i32) (local $sum i32)
    (loop $l
      (i32.store (i32.and (local.get $n) (i32.const 1020)) (local.get $sum))
      (local.set $sum (i32.add (i32.rotl (local.get $sum) (i32.const 3)) (local.get $n)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func (export "calls") (param $n i32) (result i32) (local $sum i32)
    (loop $l
      (local.set $sum (i32.add (local.get $sum) (call $js (local.get $n))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func (export "nested") (param $n i32) (result i32)
    (if (result i32) (i32.eqz (local.get $n)) (then (i32.div_u (i32.const 1) (local.get $n)))
      (else (call $js (i32.sub (local.get $n) (i32.const 1)))))))`;

async function run(tier: "interpreter" | "compiler"): Promise<unknown[]> {
  const host = createWebAssembly({ tier, fuel: 50_000_000 });
  // biome-ignore lint/suspicious/noExplicitAny: a program's exports.
  const api = host.WebAssembly as any;
  let isNested = false;
  const js = (n: number): number => (isNested ? exports.nested(n) : n * 3);
  const { exports } = new api.Instance(new api.Module(await wat(MODULE)), { m: { js } });
  const seen: unknown[] = [];
  const note = (program: () => unknown) => seen.push(outcome(program), host.fuelUsed);
  note(() => exports.hot(300_000));
  for (let i = 1; i <= 120; i++) note(() => exports.hot(i));
  note(() => exports.calls(5000));
  isNested = true;
  for (let i = 0; i < 30; i++) note(() => exports.nested(i));
  seen.push([...new Int32Array(exports.memory.buffer, 0, 256)]);
  // Runs out in the midst of compiled code.
  note(() => exports.hot(1_000_000_000));
  seen.push(host.fuelLeft);
  return seen;
}

test("results, traps, memory and fuel are the same on both tiers, hot loops, nested calls and the end of fuel included", async () => {
  expect(await run("compiler")).toEqual(await run("interpreter"));
});

test("another tier is refused", () => {
  expect(() => createWebAssembly({ tier: "fast" as "compiler" })).toThrow(/tier/);
});
