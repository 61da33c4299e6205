"""A contestant in Python: answers requests of bench/contest/protocol.ts, a line of JSON each."""

import json
import sys
import time


def timed(run, for_ms):
    """Runs until `for_ms` have passed, once at least: the answer with the milliseconds of each run."""
    begin = time.perf_counter()
    ms = []
    while True:
        start = time.perf_counter()
        result = run()
        ms.append((time.perf_counter() - start) * 1000)
        if (time.perf_counter() - begin) * 1000 >= for_ms:
            return {"ms": ms, "result": result or ""}


def serve(version, handlers):
    """Answers until standard input ends. A handler gives an answer, or raises."""

    def say(answer):
        print(json.dumps(answer), flush=True)

    say({"version": version})
    for line in sys.stdin:
        request = json.loads(line)
        try:
            handler = handlers.get(request["do"])
            if handler is None:
                raise ValueError(f"it cannot {request['do']}")
            say(handler(request))
        except Exception as error:  # whatever it is, the contest goes on without it
            say({"error": f"{type(error).__name__}: {error}"})
