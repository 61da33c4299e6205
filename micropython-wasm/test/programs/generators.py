def count(n):
    i = 0
    while i < n:
        got = yield i
        if got:
            i = got
        else:
            i += 1
print(list(count(4)), sum(count(100)))
g = count(10)
print(next(g), next(g), g.send(7), next(g), next(g, "end"), next(g, "end"))
def chain(*its):
    for it in its:
        yield from it
print(list(chain([1, 2], "ab", (x * x for x in range(3)))))
def inner():
    x = yield 1
    print("inner got", x)
    return "result"
def outer():
    r = yield from inner()
    print("outer got", r)
    yield 2
o = outer()
print(next(o), o.send("hello"))
def cleanup():
    try:
        yield 1
        yield 2
    except ValueError as e:
        print("caught", e)
        yield 3
    finally:
        print("finally")
c = cleanup()
print(next(c), c.throw(ValueError("boom")))
print(next(c, "done"))
c = cleanup(); next(c); c.close()
def primes():
    found = []
    n = 2
    while True:
        if all(n % p for p in found):
            found.append(n)
            yield n
        n += 1
p = primes()
print([next(p) for _ in range(15)])
class Countdown:
    def __init__(self, n): self.n = n
    def __iter__(self): return self
    def __next__(self):
        if self.n == 0: raise StopIteration
        self.n -= 1
        return self.n
print(list(Countdown(4)), 2 in Countdown(4), max(Countdown(3)))
def tree(n): 
    if n: 
        yield from tree(n - 1); yield n; yield from tree(n - 1)
print(list(tree(3)))
lazy = (print("evaluated", i) or i for i in range(2))
print("before"); print(list(lazy), list(lazy))
print(list(zip(count(3), "abc")), dict(enumerate(count(2))) == {0: 0, 1: 1}, sorted(x for x in {3, 1, 2}))
try:
    next(iter([]))
except StopIteration:
    print("StopIteration")
a, b, *rest = (i for i in range(5)); print(a, b, rest)
