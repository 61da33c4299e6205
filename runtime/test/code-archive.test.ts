// Code that was lowered in one engine runs in another one as if it had been lowered there.

import { expect, test } from "vitest";
import { parseModule } from "../../decoder/index.js";
import {
  captureStore,
  decodeSnapshot,
  Engine,
  Execution,
  encodeSnapshot,
  FuelPause,
  Linker,
  type Module,
  restoreStore,
  Store,
} from "../index.js";
import { mapOf } from "../lowering/code-map.js";
import type { ModuleContext } from "../lowering/module-context.js";
import { referenceTrace } from "./reference/runner.js";
import { exportEverything, firstDifference, planCalls } from "./support/differential.js";
import { interpreterTrace } from "./support/interpreter-runner.js";
import { Random } from "./support/random.js";
import { ALL_FEATURES, randomModule } from "./support/random-module.js";
import { wat } from "./support/wat.js";

const LOOP = `(module (func (export "run") (param i32) (result i32)
  (loop $more (br_if $more (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (i32.const 7))
  (func (export "other") (result i32) (i32.const 8)))`;

test("random modules give the same with saved code, whole and in slices, as the reference", () => {
  let saved = 0;
  for (let seed = 1; seed <= 25; seed++) {
    const module = parseModule(exportEverything(parseModule(randomModule(seed, ALL_FEATURES))));
    const calls = planCalls(module, seed);
    const expected = referenceTrace(module, calls, { schedule: "escapement-2" });
    let first: Module | undefined;
    interpreterTrace(module.bytes, calls, {
      compile(engine, bytes) {
        first = engine.compile(bytes);
        return first;
      },
    });
    const code = first!.saveCode();
    saved += first!.code.regions.length;
    const random = new Random(seed);
    for (const slice of [undefined, () => 1 + random.below(200)]) {
      const actual = interpreterTrace(module.bytes, calls, {
        ...(slice === undefined ? {} : { slice }),
        compile: (engine, bytes) => engine.compileLazily(bytes, code),
      });
      const difference = firstDifference(expected.lines, actual.lines);
      if (difference !== undefined) expect.fail(`seed ${seed}: ${difference}`);
      expect(actual.outcomes.map(({ fuel }) => fuel)).toEqual(expected.outcomes.map(({ fuel }) => fuel));
    }
  }
  expect(saved).toBeGreaterThan(100);
});

async function loopModule(engine: Engine, code: Uint8Array | null): Promise<Module> {
  return engine.compileLazily(await wat(LOOP), code);
}

function run(module: Module, name: string, args: number[]): unknown {
  const store = new Store(module.engine);
  return new Linker(module.engine).instantiate(store, module).call(name, args)[0];
}

test("saved code is used, and the rest is lowered when it is called", async () => {
  const module = await loopModule(new Engine(), null);
  expect(run(module, "run", [5])).toBe(7);
  expect(module.code.fast.size).toBe(1);
  const other = await loopModule(new Engine(), module.saveCode());
  expect(other.code.fast.size).toBe(1);
  expect(run(other, "run", [5])).toBe(7);
  expect(other.code.fast.size).toBe(1);
  expect(run(other, "other", [])).toBe(8);
  expect(other.code.fast.size).toBe(2);
});

test("code of another schedule, another module, or no code at all, is not used", async () => {
  const module = await loopModule(new Engine(), null);
  run(module, "run", [5]);
  const code = module.saveCode();
  const others = [
    await loopModule(new Engine({ schedule: "wasmtime-45" }), code),
    new Engine().compileLazily(
      await wat('(module (func (export "run") (param i32) (result i32) (i32.const 9)))'),
      code,
    ),
    await loopModule(new Engine(), new Uint8Array(0)),
    await loopModule(new Engine(), code.slice(0, 10)),
    await loopModule(new Engine(), code.slice(0, -4)),
  ];
  for (const other of others) expect(other.code.fast.size).toBe(0);
  expect(others.map((other) => run(other, "run", [1]))).toEqual([7, 9, 7, 7, 7]);
});

test("code is saved without what was lowered for single steps", async () => {
  const module = await loopModule(new Engine(), null);
  const store = new Store(module.engine);
  const instance = new Linker(module.engine).instantiate(store, module);
  const execution = new Execution(store).start(instance.getFunc("run"), [1000]);
  expect(execution.run(101).status).toBe("paused");
  expect(module.code.stepping.size).toBe(1);
  expect(run(module, "other", [])).toBe(8);
  const other = await loopModule(new Engine(), module.saveCode());
  expect([other.code.fast.size, other.code.regions.length, other.code.stepping.size]).toEqual([2, 2, 0]);
  expect([run(other, "run", [5]), run(other, "other", [])]).toEqual([7, 8]);
  // Where single steps are needed again, they are lowered again.
  const otherStore = new Store(other.engine);
  const again = new Linker(other.engine).instantiate(otherStore, other);
  const stopped = new Execution(otherStore).start(again.getFunc("run"), [1000]);
  expect(stopped.run(101).status).toBe("paused");
  expect([stopped.fuelUsed, other.code.stepping.size]).toEqual([execution.fuelUsed, 1]);
});

/** Calls the host below an operand that is only promised, a reference, and a recursion. */
const WAITING = `(module (import "h" "wait" (func $wait (param i32) (result i32)))
  (func $deep (param i32) (param funcref) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (local.get 0) (call $deep (i32.sub (local.get 0) (i32.const 1)) (ref.func $deep))))
      (else (i32.sub (i32.const 1000) (call $wait (i32.const 5))))))
  (func (export "run") (result i64)
    (i64.add (i64.const 70000000000) (i64.extend_i32_u (call $deep (i32.const 3) (ref.null func)))))
  (elem declare func $deep))`;

async function waitingStore(code: Uint8Array | null) {
  const engine = new Engine();
  const store = new Store(engine);
  const module = engine.compileLazily(await wat(WAITING), code);
  const linker = new Linker(engine);
  let answer: number | undefined;
  /** What is live below the call, when it is answered. */
  const roots: number[] = [];
  linker.defineFunc("h", "wait", { params: ["i32"], results: ["i32"] }, (caller, value) => {
    if (answer === undefined) throw new FuelPause();
    roots.push(...caller.liveWords());
    return answer + (value as number);
  });
  const instance = linker.instantiate(store, module);
  const answerWith = (value: number) => {
    answer = value;
  };
  return { module, store, instance, answerWith, roots };
}

test("restoring where a guest waited, capturing it and finding its roots there lowers nothing where the code was saved", async () => {
  const first = await waitingStore(null);
  const { store, module, instance } = first;
  const execution = new Execution(store).start(instance.getFunc("run"), []);
  expect(execution.run(10_000).status).toBe("paused");
  const subject = { store, instances: [instance] };
  const bytes = encodeSnapshot(captureStore(subject, { execution }));
  const second = await waitingStore(module.saveCode());
  const other = { store: second.store, instances: [second.instance] };
  const restored = restoreStore(decodeSnapshot(bytes).picture, other)!;
  expect(second.module.code.maps.size).toBe(0);
  expect(encodeSnapshot(captureStore(other, { execution: restored }))).toEqual(bytes);
  expect(second.module.code.maps.size).toBe(0);
  // 7e10 + 3 + 2 + 1 + (1000 - (4 + 5)).
  second.answerWith(4);
  expect(restored.run(10_000)).toMatchObject({ status: "done", results: [70_000_000_997n] });
  // The local and the operand of each $deep that waits, innermost first, and the words of 7e10.
  expect(second.roots).toEqual([1, 1, 2, 2, 3, 3, 70_000_000_000 % 2 ** 32, 16]);
  expect(second.module.code.maps.size).toBe(0);
  // What is saved of that again is the same.
  const third = await waitingStore(second.module.saveCode());
  const again = { store: third.store, instances: [third.instance] };
  restoreStore(decodeSnapshot(bytes).picture, again);
  expect(third.module.code.maps.size).toBe(0);
});

test("bytes are copied, unless they are borrowed", async () => {
  const bytes = await wat(LOOP);
  const engine = new Engine();
  for (const borrowed of [false, true]) {
    expect(engine.compile(bytes, { borrowed }).decoded.bytes === bytes).toBe(borrowed);
    expect(engine.compileLazily(bytes, null, { borrowed }).decoded.bytes === bytes).toBe(borrowed);
  }
  expect(engine.compile(bytes).decoded.bytes).not.toBe(bytes);
});

test("where calls return to is saved of large functions, for each call as the code map has it", async () => {
  const call = "(local.set 0 (i32.add (call $next (local.get 0)) (i32.mul (local.get 0) (i32.const 3))))";
  const large = `(module
    (func $next (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
    (func (export "run") (param i32) (result i32) ${call.repeat(40)} (local.get 0))
    (func (export "small") (param i32) (result i32) ${call.repeat(3)} (local.get 0)))`;
  const bytes = await wat(large);
  const first = new Engine().compile(bytes);
  run(first, "run", [1]);
  run(first, "small", [1]);
  const saved = new Engine().compileLazily(bytes, first.saveCode());
  const { code } = saved;
  expect([...code.returnPoints.keys()]).toEqual([1]);
  const points = code.returnPoints.get(1)!;
  // By the binary: opcode 0x10 of function 0, in the second body.
  const { start, end } = saved.decoded.bodies.get(1)!;
  const calls: number[] = [];
  for (let at = start; at < end; at++) if (bytes[at] === 0x10 && bytes[at + 1] === 0) calls.push(at);
  expect(calls).toHaveLength(40);
  expect([...points.keys()].filter((offset) => calls.includes(offset))).toEqual(calls);
  const map = mapOf(code.context as ModuleContext, code.fast.get(1)!).returnPoints();
  for (const offset of calls) expect(points.get(offset)).toBe(map.get(offset));
});
