class Retry(Exception): pass
class Fatal(Retry): pass
log = []
def flaky(n):
    if n % 7 == 0: raise Fatal("fatal %d" % n)
    if n % 3 == 0: raise Retry(n)
    if n % 5 == 0: return [][n]
    if n % 4 == 0: return {}["k%d" % n]
    if n % 11 == 0: return None.missing
    if n % 13 == 0: return "a" + n
    return n // (n % 2)
def attempt(n, depth=0):
    try:
        return flaky(n)
    except Fatal:
        log.append("fatal")
        raise
    except Retry as r:
        return attempt(n + 1, depth + 1) if depth < 3 else -r.args[0]
    except (IndexError, KeyError):
        return -1
    except ZeroDivisionError:
        return 0
    else:
        log.append("never")
    finally:
        log.append(depth)
results = []
for n in range(1, 160):
    try:
        results.append(attempt(n))
    except Fatal as f:
        results.append(str(f)[-2:])
    except Exception as e:
        results.append(type(e).__name__)
print(results[:20], len(log), log.count("fatal"))
def deep(n):
    if n == 0: raise RuntimeError("bottom")
    try:
        deep(n - 1)
    finally:
        log.append(n)
try:
    deep(12)
except RuntimeError as e:
    print(e, e.args, log[-3:])
def check(value):
    assert isinstance(value, int), "not an int"
    assert value >= 0
    return value
bad = 0
for v in [1, -1, "x", 2, None, 3] * 10:
    try:
        check(v)
    except AssertionError as e:
        bad += 1
print(bad)
try:
    try:
        int("x")
    except ValueError as e:
        raise KeyError("wrapped") from e
except KeyError as e:
    print("caught", repr(e))
import sys
try:
    exec("def broken(:\n pass")
except SyntaxError as e:
    print("syntax", type(e).__name__)
print(eval("1 + 2 * 3"), sys.version_info[0], sys.maxsize > 1000, [x for x in (1, 2) if x] or "none")
def until_stop(it):
    it = iter(it)
    n = 0
    while True:
        try:
            next(it)
        except StopIteration:
            return n
        n += 1
print(until_stop(range(50)), until_stop("abc"), until_stop({}))
