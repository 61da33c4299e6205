#!/usr/bin/env bash
# What:     padding text with letters beyond ASCII to a width: "{:>4}".format and "%4s".
# Version:  @micropython/micropython-webassembly-pyscript 1.29.0-6 from npm, own glue.
# Expected: four characters, whatever they are.
# Seen:     bytes of UTF-8 are counted: one space less for each letter with an accent. len() counts characters.
# Matters:  tables of names do not line up.
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
python.runPython(`print(len("{:>4}".format("a")), len("{:>4}".format("\u00e9")), len("%4s" % "\u00e9"), len("\u00e9"))`);
console.log(lines.join(", "));
JS
seen=$(node seen.mjs)
expected='4 3 3 1'
echo "MicroPython 1.29.0-6: $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
