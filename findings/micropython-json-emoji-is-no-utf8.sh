#!/usr/bin/env bash
# What:     json.loads of a character beyond U+FFFF that was written as JSON writes it in ASCII, a pair of escapes.
# Version:  @micropython/micropython-webassembly-pyscript 1.29.0-6 from npm, own glue.
# Expected: one character, of four bytes in UTF-8 (RFC 8259, section 7).
# Seen:     two characters, which encode to six bytes that are no UTF-8 (ed a0 bd ed b8 80).
# Matters:  what json.dumps of CPython (or any ASCII-only writer) wrote breaks where the text is printed or saved.
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
python.runPython(`import json
text = json.loads('"\\\\ud83d\\\\ude00"')
print(len(text), text.encode().hex())`);
console.log(lines.join(", "));
JS
seen=$(node seen.mjs)
expected='2 eda0bdedb880'
echo "MicroPython 1.29.0-6: $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
