#!/usr/bin/env bash
# What:     a profile with the samples −4096 and 8192, encoded and decoded by the same package, and read by Go's pprof.
# Version:  pprof-format 2.3.2 from npm; `go tool pprof` of the Go that is there.
# Expected: −4096: sample values are `repeated int64` (profile.proto).
# Seen:     Go reads −4096, the package itself 18446744073709547520: it decodes every integer as unsigned.
# Matters:  differences of two profiles, and heaps that shrank, have negative samples; summed, one of them outweighs all others.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund pprof-format@2.3.2
cat >seen.mjs <<'JS'
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
const pprof = createRequire(import.meta.url)("pprof-format");
const stringTable = new pprof.StringTable();
const text = (string) => stringTable.dedup(string);
const profile = new pprof.Profile({
  stringTable,
  sampleType: [new pprof.ValueType({ type: text("space"), unit: text("bytes") })],
  function: [new pprof.Function({ id: 1, name: text("main") })],
  location: [new pprof.Location({ id: 1, line: [new pprof.Line({ functionId: 1, line: 1 })] })],
  sample: [-4096, 8192].map((value) => new pprof.Sample({ locationId: [1], value: [value] })),
});
const encoded = profile.encode();
writeFileSync("profile.pb", encoded);
console.log(pprof.Profile.decode(encoded).sample.map((sample) => String(sample.value[0])).join(" "));
JS
seen="pprof-format: $(node seen.mjs)"
seen="$seen; go: $(go tool pprof -raw profile.pb 2>/dev/null | sed -n 's/^ *\(-*[0-9][0-9]*\): 1 *$/\1/p' | paste -sd ' ')"
expected='pprof-format: 18446744073709547520 8192; go: -4096 8192'
echo "pprof-format 2.3.2, $(go version | cut -d' ' -f3): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
