#!/usr/bin/env bash
# What:     `round(2.675, 2)` and `round(0.15, 1)`.
# Version:  pydantic-monty 1.4.0 from PyPI.
# Expected: 2.67 and 0.1, as CPython: the nearest doubles of 2.675 and 0.15 lie below the halves.
# Seen:     2.68 and 0.2.
# Matters:  sums of money come out otherwise than in the Python that they were tried in.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv environment
environment/bin/python -m pip install --quiet --disable-pip-version-check pydantic-monty==1.4.0
cat >seen.py <<'PY'
import pydantic_monty

with pydantic_monty.Monty(max_processes=1) as pool, pool.checkout() as session:
    print([session.feed_run(code) for code in ("round(2.675, 2)", "round(0.15, 1)")], [round(2.675, 2), round(0.15, 1)])
PY
seen=$(environment/bin/python seen.py 2>/dev/null)
expected='[2.68, 0.2] [2.67, 0.1]'
echo "pydantic-monty 1.4.0, and CPython beside it: $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
