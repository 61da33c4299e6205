#!/usr/bin/env bash
# What:     `clock_res_get` of the realtime and of the monotonic clock, and `clock_time_get`, as a guest loads their results.
# Version:  wasi-js 1.7.3 from npm, with its own bindings for Node; Node 20.
# Expected: 1000 and 1 nanoseconds, which is what its source means: all integers of WASI are stored little endian (WASI preview 1, WebAssembly's memory).
# Seen:     16718206241729413120 and 72057594037927936: the resolution alone is stored big endian; the times are right.
# Matters:  a guest that asks how exact its clocks are, as `clock_getres` and `time.get_clock_info` do, hears of 530 years and of 2 years.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts wabt@1.0.39 wasi-js@1.7.3
cat >seen.mjs <<'JS'
import fs from "node:fs";
import { createRequire } from "node:module";
import wabt from "wabt";
const require = createRequire(import.meta.url);
const { default: WASI } = require("wasi-js");
const { default: bindings } = require("wasi-js/dist/bindings/node");
const text = `(module
  (import "wasi_snapshot_preview1" "clock_res_get" (func $resolution (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "time") (param i32) (result i64)
    (drop (call $time (local.get 0) (i64.const 1) (i32.const 8))) (i64.load (i32.const 8)))
  (func (export "resolution") (param i32) (result i64)
    (drop (call $resolution (local.get 0) (i32.const 8))) (i64.load (i32.const 8))))`;
const { buffer } = (await wabt()).parseWat("guest.wat", text).toBinary({});
const wasi = new WASI({ bindings: { ...bindings, fs } });
const { instance } = await WebAssembly.instantiate(buffer, { wasi_snapshot_preview1: wasi.wasiImport });
wasi.start(instance);
const { resolution, time } = instance.exports;
const year = BigInt.asUintN(64, time(0)) / (365n * 24n * 3600n * 1_000_000_000n) + 1970n;
const resolutions = [0, 1].map((clock) => BigInt.asUintN(64, resolution(clock)));
console.log(`resolutions ${resolutions.join(" ")}; the year is ${year > 2020n && year < 2200n ? "right" : year}`);
JS
seen=$(node seen.mjs)
expected='resolutions 16718206241729413120 72057594037927936; the year is right'
echo "wasi-js 1.7.3, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
