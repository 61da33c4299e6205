"""Runs each program of a JSON list in standard input, in a process and an empty directory of its own, and prints a JSON
list of what they print. The processes are forks of this one: Python starts once, and loads once what many import."""
import json, os, shutil, sys, tempfile
import argparse, asyncio, atexit, bisect, collections, contextlib, csv, dataclasses, datetime, decimal, enum, fractions, functools
import hashlib, heapq, itertools, math, operator, random, re, statistics, string, struct, textwrap, time, traceback, typing, uuid


class Clock:
    """Goes on by what is slept alone, so that what is printed does not depend on how busy the machine is."""

    def __init__(self):
        self.now = 0.0

    def read(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


clock = Clock()
time.monotonic = time.perf_counter = clock.read
time.sleep = clock.sleep


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop that waits for nothing that a timer ends."""

    def __init__(self, clock=clock):
        super().__init__()
        self.clock, ready = clock, self._selector.select

        def select(timeout=None):
            events = ready(None if timeout is None else 0)
            if not events and timeout:
                clock.sleep(timeout)
            return events

        self._selector.select = select

    def time(self):
        return self.clock.now


class VirtualPolicy(asyncio.DefaultEventLoopPolicy):
    _loop_factory = VirtualLoop


asyncio.set_event_loop_policy(VirtualPolicy())


def run(program, atexit=atexit, os=os, sys=sys, traceback=traceback):
    """As `python3 -c` has it: a module __main__ with nothing in it, which is this one, so that the parameters are all
    that is left of it. Does not return."""
    code, module, builtins = compile(program, "<string>", "exec"), globals(), __builtins__
    module.clear()
    module.update({"__name__": "__main__", "__builtins__": builtins})
    try:
        exec(code, module)
    except SystemExit:
        pass
    except BaseException:
        traceback.print_exc()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    # Without taking the interpreter down, which takes longer than most programs.
    os._exit(0)


programs = json.load(sys.stdin)
outputs = []
null = os.open(os.devnull, os.O_RDONLY)
for program in programs:
    directory, output = tempfile.mkdtemp(), tempfile.TemporaryFile()
    child = os.fork()
    if child == 0:
        os.dup2(null, 0)
        os.dup2(output.fileno(), 1)
        os.chdir(directory)
        sys.stdin = open(0)
        break
    os.waitpid(child, 0)
    output.seek(0)
    outputs.append(output.read().decode())
    output.close()
    shutil.rmtree(directory)
else:
    child = None
if child == 0:
    run(program)
else:
    print(json.dumps(outputs))
