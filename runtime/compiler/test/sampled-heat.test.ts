// Functions that are too large for V8: what of them often runs is found by samples, and compiled; the rest is functions of
// its own. Nothing of it can be seen.
import { expect, test } from "vitest";
import { InstructionReader, OP, parseModule } from "../../../decoder/index.js";
import { Engine, Execution, Linker, Store } from "../../index.js";
import { wat } from "../../test/support/wat.js";
import { SampledHeat } from "../sampled-heat.js";
import type { CompilerTier } from "../tier.js";

const OPERATIONS = 128;

/** An interpreter: one large function, whose operations but the first four run once in a hundred rounds. */
function largeFunction(): string {
  const names = Array.from({ length: OPERATIONS }, (_, i) => `$op${i}`);
  const step = (i: number, k: number) =>
    `(local.set $a (i32.xor (i32.rotl (local.get $a) (i32.const ${(i % 31) + 1})) (i32.add (local.get $b) (i32.const ${i * 977 + k}))))
     (i32.store offset=${4 * ((i + k) % 32)} (i32.and (local.get $a) (i32.const 124)) (local.get $b))
     (local.set $b (i32.add (local.get $b) (i32.load offset=${4 * k} (i32.and (local.get $b) (i32.const 60)))))
     (if (i32.eqz (i32.rem_u (local.get $b) (i32.const ${i + 50}))) (then (local.set $a (i32.sub (local.get $a) (i32.const ${k}))) (br $next)))`;
  const operation = (i: number) =>
    `) ${[0, 1, 2].map((k) => step(i, k)).join("\n")} (local.set $f (f64.add (local.get $f) (f64.const ${i}.5))) (br $next)`;
  return `(module (memory 1)
    (func (export "run") (param $n i32) (result i32) (local $a i32) (local $b i32) (local $f f64) (local $x i32)
      (loop $again
        (block $next
          ${names
            .map((name) => `(block ${name}`)
            .reverse()
            .join(" ")}
            (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 1664525)) (i32.const 1013904223)))
            (br_table ${names.join(" ")} (select
              (i32.and (i32.shr_u (local.get $x) (i32.const 8)) (i32.const ${OPERATIONS - 1}))
              (i32.shr_u (local.get $x) (i32.const 30))
              (i32.lt_u (i32.shr_u (local.get $x) (i32.const 16)) (i32.const 655))))
          ${names.map((_, i) => operation(i)).join("\n")})
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (i32.xor (local.get $a) (i32.xor (local.get $b) (i32.trunc_sat_f64_s (local.get $f))))))`;
}

/** What a run gives whose fuel comes in parts: results, and where it stood at each of its pauses. */
function run(bytes: Uint8Array, tier: "interpreter" | "compiler", part: number) {
  const engine = new Engine({ tier });
  const store = new Store(engine);
  const instance = new Linker(engine).instantiate(store, engine.compile(bytes));
  const stops: unknown[] = [];
  for (const rounds of [60_000, 5_000]) {
    const execution = new Execution(store).start(instance.getFunc("run"), [rounds]);
    while (execution.run(part).status === "paused") {
      const [frame] = execution.inspect(1);
      stops.push([execution.fuelUsed, frame]);
    }
    stops.push([execution.rawResults(), execution.fuelUsed]);
  }
  const compiled = (instance.code.tier as CompilerTier | null)?.compiledFunctions ?? 0;
  return { stops, compiled, body: parseModule(bytes).bodies.get(0)! };
}

test("a function that is too large is compiled, and is what the interpreter makes of it at each stop", async () => {
  const bytes = await wat(largeFunction());
  const [ours, theirs] = [run(bytes, "compiler", 99_991), run(bytes, "interpreter", 99_991)];
  expect(ours.body.end - ours.body.start).toBeGreaterThan(12_000);
  expect(ours.stops.length).toBeGreaterThan(30);
  expect(ours.stops).toEqual(theirs.stops);
  expect([ours.compiled, theirs.compiled]).toEqual([1, 0]);
});

test("a block is as hot as what is sampled in it, and in front of it to the last transfer", async () => {
  const module = parseModule(
    await wat(`(module (func (param i32)
      (loop $l
        (block $b
          (block $a
            (br_if $a (local.get 0)) (nop) (br $b))
          (nop) (br_if $l (local.get 0)) (nop) (return))
        (nop))))`),
  );
  const body = module.bodies.get(0)!;
  const reader = new InstructionReader(module.bytes, module.types).begin(body);
  const at = new Map<number, number[]>();
  while (reader.offset < body.end) {
    reader.next();
    at.set(reader.opcode, [...(at.get(reader.opcode) ?? []), reader.start]);
  }
  const nops = at.get(OP.nop)!;
  const inLoop = at.get(OP.block)![0]!;
  const heat = new SampledHeat(module);
  expect(heat.slice()).toBeUndefined();
  expect(heat.add(0, () => inLoop)).toBe(false);
  expect(heat.wants(0)).toBe(true);
  const lengths = Array.from({ length: 100 }, () => heat.slice()!);
  expect(Math.min(...lengths)).toBeGreaterThanOrEqual(32);
  expect(Math.max(...lengths)).toBeLessThan(1056);
  // Of ten samples seven are at the head of the loop, and three behind the first inner block.
  for (let i = 0; heat.wants(0); i++) heat.add(0, () => (i % 10 < 7 ? inLoop : nops[1]!));
  const [first, second] = heat.heats(0);
  expect([first!.inline, second!.inline, first!.prune]).toEqual([1, 2, false]);
  expect(nops.map((nop) => first!.countOf(nop))).toEqual([210, 90, 90, 0]);
});

test("a function without samples is not compiled in parts", async () => {
  const heat = new SampledHeat(parseModule(await wat("(module (func))")));
  expect(heat.wants(0)).toBe(true);
  for (let i = 0; heat.slice() !== undefined; i++) {
    expect(i).toBeLessThan(10_000);
    heat.add(1, () => 0);
  }
  expect(heat.wants(0)).toBe(false);
  expect([...heat.heats(0)]).toEqual([]);
});
