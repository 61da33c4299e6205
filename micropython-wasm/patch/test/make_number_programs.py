# Writes number-programs.json: expressions of integers of any size and of floats, and what CPython gives. Run by CPython
# 3.11:   python3.11 make_number_programs.py > number-programs.json
import json
import math
import random
import sys

assert sys.version_info[:2] == (3, 11), "expectations come from CPython 3.11"

R = random.Random(29)
EDGES = [2**k + d for k in (29, 30, 31, 32, 47, 48, 53, 54, 61, 62, 63, 64, 65, 100, 112, 128) for d in (-1, 0, 1)]
EDGES += [10**k for k in (9, 15, 16, 17, 22, 23, 30, 40, 100, 308)] + [3**50, 7**40 + 1, 2**54 + 2, 2**55 + 3, 2**1023, 2**1024 - 2**970]
FLOATS = [0.0, 0.5, 1.5, 2.5, 1e15, 1e16, 1e17, 1e22, 1e23, 1e30, 1e100, 1e300, 2.0**30, 2.0**53, 2.0**54, 2.0**62, 2.0**63, 2.0**64, 9007199254740994.0, math.inf, math.nan]


def integer():
    n = R.choice(EDGES) if R.random() < 0.6 else R.getrandbits(R.randint(1, 130))
    return -n if R.random() < 0.4 else n


def number():
    x = R.choice(FLOATS)
    return integer() if R.random() < 0.6 else -x if R.random() < 0.4 else x


def text(x):
    return "float('%r')" % x if isinstance(x, float) and not math.isfinite(x) else "(%r)" % x


def expression():
    kind = R.randrange(8)
    a, b = integer(), integer()
    if kind < 2:
        return "%s %s %s" % (text(a), R.choice("+ - * // % & | ^".split()), text(b))
    if kind == 2:
        return "%s %s %d" % (text(a), R.choice(["<<", ">>"]), R.choice([0, 1, 15, 16, 17, 29, 30, 31, 48, 62, 63, 64, 100]))
    if kind == 3:
        return "%s / %s" % (text(a), text(b))
    if kind == 4:
        a = R.choice(FLOATS)
        exact = int(a) + R.choice([-1, 0, 0, 1]) if math.isfinite(a) else b
        pair = [text(a), text(exact)]
        R.shuffle(pair)
        return "%s %s %s" % (pair[0], R.choice("< > == != <= >=".split()), pair[1])
    if kind == 5:
        return "%s %s %s" % (text(number()), R.choice("+ - * / < > == != <= >=".split()), text(number()))
    if kind == 6:
        return "%s(%s)" % (R.choice(["float", "math.floor", "math.ceil", "math.trunc", "abs", "math.sqrt"]), text(abs(a)))
    return "round(%s, %d)" % (text(R.choice([x for x in FLOATS if x == x]) * R.choice([1, -1, 0.3])), R.randint(0, 4))


EXTRA = [
    "float(10**400)", "10**400 / 3", "1 / 10**400", "3 / 2**1074", "5 / 2**1076", "math.factorial(200) / math.factorial(198)",
    "10**400 > 1e308", "10**400 == float('inf')", "-10**400 < float('-inf')", "10**400 < float('nan')", "1e16 + (10**16 + 1)",
    "123456789 * 987654321", "46341 * 46341", "-46341 * 46341", "2**30 - 1 + 1", "-2**30 - 1", "(1 << 30) - (1 << 30)",
    "(1103515245 * 12345 + 7) % 2**31", "-5 % 2**40", "-2**40 // 7", "2**62 + 2**62", "-2**62 - 2**62", "-2**63 // -1", "~2**40 | 3",
    "2**70 // 3", "2**61 * 4", "-2**61 * 4", "2**31 * -2**31", "2**31 * 2**31", "(2**40) >> 70", "-(2**40) >> 70", "2**40 // 0", "2**40 % 0",
    "2**60 / 0", "0 / 2**100", "2**100 / 2**100", "(2**54 + 2) / 255", "2**1024 / 2**62", "round(True, 2)", "round(-0.2, 0)", "round(1234567, -3)",
    "round(1250.0, -2)", "round(15, -1)", "round(25, -1)", "[1e15] == [10**15]", "10**30 in [1e30]", "max(2**53 + 1, 2.0**53)", "sorted([2**53 + 1, 2.0**53, 2**53 - 1])",
]  # fmt: skip


def shown(source):
    try:
        value = eval(source, {"math": math})
        return "%s %r" % (type(value).__name__, value)
    except Exception as error:
        return "%s: %s" % (type(error).__name__, error)


sources = [source for source in [*EXTRA, *(expression() for _ in range(1200))]]
programs = []
for at in range(0, len(sources), 100):
    part = sources[at : at + 100]
    lines = ["import math", "def show(f):", "    try:", "        value = f()", "        print(type(value).__name__, repr(value))"]
    lines += ["    except Exception as error:", "        print('%s: %s' % (type(error).__name__, error))"]
    lines += ["show(lambda: %s)" % source for source in part]
    programs.append({"source": "\n".join(lines) + "\n", "stdout": "".join(shown(source) + "\n" for source in part)})
json.dump(programs, sys.stdout, indent=2, ensure_ascii=False)
print()
