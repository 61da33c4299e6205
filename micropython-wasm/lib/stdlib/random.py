# The numbers are not CPython's: seeds give the same ones here, each time.
from urandom import choice as _choice, getrandbits as _bits, randint, random, randrange, seed as _seed, uniform
import math as _math


def seed(a=None, version=2):
    if a is None:
        _seed()
    else:
        _seed(_number(a))


def _number(a):
    if isinstance(a, float):
        a = int(a) if a == int(a) else int(a * 1000003)
    elif isinstance(a, (str, bytes, bytearray)):
        n = 0
        for c in a.encode() if isinstance(a, str) else a:
            n = (n * 31 + c) & 0x1FFFFFFF
        a = n
    return a & 0xFFFFFFFF


def getrandbits(k):
    n = 0
    while k > 0:
        take = min(k, 24)
        n = n << take | _bits(take)
        k -= take
    return n


def randbytes(n):
    return bytes([_bits(8) for _ in range(n)])


# Each of these is both a function of the module and, by way of Random, a method.
def _choices(rand, population, weights, cum_weights, k):
    population = list(population)
    n = len(population)
    if cum_weights is None:
        if weights is None:
            return [population[int(rand() * n)] for _ in range(k)]
        cum_weights = []
        total = 0
        for w in weights:
            total += w
            cum_weights.append(total)
    if len(cum_weights) != n:
        raise ValueError("The number of weights does not match the population")
    total = cum_weights[-1]
    if total <= 0:
        raise ValueError("Total of weights must be greater than zero")
    result = []
    for _ in range(k):
        x = rand() * total
        lo, hi = 0, n - 1
        while lo < hi:
            mid = (lo + hi) // 2
            if x < cum_weights[mid]:
                hi = mid
            else:
                lo = mid + 1
        result.append(population[lo])
    return result


def _shuffle(rand, x):
    for i in range(len(x) - 1, 0, -1):
        j = int(rand() * (i + 1))
        x[i], x[j] = x[j], x[i]


def _sample(rand, population, k, counts):
    if isinstance(population, (set, frozenset, dict)):
        raise TypeError("Population must be a sequence.  For dicts or sets, use sorted(d).")
    pool = list(population)
    if counts is not None:
        pool = [x for x, n in zip(pool, counts) for _ in range(n)]
    n = len(pool)
    if not 0 <= k <= n:
        raise ValueError("Sample larger than population or is negative")
    for i in range(k):
        j = i + int(rand() * (n - i))
        pool[i], pool[j] = pool[j], pool[i]
    return pool[:k]


def _gauss(rand, mu, sigma):
    return mu + sigma * _math.sqrt(-2.0 * _math.log(1.0 - rand())) * _math.cos(2 * _math.pi * rand())


def choice(seq):
    if not len(seq):
        raise IndexError("Cannot choose from an empty sequence")
    return seq[int(random() * len(seq))]


def choices(population, weights=None, *, cum_weights=None, k=1):
    return _choices(random, population, weights, cum_weights, k)


def shuffle(x):
    _shuffle(random, x)


def sample(population, k, *, counts=None):
    return _sample(random, population, k, counts)


def gauss(mu=0.0, sigma=1.0):
    return _gauss(random, mu, sigma)


normalvariate = gauss


def lognormvariate(mu=0.0, sigma=1.0):
    return _math.exp(gauss(mu, sigma))


def expovariate(lambd=1.0):
    return -_math.log(1.0 - random()) / lambd


def triangular(low=0.0, high=1.0, mode=None):
    u = random()
    c = 0.5 if mode is None else (mode - low) / (high - low)
    if u > c:
        u, c, low, high = 1.0 - u, 1.0 - c, high, low
    return low + (high - low) * _math.sqrt(u * c)


def paretovariate(alpha):
    return (1.0 - random()) ** (-1.0 / alpha)


def weibullvariate(alpha, beta):
    return alpha * (-_math.log(1.0 - random())) ** (1.0 / beta)


def betavariate(alpha, beta):
    y = gammavariate(alpha, 1.0)
    return y / (y + gammavariate(beta, 1.0)) if y else 0.0


def gammavariate(alpha, beta):
    if alpha < 1:
        return gammavariate(alpha + 1, beta) * random() ** (1.0 / alpha)
    d = alpha - 1.0 / 3
    c = 1 / _math.sqrt(9 * d)
    while True:
        x = gauss()
        v = (1 + c * x) ** 3
        if v > 0 and _math.log(1.0 - random()) < 0.5 * x * x + d - d * v + d * _math.log(v):
            return d * v * beta


class Random:
    # Two multiply-with-carry generators of 15 bits, whose products fit small integers.
    def __init__(self, x=None):
        self.seed(x)

    def seed(self, a=None, version=2):
        n = _bits(30) if a is None else _number(a)
        self._a = (n ^ 0x2545F491) & 0x3FFFFFFF or 1
        self._b = (n >> 2 ^ 0x1B873593) & 0x3FFFFFFF or 1
        for _ in range(8):
            self._next()

    def _next(self):
        self._a = a = 30903 * (self._a & 32767) + (self._a >> 15)
        self._b = b = 18000 * (self._b & 32767) + (self._b >> 15)
        return ((a & 32767) << 12) ^ (b & 32767)

    def random(self):
        return (self._next() * 67108864 + (self._next() & 67108863)) / 9007199254740992

    def getstate(self):
        return (3, self._a, self._b)

    def setstate(self, state):
        _, self._a, self._b = state

    def getrandbits(self, k):
        n = 0
        while k > 0:
            take = min(k, 12)
            n = n << take | (self._next() >> 8) & ((1 << take) - 1)
            k -= take
        return n

    def randrange(self, start, stop=None, step=1):
        if stop is None:
            start, stop = 0, start
        n = (stop - start + step - (1 if step > 0 else -1)) // step
        if n <= 0:
            raise ValueError("empty range for randrange()")
        return start + step * int(self.random() * n)

    def randint(self, a, b):
        return self.randrange(a, b + 1)

    def randbytes(self, n):
        return bytes([self.getrandbits(8) for _ in range(n)])

    def uniform(self, a, b):
        return a + (b - a) * self.random()

    def choice(self, seq):
        if not len(seq):
            raise IndexError("Cannot choose from an empty sequence")
        return seq[int(self.random() * len(seq))]

    def choices(self, population, weights=None, *, cum_weights=None, k=1):
        return _choices(self.random, population, weights, cum_weights, k)

    def shuffle(self, x):
        _shuffle(self.random, x)

    def sample(self, population, k, *, counts=None):
        return _sample(self.random, population, k, counts)

    def gauss(self, mu=0.0, sigma=1.0):
        return _gauss(self.random, mu, sigma)

    normalvariate = gauss

    def expovariate(self, lambd=1.0):
        return -_math.log(1.0 - self.random()) / lambd


class SystemRandom(Random):
    def __init__(self, x=None):
        raise NotImplementedError("there is no source of secrets here")
