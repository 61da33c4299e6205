from ujson import dumps as _quote_native

_NAMES = {"Infinity": float("inf"), "-Infinity": -float("inf"), "NaN": float("nan")}


class JSONDecodeError(ValueError):
    def __init__(self, msg, doc, pos):
        before = doc[:pos]
        self.msg = msg
        self.doc = doc
        self.pos = pos
        self.lineno = before.count("\n") + 1
        self.colno = pos - before.rfind("\n")
        super().__init__("%s: line %d column %d (char %d)" % (msg, self.lineno, self.colno, pos))


def _quote(s, ascii_only):
    text = _quote_native(s)
    if "\x7f" in text or len(text.encode()) != len(text) or "\\" in text:
        out = ['"']
        for c in s:
            n = ord(c)
            if c == '"' or c == "\\":
                out.append("\\" + c)
            elif n < 32:
                out.append({8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r"}.get(n) or "\\u%04x" % n)
            elif n < 127 or not ascii_only or n == 127:
                out.append(c)
            elif n < 0x10000:
                out.append("\\u%04x" % n)
            else:
                n -= 0x10000
                out.append("\\u%04x\\u%04x" % (0xD800 | n >> 10, 0xDC00 | n & 0x3FF))
        out.append('"')
        text = "".join(out)
    return text


class _Writer:
    def __init__(self, skipkeys, ensure_ascii, allow_nan, indent, separators, default, sort_keys):
        self.skipkeys = skipkeys
        self.ascii = ensure_ascii
        self.allow_nan = allow_nan
        self.indent = " " * indent if isinstance(indent, int) and not isinstance(indent, bool) else indent
        self.item, self.key = separators or (", " if indent is None else ",", ": ")
        self.default = default
        self.sort = sort_keys
        self.out = []

    def number(self, x):
        if x != x or x in (float("inf"), -float("inf")):
            if not self.allow_nan:
                raise ValueError("Out of range float values are not JSON compliant")
            return "NaN" if x != x else "Infinity" if x > 0 else "-Infinity"
        return repr(x)

    def put(self, o, depth):
        out = self.out
        if o is None:
            out.append("null")
        elif o is True:
            out.append("true")
        elif o is False:
            out.append("false")
        elif isinstance(o, str):
            out.append(_quote(o, self.ascii))
        elif isinstance(o, int):
            out.append(str(int(o)))
        elif isinstance(o, float):
            out.append(self.number(o))
        elif isinstance(o, dict):
            self.block("{", "}", self.pairs(o), depth)
        elif isinstance(o, (list, tuple)):
            self.block("[", "]", [(None, x) for x in o], depth)
        elif self.default is not None:
            self.put(self.default(o), depth)
        else:
            raise TypeError("Object of type %s is not JSON serializable" % type(o).__name__)

    def pairs(self, o):
        pairs = []
        items = sorted(o.items(), key=lambda item: item[0]) if self.sort else o.items()
        for k, v in items:
            if k is None or k is True or k is False:
                k = "null" if k is None else "true" if k else "false"
            elif isinstance(k, int):
                k = str(k)
            elif isinstance(k, float):
                k = self.number(k)
            elif not isinstance(k, str):
                if self.skipkeys:
                    continue
                raise TypeError("keys must be str, int, float, bool or None, not " + type(k).__name__)
            pairs.append((k, v))
        return pairs

    def block(self, start, end, pairs, depth):
        out = self.out
        if not pairs:
            out.append(start + end)
            return
        out.append(start)
        between = self.item
        if self.indent is not None:
            newline = "\n" + self.indent * (depth + 1)
            out.append(newline)
            between += newline
        first = True
        for k, v in pairs:
            if not first:
                out.append(between)
            first = False
            if k is not None:
                out.append(_quote(k, self.ascii))
                out.append(self.key)
            self.put(v, depth + 1)
        if self.indent is not None:
            out.append("\n" + self.indent * depth)
        out.append(end)


def dumps(
    obj,
    *,
    skipkeys=False,
    ensure_ascii=True,
    check_circular=True,
    allow_nan=True,
    cls=None,
    indent=None,
    separators=None,
    default=None,
    sort_keys=False
):
    if cls is not None:
        default = cls(default=default).default
    w = _Writer(skipkeys, ensure_ascii, allow_nan, indent, separators, default, sort_keys)
    w.put(obj, 0)
    return "".join(w.out)


def dump(obj, fp, **kwargs):
    fp.write(dumps(obj, **kwargs))


class JSONEncoder:
    def __init__(self, *, default=None, **kwargs):
        self._options = kwargs
        self._default = default

    def default(self, o):
        if self._default is not None:
            return self._default(o)
        raise TypeError("Object of type %s is not JSON serializable" % type(o).__name__)

    def encode(self, o):
        return dumps(o, default=self.default, **self._options)


class _Reader:
    def __init__(self, text, object_hook, parse_float, parse_int, parse_constant, object_pairs_hook):
        self.text = text
        self.b = text.encode()
        self.i = 0
        self.hook = object_hook
        self.float = parse_float or float
        self.int = parse_int or int
        self.constant = parse_constant or _NAMES.get
        self.pairs_hook = object_pairs_hook

    def fail(self, msg, at=None):
        at = self.i if at is None else at
        raise JSONDecodeError(msg, self.text, len(str(self.b[:at], "utf8")))

    def space(self):
        b = self.b
        i = self.i
        n = len(b)
        while i < n and b[i] in b" \t\n\r":
            i += 1
        self.i = i
        return b[i] if i < n else -1

    def value(self, c):
        b = self.b
        if c == 34:
            return self.string()
        if c == 123:
            return self.object()
        if c == 91:
            return self.array()
        if 48 <= c <= 57 or c == 45:
            return self.number()
        for word, value in ((b"null", None), (b"true", True), (b"false", False)):
            if b[self.i : self.i + len(word)] == word:
                self.i += len(word)
                return value
        for word in (b"NaN", b"Infinity"):
            if b[self.i : self.i + len(word)] == word:
                self.i += len(word)
                return self.constant(str(word, "utf8"))
        self.fail("Expecting value")

    def number(self):
        b = self.b
        i = start = self.i
        n = len(b)
        if b[i] == 45:
            i += 1
            if b[i : i + 8] == b"Infinity":
                self.i = i + 8
                return self.constant("-Infinity")
        if i < n and b[i] == 48:
            i += 1
        elif i < n and 49 <= b[i] <= 57:
            while i < n and 48 <= b[i] <= 57:
                i += 1
        else:
            self.fail("Expecting value", start)
        kind = self.int
        if i + 1 < n and b[i] == 46 and 48 <= b[i + 1] <= 57:
            kind = self.float
            i += 1
            while i < n and 48 <= b[i] <= 57:
                i += 1
        if i < n and b[i] in b"eE":
            j = i + 1
            if j < n and b[j] in b"+-":
                j += 1
            if j < n and 48 <= b[j] <= 57:
                kind = self.float
                i = j
                while i < n and 48 <= b[i] <= 57:
                    i += 1
        self.i = i
        return kind(str(b[start:i], "utf8"))

    def string(self):
        b = self.b
        begin = self.i
        i = begin + 1
        parts = []
        while True:
            end = b.find(b'"', i)
            if end < 0:
                self.fail("Unterminated string starting at", begin)
            slash = b.find(b"\\", i, end)
            stop = end if slash < 0 else slash
            piece = str(b[i:stop], "utf8")
            if piece and min(b[i:stop]) < 32:
                while b[i] >= 32:
                    i += 1
                self.fail("Invalid control character at", i)
            parts.append(piece)
            if slash < 0:
                self.i = end + 1
                return "".join(parts)
            c = b[slash + 1 : slash + 2]
            i = slash + 2
            if c == b"u":
                n = self.hex(i)
                i += 4
                if 0xD800 <= n < 0xDC00 and b[i : i + 2] == b"\\u":
                    low = self.hex(i + 2)
                    if 0xDC00 <= low < 0xE000:
                        n = 0x10000 + ((n - 0xD800) << 10) + low - 0xDC00
                        i += 6
                parts.append(chr(n))
            else:
                at = b'"\\/bfnrt'.find(c) if c else -1
                if at < 0:
                    self.fail("Invalid \\escape", slash)
                parts.append('"\\/\b\f\n\r\t'[at])

    def hex(self, i):
        try:
            digits = str(self.b[i : i + 4], "utf8")
            if len(digits) != 4:
                raise ValueError
            return int(digits, 16)
        except ValueError:
            self.fail("Invalid \\uXXXX escape", i - 1)

    def array(self):
        self.i += 1
        items = []
        c = self.space()
        if c == 93:
            self.i += 1
            return items
        while True:
            items.append(self.value(c))
            c = self.space()
            if c == 93:
                self.i += 1
                return items
            if c != 44:
                self.fail("Expecting ',' delimiter")
            self.i += 1
            c = self.space()

    def object(self):
        self.i += 1
        pairs = []
        c = self.space()
        if c != 125:
            while True:
                if c != 34:
                    self.fail("Expecting property name enclosed in double quotes")
                key = self.string()
                if self.space() != 58:
                    self.fail("Expecting ':' delimiter")
                self.i += 1
                pairs.append((key, self.value(self.space())))
                c = self.space()
                if c == 125:
                    break
                if c != 44:
                    self.fail("Expecting ',' delimiter")
                self.i += 1
                c = self.space()
        self.i += 1
        if self.pairs_hook is not None:
            return self.pairs_hook(pairs)
        d = dict(pairs)
        return d if self.hook is None else self.hook(d)


def loads(
    s, *, cls=None, object_hook=None, parse_float=None, parse_int=None, parse_constant=None, object_pairs_hook=None
):
    if isinstance(s, (bytes, bytearray)):
        s = str(s, "utf8")
    elif not isinstance(s, str):
        raise TypeError("the JSON object must be str, bytes or bytearray, not " + type(s).__name__)
    r = _Reader(s, object_hook, parse_float, parse_int, parse_constant, object_pairs_hook)
    value = r.value(r.space())
    if r.space() != -1:
        r.fail("Extra data")
    return value


def load(fp, **kwargs):
    return loads(fp.read(), **kwargs)


class JSONDecoder:
    def __init__(self, **kwargs):
        self._options = kwargs

    def decode(self, s):
        return loads(s, **self._options)
