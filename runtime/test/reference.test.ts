// The reference stepper by itself: numeric instructions against V8, and fuel, trap points and
// unwinding against what the contract says, counted by hand.

import { beforeAll, describe, expect, test } from "vitest";
import { type DecodedModule, OP, parseModule } from "../../decoder/index.js";
import { NUMERIC } from "../../proof/check-step/numeric.js";
import { type Assembler, loadAssembler } from "../../spec-tests/index.js";
import { type Imports, type Options, ReferenceInstance } from "./reference/instance.js";
import { ExceptionError, ReferenceTag, TrapError } from "./reference/operands.js";
import { NUMERIC_ROWS, numericCases } from "./support/numeric-oracle.js";

test("every scalar numeric instruction agrees with V8", () => {
  for (const row of NUMERIC_ROWS) {
    const run = NUMERIC.get(row.opcode)!;
    for (const { operands, expected } of numericCases(row, 2, 100)) {
      let actual: bigint | string;
      try {
        actual = run(operands[0]!, operands[1] ?? 0n);
      } catch (error) {
        actual = (error as TrapError).trap;
      }
      if (actual !== expected) {
        expect.fail(`${row.name}(${operands.map((bits) => `0x${bits.toString(16)}`)}): ${actual}, V8 ${expected}`);
      }
    }
  }
});

let assembler: Assembler;
beforeAll(async () => {
  assembler = await loadAssembler();
});

async function load(text: string, imports: Imports = {}, options: Options = {}): Promise<ReferenceInstance> {
  return new ReferenceInstance(parseModule(await assembler.assemble(text)), imports, options);
}
/** The opcode at a position of a trace. */
function opcodeAt({ module }: { module: DecodedModule }, { offset }: { offset: number }): number {
  const byte = module.bytes[offset]!;
  return byte === 0xfc ? 0x200 + module.bytes[offset + 1]! : byte;
}

describe("fuel in the default schedule", () => {
  const cost = async (body: string, rest = "", options: Options = {}) => {
    const instance = await load(`(module ${rest} (func (export "f") ${body}))`, {}, options);
    return instance.invoke("f").fuel;
  };

  test.each([
    ["entering a function", "", 1],
    ["a constant and a drop", "(drop (i32.const 1))", 2],
    ["nop, block and loop", "nop (block nop (loop nop))", 1],
    ["return", "return", 1],
    ["unreachable", "unreachable", 1],
    ["if with its condition, else arm not taken", "(if (i32.const 1) (then nop) (else (drop (i32.const 1))))", 3],
    ["br out of a block", "(block (br 0) (drop (i32.const 1)))", 2],
    ["a division that traps", "(drop (i32.div_u (i32.const 1) (i32.const 0)))", 4],
  ])("%s", async (_, body, fuel) => {
    expect(await cost(body)).toBe(fuel);
  });

  test("a loop costs its iterations", async () => {
    const body = `(local i32) (local.set 0 (i32.const 10))
      (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))`;
    // entry, 2 before the loop, and 5 in each iteration
    expect(await cost(body)).toBe(1 + 2 + 10 * 5);
  });

  test("a call costs itself and the callee's entry, a tail call likewise", async () => {
    expect(await cost("(call $g)", "(func $g)")).toBe(3);
    expect(await cost("(return_call $g)", "(func $g)")).toBe(3);
  });

  const memory = "(memory 1 4)";
  test.each([
    ["memory.fill of nothing", "(memory.fill (i32.const 0) (i32.const 0) (i32.const 0))", 5],
    ["memory.fill of 64 bytes", "(memory.fill (i32.const 0) (i32.const 0) (i32.const 64))", 6],
    ["memory.fill of 65 bytes", "(memory.fill (i32.const 0) (i32.const 0) (i32.const 65))", 7],
    ["memory.copy of a page", "(memory.copy (i32.const 0) (i32.const 0) (i32.const 65536))", 5 + 1024],
    ["memory.copy out of bounds", "(memory.copy (i32.const 0) (i32.const 1) (i32.const 65536))", 5],
    ["memory.grow by 2 pages", "(drop (memory.grow (i32.const 2)))", 3 + 2048],
    ["memory.grow that gives -1", "(drop (memory.grow (i32.const 4)))", 3],
  ])("%s", async (_, body, fuel) => {
    expect(await cost(body, memory)).toBe(fuel);
  });

  test.each([
    ["table.grow by 9", "(drop (table.grow (ref.null func) (i32.const 9)))", 4 + 2],
    ["table.grow that gives -1", "(drop (table.grow (ref.null func) (i32.const 99)))", 4],
    ["table.fill of 8", "(table.fill (i32.const 0) (ref.null func) (i32.const 8))", 5 + 1],
    ["table.copy out of bounds", "(table.copy (i32.const 0) (i32.const 0) (i32.const 11))", 5],
  ])("%s", async (_, body, fuel) => {
    expect(await cost(body, "(table 10 50 funcref)")).toBe(fuel);
  });

  test("the other schedules price bulk work flat, or by byte and element", async () => {
    const fill = "(memory.fill (i32.const 0) (i32.const 0) (i32.const 100))";
    const grow = "(drop (memory.grow (i32.const 2)))";
    expect(await cost(fill, memory, { schedule: "wasmtime-45" })).toBe(5);
    expect(await cost(fill, memory, { schedule: "wasmtime-48" })).toBe(105);
    expect(await cost(grow, memory, { schedule: "wasmtime-45" })).toBe(3);
    expect(await cost(grow, memory, { schedule: "wasmtime-48" })).toBe(3);
    expect(await cost(grow, memory, { schedule: "wasmtime-49" })).toBe(5);
    expect(await cost("(drop (memory.grow (i32.const 4)))", memory, { schedule: "wasmtime-50" })).toBe(7);
    expect(await cost("(drop (memory.grow (i32.const 129)))", memory, { schedule: "wasmtime-50" })).toBe(3);
  });
});

describe("running out of fuel", () => {
  test("stops before the instruction that cannot be paid, without effect", async () => {
    const instance = await load(`(module (memory 1) (global (export "g") (mut i32) (i32.const 0))
      (func (export "f") (global.set 0 (i32.const 7)) (memory.fill (i32.const 0) (i32.const 1) (i32.const 128))))`);
    const total = instance.invoke("f").fuel;
    expect(total).toBe(1 + 2 + 4 + 2);
    instance.memories[0]!.bytes.fill(0);
    const stops: (number | undefined)[] = [];
    for (let budget = 0; budget < total; budget++) {
      const outcome = instance.invoke("f", [], budget);
      if (outcome.kind !== "out of fuel") expect.fail(`budget ${budget}: ${outcome.kind}`);
      stops.push(opcodeAt(instance, outcome.trace[0]!));
      expect(instance.memories[0]!.bytes[0]).toBe(0);
    }
    const fill = OP["memory.fill"];
    const constant = OP["i32.const"];
    // The entry is paid at the first instruction; the fill needs all of its 3 units at once.
    expect(stops).toEqual([constant, constant, OP["global.set"], constant, constant, constant, fill, fill, fill]);
    expect(instance.invoke("f", [], total).kind).toBe("results");
  });

  test("holds for calls that a host function makes", async () => {
    const again = (): readonly [] => {
      expect(instance.invoke("g").kind).toBe("out of fuel");
      return [];
    };
    const text = `(module (import "" "again" (func $again))
      (func (export "f") (call $again)) (func (export "g") (loop (br 0))))`;
    const instance = await load(text, { "": { again } });
    expect(instance.invoke("f", [], 100).fuel).toBe(100);
  });
});

describe("trap points", () => {
  test("name the trapping instruction and the calls above it", async () => {
    const instance = await load(`(module
      (func $inner (param i32) (result i32) (nop) (i32.div_s (i32.const 1) (local.get 0)))
      (func $outer (param i32) (result i32) (i32.add (i32.const 1) (call $inner (local.get 0))))
      (func (export "f") (param i32) (result i32) (i32.mul (call $outer (local.get 0)) (i32.const 2))))`);
    expect(instance.invoke("f", [1n])).toMatchObject({ kind: "results", results: [4n] });
    const outcome = instance.invoke("f", [0n]);
    if (outcome.kind !== "trap") expect.fail(outcome.kind);
    expect(outcome.trap).toBe("integer divide by zero");
    expect(outcome.trace.map(({ funcidx }) => funcidx)).toEqual([0, 1, 2]);
    expect(outcome.trace.map((at) => opcodeAt(instance, at))).toEqual([OP["i32.div_s"], OP["call"], OP["call"]]);
  });

  test("of a host function are at the call", async () => {
    const trap = () => {
      throw new TrapError("unreachable");
    };
    const instance = await load(`(module (import "" "t" (func $t)) (func (export "f") (nop) (call $t)))`, {
      "": { t: trap },
    });
    const outcome = instance.invoke("f");
    if (outcome.kind !== "trap") expect.fail(outcome.kind);
    expect(outcome.trace.map((at) => opcodeAt(instance, at))).toEqual([OP["call"]]);
  });

  test("of an exhausted stack are at the call that found no room", async () => {
    const text = `(module (func $f (export "f") (call $f)))`;
    const instance = await load(text, {}, { maxFrames: 10 });
    const outcome = instance.invoke("f");
    expect(outcome).toMatchObject({ kind: "trap", trap: "call stack exhausted", fuel: 10 + 10 });
  });
});

describe("exceptions", () => {
  const text = `(module
    (import "" "tag" (tag $t (param i32)))
    (import "" "throws" (func $throws))
    (func (export "uncaught") (throw $t (i32.const 5)))
    (func $inner (call $throws))
    (func (export "caught") (result i32) (block $h (result i32) (try_table (catch $t $h) (call $inner)) (i32.const 0)))
    (func (export "again") (block $h (result exnref) (try_table (catch_all_ref $h) (call $inner)) (return)) (throw_ref)))`;

  test("unwind through frames to their handler, or out", async () => {
    const tag = new ReferenceTag(-1);
    const throws = () => {
      throw new ExceptionError({ kind: "exn", tag, values: [9n] });
    };
    const instance = await load(text, { "": { tag, throws } });
    // entry, try_table, call; entry, call: what was spent stays spent
    expect(instance.invoke("caught")).toMatchObject({ kind: "results", results: [9n], fuel: 5 });
    expect(instance.invoke("uncaught")).toMatchObject({ kind: "exception", exception: { tag, values: [5n] }, fuel: 3 });
    expect(instance.invoke("again")).toMatchObject({ kind: "exception", exception: { tag, values: [9n] }, fuel: 6 });
  });
});
