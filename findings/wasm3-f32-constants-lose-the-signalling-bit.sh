#!/usr/bin/env bash
# What:     `i32.reinterpret_f32 (f32.neg (f32.const nan:0x200001))`.
# Version:  pywasm3 0.5.0 from PyPI (wasm3 0.5.0).
# Expected: 0xffa00001: `neg` changes the sign and nothing else, also of NaNs.
# Seen:     0xffe00001: the constant has become quiet on its way; f64 keeps its bits.
# Matters:  constants of f32 carry data in NaN boxes, and floats are copied by way of them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv environment
environment/bin/python -m pip install --quiet --disable-pip-version-check pywasm3==0.5.0
cat >seen.py <<'PY'
import struct

import wasm3

def uleb(number):
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def section(kind, content):
    return bytes([kind]) + uleb(len(content)) + content


def module(result, body):
    parts = section(1, b"\1\x60\0\1" + bytes([result])) + section(3, b"\1\0") + section(7, b"\1\1f\0\0")
    code = b"\0" + body + b"\x0b"
    return b"\0asm\1\0\0\0" + parts + section(10, b"\1" + uleb(len(code)) + code)


def run(result, body):
    environment = wasm3.Environment()
    runtime = environment.new_runtime(1024)
    runtime.load(environment.parse_module(module(result, body)))
    return runtime.find_function("f")()


narrow = run(0x7F, b"\x43" + struct.pack("<I", 0x7FA00001) + b"\x8c\xbc")
wide = run(0x7E, b"\x44" + struct.pack("<Q", 0x7FF4000000000001) + b"\x9a\xbd")
print(hex(narrow & 0xFFFFFFFF), hex(wide & 0xFFFFFFFFFFFFFFFF))
PY
seen=$(environment/bin/python seen.py 2>/dev/null)
expected='0xffe00001 0xfff4000000000001'
echo "pywasm3 0.5.0: $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
