#!/usr/bin/env bash
# What:     `JSON.parse(text).stringify()` of JSON texts, in a program that AssemblyScript compiled; the result given to JavaScript's JSON.parse.
# Version:  assemblyscript-json 1.1.0, assemblyscript 0.28.20 from npm, run by V8 of Node 20.
# Expected: text that means the same: control characters must be escaped in a string (RFC 8259, section 7).
# Seen:     a line feed is written as a backslash and a line feed, which neither JavaScript nor the package itself reads; a quotation mark in a key is not escaped.
# Matters:  every text of more than one line that goes through a guest comes out as no JSON.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm pkg set type=module
npm install --silent --no-audit --no-fund assemblyscript@0.28.20 assemblyscript-json@1.1.0
cat >module.ts <<'TS'
import { JSON } from "assemblyscript-json/assembly";
export function again(text: string): string {
  return JSON.parse(text).stringify();
}
TS
node_modules/.bin/asc module.ts --outFile module.wasm --bindings esm
cat >seen.mjs <<'JS'
import { again } from "./module.js";
function outcome(read) {
  try {
    return JSON.stringify(read());
  } catch {
    return "refused";
  }
}
const seen = [];
for (const value of ["a", 'a"b', "a\nb", { a: 1 }, { 'a"b': 1 }]) {
  const text = JSON.stringify(value);
  const written = again(text);
  const [theirs, own] = [outcome(() => JSON.parse(written)), outcome(() => again(written))];
  seen.push(`${text}: ${theirs === text ? "same" : theirs}, itself ${own === "refused" ? own : "reads it"}`);
}
console.log(seen.join("; "));
JS
seen=$(node seen.mjs)
expected='"a": same, itself reads it; "a\"b": same, itself reads it; "a\nb": refused, itself refused; {"a":1}: same, itself reads it; {"a\"b":1}: refused, itself refused'
echo "assemblyscript-json 1.1.0, assemblyscript 0.28.20, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
