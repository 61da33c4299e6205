import { expect, test } from "vitest";
import { wat } from "../../runtime/test/support/wat.js";
import { COUNTER, FUEL, metered } from "../contest/metered.js";

/** What a call of `run` costs, by the counter. */
async function cost(body: string, argument: number): Promise<bigint> {
  const bytes = await wat(`(module (func (export "run") (param i32) (result i32) ${body}))`);
  const module = new WebAssembly.Module(metered(bytes) as Uint8Array<ArrayBuffer>);
  const { exports } = new WebAssembly.Instance(module);
  exports["run"](argument);
  return FUEL - (exports[COUNTER] as WebAssembly.Global).value;
}

test("each instruction of a straight piece of code costs one", async () => {
  expect(await cost("(i32.add (local.get 0) (i32.mul (i32.const 3) (local.get 0)))", 1)).toBe(5n);
});

test("of the arms of an if the one is paid that is taken", async () => {
  const body = "(if (result i32) (local.get 0) (then (i32.const 1)) (else (i32.add (i32.const 1) (i32.const 2))))";
  expect(await cost(body, 1)).toBe(2n + 1n);
  expect(await cost(body, 0)).toBe(2n + 3n);
});

test("a loop is paid at each turn, and what follows it once", async () => {
  const body = `(loop $again
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (i32.add (local.get 0) (i32.const 5))`;
  expect(await cost(body, 10)).toBe(10n * 5n + 3n);
});

test("what stands behind a branch is paid only if it is reached", async () => {
  const body = `(block $out
      (br_if $out (local.get 0))
      (drop (i32.const 1)))
    (i32.const 7)`;
  expect(await cost(body, 1)).toBe(2n + 1n);
  expect(await cost(body, 0)).toBe(2n + 2n + 1n);
});
