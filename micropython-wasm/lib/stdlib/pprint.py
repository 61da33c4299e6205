def pformat(object, indent=1, width=80, depth=None, *, compact=False, sort_dicts=True, underscore_numbers=False):
    return "".join(_Printer(indent, width, depth, compact, sort_dicts).put(object, 0, 0, 0, []))


def pprint(object, stream=None, indent=1, width=80, depth=None, *, compact=False, sort_dicts=True, underscore_numbers=False):
    text = pformat(object, indent, width, depth, compact=compact, sort_dicts=sort_dicts)
    if stream is None:
        print(text)
    else:
        stream.write(text + "\n")


def pp(object, *args, sort_dicts=False, **kwargs):
    pprint(object, *args, sort_dicts=sort_dicts, **kwargs)


class PrettyPrinter:
    def __init__(self, indent=1, width=80, depth=None, stream=None, **kwargs):
        self._args = (indent, width, depth)
        self._stream = stream
        self._kwargs = kwargs

    def pformat(self, object):
        return pformat(object, *self._args, **self._kwargs)

    def pprint(self, object):
        pprint(object, self._stream, *self._args, **self._kwargs)


def saferepr(object):
    return _Printer(1, 80, None, False, True).short(object, 0)


def isreadable(object):
    return True


class _Printer:
    def __init__(self, indent, width, depth, compact, sort):
        self.indent = indent
        self.width = width
        self.depth = depth
        self.compact = compact
        self.sort = sort

    def items(self, d):
        items = list(d.items())
        if self.sort:
            try:
                items.sort(key=lambda item: item[0])
            except TypeError:
                items.sort(key=lambda item: (type(item[0]).__name__, str(item[0])))
        return items

    def short(self, o, level):
        if type(o) is dict:
            if not o:
                return "{}"
            if self.depth is not None and level >= self.depth:
                return "{...}"
            return "{%s}" % ", ".join(
                ["%s: %s" % (self.short(k, level + 1), self.short(v, level + 1)) for k, v in self.items(o)]
            )
        if type(o) in (list, tuple):
            a, b = "[]" if type(o) is list else "()"
            if o and self.depth is not None and level >= self.depth:
                return a + "..." + b
            text = ", ".join([self.short(x, level + 1) for x in o])
            return a + text + ("," if b == ")" and len(o) == 1 else "") + b
        return repr(o)

    def put(self, o, at, allowance, level, out):
        """`at` columns are used before it on its line; `allowance` will be behind it."""
        text = self.short(o, level)
        room = self.width - at - allowance
        if len(text) <= room or (self.depth is not None and level >= self.depth):
            out.append(text)
        elif type(o) is dict and o:
            out.append("{" + " " * (self.indent - 1))
            items = self.items(o)
            inner = at + self.indent
            for i, (k, v) in enumerate(items):
                last = i == len(items) - 1
                key = self.short(k, level + 1)
                out.append(key + ": ")
                self.put(v, inner + len(key) + 2, allowance + 1 if last else 1, level + 1, out)
                if not last:
                    out.append(",\n" + " " * inner)
            out.append("}")
        elif type(o) in (list, tuple) and o:
            a, b = "[]" if type(o) is list else "()"
            end = "," + b if b == ")" and len(o) == 1 else b
            self.block(list(o), a, end, at, allowance, level, out)
        elif type(o) in (set, frozenset) and o:
            items = sorted(o)
            a, b = ("{", "}") if type(o) is set else ("frozenset({", "})")
            self.block(items, a, b, at + len(a) - 1, allowance, level, out)
        elif isinstance(o, str) and o:
            self.text(o, at, allowance, level, out)
        else:
            out.append(text)
        return out

    def block(self, items, start, end, at, allowance, level, out):
        out.append(start + " " * (self.indent - 1))
        inner = at + self.indent
        line = 0
        for i, x in enumerate(items):
            last = i == len(items) - 1
            rest = allowance + len(end) if last else 1
            if self.compact:
                text = self.short(x, level + 1)
                if i and line + len(text) + 2 + (rest if last else 0) <= self.width - inner:
                    out.append(", " + text)
                    line += len(text) + 2
                    continue
                if i:
                    out.append(",\n" + " " * inner)
                out.append(text)
                line = len(text)
                continue
            if i:
                out.append(",\n" + " " * inner)
            self.put(x, inner, rest, level + 1, out)
        out.append(end)

    def text(self, o, at, allowance, level, out):
        lines = __compat__.splitlines(o, True)
        if level == 0:
            at += 1
            allowance += 1
        chunks = []
        room = self.width - at
        for i, line in enumerate(lines):
            if len(repr(line)) <= room - (allowance if i == len(lines) - 1 else 0):
                chunks.append(repr(line))
                continue
            words = []
            word = ""
            space = False
            for c in line:
                if space and not c.isspace():
                    words.append(word)
                    word = ""
                word += c
                space = c.isspace()
            words.append(word)
            current = ""
            for j, w in enumerate(words):
                last = j == len(words) - 1 and i == len(lines) - 1
                if len(repr(current + w)) > room - (allowance if last else 0):
                    if current:
                        chunks.append(repr(current))
                    current = w
                else:
                    current += w
            if current:
                chunks.append(repr(current))
        if len(chunks) == 1:
            out.append(chunks[0])
        elif level == 0:
            out.append("(" + ("\n" + " " * at).join(chunks) + ")")
        else:
            out.append(("\n" + " " * at).join(chunks))
