#!/usr/bin/env bash
# What:     what `meterWASM` with its own table of costs bills for one more operation, integer and float.
# Version:  wasm-metering 0.2.1 from npm; run by V8 of Node 20.
# Expected: every operation costs something: `f64.div` like `i32.div_u` (36000), `f64.lt` like `i32.lt_u` (45).
# Seen:     names that only floats have (`div`, `sqrt`, `lt`) and all conversions, also `i64.extend_i32_u`, are not in the table and cost 0; `f64.mul` costs 45, as the name is shared.
# Matters:  the table was made for ewasm, which had no floats, but floats are taken and metered: a square root is cheaper than a `nop`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund wabt@1.0.39 wasm-metering@0.2.1
cat >seen.mjs <<'JS'
import wabt from "wabt";
import metering from "wasm-metering";
const tools = await wabt();
/** What one call of a function with `body` is billed. */
function bill(body) {
  const text = `(module (func (export "f") (param i32 f64) ${body}))`;
  const { buffer } = tools.parseWat("module.wat", text).toBinary({});
  const module = new WebAssembly.Module(metering.meterWASM(Buffer.from(buffer), {}));
  let total = 0;
  const instance = new WebAssembly.Instance(module, { metering: { usegas: (units) => (total += units) } });
  instance.exports.f(1, 1);
  return total;
}
const i32 = "(local.get 0)";
const f64 = "(local.get 1)";
const unary = { "f64.sqrt": f64, "f64.floor": f64, "i32.eqz": i32, "i64.extend_i32_u": i32, "i32.trunc_f64_s": f64 };
const binary = { "i32.div_u": i32, "f64.div": f64, "i32.lt_u": i32, "f64.lt": f64, "i32.mul": i32, "f64.mul": f64 };
const seen = [];
for (const [name, operand] of Object.entries(unary)) {
  seen.push(`${name} ${bill(`(drop (${name} ${operand}))`) - bill(`(drop ${operand})`)}`);
}
for (const [name, operand] of Object.entries(binary)) {
  // Beside the same operands, which without the operation take one drop more: 120.
  seen.push(`${name} ${bill(`(drop (${name} ${operand} ${operand}))`) - bill(`(drop ${operand}) (drop ${operand})`) + 120}`);
}
seen.push(`nop ${bill("(nop) (nop)") - bill("(nop)")}`);
console.log(seen.join("; "));
JS
seen=$(node seen.mjs)
expected='f64.sqrt 0; f64.floor 0; i32.eqz 45; i64.extend_i32_u 0; i32.trunc_f64_s 0; i32.div_u 36000; f64.div 0; i32.lt_u 45; f64.lt 0; i32.mul 45; f64.mul 45; nop 1'
echo "wasm-metering 0.2.1, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
