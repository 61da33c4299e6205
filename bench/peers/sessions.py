"""What a session of pydantic-monty takes for what `bench --only sandbox` measures: one line of JSON.

    $ESCAPEMENT_CACHE/peers/python/bin/python bench/peers/sessions.py

Times are milliseconds: the least and the median of so many rounds, warm; `start` is of this fresh process, with the
import and the worker process.
"""

import json
import os
import statistics
import time

CALLS = 1000
LOOP = "total = 0\nfor i in range(100000):\n    total += i * i % 7\ntotal"


def timed(body):
    start = time.perf_counter()
    body()
    return (time.perf_counter() - start) * 1000


def rounds(count, body):
    for _ in range(count):
        body()
    times = [timed(body) for _ in range(count)]
    return {"best": min(times), "median": statistics.median(times)}


def main():
    start = time.perf_counter()
    import pydantic_monty

    pool = pydantic_monty.Monty(max_processes=1).__enter__()
    limits = {"max_feed_duration_secs": 600.0, "max_memory": 1 << 30, "max_suspensions": 1_000_000}
    session = pool.checkout(limits=limits, print_flush_interval=0).__enter__()
    assert session.feed_run("1 + 1") == 2
    figures = {"start": (time.perf_counter() - start) * 1000}
    figures["oneLiner"] = rounds(300, lambda: session.feed_run("1 + 1"))
    functions = {"add": lambda a, b: a + b}
    loop = f"for i in range({CALLS}):\n    add(i, 2)"
    figures["calls"] = rounds(5, lambda: session.feed_run(loop, external_lookup=functions))
    figures["callsPerSecond"] = CALLS / figures["calls"]["best"] * 1000
    figures["loop"] = rounds(10, lambda: session.feed_run(LOOP))
    # Without waiting for the worker process.
    print(json.dumps(figures), flush=True)
    os._exit(0)


main()
