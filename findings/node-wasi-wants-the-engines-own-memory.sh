#!/usr/bin/env bash
# What:     WASI.start with an instance whose memory comes from another WebAssembly implementation.
# Version:  node:wasi of Node 20.20, polywasm 0.2.0 from npm.
# Expected: start returns 0: the module exports a memory with a buffer and an empty _start.
# Seen:     V8's instance returns 0, polywasm's is refused with ERR_INVALID_ARG_TYPE.
# Matters:  an engine written in JavaScript cannot borrow Node's WASI host by handing it its instance.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund polywasm@0.2.0 wabt@1.0.37
cat >seen.mjs <<'JS'
import { WASI } from "node:wasi";
import { WebAssembly as polywasm } from "polywasm";
import loadWabt from "wabt";

const wabt = await loadWabt();
const text = `(module (memory (export "memory") 1) (func (export "_start")))`;
const bytes = wabt.parseWat("start.wat", text).toBinary({}).buffer;
const seen = [];
for (const engine of [WebAssembly, polywasm]) {
  const { instance } = await engine.instantiate(bytes, {});
  const size = instance.exports.memory.buffer.byteLength;
  try {
    seen.push(`${size} bytes, ${new WASI({ version: "preview1" }).start(instance)}`);
  } catch (error) {
    seen.push(`${size} bytes, ${error.code}`);
  }
}
console.log(`V8 ${seen[0]}; polywasm ${seen[1]}`);
JS
seen=$(node --no-warnings seen.mjs)
expected='V8 65536 bytes, 0; polywasm 65536 bytes, ERR_INVALID_ARG_TYPE'
echo "node $(node --version), polywasm 0.2.0: $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
