#!/usr/bin/env bash
# What:     pow(base, -1, modulus).
# Version:  @micropython/micropython-webassembly-pyscript 1.29.0-6 from npm, own glue.
# Expected: the inverse (5 for 3 modulo 7), as in CPython from 3.8 on, or an exception.
# Seen:     0; no exception.
# Matters:  modular inverses of textbook cryptography and combinatorics come out as 0 in silence.
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
python.runPython(`print(pow(3, -1, 7), pow(3, -2, 7), pow(10, -1, 10**9 + 7), pow(3, 2, 7))`);
console.log(lines.join(", "));
JS
seen=$(node seen.mjs)
expected='0 0 0 2'
echo "MicroPython 1.29.0-6: $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
