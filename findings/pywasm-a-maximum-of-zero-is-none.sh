#!/usr/bin/env bash
# What:     `memory.grow` by 1 of `(memory 0 0)`, `table.grow` by 1 of `(table 0 0 funcref)`, and the sizes after it.
# Version:  pywasm 2.2.3 from PyPI, beside wasmtime 50.0.1.
# Expected: -1 and 0 both: the declared maximum is 0 (specification, growing memories).
# Seen:     both grow to 1: a maximum of 0 is kept as "no maximum"; a maximum of 1 holds.
# Matters:  `0 0` is how a module says that a memory or table which it must declare stays empty.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv environment
environment/bin/python -m pip install --quiet --disable-pip-version-check pywasm==2.2.3 wasmtime==50.0.1
cat >seen.py <<'PY'
import io

import pywasm
import wasmtime

GROW = '(func (export "grow") (result i32) ({kind}.grow {null} (i32.const 1)))'
SIZE = '(func (export "size") (result i32) ({kind}.size))'
MODULES = {
    "memory 0 0": ("(memory 0 0)", "memory", ""),
    "table 0 0": ("(table 0 0 funcref)", "table", "(ref.null func)"),
    "memory 1 1": ("(memory 1 1)", "memory", ""),
}
for name, (declaration, kind, null) in MODULES.items():
    binary = wasmtime.wat2wasm(f"(module {declaration} {GROW.format(kind=kind, null=null)} {SIZE.format(kind=kind)})")
    store = wasmtime.Store()
    exports = wasmtime.Instance(store, wasmtime.Module(store.engine, binary), []).exports(store)
    expected = [exports[call](store) for call in ("grow", "size")]
    runtime = pywasm.Runtime()
    module = runtime.instance(pywasm.ModuleDesc.from_reader(io.BytesIO(bytes(binary))))
    seen = [runtime.invocate(module, call, [])[0] for call in ("grow", "size")]
    print(f"{name}: wasmtime {expected}, pywasm {seen}", end="; ")
PY
seen=$(environment/bin/python seen.py)
expected='memory 0 0: wasmtime [-1, 0], pywasm [0, 1]; table 0 0: wasmtime [-1, 0], pywasm [0, 1]; memory 1 1: wasmtime [-1, 1], pywasm [-1, 1]; '
echo "pywasm 2.2.3, wasmtime 50.0.1: $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
