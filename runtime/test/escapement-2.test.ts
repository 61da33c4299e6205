// What escapement-2 prices and escapement-1 does not: at every budget beside the reference stepper, and traces of the
// heap, which that does not know, at every budget around them.
import { describe, expect, test } from "vitest";
import { parseModule } from "../../decoder/index.js";
import { forms } from "../../test/support/form.js";
import { Engine, Execution, type FuelScheduleName, type Instance, Linker, Store } from "../index.js";
import { exportEverything, planCalls } from "./support/differential.js";
import { Embedding } from "./support/embed.js";
import { checkCall, newTally } from "./support/every-budget.js";
import { wat } from "./support/wat.js";

const repeat = (count: number, text: string) => Array.from({ length: count }, () => text).join(" ");
const types = (count: number) => repeat(count, "i32");
const values = (count: number) => repeat(count, "i32.const 7");
const drops = (count: number) => repeat(count, "drop");

async function cost(text: string, schedule: FuelScheduleName = "escapement-2"): Promise<number> {
  const { store, instance } = await setUp(text, schedule);
  const execution = new Execution(store).start(instance.getFunc("f"));
  expect(execution.run(1e6).status).toBe("done");
  return execution.fuelUsed;
}
async function setUp(text: string, schedule: FuelScheduleName, gcHeapBytes = 2 ** 20) {
  const embedding = new Embedding({ gcHeapBytes }, { schedule });
  return { store: embedding.store, instance: await embedding.instantiate(`(module ${text})`) };
}

/** Text, and what it costs more than under escapement-1, counted by hand. */
const CASES: readonly (readonly [name: string, text: string, more: number])[] = [
  ["64 locals", `(func (export "f") (local ${types(64)}))`, 0],
  ["65 locals", `(func (export "f") (local ${types(65)}))`, 1],
  ["80 locals, some of them references", `(func (export "f") (local ${types(40)} ${repeat(40, "funcref")}))`, 1],
  ["81 locals, called 3 times", `(func $g (local ${types(81)})) (func (export "f") call $g call $g call $g)`, 6],
  [
    "parameters are locals",
    `(func $g (param ${types(70)}) (local ${types(11)})) (func (export "f") ${values(70)} call $g)`,
    2,
  ],
  ["results", `(func $g (result ${types(94)}) ${values(94)}) (func (export "f") call $g ${drops(94)})`, 2],
  [
    "tail calls",
    `(func $g (param ${types(94)})) (func $h ${values(94)} return_call $g) (func (export "f") call $h)`,
    2,
  ],
  ["br", `(func (export "f") block (result ${types(70)}) i32.const 1 ${values(70)} br 0 end ${drops(70)})`, 1],
  [
    "br_if, not taken",
    `(func (export "f") block (result ${types(70)}) ${values(70)} i32.const 0 br_if 0 end ${drops(70)})`,
    1,
  ],
  [
    "br_if in a loop",
    `(func (export "f") (local i32) i32.const 3 local.set 0 ${values(70)} loop (param ${types(70)}) (result ${types(70)}) local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end ${drops(70)})`,
    3,
  ],
  [
    "br_table",
    `(func (export "f") block (result ${types(112)}) block (result ${types(112)}) i32.const 9 ${values(112)} i32.const 1 br_table 0 1 1 end end ${drops(112)})`,
    3,
  ],
  [
    "br_on_null",
    `(func (export "f") block (result ${types(70)}) ${values(70)} ref.null func br_on_null 0 drop end ${drops(70)})`,
    1,
  ],
  [
    "throw",
    `(tag $t (param ${types(70)})) (func (export "f") block (result ${types(70)}) try_table (catch $t 0) ${values(70)} throw $t end unreachable end ${drops(70)})`,
    1,
  ],
  [
    "throw_ref",
    `(tag $t (param ${types(70)})) (func (export "f") (local exnref) block (result exnref) try_table (catch_all_ref 0) ${values(70)} throw $t end unreachable end local.set 0
    block (result ${types(70)}) try_table (catch $t 0) local.get 0 throw_ref end unreachable end ${drops(70)})`,
    2,
  ],
  [
    "try_table with 64 clauses",
    `(tag $t) (tag $u) (func (export "f") block try_table ${repeat(63, "(catch $u 0)")} (catch $t 0) throw $t end end)`,
    0,
  ],
  [
    "try_table with 112 clauses",
    `(tag $t) (tag $u) (func (export "f") block try_table ${repeat(111, "(catch $u 0)")} (catch $t 0) throw $t end end)`,
    3,
  ],
  [
    "try_table with 112 clauses, in a loop, nothing thrown",
    `(tag $u) (func (export "f") (local i32) i32.const 3 local.set 0 block loop try_table ${repeat(112, "(catch $u 1)")} end local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end end)`,
    9,
  ],
];

describe("escapement-2", () => {
  test.each(CASES)("%s", async (_, text, more) => {
    expect((await cost(text)) - (await cost(text, "escapement-1"))).toBe(more);
    const tally = newTally();
    const bytes = exportEverything(parseModule(await wat(`(module ${text})`)));
    for (const call of planCalls(parseModule(bytes), 1))
      checkCall(call.name, bytes, call, { most: 300, every: forms(3, 1) }, tally);
    expect(tally.calls).toBe(1);
  });
});

describe("objects", () => {
  const STRUCT = `(type $s (struct ${repeat(94, "(field i8)")})) (type $a (array (mut i8)))`;
  test.each([
    ["struct.new", `${values(94)} struct.new $s drop`, 2],
    ["struct.new_default", "struct.new_default $s drop", 2],
    ["array.new_fixed", `${values(94)} array.new_fixed $a 94 drop`, 2],
    ["array.new_default, by its bytes alone", "i32.const 64 array.new_default $a drop", 0],
  ])("%s", async (_, code, more) => {
    const text = `${STRUCT} (func (export "f") ${code})`;
    expect((await cost(text)) - (await cost(text, "escapement-1"))).toBe(more);
  });
});

describe("a trace of the heap", () => {
  // 128 bytes each: 96, and 4 cells of 8. The heap holds 8,192 of them.
  const TYPE = "(type $s (struct (field (mut (ref null $s))) (field i32) (field i64)))";
  const BYTES = 96 + 8 * 4;
  const LIMIT = 64 * BYTES;
  const filled = (
    code: string,
    locals = "",
  ) => `${TYPE} (type $r (array (mut (ref null $s)))) (tag $t (param i32)) (global $n (export "n") (mut i32) (i32.const 0))
    (func (export "f") (local i32 ${locals})
      loop ${code} global.get $n i32.const 1 i32.add global.set $n
        local.get 0 i32.const 1 i32.add local.tee 0 i32.const 100 i32.lt_u br_if 0 end)`;
  const LOOPS: readonly (readonly [string, string])[] = [
    ["struct.new_default", filled("struct.new_default $s drop")],
    [
      "struct.new, its operands promised",
      filled("i32.const 77 ref.null $s local.get 0 i64.const 5 struct.new $s drop drop"),
    ],
    [
      "struct.new, whose nulls cost no code",
      filled("i32.const 77 local.get 0 ref.null $s i32.const 1 i64.const 5 struct.new $s drop drop drop"),
    ],
    ["array.new_fixed", filled("ref.null $s struct.new_default $s array.new_fixed $r 2 drop")],
    ["array.new", filled("ref.null $s i32.const 8 array.new $r drop")],
    ["throw", filled("block (result i32) try_table (catch $t 0) i32.const 3 throw $t end i32.const 1 end drop")],
    ["in wide code", filled("i32.const 77 ref.null $s local.get 0 i64.const 5 struct.new $s drop drop", types(300))],
  ];

  /** Runs `f` with `budget`, then with all that it needs; what it had used and done at the pause. */
  function pauseAt(budget: number, store: Store, instance: Instance) {
    const execution = new Execution(store).start(instance.getFunc("f"));
    const first = execution.run(budget);
    const stopped = {
      status: first.status,
      used: execution.fuelUsed,
      left: execution.fuelLeft,
      n: instance.getGlobal("n").value,
      heap: store.gcHeapBytes,
    };
    const { status } = execution.run(1e6);
    return {
      stopped,
      end: { status, used: execution.fuelUsed, n: instance.getGlobal("n").value, heap: store.gcHeapBytes },
    };
  }

  test.each(LOOPS)("%s: is paid for before it, to the unit, however it is driven", async (_, text) => {
    const engine = new Engine();
    const linker = new Linker(engine);
    const module = engine.compile(await wat(`(module ${text})`));
    const fresh = () => {
      const store = new Store(engine, { limits: { gcHeapBytes: LIMIT } });
      return { store, instance: linker.instantiate(store, module) };
    };
    const whole = fresh();
    const { end } = pauseAt(1e6, whole.store, whole.instance);
    expect(end).toMatchObject({ status: "done", n: 100 });
    // Traces were made, and cost more than nothing.
    expect(end.used).toBeGreaterThan(await costWithRoom(text));
    let last = { used: 0, n: 0 as unknown };
    for (let budget = 0; budget <= end.used; budget += forms(5, 1) + (budget % 3)) {
      const { store, instance } = fresh();
      const seen = pauseAt(budget, store, instance);
      expect(seen.end, `${budget}`).toEqual(end);
      expect(seen.stopped.used + seen.stopped.left, `${budget}`).toBe(budget);
      expect(seen.stopped.status).toBe(budget < end.used ? "paused" : "done");
      // More fuel gets at least as far.
      expect(seen.stopped.used).toBeGreaterThanOrEqual(last.used);
      last = seen.stopped;
    }
    // One unit at a time.
    const { store, instance } = fresh();
    const execution = new Execution(store).start(instance.getFunc("f"));
    let left = 20_000;
    while (execution.run(1).status === "paused" && --left > 0);
    expect([execution.fuelUsed, instance.getGlobal("n").value, store.gcHeapBytes]).toEqual([end.used, 100, end.heap]);
  });

  /** The same without a limit in its way. */
  async function costWithRoom(text: string): Promise<number> {
    return cost(text);
  }

  test("costs 1 per started 128 bytes that are counted when it begins", async () => {
    const run = async (gcHeapBytes: number) => {
      const { store, instance } = await setUp(filled("struct.new_default $s drop"), "escapement-2", gcHeapBytes);
      const execution = new Execution(store).start(instance.getFunc("f"));
      expect(execution.run(1e6).status).toBe("done");
      return execution.fuelUsed;
    };
    // Of a hundred objects the 65th finds the heap full of 64 dead ones.
    expect((await run(LIMIT)) - (await run(2 ** 20))).toBe(64);
  });
});
