# A number is sign * _int * 10**_exp; _kind is "" for these, or "inf", "nan".
ROUND_UP = "ROUND_UP"
ROUND_DOWN = "ROUND_DOWN"
ROUND_CEILING = "ROUND_CEILING"
ROUND_FLOOR = "ROUND_FLOOR"
ROUND_HALF_UP = "ROUND_HALF_UP"
ROUND_HALF_DOWN = "ROUND_HALF_DOWN"
ROUND_HALF_EVEN = "ROUND_HALF_EVEN"
ROUND_05UP = "ROUND_05UP"


class DecimalException(ArithmeticError):
    pass


class InvalidOperation(DecimalException):
    pass


# A class has one built-in base here: what divides by zero is a ZeroDivisionError, and no DecimalException.
class DivisionByZero(ZeroDivisionError):
    pass


class DivisionUndefined(InvalidOperation):
    pass


class Inexact(DecimalException):
    pass


class Rounded(DecimalException):
    pass


class Overflow(Inexact):
    pass


class Context:
    def __init__(self, prec=28, rounding=ROUND_HALF_EVEN, **kwargs):
        self.prec = prec
        self.rounding = rounding

    def copy(self):
        return Context(self.prec, self.rounding)

    def create_decimal(self, x="0"):
        return +Decimal(x)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass


_context = Context()


def getcontext():
    return _context


def setcontext(ctx):
    global _context
    _context = ctx


class localcontext:
    def __init__(self, ctx=None, **kwargs):
        self._new = (ctx or _context).copy()
        for name, value in kwargs.items():
            setattr(self._new, name, value)

    def __enter__(self):
        self._old = _context
        setcontext(self._new)
        return self._new

    def __exit__(self, *exc):
        setcontext(self._old)


def _round(n, drop, rounding, negative):
    """n without its last `drop` digits."""
    if drop <= 0:
        return n * 10**-drop
    q, r = divmod(n, 10**drop)
    if not r:
        return q
    half = r * 2 - 10**drop
    if rounding == ROUND_HALF_EVEN:
        up = half > 0 or (half == 0 and q & 1)
    elif rounding == ROUND_HALF_UP:
        up = half >= 0
    elif rounding == ROUND_HALF_DOWN:
        up = half > 0
    elif rounding == ROUND_UP:
        up = True
    elif rounding == ROUND_CEILING:
        up = not negative
    elif rounding == ROUND_FLOOR:
        up = negative
    elif rounding == ROUND_05UP:
        up = q % 10 in (0, 5)
    else:
        up = False
    return q + 1 if up else q


def _made(sign, n, exp, kind=""):
    d = object.__new__(Decimal)
    d._sign = sign
    d._int = n
    d._exp = exp
    d._kind = kind
    return d


def _fixed(sign, n, exp):
    """Rounded to the context's precision."""
    drop = len(str(n)) - _context.prec
    if drop > 0:
        n = _round(n, drop, _context.rounding, sign < 0)
        exp += drop
        if len(str(n)) > _context.prec:
            n //= 10
            exp += 1
    return _made(sign, n, exp)


def _of(x):
    if isinstance(x, Decimal):
        return x
    if isinstance(x, int):
        return _made(-1 if x < 0 else 1, abs(x), 0)
    return None


class Decimal:
    def __init__(self, value="0", context=None):
        self._kind = ""
        self._sign = 1
        self._exp = 0
        self._int = 0
        if isinstance(value, Decimal):
            self._sign, self._int, self._exp, self._kind = value._sign, value._int, value._exp, value._kind
        elif isinstance(value, int):
            self._sign = -1 if value < 0 else 1
            self._int = abs(value)
        elif isinstance(value, float):
            if value != value:
                self._kind = "nan"
            elif value in (float("inf"), -float("inf")):
                self._kind = "inf"
                self._sign = 1 if value > 0 else -1
            else:
                n, d = __compat__.as_integer_ratio(value)
                self._sign = -1 if n < 0 else 1
                k = len(bin(d)) - 3
                self._int = abs(n) * 5**k
                self._exp = -k
        elif isinstance(value, (tuple, list)):
            sign, digits, exp = value
            self._sign = -1 if sign else 1
            for d in digits:
                self._int = self._int * 10 + d
            self._exp = exp
        elif isinstance(value, str):
            self._parse(value)
        else:
            raise TypeError("conversion from %s to Decimal is not supported" % type(value).__name__)

    def _parse(self, text):
        s = text.strip().lower().replace("_", "")
        if s[:1] in ("+", "-") and s:
            self._sign = -1 if s[0] == "-" else 1
            s = s[1:]
        if s in ("inf", "infinity"):
            self._kind = "inf"
            return
        if s in ("nan", "snan"):
            self._kind = "nan"
            return
        exp = 0
        try:
            if "e" in s:
                s, e = s.split("e")
                exp = int(e)
            if "." in s:
                whole, frac = s.split(".")
                exp -= len(frac)
                s = whole + frac
            if not s.isdigit():
                raise ValueError
            self._int = int(s)
        except ValueError:
            raise InvalidOperation("[<class 'decimal.ConversionSyntax'>]")
        self._exp = exp

    @staticmethod
    def from_float(f):
        return Decimal(f)

    def __str__(self):
        sign = "-" if self._sign < 0 else ""
        if self._kind:
            return sign + ("Infinity" if self._kind == "inf" else "NaN")
        digits = str(self._int)
        left = len(digits) + self._exp
        if self._exp <= 0 and left > -6:
            point = left
        else:
            point = 1
        if point <= 0:
            whole, frac = "0", "0" * -point + digits
        elif point >= len(digits):
            whole, frac = digits + "0" * (point - len(digits)), ""
        else:
            whole, frac = digits[:point], digits[point:]
        return sign + whole + ("." + frac if frac else "") + ("" if left == point else "E%+d" % (left - point))

    def __repr__(self):
        return "Decimal('%s')" % str(self)

    def __format__(self, spec):
        if not spec:
            return str(self)
        kind = spec[-1] if spec[-1].isalpha() or spec[-1] == "%" else ""
        body = spec[:-1] if kind else spec
        at = body.rfind(".")
        places = None
        if at >= 0:
            places = int(body[at + 1 :])
            body = body[:at]
        if kind in "eEgG" and kind:
            return __compat__.fmt(float(self), spec)
        x = self
        if kind == "%":
            x = _made(x._sign, x._int, x._exp + 2)
            places = 6 if places is None else places
        if places is not None and (kind in "fF%"):
            x = x.quantize(_made(1, 1, -places))
        comma = "," in body
        body = body.replace(",", "")
        text = x._plain()
        sign = ""
        if text[0] == "-":
            sign, text = "-", text[1:]
        whole, _, frac = text.partition(".")
        if comma:
            groups = []
            while len(whole) > 3:
                groups.append(whole[-3:])
                whole = whole[:-3]
            groups.append(whole)
            whole = ",".join(reversed(groups))
        text = whole + ("." + frac if frac else "") + ("%" if kind == "%" else "")
        fill, align = " ", ">"
        if len(body) > 1 and body[1] in "<>^=":
            fill, align, body = body[0], body[1], body[2:]
        elif body and body[0] in "<>^=":
            align, body = body[0], body[1:]
        if body and body[0] in "+- ":
            if not sign and body[0] != "-":
                sign = body[0]
            body = body[1:]
        if body and body[0] == "0":
            fill, align = "0", "="
        width = int(body) if body else 0
        pad = width - len(sign) - len(text)
        if pad <= 0:
            return sign + text
        if align == "=":
            return sign + fill * pad + text
        text = sign + text
        left = pad if align == ">" else 0 if align == "<" else pad // 2
        return fill * left + text + fill * (pad - left)

    def _plain(self):
        sign = "-" if self._sign < 0 else ""
        if self._kind:
            return str(self)
        digits = str(self._int)
        if self._exp >= 0:
            return sign + digits + "0" * self._exp
        n = -self._exp
        digits = "0" * (n + 1 - len(digits)) + digits
        return sign + digits[: len(digits) - n] + "." + digits[len(digits) - n :]

    def _special(self, o, op):
        a, b = self._number(), o._number()
        if op == "+":
            r = a + b
        elif op == "*":
            r = a * b
        elif o._kind == "inf" and not self._kind:
            return _made(self._sign * o._sign, 0, 0)
        elif o._kind == "inf":
            r = float("nan")
        else:
            r = a * (1 if o._sign > 0 else -1)
        if r != r and "nan" not in (self._kind, o._kind):
            raise InvalidOperation("[<class 'decimal.InvalidOperation'>]")
        return Decimal(r)

    def _number(self):
        return float("nan") if self._kind == "nan" else self._sign * float("inf") if self._kind else float(self._sign * min(self._int, 1))

    def __add__(self, o):
        o = _of(o)
        if o is None:
            return NotImplemented
        if self._kind or o._kind:
            return self._special(o, "+")
        exp = min(self._exp, o._exp)
        n = self._sign * self._int * 10 ** (self._exp - exp) + o._sign * o._int * 10 ** (o._exp - exp)
        sign = -1 if n < 0 or (n == 0 and self._sign < 0 and o._sign < 0) else 1
        return _fixed(sign, abs(n), exp)

    __radd__ = lambda self, o: self + o

    def __sub__(self, o):
        o = _of(o)
        return NotImplemented if o is None else self + _made(-o._sign, o._int, o._exp, o._kind)

    def __rsub__(self, o):
        o = _of(o)
        return NotImplemented if o is None else o - self

    def __mul__(self, o):
        o = _of(o)
        if o is None:
            return NotImplemented
        if self._kind or o._kind:
            return self._special(o, "*")
        return _fixed(self._sign * o._sign, self._int * o._int, self._exp + o._exp)

    __rmul__ = lambda self, o: self * o

    def __truediv__(self, o):
        o = _of(o)
        if o is None:
            return NotImplemented
        if self._kind or o._kind:
            return self._special(o, "/")
        sign = self._sign * o._sign
        if not o._int:
            if not self._int:
                raise InvalidOperation("[<class 'decimal.DivisionUndefined'>]")
            raise DivisionByZero("[<class 'decimal.DivisionByZero'>]")
        ideal = self._exp - o._exp
        if not self._int:
            return _made(sign, 0, ideal)
        shift = len(str(o._int)) - len(str(self._int)) + _context.prec + 1
        exp = ideal - shift
        if shift >= 0:
            q, r = divmod(self._int * 10**shift, o._int)
        else:
            q, r = divmod(self._int, o._int * 10**-shift)
        if r:
            if q % 5 == 0:
                q += 1
        else:
            while exp < ideal and q % 10 == 0:
                q //= 10
                exp += 1
        return _fixed(sign, q, exp)

    def __rtruediv__(self, o):
        o = _of(o)
        return NotImplemented if o is None else o / self

    def _divided(self, o):
        if not o._int:
            raise DivisionByZero("[<class 'decimal.DivisionByZero'>]") if self._int else InvalidOperation("[<class 'decimal.DivisionUndefined'>]")
        exp = min(self._exp, o._exp)
        q, r = divmod(self._int * 10 ** (self._exp - exp), o._int * 10 ** (o._exp - exp))
        return _made(self._sign * o._sign, q, 0), _made(self._sign, r, exp)

    def __floordiv__(self, o):
        o = _of(o)
        return NotImplemented if o is None else self._divided(o)[0]

    def __mod__(self, o):
        o = _of(o)
        return NotImplemented if o is None else self._divided(o)[1]

    def __divmod__(self, o):
        return self._divided(_of(o))

    def __rmod__(self, o):
        return _of(o) % self

    def __rfloordiv__(self, o):
        return _of(o) // self

    def __pow__(self, o, mod=None):
        o = _of(o)
        if o is None:
            return NotImplemented
        if o._exp >= 0 or o == o.to_integral_value():
            n = int(o)
            if n < 0:
                return 1 / (self ** (-n))
            if not n:
                return _made(1, 1, 0)
            return _fixed(self._sign if n & 1 else 1, self._int**n, self._exp * n)
        if o == Decimal("0.5"):
            return self.sqrt()
        return (self.ln() * o).exp()

    def __rpow__(self, o):
        return _of(o) ** self

    def __neg__(self):
        return _fixed(-self._sign if self._int or self._kind else 1, self._int, self._exp) if not self._kind else _made(-self._sign, 0, 0, self._kind)

    def __pos__(self):
        return self if self._kind else _fixed(self._sign if self._int else 1, self._int, self._exp)

    def __abs__(self):
        return self if self._kind == "nan" else _made(1, 0, 0, self._kind) if self._kind else _fixed(1, self._int, self._exp)

    def copy_abs(self):
        return _made(1, self._int, self._exp, self._kind)

    def copy_negate(self):
        return _made(-self._sign, self._int, self._exp, self._kind)

    def quantize(self, exp, rounding=None, context=None):
        if self._kind:
            return self
        exp = _of(exp)._exp
        n = _round(self._int, exp - self._exp, rounding or _context.rounding, self._sign < 0)
        if len(str(n)) > _context.prec:
            raise InvalidOperation("[<class 'decimal.InvalidOperation'>]")
        return _made(self._sign, n, exp)

    def to_integral_value(self, rounding=None, context=None):
        if self._kind or self._exp >= 0:
            return self
        return _made(self._sign, _round(self._int, -self._exp, rounding or _context.rounding, self._sign < 0), 0)

    to_integral = to_integral_value

    def normalize(self, context=None):
        if self._kind:
            return self
        x = +self
        n, exp = x._int, x._exp
        if not n:
            return _made(x._sign, 0, 0)
        while n % 10 == 0:
            n //= 10
            exp += 1
        return _made(x._sign, n, exp)

    def sqrt(self, context=None):
        import mathx

        if self._sign < 0 and self._int:
            raise InvalidOperation("[<class 'decimal.InvalidOperation'>]")
        if not self._int:
            return _made(1, 0, self._exp // 2)
        ideal = self._exp // 2
        n, e = self._int, self._exp
        if e & 1:
            n *= 10
            e -= 1
        shift = _context.prec + 1 - (len(str(n)) + 1) // 2
        if shift > 0:
            n *= 100**shift
            e -= 2 * shift
        root = mathx.isqrt(n)
        exp = e // 2
        if root * root == n:
            while exp < ideal and root % 10 == 0:
                root //= 10
                exp += 1
        elif root % 5 == 0:
            root += 1
        return _fixed(1, root, exp)

    def exp(self, context=None):
        global _context
        kept = _context
        _context = Context(kept.prec + 10)
        try:
            k = max(0, self.adjusted() + 1) * 4 + 4
            x = self / 2**k
            total = term = _made(1, 1, 0)
            n = 0
            while True:
                n += 1
                term = term * x / n
                new = total + term
                if new == total:
                    break
                total = new
            for _ in range(k):
                total = total * total
        finally:
            _context = kept
        return +total

    def ln(self, context=None):
        global _context
        import math

        if self <= 0:
            raise InvalidOperation("[<class 'decimal.InvalidOperation'>]")
        if self == 1:
            return _made(1, 0, 0)
        kept = _context
        _context = Context(kept.prec + 10)
        try:
            digits = str(self._int)
            y = Decimal(math.log(float(digits[:15])) + (len(digits) - len(digits[:15]) + self._exp) * math.log(10))
            for _ in range(len(str(kept.prec)) + 2):
                e = y.exp()
                y = y + 2 * (self - e) / (self + e)
        finally:
            _context = kept
        return +y

    def log10(self, context=None):
        if self._int == 10 ** (len(str(self._int)) - 1) and self._sign > 0:
            return Decimal(self.adjusted())
        global _context
        kept = _context
        _context = Context(kept.prec + 6)
        try:
            r = self.ln() / Decimal(10).ln()
        finally:
            _context = kept
        return +r

    def adjusted(self):
        return self._exp + len(str(self._int)) - 1

    def as_tuple(self):
        from collections import namedtuple

        t = namedtuple("DecimalTuple", "sign digits exponent")
        return t(0 if self._sign > 0 else 1, tuple([int(c) for c in str(self._int)]), self._exp)

    def as_integer_ratio(self):
        from fractions import Fraction

        f = Fraction(self._sign * self._int * 10 ** max(self._exp, 0), 10 ** max(-self._exp, 0))
        return (f.numerator, f.denominator)

    def is_nan(self):
        return self._kind == "nan"

    def is_infinite(self):
        return self._kind == "inf"

    def is_finite(self):
        return not self._kind

    def is_zero(self):
        return not self._kind and not self._int

    def is_signed(self):
        return self._sign < 0

    def __float__(self):
        return float(str(self)) if not self._kind else self._number()

    def __int__(self):
        if self._kind:
            raise ValueError("cannot convert " + ("NaN" if self._kind == "nan" else "infinity") + " to integer")
        n = self._int * 10**self._exp if self._exp >= 0 else self._int // 10**-self._exp
        return self._sign * n

    __trunc__ = __int__

    def __floor__(self):
        return int(self.to_integral_value(ROUND_FLOOR))

    def __ceil__(self):
        return int(self.to_integral_value(ROUND_CEILING))

    def __round__(self, n=None):
        if n is None:
            return int(self.to_integral_value(ROUND_HALF_EVEN))
        return self.quantize(_made(1, 1, -n), ROUND_HALF_EVEN)

    def __bool__(self):
        return bool(self._kind or self._int)

    def __hash__(self):
        if self._kind:
            return hash(str(self))
        i = int(self)
        return hash(i) if self == i else hash(float(self))

    def _cmp(self, o):
        if isinstance(o, float):
            o = Decimal(o)
        o = _of(o)
        if o is None:
            raise TypeError("not supported between instances of 'Decimal' and another type")
        if self._kind or o._kind:
            a, b = self._number(), o._number()
            return a - b if a == a and b == b and not (self._kind and o._kind and a == b) else 0 if a == b else float("nan")
        exp = min(self._exp, o._exp)
        return self._sign * self._int * 10 ** (self._exp - exp) - o._sign * o._int * 10 ** (o._exp - exp)

    def compare(self, other):
        c = self._cmp(other)
        return Decimal(0 if c == 0 else -1 if c < 0 else 1)

    def __eq__(self, o):
        return isinstance(o, (int, float, Decimal)) and self._cmp(o) == 0

    def __lt__(self, o):
        return self._cmp(o) < 0

    def __le__(self, o):
        return self._cmp(o) <= 0

    def __gt__(self, o):
        return self._cmp(o) > 0

    def __ge__(self, o):
        return self._cmp(o) >= 0

    def max(self, o):
        return +(self if self > o else _of(o))

    def min(self, o):
        return +(self if self < o else _of(o))
