#!/usr/bin/env bash
# What:     fd_write of two bytes at position 1 of the file "abcdef", in the memory file system.
# Version:  @wasmer/wasi 1.2.2 from npm, Node 20.
# Expected: two bytes are replaced: "aZZdef".
# Seen:     they are inserted: "aZZbcdef".
# Matters:  every format that patches a header or a record in place is corrupted.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund wabt@1.0.39 @wasmer/wasi@1.2.2
cat >seen.mjs <<'JS'
import wabt from "wabt";
// A reactor with a memory that exports what it imports: the calls that a guest would make.
const calls = {
  path_open: "i32 i32 i32 i32 i32 i64 i64 i32 i32",
  fd_write: "i32 i32 i32 i32",
  fd_read: "i32 i32 i32 i32",
  fd_seek: "i32 i64 i32 i32",
};
const lines = Object.entries(calls).flatMap(([name, params]) => [
  `(import "wasi_snapshot_preview1" "${name}" (func $${name} (param ${params}) (result i32)))`,
]);
const rest = Object.keys(calls).map((name) => `(export "${name}" (func $${name}))`);
const text = `(module ${lines.join(" ")} (memory (export "memory") 4) (func (export "_initialize")) ${rest.join(" ")})`;
const module = new WebAssembly.Module((await wabt()).parseWat("calls.wat", text).toBinary({}).buffer);
import { init, WASI } from "@wasmer/wasi";
await init();
const wasi = new WASI({ args: [], env: {}, preopens: { "/": "/" } });
const instance = wasi.instantiate(module, {});
wasi.fs.open("/f.txt", { read: true, write: true, create: true }).writeString("hello");
const DIR = 4;
const { exports: guest } = instance;
const view = new DataView(guest.memory.buffer);
const bytes = new Uint8Array(guest.memory.buffer);
/** Puts `text` at 1024 and returns its length. */
function put(text) {
  return new TextEncoder().encodeInto(text, bytes.subarray(1024)).written;
}

/** Opens a file of the folder that holds /: a descriptor, or the error number below zero. */
function open(name, oflags = 0, fdflags = 0) {
  const error = guest.path_open(DIR, 1, 1024, put(name), oflags, 0x7ffffffn, 0x7ffffffn, fdflags, 16);
  return error === 0 ? view.getUint32(16, true) : -error;
}

function write(fd, text) {
  view.setUint32(32, 1024, true);
  view.setUint32(36, put(text), true);
  return guest.fd_write(fd, 32, 1, 40);
}

function read(fd) {
  view.setUint32(32, 2048, true);
  view.setUint32(36, 100, true);
  guest.fd_read(fd, 32, 1, 40);
  return new TextDecoder().decode(bytes.slice(2048, 2048 + view.getUint32(40, true)));
}

const file = open("new.txt", 1);
write(file, "abcdef");
guest.fd_seek(file, 1n, 0, 48);
write(file, "ZZ");
guest.fd_seek(file, 0n, 0, 48);
console.log(read(file));
JS
seen=$(node --no-warnings seen.mjs)
expected='aZZbcdef'
echo "@wasmer/wasi 1.2.2, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
