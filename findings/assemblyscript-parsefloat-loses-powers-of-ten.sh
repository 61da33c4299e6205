#!/usr/bin/env bash
# What:     `parseFloat(text)` of a program that AssemblyScript compiled, and JavaScript's of the same text.
# Version:  assemblyscript 0.28.20 from npm, run by V8 of Node 20.
# Expected: the same number: the standard library follows JavaScript's, and an f64 is an f64.
# Seen:     3.2063715329715417e+38 is right; the same digits with e+45, e+48, e+50 and e+53 all give 3.2063715329715418e+38; e+60 is right again, and so is 1e+50.
# Matters:  numbers of 17 digits, as one prints them to get them back, come back too small by up to 15 powers of ten, and no test with short numbers sees it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm pkg set type=module
npm install --silent --no-audit --no-fund assemblyscript@0.28.20
cat >module.ts <<'TS'
export function read(text: string): f64 {
  return parseFloat(text);
}
TS
node_modules/.bin/asc module.ts --outFile module.wasm --bindings esm
cat >seen.mjs <<'JS'
import { read } from "./module.js";
const digits = "3.2063715329715417";
const texts = ["1e+50", ...[38, 45, 48, 50, 53, 60].map((exponent) => `${digits}e+${exponent}`)];
console.log(texts.map((text) => `${text} ${read(text) === parseFloat(text) ? "same" : read(text)}`).join("; "));
JS
seen=$(node seen.mjs)
expected='1e+50 same; 3.2063715329715417e+38 same; 3.2063715329715417e+45 3.2063715329715418e+38; 3.2063715329715417e+48 3.2063715329715418e+38; 3.2063715329715417e+50 3.2063715329715418e+38; 3.2063715329715417e+53 3.2063715329715418e+38; 3.2063715329715417e+60 same'
echo "assemblyscript 0.28.20, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
