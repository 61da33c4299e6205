#!/usr/bin/env bash
# What:     in-memory files of the browser filesystem, empty and of one byte, given as text and as bytes: `stat`, and `get-type` once opened.
# Version:  @bytecodealliance/preview2-shim 0.26.1 from npm; Node 20.
# Expected: regular-file from both: `get-type` "returns the same value as the `type` field" that `stat` returns (wasi:filesystem 0.2, descriptor.get-type).
# Seen:     `stat` says so; of an empty file that was given as text, `get-type` says unknown until something looked at its bytes.
# Matters:  `__init__.py` is a file of "" in many a tree: what a guest takes it for depends on what was asked before.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @bytecodealliance/preview2-shim@0.26.1
cat >seen.mjs <<'JS'
const browser = "./node_modules/@bytecodealliance/preview2-shim/dist/browser";
const { InMemoryFilesystemAdapter } = await import(`${browser}/in-memory-filesystem.js`);
const files = { "text 1": "a", "bytes 1": new Uint8Array(1), "bytes 0": new Uint8Array(0), "text 0": "" };
const dir = Object.fromEntries(Object.entries(files).map(([name, source]) => [name, { source }]));
const root = new InMemoryFilesystemAdapter().getRoot({ dir });
const seen = [];
for (const name of Object.keys(files)) {
  const file = root.openAt({}, name, {}, { read: true });
  seen.push(`${name}: ${file.getType()}, ${file.stat().type}, ${file.getType()}`);
}
console.log(seen.join("; "));
JS
seen=$(node seen.mjs)
expected='text 1: regular-file, regular-file, regular-file; bytes 1: regular-file, regular-file, regular-file; bytes 0: regular-file, regular-file, regular-file; text 0: unknown, regular-file, regular-file'
echo "@bytecodealliance/preview2-shim 0.26.1, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
