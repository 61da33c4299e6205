#!/usr/bin/env bash
# What:     a module that answers 1 and has, in a custom section, the bytes of one that answers 2; `new WebAssembly.Module(view)` of the whole and of those bytes.
# Version:  wasm-polyfill.js 0.2.0 from npm; V8 of Node 20.
# Expected: 1 and 2: of a view, the bytes are those from its offset for its length (JavaScript interface, "a copy of the bytes held by the buffer").
# Seen:     V8 gives 1 and 2, the polyfill 1 and 1: it takes the buffer behind the view, whole and from its start.
# Matters:  small Buffers of Node are views into a shared pool: another module is run, or what is there is called no WebAssembly.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund wabt@1.0.39 wasm-polyfill.js@0.2.0
cat >seen.mjs <<'JS'
import wabt from "wabt";
import polyfill from "wasm-polyfill.js/wasm-polyfill.js";
const tools = await wabt();
const [first, second] = [1, 2].map((answer) => {
  const text = `(module (func (export "answer") (result i32) (i32.const ${answer})))`;
  return tools.parseWat("module.wat", text).toBinary({}).buffer;
});
const both = new Uint8Array([...first, 0, 2 + second.length, 1, "m".charCodeAt(0), ...second]);
const views = [both, both.subarray(both.length - second.length)];
const seen = [];
for (const [name, api] of [["V8", WebAssembly], ["wasm-polyfill", polyfill]]) {
  const answers = views.map((view) => new api.Instance(new api.Module(view), {}).exports.answer());
  seen.push(`${name}: ${answers.join(" ")}`);
}
console.log(seen.join("; "));
JS
seen=$(node --no-warnings seen.mjs)
expected='V8: 1 2; wasm-polyfill: 1 1'
echo "wasm-polyfill.js 0.2.0, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
