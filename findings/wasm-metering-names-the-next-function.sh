#!/usr/bin/env bash
# What:     the function names in V8's stack trace of a trap, before and after meterWASM(); the module has a name section.
# Version:  wasm-metering 0.2.1 from npm; run by V8 of Node 20.
# Expected: the same names: metering puts one imported function before the others, and moves every index by one.
# Seen:     calls, exports, elements and the start function are moved, the name section is not: each function has the name of the one behind it.
# Matters:  stack traces, profiles and coverage of metered code blame the neighbour.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund wabt@1.0.39 wasm-metering@0.2.1
cat >seen.mjs <<'JS'
import wabt from "wabt";
import metering from "wasm-metering";
const text = `(module
  (func $innocent)
  (func $divides (param i32) (drop (i32.div_s (i32.const 1) (local.get 0))))
  (func $asks (export "asks") (call $divides (i32.const 0))))`;
const { buffer } = (await wabt()).parseWat("module.wat", text).toBinary({ write_debug_names: true });
const seen = [];
for (const [name, binary] of [["plain", buffer], ["metered", metering.meterWASM(Buffer.from(buffer), {})]]) {
  const module = new WebAssembly.Module(binary);
  const instance = new WebAssembly.Instance(module, { metering: { usegas() {} } });
  try {
    instance.exports.asks();
  } catch (error) {
    const frames = error.stack.split("\n").filter((line) => line.includes("wasm-function"));
    seen.push(`${name}: ${frames.map((line) => /at (\w+) \(/.exec(line)?.[1] ?? "(no name)").join(" < ")}`);
  }
}
console.log(seen.join("; "));
JS
seen=$(node seen.mjs)
expected='plain: divides < asks; metered: asks < (no name)'
echo "wasm-metering 0.2.1, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
