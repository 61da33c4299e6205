// The code map and the lowering under it are linear in the body, whatever stands on the operand stack.
import { describe, expect, test } from "vitest";
import { parseModule } from "../../../decoder/index.js";
import { ESCAPEMENT_1 } from "../../fuel-schedule.js";
import { Engine, Execution, Linker, Store } from "../../index.js";
import { type Bytes, leb, moduleBytes, name, section, vec } from "../../test/support/module-bytes.js";
import { wat } from "../../test/support/wat.js";
import { type CodeMap, CodeMaps, lowerForCall, MAP_BUDGET, mapOf, steppingRegion } from "../code-map.js";
import { Emitter } from "../emitter.js";
import { FunctionLowering } from "../function-lowering.js";
import { lowerFunction, prepareModule, RULES } from "../lower.js";
import type { ModuleContext } from "../module-context.js";
import { PROMISE_LIMIT } from "../operands.js";

const I32 = 0x7f;

/** Function 0, "f", has two i32 locals and this code; function 1 does nothing. */
function moduleOf(code: Bytes): Uint8Array {
  const body = (locals: Bytes, instructions: Bytes) => {
    const bytes = flat([locals, instructions, 0x0b]);
    return [leb(bytes.length), bytes];
  };
  return moduleBytes(
    section(1, vec([[0x60, 0, 0]])),
    section(3, vec([0, 0])),
    section(5, vec([[0, 1]])),
    section(7, vec([[name("f"), 0, 0]])),
    section(10, vec([body([1, 2, I32], code), body([0], [])])),
  );
}

function flat(bytes: Bytes): number[] {
  if (typeof bytes === "number") return [bytes];
  return (bytes as readonly Bytes[]).flatMap(flat);
}

function repeated(code: readonly number[], times: number): readonly number[] {
  return Array.from({ length: times }, () => code).flat();
}

const CONST = [0x41, 0];
const DROP = [0x1a];
/** `times` operands, `instructions` above them, and the operands dropped. */
function tall(operand: readonly number[], instructions: readonly number[], times: number): Bytes {
  return [repeated(operand, times), repeated(instructions, times), repeated(DROP, times)];
}

/** What stands above a tall stack: instructions that leave it as it is. */
const SHAPES: Readonly<Record<string, readonly number[]>> = {
  block: [0x02, 0x40, 0x0b],
  loop: [0x03, 0x40, 0x0b],
  if: [0x20, 0, 0x04, 0x40, 0x0b],
  "if else": [0x20, 0, 0x04, 0x40, 0x05, 0x0b],
  br_if: [0x02, 0x40, 0x20, 0, 0x0d, 0, 0x0b],
  br: [0x02, 0x40, 0x0c, 0, 0x0b],
  "local.set": [0x41, 5, 0x21, 1],
  "local.tee": [0x41, 5, 0x22, 1, 0x1a],
  call: [0x10, 1],
  "memory.grow": [0x41, 0, 0x40, 0, 0x1a],
  "memory.fill": [0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0b, 0],
  "i32.add": [0x20, 0, 0x41, 1, 0x6a, 0x1a],
};

function contextOf(bytes: Uint8Array): ModuleContext {
  return prepareModule(parseModule(bytes), ESCAPEMENT_1);
}

/** How often a lowering looks at an operand: its time, but for what an instruction takes anyway. */
function operandWork(bytes: Uint8Array): number {
  const context = contextOf(bytes);
  const lowering = new FunctionLowering(context, 0, new Emitter(new Int32Array(1024), 0, true, null, null), null);
  let work = 0;
  const counted = (array: number[]) =>
    new Proxy(array, {
      get: (target, key) => {
        work++;
        return target[key as unknown as number];
      },
    });
  const { operands } = lowering;
  const { kind, value, high, width, slot, promised } = operands;
  const columns = { kind, value, high, width, slot, promised };
  for (const [column, array] of Object.entries(columns)) Object.assign(operands, { [column]: counted(array) });
  lowering.run(RULES);
  return work;
}

describe("lowering is linear", () => {
  const operands = { constants: CONST, "copies of the local that is set": [0x20, 1], results: [0x20, 0, 0x45] };
  for (const [what, operand] of Object.entries(operands)) {
    test.each(Object.entries(SHAPES))(`${what} under %s`, (_, instructions) => {
      const once = operandWork(moduleOf(tall(operand, instructions, 500)));
      const twice = operandWork(moduleOf(tall(operand, instructions, 1000)));
      expect(twice / once).toBeLessThan(2.1);
    });
  }
});

describe("a map keeps no copy of all operands per site", () => {
  test.each(Object.entries(SHAPES))("%s", (_, instructions) => {
    const bytesOf = (times: number) => {
      const context = contextOf(moduleOf(tall(CONST, instructions, times)));
      lowerFunction(context, 0);
      return mapOf(context, context.code.fast.get(0)!).bytes + mapOf(context, steppingRegion(context, 0)).bytes;
    };
    const bytes = bytesOf(4000);
    expect(bytes / bytesOf(2000)).toBeLessThan(2.1);
    // Bodies of 4000 times 10 bytes and less.
    expect(bytes).toBeLessThan(3 << 20);
  });
});

test("a first pause and a trap under a tall stack", () => {
  const engine = new Engine();
  const store = new Store(engine);
  const module = engine.compile(moduleOf([tall(CONST, SHAPES["call"]!, 10_000), 0x00]));
  const execution = new Execution(store).start(new Linker(engine).instantiate(store, module).getFunc("f"));
  expect(execution.run(3)).toEqual({ status: "paused", reason: "fuel" });
  expect(execution.fuelUsed).toBe(3);
  const end = execution.run(1e6);
  expect(end.status).toBe("trapped");
  // The entry, each constant, and each call with its callee's entry.
  expect(execution.fuelUsed).toBe(1 + 10_000 + 2 * 10_000);
});

test("sites that a map has no room for are asked for, and are the same", async () => {
  // Operands of every kind wait for calls, references among them.
  const text = `(module (table 1 funcref)
    (func $g (param i32) (result i32) (local.get 0))
    (func (export "f") (param i32 i64 funcref) (result i32)
      (local.get 0) (i64.const 7) (f64.const 0.5) (local.get 2) (table.get (i32.const 0)) (i32.const 9)
      (call $g (i32.const 1)) (drop) (call $g (local.get 0)) (drop)
      (memory.grow (call $g (i32.const 0))) (drop)
      (drop) (drop) (drop) (drop) (i64.extend_i32_u (local.get 0)) (drop) (drop))
    (memory 1))`;
  const context = contextOf(await wat(text));
  const index = context.module.bodies.length - 1;
  lowerFunction(context, index);
  let sites = 0;
  for (const region of [context.code.fast.get(index)!, steppingRegion(context, index)]) {
    const map = mapOf(context, region);
    const never = () => {
      throw new Error("the map is complete");
    };
    for (let pc = region.start; pc < region.end; pc++) {
      const asked = map.ask([pc]);
      const at = pc - region.start;
      expect(map.refsAt(pc, never)).toEqual(asked.refs.get(at) ?? []);
      if (map.point(pc) === undefined) continue;
      expect(map.promisesAt(pc, never)).toEqual(asked.promises.get(at) ?? []);
      if (map.promisesAt(pc, never).length > 0) sites++;
    }
  }
  // In stepping form nothing is promised.
  expect(sites).toBe(4);
});

test("maps that are kept are bounded, and made again", () => {
  // Functions of some 30 KB; the maps of all would be several times the budget.
  const count = 60;
  const code = repeated([...CONST, ...DROP], 10_000);
  const bytes = flat([0, code, 0x0b]);
  const context = contextOf(
    moduleBytes(
      section(1, vec([[0x60, 0, 0]])),
      section(3, vec(Array.from({ length: count }, () => 0))),
      section(10, vec(Array.from({ length: count }, () => [leb(bytes.length), bytes]))),
    ),
  );
  const { code: registerCode } = context;
  const places: (number | undefined)[] = [];
  const place = (index: number) =>
    mapOf(context, steppingRegion(context, index)).positionOf(context.module.bodies.get(index)!.start);
  let made = 0;
  for (let index = 0; index < count; index++) {
    lowerFunction(context, index);
    places.push(place(index));
    made += mapOf(context, registerCode.stepping.get(index)!).bytes;
    expect(registerCode.mapBytes).toBeLessThanOrEqual(MAP_BUDGET);
  }
  expect(made).toBeGreaterThan(2 * MAP_BUDGET);
  const kept = [...registerCode.maps.values()].reduce((sum, map) => sum + map.bytes, 0);
  expect(registerCode.mapBytes).toBe(kept);
  for (let index = 0; index < count; index++) expect(place(index)).toBe(places[index]);
});

test("layouts: what each slot of a frame holds before an instruction", async () => {
  const text = `(module (func $g (param i32 f64))
    (func (export "f") (param i32 funcref) (local v128 f32)
      (i64.const 1) (local.get 1) (call $g (i32.const 2) (f64.const 3)) (drop) (drop)))`;
  const context = contextOf(await wat(text));
  const { module } = context;
  const index = module.bodies.length - 1;
  const { start, end } = module.bodies.get(index)!;
  const maps = new CodeMaps();
  const layouts = [];
  for (let offset = start; offset < end; offset++) {
    const layout = maps.layoutAt(context, index, offset);
    if (layout !== undefined && layout.base >= 0) layouts.push(layout);
  }
  // Locals: i32, funcref, v128 (two slots), f32; operands: i64, funcref, i32, f64.
  expect(layouts).toEqual([
    {
      localSlots: 5,
      words: Uint8Array.of(1, 0, 2, 2, 1, 2, 0, 1, 2),
      operands: Int32Array.of(5, 6, 7, 8),
      hidden: new Set(),
      base: 7,
      typeId: module.funcs[0],
    },
  ]);
  // Only as many as there is room for.
  expect(new CodeMaps(8).layoutAt(context, index, start)).toBeDefined();
  const full = new CodeMaps(9);
  expect(full.layoutAt(context, index, end - 3)).toBeDefined();
  expect(full.layoutAt(context, index, start)).toBeUndefined();
});

test("layouts of a function that is asked about often are those that are asked for one by one", async () => {
  const text = `(module (tag $t (param i32)) (table 1 funcref) (type $h (func (param i64) (result v128)))
    (func $g (param i32 f64) (result externref) (ref.null extern))
    (func (export "f") (param i32 funcref) (local v128 f32)
      (local.set 2 (call_indirect (type $h) (i64.const 1) (local.get 0)))
      (block $b (result i32)
        (try_table (catch $t $b) (drop (call $g (i32.const 2) (f64.const 3))) (throw $t (i32.const 4)))
        (loop $l (br_if $l (local.get 0)) (br $b (i32.add (i32.const 5) (local.get 0))))
        (i32.const 6))
      (if (then (v128.store (i32.const 0) (local.get 2))))
      (drop (select (local.get 3) (f32.const 1) (local.get 0)))) (memory 1))`;
  const bytes = await wat(text);
  const [often, singly] = [contextOf(bytes), contextOf(bytes)];
  const { bodies } = often.module;
  let found = 0;
  for (let index = 0; index < bodies.length; index++) {
    const { start, end } = bodies.get(index)!;
    for (let offset = start; offset < end; offset++) {
      const layout = new CodeMaps().layoutAt(often, index, offset);
      // Where there is not room for anything, places are asked for one by one.
      expect(layout, `byte ${offset}`).toEqual(new CodeMaps(1e9).layoutAt(singly, index, offset));
      if (layout !== undefined) found++;
    }
  }
  expect(found).toBeGreaterThan(20);
});

test("promises are brought into their slots before there are too many", () => {
  // As many constants as may wait, and as many again: all arrive.
  const count = 3 * PROMISE_LIMIT;
  const sum = repeated([0x6a], count - 1);
  const code = [Array.from({ length: count }, () => [0x41, 3]), sum, 0x21, 0, 0x41, 0, 0x20, 0, 0x36, 2, 0];
  const engine = new Engine();
  const store = new Store(engine);
  const bytes = moduleBytes(
    section(1, vec([[0x60, 0, 1, I32]])),
    section(3, vec([0])),
    section(5, vec([[0, 1]])),
    section(7, vec([[name("f"), 0, 0]])),
    section(
      10,
      vec([
        (() => {
          const body = flat([1, 1, I32, code, 0x41, 0, 0x28, 2, 0, 0x0b]);
          return [leb(body.length), body];
        })(),
      ]),
    ),
  );
  const instance = new Linker(engine).instantiate(store, engine.compile(bytes));
  const execution = new Execution(store).start(instance.getFunc("f"));
  expect(execution.run(1e6)).toEqual({ status: "done", results: [3 * count] });
});

describe("a map that is made on the way, for a call that is about to pause", () => {
  const shapes = Object.entries(SHAPES).flatMap(([what, code]) => [
    [what, repeated(code, 40)] as const,
    [`${what} under operands`, tall(CONST, code, 40)] as const,
  ]);
  test.each(shapes)("%s: is the map that is made anew", (_, code) => {
    const bytes = moduleOf(code);
    const [made, anew] = [contextOf(bytes), contextOf(bytes)];
    lowerForCall(made, 0, 1);
    lowerFunction(anew, 0);
    const [region, other] = [made.code.fast.get(0)!, anew.code.fast.get(0)!];
    expect(made.code.code.slice(region.start, region.end)).toEqual(anew.code.code.slice(other.start, other.end));
    const map = made.code.maps.get(region) as CodeMap;
    const expected = mapOf(anew, other);
    expect(map.bytes).toBe(expected.bytes);
    for (let pc = region.start; pc < region.end; pc++) {
      expect(map.point(pc)).toEqual(expected.point(pc));
      expect(map.promisesAt(pc)).toEqual(expected.promisesAt(pc));
      expect(map.refsAt(pc)).toEqual(expected.refsAt(pc));
      expect([map.offsetAt(pc), map.restAt(pc)]).toEqual([expected.offsetAt(pc), expected.restAt(pc)]);
    }
  });

  test("is not made for one that has fuel for its whole body", () => {
    const bytes = moduleOf(repeated([0x41, 0, 0x1a], 10));
    const context = contextOf(bytes);
    lowerForCall(context, 0, 1000);
    expect(context.code.maps.size).toBe(0);
  });
});
