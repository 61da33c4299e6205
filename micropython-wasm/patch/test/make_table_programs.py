# Writes table-programs.json: programs about dicts and sets, and what CPython prints. Run by CPython 3.11:
#   python3.11 make_table_programs.py > table-programs.json
# The programs are the same at every run: the generator is seeded, and has its own random numbers.
import io
import json
import sys
from contextlib import redirect_stdout

assert sys.version_info[:2] == (3, 11), "expectations come from CPython 3.11"

state = 20261130


def below(n):
    global state
    state = (state * 1103515245 + 12345) & 0x7FFFFFFF
    return (state >> 8) % n


def pick(choices):
    return choices[below(len(choices))]


WORDS = "zebra apple mango kiwi fig plum pear lime date nut oak elm ash yew fir bay".split()
KEYS = {
    "int": lambda: str(below(24)),
    "far": lambda: str((below(40) - 12) * 1009),
    "str": lambda: repr(pick(WORDS)),
    "made": lambda: '"k" + str(%d)' % below(30),
    "mixed": lambda: pick(["None", "True", "1.0", "0", "2.5", "''", "(1, 2)", "()", "'a'", "b'a'", "10**20", "-1", "frozenset([1])"]),
    "tuple": lambda: "(%d, %d)" % (below(5), below(5)),
}


def changes(kind, count, name="d"):
    key = KEYS[kind]
    lines = []
    for n in range(count):
        k, v = key(), below(100)
        lines.append(
            pick(
                [
                    f"{name}[{k}] = {v}",
                    f"{name}[{k}] = {v}",
                    f"{name}[{k}] = {v}",
                    f"{name}.pop({k}, None)",
                    f"if {k} in {name}: del {name}[{k}]",
                    f"{name}.setdefault({k}, {v})",
                    f"{name}.update({{{k}: {v}, {key()}: {v + 1}}})",
                    f"{name} = {name}.copy()",
                    f"{name} = dict({name})",
                    f"{name}[{k}] = {name}.get({k}, 0) + 1",
                    f"if {name}: print({name}.popitem())",
                    f"print(list({name}), {k} in {name}, {name}.get({k}))",
                    f"{name} = {{a: b for a, b in {name}.items() if b != {v}}}",
                ]
            )
        )
    return lines


def show(name="d"):
    return [f"print({name})", f"print(list({name}.keys()), list({name}.values()), list({name}.items()), len({name}))"]


programs = []


def program(lines):
    programs.append("\n".join(lines) + "\n")


for round in range(20):
    for kind in KEYS:
        program(["d = {}"] + changes(kind, 4 + 4 * round) + show())
for round in range(20):
    kind = pick(list(KEYS))
    entries = ", ".join("%s: %d" % (KEYS[kind](), i) for i in range(1 + round))
    program(["d = {%s}" % entries] + changes(kind, 12) + ["for k, v in d.items(): print(k, v)"] + show())
for round in range(12):
    n = 10 + 30 * round
    program(
        [
            "d = {}",
            f"for i in range({n}): d[i * {pick([1, 7, 64, 1024, 12345])} % {pick([97, 1009, 65537])}] = i",
            f"for k in [k for k in d if k % {2 + below(4)} == 0]: del d[k]",
            f"for i in range({n // 3}): d[str(i)] = i",
            "print(d)",
            "while d:",
            "    k, v = d.popitem()",
            "    if v % 5 == 0: print(k, v, len(d))",
        ]
    )
for round in range(12):
    names = sorted({pick(WORDS) for _ in range(2 + round)}, key=lambda w: (len(w), w[::-1]))
    given = ", ".join("%s=%d" % (w, i) for i, w in enumerate(names))
    program(
        [
            "def f(*a, **kw):",
            "    print(a, kw, list(kw))",
            "    return kw",
            f"d = f(1, {given})",
            "f(2, **d)",
            "d['zz'] = 1",
            "f(**d)",
            "g = lambda **kw: '&'.join('%s=%s' % item for item in kw.items())",
            "print(g(**d), dict(**d), dict(d, q=3))",
        ]
    )
for round in range(12):
    names = list(dict.fromkeys(pick(WORDS) for _ in range(3 + round)))
    program(
        ["class C:"]
        + ["    %s = %d" % (w, i) for i, w in enumerate(names)]
        + ["    def __init__(self):"]
        + ["        self.%s_ = %d" % (w, i) for i, w in enumerate(names[::-1])]
        + [
            "c = C()",
            "print(list(c.__dict__), c.__dict__)",
            "print([n for n in C.__dict__ if n in %r])" % names,
            "c.later = 1",
            "del c.%s_" % names[0],
            "c.%s_ = 'again'" % names[0],
            "print(c.__dict__)",
        ]
    )
for round in range(14):
    fields = list(dict.fromkeys(pick(WORDS) for _ in range(2 + round % 7)))
    program(
        ["from dataclasses import dataclass, asdict, fields", "import json", "@dataclass", "class R:"]
        + ["    %s: int = %d" % (w, below(50)) for w in fields]
        + [
            "r = R()",
            "print(r, asdict(r), [f.name for f in fields(r)])",
            "print(json.dumps(asdict(r)), json.loads(json.dumps({'x': asdict(r), 'a': [asdict(r)]})))",
        ]
    )
for round in range(14):
    text = " ".join(pick(WORDS[: 4 + round % 8]) for _ in range(10 + 4 * round))
    program(
        [
            "from collections import Counter, defaultdict, OrderedDict, ChainMap",
            f"words = {text!r}.split()",
            "c = Counter(words)",
            "print(c, c.most_common(3), list(c), c.most_common())",
            "g = defaultdict(list)",
            "for i, w in enumerate(words): g[w[0]].append(i)",
            "print(dict(g), sorted(g), g)",
            "o = OrderedDict((w, len(w)) for w in words)",
            "o.move_to_end(words[0])",
            "print(list(o.items()), o.popitem(last=False), list(o))",
            "print(list(ChainMap({'a': 1}, {'b': 2, 'a': 3})))",
            "print({w: words.count(w) for w in words}, dict.fromkeys(words, 0), dict(zip(words, range(9))))",
        ]
    )
for round in range(14):
    program(
        [
            "import json",
            "tree = {}",
        ]
        + [
            "node = tree\nfor part in %r: node = node.setdefault(part, {})" % [pick(WORDS[:5]) for _ in range(1 + below(4))]
            for _ in range(3 + round)
        ]
        + [
            "print(tree)",
            "print(json.dumps(tree, indent=1))",
            "print(json.dumps(tree, sort_keys=True))",
            "def walk(t, depth=0):",
            "    for k in t:",
            "        print(' ' * depth + k)",
            "        walk(t[k], depth + 1)",
            "walk(tree)",
        ]
    )
for round in range(30):
    n = 3 + 2 * round
    m = pick([8, 20, 100, 1000, 100000])
    values = [below(m) - (m // 3 if round % 3 == 0 else 0) for _ in range(n)]
    program(
        [
            f"s = set({values})",
            "print(s, list(s), len(s))",
            f"for x in {[below(m) for _ in range(6)]}: s.discard(x)",
            f"for x in {[below(m) for _ in range(6)]}: s.add(x)",
            "print(s)",
            "print(s.pop(), s.pop(), s)" if n > 16 else "print(max(s))",
            f"print({{x % 7 for x in s}}, {{(x % 3, x % 4) for x in s}})",
            f"print(sorted(s & set(range({m // 2}))), sorted(s | {{1, 2}}), frozenset({values[:4]}))",
            "t = s.copy()",
            "t.clear()",
            "t.add(3)",
            "print(t, 3 in t, 4 in t)",
            "while s:",
            "    print(s.pop(), end=' ')",
            "print()",
        ]
    )
for lines in [
    ["d = {True: 'a', 1: 'b', 1.0: 'c'}", "print(d)", "d[False] = 0", "d[0.0] = 9", "print(d)"],
    ["for bad in ([], {}, set(), [1]):", "    try:", "        {}[bad] = 1", "    except TypeError as e:", "        print('TypeError')"],
    ["d = {}", "try:", "    d.popitem()", "except KeyError:", "    print('empty')", "try:", "    d['x']", "except KeyError as e:", "    print(type(e).__name__)"],
    [
        "class K:",
        "    def __init__(self, n): self.n = n",
        "    def __hash__(self): return self.n % 3",
        "    def __eq__(self, other): return self.n == other.n",
        "    def __repr__(self): return 'K%d' % self.n",
        "d = {}",
        "for i in range(40): d[K(i * 7 % 25)] = i",
        "print(d)",
        "for i in range(0, 25, 3): d.pop(K(i))",
        "for i in range(0, 25, 6): d[K(i)] = -i",
        "print(d, K(6) in d, K(7) in d, K(3) in d)",
        "s = {K(i % 11) for i in range(50)}",
        "print(len(s), K(3) in s, K(12) in s)",
    ],
    [
        "class Evil:",
        "    def __init__(self, d): self.d = d",
        "    def __hash__(self): return 5",
        "    def __eq__(self, other):",
        "        self.d.clear()",
        "        return False",
        "d = {}",
        "for i in range(20): d[i] = i",
        "d[Evil(d)] = 1",
        "print(len(d))",
        "d[5] = 2",
        "d[6] = 3",
        "print(len(d) <= 4)",
    ],
    [
        "class Adds:",
        "    def __init__(self, d, n): self.d, self.n = d, n",
        "    def __hash__(self):",
        "        if self.n:",
        "            self.n -= 1",
        "            for i in range(30): self.d[i, self.n] = i",
        "        return 7",
        "    def __eq__(self, other): return self is other",
        "d = {}",
        "a = Adds(d, 3)",
        "d[a] = 'mine'",
        "print(d[a], d.pop(a), a in d, d[29, 0])",
        "s = set()",
        "a = Adds(d, 2)",
        "s.add(a)",
        "print(len(d) > 60, len(s))",
    ],
    ["d = {i: i for i in range(1000)}", "for i in range(990): del d[i]", "print(d)", "d.update({1: 'x', 995: 'y'})", "print(d, list(d)[-1])"],
    [
        "d = {}",
        "for i in range(3000):",
        "    d[i] = i",
        "    if i >= 5: del d[i - 5]",
        "print(d, next(iter(d)))",
        "for i in range(3000):",
        "    d['x'] = i",
        "    d.pop('x')",
        "print(d)",
    ],
    ["a = {'x': 1, 'y': 2}", "b = {'y': 2, 'x': 1}", "print(a == b, a != b, {'a': [1, {'b': 2}]} == {'a': [1, {'b': 2}]}, a | {'z': 3}, {**b, **a, 'w': 0})"],
    ["g = {}", "exec('b = 1\\na = 2\\nc = 3', g)", "print([k for k in g if k in 'abc'])", "print([n for n in dir() if n in ('g', 'zz', 'aa')])"],
    ["d = dict.fromkeys('hello world')", "print(d, list(reversed(list(d))))", "it = iter(d)", "print(next(it), next(it))", "print(max(d), sorted(d, reverse=True)[:3])"],
    ["import copy", "d = {'b': [1], 'a': {'z': 1, 'y': 2}}", "e = copy.deepcopy(d)", "e['a']['x'] = 3", "print(d, e, copy.copy(e))"],
]:
    program(lines)

cases = []
for source in programs:
    out = io.StringIO()
    with redirect_stdout(out):
        exec(compile(source, "program", "exec"), {"__name__": "__main__"})
    cases.append({"source": source, "stdout": out.getvalue()})
print(json.dumps(cases, indent=0))
