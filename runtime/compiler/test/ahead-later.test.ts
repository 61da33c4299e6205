// Code that was compiled ahead of time and is given to a module that runs: nothing else changes.
import { expect, test } from "vitest";
import { aheadOf, importAhead } from "../../../test/support/ahead.js";
import { forms } from "../../../test/support/form.js";
import {
  type AheadModule,
  captureStore,
  compileAhead,
  DEFAULT_FUEL_SCHEDULE,
  Engine,
  Execution,
  encodeSnapshot,
  Linker,
  Store,
  UsageError,
} from "../../index.js";
import { SMALL_SIZES, smallPrograms } from "../../test/support/assembly-script.js";
import { wat } from "../../test/support/wat.js";

const SLICE = 61;
const later = () => new Engine({ ahead: "later" });

/** What can be seen of a call in slices, the last of them to its end; in front of slice `givenAt` the module gets `code`. */
function observe(engine: Engine, bytes: Uint8Array, name: string, code: AheadModule | null, givenAt: number) {
  const store = new Store(engine);
  const module = engine.compile(bytes);
  if (code !== null) module.lowerFor(code);
  const linker = new Linker(engine);
  linker.defineFunc("env", "abort", { params: ["i32", "i32", "i32", "i32"], results: [] }, () => undefined);
  const instance = linker.instantiate(store, module);
  const execution = new Execution(store).start(instance.getFunc(name), [Number(SMALL_SIZES[name] ?? 2n)]);
  const seen: unknown[] = [];
  for (let slice = 0; ; slice++) {
    if (code !== null && slice === givenAt) module.giveAhead(code);
    const { status } = execution.run(slice < SLICES ? SLICE : 100_000_000);
    seen.push([status, execution.fuelUsed]);
    if (status !== "paused") return { seen, results: execution.rawResults() };
    seen.push(encodeSnapshot(captureStore({ store, instances: [instance] }, { execution })));
  }
}
/** Slices of which the states are compared. */
const SLICES = 8;

test("given at any slice of a run, it changes no result, fuel or state", async () => {
  const bytes = await smallPrograms("-O3");
  const code = aheadOf(bytes, DEFAULT_FUEL_SCHEDULE.name);
  const names = Object.keys(SMALL_SIZES).slice(0, forms(4, 100));
  let compared = 0;
  for (const name of names) {
    const expected = observe(new Engine({ tier: "interpreter" }), bytes, name, null, 0);
    for (const givenAt of forms([0, 1, 5], [0, 1, 2, 3, 4, 5, 6, 7])) {
      expect(observe(later(), bytes, name, code, givenAt), `${name}, slice ${givenAt}`).toEqual(expected);
      compared += expected.seen.length;
    }
  }
  expect(compared).toBeGreaterThan(20 * names.length);
});

const LOOP = `(module
  (func (export "loop") (param i32) (result i32) (local i32)
    (loop $l
      (local.set 1 (i32.add (local.get 1) (local.get 0)))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1)))`;

/** Runs the loop: the code is given while it goes round. @returns how often compiled code was entered, the result, fuel */
async function enteredInLoop(isLoweredFor: boolean) {
  const bytes = await wat(LOOP);
  const code = importAhead(compileAhead(bytes).text);
  let entered = 0;
  const counting: AheadModule = {
    ...code,
    make(parts) {
      const scope = code.make(parts);
      const counted = scope.entries.map(([call, adapter, loop]) => {
        const around: typeof adapter = (...args) => {
          entered++;
          return loop!(...args);
        };
        return [call, adapter, around] as const;
      });
      return { ...scope, entries: counted };
    },
  };
  const engine = later();
  const store = new Store(engine);
  const module = engine.compile(bytes);
  if (isLoweredFor) module.lowerFor(counting);
  const instance = new Linker(engine).instantiate(store, module);
  const execution = new Execution(store).start(instance.getFunc("loop"), [100_000]);
  expect(execution.run(5_000).status).toBe("paused");
  module.giveAhead(counting);
  module.giveAhead(counting);
  const { status } = execution.run(10_000_000);
  return { entered, status, results: execution.rawResults(), fuel: execution.fuelUsed };
}

test("a loop that runs goes on in it, if the function was lowered for that", async () => {
  const [lowered, other] = [await enteredInLoop(true), await enteredInLoop(false)];
  expect(lowered.entered).toBeGreaterThan(0);
  expect(other.entered).toBe(0);
  // 100000 + 99999 + ... + 1, as an int32.
  expect(lowered.results).toEqual([BigInt(5_000_050_000 % 2 ** 32)]);
  expect({ ...lowered, entered: 0 }).toEqual(other);
});

test("saved code can go on in it, too", async () => {
  const bytes = await wat(LOOP);
  const code = importAhead(compileAhead(bytes).text);
  const saved = later().compile(bytes);
  saved.lowerFor(code);
  const run = (engine: Engine, module: ReturnType<Engine["compile"]>, fuel: number) => {
    const execution = new Execution(new Store(engine));
    const { store } = execution;
    execution.start(new Linker(engine).instantiate(store as Store, module).getFunc("loop"), [1000]);
    return { status: execution.run(fuel).status, fuel: execution.fuelUsed };
  };
  const first = run(saved.engine, saved, 1_000_000);
  const archive = saved.saveCode();
  for (const engine of [
    later(),
    new Engine({ tier: "interpreter" }),
    new Engine({ tier: "compiler", compileAfter: 0 }),
  ]) {
    const module = engine.compileLazily(bytes, archive);
    expect(module.code.askedLoops.size).toBe(1);
    expect(run(engine, module, 1_000_000)).toEqual(first);
    if (!engine.takesAheadLater) continue;
    module.giveAhead(code);
    expect(run(engine, module, 1_000_000)).toEqual(first);
  }
});

test("code that does not fit is refused", async () => {
  const [bytes, other] = [await wat(LOOP), await wat('(module (func (export "f")))')];
  const code = importAhead(compileAhead(other).text);
  expect(() => later().compile(bytes).giveAhead(code)).toThrow(/compiled ahead of time from another module/);
  expect(() => new Engine().compile(other).giveAhead(code)).toThrow(UsageError);
  expect(() =>
    later()
      .compile(other)
      .giveAhead({} as AheadModule),
  ).toThrow(UsageError);
});
