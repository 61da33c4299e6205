class Point:
    count = 0
    def __init__(self, x, y):
        self.x, self.y = x, y
        Point.count += 1
    def __repr__(self): return f"Point({self.x}, {self.y})"
    def __eq__(self, o): return isinstance(o, Point) and (self.x, self.y) == (o.x, o.y)
    def __hash__(self): return hash((self.x, self.y))
    def __add__(self, o): return Point(self.x + o.x, self.y + o.y)
    def __mul__(self, k): return Point(self.x * k, self.y * k)
    def __neg__(self): return Point(-self.x, -self.y)
    def __getitem__(self, i): return (self.x, self.y)[i]
    def __len__(self): return 2
    def __bool__(self): return bool(self.x or self.y)
    def __lt__(self, o): return (self.x, self.y) < (o.x, o.y)
    def __call__(self, k): return self.x * k
    def __contains__(self, v): return v in (self.x, self.y)
p, q = Point(1, 2), Point(3, 4)
print(p, p + q, p * 3, -p, p == Point(1, 2), p != q, p[0], len(p), bool(Point(0, 0)), p < q, p(10), 2 in p)
print({p: "a"}[Point(1, 2)], Point.count, sorted([q, p]), list(p))
class Animal:
    sound = "..."
    def __init__(self, name): self.name = name
    def speak(self): return f"{self.name} says {self.sound}"
    @classmethod
    def make(cls, name): return cls(name)
    @staticmethod
    def legs(): return 4
    @property
    def loud(self): return self.sound.upper()
class Dog(Animal):
    sound = "woof"
    def speak(self): return super().speak() + "!"
class Puppy(Dog):
    def __init__(self, name, age):
        super().__init__(name)
        self.age = age
d = Puppy("Rex", 1)
print(d.speak(), d.loud, d.legs(), Dog.make("Bo").speak(), isinstance(d, Animal), issubclass(Puppy, Dog), type(d).__name__)
print(hasattr(d, "age"), getattr(d, "nope", "default"), setattr(d, "tag", 5), d.tag, d.__class__ is Puppy)
class Temp:
    def __init__(self): self._c = 0
    @property
    def f(self): return self._c * 9 / 5 + 32
    @f.setter
    def f(self, v): self._c = (v - 32) * 5 / 9
t = Temp(); t.f = 212; print(t._c, t.f)
class A:
    def who(self): return "A"
class B(A):
    def who(self): return "B" + super().who()
class Mixin:
    def extra(self): return "extra " + self.who()
class C(Mixin, B): pass
print(C().who(), C().extra(), C.__name__)
class Dyn:
    def __getattr__(self, n): return "dyn_" + n
    def __enter__(self): print("enter"); return self
    def __exit__(self, t, v, tb): print("exit", t.__name__ if t else None); return t is KeyError
with Dyn() as x: print(x.foo)
with Dyn(): raise KeyError("swallowed")
try:
    with Dyn(): raise ValueError("passed")
except ValueError as e: print("outer", e)
class Stack:
    def __init__(self): self.items = []
    def push(self, x): self.items.append(x); return self
    def __iter__(self): return iter(self.items[::-1])
    def __setitem__(self, i, v): self.items[i] = v
    def __delitem__(self, i): del self.items[i]
s = Stack().push(1).push(2).push(3); s[0] = 9; del s[1]; print(list(s))
try: d.nope
except AttributeError: print("AttributeError")
print(type(3) is int, type("") == str, type(type(3)).__name__)
