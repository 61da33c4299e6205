"""Wasmtime with fuel, and wasm3, by their Python bindings, as contestants: `modules.py wasmtime|wasm3`. Requests and
answers of bench/contest/protocol.ts, a line of JSON each."""

import importlib.metadata
import sys

from contest import serve, timed


class Wasmtime:
    # Enough for any contest: fuel is counted, and never runs out.
    FUEL = 1 << 62

    def __init__(self):
        import wasmtime

        self.wasmtime = wasmtime
        self.version = f"wasmtime {importlib.metadata.version('wasmtime')}"

    def load(self, data):
        wasmtime = self.wasmtime
        config = wasmtime.Config()
        config.consume_fuel = True
        for feature in ("wasm_function_references", "wasm_gc"):
            setattr(config, feature, True)
        engine = wasmtime.Engine(config)
        self.store = wasmtime.Store(engine)
        self.store.set_fuel(self.FUEL)
        i32 = wasmtime.ValType.i32()
        linker = wasmtime.Linker(engine)
        linker.define_func("bench", "add", wasmtime.FuncType([i32], [i32]), lambda value: value + 1)
        linker.define_func("env", "abort", wasmtime.FuncType([i32] * 4, []), lambda *_: None)
        self.instance = linker.instantiate(self.store, wasmtime.Module(engine, data))

    def function(self, name):
        function = self.instance.exports(self.store)[name]
        return lambda argument: function(self.store, argument)


class Wasm3:
    """wasm3 counts nothing."""

    STACK_BYTES = 1 << 20

    def __init__(self):
        import wasm3

        self.wasm3 = wasm3
        self.version = f"pywasm3 {importlib.metadata.version('pywasm3')}"

    def load(self, data):
        environment = self.wasm3.Environment()
        self.runtime = environment.new_runtime(self.STACK_BYTES)
        module = environment.parse_module(data)
        self.runtime.load(module)
        for name, function, signature in (("add", lambda value: value + 1, "i(i)"), ("abort", lambda *_: None, "v(iiii)")):
            try:
                module.link_function("bench" if name == "add" else "env", name, signature, function)
            except RuntimeError:
                pass  # the module does not import it

    def function(self, name):
        return self.runtime.find_function(name)


engine = {"wasmtime": Wasmtime, "wasm3": Wasm3}[sys.argv[1]]()


def load(request):
    with open(request["file"], "rb") as file:
        data = file.read()
    return timed(lambda: engine.load(data), 0)


def call(request):
    function = engine.function(request["name"])
    argument, times = request["arg"], request["times"]

    def run():
        for _ in range(times):
            result = function(argument)
        return str(result)

    return timed(run, request["forMs"])


serve(engine.version, {"load": load, "call": call})
