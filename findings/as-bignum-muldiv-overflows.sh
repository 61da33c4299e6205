#!/usr/bin/env bash
# What:     `u128.muldiv(a, b, c)` of as-bignum, compiled by AssemblyScript, beside BigInt's `a * b / c`; the quotients are below 1000.
# Version:  as-bignum 0.3.1, assemblyscript 0.28.20 from npm, run by V8 of Node 20.
# Expected: the quotient: the package says that it multiplies and divides "without overflow in multiplication part".
# Seen:     right below 2^127; a larger denominator gives 0 for 1, 0 for 99 and 1 for 4: the remainder is doubled within 128 bits.
# Matters:  one takes it for shares and prices so that nothing overflows (the package is for "economical" uses), and it is quietly wrong for large totals.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm pkg set type=module
npm install --silent --no-audit --no-fund assemblyscript@0.28.20 as-bignum@0.3.1
cat >module.ts <<'TS'
import { u128 } from "as-bignum/assembly";
export function muldiv(a: string, b: string, c: string): string {
  return u128.muldiv(u128.from(a), u128.from(b), u128.from(c)).toString();
}
TS
node_modules/.bin/asc module.ts --outFile module.wasm --bindings esm
cat >seen.mjs <<'JS'
import { muldiv } from "./module.js";
const top = 1n << 128n;
const cases = [
  [100n, (1n << 127n) - 2n, (1n << 127n) - 1n],
  [5n, (1n << 127n) + 5n, (1n << 127n) + 7n],
  [2n, top - 2n, top - 1n],
  [100n, top - 2n, top - 1n],
];
console.log(cases.map(([a, b, c]) => `${muldiv(`${a}`, `${b}`, `${c}`)} for ${(a * b) / c}`).join("; "));
JS
seen=$(node seen.mjs)
expected='99 for 99; 1 for 4; 0 for 1; 0 for 99'
echo "as-bignum 0.3.1, assemblyscript 0.28.20, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
