#!/usr/bin/env bash
# What:     `raise ValueError(3)`, caught by `except ValueError`.
# Version:  pydantic-monty 1.4.0 from PyPI.
# Expected: it is caught, with 3 as its argument; `raise ValueError("3")` is.
# Seen:     a RuntimeError that names an internal error; the `except` clause does not see a ValueError.
# Matters:  exceptions that carry a number, a pair or an object are everyday Python.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv environment
environment/bin/python -m pip install --quiet --disable-pip-version-check pydantic-monty==1.4.0
cat >seen.py <<'PY'
import pydantic_monty

PROGRAM = """
try:
    raise ValueError({})
except ValueError:
    seen = "caught"
except RuntimeError as error:
    seen = str(error)[:23]
seen
"""
with pydantic_monty.Monty(max_processes=1) as pool:
    for argument in ('"3"', "3", '"a", "b"'):
        with pool.checkout() as session:
            try:
                seen = session.feed_run(PROGRAM.format(argument))
            except pydantic_monty.MontyRuntimeError as error:
                seen = "not caught: " + str(error).splitlines()[-1][:37]
        print(argument, seen, end="; ")
PY
seen=$(environment/bin/python seen.py 2>/dev/null)
expected='"3" caught; 3 not caught: RuntimeError: Internal error in monty; "a", "b" not caught: RuntimeError: Internal error in monty; '
echo "pydantic-monty 1.4.0: $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
