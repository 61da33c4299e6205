// Calls above calls: wasm, JavaScript and wasm again, on one thread (interpreter/direct-call.ts).
import { describe, expect, test } from "vitest";
import { wat } from "../../test/support/wat.js";
import { createWebAssembly } from "../index.js";
import { type Api, native, ours, outcome } from "./support.js";

const APIS = [
  ["V8", native],
  ["ours", ours()],
] as const;

async function load(api: Api, text: string, imports: object = {}): Promise<Api> {
  return new api.Instance(new api.Module(await wat(text)), imports).exports;
}

/** Two of it call each other: `step` takes a decision by its depth, and adds to what lies in locals and memory. */
const STEP = `(module
  (import "m" "js" (func $js (param i32 i64) (result f64)))
  (import "m" "many" (func $many (param i32) (result i32 i64 f32)))
  (import "m" "tag" (tag $tag (param i32)))
  (memory (export "memory") 1)
  (func (export "step") (param $n i32) (param $x i64) (result f64)
    (local $a i32) (local $b i64) (local $c f32) (local $mine i32)
    (local.set $mine (i32.mul (local.get $n) (i32.const 17)))
    (i32.store (i32.mul (local.get $n) (i32.const 4)) (local.get $mine))
    (if (i32.eqz (local.get $n)) (then (return (f64.const 0.5))))
    (call $many (local.get $n)) (local.set $c) (local.set $b) (local.set $a)
    (f64.add
      (f64.add (f64.promote_f32 (local.get $c)) (f64.convert_i32_s (i32.add (local.get $a) (local.get $mine))))
      (f64.add (call $js (i32.sub (local.get $n) (i32.const 1)) (i64.add (local.get $x) (local.get $b)))
        (f64.convert_i32_s (i32.load (i32.mul (local.get $n) (i32.const 4)))))))
  (func (export "guard") (param $n i32) (result i32)
    try (result i32) (drop (call $js (local.get $n) (i64.const 1))) (i32.const -1)
    catch $tag
    catch_all (i32.const -2) end)
  (func (export "throw") (param i32) (throw $tag (local.get 0)))
  (func (export "trap") unreachable))`;

/** What happens, and in which order. */
async function scenario(api: Api, depth: number, end: string): Promise<unknown> {
  const log: unknown[] = [];
  const tag = new api.Tag({ parameters: ["i32"] });
  const instances: Api[] = [];
  const imports = (me: number) => ({
    m: {
      tag,
      js: (n: number, x: bigint) => {
        log.push(["js", me, n, x]);
        if (n === 1 && end === "throw") instances[0].throw(7);
        if (n === 1 && end === "trap") instances[1].trap();
        if (n === 1 && end === "error") throw new RangeError("mine");
        if (n === 2) instances[me].memory.grow(1);
        // The other one, by an argument whose conversion calls, too.
        const other = instances[1 - me];
        const argument = { valueOf: () => (n === 3 ? other.step(0, 0n) * 2 + n - 1 : n) };
        try {
          return other.step(argument, x);
        } catch (error) {
          log.push([me, n, (error as Error).constructor === api.Exception ? "exception" : String(error)]);
          if (n % 2 === 0) throw error;
          return { valueOf: () => instances[me].step(1, 5n) };
        }
      },
      many: function* (n: number) {
        yield n;
        yield BigInt(instances[me].step(0, 1n) * 2);
        yield n / 3;
      },
    },
  });
  for (const me of [0, 1]) instances.push(await load(api, STEP, imports(me)));
  log.push(outcome(() => instances[0].step(depth, 3n)));
  log.push(outcome(() => instances[1].guard(depth)));
  log.push(outcome(() => instances[0].step(2, 3n)));
  for (const { memory } of instances) log.push(memory.buffer.byteLength, [...new Int32Array(memory.buffer, 0, 12)]);
  return log;
}

describe("what is seen, and when, is what V8 shows", () => {
  for (const depth of [0, 1, 2, 5, 9]) {
    test.each(["return", "throw", "trap", "error"])(`depth ${depth}, %s`, async (end) => {
      const expected = await scenario(native, depth, end);
      expect(await scenario(ours(), depth, end)).toEqual(expected);
    });
  }
});

describe("the heap's budget", () => {
  const OBJECTS = `(module
    (type $node (struct (field i64) (field (ref null $node)))) (type $data (array i8))
    (import "m" "js" (func $js (param i32)))
    (func (export "f") (param $n i32) (result i64)
      (local $kept (ref null $node))
      (local.set $kept (struct.new $node (i64.const 5) (struct.new $node (i64.const 6) (ref.null $node))))
      (call $js (local.get $n))
      (i64.add (struct.get $node 0 (local.get $kept)) (struct.get $node 0 (struct.get $node 1 (local.get $kept)))))
    (func (export "fill") (param $times i32) (local $a (ref null $data))
      (loop $l (local.set $a (array.new_default $data (i32.const 50000)))
        (br_if $l (local.tee $times (i32.sub (local.get $times) (i32.const 1))))))
    (func (export "keep") (param $n i32) (local $a (ref null $data))
      (local.set $a (array.new_default $data (i32.const 40000)))
      (call $js (local.get $n))
      (drop (array.len (local.get $a)))))`;

  test("counts what the frames below nested calls have, and nothing else", async () => {
    const host = createWebAssembly({ limits: { gcHeapBytes: 400_000 } });
    const api = host.WebAssembly as Api;
    const exports: Api = await load(api, OBJECTS, {
      m: {
        js: (n: number) => {
          // What is dead is found to be so, with these frames below.
          exports.fill(20);
          if (n > 0) exports.f(n - 1);
          else if (n < 0) exports.keep(n + 1);
        },
      },
    });
    expect(exports.f(0)).toBe(11n);
    expect(exports.f(40)).toBe(11n);
    exports.keep(-3);
    // Each frame keeps 40,000 bytes: no room for two of 50,000 above ten of them.
    expect(() => exports.keep(-9)).toThrow(RangeError);
  });
});

test.each(APIS)("%s: a call with many values finds its room however deep it is", async (_, api) => {
  const count = 600;
  const names = Array.from({ length: count }, (_, i) => i);
  const text = `(module (import "m" "f" (func $f (param ${"i32 ".repeat(count)}) (result ${"i64 ".repeat(count)})))
    (func (export "f") (param ${"i32 ".repeat(count)}) (result ${"i64 ".repeat(count)})
      ${names.map((i) => `(local.get ${i})`).join(" ")} (call $f)))`;
  let depth = 0;
  const exports: Api = await load(api, text, {
    m: { f: (...args: number[]) => (++depth < 10 ? exports.f(...args) : args.map(BigInt)) },
  });
  expect(exports.f(...names)).toEqual(names.map(BigInt));
});
