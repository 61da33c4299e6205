#!/usr/bin/env bash
# What:     a module whose function `same` takes an externref and returns it, read and written again by waffle with nothing changed.
# Version:  waffle 0.3.3 from crates.io; run by V8 of Node 20.
# Expected: the same module, or an error: what waffle has no type for (a tag, `memory.init`) it refuses with `UnsupportedFeature`.
# Seen:     the module is written, and valid, with funcref for externref: `same` of an object is a TypeError, of a function it works.
# Matters:  a pass that means to leave such a function as it is changes its type, and neither the library nor a validator says so: a host finds out.
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
  (func (export "same") (param externref) (result externref) (local.get 0))
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))`;
writeFileSync("plain.wasm", (await wabt()).parseWat("module.wat", text, { reference_types: true }).toBinary({}).buffer);
JS
node module.mjs
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "copy"
version = "0.1.0"
edition = "2021"
[dependencies]
waffle = "=0.3.3"
TOML
cat >src/main.rs <<'RUST'
use waffle::{FrontendOptions, Module};

fn main() {
    let plain = std::fs::read("plain.wasm").expect("the module is there");
    let module = Module::from_wasm_bytes(&plain, &FrontendOptions::default()).expect("waffle reads it");
    std::fs::write("copied.wasm", module.to_wasm_bytes().expect("waffle writes it")).expect("the copy is written");
}
RUST
cargo run --quiet
cat >seen.mjs <<'JS'
import { readFileSync } from "node:fs";
const seen = [];
for (const name of ["plain", "copied"]) {
  const { exports: guest } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(`${name}.wasm`)));
  const results = [guest.add(2, 3)];
  for (const value of [{}, guest.add]) {
    try {
      results.push(guest.same(value) === value ? "same" : "other");
    } catch (error) {
      results.push(error.name);
    }
  }
  seen.push(`${name}: ${results.join(" ")}`);
}
console.log(seen.join("; "));
JS
seen=$(node seen.mjs)
expected='plain: 5 same same; copied: 5 TypeError same'
echo "waffle 0.3.3, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
