#!/usr/bin/env bash
# What:     two element segments with the same two functions, one of indices and one of expressions, as parse_wasm_file() reports them.
# Version:  wasm-tools 2.1.0 from PyPI (the pure Python one); the module is assembled, and checked, by wasmtime 50.0.1.
# Expected: two items each: kinds 5 and 6 of a segment hold a vector of constant expressions (specification, binary/modules, element section).
# Seen:     the one of indices has count 2 and its indices; the one of expressions has count 0 and none, with no error noted.
# Matters:  segments with null entries, of typed references and of GC have expressions only: the report shows such tables empty, and their functions without a use.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv environment
environment/bin/python -m pip install --quiet --disable-pip-version-check wasm-tools==2.1.0 wasmtime==50.0.1
cat >seen.py <<'PY'
import wasmtime
from wasm_tools.api import parse_wasm_file

TEXT = """(module
  (table $a 4 funcref)
  (table $b 4 funcref)
  (elem (table $a) (i32.const 0) func $f $g)
  (elem (table $b) (i32.const 0) funcref (ref.func $f) (ref.func $g))
  (elem $p func $f $g)
  (elem $q funcref (ref.func $f) (ref.func $g))
  (func $f (export "f") (table.init $b $q (i32.const 0) (i32.const 0) (i32.const 2)))
  (func $g (export "size") (result i32)
    (ref.is_null (table.get $b (i32.const 1)))))"""
binary = bytes(wasmtime.wat2wasm(TEXT))
with open("module.wasm", "wb") as file:
    file.write(binary)
store = wasmtime.Store()
instance = wasmtime.Instance(store, wasmtime.Module(store.engine, binary), [])
report = parse_wasm_file("module.wasm")
counts = [f"{segment['mode']} {segment['count']} {segment['func_indices']}" for segment in report["elements"]]
null = instance.exports(store)["size"](store)
print(f"{', '.join(counts)}; errors {report['errors']}; wasmtime: element 1 of the second table is null: {null}")
PY
seen=$(environment/bin/python seen.py)
expected='active 2 [0, 1], active 0 [], passive 2 [0, 1], passive 0 []; errors []; wasmtime: element 1 of the second table is null: 0'
echo "wasm-tools 2.1.0 (PyPI), wasmtime 50.0.1: $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
