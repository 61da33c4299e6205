#!/usr/bin/env bash
# What:     `"%.0f"` of 0.5, 1.5 and 2.5, and `round` of the same.
# Version:  MicroPython 1.29.0-6 for WebAssembly (npm, @micropython/micropython-webassembly-pyscript).
# Expected: 0 2 2 both ways: halves go to the even neighbour, as in CPython and in C's printf.
# Seen:     `round` gives 0 2 2, `"%.0f"` gives 1 2 3.
# Matters:  a number that is rounded and the same number that is printed differ within one program.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @micropython/micropython-webassembly-pyscript@1.29.0-6
cat >seen.mjs <<'JS'
import { loadMicroPython } from "@micropython/micropython-webassembly-pyscript/micropython.mjs";
const python = await loadMicroPython({ linebuffer: true });
python.runPython('print(*["%.0f" % x for x in (0.5, 1.5, 2.5)], *[round(x) for x in (0.5, 1.5, 2.5)])');
JS
seen=$(node seen.mjs)
expected='1 2 3 0 2 2'
echo "MicroPython 1.29.0-6, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
