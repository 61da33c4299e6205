// v128 wherever values can be, SIMD accesses in every form of memory, and SIMD programs stopped at
// every instruction. What the single instructions compute is in simd-lanes.long.ts.

import { describe, expect, test } from "vitest";
import { parseModule } from "../../decoder/index.js";
import { OPCODES, type OpcodeRow } from "../../decoder/opcodes.js";
import { forms } from "../../test/support/form.js";
import { Execution, type Instance, type RawValue, type RunResult, type Trap } from "../index.js";
import { exportEverything, firstDifference, planCalls } from "./support/differential.js";
import { Embedding } from "./support/embed.js";
import { hostTrace } from "./support/host-runner.js";
import { interpreterTrace } from "./support/interpreter-runner.js";
import { Random } from "./support/random.js";
import { randomModule } from "./support/random-module.js";

const A = 0x0f0e0d0c0b0a09080706050403020100n;
const B = 0xf8f9fafbfcfdfeff0011223344556677n;
const PAGE = 1 << 16;
/** Signalling NaNs in each lane, as f32s and as f64s. */
const C = 0x7ff0000180000001fff0000fffa00003n;

interface Run {
  readonly status: RunResult["status"];
  readonly results: readonly RawValue[];
  readonly fuel: number;
}

/** Runs an export with fuel given in `slices`, the last of them until it ends. */
function run(instance: Instance, args: readonly RawValue[], ...slices: number[]): Run {
  const execution = new Execution(instance.store).startRaw(instance.getFunc("f"), args);
  let result = execution.run(slices[0]!);
  for (let i = 1; result.status === "paused"; i++) result = execution.run(slices[Math.min(i, slices.length - 1)]!);
  const results = result.status === "done" ? execution.rawResults() : [];
  return { status: result.status, results, fuel: execution.fuelUsed };
}

// Bodies of `f`, which takes $a, $b, $c (v128) and $n, and what it gives. All of them only move vectors.
const SAME = "(param $a v128) (param $b v128) (param $c v128) (param $n i32)";
const PROGRAMS: readonly (readonly [
  what: string,
  results: string,
  body: string,
  n: number,
  expected: readonly bigint[],
])[] = [
  [
    "results among others",
    "v128 i32 v128 i64 v128",
    "(local.get $c) (i32.const 7) (local.get $a) (i64.const -1) (local.get $b)",
    0,
    [C, 7n, A, 0xffffffffffffffffn, B],
  ],
  [
    "operands that wait below a call while their local changes",
    "v128 v128 v128",
    "(local.get $a) (local.get $b) (call $nothing) (local.set $b (local.get $c)) (local.get $b)",
    0,
    [A, B, C],
  ],
  [
    "values of a branch over what lies below them",
    "v128 v128",
    "(block (result v128 v128) (i32.const 1) (local.get $a) (local.get $b) (br_if 0 (local.get $n)) drop drop drop (local.get $c) (local.get $c))",
    1,
    [A, B],
  ],
  [
    "one value of a branch, one slot down",
    "v128",
    "(block (result v128) (i32.const 1) (v128.not (v128.not (local.get $c))) (br 0))",
    0,
    [C],
  ],
  [
    "values of a branch table",
    "v128",
    "(block $x (result v128) (block $y (result v128) (f64.const 1) (local.get $b) (br_table $x $y (local.get $n))) drop (local.get $a))",
    1,
    [A],
  ],
  [
    "parameters of a loop, rotated $n times",
    "v128 v128 v128",
    `(local $x v128) (local $y v128) (local $z v128) (local.get $a) (local.get $b) (local.get $c)
       (loop (param v128 v128 v128) (result v128 v128 v128)
         (local.set $z) (local.set $y) (local.set $x) (local.get $y) (local.get $z) (local.get $x)
         (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))`,
    4,
    [B, C, A],
  ],
  [
    "both arms of an if",
    "v128 v128",
    "(if (result v128) (local.get $n) (then (local.get $a)) (else (local.get $b))) (if (result v128) (i32.eqz (local.get $n)) (then (local.get $a)) (else (local.get $b)))",
    1,
    [A, B],
  ],
  [
    "selects",
    "v128 v128",
    "(select (local.get $a) (local.get $b) (local.get $n)) (select (result v128) (local.get $b) (local.get $c) (i32.const 0))",
    5,
    [A, C],
  ],
  [
    "globals, defined and imported",
    "v128 v128 v128",
    "(global.set $g (local.get $a)) (global.get $h) (global.set $h (local.get $b)) (global.get $h) (global.get $g)",
    0,
    [C, B, A],
  ],
  [
    "a tail call whose arguments move down",
    "v128 v128",
    "(i64.const 1) (local.get $c) (local.get $a) (return_call $drop)",
    0,
    [C, A],
  ],
  [
    "an indirect call",
    "v128 v128",
    "(local.get $a) (local.get $b) (call_indirect (type $swap) (i32.const 0))",
    0,
    [B, A],
  ],
  [
    "the payload of an exception, through a frame",
    "v128 i32 v128",
    "(block $h (result v128 i32 v128) (try_table (catch $e $h) (i64.const 9) (local.get $b) (i32.const 3) (local.get $c) (call $raise) drop) unreachable)",
    0,
    [B, 3n, C],
  ],
  ["a host function's arguments and results", "v128 v128", "(local.get $a) (local.get $c) (call $host)", 0, [C, A]],
  [
    "results before a host call that waits for fuel",
    "v128 v128 v128",
    "(local.get $b) (local.get $a) (local.get $c) (call $host)",
    0,
    [B, C, A],
  ],
  [
    "more than 256 slots",
    "v128 v128 v128",
    `${"(local i64) ".repeat(300)} (local $far v128) (local $farther v128)
       (local.set $far (local.get $c)) (local.set $farther (v128.and (local.get $far) (v128.const i32x4 -1 -1 -1 -1)))
       (i32x4.replace_lane 2 (local.get $farther) (i32x4.extract_lane 2 (local.get $far)))
       (global.set $g (local.get $a)) (select (global.get $g) (local.get $far) (local.get $n)) (local.get $b) (call $swap)`,
    1,
    [C, B, A],
  ],
  [
    "a lane loaded into a vector above its address",
    "v128 v128",
    "(v128.store (i32.const 3) (local.get $b)) (local.set $n (i32.const 3)) (v128.load8_lane 0 (i32.add (local.get $n) (i32.const 0)) (v128.not (v128.not (local.get $b)))) (v128.load (i32.const 3))",
    0,
    [B, B],
  ],
];

async function instantiate(results: string, body: string): Promise<Instance> {
  const e = new Embedding();
  e.linker.defineFunc("env", "host", { params: ["v128", "v128"], results: ["v128", "v128"] }, (_, x, y) => [y, x]);
  await e.define(
    "other",
    `(module (global (export "h") (mut v128) (v128.const i64x2 ${C & 0xffffffffffffffffn} ${C >> 64n})))`,
  );
  return e.instantiate(`(module
    (import "env" "host" (func $host (param v128 v128) (result v128 v128)))
    (import "other" "h" (global $h (mut v128)))
    (type $swap (func (param v128 v128) (result v128 v128)))
    (memory (export "m") 1) (table funcref (elem $swap)) (tag $e (param v128 i32 v128))
    (global i32 (i32.const 1)) (global $g (mut v128) (v128.const i32x4 1 2 3 4))
    (func $nothing)
    (func $swap (type $swap) (local.get 1) (local.get 0))
    (func $drop (param i64 v128 v128) (result v128 v128) (local.get 1) (local.get 2))
    (func $raise (param v128 i32 v128) (throw $e (local.get 0) (local.get 1) (local.get 2)))
    (func (export "f") ${SAME} (result ${results}) ${body}))`);
}

describe("vectors move whole, wherever execution pauses:", () => {
  test.each(PROGRAMS)("%s", async (_, results, body, n, expected) => {
    const args = [A, B, C, BigInt(n)];
    const whole = run(await instantiate(results, body), args, 1e6);
    expect(whole).toMatchObject({ status: "done", results: expected });
    // Stopped once, at each instruction; and stopped at every one.
    for (let first = 0; first < whole.fuel; first++) {
      expect(run(await instantiate(results, body), args, first, 1e6), `paused after ${first}`).toEqual(whole);
    }
    expect(run(await instantiate(results, body), args, 1)).toEqual(whole);
  });
});

test("superinstructions are what their instructions are, traps and fuel included", async () => {
  const load = (address: string) => `(v128.load offset=7 ${address})`;
  const sum = "(i32.add (local.get $n) (i32.const -40))";
  const bodies = [
    `(i32x4.add (local.get $a) ${load("(local.get $n)")})`,
    `(i32x4.add (local.get $a) ${load(sum)}) (local.set $a (local.get $b))`,
    load(sum),
    `(v128.load offset=3000000000 ${sum})`,
    load("(i32.add (local.get $n) (i32x4.extract_lane 0 (local.get $c)))"),
    `(i8x16.eq (local.get $a) (v128.const i32x4 ${A & 0xffffffffn} 1 2 ${A >> 96n}))`,
    "(i8x16.eq (v128.const i32x4 1 2 3 4) (v128.not (local.get $b)))",
    `(local.set $a (i32x4.add (local.get $a) ${load("(local.get $n)")})) (i8x16.eq (local.get $a) (v128.const i64x2 0 0)) (local.get $a) (i8x16.bitmask) (i32.popcnt) (drop)`,
  ];
  let traps = 0;
  for (const body of bodies) {
    for (const n of [0, 33, 40, PAGE - 23, PAGE - 22, PAGE + 17, PAGE + 18, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) {
      const ends = [];
      for (const fuel of [1e6, 1]) {
        const instance = await instantiate("v128", body);
        instance.getMemory("m").write(0, new Random(n).bytes(PAGE));
        const execution = new Execution(instance.store).startRaw(instance.getFunc("f"), [A, B, 5n, BigInt(n)]);
        let result = execution.run(fuel);
        while (result.status === "paused") result = execution.run(fuel);
        if (result.status === "trapped") traps++;
        const value = result.status === "trapped" ? result.error.backtrace : execution.rawResults();
        ends.push({ status: result.status, value, fuel: execution.fuelUsed });
      }
      expect(ends[0], `${body} of ${n}`).toEqual(ends[1]);
    }
  }
  expect(traps).toBeGreaterThan(40);
});

test("random modules with vectors behave as in V8, whole and in slices of one unit and more", () => {
  const kinds = new Set<string>();
  for (let seed = 1; seed <= forms(20, 50); seed++) {
    const module = parseModule(
      exportEverything(parseModule(randomModule(seed, { simd: true, legacyExceptions: seed % 2 === 0 }))),
    );
    const calls = planCalls(module, seed, 2);
    const whole = interpreterTrace(module.bytes, calls);
    const difference = firstDifference(hostTrace(module, calls), whole.lines);
    if (difference !== undefined) expect.fail(`seed ${seed}: ${difference}`);
    const random = new Random(seed);
    for (const slice of [() => 1, () => 1 + random.below(30)]) {
      const sliced = interpreterTrace(module.bytes, calls, { slice });
      expect(sliced.lines, `seed ${seed}`).toEqual(whole.lines);
      const ends = ({ outcomes }: typeof whole) => outcomes.map(({ kind, fuel, trace }) => ({ kind, fuel, trace }));
      expect(ends(sliced), `seed ${seed}`).toEqual(ends(whole));
    }
    for (const { kind } of whole.outcomes) kinds.add(kind);
  }
  expect(kinds).toEqual(new Set(["results", "trap", "exception"]));
});

// ---- Accesses ----

const ACCESSES = (OPCODES as readonly OpcodeRow[]).filter(
  (row) => row.feature === "simd" && row.immediate.startsWith("memarg"),
);
const isStore = (row: OpcodeRow) => row.name.includes("store");
/** A function per access: of an address, and of a vector where one is taken; a load gives its vector. */
function accessFunctions(memory: number, address: "i32" | "i64", offset: bigint): string {
  return ACCESSES.map((row) => {
    const lane = row.immediate === "memarg_lane" ? String(16 / row.width! - 1) : "";
    const vector = row.type!.startsWith("av") ? "(local.get 1)" : "";
    const code = `(${row.name} ${memory} offset=${offset} ${lane} (local.get 0) ${vector})`;
    return `(func (export "${row.name} ${memory} ${offset}") (param ${address} v128) ${isStore(row) ? code : `(result v128) ${code}`})`;
  }).join("\n");
}

function call(instance: Instance, name: string, address: bigint): RawValue | "trap" {
  const execution = new Execution(instance.store).startRaw(instance.getFunc(name), [address, B]);
  const result = execution.run(10);
  if (result.status === "trapped") {
    expect((result.error as Trap).reason).toBe("out of bounds memory access");
    return "trap";
  }
  expect(result.status).toBe("done");
  return execution.rawResults()[0] ?? 0n;
}

describe("accesses of every width", () => {
  test("reach the last byte of their memory and no further, in every form", async () => {
    const forms = [
      { memory: 0, address: "i32", offset: 0n },
      { memory: 0, address: "i32", offset: 5n },
      { memory: 0, address: "i32", offset: 0xfffffff0n },
      { memory: 1, address: "i32", offset: 0n },
      { memory: 2, address: "i64", offset: 0n },
      { memory: 2, address: "i64", offset: 3n },
      { memory: 2, address: "i64", offset: 0xffffffff00000000n },
    ] as const;
    const instance = await new Embedding().instantiate(`(module
      (memory (export "0") 1) (memory (export "1") 1) (memory (export "2") i64 1)
      ${forms.map(({ memory, address, offset }) => accessFunctions(memory, address, offset)).join("\n")})`);
    const bytes = new Random(1).bytes(PAGE);
    for (const row of ACCESSES) {
      const last = BigInt(PAGE - row.width!);
      for (const { memory, address, offset } of forms) {
        const name = `${row.name} ${memory} ${offset}`;
        const content = instance.getMemory(String(memory)).bytes();
        const reference = instance.getMemory("0").bytes();
        const mask = address === "i64" ? 0xffffffffffffffffn : 0xffffffffn;
        for (const at of [offset, offset + 1n, offset + 6n, last]) {
          // The same access in the plain form, and what it leaves in memory.
          reference.set(bytes);
          const expected = at > last ? "trap" : call(instance, `${row.name} 0 0`, at);
          const left = at > last ? bytes : reference.slice();
          content.set(bytes);
          if (at >= offset) expect(call(instance, name, (at - offset) & mask), `${name} at ${at}`).toBe(expected);
          else expect(call(instance, name, (at - offset) & mask), `${name} at ${at}`).toBe("trap");
          expect(Buffer.compare(content, at >= offset ? left : bytes), `${name} at ${at}`).toBe(0);
        }
        content.set(bytes);
        for (const at of [last + 1n, BigInt(PAGE), mask, mask - 14n]) {
          if (at >= offset) expect(call(instance, name, at - offset), `${name} at ${at}`).toBe("trap");
        }
        expect(Buffer.compare(content, bytes), name).toBe(0);
      }
    }
  });

  test("reach addresses from 2^31 up", async () => {
    const pages = 2 ** 15 + 1;
    const size = pages * PAGE;
    const e = new Embedding({ memoryBytes: size });
    const instance = await e.instantiate(`(module (memory (export "m") ${pages})
      ${accessFunctions(0, "i32", 0n)} ${accessFunctions(0, "i32", 100n)} ${accessFunctions(0, "i32", 1n << 31n)})`);
    const memory = instance.getMemory("m");
    const bytes = new Random(2).bytes(64);
    for (const row of ACCESSES) {
      for (const at of [2 ** 31 - 8, 2 ** 31 + 3, size - row.width!]) {
        for (const offset of [0, 100, 2 ** 31]) {
          if (at < offset) continue;
          const name = `${row.name} 0 ${offset}`;
          const near = at % 4;
          memory.write(near, bytes);
          memory.write(at, bytes.subarray(0, row.width!));
          const expected = call(instance, `${row.name} 0 0`, BigInt(near));
          expect(call(instance, name, BigInt(at - offset)), `${name} at ${at}`).toBe(expected);
          expect(memory.read(at, row.width!), `${name} at ${at}`).toEqual(memory.read(near, row.width!));
        }
        expect(call(instance, `${row.name} 0 100`, BigInt(size - 100 - row.width! + 1))).toBe("trap");
      }
    }
  });
});
