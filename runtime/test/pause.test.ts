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
