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


# ---- what functions, classes and exceptions say of themselves ----
_function = type(mkdict)


def _closure():
    return (lambda n: lambda: n)(0)


def _generator():
    yield


_FUNCTIONS = (_function, type(_closure()), type(_generator), type(len))


class _Attributes:
    def __init__(self, o):
        self._o = o

    def __getattr__(self, name):
        return getattr(self._o, name)


_attributes = {}
_documented = {}


def attributes_of(o):
    """What the attributes of an object are attributes of: functions have none, so that theirs are kept here."""
    if type(o) not in _FUNCTIONS:
        return o
    found = _attributes.get(o)
    if found is None:
        found = _attributes[o] = _Attributes(o)
    return found


def documented(o, text):
    _documented[o] = text


def doc_of(o):
    from functools import _wrapped

    try:
        while o not in _documented and o in _wrapped:
            o = _wrapped[o]
        if o in _documented:
            return _documented[o]
    except TypeError:
        pass
    if type(o) in _FUNCTIONS or isinstance(o, type):
        return None
    o = getattr(type(o), "__doc__", None) if type(o) not in _documented else _documented[type(o)]
    return o if isinstance(o, str) else None


def qualname_of(o):
    return name_of(o)


def module_of(o):
    if isinstance(o, type) and hasattr(_builtins, o.__name__):
        return "builtins"
    return "__main__"


def mro_of(cls):
    """https://docs.python.org/3/howto/mro.html, and object at the end."""
    bases = [base for base in cls.__bases__ if base is not object]
    lists = [list(mro_of(base))[:-1] for base in bases] + [bases]
    out = [cls]
    while True:
        lists = [one for one in lists if one]
        if not lists:
            break
        for one in lists:
            head = one[0]
            if not any([head in other[1:] for other in lists]):
                break
        else:
            raise TypeError("Cannot create a consistent method resolution order (MRO) for bases " + cls.__name__)
        out.append(head)
        lists = [[x for x in one if x is not head] for one in lists]
    return tuple(out + [object]) if cls is not object else (object,)


def mro(cls):
    return list(mro_of(cls)) if isinstance(cls, type) else cls.mro()


class _Traceback:
    def __init__(self, error):
        import io
        import sys

        out = io.StringIO()
        sys.print_exception(error, out)
        lines = [line for line in out.getvalue().split("\n") if line.startswith("  File ")]
        places = [line.split(", ") for line in lines]
        self.tb_frame = self.tb_next = None
        self.tb_lineno = int(places[0][1][5:]) if places else 0


def traceback_of(o):
    return _Traceback(o) if isinstance(o, BaseException) else o.__traceback__


_getters = {}


def property_(getter):
    """A property whose getter is known, for those who ask for it by super()."""
    made = property(getter)
    # Kept, so that no other object has its place.
    _getters[id(made)] = (made, getter)
    return made


class super_of:
    """super(), in a program whose classes have several bases: what comes next in the order of the object's class."""

    def __init__(self, cls, o):
        self._cls = cls
        self._o = o

    def __getattr__(self, name):
        return self.next(name)

    def next(self, name):
        cls, o = self._cls, self._o
        if isinstance(o, type):
            return getattr(super(cls, o), name)
        order = mro_of(type(o))
        for base in order[order.index(cls) + 1 :]:
            if getattr(_builtins, base.__name__, None) is base:
                break
            space = base.__dict__
            if name in space:
                value = space[name]
                if type(value) in _FUNCTIONS:
                    return lambda *args, **kwargs: value(o, *args, **kwargs)
                if id(value) in _getters:
                    return _getters[id(value)][1](o)
                return getattr(super(cls, o), name) if not isinstance(value, (int, str, float, list, dict, tuple)) else value
        if name == "__init__":
            native = [base for base in order if base is not object and hasattr(_builtins, base.__name__)]
            return getattr(super(cls, o), name) if native else nothing
        return getattr(super(cls, o), name)


def nothing(*args, **kwargs):
    pass


def derived(cls, **kwargs):
    for base in mro_of(cls)[1:]:
        method = base.__dict__.get("__init_subclass__")
        if method is not None:
            if type(method) is _function:
                method(cls, **kwargs)
            else:
                base.__init_subclass__.__func__(cls, **kwargs) if hasattr(base.__init_subclass__, "__func__") else base.__init_subclass__(**kwargs)
            return


def base_of(kind):
    """The class that stands for an abstract type among the bases of a class."""
    from _abstract import base_of

    return base_of(kind)


def isinstance_(o, kinds):
    from _abstract import is_a

    return is_a(o, kinds)


def issubclass_(cls, kinds):
    from _abstract import is_below

    return is_below(cls, kinds)


def __getattr__(name):
    if name == "TimeoutError":
        from asyncio import TimeoutError

        return TimeoutError
    if name in ("Type", "of_meta"):
        import _meta

        return getattr(_meta, name)
    if name in ("isinstance", "issubclass"):
        return isinstance_ if name == "isinstance" else issubclass_
    import _errors

    return getattr(_errors, name)


# ---- what sys has not ----
sys_maxsize = 9223372036854775807
sys_maxunicode = 1114111
sys_hexversion = 51055600
sys_executable = ""
_recursion = 1000


def sys_getrecursionlimit():
    return _recursion


def sys_setrecursionlimit(limit):
    # The real limit is the C stack's: this is what is asked for.
    global _recursion
    if limit < 1:
        raise ValueError("recursion limit must be greater or equal than 1")
    _recursion = limit


def sys_getdefaultencoding():
    return "utf-8"


def sys_intern(s):
    return s


def sys_getrefcount(o):
    return 2


def sys_getsizeof(o, *default):
    """What CPython 3.11 takes, on 64 bits, for objects of built-in types."""
    if isinstance(o, bool) or o is None:
        return 28 if o else 24 if o is not None else 16
    if isinstance(o, int):
        return 24 + 4 * max(1, (bit_length(o) + 29) // 30) if o else 24
    if isinstance(o, float):
        return 24
    if isinstance(o, str):
        most = max([ord(c) for c in o]) if o else 0
        return 49 + len(o) if most < 128 else 73 + len(o) if most < 256 else 74 + 2 * len(o) if most < 65536 else 76 + 4 * len(o)
    if isinstance(o, bytes):
        return 33 + len(o)
    if isinstance(o, bytearray):
        return 57 + len(o) if o else 56
    if isinstance(o, tuple):
        return 40 + 8 * len(o)
    if isinstance(o, list):
        return 56 + 8 * ((len(o) + 1) // 2 * 2) if o else 56
    if isinstance(o, (set, frozenset)):
        n = 8
        while len(o) * 5 > n * 3:
            n *= 4
        return 216 if n == 8 else 216 + 16 * n
    if isinstance(o, dict):
        return 64 if not o else 232 if len(o) <= 5 else 352 if len(o) <= 10 else 640 if len(o) <= 21 else 1176 if len(o) <= 42 else 100 * len(o)
    return 48


def sys_exc_info(error=None):
    return (None, None, None) if error is None else (type(error), error, _Traceback(error))


class _FloatInfo:
    max = 1.7976931348623157e308
    min = 2.2250738585072014e-308
    epsilon = 2.220446049250313e-16
    dig = 15
    mant_dig = 53
    max_exp = 1024
    max_10_exp = 308
    min_exp = -1021
    min_10_exp = -307
    radix = 2
    rounds = 1


sys_float_info = _FloatInfo()


_INFINITY = float("inf")


def closed(o):
    """Whether a file is closed: MicroPython's do not tell."""
    if hasattr(o, "closed") or not hasattr(o, "readinto"):
        return o.closed
    try:
        o.read(0)
    except (OSError, ValueError):
        try:
            o.write("" if type(o).__name__ in ("TextIOWrapper", "StringIO") else b"")
        except (OSError, ValueError):
            return True
    return False


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


def _places(n, a, b, c):
    """Where a slice of n items with a step begins, and how many it has."""
    if c == 0:
        raise ValueError("slice step cannot be zero")
    low, high = (0, n) if c > 0 else (-1, n - 1)
    if a is None:
        a = low if c > 0 else high
    else:
        a = max(a + n, low) if a < 0 else min(a, high)
    if b is None:
        b = high if c > 0 else low
    else:
        b = max(b + n, low) if b < 0 else min(b, high)
    return a, max(0, (b - a + c - (1 if c > 0 else -1)) // c)


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
        if not isinstance(value, (list, tuple, bytes, bytearray)) or value is o:
            value = list(value)
        if c == 1 or c is None:
            o[a:b] = value
            return
        i, n = _places(len(o), a, b, c)
        if len(value) != n:
            raise ValueError("attempt to assign sequence of size %d to extended slice of size %d" % (len(value), n))
        for v in value:
            o[i] = v
            i += c

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
        if ord(c) < 128:
            out.append(c.lower() if inside else c.upper())
            inside = c.isalpha()
        else:
            out.append(_cased(c, not inside))
            inside = _is_letter(c)
    return "".join(out)


def capitalize(o, *a, **k):
    if not isinstance(o, str):
        return o.capitalize(*a, **k)
    return upper(o[:1]) + lower(o[1:])


def swapcase(o, *a, **k):
    if not isinstance(o, str):
        return o.swapcase(*a, **k)
    return "".join([lower(c) if isupper(c) else upper(c) for c in o])


def casefold(o, *a, **k):
    if not isinstance(o, str):
        return o.casefold(*a, **k)
    return lower(o).replace("\xdf", "ss").replace("\u03c2", "\u03c3")


def _fill(o, width, fillchar):
    if isinstance(fillchar, str) != isinstance(o, str) or len(fillchar) != 1:
        raise TypeError("The fill character must be exactly one character long")
    return fillchar * (width - len(o))


def ljust(o, *a, **k):
    if not _texts(o):
        return o.ljust(*a, **k)
    return o + _fill(o, a[0], a[1] if len(a) > 1 else " " if isinstance(o, str) else b" ")


def rjust(o, *a, **k):
    if not _texts(o):
        return o.rjust(*a, **k)
    return o[:0] + _fill(o, a[0], a[1] if len(a) > 1 else " " if isinstance(o, str) else b" ") + o


def center(o, *a, **k):
    if not _texts(o):
        return o.center(*a, **k)
    room = a[0] - len(o)
    if room <= 0:
        return o
    left = room // 2 + (room & a[0] & 1)
    c = _fill(o, len(o) + 1, a[1] if len(a) > 1 else " " if isinstance(o, str) else b" ")
    return o[:0] + c * left + o + c * (room - left)


def zfill(o, *a, **k):
    if not _texts(o):
        return o.zfill(*a, **k)
    if not isinstance(o, str):
        return o[:0] + zfill(o.decode(), *a).encode()
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


# ---- text beyond ASCII ----


def _other_case(n, up):
    """The letter of the other case; itself where there is none, or more than one."""
    if n == 0xB5:
        return 0x39C if up else n
    if 0xC0 <= n <= 0xFE:
        if n in (0xD7, 0xDF, 0xF7):
            return n
        return (n - 32 if n >= 0xE0 else n) if up else (n + 32 if n < 0xE0 else n)
    if n == 0xFF:
        return 0x178 if up else n
    if n == 0x178:
        return n if up else 0xFF
    odd_upper = 0x139 <= n <= 0x148 or 0x179 <= n <= 0x17E
    if odd_upper or (0x100 <= n <= 0x137 and n not in (0x130, 0x131)) or 0x14A <= n <= 0x177 or 0x1E00 <= n <= 0x1E95 or 0x1EA0 <= n <= 0x1EFF or 0x460 <= n <= 0x481 or 0x48A <= n <= 0x4BF or 0x4D0 <= n <= 0x52F or 0x3D8 <= n <= 0x3EF:
        is_lower = (n & 1) != odd_upper
        return (n - 1 if is_lower else n) if up else (n if is_lower else n + 1)
    if 0x391 <= n <= 0x3A9 and n != 0x3A2:
        return n if up else n + 32
    if 0x3B1 <= n <= 0x3C9:
        return (0x3A3 if n == 0x3C2 else n - 32) if up else n
    for lower, upper in ((0x3AC, 0x386), (0x3AD, 0x388), (0x3AE, 0x389), (0x3AF, 0x38A), (0x3CC, 0x38C), (0x3CD, 0x38E), (0x3CE, 0x38F), (0x3CA, 0x3AA), (0x3CB, 0x3AB)):
        if n == lower:
            return upper if up else n
        if n == upper:
            return n if up else lower
    if 0x410 <= n <= 0x42F or 0x400 <= n <= 0x40F:
        return n if up else n + (32 if n >= 0x410 else 80)
    if 0x430 <= n <= 0x45F:
        return n - (32 if n < 0x450 else 80) if up else n
    if 0x531 <= n <= 0x556:
        return n if up else n + 48
    if 0x561 <= n <= 0x586:
        return n - 48 if up else n
    if 0xFF21 <= n <= 0xFF3A:
        return n if up else n + 32
    if 0xFF41 <= n <= 0xFF5A:
        return n - 32 if up else n
    return n


def _cased(o, up):
    out = []
    for c in o:
        n = ord(c)
        if n < 128:
            out.append(c.upper() if up else c.lower())
        elif n == 0xDF:
            out.append("SS" if up else c)
        else:
            out.append(chr(_other_case(n, up)))
    return "".join(out)


def upper(o, *a, **k):
    if not isinstance(o, str) or len(o.encode()) == len(o):
        return o.upper(*a, **k)
    return _cased(o, True)


def lower(o, *a, **k):
    if not isinstance(o, str) or len(o.encode()) == len(o):
        return o.lower(*a, **k)
    return _cased(o, False)


def _is_letter(c):
    if ord(c) < 128:
        return c.isalpha()
    n = ord(c)
    return __import__("re")._letter(n) and not 0x300 <= n <= 0x36F and n < 0x1F000 and not 0x660 <= n <= 0x669 and not 0xE000 <= n <= 0xF8FF and not 0xFE00 <= n <= 0xFE0F


def isalpha(o, *a, **k):
    if not isinstance(o, str) or len(o.encode()) == len(o):
        return o.isalpha(*a, **k)
    return _all(o, _is_letter)


def _is_case(o, up):
    found = False
    for c in o:
        n = ord(c)
        other = ord(c.lower() if up else c.upper()) if n < 128 else _other_case(n, not up)
        mine = ord(c.upper() if up else c.lower()) if n < 128 else _other_case(n, up)
        if mine != n or (n == 0xDF and up):
            return False
        found = found or other != n or (n == 0xDF and not up)
    return found


def isupper(o, *a, **k):
    if not isinstance(o, str) or len(o.encode()) == len(o):
        return o.isupper(*a, **k)
    return _is_case(o, True)


def islower(o, *a, **k):
    if not isinstance(o, str) or len(o.encode()) == len(o):
        return o.islower(*a, **k)
    return _is_case(o, False)


def format_map(o, *a, **k):
    if not isinstance(o, str):
        return o.format_map(*a, **k)
    return format(o, _mapping=a[0])


def union(o, *a, **k):
    if not isinstance(o, (set, frozenset)):
        return o.union(*a, **k)
    found = o.union(()) if not a else o
    for other in a:
        found = found.union(other)
    return found


def intersection(o, *a, **k):
    if not isinstance(o, (set, frozenset)):
        return o.intersection(*a, **k)
    found = o.union(()) if not a else o
    for other in a:
        found = found.intersection(other)
    return found


def difference(o, *a, **k):
    if not isinstance(o, (set, frozenset)):
        return o.difference(*a, **k)
    found = o.union(()) if not a else o
    for other in a:
        found = found.difference(other)
    return found


def repeated(array, n):
    if isinstance(array, bytearray) and isinstance(n, int):
        return bytearray(bytes(array) * n)
    return array * n


def reversed(o):
    if isinstance(o, dict) or type(o).__name__ == "dict_view":
        o = list(o)
    return _builtins.reversed(o)


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
    if isinstance(value, str) and "." in spec:
        return _cut(value, spec)
    if (isinstance(value, float) or (isinstance(value, int) and spec[-1] in "eEfFgG%")) and ("," in spec or "_" in spec):
        return _grouped(value, spec)
    if isinstance(value, (int, float, str)):
        return ("{:%s}" % spec).format(value)
    raise TypeError("unsupported format string passed to %s.__format__" % type(value).__name__)


def _cut(value, spec):
    """A text of so many characters at the most: MicroPython counts bytes."""
    at = spec.rfind(".")
    end = at + 1
    while end < len(spec) and spec[end].isdigit():
        end += 1
    if end == at + 1:
        return ("{:%s}" % spec).format(value)
    return ("{:%s}" % (spec[:at] + spec[end:])).format(value[: int(spec[at + 1 : end])])


def percent(text, values):
    """text % values, where the text cuts others to so many characters."""
    given = list(values) if isinstance(values, tuple) else [values]
    out = []
    i = n = 0
    while i < len(text):
        if text[i] != "%":
            i += 1
            continue
        start = i
        i += 1
        if text[i : i + 1] == "%":
            i += 1
            continue
        while i < len(text) and text[i] in "-+ #0":
            i += 1
        while i < len(text) and text[i].isdigit():
            i += 1
        if text[i : i + 1] == ".":
            end = i + 1
            while end < len(text) and text[end].isdigit():
                end += 1
            if text[end : end + 1] in ("s", "r", "a") and n < len(given):
                value = str(given[n]) if text[end] == "s" else ascii(given[n]) if text[end] == "a" else repr(given[n])
                given[n] = value[: int(text[i + 1 : end] or "0")]
                text = text[:i] + "s" + text[end + 1 :]
            else:
                i = end
        i += 1
        n += 1
    return text % (tuple(given) if isinstance(values, tuple) else given[0])


def _grouped(value, spec):
    """A float with its digits in groups of three."""
    begin = 2 if spec[1:2] in ("<", ">", "^", "=") and len(spec) > 1 else 0
    at = spec.find(",", begin)
    if at < 0:
        at = spec.find("_", begin)
    if at < 0:
        return ("{:%s}" % spec).format(value)
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


def open(file, mode="r", *args, **kwargs):
    for name in ("newline", "errors", "buffering", "closefd", "opener"):
        kwargs.pop(name, None)
    if args and isinstance(args[0], int):
        args = args[1:2]
    if not isinstance(file, (str, int, bytes)):
        file = file.__fspath__() if hasattr(file, "__fspath__") else file
    try:
        return _builtins.open(file, mode, *args, **kwargs)
    except OSError as error:
        failed = error
    from _errors import os_error

    raise os_error(failed, file)


def remove(o, *a, **k):
    if type(o) is not list:
        return o.remove(*a, **k)
    if a[0] not in o:
        raise ValueError("list.remove(x): x not in list")
    o.remove(*a)


def index(o, *a, **k):
    kind = type(o)
    if kind is range:
        return list(o).index(*a)
    if kind is not list and kind is not tuple or len(a) != 1 or a[0] in o:
        return o.index(*a, **k)
    raise ValueError("%r is not in list" % (a[0],) if kind is list else "tuple.index(x): x not in tuple")


def iter(function, sentinel):
    """What a function gives until it gives the sentinel."""
    while True:
        value = function()
        if value == sentinel:
            return
        yield value


def format(o, *args, **kwargs):
    """str.format, with attributes and items of arguments."""
    if "_mapping" in kwargs:
        kwargs = kwargs["_mapping"]
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
            spec = format(spec, *args, _mapping=kwargs)
        if conversion:
            value = repr(value) if conversion in "ra" else str(value)
        out.append(fmt(value, spec))
    return "".join(out)


def vars(o):
    return o.__dict__


def ascii(o):
    return "".join([c if ord(c) < 128 else ("\\x%02x" if ord(c) < 256 else "\\u%04x" if ord(c) < 65536 else "\\U%08x") % ord(c) for c in repr(o)])


def class_item(cls, item):
    """A class of the program's with a subscript."""
    if not isinstance(cls, type):
        return cls[item]
    method = None
    for base in mro_of(cls):
        method = method or base.__dict__.get("__class_getitem__")
    if method is None:
        return cls
    return method(cls, item) if type(method) is _function else cls.__class_getitem__(item)


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
    if isinstance(number, float):
        # Correctly rounded by way of the exact fraction, half to even; nothing is left to round from 2**52 on.
        if number != number or number in (_INFINITY, -_INFINITY) or ndigits > 22 or (ndigits >= 0 and abs(number) >= 4503599627370496.0):
            return number
        top, bottom = as_integer_ratio(number)
        if ndigits < 0:
            bottom *= 10**-ndigits
        else:
            top *= 10**ndigits
        q, r = divmod(top, bottom)
        if 2 * r > bottom or (2 * r == bottom and q & 1):
            q += 1
        if not q:
            return -0.0 if number < 0 or str(number) == "-0.0" else 0.0
        return q / 10**ndigits if ndigits >= 0 else float(q * 10**-ndigits)
    if isinstance(number, int):
        if ndigits >= 0:
            return int(number)
        scale = 10**-ndigits
        q, r = divmod(number, scale)
        if 2 * r > scale or (2 * r == scale and q & 1):
            q += 1
        return q * scale
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
