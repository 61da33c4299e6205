#!/usr/bin/env bash
# What:     instructions on the second of two tables, disassembled by WasmDisassembler, and the text assembled again by wabt.
# Version:  wasmparser 5.11.1 from npm, wabt 1.0.39; run by V8 of Node 20.
# Expected: the same module: `table.copy` names destination and source in this order, and an index that is not written is 0 (text format).
# Seen:     `table.copy $b $a` is printed with the two exchanged; `table.size`, `table.grow` and `call_indirect` lose their table, while `table.get` and `table.fill` keep it.
# Matters:  the text is valid and reads well, and shows another program than the one that runs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund wabt@1.0.39 wasmparser@5.11.1
cat >seen.mjs <<'JS'
import { createRequire } from "node:module";
import wabt from "wabt";
const require = createRequire(import.meta.url);
const { BinaryReader } = require("wasmparser/dist/cjs/WasmParser.js");
const { WasmDisassembler } = require("wasmparser/dist/cjs/WasmDis.js");
const tools = await wabt();
const assemble = (text) => tools.parseWat("module.wat", text, { reference_types: true, bulk_memory: true }).toBinary({}).buffer;
const plain = assemble(`(module
  (type $t (func (result i32)))
  (table $a 1 funcref)
  (table $b 2 funcref)
  (elem (table $a) (i32.const 0) func $five)
  (elem (table $b) (i32.const 0) func $six)
  (func $five (result i32) (i32.const 5))
  (func $six (result i32) (i32.const 6))
  (func (export "size") (result i32) (table.size $b))
  (func (export "call") (result i32) (call_indirect $b (type $t) (i32.const 0)))
  (func (export "copied") (result i32)
    (table.copy $b $a (i32.const 1) (i32.const 0) (i32.const 1))
    (ref.is_null (table.get $b (i32.const 1))))
  (func (export "grown") (result i32)
    (drop (table.grow $b (ref.null func) (i32.const 3)))
    (table.size $b)))`);
function disassembled(binary) {
  const reader = new BinaryReader();
  reader.setData(binary.slice().buffer, 0, binary.length);
  const disassembler = new WasmDisassembler();
  disassembler.addOffsets = false;
  disassembler.disassembleChunk(reader);
  return disassembler.getResult().lines.join("\n");
}
const text = disassembled(plain);
const seen = [];
for (const [name, binary] of [["plain", plain], ["disassembled", assemble(text)]]) {
  const { exports: guest } = new WebAssembly.Instance(new WebAssembly.Module(binary));
  const results = ["size", "call", "copied", "grown"].map((call) => {
    try {
      return `${call} ${guest[call]()}`;
    } catch (error) {
      return `${call} traps`;
    }
  });
  seen.push(`${name}: ${results.join(", ")}`);
}
console.log(`${seen.join("; ")}; ${/table\.copy.*/.exec(text)[0]}`);
JS
seen=$(node seen.mjs)
expected='plain: size 2, call 6, copied 0, grown 5; disassembled: size 1, call 5, copied traps, grown 4; table.copy $table0 $table1'
echo "wasmparser 5.11.1, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
