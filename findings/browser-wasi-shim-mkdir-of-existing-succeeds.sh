#!/usr/bin/env bash
# What:     path_create_directory of a folder that exists.
# Version:  @bjorn3/browser_wasi_shim 0.4.2 from npm, Node 20.
# Expected: EEXIST, 20.
# Seen:     0. What was in the folder stays.
# Matters:  mkdir is how programs take a lock: two of them get it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund wabt@1.0.39 @bjorn3/browser_wasi_shim@0.4.2
cat >seen.mjs <<'JS'
import wabt from "wabt";
// A reactor with a memory that exports what it imports: the calls that a guest would make.
const calls = {
  path_create_directory: "i32 i32 i32",
};
const lines = Object.entries(calls).flatMap(([name, params]) => [
  `(import "wasi_snapshot_preview1" "${name}" (func $${name} (param ${params}) (result i32)))`,
]);
const rest = Object.keys(calls).map((name) => `(export "${name}" (func $${name}))`);
const text = `(module ${lines.join(" ")} (memory (export "memory") 4) (func (export "_initialize")) ${rest.join(" ")})`;
const module = new WebAssembly.Module((await wabt()).parseWat("calls.wat", text).toBinary({}).buffer);
import { Directory, PreopenDirectory, WASI } from "@bjorn3/browser_wasi_shim";
const fds = [new Directory(new Map()), new Directory(new Map()), new Directory(new Map())];
fds[3] = new PreopenDirectory("/", new Map([["folder", new Directory(new Map())]]));
const wasi = new WASI([], [], fds, { debug: false });
const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi.wasiImport });
wasi.initialize(instance);

const { exports: guest } = instance;
const view = new DataView(guest.memory.buffer);
const bytes = new Uint8Array(guest.memory.buffer);
/** Puts `text` at 1024 and returns its length. */
function put(text) {
  return new TextEncoder().encodeInto(text, bytes.subarray(1024)).written;
}

console.log([1, 2].map(() => guest.path_create_directory(3, 1024, put("lock"))).join(" "));
JS
seen=$(node --no-warnings seen.mjs)
expected='0 0'
echo "@bjorn3/browser_wasi_shim 0.4.2, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
