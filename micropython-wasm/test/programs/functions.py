def f(a, b=2, *args, c, d=4, **kwargs):
    return a, b, args, c, d, sorted(kwargs.items())
print(f(1, c=3), f(1, 5, 6, 7, c=8, e=9), f(*[1, 2, 3], **{"c": 4, "z": 5}))
def default(x, acc=[]):
    acc.append(x)
    return acc
print(default(1), default(2), default(3, []))
def counter():
    n = 0
    def inc(by=1):
        nonlocal n
        n += by
        return n
    return inc
c1, c2 = counter(), counter()
print(c1(), c1(5), c2(), c1())
adders = [lambda x, i=i: x + i for i in range(3)]
late = [lambda: i for i in range(3)]
print([g(10) for g in adders], [g() for g in late])
g_var = 1
def use_global():
    global g_var
    g_var += 10
use_global(); print(g_var)
def fact(n): return 1 if n < 2 else n * fact(n - 1)
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fact(50), fib(15))
def ack(m, n):
    if m == 0: return n + 1
    if n == 0: return ack(m - 1, 1)
    return ack(m - 1, ack(m, n - 1))
print(ack(2, 5))
def depth(n): return 0 if n == 0 else 1 + depth(n - 1)
print(depth(600))
def trace(fn):
    def wrapper(*a, **k):
        r = fn(*a, **k)
        print(fn.__name__, a, sorted(k.items()), r)
        return r
    return wrapper
@trace
def mul(a, b=3): return a * b
mul(2); mul(2, b=5)
compose = lambda *fs: lambda x: x if not fs else compose(*fs[:-1])(fs[-1](x))
print(compose(lambda x: x + 1, lambda x: x * 2)(5))
print(callable(f), callable(3), (lambda: None)() is None, fact.__name__)
for bad in (lambda: f(), lambda: f(1), lambda: fact(1, 2), lambda: fact(nope=1), lambda: len(5)):
    try:
        bad()
    except TypeError:
        print("TypeError")
def hanoi(n, a, b, c, moves):
    if n:
        hanoi(n - 1, a, c, b, moves); moves.append((a, c)); hanoi(n - 1, b, a, c, moves)
    return moves
print(len(hanoi(8, "a", "b", "c", [])), hanoi(2, "a", "b", "c", []))
