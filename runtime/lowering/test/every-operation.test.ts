// No row of the register code's instruction set is dead: some lowering emits each of them.
import { expect, test } from "vitest";
import { OPCODES, parseModule } from "../../../decoder/index.js";
import { installCompiler } from "../../compiler/install.js";
import { AT_ONCE } from "../../compiler/settings.js";
import { ESCAPEMENT_1 } from "../../fuel-schedule.js";
import * as reserved from "../../register-code/register-code.js";
import { registerOps } from "../../register-code/register-op-table.js";
import { Random } from "../../test/support/random.js";
import { ALL_FEATURES, randomModule } from "../../test/support/random-module.js";
import { walkCode } from "../../test/support/register-code-walk.js";
import { simdCases, simdModule } from "../../test/support/simd-cases.js";
import { SHAPES_MODULE } from "../../test/support/superinstruction-texts.js";
import { wat } from "../../test/support/wat.js";
import { steppingRegion } from "../code-map.js";
import { lowerFunction, prepareModule } from "../lower.js";
import { HEADER_WORDS } from "../module-context.js";

/** Adds the operations of every function of the module, in both forms. */
function collect(bytes: Uint8Array, found: Set<number>, takesProfile = false): void {
  const context = prepareModule(parseModule(bytes), ESCAPEMENT_1, null, takesProfile ? new Map() : null);
  installCompiler(context, AT_ONCE);
  // As code that was compiled ahead of time asks for them.
  if (takesProfile) context.code.askedLoops = { has: () => true } as unknown as Set<number>;
  const { code } = context;
  for (const pc of [reserved.PC_EXIT, reserved.PC_LEAVE_INSTANCE, reserved.PC_INVOKE_RETURN, reserved.PC_HOST_RETURN])
    found.add(code.code[pc]!);
  for (let i = 0; i < context.module.bodies.length; i++) {
    // Until its first call a function is one operation.
    walkCode(code.code, code.entries[2 * i]!, code.entries[2 * i]! + 4, (op) => found.add(op));
    lowerFunction(context, i);
    // Then, with a compiler, a header that asks it.
    found.add(code.code[code.entries[2 * i]! + HEADER_WORDS]!);
    for (const region of [code.fast.get(i)!, steppingRegion(context, i)])
      walkCode(code.code, region.start, region.end, (op) => found.add(op));
  }
}

/** Objects with one cell or element of each storage type, in functions of few slots and of many. */
const STORAGES = [
  ["i8", "i32", "_s"],
  ["i8", "i32", "_u"],
  ["i16", "i32", "_s"],
  ["i16", "i32", "_u"],
  ["i32", "i32", ""],
  ["i64", "i64", ""],
  ["v128", "v128", ""],
  ["anyref", "anyref", ""],
] as const;
function objects(): string {
  const parts: string[] = ['(data $d "0123456789abcdef") (elem $e anyref (ref.null any))'];
  STORAGES.forEach(([storage, type, sign], i) => {
    parts.push(`(type $s${i} (struct (field (mut ${storage})))) (type $a${i} (array (mut ${storage})))`);
    const init = storage === "anyref" ? "elem" : "data";
    const segment = init === "elem" ? "$e" : "$d";
    for (const padding of ["", `(local ${"i64 ".repeat(300)})`]) {
      parts.push(`(func (param $v ${type}) (param $n i32) (result ${type}) ${padding}
        (local $s (ref null $s${i})) (local $a (ref null $a${i}))
        (local.set $s (struct.new_default $s${i}))
        (local.set $s (struct.new $s${i} (local.get $v)))
        (struct.set $s${i} 0 (local.get $s) (struct.get${sign} $s${i} 0 (local.get $s)))
        (local.set $a (array.new_default $a${i} (local.get $n)))
        (local.set $a (array.new $a${i} (local.get $v) (local.get $n)))
        (local.set $a (array.new_fixed $a${i} 2 (local.get $v) (local.get $v)))
        (local.set $a (array.new_${init} $a${i} ${segment} (i32.const 0) (local.get $n)))
        (array.init_${init} $a${i} ${segment} (local.get $a) (i32.const 0) (i32.const 0) (local.get $n))
        (array.fill $a${i} (local.get $a) (i32.const 0) (local.get $v) (local.get $n))
        (array.copy $a${i} $a${i} (local.get $a) (i32.const 0) (local.get $a) (i32.const 0) (array.len (local.get $a)))
        (array.set $a${i} (local.get $a) (i32.const 0) (local.get $v))
        (array.get${sign} $a${i} (local.get $a) (i32.const 0)))`);
    }
  });
  const fields = "(field i64) ".repeat(9);
  parts.push(`(type $many (struct ${fields})) (type $i31s (array (mut i31ref)))
    (func (param $r anyref) (param $a (ref null $i31s)) (param $n i32) (result i32)
      (drop (struct.new_default $many))
      (drop (ref.cast (ref i31) (local.get $r)))
      (array.set $i31s (local.get $a) (local.get $n) (ref.i31 (local.get $n)))
      (drop (ref.i31 (i32.const 2)))
      (drop (i31.get_u (ref.cast i31ref (local.get $r))))
      (drop (i31.get_s (ref.cast i31ref (local.get $r))))
      (drop (ref.eq (ref.cast eqref (local.get $r)) (ref.cast eqref (local.get $r))))
      (i32.add (ref.test (ref i31) (local.get $r)) (i31.get_s (array.get $i31s (local.get $a) (i32.const 0)))))`);
  return `(module ${parts.join("\n")})`;
}

/** What random programs hardly ever have. */
const RARE = `(module (import "e" "f" (func $import (param i32 i32))) (memory 1 100)
  (func (param f64 f64) (result i32)
    (if (f64.eq (local.get 0) (local.get 1)) (then (return (i32.const 1))))
    (if (f64.ne (local.get 0) (local.get 1)) (then (return (i32.const 2))))
    (if (f64.lt (local.get 0) (local.get 1)) (then (return (i32.const 3))))
    (if (f64.gt (local.get 0) (local.get 1)) (then (return (i32.const 4))))
    (if (f64.le (local.get 0) (local.get 1)) (then (return (i32.const 5))))
    (if (f64.ge (local.get 0) (local.get 1)) (then (return (i32.const 6))))
    (i32.const 7))
  (func (param f64 f64)
    (block (br_if 0 (f64.eq (local.get 0) (local.get 1))) (br_if 0 (f64.ne (local.get 0) (local.get 1)))
      (br_if 0 (f64.lt (local.get 0) (local.get 1))) (br_if 0 (f64.gt (local.get 0) (local.get 1)))
      (br_if 0 (f64.le (local.get 0) (local.get 1))) (br_if 0 (f64.ge (local.get 0) (local.get 1)))))
  (func (param i32 i32) (result v128) (v128.load (i32.add (local.get 0) (local.get 1)))
    (v128.load (i32.add (local.get 0) (i32.const 4)))
    (i8x16.shuffle 4 5 6 7 0 1 2 3 28 29 30 31 16 17 18 19) (v128.load (local.get 1)) (i32x4.add))
  ;; Sums, shifted sums, rotations, products under a sum.
  (func (param $x i32) (param $y i32) (param $f f64) (result i32 f64)
    (i32.add (local.get $x) (i32.add (local.get $x) (local.get $y)))
    (i32.xor (i32.rotr (local.get $y) (i32.const 7)))
    (i32.add (i32.shl (local.get $x) (i32.const 1)))
    (f64.add (local.get $f) (f64.mul (local.get $f) (local.get $f))))
  ;; Accesses whose address was computed right before, or is known.
  (func (param $x i32) (param $y i32)
    ${["i32.load", "i32.load8_u", "i32.load16_u", "i64.load"]
      .flatMap((load) => {
        const shift = { "i32.load": 2, "i32.load8_u": 0, "i32.load16_u": 1, "i64.load": 3 }[load];
        const scaled = `(i32.shl (local.get $x) (i32.const ${shift}))`;
        return [
          "(i32.const 16)",
          "(i32.add (local.get $x) (i32.const 400))",
          "(i32.add (local.get $x) (local.get $y))",
          `(i32.add ${scaled} (i32.const 400))`,
          `(i32.add ${scaled} (local.get $y))`,
        ].map((address) => `(drop (${load} ${address}))`);
      })
      .join("\n")}
    (i32.store (i32.const 16) (local.get $x))
    (i32.store (i32.const 16) (i32.const 7))
    (i32.store8 (i32.add (local.get $x) (i32.const 400)) (i32.const 7))
    (i32.store8 (local.get $x) (local.get $y))
    (drop (i32.add (i32.shl (local.get $x) (i32.const 2)) (local.get $y)))
    (drop (i32.add (i32.shl (local.get $x) (i32.const 3)) (local.get $y)))
    (drop (i64.shr_u (i64.load (local.get $x)) (i64.const 5)))
    (block (block (br_table 0 1 (i32.load8_u (local.get $x)))))
    (drop (i8x16.eq (v128.load (local.get $x)) (v128.const i32x4 1 2 3 4)))
    (return_call $import (local.get $x) (local.get $y))))`;

/** Every instruction on numbers and every scalar access, on registers; comparisons also under branches. */
function numbers(): string {
  const types: Readonly<Record<string, string>> = { i: "i32", l: "i64", f: "f32", d: "f64", a: "i32" };
  const parts: string[] = [];
  for (const { name, immediate, type, feature } of OPCODES) {
    if (type === undefined || !["none", "memarg"].includes(immediate) || ["simd", "relaxed-simd"].includes(feature))
      continue;
    const [params, results] = type.split(":") as [string, string];
    if (![...params, ...results].every((letter) => letter in types)) continue;
    const operands = [...params].map((_, i) => `(local.get ${i})`);
    const signature = [...params].map((letter) => types[letter]).join(" ");
    const call = (...values: string[]) => `(${name} ${values.join(" ")})`;
    const dropped = (text: string) => `${text}${" drop".repeat(results.length)}`;
    const plain = call(...operands);
    // An offset that no field holds.
    if (immediate === "memarg") parts.push(`(func (param ${signature}) ${dropped(call("offset=1024", ...operands))})`);
    parts.push(`(func (param ${signature}) ${dropped(plain)})`);
    if (results !== "i") continue;
    const tests = [plain];
    if (params.length === 2 && "il".includes(params[1]!))
      tests.push(call(operands[0]!, `(${types[params[1]!]}.const 5)`));
    for (const test of tests)
      parts.push(`(func (param ${signature}) (if ${test} (then (return))) (block (br_if 0 ${test})))`);
  }
  return `(module (memory 1 1 shared) ${parts.join("\n")})`;
}

test("every row is emitted by some lowering", async () => {
  const found = new Set<number>();
  for (const text of [RARE, objects(), numbers(), SHAPES_MODULE]) collect(await wat(text), found);
  collect(
    simdModule(simdCases(new Random(1)), ({ code }) => code),
    found,
  );
  for (let seed = 1; seed <= 24; seed++) {
    // Long functions have more slots than the narrow form.
    const size = seed % 6 === 0 ? 800 : 100;
    collect(randomModule(seed, { ...ALL_FEATURES, size, simd: "relaxed" }), found);
  }
  collect(randomModule(1, ALL_FEATURES), found, true);
  expect(
    registerOps()
      .filter((_, op) => !found.has(op))
      .map(({ name }) => name),
  ).toEqual([]);
});
