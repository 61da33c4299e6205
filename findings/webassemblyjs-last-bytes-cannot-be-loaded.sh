#!/usr/bin/env bash
# What:     `i32.load8_u` and `i32.load16_u` of the last four bytes of a page, and `memory.size`, in the interpreter of webassemblyjs, beside V8's.
# Version:  webassemblyjs 1.14.1 from npm; V8 of Node 20.
# Expected: bytes up to 65535 and halves up to 65534 can be loaded; one page is 1.
# Seen:     a narrow load is checked as if it took four bytes: beyond 65532 it is out of bounds; `memory.size` gives undefined.
# Matters:  strings and tables that end where the memory ends cannot be read to their end, and allocators that ask for the size compute with NaN.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund wabt@1.0.39 webassemblyjs@1.14.1
cat >seen.mjs <<'JS'
import wabt from "wabt";
import polyfill from "webassemblyjs";
const text = `(module
  (memory 1)
  (data (i32.const 65532) "abcd")
  (func (export "byte") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "half") (param i32) (result i32) (i32.load16_u (local.get 0)))
  (func (export "size") (result i32) (memory.size)))`;
const { buffer } = (await wabt()).parseWat("module.wat", text).toBinary({});
const calls = [["byte", 65532], ["byte", 65533], ["byte", 65535], ["half", 65532], ["half", 65534], ["size"]];
const seen = [];
for (const [name, api] of [["V8", WebAssembly], ["webassemblyjs", polyfill]]) {
  const { instance } = await api.instantiate(buffer, {});
  const results = calls.map(([call, ...operands]) => {
    try {
      return `${[call, ...operands].join(" ")} is ${instance.exports[call](...operands)}`;
    } catch (error) {
      return `${[call, ...operands].join(" ")} traps`;
    }
  });
  seen.push(`${name}: ${results.join(", ")}`);
}
console.log(seen.join("; "));
JS
seen=$(node seen.mjs)
expected='V8: byte 65532 is 97, byte 65533 is 98, byte 65535 is 100, half 65532 is 25185, half 65534 is 25699, size is 1; webassemblyjs: byte 65532 is 97, byte 65533 traps, byte 65535 traps, half 65532 is 25185, half 65534 traps, size is undefined'
echo "webassemblyjs 1.14.1, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
