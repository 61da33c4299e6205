#!/usr/bin/env bash
# What:     path_open of a file that does not exist, without O_CREAT.
# Version:  @runno/wasi 0.10.0 from npm, Node 20.
# Expected: ENOENT, 44.
# Seen:     ENOTCAPABLE, 76.
# Matters:  programs that make a file when there is none ask for ENOENT, and report a lack of rights here.
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
  path_open: "i32 i32 i32 i32 i32 i64 i64 i32 i32",
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
const DIR = 3;
const { exports: guest } = instance;
const view = new DataView(guest.memory.buffer);
const bytes = new Uint8Array(guest.memory.buffer);
/** Puts `text` at 1024 and returns its length. */
function put(text) {
  return new TextEncoder().encodeInto(text, bytes.subarray(1024)).written;
}

/** Opens a file of the folder 3: a descriptor, or the error number below zero. */
function open(name, oflags = 0, fdflags = 0) {
  const error = guest.path_open(DIR, 1, 1024, put(name), oflags, 0x7ffffffn, 0x7ffffffn, fdflags, 16);
  return error === 0 ? view.getUint32(16, true) : -error;
}

console.log(open("f.txt") > 0, open("missing"));
JS
seen=$(node --no-warnings seen.mjs)
expected='true -76'
echo "@runno/wasi 0.10.0, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
