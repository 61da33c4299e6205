// Pauses at places where several things meet: return points, repeatable operations, tail calls of the host.
import { expect, test } from "vitest";
import { Engine, Execution, Linker, Store } from "../index.js";
import { wat } from "./support/wat.js";

interface Run {
  readonly fuel: number;
  readonly results: unknown;
  readonly hostCalls: number;
  readonly overused: boolean;
}

/** Runs `main(3)` in slices; the import `h.f` asks for a pause and gives its argument plus one. */
async function runInSlices(text: string, slice: number): Promise<Run> {
  const engine = new Engine();
  const store = new Store(engine);
  const linker = new Linker(engine);
  let hostCalls = 0;
  const execution = new Execution(store);
  linker.defineFunc("h", "f", { params: ["i32"], results: ["i32"] }, (_, value: number) => {
    hostCalls++;
    execution.requestPause();
    return value + 1;
  });
  execution.start(linker.instantiate(store, engine.compile(await wat(text))).getFunc("main"), [3]);
  let overused = false;
  for (let granted = slice; granted < 1000 * slice; granted += slice) {
    const result = execution.run(slice);
    overused ||= execution.fuelUsed > granted;
    if (result.status === "paused") continue;
    return {
      fuel: execution.fuelUsed,
      results: result.status === "done" ? result.results : result,
      hostCalls,
      overused,
    };
  }
  throw new Error("the run does not end");
}

test.each([1, 2, 3, 4, 5, 7, 1000])(
  "a host function that asks for a pause is called once, in slices of %i",
  async (slice) => {
    const text = `(module (import "h" "f" (func $h (param i32) (result i32)))
    (func (export "main") (param i32) (result i32)
      (local.set 0 (call $h (local.get 0)))
      (i32.add (call $h (local.get 0)) (i32.const 0))))`;
    expect(await runInSlices(text, slice)).toEqual({ fuel: 8, results: [5], hostCalls: 2, overused: false });
  },
);

test.each([1, 1000])("a host function in tail position may ask for a pause, in slices of %i", async (slice) => {
  const text = `(module (import "h" "f" (func $h (param i32) (result i32)))
    (func (export "main") (param i32) (result i32) (return_call $h (local.get 0))))`;
  expect(await runInSlices(text, slice)).toEqual({ fuel: 3, results: [4], hostCalls: 1, overused: false });
});

test.each([1, 2, 3, 4, 5])(
  "a bulk operation whose operands follow a call is paid exactly, in slices of %i",
  async (slice) => {
    const text = `(module (memory 1) (func $g)
    (func (export "main") (param i32) (result i32)
      (call $g)
      (memory.fill (local.get 0) (local.get 0) (local.get 0))
      (i32.load8_u (i32.const 3))))`;
    expect(await runInSlices(text, slice)).toEqual({ fuel: 10, results: [3], hostCalls: 0, overused: false });
  },
);

test.each(Array.from({ length: 43 }, (_, fuel) => fuel))(
  "a loop that begins with its test is left exactly, with %i fuel",
  async (fuel) => {
    // The branch back does the test; behind the loop there is a segment of its own.
    const text = `(module (func (export "main") (param i32) (result i32) (local $i i32)
      (block $out (loop $l
        (br_if $out (i32.ge_s (local.get $i) (local.get 0)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $l)))
      (i32.add (local.get $i) (i32.mul (local.get 0) (i32.const 2)))))`;
    const engine = new Engine();
    const store = new Store(engine);
    const instance = new Linker(engine).instantiate(store, engine.compile(await wat(text)));
    const execution = new Execution(store).start(instance.getFunc("main"), [3]);
    // 1 entry, 4 for each of four tests, 5 for each of three rounds, 5 behind the loop.
    const total = 1 + 4 * 4 + 3 * 5 + 5;
    const result = execution.run(fuel);
    expect(result.status).toBe(fuel < total ? "paused" : "done");
    expect([execution.fuelUsed, execution.fuelLeft]).toEqual([Math.min(fuel, total), Math.max(fuel - total, 0)]);
    expect(execution.run(total)).toMatchObject({ status: "done", results: [9] });
    expect(execution.fuelUsed).toBe(total);
  },
);
