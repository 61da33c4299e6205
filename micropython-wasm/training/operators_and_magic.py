class Vector:
    def __init__(self, *parts):
        self.parts = parts
    def __add__(self, other): return Vector(*[a + b for a, b in zip(self.parts, other.parts)])
    def __sub__(self, other): return Vector(*[a - b for a, b in zip(self.parts, other.parts)])
    def __mul__(self, k): return Vector(*[a * k for a in self.parts])
    def __rmul__(self, k): return self * k
    def __neg__(self): return self * -1
    def __eq__(self, other): return isinstance(other, Vector) and self.parts == other.parts
    def __lt__(self, other): return self.length() < other.length()
    def __hash__(self): return hash(self.parts)
    def __len__(self): return len(self.parts)
    def __getitem__(self, i): return self.parts[i]
    def __contains__(self, x): return x in self.parts
    def __bool__(self): return any(self.parts)
    def __call__(self, f): return Vector(*map(f, self.parts))
    def __str__(self): return "(" + ", ".join(str(p) for p in self.parts) + ")"
    def length(self): return sum(p * p for p in self.parts) ** 0.5
class Meter:
    def __init__(self): self.calls = 0
    def __enter__(self):
        self.calls += 1
        return self
    def __exit__(self, kind, value, trace):
        return kind is KeyError
    def __getattr__(self, name):
        if name.startswith("say_"):
            return lambda *a, **k: (name[4:], a, sorted(k.items()))
        raise AttributeError(name)
v, w = Vector(1, 2, 3), Vector(4, 5, 6)
acc = Vector(0, 0, 0)
for i in range(120):
    acc = acc + v * i - 2 * w
    if acc < w or acc == v:
        acc = -acc
print(acc, len(acc), acc[1], 4 in w, bool(Vector(0, 0)), v(lambda x: x * x), {v: "v", w: "w"}[Vector(1, 2, 3)], sorted([w, v])[0])
meter = Meter()
for i in range(30):
    with meter as m:
        if i % 5 == 0:
            raise KeyError(i)
print(meter.calls, meter.say_hello(1, b=2, a=3), hasattr(meter, "other"), getattr(meter, "other", "default"))
def decorate(prefix):
    def outer(f):
        def inner(*args, **kwargs):
            inner.calls = inner_calls.get(prefix, 0) + 1 if False else None
            inner_calls[prefix] = inner_calls.get(prefix, 0) + 1
            return prefix + str(f(*args, **kwargs))
        return inner
    return outer
inner_calls = {}
@decorate("<")
def area(w, h=2, *more, scale=1, **rest):
    return (w * h + sum(more)) * scale + len(rest)
class Tools:
    @staticmethod
    def twice(x): return x * 2
    @classmethod
    def make(cls): return cls()
    @property
    def name(self): return "tools"
for i in range(40):
    area(i, i + 1, 2, 3, scale=2, extra=1)
print(area(3), area(3, h=4), area(*[1, 2, 3], **{"scale": 2}), inner_calls, Tools.twice(4), Tools.make().name)
x, (y, *z), k = 1, (2, 3, 4), 5
x += y; y -= k; k *= 3; k //= 2; k <<= 2; k |= 1; k ^= 6; k %= 50; k **= 2
print(x, y, z, k, 1 < x < 5, not x, x if y else z, [*z, *z], {**{"a": 1}, "b": 2}, z[::-1], z[-1:], (lambda *a: a)(1, 2))
del z[0]
global_value = 10
def scopes():
    global global_value
    n = 0
    def bump():
        nonlocal n
        n += 1
        return n
    while bump() < 50:
        global_value += n
        if n % 2: continue
        if n > 45: break
    else:
        n = -1
    return n
print(scopes(), global_value, z, isinstance(z, (list, tuple)), type(z) is list, issubclass(Vector, object), id(z) == id(z), callable(scopes))
