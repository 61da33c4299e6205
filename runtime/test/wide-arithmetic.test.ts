// Wide arithmetic on the interpreter against BigInt, with operands and results in every place
// that the lowering treats differently.

import { expect, test } from "vitest";
import { Engine, Execution, type Func, Linker, Store } from "../index.js";
import { randomValue } from "./support/numeric-oracle.js";
import { Random } from "./support/random.js";
import { wat } from "./support/wat.js";

const signed = (value: bigint) => BigInt.asIntN(64, value);
const wide = ([low, high]: readonly bigint[]) => (high! << 64n) | low!;

/** name → the 128-bit result of the operands, each from 0 to 2^64 − 1. */
const OPERATIONS: Readonly<Record<string, (operands: readonly bigint[]) => bigint>> = {
  "i64.add128": (operands) => wide(operands.slice(0, 2)) + wide(operands.slice(2)),
  "i64.sub128": (operands) => wide(operands.slice(0, 2)) - wide(operands.slice(2)),
  "i64.mul_wide_u": ([b, c]) => b! * c!,
  "i64.mul_wide_s": ([b, c]) => signed(b!) * signed(c!),
};

const EDGES = [0n, 1n, 2n, 0xffffffffn, 0x100000000n, 0x7fffffffffffffffn, 0x8000000000000000n, 0xffffffffffffffffn];

function* cases(count: number, seed: number): Generator<readonly bigint[]> {
  // All edges against all edges, in every operand.
  for (let i = 0; i < EDGES.length ** Math.min(count, 3); i++) {
    const digits = [i % 8, (i >> 3) % 8, (i >> 6) % 8, (i * 5 + 3) % 8];
    yield digits.slice(0, count).map((digit) => EDGES[digit]!);
  }
  const random = new Random(seed);
  for (let i = 0; i < 1500; i++) {
    yield Array.from({ length: count }, () => (i % 2 === 0 ? random.bits(64) : randomValue(random, "l")));
  }
}

async function compile(text: string): Promise<{ store: Store; func: Func }> {
  const engine = new Engine();
  const store = new Store(engine);
  const instance = new Linker(engine).instantiate(store, engine.compile(await wat(text)));
  return { store, func: instance.getFunc("f") };
}

function check(name: string, { store, func }: { store: Store; func: Func }, operands: readonly bigint[], slice = 1000) {
  const execution = new Execution(store).startRaw(func, operands);
  while (execution.run(slice).status === "paused");
  const [low, high] = execution.rawResults() as bigint[];
  const expected = BigInt.asUintN(128, OPERATIONS[name]!(operands));
  if (wide([low!, high!]) !== expected)
    expect.fail(`${name}(${operands.join(", ")}): ${wide([low!, high!])}, not ${expected}`);
}

const LOCALS = `(local ${"i32 ".repeat(300)})`;

test.each(Object.keys(OPERATIONS))("%s", async (name) => {
  const count = name.includes("128") ? 4 : 2;
  const params = `(param ${"i64 ".repeat(count)})`;
  const gets = Array.from({ length: count }, (_, i) => `local.get ${i}`);
  const shapes: Readonly<Record<string, string>> = {
    locals: `${params} (result i64 i64) ${gets.join(" ")} ${name}`,
    "operands in their slots": `${params} (result i64 i64) ${gets.map((get) => `${get} i64.const 0 i64.add`).join(" ")} ${name}`,
    "results into the operands' locals": `${params} (result i64 i64) ${gets.join(" ")} ${name}
      local.set 0 local.set 1 local.get 1 local.get 0`,
    "results above another operand": `${params} (result i64 i64) i64.const 3 ${gets.join(" ")} ${name}
      local.set 0 local.set 1 drop local.get 1 local.get 0`,
    "more than 256 slots": `${params} (result i64 i64) ${LOCALS} ${gets.join(" ")} ${name}`,
  };
  for (const [shape, text] of Object.entries(shapes)) {
    const compiled = await compile(`(module (func (export "f") ${text}))`);
    const all = [...cases(count, name.length)];
    for (const operands of shape === "locals" ? all : all.filter((_, i) => i % 9 === 0))
      check(name, compiled, operands);
    for (const operands of all.slice(-20)) check(name, compiled, operands, 1);
  }
});

test("constants as operands", async () => {
  const random = new Random(7);
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const operands = Array.from({ length: name.includes("128") ? 4 : 2 }, () => random.bits(64));
    const consts = operands.map((value) => `i64.const ${signed(value)}`).join(" ");
    const { store, func } = await compile(`(module (func (export "f") (result i64 i64) ${consts} ${name}))`);
    const execution = new Execution(store).startRaw(func);
    execution.run(100);
    expect(wide(execution.rawResults() as bigint[])).toBe(BigInt.asUintN(128, operation(operands)));
    // Entry, the constants, the instruction.
    expect(execution.fuelUsed).toBe(operands.length + 2);
  }
});

test("3 to the 100th, in two words", async () => {
  // The carry from the low one by mul_wide_u and add128.
  const { store, func } = await compile(`(module (func (export "f") (param $n i64) (result i64 i64)
    (local $low i64) (local $high i64)
    (local.set $low (i64.const 1))
    loop
      (i64.mul_wide_u (local.get $low) (i64.const 3))
      (i64.const 0)
      (i64.mul (local.get $high) (i64.const 3))
      i64.add128
      local.set $high
      local.set $low
      (local.tee $n (i64.sub (local.get $n) (i64.const 1)))
      i64.eqz
      i32.eqz
      br_if 0
    end
    local.get $low local.get $high))`);
  for (const slice of [1, 7, 1000]) {
    const execution = new Execution(store).startRaw(func, [100n]);
    while (execution.run(slice).status === "paused");
    expect(wide(execution.rawResults() as bigint[])).toBe(BigInt.asUintN(128, 3n ** 100n));
  }
});
