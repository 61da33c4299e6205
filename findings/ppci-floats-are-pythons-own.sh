#!/usr/bin/env bash
# What:     float operations of a valid module on ppci's Python target.
# Version:  ppci 0.5.8 from PyPI.
# Expected: `f64.div 1 0` is infinity, `f64.sqrt -1` a NaN, `f64.ceil -0.5` is -0, `f64.min 0 -0` is -0; none of them traps.
# Seen:     a ZeroDivisionError, a ValueError, 0 and 0: the operations of Python's own floats.
# Matters:  float code that divides by zero is everyday code; the exception ends the guest.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv environment
environment/bin/python -m pip install --quiet --disable-pip-version-check ppci==0.5.8
cat >seen.py <<'PY'
import struct

from ppci.wasm import Module, instantiate

def uleb(number):
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def section(kind, content):
    return bytes([kind]) + uleb(len(content)) + content



def module(body):
    parts = section(1, b"\1\x60\0\1\x7e") + section(3, b"\1\0") + section(7, b"\1\1f\0\0")
    code = b"\0" + body + b"\xbd\x0b"
    return b"\0asm\1\0\0\0" + parts + section(10, b"\1" + uleb(len(code)) + code)


def const(number):
    return b"\x44" + struct.pack("<d", number)


def run(name, body):
    try:
        bits = instantiate(Module(module(body)), {}, target="python").exports.f() & 0xFFFFFFFFFFFFFFFF
        seen = hex(bits)
    except ArithmeticError as error:
        seen = type(error).__name__
    except ValueError as error:
        seen = type(error).__name__
    print(name, seen, end="; ")


run("1/0", const(1) + const(0) + b"\xa3")
run("sqrt -1", const(-1) + b"\x9f")
run("ceil -0.5", const(-0.5) + b"\x9b")
run("min 0 -0", const(0) + const(-0.0) + b"\xa4")
PY
seen=$(environment/bin/python seen.py 2>/dev/null)
expected='1/0 ZeroDivisionError; sqrt -1 ValueError; ceil -0.5 0x0; min 0 -0 0x0; '
echo "ppci 0.5.8: $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
