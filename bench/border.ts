// Calls between JavaScript and WebAssembly, by the WebAssembly object of this project and by V8's, in turns.
import { createWebAssembly } from "../runtime/js-api/index.js";
import type { Effort } from "./measure.js";
import type { Section } from "./report.js";

/** A function `name` that calls the import `callee` n times with constant operands. */
const caller = (name: string, callee: string, operands: string) => `(func (export "${name}") (param $n i32)
  (loop $l (drop (call ${callee} ${operands})) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))`;

const TEXT = `(module
  (import "m" "add" (func $add (param i32 i32) (result i32)))
  (import "m" "addf" (func $addf (param f64 f64) (result f64)))
  (import "m" "same" (func $same (param externref) (result externref)))
  (import "m" "through" (func $through (param i32 i32) (result i32)))
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "addf") (param f64 f64) (result f64) (f64.add (local.get 0) (local.get 1)))
  (func (export "addl") (param i64 i64) (result i64) (i64.add (local.get 0) (local.get 1)))
  (func (export "same") (param externref) (result externref) (local.get 0))
  (func (export "pair") (param i32 i32) (result i32 i32) (local.get 1) (local.get 0))
  ${caller("callAdd", "$add", "(i32.const 1) (i32.const 2)")}
  ${caller("callAddf", "$addf", "(f64.const 1.5) (f64.const 2)")}
  ${caller("callSame", "$same", "(ref.null extern)")}
  ${caller("callThrough", "$through", "(i32.const 1) (i32.const 2)")})`;

interface Exports {
  add(a: number, b: number): number;
  addf(a: number, b: number): number;
  addl(a: bigint, b: bigint): bigint;
  same(a: unknown): unknown;
  pair(a: number, b: number): number[];
  callAdd(n: number): void;
  callAddf(n: number): void;
  callSame(n: number): void;
  callThrough(n: number): void;
}

interface Shape {
  readonly title: string;
  /** Makes n calls. */
  readonly run: (exports: Exports, n: number) => unknown;
  /** Whether its ratio to V8 is promised. */
  readonly isPromised?: true;
}

/** Largest ratios to V8, by tier. */
const LIMITS = { interpreter: 10, compiler: 2 } as const;

const SHAPES: readonly Shape[] = [
  {
    title: "JavaScript → wasm, (i32, i32) → i32",
    isPromised: true,
    run: ({ add }, n) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum = add(sum, i);
      return sum;
    },
  },
  {
    title: "JavaScript → wasm, (f64, f64) → f64",
    run: ({ addf }, n) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum = addf(sum, 0.5);
      return sum;
    },
  },
  {
    title: "JavaScript → wasm, (i64, i64) → i64",
    run: ({ addl }, n) => {
      let sum = 0n;
      for (let i = 0; i < n; i++) sum = addl(sum, 3n);
      return sum;
    },
  },
  {
    title: "JavaScript → wasm, externref → externref",
    run: ({ same }, n) => {
      let object: unknown = {};
      for (let i = 0; i < n; i++) object = same(object);
      return object;
    },
  },
  {
    title: "JavaScript → wasm, two results",
    run: ({ pair }, n) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += pair(i, 1)[0]!;
      return sum;
    },
  },
  { title: "wasm → JavaScript, (i32, i32) → i32", isPromised: true, run: ({ callAdd }, n) => callAdd(n) },
  { title: "wasm → JavaScript, (f64, f64) → f64", run: ({ callAddf }, n) => callAddf(n) },
  { title: "wasm → JavaScript, externref → externref", run: ({ callSame }, n) => callSame(n) },
  { title: "wasm → JavaScript → wasm", run: ({ callThrough }, n) => callThrough(n) },
];

async function load(api: typeof WebAssembly): Promise<Exports> {
  const { default: binaryen } = await import("binaryen");
  const module = binaryen.parseText(TEXT);
  module.setFeatures(binaryen.Features.ReferenceTypes | binaryen.Features.Multivalue);
  const m = {
    add: (a: number, b: number) => (a + b) | 0,
    addf: (a: number, b: number) => a + b,
    same: (a: unknown) => a,
    through: (a: number, b: number): number => exports.add(a, b),
  };
  const instance = new api.Instance(new api.Module(module.emitBinary()), { m });
  const exports = instance.exports as unknown as Exports;
  return exports;
}

/** V8 compiles the loop of its own interpreter late: after so many calls of one kind. */
const WARM_CALLS = 400_000;
const ROUND_CALLS = 50_000;

/** Nanoseconds for a call. */
function timed(run: Shape["run"], exports: Exports): number {
  const start = performance.now();
  run(exports, ROUND_CALLS);
  return ((performance.now() - start) * 1e6) / ROUND_CALLS;
}

export async function borderSection(effort: Effort): Promise<Section> {
  const theirs = await load(WebAssembly);
  const rows: [string, string, number, number, number, number][] = [];
  const marks: Section["marks"][number][] = [];
  for (const tier of ["interpreter", "compiler"] as const) {
    const ours = await load(createWebAssembly({ tier }).WebAssembly as unknown as typeof WebAssembly);
    // All kinds first: what V8 makes of one kind alone, programs do not have.
    for (const { run } of SHAPES) for (const exports of [ours, theirs]) run(exports, WARM_CALLS);
    for (const { title, run, isPromised } of SHAPES) {
      const first = [timed(run, ours), timed(run, theirs)] as const;
      let [own, host] = first;
      for (let round = 0; round < 3 * effort.rounds; round++) {
        own = Math.min(own, timed(run, ours));
        host = Math.min(host, timed(run, theirs));
      }
      rows.push([tier, title, own, first[0], host, own / host]);
      if (isPromised)
        marks.push({ what: `${tier}: ${title} / V8, at most`, limit: LIMITS[tier], measured: own / host, unit: "x" });
    }
  }
  return {
    name: "border",
    title: "Calls across the border of the WebAssembly object",
    columns: ["tier", "call", "ns, minimum", "ns, first round", "V8 ns", "ratio"],
    rows,
    marks,
  };
}
