// Profiles count what has run, and change nothing of it.
import { expect, test } from "vitest";
import { parseModule } from "../../../decoder/index.js";
import { Engine, Execution, Linker, type Module, Store, UsageError } from "../../index.js";
import { smallPrograms } from "../../test/support/assembly-script.js";
import { wat } from "../../test/support/wat.js";
import { readProfile } from "../profile.js";

const FIB = `(module
  (func $fib (export "fib") (param i32) (result i32)
    (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  (func $loop (export "loop") (param i32)
    (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`;

function begin(module: Module, name: string, args: readonly bigint[]): Execution {
  const store = new Store(module.engine);
  return new Execution(store).startRaw(new Linker(module.engine).instantiate(store, module).getFunc(name), args);
}

test("entries, arms and rounds are counted by the bytes at which they begin", async () => {
  const module = new Engine({ profile: true }).compile(await wat(FIB));
  expect(begin(module, "fib", [10n]).run(10_000)).toMatchObject({ status: "done" });
  expect(begin(module, "loop", [100n]).run(10_000)).toMatchObject({ status: "done" });
  const [first, second, ...lines] = module.profile().trimEnd().split("\n");
  expect(first).toBe("escapement profile 1");
  expect(second).toMatch(/^module [0-9a-f]{64}$/);
  // fib(10) = 55 takes 2 * fib(11) - 1 = 177 calls, of which fib(11) = 89 are of 0 and 1.
  expect(lines).toEqual(["func 0 fib", "0:177 7:89 10:88 26:177", "func 1 loop", "0:1 2:100 11:1"]);
});

test("counts are those of single steps, and fuel is as without", async () => {
  const bytes = await smallPrograms("-O3");
  const engine = new Engine({ profile: true });
  const plain = new Engine({ tier: "interpreter" }).compile(bytes);
  const entries = new Set([...parseModule(bytes).bodies].map(({ start }) => start));
  let compared = 0;
  for (const [name, size] of [
    ["matmul", 2n],
    ["quicksort", 4n],
  ] as const) {
    const module = engine.compile(bytes);
    const run = begin(module, name, [size]);
    expect(run.run(10_000_000).status).toBe("done");
    const steps = begin(plain, name, [size]);
    const seen = new Map<number, number>();
    for (let fuel = 0; steps.run(fuel).status !== "done"; fuel = 1) {
      const { offset } = steps.inspect(1)[0]!;
      seen.set(offset, (seen.get(offset) ?? 0) + 1);
    }
    expect(steps.fuelUsed).toBe(run.fuelUsed);
    for (const [offset, count] of readProfile(parseModule(bytes), module.profile())) {
      // At instructions that cost nothing no step ends; at a function's first one some do before it is entered.
      if (!seen.has(offset) || entries.has(offset)) continue;
      expect(`${name} ${offset} ${count}`).toBe(`${name} ${offset} ${seen.get(offset)}`);
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(15);
});

test("a profile is refused by other modules, and where it is damaged", async () => {
  const bytes = await wat(FIB);
  const module = new Engine({ profile: true }).compile(bytes);
  begin(module, "fib", [3n]).run(1000);
  const text = module.profile();
  const own = parseModule(bytes);
  expect([...readProfile(own, text)].length).toBe(4);
  expect(() => readProfile(parseModule(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])), text)).toThrow(
    /profile is of another module: "module [0-9a-f]{64}" where this one has SHA-256 [0-9a-f]{64}/,
  );
  expect(() => readProfile(own, "")).toThrow('a profile begins with the line "escapement profile 1"');
  expect(() => readProfile(own, text.replace("func 0", "func 9"))).toThrow("line 3 of the profile names no function");
  expect(() => readProfile(own, text.replace("0:", "900:"))).toThrow(/line 4 of the profile has "900:\d+"/);
  expect(() => readProfile(own, text.replace("0:", "x:"))).toThrow(UsageError);
});

test("a profile is asked for before, and taken by the interpreter", async () => {
  const module = new Engine().compile(await wat(FIB));
  expect(() => module.profile()).toThrow("profiles are taken by an Engine with the option profile: true");
  expect(() => new Engine({ profile: true, tier: "compiler" })).toThrow("taken by the tier interpreter");
  expect(() => new Engine({ profile: 1 as never })).toThrow("profile is true or false");
  expect(() => new Engine({ profile: true }).compile(module.decoded.bytes).saveCode()).toThrow(UsageError);
});
