#!/usr/bin/env bash
# What:     float operations of a valid module in the interpreter of webassemblyjs, beside V8's.
# Version:  webassemblyjs 1.14.1 from npm; V8 of Node 20.
# Expected: `sqrt` 9 is 3, `floor` 2.5 is 2, `i32.trunc_f64_s` 2.5 is 2, 1 < 2 is 1.
# Seen:     9, 2.5, 2.5 and 2: these instructions give an operand back, without an error; `abs` and `neg` work.
# Matters:  the package is a polyfill of `WebAssembly`: the module loads, its integers are right, and its floats are quietly wrong; an i32 holds 2.5.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund wabt@1.0.39 webassemblyjs@1.14.1
cat >seen.mjs <<'JS'
import wabt from "wabt";
import polyfill from "webassemblyjs";
const text = `(module
  (func (export "sqrt") (param f64) (result f64) (f64.sqrt (local.get 0)))
  (func (export "floor") (param f64) (result f64) (f64.floor (local.get 0)))
  (func (export "trunc") (param f64) (result i32) (i32.trunc_f64_s (local.get 0)))
  (func (export "less") (param f64 f64) (result i32) (f64.lt (local.get 0) (local.get 1)))
  (func (export "abs") (param f64) (result f64) (f64.abs (local.get 0)))
  (func (export "neg") (param f64) (result f64) (f64.neg (local.get 0)))
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))`;
const { buffer } = (await wabt()).parseWat("module.wat", text).toBinary({});
const calls = { sqrt: [9], floor: [2.5], trunc: [2.5], less: [1, 2], abs: [-2], neg: [2], add: [1, 2] };
const seen = [];
for (const [name, api] of [["V8", WebAssembly], ["webassemblyjs", polyfill]]) {
  const { instance } = await api.instantiate(buffer, {});
  const results = Object.entries(calls).map(([call, operands]) => `${call} ${instance.exports[call](...operands)}`);
  seen.push(`${name}: ${results.join(", ")}`);
}
console.log(seen.join("; "));
JS
seen=$(node seen.mjs)
expected='V8: sqrt 3, floor 2, trunc 2, less 1, abs 2, neg -2, add 3; webassemblyjs: sqrt 9, floor 2.5, trunc 2.5, less 2, abs 2, neg -2, add 3'
echo "webassemblyjs 1.14.1, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
