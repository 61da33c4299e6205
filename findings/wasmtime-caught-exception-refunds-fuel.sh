#!/usr/bin/env bash
# What:     Wasmtime's fuel, when a callee throws and its caller catches.
# Version:  wasmtime 48.0.0 and 50.0.1 from PyPI (45 to 49 do as 48 does).
# Expected: what the callee burned before it threw is burned: the bill has at least the 50 units of the callee's constants.
# Seen:     48.0.0 bills 3 units, 50.0.1 bills 55. When the callee returns instead, both bill 53.
# Matters:  a fuel limit in 48 does not bound a guest that works in callees that end by throwing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/fuel.py" <<'PYTHON'
import wasmtime

WORK = "(drop (i32.const 1))" * 50  # 50 constants cost 1 each, 50 drops nothing
CAUGHT = f"""(module (tag $t)
  (func $callee {WORK} (throw $t))
  (func (export "f") (block $caught (try_table (catch $t $caught) (call $callee)))))"""
RETURNED = f"""(module (func $callee {WORK}) (func (export "f") (call $callee)))"""

def burned(text):
    config = wasmtime.Config()
    config.consume_fuel = True
    config.wasm_exceptions = True
    engine = wasmtime.Engine(config)
    store = wasmtime.Store(engine)
    store.set_fuel(10_000)
    instance = wasmtime.Instance(store, wasmtime.Module(engine, text), [])
    before = store.get_fuel()
    instance.exports(store)["f"](store)
    return before - store.get_fuel()

print(f"caught {burned(CAUGHT)} returned {burned(RETURNED)}")
PYTHON
status=0
for row in "48.0.0|caught 3 returned 53" "50.0.1|caught 55 returned 53"; do
  version=${row%%|*} expected=${row#*|}
  python3 -m venv "$folder/$version"
  "$folder/$version/bin/pip" install -q --disable-pip-version-check "wasmtime==$version"
  seen=$("$folder/$version/bin/python" "$folder/fuel.py")
  echo "wasmtime $version: $seen"
  [ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; status=1; }
done
exit "$status"
