#!/usr/bin/env bash
# What:     the fuel price of call_ref beside call and call_indirect in Wasmtime.
# Version:  wasmtime 49.0.0 and 50.0.1 from PyPI (45 to 48 do as 49 does).
# Expected: three ways to call the same empty function cost one unit each besides their operands.
# Seen:     49.0.0 bills call_ref 0 units; 50.0.1 bills 1, as both bill call and call_indirect.
# Matters:  whoever compares fuel totals between versions, or meters modules of languages with closures.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/fuel.py" <<'PYTHON'
import wasmtime

HEAD = "(module (type $t (func)) (table 1 funcref) (func $g) (elem (i32.const 0) $g) (elem declare func $g)"
BODIES = {  # The same operands everywhere: ref.func and i32.const cost 1 each, drop nothing.
    "call": "(drop (ref.func $g)) (drop (i32.const 0)) (call $g)",
    "call_indirect": "(drop (ref.func $g)) (call_indirect (type $t) (i32.const 0))",
    "call_ref": "(drop (i32.const 0)) (call_ref $t (ref.func $g))",
    "no call": "(drop (ref.func $g)) (drop (i32.const 0))",
}

def burned(body):
    config = wasmtime.Config()
    config.consume_fuel = True
    config.wasm_function_references = True
    engine = wasmtime.Engine(config)
    store = wasmtime.Store(engine)
    store.set_fuel(10_000)
    instance = wasmtime.Instance(store, wasmtime.Module(engine, f'{HEAD} (func (export "f") {body}))'), [])
    before = store.get_fuel()
    instance.exports(store)["f"](store)
    return before - store.get_fuel()

none = burned(BODIES.pop("no call")) + 1  # + 1: each function that is entered costs 1, the empty callee too
print(" ".join(f"{name} {burned(body) - none}" for name, body in BODIES.items()))
PYTHON
status=0
for row in "49.0.0|call 1 call_indirect 1 call_ref 0" "50.0.1|call 1 call_indirect 1 call_ref 1"; do
  version=${row%%|*} expected=${row#*|}
  python3 -m venv "$folder/$version"
  "$folder/$version/bin/pip" install -q --disable-pip-version-check "wasmtime==$version"
  seen=$("$folder/$version/bin/python" "$folder/fuel.py")
  echo "wasmtime $version: $seen"
  [ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; status=1; }
done
exit "$status"
