// Bytes that are wrong in every way: each ends in a module or in one of the two errors, and
// where the host's own decoder knows the features, it agrees on which.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { beforeAll, describe, expect, test } from "vitest";
import { disassemble, type Feature, featuresOf, parseModule, readNames } from "../index.js";
import { randomFrom } from "./support/random.js";
import { assemble } from "./support/wat.js";

/** What V8 11.3 (Node 20) does not have, or has only behind a flag, or checks otherwise. */
const UNKNOWN_TO_V8: readonly (readonly [Feature, string])[] = [
  ["gc", "behind --experimental-wasm-gc, and with the opcodes of an earlier draft"],
  ["typed-references", "behind --experimental-wasm-typed-funcref"],
  ["tail-calls", "behind --experimental-wasm-return-call"],
  ["multi-memory", "not implemented"],
  ["memory64", "behind --experimental-wasm-memory64"],
  ["custom-page-sizes", "not implemented"],
  ["wide-arithmetic", "not implemented"],
  ["relaxed-simd", "behind --experimental-wasm-relaxed-simd"],
  ["extended-const", "behind --experimental-wasm-extended-const"],
  ["exceptions", "only in their legacy form: no exnref, no try_table"],
];

/** What V8 11.3 accepts although the specification does not: the beginning of our reason, and why. */
const ACCEPTED_BY_V8: readonly (readonly [string, string])[] = [
  [
    "atomic alignment must be natural",
    "threads, 'Validation': equal to the width; V8 checks only that it is not larger",
  ],
];

const SEEDS = [
  `(module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))`,
  `(module (memory 1 2) (data (i32.const 8) "hello") (data "passive")
     (func (param i32) (result i64) (local i64 f64)
       block loop local.get 0 br_if 0 local.get 0 br_table 0 1 0 end end
       local.get 0 i64.load offset=8 local.set 1
       i32.const 0 i32.const 0 i32.const 4 memory.init 1 data.drop 1
       local.get 1))`,
  `(module (type $t (func (param i32) (result i32))) (import "e" "f" (func (type $t))) (import "e" "g" (global f32))
     (table 4 8 funcref) (global $g (mut i32) (i32.const 7)) (export "t" (table 0)) (start $s)
     (elem (i32.const 1) func $a 0) (elem declare func $a)
     (func $a (type $t) local.get 0 if (result i32) i32.const 1 else global.get $g end
       i32.const 2 call_indirect (type $t))
     (func $s ref.func $a drop i32.const 1 ref.null func table.set 0 f64.const 2.5 f32.demote_f64 drop))`,
  `(module (func (result v128) (local v128) local.get 0 v128.const i32x4 1 2 3 4 i32x4.add
     local.get 0 i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31) (memory 1)
     (func (drop (v128.load8_lane 3 (i32.const 1) (v128.const i32x4 0 0 0 0)))))`,
  `(module (type $p (func (param i32 i64) (result i64 i32)))
     (func (type $p) local.get 0 local.get 1 block (type $p) drop drop i64.const 1 i32.const 2 end
       (block (param i64 i32) (result i64 i32)) br 0)
     (func (result f32) unreachable select f32.neg) (func (param externref) (result i32) local.get 0 ref.is_null)
     (memory 1 1 shared) (func (result i32) (i32.atomic.rmw.add offset=4 (i32.const 0) (i32.const 1))))`,
  `(module (rec (type $l (sub (struct (field (mut i32)) (field (ref null $l))))) (type $a (array (mut i8))))
     (type $f (func (param (ref $l)) (result i32))) (tag $e (param i32))
     (func (type $f) (local (ref $l)) local.get 0 local.set 1 local.get 1 struct.get $l 0
       block (result i32) try_table (catch $e 0) i32.const 1 throw $e end i32.const 0 end i32.add)
     (func (result (ref $a)) i32.const 1 i32.const 2 array.new_fixed $a 2)
     (func (param (ref $f) (ref $l)) (result i32) local.get 1 local.get 0 return_call_ref $f)
     (memory i64 1) (global i64 (i64.add (i64.const 1) (i64.const 2))))`,
];

type Verdict = "valid" | "malformed" | "invalid" | "limit";

/** How parsing ends, and whether V8's verdict on the same bytes counts. */
function verdict(bytes: Uint8Array): { readonly ours: Verdict; readonly knownToV8: boolean } {
  try {
    const module = parseModule(bytes);
    readNames(module); // Whatever decodes can be looked at.
    const features = featuresOf(module);
    return { ours: "valid", knownToV8: UNKNOWN_TO_V8.every(([feature]) => !features.has(feature)) };
  } catch (error) {
    const { kind, reason } = error as { kind?: string; reason?: string };
    if (reason?.startsWith("implementation limit") === true) return { ours: "limit", knownToV8: false };
    if (kind !== "malformed" && kind !== "invalid") throw error;
    // Otherwise what is wrong for us is wrong for V8 as well, whatever the features.
    return { ours: kind, knownToV8: !ACCEPTED_BY_V8.some(([words]) => reason!.startsWith(words)) };
  }
}

/** Fails unless the host agrees with us, where it can. */
function compare(bytes: Uint8Array, what: string): Verdict {
  const { ours, knownToV8 } = verdict(bytes);
  if (knownToV8 && (ours === "valid") !== WebAssembly.validate(bytes)) {
    throw new Error(`${what}: ours ${ours}, V8 says otherwise: ${Buffer.from(bytes.subarray(0, 400)).toString("hex")}`);
  }
  return ours;
}

describe("mutations", () => {
  let seeds: Uint8Array[];
  beforeAll(async () => {
    seeds = await Promise.all(SEEDS.map(assemble));
  });

  test("the seeds are valid", () => {
    for (const seed of seeds) expect(verdict(seed).ours).toBe("valid");
  });

  test("cut at every byte, each ends as V8 says", () => {
    for (const seed of seeds) {
      for (let length = 0; length < seed.length; length++) compare(seed.slice(0, length), `cut at ${length}`);
    }
  });

  test("10,000 modules with flipped bytes end as V8 says", () => {
    const random = randomFrom(20240101);
    const counts: Record<Verdict, number> = { valid: 0, malformed: 0, invalid: 0, limit: 0 };
    for (let i = 0; i < 10_000; i++) {
      const bytes = seeds[random(seeds.length)]!.slice();
      const flips = 1 + random(3);
      for (let flip = 0; flip < flips; flip++) {
        const at = random(bytes.length);
        const how = random(3);
        bytes[at] =
          how === 0 ? random(256) : how === 1 ? bytes[at]! ^ (1 << random(8)) : bytes[at]! + 1 - 2 * random(2);
      }
      counts[compare(bytes, `mutation ${i}`)]++;
    }
    expect(Math.min(counts.valid, counts.malformed, counts.invalid)).toBeGreaterThan(100);
  });

  test("the disassembler survives whatever validates", () => {
    const random = randomFrom(7);
    for (let i = 0; i < 2000; i++) {
      const bytes = seeds[random(seeds.length)]!.slice();
      bytes[8 + random(bytes.length - 8)] = random(256);
      if (verdict(bytes).ours !== "valid") continue;
      for (const line of disassemble(parseModule(bytes))) expect(line).toBeTypeOf("string");
    }
  });

  test("random bytes behind a header", () => {
    const random = randomFrom(99);
    for (let i = 0; i < 5000; i++) {
      const bytes = Uint8Array.from([
        0,
        0x61,
        0x73,
        0x6d,
        1,
        0,
        0,
        0,
        ...Array.from({ length: 20 }, () => random(256)),
      ]);
      bytes[8] = random(14);
      bytes[9] = 18;
      compare(bytes, `section ${i}`);
    }
  });
});

describe("the MicroPython module", () => {
  const path = createRequire(import.meta.url).resolve("@micropython/micropython-webassembly-pyscript/micropython.wasm");
  const bytes = new Uint8Array(readFileSync(path));

  test("is valid", () => expect(compare(bytes, "whole")).toBe("valid"));

  test("cut at each of its first 4,096 bytes, it ends as V8 says", () => {
    for (let length = 0; length < 4096; length++) compare(bytes.subarray(0, length), `cut at ${length}`);
  });

  test("cut at random places, it ends as V8 says", () => {
    const random = randomFrom(4);
    for (let i = 0; i < 40; i++) compare(bytes.subarray(0, random(bytes.length)), `cut ${i}`);
  });

  test("with flipped bytes, it ends as V8 says", () => {
    const random = randomFrom(5);
    for (let i = 0; i < 60; i++) {
      const at = random(bytes.length);
      const old = bytes[at]!;
      bytes[at] = old ^ (1 + random(255));
      compare(bytes, `byte ${at} as ${bytes[at]}`);
      bytes[at] = old;
    }
  });
});
