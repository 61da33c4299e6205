#!/usr/bin/env bash
# What:     `MicroPython.exec` of a program that prints and then raises, and of another one after it.
# Version:  pwasm 0.2a0 from PyPI (its own build of MicroPython).
# Expected: what the first has printed comes with its error, or is dropped; the second gives "second\n", as `exec` "returns what was printed".
# Seen:     the error has the traceback alone, and the second gives "first\nsecond\n"; a run that ends for lack of fuel does the same.
# Matters:  the answer of one request has the output of another in it; it takes a failed request to see it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv environment
environment/bin/python -m pip install --quiet --disable-pip-version-check pwasm==0.2a0
cat >seen.py <<'PY'
from pwasm import OutOfFuel
from pwasm.guests import MicroPython, PythonError

for name, program, fuel, error in (
    ("raises", "print('first')\n1 / 0", None, PythonError),
    ("runs out", "print('first')\nwhile True: pass", 50_000, OutOfFuel),
):
    guest = MicroPython()
    try:
        guest.exec(program, fuel=fuel)
    except error as raised:
        told = "first" in str(raised)
    second = guest.exec("print('second')", fuel=None if fuel is None else 10_000_000)
    print(f"{name}: {'output in the error' if told else 'no output in the error'}, then {second!r}", end="; ")
PY
seen=$(PWASM_CACHE_DIR='' environment/bin/python seen.py)
expected="raises: no output in the error, then 'first\\nsecond\\n'; runs out: no output in the error, then 'first\\nsecond\\n'; "
echo "pwasm 0.2a0: $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
