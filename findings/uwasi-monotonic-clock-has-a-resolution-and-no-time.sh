#!/usr/bin/env bash
# What:     clock_res_get and clock_time_get of the realtime and the monotonic clock, with `useAll()`; the results lie where all bits are set.
# Version:  uwasi 1.1.0 from npm, Node 20.
# Expected: 0 for both clocks, and 64-bit results; a clock that is not there is EINVAL from either call.
# Seen:     the monotonic clock has a resolution (1 ns) and no time (ENOSYS, 52); a resolution is written as 32 bits, the upper half stays as it was.
# Matters:  programs ask for the resolution to see whether a clock exists, then time themselves with it: `Instant::now` of Rust panics.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund wabt@1.0.39 uwasi@1.1.0
cat >seen.mjs <<'JS'
import { createRequire } from "node:module";
import wabt from "wabt";
const { WASI, useAll } = createRequire(import.meta.url)("uwasi");
const text = `(module
  (import "wasi_snapshot_preview1" "clock_res_get" (func $resolution (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_initialize"))
  (export "resolution" (func $resolution))
  (export "time" (func $time)))`;
const module = new WebAssembly.Module((await wabt()).parseWat("calls.wat", text).toBinary({}).buffer);
const wasi = new WASI({ features: [useAll()] });
const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi.wasiImport });
wasi.initialize(instance);
const { exports: guest } = instance;
const view = new DataView(guest.memory.buffer);
const seen = [];
for (const [name, clock] of [["realtime", 0], ["monotonic", 1]]) {
  view.setBigUint64(8, 0xffff_ffff_ffff_ffffn, true);
  const errors = [guest.resolution(clock, 8), guest.time(clock, 1n, 16)];
  seen.push(`${name}: resolution ${errors[0]} 0x${view.getBigUint64(8, true).toString(16)}, time ${errors[1]}`);
}
console.log(seen.join("; "));
JS
seen=$(node seen.mjs)
expected='realtime: resolution 0 0xffffffff000003e8, time 0; monotonic: resolution 0 0xffffffff00000001, time 52'
echo "uwasi 1.1.0, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
