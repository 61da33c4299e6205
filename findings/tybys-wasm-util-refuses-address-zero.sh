#!/usr/bin/env bash
# What:     args_sizes_get whose first result is to be written at address 0.
# Version:  @tybys/wasm-util 0.10.5 from npm, Node 20.
# Expected: 0, and the number there: address 0 is an address of a linear memory like others.
# Seen:     EINVAL, 28; at address 8 it is 0.
# Matters:  hand-written and very small modules keep their data at 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund wabt@1.0.39 @tybys/wasm-util@0.10.5
cat >seen.mjs <<'JS'
import wabt from "wabt";
// A reactor with a memory that exports what it imports: the calls that a guest would make.
const calls = {
  args_sizes_get: "i32 i32",
};
const lines = Object.entries(calls).flatMap(([name, params]) => [
  `(import "wasi_snapshot_preview1" "${name}" (func $${name} (param ${params}) (result i32)))`,
]);
const rest = Object.keys(calls).map((name) => `(export "${name}" (func $${name}))`);
const text = `(module ${lines.join(" ")} (memory (export "memory") 4) (func (export "_initialize")) ${rest.join(" ")})`;
const module = new WebAssembly.Module((await wabt()).parseWat("calls.wat", text).toBinary({}).buffer);
import { WASI } from "@tybys/wasm-util";
const wasi = new WASI({ version: "preview1", args: ["program"] });
const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi.wasiImport });
wasi.initialize(instance);
console.log([0, 8].map((address) => instance.exports.args_sizes_get(address, 16)).join(" "));
JS
seen=$(node --no-warnings seen.mjs)
expected='28 0'
echo "@tybys/wasm-util 0.10.5, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
