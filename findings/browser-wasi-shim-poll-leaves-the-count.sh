#!/usr/bin/env bash
# What:     poll_oneoff with one subscription to the monotonic clock, 1 ms.
# Version:  @bjorn3/browser_wasi_shim 0.4.2 from npm, Node 20.
# Expected: 0, an event, and its number, 1, at the last pointer.
# Seen:     0 and the event, but the number is not written: what lay there stays.
# Matters:  a guest reads as many events as its memory happened to say.
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
  poll_oneoff: "i32 i32 i32 i32",
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

view.setBigUint64(64, 7n, true);
view.setUint32(80, 1, true);
view.setBigUint64(88, 1_000_000n, true);
view.setUint32(40, 12345, true);
const error = guest.poll_oneoff(64, 256, 1, 40);
console.log(`${error}, event of ${view.getBigUint64(256, true)}, number ${view.getUint32(40, true)}`);
JS
seen=$(node --no-warnings seen.mjs)
expected='0, event of 7, number 12345'
echo "@bjorn3/browser_wasi_shim 0.4.2, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
