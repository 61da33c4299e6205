#!/usr/bin/env bash
# What:     f32.load and f32.store of a signalling NaN, with no arithmetic between them.
# Version:  polywasm 0.2.0 from npm, beside the WebAssembly of the Node that runs this.
# Expected: loads and stores move bits (specification 4.4: only arithmetic may change a NaN): 7fa00001.
# Seen:     V8 7fa00001, polywasm 7fe00001: the value was a JavaScript number on its way, which quiets it.
# Matters:  programs that copy memory or tagged values through f32 (unions, NaN boxing) lose a bit.
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
const text = `(module (memory 1) (data (i32.const 4) "\\01\\00\\a0\\7f")
  (func (export "copy") (result i32)
    (f32.store (i32.const 0) (f32.load (i32.const 4)))
    (i32.load (i32.const 0))))`;
const bytes = wabt.parseWat("copy.wat", text).toBinary({}).buffer;
const seen = [];
for (const engine of [WebAssembly, polywasm]) {
  const { instance } = await engine.instantiate(bytes, {});
  const { exports } = instance;
  seen.push(exports.copy().toString(16));
}
console.log(`V8 ${seen[0]}, polywasm ${seen[1]}`);
JS
seen=$(node seen.mjs)
expected='V8 7fa00001, polywasm 7fe00001'
echo "node $(node --version), polywasm 0.2.0: $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
