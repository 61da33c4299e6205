#!/usr/bin/env bash
# What:     a file opened with FDFLAGS_APPEND, fd_seek to its start, fd_write.
# Version:  @bjorn3/browser_wasi_shim 0.4.2 from npm, Node 20.
# Expected: the write goes to the end of the file, whatever the position: "abcZ".
# Seen:     it overwrites the start: "Zbc".
# Matters:  logs that several parts of a program append to lose what was written before.
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
import { Directory, PreopenDirectory, WASI } from "@bjorn3/browser_wasi_shim";
const fds = [new Directory(new Map()), new Directory(new Map()), new Directory(new Map())];
fds[3] = new PreopenDirectory("/", new Map([["folder", new Directory(new Map())]]));
const wasi = new WASI([], [], fds, { debug: false });
const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi.wasiImport });
wasi.initialize(instance);
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

write(open("log", 1), "abc");
const appending = open("log", 0, 1);
guest.fd_seek(appending, 0n, 0, 48);
write(appending, "Z");
console.log(read(open("log")));
JS
seen=$(node --no-warnings seen.mjs)
expected='Zbc'
echo "@bjorn3/browser_wasi_shim 0.4.2, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
