# What compat/ makes programs call in place of what MicroPython lacks. `__compat__` is this module.
import builtins as _builtins

# ---- displays and constructors ----


def mkdict(*args, **kwargs):
    if not args:
        return kwargs
    source = args[0]
    if type(source) is not dict and hasattr(source, "keys"):
        source = [(key, source[key]) for key in source.keys()]
    return dict(source, **kwargs)


def merge(*parts):
    d = {}
    for part in parts:
        if type(part) is dict:
            d.update(part)
        elif hasattr(part, "keys"):
            for key in part.keys():
                d[key] = part[key]
        else:
            raise TypeError("'%s' object is not a mapping" % type(part).__name__)
    return d


def lst(*parts):
    items = []
    for part in parts:
        items.extend(part)
    return items


# ---- exceptions that were raised from others ----
# Those of built-in classes take no attributes: what they came from is kept here, the last few of them.
_causes = []


def caused(error, cause):
    if isinstance(error, type):
        error = error()
    _causes.append((error, cause))
    del _causes[:-8]
    return error


def cause(o):
    for error, cause in _causes:
        if error is o:
            return cause
    return None if isinstance(o, BaseException) else o.__cause__


def code(o):
    if isinstance(o, SystemExit):
        return o.args[0] if o.args else None
    return o.code


def name_of(o):
    from functools import _wrapped

    try:
        while o in _wrapped:
            o = _wrapped[o]
    except TypeError:
        pass
    return o.__name__


class missing_dict(dict):
    """What stands for dict among the bases of a class with __missing__."""

    def __getitem__(self, key):
        try:
            return super().__getitem__(key)
        except KeyError:
            return self.__missing__(key)


# ---- slices with a step ----


def slice(o, a=None, b=None, c=None):
    if isinstance(o, str):
        raw = o.encode()
        if len(raw) == len(o):
            return str(bytes(list(raw)[a:b:c]), "utf8")
        return "".join(list(o)[a:b:c])
    if isinstance(o, tuple):
        return tuple(list(o)[a:b:c])
    if isinstance(o, bytes):
        return bytes(list(o)[a:b:c])
    if isinstance(o, bytearray):
        return bytearray(list(o)[a:b:c])
    return o[a:b:c]


class S:
    """The target of an assignment to a slice with a step."""

    def __init__(self, o):
        self.o = o

    def __setitem__(self, key, value):
        o = self.o
        a, b, c = key
        if not isinstance(o, (list, bytearray)):
            o[a:b:c] = value
            return
        at = list(range(len(o)))[a:b:c]
        value = list(value)
        if c == 1 or c is None:
            o[a:b] = value
            return
        if len(value) != len(at):
            raise ValueError(
                "attempt to assign sequence of size %d to extended slice of size %d" % (len(value), len(at))
            )
        for i, v in zip(at, value):
            o[i] = v

    def __getitem__(self, key):
        return slice(self.o, *key)

    def __delitem__(self, key):
        o = self.o
        a, b, c = key
        if not isinstance(o, (list, bytearray)):
            del o[a:b:c]
            return
        gone = set(list(range(len(o)))[a:b:c])
        kept = [v for i, v in enumerate(o) if i not in gone]
        o[:] = kept if isinstance(o, list) else bytearray(kept)


# ---- methods of built-in types ----
# Each is called with the object, which may have a method of that name: then it is that one's.


def _texts(o):
    return isinstance(o, (str, bytes, bytearray))


def title(o, *a, **k):
    if not isinstance(o, str):
        return o.title(*a, **k)
    out = []
    inside = False
    for c in o:
        out.append(c.lower() if inside else c.upper())
        inside = c.isalpha()
    return "".join(out)


def capitalize(o, *a, **k):
    if not isinstance(o, str):
        return o.capitalize(*a, **k)
    return o[:1].upper() + o[1:].lower()


def swapcase(o, *a, **k):
    if not isinstance(o, str):
        return o.swapcase(*a, **k)
    return "".join([c.lower() if c.isupper() else c.upper() for c in o])


def casefold(o, *a, **k):
    if not isinstance(o, str):
        return o.casefold(*a, **k)
    return o.lower().replace("\xdf", "ss")


def _fill(o, width, fillchar):
    if not isinstance(fillchar, type(o)) or len(fillchar) != 1:
        raise TypeError("The fill character must be exactly one character long")
    return fillchar * (width - len(o))


def ljust(o, *a, **k):
    if not _texts(o):
        return o.ljust(*a, **k)
    return o + _fill(o, a[0], a[1] if len(a) > 1 else " " if isinstance(o, str) else b" ")


def rjust(o, *a, **k):
    if not _texts(o):
        return o.rjust(*a, **k)
    return _fill(o, a[0], a[1] if len(a) > 1 else " " if isinstance(o, str) else b" ") + o


def center(o, *a, **k):
    if not _texts(o):
        return o.center(*a, **k)
    room = a[0] - len(o)
    if room <= 0:
        return o
    left = room // 2 + (room & a[0] & 1)
    c = _fill(o, len(o) + 1, a[1] if len(a) > 1 else " " if isinstance(o, str) else b" ")
    return c * left + o + c * (room - left)


def zfill(o, *a, **k):
    if not _texts(o):
        return o.zfill(*a, **k)
    if not isinstance(o, str):
        return zfill(o.decode(), *a).encode()
    sign = o[:1] if o[:1] in ("+", "-") and o else ""
    return sign + "0" * (a[0] - len(o)) + o[len(sign) :]


def removeprefix(o, *a, **k):
    if not _texts(o):
        return o.removeprefix(*a, **k)
    return o[len(a[0]) :] if o.startswith(a[0]) else o


def removesuffix(o, *a, **k):
    if not _texts(o):
        return o.removesuffix(*a, **k)
    return o[: len(o) - len(a[0])] if a[0] and o.endswith(a[0]) else o


def expandtabs(o, *a, **k):
    if not isinstance(o, str):
        return o.expandtabs(*a, **k)
    size = a[0] if a else k.get("tabsize", 8)
    out = []
    column = 0
    for c in o:
        if c == "\t":
            n = size - column % size if size > 0 else 0
            out.append(" " * n)
            column += n
        else:
            out.append(c)
            column = 0 if c == "\n" or c == "\r" else column + 1
    return "".join(out)


def splitlines(o, *a, **k):
    if not isinstance(o, str):
        return o.splitlines(*a, **k)
    keep = a[0] if a else k.get("keepends", False)
    lines = []
    start = 0
    i = 0
    n = len(o)
    if "\r" not in o:
        lines = o.split("\n")
        if not lines[-1]:
            lines.pop()
            return [line + "\n" for line in lines] if keep else lines
        return [line + "\n" for line in lines[:-1]] + lines[-1:] if keep else lines
    chars = list(o)
    while i < n:
        c = chars[i]
        i += 1
        if c == "\n" or c == "\r":
            end = i - 1
            if c == "\r" and i < n and chars[i] == "\n":
                i += 1
            lines.append("".join(chars[start : i if keep else end]))
            start = i
    if start < n:
        lines.append("".join(chars[start:]))
    return lines


def _all(o, test):
    if not o:
        return False
    for c in o:
        if not test(c):
            return False
    return True


def _method(name, test):
    def method(o, *a, **k):
        if not isinstance(o, str):
            return getattr(o, name)(*a, **k)
        return _all(o, test)

    globals()[name] = method


_method("isalnum", lambda c: c.isalpha() or c.isdigit() or (ord(c) > 191 and c.upper() == c.upper() and __import__("re")._letter(ord(c))))
_method("isdecimal", lambda c: "0" <= c <= "9")
_method("isnumeric", lambda c: c.isdigit() or c in "\xb2\xb3\xb9\xbc\xbd\xbe" or 0x2150 <= ord(c) <= 0x2189)


def isascii(o, *a, **k):
    if not _texts(o):
        return o.isascii(*a, **k)
    return len(o.encode()) == len(o) if isinstance(o, str) else all([c < 128 for c in o])


def isprintable(o, *a, **k):
    if not isinstance(o, str):
        return o.isprintable(*a, **k)
    for c in o:
        if not 32 <= ord(c) < 127 and ord(c) < 161:
            return False
    return True


def isidentifier(o, *a, **k):
    if not isinstance(o, str):
        return o.isidentifier(*a, **k)
    return bool(o) and not o[0].isdigit() and _all(o, lambda c: c == "_" or c.isalpha() or c.isdigit() or ord(c) > 191)


def istitle(o, *a, **k):
    if not isinstance(o, str):
        return o.istitle(*a, **k)
    inside = found = False
    for c in o:
        if c.isalpha():
            if c.isupper() == inside:
                return False
            inside = found = True
        else:
            inside = False
    return found


def maketrans(x, y=None, z=None):
    table = {}
    if y is None:
        for key, value in x.items():
            table[ord(key) if isinstance(key, str) else key] = value
        return table
    if len(x) != len(y):
        raise ValueError("the first two maketrans arguments must have equal length")
    for a, b in zip(x, y):
        table[ord(a)] = ord(b)
    for c in z or "":
        table[ord(c)] = None
    return table


def translate(o, *a, **k):
    if not isinstance(o, str):
        return o.translate(*a, **k)
    table = a[0]
    out = []
    for c in o:
        try:
            to = table[ord(c)]
        except LookupError:
            out.append(c)
            continue
        if to is not None:
            out.append(chr(to) if isinstance(to, int) else to)
    return "".join(out)


def encode(o, *a, **k):
    if not isinstance(o, str):
        return o.encode(*a, **k)
    name = _codec(a[0] if a else k.get("encoding", "utf-8"))
    if name == "utf8":
        return o.encode()
    errors = a[1] if len(a) > 1 else k.get("errors", "strict")
    top = 128 if name == "ascii" else 256
    out = bytearray()
    for i, c in enumerate(o):
        n = ord(c)
        if n < top:
            out.append(n)
        elif errors == "replace":
            out.append(63)
        elif errors == "xmlcharrefreplace":
            out.extend(b"&#%d;" % n)
        elif errors == "backslashreplace":
            out.extend((("\\x%02x" if n < 256 else "\\u%04x" if n < 65536 else "\\U%08x") % n).encode())
        elif errors != "ignore":
            raise UnicodeError("'%s' codec can't encode character in position %d: ordinal not in range(%d)" % (name, i, top))
    return bytes(out)


def _codec(name):
    name = name.lower().replace("_", "-")
    if name in ("utf-8", "utf8", "u8"):
        return "utf8"
    if name in ("ascii", "us-ascii"):
        return "ascii"
    if name in ("latin-1", "latin1", "iso-8859-1", "iso8859-1", "l1"):
        return "latin-1"
    raise LookupError("unknown encoding: " + name)


def decode(o, *a, **k):
    if not isinstance(o, (bytes, bytearray)):
        return o.decode(*a, **k)
    name = _codec(a[0] if a else k.get("encoding", "utf-8"))
    errors = a[1] if len(a) > 1 else k.get("errors", "strict")
    if name == "utf8":
        if errors == "strict":
            return str(o, "utf8")
        return _lossy(o, "" if errors == "ignore" else "\ufffd")
    for i, n in enumerate(o):
        if name == "ascii" and n > 127 and errors == "strict":
            raise UnicodeError("'ascii' codec can't decode byte 0x%02x in position %d: ordinal not in range(128)" % (n, i))
    return "".join([chr(n) for n in o if name != "ascii" or n < 128])


def _lossy(o, mark):
    out = []
    i = 0
    while i < len(o):
        n = 1 if o[i] < 128 else 2 if o[i] >> 5 == 6 else 3 if o[i] >> 4 == 14 else 4
        try:
            out.append(str(bytes(o[i : i + n]), "utf8"))
            i += n
        except (UnicodeError, ValueError):
            out.append(mark)
            i += 1
    return "".join(out)


def startswith(o, *a, **k):
    return _ends(o, "startswith", a, k)


def endswith(o, *a, **k):
    return _ends(o, "endswith", a, k)


def _ends(o, name, a, k):
    method = getattr(o, name)
    if not _texts(o) or not a or not isinstance(a[0], tuple):
        return method(*a, **k)
    for x in a[0]:
        if method(x, *a[1:]):
            return True
    return False


def split(o, *a, **k):
    return _split(o, "split", a, k)


def rsplit(o, *a, **k):
    return _split(o, "rsplit", a, k)


def _split(o, name, a, k):
    if not _texts(o):
        return getattr(o, name)(*a, **k)
    sep = a[0] if a else k.get("sep")
    most = a[1] if len(a) > 1 else k.get("maxsplit", -1)
    if name == "rsplit" and sep is None:
        if most < 0:
            return o.split()
        parts = []
        o = o.rstrip()
        while o and len(parts) < most:
            i = len(o)
            while i and not o[i - 1].isspace():
                i -= 1
            if not i:
                break
            parts.append(o[i:])
            o = o[:i].rstrip()
        if o:
            parts.append(o)
        return list(reversed(parts))
    return getattr(o, name)(sep, most)


def readlines(o, *a, **k):
    # io.StringIO and io.BytesIO have readline alone.
    return o.readlines(*a, **k) if hasattr(o, "readlines") else list(o)


def writelines(o, *a, **k):
    if hasattr(o, "writelines"):
        return o.writelines(*a, **k)
    for line in a[0]:
        o.write(line)


def join(o, *a, **k):
    return o.join(*a, **k)


def is_integer(o, *a, **k):
    if isinstance(o, float):
        return o == o and o not in (float("inf"), -float("inf")) and o == int(o)
    return True if isinstance(o, int) else o.is_integer(*a, **k)


def as_integer_ratio(o, *a, **k):
    if isinstance(o, int):
        return (int(o), 1)
    if not isinstance(o, float):
        return o.as_integer_ratio(*a, **k)
    n = 0
    while o != int(o):
        o *= 2
        n += 1
    return (int(o), 1 << n)


def bit_length(o, *a, **k):
    if not isinstance(o, int):
        return o.bit_length(*a, **k)
    return len(bin(abs(o))) - 2 if o else 0


def bit_count(o, *a, **k):
    if not isinstance(o, int):
        return o.bit_count(*a, **k)
    return bin(abs(o)).count("1")


def conjugate(o, *a, **k):
    if isinstance(o, complex):
        return complex(o.real, -o.imag)
    return o if isinstance(o, (int, float)) else o.conjugate(*a, **k)


def to_bytes(o, *a, **k):
    if not isinstance(o, int):
        return o.to_bytes(*a, **k)
    length = a[0] if a else k.get("length", 1)
    order = a[1] if len(a) > 1 else k.get("byteorder", "big")
    if o < 0:
        if not k.get("signed"):
            raise OverflowError("can't convert negative int to unsigned")
        o += 1 << 8 * length
    return o.to_bytes(length, order)


def from_bytes(data, byteorder="big", *, signed=False):
    n = int.from_bytes(bytes(data), byteorder)
    if signed and len(data) and n >> (8 * len(data) - 1):
        n -= 1 << 8 * len(data)
    return n


# ---- built-in functions ----


def fmt(value, spec=""):
    if hasattr(value, "__format__"):
        return value.__format__(spec)
    if not spec:
        return str(value)
    if (isinstance(value, float) or (isinstance(value, int) and spec[-1] in "eEfFgG%")) and ("," in spec or "_" in spec):
        return _grouped(value, spec)
    if isinstance(value, (int, float, str)):
        return ("{:%s}" % spec).format(value)
    raise TypeError("unsupported format string passed to %s.__format__" % type(value).__name__)


def _grouped(value, spec):
    """A float with its digits in groups of three."""
    at = spec.find(",")
    if at < 0:
        at = spec.find("_")
    mark = spec[at]
    before = spec[:at]
    fill, align, sign = " ", ">", ""
    if len(before) > 1 and before[1] in "<>^=":
        fill, align, before = before[0], before[1], before[2:]
    elif before and before[0] in "<>^=":
        align, before = before[0], before[1:]
    if before and before[0] in "+- ":
        sign, before = before[0], before[1:]
    if before and before[0] == "0":
        fill, align = "0", "="
    width = int(before) if before else 0
    text = ("{:%s}" % (sign + (spec[at + 1 :] or ""))).format(value)
    sign = ""
    if text and text[0] in "+- ":
        sign, text = text[0], text[1:]
    end = 0
    while end < len(text) and text[end].isdigit():
        end += 1
    whole, rest = text[:end], text[end:]
    groups = []
    while True:
        if len(whole) > 3:
            groups.insert(0, whole[-3:])
            whole = whole[:-3]
        elif fill == "0" and align == "=" and len(sign) + len(whole) + 4 * len(groups) + len(rest) < width:
            # Zeros in front are digits, too.
            whole = "0" + whole
        else:
            break
    text = mark.join([whole] + groups) + rest
    pad = width - len(sign) - len(text)
    if pad <= 0:
        return sign + text
    if align == "=":
        return sign + fill * pad + text
    left = pad if align == ">" else 0 if align == "<" else pad // 2
    return fill * left + sign + text + fill * (pad - left)


def iter(function, sentinel):
    """What a function gives until it gives the sentinel."""
    while True:
        value = function()
        if value == sentinel:
            return
        yield value


def format(o, *args, **kwargs):
    """str.format, with attributes and items of arguments."""
    if not isinstance(o, str):
        return o.format(*args, **kwargs)
    out = []
    auto = 0
    i = 0
    n = len(o)
    while i < n:
        j = i
        while j < n and o[j] not in "{}":
            j += 1
        out.append(o[i:j])
        if j == n:
            break
        if o[j : j + 2] in ("{{", "}}"):
            out.append(o[j])
            i = j + 2
            continue
        if o[j] == "}":
            raise ValueError("Single '}' encountered in format string")
        depth = 1
        k = j + 1
        while k < n and depth:
            depth += 1 if o[k] == "{" else -1 if o[k] == "}" else 0
            k += 1
        if depth:
            raise ValueError("expected '}' before end of string")
        field = o[j + 1 : k - 1]
        i = k
        at = field.find(":")
        spec = ""
        if at >= 0:
            field, spec = field[:at], field[at + 1 :]
        conversion = ""
        if field[-2:-1] == "!":
            field, conversion = field[:-2], field[-1]
        e = 0
        while e < len(field) and field[e] not in ".[":
            e += 1
        name = field[:e]
        if not name:
            name = str(auto)
            auto += 1
        value = args[int(name)] if name.isdigit() else kwargs[name]
        while e < len(field):
            if field[e] == ".":
                s = e + 1
                e = s
                while e < len(field) and field[e] not in ".[":
                    e += 1
                value = getattr(value, field[s:e])
            else:
                s = e + 1
                e = field.find("]", s)
                key = field[s:e]
                value = value[int(key) if key.isdigit() else key]
                e += 1
        if "{" in spec:
            spec = spec.replace("{}", "{%d}" % auto)
            spec = format(spec, *args, **kwargs)
        if conversion:
            value = repr(value) if conversion in "ra" else str(value)
        out.append(fmt(value, spec))
    return "".join(out)


def vars(o):
    return o.__dict__


def ascii(o):
    return "".join([c if ord(c) < 128 else ("\\x%02x" if ord(c) < 256 else "\\u%04x" if ord(c) < 65536 else "\\U%08x") % ord(c) for c in repr(o)])


class _Keys:
    def __getitem__(self, key):
        return key


_keys = _Keys()


def mkslice(*args):
    a, b, c = (None, args[0], None) if len(args) == 1 else (args + (None,))[:3]
    return _keys[a:b] if c is None else _keys[a:b:c]


def pow(base, exp, mod=None):
    if mod is None:
        return _builtins.pow(base, exp)
    if exp < 0:
        a, b, x, y = base % mod, mod, 1, 0
        while b:
            q = a // b
            a, b, x, y = b, a - q * b, y, x - q * y
        if a != 1:
            raise ValueError("base is not invertible for the given modulus")
        base, exp = x % mod, -exp
    return _builtins.pow(base, exp, mod)


def print(*args, sep=None, end=None, file=None, flush=False):
    sep = " " if sep is None else sep
    end = "\n" if end is None else end
    if file is None:
        _builtins.print(*args, sep=sep, end=end)
    else:
        _builtins.print(*args, sep=sep, end=end, file=file)


def zip(*iterables, strict=False):
    if not strict:
        return _builtins.zip(*iterables)
    lists = [list(it) for it in iterables]
    for i, items in enumerate(lists):
        if len(items) != len(lists[0]):
            raise ValueError(
                "zip() argument %d is %s than argument%s"
                % (i + 1, "shorter" if len(items) < len(lists[0]) else "longer", " 1" if i == 1 else "s 1-%d" % i)
            )
    return _builtins.zip(*lists)


def int_(x=0, base=10):
    if isinstance(x, (str, bytes, bytearray)):
        return int(x, base)
    return int(x)


def sum(iterable, start=0):
    return _builtins.sum(iterable, start)


def round(number, ndigits=None):
    if hasattr(number, "__round__"):
        return number.__round__() if ndigits is None else number.__round__(ndigits)
    if ndigits is None:
        return _builtins.round(number)
    if isinstance(number, float) and ndigits >= 0 and abs(number) < 1e15:
        # Correctly rounded by way of the exact fraction, half to even.
        top, bottom = as_integer_ratio(number)
        scale = 10**ndigits
        q, r = divmod(top * scale, bottom)
        if 2 * r > bottom or (2 * r == bottom and q & 1):
            q += 1
        return q / scale if ndigits < 23 else number
    return _builtins.round(number, ndigits)



# ---- classes ----


def dataclass_fields(cls):
    return getattr(cls, "__order__", ())


class NamedTupleMeta:
    """Stands among the names of a class below NamedTuple: it makes a named tuple of it when the class is there."""


def namedtuple_class(cls, names):
    from collections import namedtuple

    defaults = []
    for name in names:
        if name in cls.__dict__:
            defaults.append(cls.__dict__[name])
        elif defaults:
            raise TypeError("non-default namedtuple field %s cannot follow default field" % name)
    base = namedtuple(cls.__name__, names, defaults=defaults)
    for name, value in cls.__dict__.items():
        if name not in names and name not in ("__module__", "__qualname__", "__name__", "__order__", "__dict__"):
            setattr(base, name, value)
    return base


def enum_class(cls, names):
    from enum import _make

    return _make(cls, names)


def metaclass(cls, meta):
    return cls


# ---- sorting ----
# MicroPython's own sort is not stable, and takes quadratic time for what is sorted already. With places as the second
# part of each key it is stable; and it is handed the list in the order of a multiple near the golden ratio.

_sorted = _builtins.sorted


def _spread(a):
    n = len(a)
    if n < 24:
        return a
    step = int(n * 0.6180339887)
    while True:
        x, y = n, step
        while y:
            x, y = y, x % y
        if x == 1:
            break
        step += 1
    return [a[i * step % n] for i in range(n)]


def sorted(iterable, *, key=None, reverse=False):
    if key is None:
        a = _spread(list(iterable))
        a.sort(reverse=bool(reverse))
        return a
    a = []
    i = 0
    step = -1 if reverse else 1
    for x in iterable:
        a.append((key(x), i, x))
        i += step
    a = _spread(a)
    a.sort(reverse=bool(reverse))
    return [entry[2] for entry in a]


def sort(o, *args, **kwargs):
    if not isinstance(o, list):
        return o.sort(*args, **kwargs)
    o[:] = sorted(o, *args, **kwargs)


# ---- match ----


def margs(value, cls, i):
    """What the i-th positional pattern of a class pattern is about."""
    if cls in (int, float, str, bytes, bytearray, bool, list, tuple, dict, set, frozenset):
        return value
    return getattr(value, cls.__match_args__[i])


def without(d, *keys):
    return {key: value for key, value in d.items() if key not in keys}


# ---- await outside of functions: one event loop for the session, which runs while something is awaited ----


def top(make):
    import asyncio

    async def main():
        return await make()

    return asyncio.get_event_loop().run_until_complete(main())


def task(coro, **kwargs):
    import asyncio

    return asyncio.get_event_loop().create_task(coro, **kwargs)


def top_for(iterable):
    iterator = iterable.__aiter__()
    while True:
        try:
            value = top(iterator.__anext__)
        except StopAsyncIteration:
            return
        yield value


class top_with:
    def __init__(self, manager):
        self._manager = manager

    def __enter__(self):
        return top(self._manager.__aenter__)

    def __exit__(self, kind, error, traceback):
        return top(lambda: self._manager.__aexit__(kind, error, traceback))


async def each(collected, function, values):
    found = []
    for value in values:
        await function(found, *value)
    return found if collected is list else collected(found)


# ---- asynchronous generators ----


class item:
    """What an asynchronous generator yields: what it awaits comes as it is."""

    def __init__(self, value):
        self.value = value


class AsyncGenerator:
    def __init__(self, steps):
        self._steps = steps

    def __aiter__(self):
        return self

    def __anext__(self):
        return self._until(lambda: self._steps.send(None))

    def asend(self, value):
        return self._until(lambda: self._steps.send(value))

    def athrow(self, kind, *rest):
        return self._until(lambda: self._steps.throw(kind, *rest))

    def _until(self, begin):
        steps = self._steps
        try:
            got = begin()
            while not isinstance(got, item):
                try:
                    sent = yield got
                except BaseException as error:
                    got = steps.throw(error)
                else:
                    got = steps.send(sent)
        except StopIteration:
            raise StopAsyncIteration
        return got.value

    def aclose(self):
        try:
            yield from self._until(lambda: self._steps.throw(GeneratorExit))
        except (GeneratorExit, StopAsyncIteration):
            return
        raise RuntimeError("async generator ignored GeneratorExit")


def agen(function):
    return lambda *args, **kwargs: AsyncGenerator(function(*args, **kwargs))


def agen_then(decorator):
    return lambda function: decorator(agen(function))


def anext(o):
    return o.__anext__()


def aiter(o):
    return o.__aiter__()


def awaits(o):
    return lambda: _builtins.iter(o)


async def collect(kind, subject, count, make, keep=None):
    found = []
    async for value in subject:
        values = (value,) if count == 1 else value
        if keep is None or keep(*values):
            found.append(make(*values))
    return found if kind is list else kind(found)
