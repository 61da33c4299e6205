// Modules that are opened by their outline, and read by and by, are those that were compiled.

import { expect, test } from "vitest";
import { decodeModule, encodeOutline, openModule, parseModule, TypeRegistry } from "../../decoder/index.js";
import { Engine, Execution, Linker, Store, UsageError } from "../index.js";
import { referenceTrace } from "./reference/runner.js";
import { exportEverything, firstDifference, planCalls } from "./support/differential.js";
import { interpreterTrace } from "./support/interpreter-runner.js";
import { ALL_FEATURES, randomModule } from "./support/random-module.js";
import { wat } from "./support/wat.js";

const CHUNK = 0x1_0000;

/** A source, and the offsets that were read. */
function sourceOf(bytes: Uint8Array) {
  const offsets: number[] = [];
  const read = (offset: number, target: Uint8Array): void => {
    offsets.push(offset);
    target.set(bytes.subarray(offset, offset + target.length));
  };
  return { length: bytes.length, read, offsets };
}

/** The outline of a module of which half of the functions are never called, each with its own 40 KB of code and of data. */
const LARGE = await (() => {
  const nops = "(nop)".repeat(40_000);
  const funcs = Array.from({ length: 20 }, (_, i) => `(func (export "f${i}") (result i32) ${nops} (i32.const ${i}))`);
  const datas = Array.from({ length: 4 }, (_, i) => `(data (i32.const ${i * CHUNK}) "${"x".repeat(40_000)}")`);
  return wat(`(module (memory (export "memory") 4) ${funcs.join("")} ${datas.join("")}
    (func (export "init") (memory.init $late (i32.const 0) (i32.const 0) (i32.const 4)))
    (data $late "\\01\\02\\03\\04${"y".repeat(40_000)}"))`);
})();

test("random modules do the same as in the reference, and are the same to whoever asks for all of them", () => {
  for (let seed = 1; seed <= 25; seed++) {
    const whole = parseModule(exportEverything(parseModule(randomModule(seed, ALL_FEATURES))));
    const { bytes } = whole;
    const outline = encodeOutline(decodeModule(bytes).parts!);
    const calls = planCalls(whole, seed);
    const trace = interpreterTrace(bytes, calls, {
      compile: (engine) => engine.openModule(outline, sourceOf(bytes))!,
    });
    const expected = referenceTrace(whole, calls, { schedule: "escapement-2" });
    const difference = firstDifference(expected.lines, trace.lines);
    if (difference !== undefined) expect.fail(`seed ${seed}: ${difference}`);
    expect(trace.outcomes.map(({ fuel }) => fuel)).toEqual(expected.outcomes.map(({ fuel }) => fuel));
    const opened = openModule(outline, sourceOf(bytes), { registry: new TypeRegistry() })!.module;
    const { registry: _, content: __, bodies, ...rest } = parseModule(bytes);
    expect(opened).toMatchObject(rest);
    expect([...opened.bodies]).toEqual([...bodies]);
    expect(opened.datas).toEqual(whole.datas);
    expect(opened.bytes).toEqual(bytes);
  }
});

test("what is read is what is called, once", () => {
  const engine = new Engine();
  const outline = engine.compileLazily(LARGE).outline();
  const source = sourceOf(LARGE);
  const module = new Engine().openModule(outline, source)!;
  const first = source.offsets.length;
  expect(first * CHUNK).toBeLessThan(LARGE.length / 4);
  const store = new Store(module.engine);
  const instance = new Linker(module.engine).instantiate(store, module);
  const withData = source.offsets.length;
  const call = (name: string) => {
    const outcome = new Execution(store).start(instance.getFunc(name), []).run(10_000_000);
    return outcome.status === "done" ? outcome.results : outcome;
  };
  expect(call("f3")).toEqual([3]);
  expect(source.offsets.length - withData).toBeLessThanOrEqual(2);
  const after = source.offsets.length;
  expect(call("f3")).toEqual([3]);
  expect(source.offsets.length).toBe(after);
  expect(call("init")).toEqual([]);
  expect([...instance.getMemory("memory").range(0, 4)]).toEqual([1, 2, 3, 4]);
  expect(new Set(source.offsets).size).toBe(source.offsets.length);
});

test("outlines of other versions, or of modules of another length, are not used; others have none", () => {
  const engine = new Engine();
  const outline = engine.compileLazily(LARGE).outline();
  const altered = outline.slice();
  altered[0]! ^= 1;
  expect(engine.openModule(altered, sourceOf(LARGE))).toBeUndefined();
  expect(engine.openModule(outline, sourceOf(LARGE.subarray(1)))).toBeUndefined();
  expect(engine.openModule(new Uint8Array(3), sourceOf(LARGE))).toBeUndefined();
  expect(() => engine.compile(LARGE).outline()).toThrow(UsageError);
  expect(() => engine.openModule(outline, sourceOf(LARGE))!.outline()).toThrow(UsageError);
});

test("what a source throws ends what asked for the bytes", () => {
  const outline = new Engine().compileLazily(LARGE).outline();
  const source = sourceOf(LARGE);
  const module = new Engine().openModule(outline, {
    ...source,
    read(offset, target) {
      if (offset >= 4 * CHUNK && offset < 12 * CHUNK) throw new UsageError(`no byte ${offset}`);
      source.read(offset, target);
    },
  })!;
  const store = new Store(module.engine);
  const instance = new Linker(module.engine).instantiate(store, module);
  const execution = new Execution(store).start(instance.getFunc("f8"), []);
  expect(execution.run(1_000_000)).toMatchObject({
    status: "failed",
    error: { message: expect.stringMatching(/^no byte/) },
  });
});
