#!/usr/bin/env bash
# What:     a function that is parsed from text and put into an empty module by add(), and its result.
# Version:  @webassemblyjs/wast-parser, ast and wasm-edit 1.14.1 from npm; run by V8 of Node 20.
# Expected: the constant of the text, i32 and i64.
# Seen:     i32 is right; every `i64.const` is written as 0: the encoder is handed an object { high, low } where it takes a number.
# Matters:  the module is valid, so nothing tells: flags, sizes and hashes of 64 bits in injected code are 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @webassemblyjs/ast@1.14.1 @webassemblyjs/wast-parser@1.14.1 @webassemblyjs/wasm-edit@1.14.1
cat >seen.cjs <<'JS'
const t = require("@webassemblyjs/ast");
const { add } = require("@webassemblyjs/wasm-edit");
const { parse } = require("@webassemblyjs/wast-parser");
const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const seen = [];
for (const constant of ["i32.const 5", "i32.const -1", "i64.const 5", "i64.const -1", "i64.const 4294967296"]) {
  const [module] = parse(`(module (func (result ${constant.slice(0, 3)}) (${constant})))`).body;
  const definition = module.fields.find((field) => field.type === "Func");
  definition.body.push(t.instruction("end")); // add() wants expressions ended.
  const binary = add(empty.buffer, [
    definition,
    t.moduleExport("f", t.moduleExportDescr("Func", t.indexLiteral(0))),
    t.indexInFuncSection(t.indexLiteral(0)),
    t.typeInstruction(undefined, definition.signature),
  ]);
  seen.push(`${constant}: ${new WebAssembly.Instance(new WebAssembly.Module(binary)).exports.f()}`);
}
console.log(seen.join("; "));
JS
seen=$(node seen.cjs)
expected='i32.const 5: 5; i32.const -1: -1; i64.const 5: 0; i64.const -1: 0; i64.const 4294967296: 0'
echo "@webassemblyjs/wasm-edit 1.14.1, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
