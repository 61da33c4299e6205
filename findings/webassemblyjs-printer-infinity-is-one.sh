#!/usr/bin/env bash
# What:     float constants of a valid module, decoded, printed as text, and the text assembled by wabt.
# Version:  @webassemblyjs/wasm-parser and @webassemblyjs/wast-printer 1.14.1 from npm, wabt 1.0.39; run by V8 of Node 20.
# Expected: the same values: `inf`, `nan:0x8000000000000` and `-0` are what the text format calls them.
# Seen:     infinity is printed as 1, NaN as its payload (2251799813685248), −0 as 0; 0.1 and 5e-324 come through.
# Matters:  the text is valid and is another program: a minimum that starts from infinity starts from 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund wabt@1.0.39 @webassemblyjs/wasm-parser@1.14.1 @webassemblyjs/wast-printer@1.14.1
cat >seen.mjs <<'JS'
import { createRequire } from "node:module";
import wabt from "wabt";
const require = createRequire(import.meta.url);
const { decode } = require("@webassemblyjs/wasm-parser");
const { print } = require("@webassemblyjs/wast-printer");
const tools = await wabt();
const assemble = (text) => tools.parseWat("module.wat", text).toBinary({}).buffer;
const run = (binary) => new WebAssembly.Instance(new WebAssembly.Module(binary)).exports.f();
const show = (number) => (Object.is(number, -0) ? "-0" : String(number));
const seen = [];
for (const constant of ["f64.const inf", "f32.const -inf", "f64.const nan", "f64.const -0", "f64.const 0.1", "f64.const 5e-324"]) {
  const binary = assemble(`(module (func (export "f") (result ${constant.slice(0, 3)}) (${constant})))`);
  const text = print(decode(binary.slice().buffer, {}));
  seen.push(`${constant}: ${show(run(binary))} is ${show(run(assemble(text)))}`);
}
console.log(seen.join("; "));
JS
seen=$(node seen.mjs)
expected='f64.const inf: Infinity is 1; f32.const -inf: -Infinity is -1; f64.const nan: NaN is 2251799813685248; f64.const -0: -0 is 0; f64.const 0.1: 0.1 is 0.1; f64.const 5e-324: 5e-324 is 5e-324'
echo "@webassemblyjs/wast-printer 1.14.1, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
