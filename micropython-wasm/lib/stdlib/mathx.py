# What math lacks; compat/ rewrites `import math` of programs to this where they name any of it.
from math import *

nextafter = None


def gcd(*integers):
    a = 0
    for b in integers:
        while b:
            a, b = b, a % b
        if a < 0:
            a = -a
    return a


def lcm(*integers):
    a = 1
    for b in integers:
        if b == 0:
            return 0
        a = abs(a // gcd(a, b) * b)
    return a


def perm(n, k=None):
    if k is None:
        return factorial(n)
    if n < 0 or k < 0:
        raise ValueError("n must be a non-negative integer" if n < 0 else "k must be a non-negative integer")
    r = 1 if k <= n else 0
    for i in range(k if k <= n else 0):
        r *= n - i
    return r


def comb(n, k):
    if n < 0 or k < 0:
        raise ValueError("n must be a non-negative integer" if n < 0 else "k must be a non-negative integer")
    if k > n:
        return 0
    k = min(k, n - k)
    r = 1
    for i in range(k):
        r = r * (n - i) // (i + 1)
    return r


def prod(iterable, *, start=1):
    for x in iterable:
        start = start * x
    return start


def isqrt(n):
    if n < 0:
        raise ValueError("isqrt() argument must be nonnegative")
    if n < 2:
        return n
    bits = 0
    m = n
    while m:
        bits += 1
        m >>= 1
    x = 1 << ((bits + 1) >> 1)
    while True:
        y = (x + n // x) >> 1
        if y >= x:
            return x
        x = y


def hypot(*coordinates):
    big = 0.0
    for c in coordinates:
        c = abs(c)
        if c > big:
            big = c
    if big == 0 or isinf(big):
        return float(big)
    return sqrt(sum([c * c for c in coordinates])) if 1e-100 < big < 1e100 else big * sqrt(sum([(c / big) ** 2 for c in coordinates]))


def dist(p, q):
    if len(p) != len(q):
        raise ValueError("both points must have the same number of dimensions")
    return hypot(*[a - b for a, b in zip(p, q)])


def sumprod(p, q):
    return sum([a * b for a, b in zip(p, q)])


def cbrt(x):
    if x == 0:
        return float(x)
    y = exp(log(abs(x)) / 3)
    y = y - (y * y * y - abs(x)) / (3 * y * y)
    r = floor(y + 0.5)
    if r * r * r == abs(x):
        y = float(r)
    return y if x > 0 else -y


def exp2(x):
    return 2.0**x


def log1p(x):
    return 2 * atanh(x / (2 + x)) if abs(x) < 0.5 else log(1 + x)


# Shewchuk's partial sums: what is lost by rounding is kept.
def fsum(iterable):
    partials = []
    for x in iterable:
        i = 0
        for y in partials:
            if abs(x) < abs(y):
                x, y = y, x
            hi = x + y
            lo = y - (hi - x)
            if lo:
                partials[i] = lo
                i += 1
            x = hi
        partials[i:] = [x]
    total = 0.0
    for x in sorted(partials, key=abs):
        total += x
    return total


def remainder(x, y):
    if y == 0:
        raise ValueError("math domain error")
    n = x / y
    r = floor(n)
    d = n - r
    if d > 0.5 or (d == 0.5 and r % 2):
        r += 1
    return x - r * y


def ulp(x):
    x = abs(x)
    if x == 0:
        return 5e-324
    m, e_ = frexp(x)
    return ldexp(1.0, max(e_ - 53, -1074))


def nextafter(x, y):
    if x == y:
        return float(y)
    if x == 0:
        return copysign(5e-324, y)
    up = (y > x) == (x > 0)
    m, e_ = frexp(abs(x))
    step = ldexp(1.0, max(e_ - 53, -1074))
    if not up and m == 0.5:
        step /= 2
    return copysign(abs(x) + (step if up else -step), x)
