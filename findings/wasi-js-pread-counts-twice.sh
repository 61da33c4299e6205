#!/usr/bin/env bash
# What:     `fd_pread` of 5 bytes from a file of 12, and `fd_read` of the same, through a guest's imports; what they say was read.
# Version:  wasi-js 1.7.3 from npm, with its own bindings for Node; Node 20.
# Expected: 5 and 5: the count is that of the bytes read (WASI preview 1, fd_pread).
# Seen:     fd_pread says 10: bytes of a buffer that was filled are counted twice, those of one that was not are counted once.
# Matters:  the guest takes twice what was read for data, and goes on at the wrong offset; a read that meets the end of the file is right, so small tests pass.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts wabt@1.0.39 wasi-js@1.7.3
mkdir files
printf 'twelve bytes' >files/a.txt
cat >seen.mjs <<'JS'
import fs from "node:fs";
import { createRequire } from "node:module";
import wabt from "wabt";
const require = createRequire(import.meta.url);
const { default: WASI } = require("wasi-js");
const { default: bindings } = require("wasi-js/dist/bindings/node");
const text = `(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_pread" (func $fd_pread (param i32 i32 i32 i64 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "a.txt")
  (func (export "open") (result i32)
    (call $path_open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 5) (i32.const 0)
      (i64.const 6) (i64.const 0) (i32.const 0) (i32.const 16)))
  (func $iovec (param i32) (i32.store (i32.const 20) (i32.const 64)) (i32.store (i32.const 24) (local.get 0)))
  (func (export "pread") (param i32) (result i32)
    (call $iovec (local.get 0))
    (call $fd_pread (i32.load (i32.const 16)) (i32.const 20) (i32.const 1) (i64.const 0) (i32.const 32)))
  (func (export "read") (param i32) (result i32)
    (call $iovec (local.get 0))
    (call $fd_read (i32.load (i32.const 16)) (i32.const 20) (i32.const 1) (i32.const 32)))
  (func (export "count") (result i32) (i32.load (i32.const 32))))`;
const { buffer } = (await wabt()).parseWat("guest.wat", text).toBinary({});
const wasi = new WASI({ preopens: { "/": `${process.cwd()}/files` }, bindings: { ...bindings, fs } });
const { instance } = await WebAssembly.instantiate(buffer, { wasi_snapshot_preview1: wasi.wasiImport });
wasi.start(instance);
const { open, pread, read, count } = instance.exports;
const seen = [`open ${open()}`];
for (const [name, call, size] of [["pread", pread, 5], ["pread", pread, 100], ["read", read, 5]]) {
  seen.push(`${name} of ${size}: ${call(size)}, ${count()} bytes`);
}
console.log(seen.join("; "));
JS
seen=$(node seen.mjs)
expected='open 0; pread of 5: 0, 10 bytes; pread of 100: 0, 12 bytes; read of 5: 0, 5 bytes'
echo "wasi-js 1.7.3, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
