#!/usr/bin/env bash
# What:     decode() of valid modules with one instruction each of WebAssembly 2.0.
# Version:  @webassemblyjs/wasm-parser 1.14.1 from npm; read by V8 of Node 20 as well.
# Expected: all of 0xfc decode, or none: it is one prefix, and `memory.fill` and `memory.copy` do.
# Seen:     `i32.trunc_sat_f32_s` (0xfc 0) and `memory.init` (0xfc 8) are an unexpected instruction, as is SIMD.
# Matters:  "bulk memory works" is tried with `memory.copy`; the first passive data segment then breaks the build.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund wabt@1.0.39 @webassemblyjs/wasm-parser@1.14.1
cat >seen.mjs <<'JS'
import wabt from "wabt";
import parser from "@webassemblyjs/wasm-parser";
const bodies = {
  "memory.fill": "(memory.fill (i32.const 0) (i32.const 0) (i32.const 0))",
  "memory.copy": "(memory.copy (i32.const 0) (i32.const 0) (i32.const 0))",
  "memory.init": "(memory.init $d (i32.const 0) (i32.const 0) (i32.const 0))",
  "i32.trunc_sat_f32_s": "(drop (i32.trunc_sat_f32_s (f32.const 1)))",
  "v128.const": "(drop (v128.const i32x4 1 2 3 4))",
};
const tools = await wabt();
const seen = [];
for (const [name, body] of Object.entries(bodies)) {
  const data = body.includes("$d") ? `(data $d "abc")` : "";
  const text = `(module (memory 1) ${data} (func ${body}))`;
  const { buffer } = tools.parseWat("module.wat", text, { simd: true, bulk_memory: true, sat_float_to_int: true }).toBinary({});
  if (!WebAssembly.validate(buffer)) throw new Error(`${name} is not valid`);
  try {
    parser.decode(buffer, {});
    seen.push(`${name}: decodes`);
  } catch (error) {
    seen.push(`${name}: ${/unexpected instruction: 0x[0-9a-f]+/i.exec(error.message)?.[0] ?? error.message}`);
  }
}
console.log(seen.join("; "));
JS
seen=$(node seen.mjs)
expected='memory.fill: decodes; memory.copy: decodes; memory.init: Unexpected instruction: 0xfc08; i32.trunc_sat_f32_s: Unexpected instruction: 0xfc00; v128.const: Unexpected instruction: 0xfd'
echo "@webassemblyjs/wasm-parser 1.14.1, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
