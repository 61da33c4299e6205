#!/usr/bin/env bash
# What:     random_get of 65,536 and of 65,537 bytes.
# Version:  @runno/wasi 0.10.0 from npm, Node 20.
# Expected: 0 for both: the call has no limit.
# Seen:     the second throws the host's QuotaExceededError through the guest, no error number.
# Matters:  a guest that fills a larger pool ends with a JavaScript exception that it cannot handle.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund wabt@1.0.39 @runno/wasi@0.10.0
cat >seen.mjs <<'JS'
import wabt from "wabt";
// A reactor with a memory that exports what it imports: the calls that a guest would make.
const calls = {
  random_get: "i32 i32",
};
const lines = Object.entries(calls).flatMap(([name, params]) => [
  `(import "wasi_snapshot_preview1" "${name}" (func $${name} (param ${params}) (result i32)))`,
]);
const rest = Object.keys(calls).map((name) => `(export "${name}" (func $${name}))`);
const text = `(module ${lines.join(" ")} (memory (export "memory") 4) (func (export "_initialize")) ${rest.join(" ")})`;
const module = new WebAssembly.Module((await wabt()).parseWat("calls.wat", text).toBinary({}).buffer);
import { WASI } from "@runno/wasi";
const now = new Date(0);
const timestamps = { access: now, change: now, modification: now };
const wasi = new WASI({
  args: [], env: {}, stdout() {}, stderr() {}, stdin: () => null,
  fs: { "/f.txt": { path: "/f.txt", timestamps, mode: "string", content: "hello" } },
});
const instance = new WebAssembly.Instance(module, wasi.getImportObject());
wasi.instance = instance;
wasi.memory = instance.exports.memory;

const { exports: guest } = instance;
const view = new DataView(guest.memory.buffer);
const bytes = new Uint8Array(guest.memory.buffer);
/** Puts `text` at 1024 and returns its length. */
function put(text) {
  return new TextEncoder().encodeInto(text, bytes.subarray(1024)).written;
}

function random(length) {
  try {
    return guest.random_get(4096, length);
  } catch (error) {
    return error.name;
  }
}
console.log(random(65536), random(65537));
JS
seen=$(node --no-warnings seen.mjs)
expected='0 QuotaExceededError'
echo "@runno/wasi 0.10.0, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
