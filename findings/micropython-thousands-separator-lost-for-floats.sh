#!/usr/bin/env bash
# What:     `"{:,}".format(1234567)`, `"{:,.2f}".format(1234567.5)` and the same with `_`.
# Version:  MicroPython 1.29.0-6 for WebAssembly (npm, @micropython/micropython-webassembly-pyscript).
# Expected: "1,234,567" and "1,234,567.50", as in CPython; or an error for what is not supported.
# Seen:     integers have their separators, floats lose them without a word: "1234567.50".
# Matters:  sums of money are formatted so; a program that works with whole numbers is taken to work.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @micropython/micropython-webassembly-pyscript@1.29.0-6
cat >seen.mjs <<'JS'
import { loadMicroPython } from "@micropython/micropython-webassembly-pyscript/micropython.mjs";
const python = await loadMicroPython({ linebuffer: true });
python.runPython('print("{:,} {:,.2f} {:_} {:_.2f}".format(1234567, 1234567.5, 1234567, 1234567.5))');
JS
seen=$(node seen.mjs)
expected='1,234,567 1234567.50 1_234_567 1234567.50'
echo "MicroPython 1.29.0-6, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
