# The numbers are CPython's: MicroPython's own functions are replaced by those of a Mersenne Twister (patch/random.wat),
# which take the highest bits, and everything here asks for numbers in CPython's order.
from urandom import choice as _choice, getrandbits as _bits, randint as _randint, random, randrange as _randrange
from urandom import seed as _seed, uniform
import math as _math

_SMALL = 0x1FFFFFFF
_STATE_BYTES = 2500
_MAGIC = 4 * _math.exp(-0.5) / _math.sqrt(2.0)
_LOG4 = _math.log(4.0)
_SG_MAGIC = 1.0 + _math.log(4.5)
_spare = None


def seed(a=None, version=2):
    global _spare
    _spare = None
    if a is None:
        _seed()
        return
    if isinstance(a, (str, bytes, bytearray)):
        from hashlib import sha512

        data = a.encode() if isinstance(a, str) else bytes(a)
        a = int.from_bytes(data + sha512(data).digest(), "big")
    elif isinstance(a, float):
        a = _hash(a)
    elif not isinstance(a, int):
        raise TypeError("The only supported seed types are: None,\nint, float, str, bytes, and bytearray.")
    a = abs(int(a))
    if a <= _SMALL:
        _seed(a)
        return
    words = (len(bin(a)) + 29) // 32
    # A key of 625 words would be taken for a state.
    _seed(bytearray(a.to_bytes(4 * words if words != 625 else 2504, "little")))


def _hash(x):
    """hash() of a float. https://docs.python.org/3/library/stdtypes.html#hashing-of-numeric-types"""
    if x != x or x in (_math.inf, -_math.inf):
        return 0 if x != x else 314159 if x > 0 else -314159
    top, bottom = __compat__.as_integer_ratio(abs(x))
    prime = (1 << 61) - 1
    n = top * __compat__.pow(bottom, prime - 2, prime) % prime
    return n if x >= 0 else -2 if n == 1 else -n


def getrandbits(k):
    if k < 0:
        raise ValueError("number of bits must be non-negative")
    if k <= 32:
        return _bits(k)
    n = at = 0
    while k > 0:
        n |= _bits(min(k, 32)) << at
        at += 32
        k -= 32
    return n


def randbytes(n):
    return getrandbits(n * 8).to_bytes(n, "little")


def _below(n):
    if n <= _SMALL:
        return _randrange(n)
    k = len(bin(n)) - 2
    r = getrandbits(k)
    while r >= n:
        r = getrandbits(k)
    return r


def randrange(start, stop=None, step=1):
    if stop is None:
        start, stop = 0, start
        if step != 1:
            raise TypeError("Missing a non-None stop argument")
        if stop <= 0:
            raise ValueError("empty range for randrange()")
    width = stop - start
    if step == 1:
        if width <= 0:
            raise ValueError("empty range for randrange() (%d, %d, %d)" % (start, stop, width))
        return start + _below(width)
    if step == 0:
        raise ValueError("zero step for randrange()")
    n = (width + step - (1 if step > 0 else -1)) // step
    if n <= 0:
        raise ValueError("empty range for randrange()")
    return start + step * _below(n)


def randint(a, b):
    if -_SMALL <= a <= b <= _SMALL and b - a < _SMALL:
        return _randint(a, b)
    return randrange(a, b + 1)


def choice(seq):
    if not len(seq):
        raise IndexError("Cannot choose from an empty sequence")
    return _choice(seq) if isinstance(seq, (list, tuple, str)) else seq[_below(len(seq))]


def choices(population, weights=None, *, cum_weights=None, k=1):
    n = len(population)
    if cum_weights is None:
        if weights is None:
            return [population[int(random() * n)] for _ in range(k)]
        cum_weights = []
        total = 0
        for w in weights:
            total += w
            cum_weights.append(total)
    elif weights is not None:
        raise TypeError("Cannot specify both weights and cumulative weights")
    if len(cum_weights) != n:
        raise ValueError("The number of weights does not match the population")
    total = cum_weights[-1] + 0.0
    if total <= 0.0:
        raise ValueError("Total of weights must be greater than zero")
    result = []
    for _ in range(k):
        x = random() * total
        lo, hi = 0, n - 1
        while lo < hi:
            mid = (lo + hi) // 2
            if x < cum_weights[mid]:
                hi = mid
            else:
                lo = mid + 1
        result.append(population[lo])
    return result


def shuffle(x):
    for i in range(len(x) - 1, 0, -1):
        j = _randrange(i + 1)
        x[i], x[j] = x[j], x[i]


def sample(population, k, *, counts=None):
    if isinstance(population, (set, frozenset, dict)):
        raise TypeError("Population must be a sequence.  For dicts or sets, use sorted(d).")
    n = len(population)
    if counts is not None:
        ends = []
        total = 0
        for count in counts:
            total += count
            ends.append(total)
        if len(ends) != n:
            raise ValueError("The number of counts does not match the population")
        chosen = []
        for place in sample(range(total), k):
            i = 0
            while ends[i] <= place:
                i += 1
            chosen.append(population[i])
        return chosen
    if not 0 <= k <= n:
        raise ValueError("Sample larger than population or is negative")
    result = []
    size = 21
    if k > 5:
        size += 4 ** _math.ceil(_math.log(k * 3) / _math.log(4))
    if n <= size:
        pool = list(population)
        for i in range(k):
            j = _below(n - i)
            result.append(pool[j])
            pool[j] = pool[n - i - 1]
    else:
        selected = set()
        for _ in range(k):
            j = _below(n)
            while j in selected:
                j = _below(n)
            selected.add(j)
            result.append(population[j])
    return result


def gauss(mu=0.0, sigma=1.0):
    global _spare
    z = _spare
    _spare = None
    if z is None:
        angle = random() * 2.0 * _math.pi
        radius = _math.sqrt(-2.0 * _math.log(1.0 - random()))
        z = _math.cos(angle) * radius
        _spare = _math.sin(angle) * radius
    return mu + z * sigma


def normalvariate(mu=0.0, sigma=1.0):
    while True:
        u1 = random()
        u2 = 1.0 - random()
        z = _MAGIC * (u1 - 0.5) / u2
        if z * z / 4.0 <= -_math.log(u2):
            return mu + z * sigma


def lognormvariate(mu=0.0, sigma=1.0):
    return _math.exp(normalvariate(mu, sigma))


def expovariate(lambd=1.0):
    return -_math.log(1.0 - random()) / lambd


def triangular(low=0.0, high=1.0, mode=None):
    u = random()
    if high == low:
        return low
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
    if alpha <= 0.0 or beta <= 0.0:
        raise ValueError("gammavariate: alpha and beta must be > 0.0")
    if alpha > 1.0:
        # R. C. H. Cheng, 1977
        ainv = _math.sqrt(2.0 * alpha - 1.0)
        bbb = alpha - _LOG4
        ccc = alpha + ainv
        while True:
            u1 = random()
            if not 1e-7 < u1 < 0.9999999:
                continue
            u2 = 1.0 - random()
            v = _math.log(u1 / (1.0 - u1)) / ainv
            x = alpha * _math.exp(v)
            z = u1 * u1 * u2
            r = bbb + ccc * v - x
            if r + _SG_MAGIC - 4.5 * z >= 0.0 or r >= _math.log(z):
                return x * beta
    if alpha == 1.0:
        return -_math.log(1.0 - random()) * beta
    # Ahrens and Dieter, 1974
    while True:
        b = (_math.e + alpha) / _math.e
        p = b * random()
        x = p ** (1.0 / alpha) if p <= 1.0 else -_math.log((b - p) / alpha)
        u = random()
        if p > 1.0:
            if u <= x ** (alpha - 1.0):
                break
        elif u <= _math.exp(-x):
            break
    return x * beta


def vonmisesvariate(mu, kappa):
    if kappa <= 1e-6:
        return 2.0 * _math.pi * random()
    s = 0.5 / kappa
    r = s + _math.sqrt(1.0 + s * s)
    while True:
        z = _math.cos(_math.pi * random())
        d = z / (r + z)
        u = random()
        if u < 1.0 - d * d or u <= (1.0 - d) * _math.exp(d):
            break
    q = 1.0 / r
    f = (q + z) / (1.0 + q * z)
    return (mu + _math.acos(f)) % (2.0 * _math.pi) if random() > 0.5 else (mu - _math.acos(f)) % (2.0 * _math.pi)


def getstate():
    state = bytearray(_STATE_BYTES)
    # Out, and back as it was.
    _seed(state)
    kept = bytes(state)
    _seed(state)
    return (3, kept, _spare)


def setstate(state):
    global _spare
    _seed(bytearray(state[1]))
    _spare = state[2]


class Random:
    # A state beside the module's: they change places for as long as a number is made.
    def __init__(self, x=None):
        self._state = bytearray(_STATE_BYTES)
        self._spare = None
        self.seed(x)

    def _swap(self):
        global _spare
        _seed(self._state)
        _spare, self._spare = self._spare, _spare

    def _do(self, function, *args, **kwargs):
        self._swap()
        try:
            return function(*args, **kwargs)
        finally:
            self._swap()

    def seed(self, a=None, version=2):
        if a is None:
            a = _bits(32)
        self._do(seed, a)

    def getstate(self):
        return (3, bytes(self._state), self._spare)

    def setstate(self, state):
        self._state[:] = state[1]
        self._spare = state[2]

    def random(self):
        _seed(self._state)
        x = random()
        _seed(self._state)
        return x


def _method(name):
    function = globals()[name]
    setattr(Random, name, lambda self, *args, **kwargs: self._do(function, *args, **kwargs))


for _name in (
    "getrandbits randbytes randrange randint uniform choice choices shuffle sample gauss normalvariate lognormvariate "
    "expovariate triangular paretovariate weibullvariate betavariate gammavariate vonmisesvariate"
).split():
    _method(_name)


class SystemRandom(Random):
    def __init__(self, x=None):
        raise NotImplementedError("there is no source of secrets here")
