import { expect, test } from "vitest";
import { type Feature, featuresOf } from "../index.js";
import { parseText } from "./support/wat.js";

const CASES: readonly (readonly [string, readonly Feature[]])[] = [
  ["", []],
  ["(func (param i32) (result i32) local.get 0 i32.const 1 i32.add)", ["mvp"]],
  ["(global (mut i32) (i32.const 0)) (memory 1) (table 1 funcref)", ["mvp"]],
  ['(global (export "g") (mut i32) (i32.const 0))', ["mvp", "mutable-globals"]],
  ["(func (result i32 i32) unreachable)", ["mvp", "multi-value"]],
  ["(func i32.const 1 (block (param i32) drop))", ["mvp", "multi-value"]],
  ["(func i32.const 1 i32.extend8_s drop)", ["mvp", "sign-extension"]],
  ["(func f32.const 1 i32.trunc_sat_f32_s drop)", ["mvp", "saturating-conversions"]],
  ['(data "a")', ["bulk-memory"]],
  ["(func (param externref))", ["mvp", "reference-types"]],
  ["(table 1 funcref) (table 1 funcref)", ["reference-types"]],
  ["(func (param (ref null func)))", ["mvp", "reference-types"]],
  ["(type $t (func)) (func (param (ref $t)))", ["mvp", "typed-references"]],
  ["(func (local anyref))", ["gc", "mvp"]],
  ["(type (struct))", ["gc"]],
  ["(rec (type (func)) (type (func)))", ["gc"]],
  ["(func $f return_call $f)", ["mvp", "tail-calls"]],
  ["(tag)", ["exceptions"]],
  ["(func try catch_all end)", ["legacy-exceptions", "mvp"]],
  ["(func (local v128))", ["mvp", "simd"]],
  ["(func (param v128) local.get 0 local.get 0 f32x4.relaxed_min drop)", ["mvp", "relaxed-simd", "simd"]],
  ["(memory 1 1 shared)", ["threads"]],
  ["(func (param i64) local.get 0 local.get 0 i64.mul_wide_s drop drop)", ["mvp", "wide-arithmetic"]],
  ["(global i32 (i32.add (i32.const 1) (i32.const 2)))", ["extended-const", "mvp"]],
  ["(memory 1) (memory 1)", ["multi-memory"]],
  ["(memory i64 1)", ["memory64"]],
  ["(table i64 1 funcref)", ["memory64"]],
  ["(memory 1 (pagesize 1))", ["custom-page-sizes"]],
];

for (const [text, features] of CASES) {
  test(`${text || "an empty module"} uses ${features.join(", ") || "nothing"}`, async () => {
    expect([...featuresOf(await parseText(`(module ${text})`))].sort()).toEqual([...features].sort());
  });
}
