#!/usr/bin/env bash
# What:     f32.convert_i64_s and _u of integers of more than 53 bits.
# Version:  polywasm 0.2.0 from npm, beside the WebAssembly of the Node that runs this.
# Expected: one rounding, from the exact integer to the nearest f32.
# Seen:     polywasm rounds to f64 first and then to f32: 0x4000004000000001 is just above a tie that
#           the first rounding makes exact, so the second goes down to even; V8 goes up.
# Matters:  the last bit of a float is another one than on any engine with a hardware conversion.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund polywasm@0.2.0 wabt@1.0.37
cat >seen.mjs <<'JS'
import { WebAssembly as polywasm } from "polywasm";
import loadWabt from "wabt";

const wabt = await loadWabt();
const text = `(module
  (func (export "signed") (result f32) (f32.convert_i64_s (i64.const 0x4000004000000001)))
  (func (export "unsigned") (result f32) (f32.convert_i64_u (i64.const 0x7fffff4000000001))))`;
const bytes = wabt.parseWat("convert.wat", text).toBinary({}).buffer;
const seen = [];
for (const engine of [WebAssembly, polywasm]) {
  const { instance } = await engine.instantiate(bytes, {});
  const { exports } = instance;
  seen.push(`${exports.signed()} ${exports.unsigned()}`);
}
console.log(`V8 ${seen[0]}, polywasm ${seen[1]}`);
JS
seen=$(node seen.mjs)
expected='V8 4611686568183202000 9223371487098962000, polywasm 4611686018427388000 9223370937343148000'
echo "node $(node --version), polywasm 0.2.0: $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
