def _gcd(a, b):
    while b:
        a, b = b, a % b
    return abs(a)


class Fraction:
    def __init__(self, numerator=0, denominator=None):
        if denominator is None:
            n, d = _parts(numerator)
        else:
            a, b = _parts(numerator)
            c, e = _parts(denominator)
            n, d = a * e, b * c
        if d == 0:
            raise ZeroDivisionError("Fraction(%s, 0)" % n)
        g = _gcd(n, d)
        if d < 0:
            g = -g
        self.numerator = n // g
        self.denominator = d // g

    @staticmethod
    def from_float(f):
        return Fraction(f)

    @staticmethod
    def from_decimal(d):
        return Fraction(str(d))

    def limit_denominator(self, max_denominator=1000000):
        if self.denominator <= max_denominator:
            return Fraction(self)
        p0, q0, p1, q1 = 0, 1, 1, 0
        n, d = self.numerator, self.denominator
        while True:
            a = n // d
            q2 = q0 + a * q1
            if q2 > max_denominator:
                break
            p0, q0, p1, q1 = p1, q1, p0 + a * p1, q2
            n, d = d, n - a * d
        k = (max_denominator - q0) // q1
        one = Fraction(p0 + k * p1, q0 + k * q1)
        two = Fraction(p1, q1)
        return two if abs(two - self) <= abs(one - self) else one

    def as_integer_ratio(self):
        return (self.numerator, self.denominator)

    def is_integer(self):
        return self.denominator == 1

    def __repr__(self):
        return "Fraction(%d, %d)" % (self.numerator, self.denominator)

    def __str__(self):
        return str(self.numerator) if self.denominator == 1 else "%d/%d" % (self.numerator, self.denominator)

    def __format__(self, spec):
        return __compat__.fmt(str(self) if not spec or spec[-1] == "s" else float(self), spec)

    def _op(self, other, op, swapped=False):
        if isinstance(other, float):
            a, b = float(self), other
            if swapped:
                a, b = b, a
            return a + b if op == 0 else a - b if op == 1 else a * b if op == 2 else a / b
        if not isinstance(other, (int, Fraction)):
            return NotImplemented
        a, b = self.numerator, self.denominator
        c, d = (other.numerator, other.denominator) if isinstance(other, Fraction) else (other, 1)
        if swapped:
            a, b, c, d = c, d, a, b
        if op == 0:
            return Fraction(a * d + c * b, b * d)
        if op == 1:
            return Fraction(a * d - c * b, b * d)
        if op == 2:
            return Fraction(a * c, b * d)
        return Fraction(a * d, b * c)

    def __add__(self, o):
        return self._op(o, 0)

    def __radd__(self, o):
        return self._op(o, 0, True)

    def __sub__(self, o):
        return self._op(o, 1)

    def __rsub__(self, o):
        return self._op(o, 1, True)

    def __mul__(self, o):
        return self._op(o, 2)

    def __rmul__(self, o):
        return self._op(o, 2, True)

    def __truediv__(self, o):
        return self._op(o, 3)

    def __rtruediv__(self, o):
        return self._op(o, 3, True)

    def __floordiv__(self, o):
        q = self / o
        return q.numerator // q.denominator

    def __mod__(self, o):
        return self - o * (self // o)

    def __divmod__(self, o):
        q = self // o
        return (q, self - o * q)

    def __pow__(self, n):
        if isinstance(n, Fraction):
            if n.denominator != 1:
                return float(self) ** float(n)
            n = n.numerator
        if not isinstance(n, int):
            return float(self) ** n
        if n >= 0:
            return Fraction(self.numerator**n, self.denominator**n)
        return Fraction(self.denominator**-n, self.numerator**-n)

    def __neg__(self):
        return Fraction(-self.numerator, self.denominator)

    def __pos__(self):
        return self

    def __abs__(self):
        return Fraction(abs(self.numerator), self.denominator)

    def __float__(self):
        return self.numerator / self.denominator

    def __int__(self):
        n, d = self.numerator, self.denominator
        return n // d if n >= 0 else -(-n // d)

    __trunc__ = __int__

    def __floor__(self):
        return self.numerator // self.denominator

    def __ceil__(self):
        return -(-self.numerator // self.denominator)

    def __round__(self, ndigits=None):
        scale = 10 ** (ndigits or 0)
        q, r = divmod(self.numerator * scale, self.denominator)
        if 2 * r > self.denominator or (2 * r == self.denominator and q % 2):
            q += 1
        return q if ndigits is None else Fraction(q, scale)

    def __bool__(self):
        return self.numerator != 0

    def __hash__(self):
        return hash(self.numerator) if self.denominator == 1 else hash((self.numerator, self.denominator))

    def _cmp(self, o):
        if isinstance(o, float):
            o = Fraction(o)
        if isinstance(o, Fraction):
            return self.numerator * o.denominator - o.numerator * self.denominator
        return self.numerator - o * self.denominator

    def __eq__(self, o):
        return isinstance(o, (int, float, Fraction)) and self._cmp(o) == 0

    def __lt__(self, o):
        return self._cmp(o) < 0

    def __le__(self, o):
        return self._cmp(o) <= 0

    def __gt__(self, o):
        return self._cmp(o) > 0

    def __ge__(self, o):
        return self._cmp(o) >= 0


def _parts(x):
    if isinstance(x, int):
        return int(x), 1
    if isinstance(x, Fraction):
        return x.numerator, x.denominator
    if isinstance(x, float):
        return __compat__.as_integer_ratio(x)
    if isinstance(x, str):
        s = x.strip()
        try:
            if "/" in s:
                a, b = s.split("/")
                return int(a), int(b)
            exp = 0
            low = s.lower()
            if "e" in low:
                low, e = low.split("e")
                exp = int(e)
            if "." in low:
                whole, frac = low.split(".")
                exp -= len(frac)
                low = whole + frac
            n = int(low)
            return (n * 10**exp, 1) if exp >= 0 else (n, 10**-exp)
        except ValueError:
            raise ValueError("Invalid literal for Fraction: %r" % x)
    if hasattr(x, "as_integer_ratio"):
        return x.as_integer_ratio()
    raise TypeError("both arguments should be Rational instances")
