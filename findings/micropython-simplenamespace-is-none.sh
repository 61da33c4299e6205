#!/usr/bin/env bash
# What:     from types import SimpleNamespace.
# Version:  @micropython/micropython-webassembly-pyscript 1.29.0-6 from npm, own glue.
# Expected: a class, as in CPython, or an ImportError.
# Seen:     the import succeeds and the name is None; calling it is a TypeError.
# Matters:  `try: import … except ImportError:` does not fall back; the fault shows at the first call.
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
python.runPython("from types import SimpleNamespace\nprint(SimpleNamespace)");
try {
  python.runPython("SimpleNamespace(a=1)");
} catch (error) {
  lines.push(error.type);
}
console.log(lines.join(", "));
JS
seen=$(node seen.mjs)
expected='None, TypeError'
echo "MicroPython 1.29.0-6: $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
