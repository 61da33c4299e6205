// What the process takes for the GC heap, against REAL_BYTES_PER_HEAP_BYTE: objects of every shape that cost most beside
// what is counted, in processes of their own.
import { afterAll, expect, test } from "vitest";
import { REAL_BYTES_PER_HEAP_BYTE } from "../../runtime/index.js";
import { escapement, Files } from "../../test/support/built-cli.js";

const files = new Files();
afterAll(() => files.remove());

const MIB = 2 ** 20;
/** What a process takes that runs a guest without objects: V8's young generation, the engine's code. */
const BESIDE = 64 * MIB;

/** Per shape: the types, of which $n is a link of a list, and what is behind the link to the next. */
const SHAPES = {
  "a struct of two cells": ["(type $n (struct (field (ref null $n)) (field i32)))", "(local.get $i)"],
  "structs without fields": [
    "(type $e (struct)) (type $n (struct (field (ref null $n)) (field (ref $e))))",
    "(struct.new $e)",
  ],
  "wide structs": [
    "(type $n (struct (field (ref null $n)) (field i64) (field i64) (field f64) (field v128)))",
    "(i64.const -7) (i64.extend_i32_u (local.get $i)) (f64.const 1.5) (v128.const i32x4 -1 -2 -3 -4)",
  ],
  "arrays of one byte": [
    "(type $b (array i8)) (type $n (struct (field (ref null $n)) (field (ref $b))))",
    "(array.new_default $b (i32.const 1))",
  ],
  "arrays that V8 keeps outside of its heap": [
    "(type $b (array i8)) (type $n (struct (field (ref null $n)) (field (ref $b))))",
    "(array.new_default $b (i32.const 65))",
  ],
  "arrays of a page": [
    "(type $b (array i8)) (type $n (struct (field (ref null $n)) (field (ref $b))))",
    "(array.new $b (i32.const 7) (i32.const 4096))",
  ],
  "short arrays of references": [
    "(type $b (array (mut anyref))) (type $n (struct (field (ref null $n)) (field (ref $b))))",
    "(array.new_default $b (i32.const 3))",
  ],
  "long arrays of references": [
    "(type $b (array (mut anyref))) (type $n (struct (field (ref null $n)) (field (ref $b))))",
    "(array.new_default $b (i32.const 5000))",
  ],
} as const;

/** Reports the peak resident set, in KiB, as the last line of standard error. */
const REPORT_PEAK =
  'data:text/javascript,import{writeSync}from"node:fs";process.on("exit",()=>writeSync(2,String(process.resourceUsage().maxRSS)))';

async function peakBytes(module: string, limit: number): Promise<{ peak: number; counted: number }> {
  const flags = ["--invoke", "f", "--fuel", "10000000000", "--gc-heap", String(limit), "--json"];
  const { status, stdout, stderr } = await escapement(["run", module, ...flags], { node: ["--import", REPORT_PEAK] });
  expect(status).toBe(3);
  const peak = Number(/(\d+)$/.exec(stderr)![1]) * 1024;
  return { peak, counted: JSON.parse(stdout).gcHeap.bytes };
}

test.each(Object.entries(SHAPES))("%s", async (_, [types, fields]) => {
  const module = files.module(
    "list.wasm",
    `(module ${types} (func (export "f") (local $h (ref null $n)) (local $i i32)
       (loop $l
         (local.set $h (struct.new $n (local.get $h) ${fields}))
         (local.set $i (i32.add (local.get $i) (i32.const 1)))
         (br $l))))`,
  );
  const bare = (await peakBytes(module, 0)).peak;
  for (const limit of [64 * MIB, 256 * MIB, 512 * MIB]) {
    const { peak, counted } = await peakBytes(module, limit);
    // Full, less what no longer fits.
    expect(counted).toBeGreaterThan(limit - 50_000);
    expect(peak - bare, `${limit}`).toBeLessThan(REAL_BYTES_PER_HEAP_BYTE * limit + BESIDE);
  }
});
