#!/usr/bin/env bash
# What:     comparing integers from 2**53 on with floats.
# Version:  @micropython/micropython-webassembly-pyscript 1.29.0-6 from npm, own glue.
# Expected: exact, as in CPython: 10**30 is not 1e30 (which is 1000000000000000019884624838656).
# Seen:     the integer is rounded to a float first: 10**30 == 1e30 and 2**53 + 1 == 2.0**53 are True, and 2**53 + 1 > 2.0**53 is False.
# Matters:  sorting and de-duplicating identifiers that came through JSON as floats merges neighbours.
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
python.runPython(`print(10**30 == 1e30, 2**53 + 1 == 2.0**53, 2**53 + 1 > 2.0**53, int(1e30) == 10**30)`);
console.log(lines.join(", "));
JS
seen=$(node seen.mjs)
expected='True True False False'
echo "MicroPython 1.29.0-6: $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
