// Every SIMD instruction, with every lane, on 10,000 vectors: the interpreter's results are V8's,
// bit by bit through memory. Where V8 makes a NaN, ours is the canonical one.

import { expect, test } from "vitest";
import { Engine, Execution, type Instance, Linker, Store } from "../index.js";
import { Random } from "./support/random.js";
import {
  COUNT,
  canonicalise,
  INPUT,
  OUTPUT,
  RECORD,
  type Shape,
  type SimdCase,
  simdCases,
  simdModule,
  TARGET,
  writeInput,
} from "./support/simd-cases.js";

const SHAPES: readonly Shape[] = ["i8x16", "i16x8", "i32x4", "i64x2", "f32x4", "f64x2"];
const all = simdCases(new Random(1));

function hostInstance(cases: readonly SimdCase[]): { call: (name: string) => void; memory: Uint8Array } {
  const bytes = simdModule(cases, ({ expected }) => expected) as Uint8Array<ArrayBuffer>;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const memory = new Uint8Array((exports["memory"] as WebAssembly.Memory).buffer);
  return { call: (name) => void (exports[name] as () => void)(), memory };
}

function ownInstance(cases: readonly SimdCase[]): { store: Store; instance: Instance } {
  const engine = new Engine();
  const store = new Store(engine);
  return {
    store,
    instance: new Linker(engine).instantiate(store, engine.compile(simdModule(cases, ({ code }) => code))),
  };
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

function compare({ title, row, canonical }: SimdCase, expected: Uint8Array, actual: Uint8Array): void {
  const isStore = row.name.includes("store");
  const [from, size] = isStore ? [TARGET, 1 << 17] : [OUTPUT, COUNT * 16];
  const want = expected.slice(from, from + size);
  if (canonical !== 0) canonicalise(want, canonical);
  const have = actual.subarray(from, from + size);
  const at = want.findIndex((byte, i) => byte !== have[i]);
  if (at < 0) return;
  const i = at >> 4;
  const operands = isStore ? "" : hex(actual.subarray(INPUT + i * RECORD, INPUT + (i + 1) * RECORD));
  const result = (bytes: Uint8Array) => hex(bytes.subarray(16 * i, 16 * (i + 1)));
  expect.fail(`${title} (${operands}): ${result(have)}, V8 ${result(want)}`);
}

test("every instruction of the table has a case", () => {
  expect(new Set(all.map(({ row }) => row.name)).size).toBe(256);
});

test.each(SHAPES)("instructions on %s", (shape) => {
  const cases = all.filter((simdCase) => simdCase.shape === shape);
  const host = hostInstance(cases);
  const { store, instance } = ownInstance(cases);
  const memory = instance.getMemory("memory").bytes();
  writeInput(host.memory, shape, new Random(shape.length + COUNT));
  memory.set(host.memory);
  cases.forEach((simdCase, i) => {
    host.call(String(i));
    const result = new Execution(store).start(instance.getFunc(String(i))).run(1e9);
    expect(result.status, simdCase.title).toBe("done");
    compare(simdCase, host.memory, memory);
  });
});
