// What a debugger is shown of a paused execution. Expected states are written down from the semantics by hand.
import { expect, test } from "vitest";
import { Engine, Execution, Linker, Store, UsageError } from "../../index.js";
import { wat } from "../../test/support/wat.js";

const CALLS = `(module
  (func $square (param $n i32) (result i32) (local $t i64)
    (local.set $t (i64.const -2))
    (i32.mul (local.get $n) (local.get $n)))
  (func (export "f") (param $a i32) (param $b f32) (result i32)
    (i32.add (local.get $a) (call $square (i32.add (local.get $a) (i32.const 1))))))`;

async function started(text: string, args: readonly number[]): Promise<Execution> {
  const engine = new Engine({ schedule: "escapement-1" });
  const store = new Store(engine);
  const instance = new Linker(engine).instantiate(store, engine.compile(await wat(text)));
  return new Execution(store).start(instance.getFunc("f"), args);
}

/** Name, locals and operands of each frame, after `fuel` units. */
function shown(execution: Execution): unknown[] {
  return execution.inspect().map(({ name, locals, operands }) => ({
    name,
    locals: locals.map(({ type, value }) => `${type} ${value}`),
    operands: operands.map(({ type, value }) => `${type} ${value}`),
  }));
}

test("each step shows the locals and the operand stack of each frame, in slices of one", async () => {
  const execution = await started(CALLS, [3, 0.5]);
  expect(execution.inspect()).toEqual([]);
  const seen: unknown[] = [];
  for (let i = 0; i < 40 && execution.run(1).status === "paused"; i++) {
    const state = JSON.stringify(shown(execution));
    if (seen.at(-1) !== state) seen.push(state);
  }
  const f = (...operands: string[]) => ({ name: "f", locals: ["i32 3", "f32 0.5"], operands });
  const square = (t: string, ...operands: string[]) => [
    { name: "square", locals: ["i32 4", `i64 ${t}`], operands },
    f("i32 3"),
  ];
  // The declared locals of a function begin behind its entry.
  const entry = [{ name: "square", locals: ["i32 4"], operands: [] }, f("i32 3")];
  const states = [
    [f()],
    [f("i32 3")],
    [f("i32 3", "i32 3")],
    [f("i32 3", "i32 3", "i32 1")],
    [f("i32 3", "i32 4")],
    entry,
    square("0"),
    square("0", "i64 -2"),
    square("-2"),
    square("-2", "i32 4"),
    square("-2", "i32 4", "i32 4"),
    // The end of a function costs nothing: execution stops behind it.
    [f("i32 3", "i32 16")],
  ];
  expect(seen.map((state) => JSON.parse(state as string))).toEqual(states);
  expect(execution.outcome).toMatchObject({ status: "done", results: [19] });
});

test("a frame that is in fast form shows what its operands promise", async () => {
  const execution = await started(CALLS, [3, 0.5]);
  // The limit of the first slice is within $square, whose caller ran at full speed.
  expect(execution.run(9).status).toBe("paused");
  expect(shown(execution)[1]).toEqual({ name: "f", locals: ["i32 3", "f32 0.5"], operands: ["i32 3"] });
});

test("vectors, references and wide numbers have their types", async () => {
  const text = `(module (type $s (struct (field i32)))
    (func (export "f") (local v128) (local (ref null $s)) (local f64) (local externref)
      (local.set 0 (v128.const i64x2 1 -1))
      (local.set 2 (f64.const -0.0))
      (drop (i32.const 1)) (drop (i32.const 2))))`;
  const execution = await started(text, []);
  execution.run(5);
  const [frame] = execution.inspect();
  expect(frame!.locals.map(({ type }) => type)).toEqual(["v128", "(ref null $struct.0)", "f64", "externref"]);
  expect(frame!.locals[0]!.value).toBe((0xffff_ffff_ffff_ffffn << 64n) | 1n);
  expect(frame!.locals.slice(1).map(({ value }) => value)).toEqual([null, -0, null]);
});

test("a deep stack is shown as far as is asked for", async () => {
  const text = '(module (func $f (export "f") (param i32) (call $f (i32.add (local.get 0) (i32.const 1)))))';
  const execution = await started(text, [0]);
  execution.run(5000);
  expect(execution.inspect()).toHaveLength(50);
  const two = execution.inspect(2);
  expect(two).toHaveLength(2);
  expect(Number(two[0]!.locals[0]!.value)).toBe(Number(two[1]!.locals[0]!.value) + 1);
  expect(() => execution.inspect(-1)).toThrow(UsageError);
  execution.abandon();
  expect(() => execution.inspect()).toThrow(UsageError);
});
