#!/usr/bin/env bash
# What:     one object larger than the heap that MicroPython's WebAssembly port was started with.
# Version:  @micropython/micropython-webassembly-pyscript 1.27.0 (mp-old) and 1.29.0-6 (mp-new) from npm, own glue.
# Expected: the port adds a heap area for what does not fit (its heap is split and grows), as 1.27.0 does.
# Seen:     1.29.0-6 raises MemoryError for 200,000 bytes on a heap of 128 KiB, while 100,000 bytes, and then
#           as much again many times over, are given: only an object larger than all of the heap so far is not.
# Matters:  a program that reads a file of some size fails or not by what ran before it.
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
const python = await loadMicroPython({ heapsize: 131072, stdout: (line) => lines.push(line), linebuffer: true });
for (const size of [200_000, 100_000]) {
  python.runPython(`
try:
    x = bytearray(${size})
    print("${size} fits")
except MemoryError:
    print("${size} MemoryError")
`);
}
console.log(lines.join(", "));
JS
status=0
while IFS='|' read -r package expected; do
  seen=$(node seen.mjs "$package")
  echo "$package: $seen"
  [ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; status=1; }
done <<'EXPECTED'
mp-old|200000 fits, 100000 fits
mp-new|200000 MemoryError, 100000 fits
EXPECTED
exit "$status"
