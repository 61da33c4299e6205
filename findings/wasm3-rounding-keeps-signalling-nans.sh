#!/usr/bin/env bash
# What:     `f64.ceil`, `floor`, `trunc` and `nearest` of the signalling NaN 0x7ff0000000200001, bits by `i64.reinterpret_f64`.
# Version:  pywasm3 0.5.0 from PyPI (wasm3 0.5.0).
# Expected: an arithmetic NaN: the quiet bit is set (0x7ff8...), as `f64.sqrt` gives it.
# Seen:     all four give the operand back as it is, signalling.
# Matters:  the specification leaves open which NaN comes out, but not that it is quiet: results differ from every other engine.
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


NAN = struct.pack("<Q", 0x7FF0000000200001)
OPERATIONS = {"ceil": 0x9B, "floor": 0x9C, "trunc": 0x9D, "nearest": 0x9E, "sqrt": 0x9F}
for name, operation in OPERATIONS.items():
    bits = run(0x7E, b"\x44" + NAN + bytes([operation]) + b"\xbd")
    print(name, hex(bits & 0xFFFFFFFFFFFFFFFF), end="; ")
PY
seen=$(environment/bin/python seen.py 2>/dev/null)
expected='ceil 0x7ff0000000200001; floor 0x7ff0000000200001; trunc 0x7ff0000000200001; nearest 0x7ff0000000200001; sqrt 0x7ff8000000200001; '
echo "pywasm3 0.5.0: $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
