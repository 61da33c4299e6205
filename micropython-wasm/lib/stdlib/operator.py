def add(a, b):
    return a + b


def _binary(names):
    for name, op in names:
        globals()[name] = op


_binary(
    (
        ("sub", lambda a, b: a - b),
        ("mul", lambda a, b: a * b),
        ("truediv", lambda a, b: a / b),
        ("floordiv", lambda a, b: a // b),
        ("mod", lambda a, b: a % b),
        ("pow", lambda a, b: a**b),
        ("matmul", lambda a, b: a @ b),
        ("and_", lambda a, b: a & b),
        ("or_", lambda a, b: a | b),
        ("xor", lambda a, b: a ^ b),
        ("lshift", lambda a, b: a << b),
        ("rshift", lambda a, b: a >> b),
        ("lt", lambda a, b: a < b),
        ("le", lambda a, b: a <= b),
        ("gt", lambda a, b: a > b),
        ("ge", lambda a, b: a >= b),
        ("eq", lambda a, b: a == b),
        ("ne", lambda a, b: a != b),
        ("is_", lambda a, b: a is b),
        ("is_not", lambda a, b: a is not b),
        ("concat", lambda a, b: a + b),
        ("contains", lambda a, b: b in a),
        ("getitem", lambda a, b: a[b]),
        ("neg", lambda a: -a),
        ("pos", lambda a: +a),
        ("not_", lambda a: not a),
        ("invert", lambda a: ~a),
        ("inv", lambda a: ~a),
        ("abs", lambda a: abs(a)),
        ("truth", lambda a: bool(a)),
        ("index", lambda a: a),
        ("iadd", lambda a, b: a + b),
        ("isub", lambda a, b: a - b),
        ("imul", lambda a, b: a * b),
        ("iconcat", lambda a, b: a + b),
        ("indexOf", lambda a, b: list(a).index(b)),
        ("countOf", lambda a, b: sum([1 for x in a if x == b])),
        ("length_hint", lambda a, default=0: len(a) if hasattr(a, "__len__") else default),
    )
)


def setitem(a, b, c):
    a[b] = c


def delitem(a, b):
    del a[b]


def itemgetter(item, *items):
    if not items:
        return lambda o: o[item]
    items = (item,) + items
    return lambda o: tuple([o[i] for i in items])


def _attr(o, path):
    for name in path:
        o = getattr(o, name)
    return o


def attrgetter(attr, *attrs):
    paths = [a.split(".") for a in (attr,) + attrs]
    if not attrs:
        return lambda o: _attr(o, paths[0])
    return lambda o: tuple([_attr(o, path) for path in paths])


def methodcaller(name, *args, **kwargs):
    return lambda o: getattr(__compat__ if hasattr(__compat__, name) and isinstance(o, str) else o, name)(
        *(((o,) + args) if hasattr(__compat__, name) and isinstance(o, str) else args), **kwargs
    )
