#!/usr/bin/env bash
# What:     Python integers as arguments of exported functions: 2**32 for an i32, 1 for an f64.
# Version:  wasmtime 50.0.1 from PyPI.
# Expected: 2**32 is refused, as it is no i32; 1 is taken as 1.0, as by Python's own floats.
# Seen:     2**32 becomes 0 without a word; 1 for an f64 is a TypeError.
# Matters:  a length that outgrows 32 bits is cut where one would expect an error, and whole numbers are an error where one would not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv environment
environment/bin/python -m pip install --quiet --disable-pip-version-check wasmtime==50.0.1
cat >seen.py <<'PY'
import wasmtime

store = wasmtime.Store()


def same(kind, argument):
    text = f'(module (func (export "f") (param {kind}) (result {kind}) (local.get 0)))'
    function = wasmtime.Instance(store, wasmtime.Module(store.engine, text), []).exports(store)["f"]
    try:
        return function(store, argument)
    except TypeError:
        return "TypeError"


print("i32:", same("i32", 2**32), same("i32", 2**31), "f64:", same("f64", 1), same("f64", 1.0))
PY
seen=$(environment/bin/python seen.py 2>/dev/null)
expected='i32: 0 -2147483648 f64: TypeError 1.0'
echo "wasmtime 50.0.1: $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
