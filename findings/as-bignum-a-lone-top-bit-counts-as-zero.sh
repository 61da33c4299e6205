#!/usr/bin/env bash
# What:     `u128.clz`, `u128.ctz` and 5 divided by 2^127, with as-bignum compiled by AssemblyScript.
# Version:  as-bignum 0.3.1, assemblyscript 0.28.20 from npm, run by V8 of Node 20.
# Expected: 2^127 has 0 leading and 127 trailing zeros, 2^63 has 64 and 63, and 5 / 2^127 is 0.
# Seen:     128 leading zeros for 2^127 and 128 trailing zeros for 2^63: a half whose top bit alone is set is taken for 0, and 5 / 2^127 for a division by zero.
# Matters:  division rests on these two, and the numbers are what a shift produces, not what random tests hit.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm pkg set type=module
npm install --silent --no-audit --no-fund assemblyscript@0.28.20 as-bignum@0.3.1
cat >module.ts <<'TS'
import { u128 } from "as-bignum/assembly";
export function clz(hi: u64, lo: u64): i32 {
  return u128.clz(new u128(lo, hi));
}
export function ctz(hi: u64, lo: u64): i32 {
  return u128.ctz(new u128(lo, hi));
}
export function divide(by: u64): string {
  return (new u128(5) / new u128(0, by)).toString();
}
TS
node_modules/.bin/asc module.ts --outFile module.wasm --bindings esm
cat >seen.mjs <<'JS'
import { clz, ctz, divide } from "./module.js";
const bit = 1n << 63n;
const numbers = { "2^127": [bit, 0n], "2^127 + 2^64": [bit | 1n, 0n], "2^63": [0n, bit], "2^126": [bit >> 1n, 0n] };
const seen = Object.entries(numbers).map(([name, [hi, lo]]) => `${name}: ${clz(hi, lo)} ${ctz(hi, lo)}`);
for (const [name, by] of [["2^126", bit >> 1n], ["2^127", bit]]) {
  try {
    seen.push(`5 / ${name}: ${divide(by)}`);
  } catch (error) {
    seen.push(`5 / ${name}: ${error.message.split(" in ")[0]}`);
  }
}
console.log(seen.join("; "));
JS
seen=$(node seen.mjs)
expected='2^127: 128 127; 2^127 + 2^64: 0 64; 2^63: 64 128; 2^126: 1 126; 5 / 2^126: 0; 5 / 2^127: Division by zero'
echo "as-bignum 0.3.1, assemblyscript 0.28.20, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
