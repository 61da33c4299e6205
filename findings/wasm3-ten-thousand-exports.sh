#!/usr/bin/env bash
# What:     a valid module with 10,000 exports, and one with 10,001.
# Version:  pywasm3 0.5.0 from PyPI (wasm3 0.5.0).
# Expected: both load: the specification has no such limit, and engines in browsers agree on 1,000,000 (JavaScript interface, implementation limits).
# Seen:     the second is refused: "too many exports".
# Matters:  modules that export their functions for dynamic linking have more.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv environment
environment/bin/python -m pip install --quiet --disable-pip-version-check pywasm3==0.5.0
cat >seen.py <<'PY'
import wasm3

def uleb(number):
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def section(kind, content):
    return bytes([kind]) + uleb(len(content)) + content


def module(exports):
    names = (str(index).encode() for index in range(exports))
    entries = b"".join(uleb(len(name)) + name + b"\0\0" for name in names)
    parts = section(1, b"\1\x60\0\0") + section(3, b"\1\0") + section(7, uleb(exports) + entries)
    return b"\0asm\1\0\0\0" + parts + section(10, b"\1\2\0\x0b")


def load(exports):
    try:
        wasm3.Environment().parse_module(module(exports))
        return "loads"
    except RuntimeError as error:
        return str(error)


print(f"10,000: {load(10_000)}; 10,001: {load(10_001)}")
PY
seen=$(environment/bin/python seen.py 2>/dev/null)
expected='10,000: loads; 10,001: too many exports'
echo "pywasm3 0.5.0: $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
