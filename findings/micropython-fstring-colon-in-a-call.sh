#!/usr/bin/env bash
# What:     an f-string whose expression has a colon inside a string that is an argument.
# Version:  @micropython/micropython-webassembly-pyscript 1.27.0 (mp-old) and 1.29.0-6 (mp-new) from npm, own glue.
# Expected: the text is upper-cased: A:B, as CPython (3.11 to 3.14) prints.
# Seen:     SyntaxError in both: the first colon outside square brackets ends the expression, in quotes or not.
# Matters:  f"{row['a:b']}" works and f"{row.get('a:b')}" does not: times and URLs in formatted output.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund mp-old@npm:@micropython/micropython-webassembly-pyscript@1.27.0 \
  mp-new@npm:@micropython/micropython-webassembly-pyscript@1.29.0-6
cat >seen.mjs <<'JS'
const { loadMicroPython } = await import(`${process.argv[2]}/micropython.mjs`);
const lines = [];
const python = await loadMicroPython({ stdout: (line) => lines.push(line), linebuffer: true });
for (const code of [`print(f"{str.upper('a:b')}")`, `d = {"a:b": 1}\nprint(f"{d['a:b']}")`]) {
  try {
    python.runPython(code);
  } catch (error) {
    lines.push(error.type);
  }
}
console.log(lines.join(", "));
JS
status=0
while IFS='|' read -r package expected; do
  seen=$(node seen.mjs "$package")
  echo "$package: $seen"
  [ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; status=1; }
done <<'EXPECTED'
mp-old|SyntaxError, 1
mp-new|SyntaxError, 1
EXPECTED
exit "$status"
