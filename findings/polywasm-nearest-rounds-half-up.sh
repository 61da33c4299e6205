#!/usr/bin/env bash
# What:     f64.nearest of a number halfway between two integers.
# Version:  polywasm 0.2.0 from npm, beside the WebAssembly of the Node that runs this.
# Expected: ties go to the even neighbour: nearest(2.5) is 2 (specification, fnearest).
# Seen:     V8 gives 0 2 2 4 4 for 0.5 1.5 2.5 3.5 4.5, polywasm 1 2 3 4 5: it rounds half up.
# Matters:  rounding of ties decides bankers' rounding in compiled C and Rust (rint, round_ties_even).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund polywasm@0.2.0 wabt@1.0.37
cat >seen.mjs <<'JS'
import { WebAssembly as polywasm } from "polywasm";
import loadWabt from "wabt";

const wabt = await loadWabt();
const text = `(module (func (export "nearest") (param f64) (result f64) (f64.nearest (local.get 0))))`;
const bytes = wabt.parseWat("nearest.wat", text).toBinary({}).buffer;
const seen = [];
for (const engine of [WebAssembly, polywasm]) {
  const { instance } = await engine.instantiate(bytes, {});
  const { exports } = instance;
  seen.push([0.5, 1.5, 2.5, 3.5, 4.5].map((x) => exports.nearest(x)).join(" "));
}
console.log(`V8 ${seen[0]}, polywasm ${seen[1]}`);
JS
seen=$(node seen.mjs)
expected='V8 0 2 2 4 4, polywasm 1 2 3 4 5'
echo "node $(node --version), polywasm 0.2.0: $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
