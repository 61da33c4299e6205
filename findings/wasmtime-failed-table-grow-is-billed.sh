#!/usr/bin/env bash
# What:     the fuel of a table.grow that fails.
# Version:  wasmtime 45.0.0, 48.0.0 and 50.0.1 from PyPI.
# Expected: a grow that gives -1 moves nothing and costs what it costs in 45.0.0: 4 units with its operands.
# Seen:     48.0.0 bills the elements that were asked for: a grow by -1 costs 4,294,967,299 units, so that it
#           cannot be told from running out under any usual budget. 50.0.1 bills 4 for -1, and still 9 for 5.
# Matters:  programs that probe how far a table grows, and budgets carried over from one version to the next.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/fuel.py" <<'PYTHON'
import wasmtime

def burned(text, call=True):
    config = wasmtime.Config()
    config.consume_fuel = True
    engine = wasmtime.Engine(config)
    store = wasmtime.Store(engine)
    store.set_fuel(10**10)
    instance = wasmtime.Instance(store, wasmtime.Module(engine, text), [])
    if not call:
        return 10**10 - store.get_fuel()
    before = store.get_fuel()
    instance.exports(store)["f"](store)
    return before - store.get_fuel()

GROW = "(module (table 1 2 funcref) (func (export \"f\") (drop (table.grow (ref.null func) (i32.const %d)))))"
print(f"by 5 {burned(GROW % 5)}, by -1 {burned(GROW % -1)}")
PYTHON
status=0
while IFS='|' read -r version expected; do
  python3 -m venv "$folder/$version"
  "$folder/$version/bin/pip" install -q --disable-pip-version-check "wasmtime==$version"
  seen=$("$folder/$version/bin/python" "$folder/fuel.py")
  echo "wasmtime $version: $seen"
  [ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; status=1; }
done <<'EXPECTED'
45.0.0|by 5 4, by -1 4
48.0.0|by 5 9, by -1 4294967299
50.0.1|by 5 9, by -1 4
EXPECTED
exit "$status"
