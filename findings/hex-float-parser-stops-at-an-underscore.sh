#!/usr/bin/env bash
# What:     hexadecimal floats with underscores between their digits, read by a parser "as defined by the WebAssembly specification" and by wabt.
# Version:  webassembly-floating-point-hex-parser 0.1.3 and wabt 1.0.39 from npm; run by V8 of Node 20.
# Expected: 4096 for 0x1_000p0, 1.0625 for 0x1.1_0p0, 1024 for 0x1p1_0: an underscore may stand between two digits (specification, text/values, num and hexnum).
# Seen:     wabt's are right; the parser gives 1, 1.000244140625 and 2: each part of the number ends at its first underscore, without an error.
# Matters:  a constant becomes another, in the format that the package is for; underscores are there for long constants.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund wabt@1.0.39 webassembly-floating-point-hex-parser@0.1.3
cat >seen.mjs <<'JS'
import wabt from "wabt";
import parse from "webassembly-floating-point-hex-parser";
const tools = await wabt();
const seen = [];
for (const literal of ["0x1000p0", "0x1_000p0", "0x1.1p0", "0x1.0_1p0", "0x1.1_0p0", "0x1p1_0"]) {
  const text = `(module (func (export "value") (result f64) (f64.const ${literal})))`;
  const { buffer } = tools.parseWat("module.wat", text).toBinary({});
  const { exports: guest } = new WebAssembly.Instance(new WebAssembly.Module(buffer));
  seen.push(`${literal} ${guest.value()} ${parse(literal)}`);
}
console.log(seen.join("; "));
JS
seen=$(node seen.mjs)
expected='0x1000p0 4096 4096; 0x1_000p0 4096 1; 0x1.1p0 1.0625 1.0625; 0x1.0_1p0 1.00390625 1; 0x1.1_0p0 1.0625 1.000244140625; 0x1p1_0 1024 2'
echo "webassembly-floating-point-hex-parser 0.1.3, wabt 1.0.39, node $(node --version): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
