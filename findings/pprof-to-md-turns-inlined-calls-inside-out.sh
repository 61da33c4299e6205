#!/usr/bin/env bash
# What:     a profile of one sample in `main`, into which `middle`, into which `leaf` was inlined: one location of three lines.
# Version:  pprof-to-md 0.2.0 from npm, the profile written with pprof-format 2.3.2; `go tool pprof` of the Go that is there.
# Expected: main calls middle calls leaf, and all of the time is leaf's own: the last line is the caller of those before it (profile.proto, Location.line).
# Seen:     leaf calls middle calls main, and each of the three has 100% of the time to itself, 300% in all.
# Matters:  optimised code is full of inlined calls: the hottest path is upside down, and a caller that does nothing is named as a hotspot.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund pprof-to-md@0.2.0 pprof-format@2.3.2
cat >seen.mjs <<'JS'
import { writeFileSync } from "node:fs";
import { Profile, StringTable, ValueType, Sample, Location, Line, Function } from "pprof-format";
import { analyzeProfile, parseProfile } from "pprof-to-md";
const stringTable = new StringTable();
const text = (string) => stringTable.dedup(string);
const names = ["leaf", "middle", "main"];
const profile = new Profile({
  stringTable,
  sampleType: [new ValueType({ type: text("cpu"), unit: text("nanoseconds") })],
  sample: [new Sample({ locationId: [1], value: [100] })],
  location: [new Location({ id: 1, line: names.map((_, i) => new Line({ functionId: i + 1, line: 1 })) })],
  function: names.map((name, i) => new Function({ id: i + 1, name: text(name), filename: text("a.c") })),
});
const encoded = Buffer.from(profile.encode());
writeFileSync("profile.pb", encoded);
const analysis = analyzeProfile(parseProfile(encoded));
const path = analysis.criticalPaths[0].path.map(({ name }) => name).join(" > ");
const own = analysis.hotspots.map(({ name, selfPercent }) => `${name} ${selfPercent}%`).join(", ");
console.log(`${path}; own time: ${own}`);
JS
seen="pprof-to-md: $(node seen.mjs)"
own=$(go tool pprof -top profile.pb 2>/dev/null | awk '$NF ~ /^(leaf|middle|main)$/ || / \(inline\)$/ { sub(/ \(inline\)$/, ""); print $NF, $2 }' | sort | paste -sd ',')
seen="$seen; go: $own"
expected='pprof-to-md: leaf > middle > main; own time: leaf 100%, middle 100%, main 100%; go: leaf 100%,main 0%,middle 0%'
echo "pprof-to-md 0.2.0, $(go version | cut -d' ' -f3): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
