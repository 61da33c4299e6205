#!/usr/bin/env bash
# What:     `inject_stack_limiter` with a limit of 50, then on V8: `ok`, which needs 6 of them, after n calls of an export that traps inside a callee.
# Version:  wasm-instrument 0.4.0 from crates.io; run by V8 of Node 20.
# Expected: a trap unwinds the stack: `ok` works after any number of them, as it does in the module without the limiter.
# Seen:     the counter is lowered only behind a call that returns, so each trap leaves 4 of the limit taken: after 12 traps `ok` traps too, for good.
# Matters:  an instance that is kept, and whose calls may fail, dies of a stack overflow with an empty stack.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund wabt@1.0.39
cat >module.mjs <<'JS'
import { writeFileSync } from "node:fs";
import wabt from "wabt";
const text = `(module
  (func $fails (unreachable))
  (func (export "fails") (call $fails))
  (func $same (param i32) (result i32) (local.get 0))
  (func (export "ok") (param i32) (result i32) (call $same (local.get 0))))`;
writeFileSync("plain.wasm", (await wabt()).parseWat("module.wat", text).toBinary({}).buffer);
JS
node module.mjs
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "limit"
version = "0.1.0"
edition = "2021"
[dependencies]
wasm-instrument = "=0.4.0"
TOML
cat >src/main.rs <<'RUST'
use wasm_instrument::{inject_stack_limiter, parity_wasm::{deserialize_file, serialize_to_file}};

fn main() {
    let plain = deserialize_file("plain.wasm").expect("the module decodes");
    let limited = inject_stack_limiter(plain, 50).expect("the module can be limited");
    serialize_to_file("limited.wasm", limited).expect("the module is written");
}
RUST
cargo run --quiet
cat >seen.mjs <<'JS'
import { readFileSync } from "node:fs";
const seen = [];
for (const name of ["plain", "limited"]) {
  const module = new WebAssembly.Module(readFileSync(`${name}.wasm`));
  const { exports: guest } = new WebAssembly.Instance(module);
  let traps = 0;
  try {
    for (; traps < 1000; traps++) {
      if (guest.ok(7) !== 7) throw new Error("another result");
      try {
        guest.fails();
      } catch (error) {
        if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      }
    }
    seen.push(`${name}: works after ${traps} traps`);
  } catch (error) {
    seen.push(`${name}: after ${traps} traps ${error.message}`);
  }
}
console.log(seen.join("; "));
JS
seen=$(node seen.mjs)
expected='plain: works after 1000 traps; limited: after 12 traps unreachable'
echo "wasm-instrument 0.4.0, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
