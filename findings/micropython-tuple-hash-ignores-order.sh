#!/usr/bin/env bash
# What:     hash() of tuples that hold the same items in another order.
# Version:  @micropython/micropython-webassembly-pyscript 1.29.0-6 from npm, own glue.
# Expected: different hashes for most, as in CPython: points (x, y) of a grid are to be told apart.
# Seen:     one hash for all orders: the hash is a sum. The 400 points of a 20 by 20 grid have 39 hashes.
# Matters:  dicts and sets keyed by coordinates are searched entry by entry; what is linear in CPython is quadratic.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @micropython/micropython-webassembly-pyscript@1.29.0-6
cat >seen.mjs <<'JS'
import { loadMicroPython } from "@micropython/micropython-webassembly-pyscript/micropython.mjs";
const lines = [];
const python = await loadMicroPython({ stdout: (line) => lines.push(line), linebuffer: true });
python.runPython(`print(hash((1, 2, 3)) == hash((3, 2, 1)))
print(len({hash((x, y)) for x in range(20) for y in range(20)}))`);
console.log(lines.join(", "));
JS
seen=$(node seen.mjs)
expected='True, 39'
echo "MicroPython 1.29.0-6: $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
