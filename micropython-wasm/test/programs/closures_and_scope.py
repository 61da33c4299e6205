x = "global"
def outer():
    x = "outer"
    def middle():
        def inner():
            nonlocal x
            x += "!"
            return x
        return inner
    return middle(), lambda: x
f, g = outer()
print(f(), f(), g(), x)
def make(n):
    funcs = {}
    for i in range(n):
        def fn(a, i=i): return a * i
        funcs[i] = fn
    return funcs
print([make(4)[k](10) for k in range(4)])
def memo(fn):
    cache = {}
    def wrapped(n):
        if n not in cache: cache[n] = fn(n)
        return cache[n]
    return wrapped
@memo
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(80))
def bank(balance):
    def deposit(v):
        nonlocal balance
        balance += v
        return balance
    def withdraw(v):
        nonlocal balance
        if v > balance: raise ValueError("insufficient")
        balance -= v
        return balance
    return deposit, withdraw
dep, wd = bank(100)
print(dep(50), wd(30), dep(1))
try: wd(1000)
except ValueError as e: print(e)
def shadow(list): return [v for v in list]
print(shadow((1, 2)), list((3,)))
class Scope:
    x = "class"
    def get(self): return x
    y = x + " body"
print(Scope().get(), Scope.y, Scope.x)
def unbound():
    try:
        print(later)
    except NameError:
        print("NameError")
    later = 1
unbound()
acc = []
def rec(n, path=()):
    if n == 0: acc.append(path); return
    for c in "ab": rec(n - 1, path + (c,))
rec(3); print(["".join(p) for p in acc])
print((lambda *a, **k: (a, sorted(k)))(1, 2, z=3, y=4), (lambda a, b=(lambda: 7)(): a + b)(1))
exec("y = 5\nprint(y * 2)"); print(eval("1 + 2 * 3"), eval("a + b", {"a": 1, "b": 2}))
