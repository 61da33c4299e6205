#!/usr/bin/env bash
# What:     the fuel that instantiation costs for a global with a computed initialiser.
# Version:  wasmtime 48.0.0 and 50.0.1 from PyPI.
# Expected: the same for the initialiser with and without a data segment that has nothing to do with it.
# Seen:     50.0.1 bills 4 units for i32.add of two constants, and 1 when the module also has "hello" at 0: the
#           initialiser then is not run but laid out ahead. 48.0.0 bills 1 for either.
# Matters:  whoever predicts or compares what an instantiation costs.
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

GLOBAL = "(global i32 (i32.add (i32.const 1) (i32.const 2)))"
DATA = "(data (i32.const 0) \"hello\")"
print(f"without data {burned(f'(module (memory 1) {GLOBAL})', call=False)}, with {burned(f'(module (memory 1) {DATA} {GLOBAL})', call=False)}")
PYTHON
status=0
while IFS='|' read -r version expected; do
  python3 -m venv "$folder/$version"
  "$folder/$version/bin/pip" install -q --disable-pip-version-check "wasmtime==$version"
  seen=$("$folder/$version/bin/python" "$folder/fuel.py")
  echo "wasmtime $version: $seen"
  [ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; status=1; }
done <<'EXPECTED'
48.0.0|without data 1, with 1
50.0.1|without data 4, with 1
EXPECTED
exit "$status"
