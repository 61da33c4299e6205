# A backtracking matcher with a stack of its own. Patterns are compiled to a list of instructions; texts are looked at
# as code points, in bytes where they are ASCII (an index into a str takes time that grows with it).
#
#   (CHAR, code)  (ANY,)  (ALL,)  (SET, negated, codes, ranges, classes)
#   (SPLIT, first, second)  (JUMP, to)  (SAVE, slot)  (REF, group)  (BOL,) (EOL,) (BOT,) (EOT,) (EOZ,) (WORD, wanted)
#   (RUN, test, least, most, greedy)   one character's test, repeated
#   (LOOK, ahead, wanted, program)     (COUNT, slot) (AGAIN, slot, body, least, most, greedy)   (MATCH,)
import array as _array

A = ASCII = 256
I = IGNORECASE = 2
M = MULTILINE = 8
S = DOTALL = 16
X = VERBOSE = 64
U = UNICODE = 32
L = LOCALE = 4
NOFLAG = 0
DEBUG = 128
(_CHAR, _ANY, _ALL, _SET, _SPLIT, _JUMP, _SAVE, _REF, _BOL, _EOL, _BOT, _EOT, _EOZ, _WORD, _RUN, _LOOK, _COUNT, _AGAIN, _MATCH) = range(19)
_INF = 1 << 29


class error(Exception):
    pass


PatternError = error


def _is_word(c):
    return 97 <= c <= 122 or 65 <= c <= 90 or 48 <= c <= 57 or c == 95 or (c > 127 and _letter(c))


def _letter(c):
    return c in (170, 181, 186) or (c >= 192 and c not in (215, 247) and not 0x2000 <= c <= 0x2BFF and not 0x3000 <= c <= 0x3004)


def _is_space(c):
    return c == 32 or 9 <= c <= 13 or 28 <= c <= 31 or c in (133, 160, 0x3000) or 0x2000 <= c <= 0x200A


def _swap(c):
    if 97 <= c <= 122:
        return c - 32
    if 65 <= c <= 90:
        return c + 32
    if c > 127:
        s = chr(c)
        o = s.upper() if s.upper() != s else s.lower()
        if len(o) == 1:
            return ord(o)
    return c


def _in_class(k, c):
    if k == 100:
        return 48 <= c <= 57
    if k == 68:
        return not 48 <= c <= 57
    if k == 119:
        return _is_word(c)
    if k == 87:
        return not _is_word(c)
    if k == 115:
        return _is_space(c)
    return not _is_space(c)


def _test(op, c):
    k = op[0]
    if k == _CHAR:
        return c == op[1]
    if k == _SET:
        hit = c in op[2]
        if not hit:
            for lo, hi in op[3]:
                if lo <= c <= hi:
                    hit = True
                    break
            else:
                for cl in op[4]:
                    if _in_class(cl, c):
                        hit = True
                        break
        return hit != op[1]
    return k == _ALL or c != 10


_ESCAPES = {110: 10, 116: 9, 114: 13, 102: 12, 118: 11, 97: 7, 48: 0}


class _Parser:
    def __init__(self, pattern, flags):
        self.p = pattern if isinstance(pattern, (bytes, bytearray)) else _codes(pattern)
        self.i = 0
        self.flags = flags
        self.groups = 0
        self.names = {}
        self.counters = 0
        self.open = []

    def fail(self, what):
        raise error("%s at position %d" % (what, self.i))

    def peek(self):
        return self.p[self.i] if self.i < len(self.p) else -1

    def eat(self, text):
        t = [ord(c) for c in text]
        if list(self.p[self.i : self.i + len(t)]) == t:
            self.i += len(t)
            return True
        return False

    def alternatives(self):
        branches = [self.sequence()]
        while self.peek() == 124:
            self.i += 1
            branches.append(self.sequence())
        code = branches.pop()
        while branches:
            first = branches.pop()
            code = [(_SPLIT, 1, len(first) + 2)] + first + [(_JUMP, len(code) + 1)] + code
        return code

    def sequence(self):
        code = []
        while True:
            c = self.peek()
            if c == -1 or c == 124 or c == 41:
                return code
            if self.flags & X:
                if c in (32, 9, 10, 13, 12, 11):
                    self.i += 1
                    continue
                if c == 35:
                    while self.peek() not in (-1, 10):
                        self.i += 1
                    continue
            atom = self.atom()
            code += self.repeated(atom)

    def number(self):
        start = self.i
        n = 0
        while 48 <= self.peek() <= 57:
            n = n * 10 + self.peek() - 48
            self.i += 1
        return None if self.i == start else n

    def repeated(self, atom):
        while True:
            c = self.peek()
            if c == 42:
                lo, hi = 0, _INF
            elif c == 43:
                lo, hi = 1, _INF
            elif c == 63:
                lo, hi = 0, 1
            elif c == 123:
                start = self.i
                self.i += 1
                lo = self.number()
                hi = lo
                if self.peek() == 44:
                    self.i += 1
                    hi = self.number()
                    hi = _INF if hi is None else hi
                    lo = 0 if lo is None else lo
                if self.peek() != 125 or lo is None:
                    # No repetition: the brace is a character.
                    self.i = start + 1
                    return atom + [self.char(123)]
                if hi < lo:
                    self.fail("min repeat greater than max repeat")
            else:
                return atom
            self.i += 1
            greedy = True
            if self.peek() == 63:
                greedy = False
                self.i += 1
            elif self.peek() == 43:
                self.fail("possessive repeats are not supported")
            elif self.peek() == 42:
                self.fail("multiple repeat")
            atom = self.repeat(atom, lo, hi, greedy)

    def repeat(self, atom, lo, hi, greedy):
        if not atom:
            return atom
        if len(atom) == 1 and atom[0][0] in (_CHAR, _ANY, _ALL, _SET):
            return [(_RUN, atom[0], lo, hi, greedy)]
        n = len(atom)
        if lo == 0 and hi == 1:
            return [(_SPLIT, 1, n + 1) if greedy else (_SPLIT, n + 1, 1)] + atom
        slot = self.counters
        self.counters += 1
        # AGAIN is first: it decides whether the body, behind it, is done (once more).
        return [(_COUNT, slot), (_AGAIN, slot, n + 2, lo, hi, greedy)] + atom + [(_JUMP, -n - 1)]

    def atom(self):
        c = self.p[self.i]
        self.i += 1
        f = self.flags
        if c == 46:
            return [(_ALL,)] if f & S else [(_ANY,)]
        if c == 94:
            return [(_BOL,)] if f & M else [(_BOT,)]
        if c == 36:
            return [(_EOL,)] if f & M else [(_EOZ,)]
        if c == 91:
            return [self.set()]
        if c == 40:
            return self.group()
        if c == 92:
            return self.escape()
        if c in (42, 43, 63):
            self.i -= 1
            self.fail("nothing to repeat")
        return [self.char(c)]

    def char(self, c):
        if self.flags & I:
            o = _swap(c)
            if o != c:
                return (_SET, False, (c, o), (), ())
        return (_CHAR, c)

    def hex(self, n):
        v = 0
        for _ in range(n):
            v = v * 16 + int(chr(self.peek()), 16)
            self.i += 1
        return v

    def escape(self):
        c = self.peek()
        if c == -1:
            self.fail("bad escape (end of pattern)")
        self.i += 1
        if c in (100, 68, 119, 87, 115, 83):
            return [(_SET, False, (), (), (c,))]
        if c == 98 or c == 66:
            return [(_WORD, c == 98)]
        if c == 65:
            return [(_BOT,)]
        if c == 90:
            return [(_EOT,)]
        if 49 <= c <= 57:
            n = c - 48
            if 48 <= self.peek() <= 57 and n * 10 + self.peek() - 48 <= self.groups:
                n = n * 10 + self.peek() - 48
                self.i += 1
            if n > self.groups:
                self.fail("invalid group reference %d" % n)
            return [(_REF, n)]
        return [self.char(self.code(c))]

    def code(self, c):
        if c == 120:
            return self.hex(2)
        if c == 117:
            return self.hex(4)
        if c == 85:
            return self.hex(8)
        if c in _ESCAPES:
            return _ESCAPES[c]
        if 97 <= c <= 122 or 65 <= c <= 90:
            self.fail("bad escape \\" + chr(c))
        return c

    def set(self):
        negated = self.peek() == 94
        if negated:
            self.i += 1
        codes = []
        ranges = []
        classes = []
        first = True
        while True:
            c = self.peek()
            if c == -1:
                self.fail("unterminated character set")
            self.i += 1
            if c == 93 and not first:
                break
            first = False
            if c == 92:
                c = self.peek()
                self.i += 1
                if c in (100, 68, 119, 87, 115, 83):
                    classes.append(c)
                    continue
                c = 8 if c == 98 else self.code(c)
            if self.peek() == 45 and self.i + 1 < len(self.p) and self.p[self.i + 1] != 93:
                self.i += 1
                d = self.peek()
                self.i += 1
                if d == 92:
                    d = self.peek()
                    self.i += 1
                    d = self.code(d)
                if d < c:
                    self.fail("bad character range")
                ranges.append((c, d))
            else:
                codes.append(c)
        if self.flags & I:
            codes += [_swap(c) for c in codes]
            for lo, hi in list(ranges):
                for a, b, shift in ((97, 122, -32), (65, 90, 32)):
                    lo2, hi2 = max(lo, a), min(hi, b)
                    if lo2 <= hi2:
                        ranges.append((lo2 + shift, hi2 + shift))
        return (_SET, negated, tuple(codes), tuple(ranges), tuple(classes))

    def name(self, end):
        start = self.i
        while self.peek() not in (-1, end):
            self.i += 1
        name = "".join([chr(c) for c in self.p[start : self.i]])
        self.i += 1
        return name

    def group(self):
        number = None
        look = None
        saved = self.flags
        if self.eat("?"):
            if self.eat(":"):
                pass
            elif self.eat("P<"):
                number = self.open_group(self.name(62))
            elif self.eat("P="):
                name = self.name(41)
                if name not in self.names:
                    self.fail("unknown group name " + repr(name))
                return [(_REF, self.names[name])]
            elif self.eat("="):
                look = (True, True)
            elif self.eat("!"):
                look = (True, False)
            elif self.eat("<="):
                look = (False, True)
            elif self.eat("<!"):
                look = (False, False)
            elif self.eat("#"):
                self.name(41)
                return []
            else:
                while self.peek() in (97, 105, 76, 109, 115, 117, 120):
                    self.flags |= {97: A, 105: I, 76: L, 109: M, 115: S, 117: U, 120: X}[self.peek()]
                    self.i += 1
                if self.eat(")"):
                    return []
                if not self.eat(":"):
                    self.fail("unknown extension")
        else:
            number = self.open_group(None)
        code = self.alternatives()
        if not self.eat(")"):
            self.fail("missing ), unterminated subpattern")
        self.flags = saved
        if look is not None:
            return [(_LOOK, look[0], look[1], code + [(_MATCH,)], self.width(code) if not look[0] else 0)]
        if number is not None:
            code = [(_SAVE, 2 * number)] + code + [(_SAVE, 2 * number + 1)]
        return code

    def width(self, code):
        n = 0
        i = 0
        while i < len(code):
            op = code[i]
            k = op[0]
            if k in (_CHAR, _ANY, _ALL, _SET):
                n += 1
            elif k == _RUN and op[2] == op[3]:
                n += op[2]
            elif k == _SPLIT and op[1] == 1:
                # Alternatives: each of the same width.
                end = i + op[2]
                first = self.width(code[i + 1 : end - 1])
                jump = code[end - 1]
                if jump[0] != _JUMP or first != self.width(code[end : end - 1 + jump[1]]):
                    self.fail("look-behind requires fixed-width pattern")
                n += first
                i = end - 1 + jump[1]
                continue
            elif k in (_RUN, _AGAIN, _COUNT, _REF, _SPLIT):
                self.fail("look-behind requires fixed-width pattern")
            i += 1
        return n

    def open_group(self, name):
        self.groups += 1
        if name is not None:
            if name in self.names:
                self.fail("redefinition of group name " + repr(name))
            self.names[name] = self.groups
        return self.groups


def _codes(text):
    b = text.encode()
    if len(b) == len(text):
        return b
    return _array.array("I", [ord(c) for c in text])


def _run(code, text, i, end, caps, counters, origin, forbidden=-1):
    """Matches at i; returns the end of the match, which is not the forbidden one, or -1. Fills caps in."""
    stack = []
    pc = 0
    while True:
        op = code[pc]
        k = op[0]
        ok = True
        if k == _CHAR:
            if i < end and text[i] == op[1]:
                i += 1
                pc += 1
                continue
            ok = False
        elif k == _RUN:
            t = op[1]
            lo = op[2]
            most = min(end, i + op[3])
            j = i
            tk = t[0]
            if not op[4]:
                most = i + lo
                if most > end:
                    ok = False
            if not ok:
                pass
            elif tk == _ALL:
                j = most
            elif tk == _CHAR:
                c = t[1]
                while j < most and text[j] == c:
                    j += 1
            elif tk == _ANY:
                while j < most and text[j] != 10:
                    j += 1
            else:
                _, neg, cs, rs, cls = t
                if not cls and not cs and len(rs) == 1 and not neg:
                    a, b = rs[0]
                    while j < most and a <= text[j] <= b:
                        j += 1
                elif not cls and not rs and neg:
                    while j < most and text[j] not in cs:
                        j += 1
                elif cls == (100,) and not neg and not cs and not rs:
                    while j < most and 48 <= text[j] <= 57:
                        j += 1
                else:
                    while j < most and _test(t, text[j]):
                        j += 1
            if ok and j - i >= lo:
                if op[4]:
                    if j - i > lo:
                        stack.append((0, pc + 1, i + lo, j - 1))
                else:
                    stack.append((1, pc + 1, j, t, end if op[3] >= _INF else min(end, i + op[3])))
                i = j
                pc += 1
                continue
            ok = False
        elif k == _SET or k == _ANY or k == _ALL:
            if i < end and _test(op, text[i]):
                i += 1
                pc += 1
                continue
            ok = False
        elif k == _SAVE:
            stack.append((2, op[1], caps[op[1]]))
            caps[op[1]] = i
            pc += 1
            continue
        elif k == _SPLIT:
            stack.append((3, pc + op[2], i))
            pc += op[1]
            continue
        elif k == _JUMP:
            pc += op[1]
            continue
        elif k == _MATCH:
            if i != forbidden:
                return i
            ok = False
        elif k == _COUNT:
            stack.append((4, op[1], counters[op[1]]))
            counters[op[1]] = (0, -1)
            pc += 1
            continue
        elif k == _AGAIN:
            n, last = counters[op[1]]
            if n < op[3] or (n < op[4] and last != i):
                if n < op[3]:
                    stack.append((4, op[1], (n, last)))
                    counters[op[1]] = (n + 1, i)
                    pc += 1
                elif op[5]:
                    stack.append((3, pc + op[2], i))
                    stack.append((4, op[1], (n, last)))
                    counters[op[1]] = (n + 1, i)
                    pc += 1
                else:
                    stack.append((5, pc, i, op[1], (n + 1, i), (n, last)))
                    pc += op[2]
            else:
                pc += op[2]
            continue
        elif k == _BOT:
            ok = i == origin
        elif k == _EOT:
            ok = i == end
        elif k == _EOZ:
            ok = i == end or (i == end - 1 and text[i] == 10)
        elif k == _BOL:
            ok = i == 0 or text[i - 1] == 10
        elif k == _EOL:
            ok = i == end or text[i] == 10
        elif k == _WORD:
            before = i > 0 and _is_word(text[i - 1])
            after = i < end and _is_word(text[i])
            ok = (before != after) == op[1]
        elif k == _REF:
            a = caps[2 * op[1]]
            b = caps[2 * op[1] + 1]
            if a < 0 or b < 0 or text[a:b] != text[i : i + b - a] or i + b - a > end:
                ok = False
            else:
                i += b - a
        elif k == _LOOK:
            kept = list(caps)
            start = i if op[1] else i - op[4]
            hit = start >= 0 and _run(op[3], text, start, end if op[1] else i, caps, counters, origin) >= 0
            if not (hit and op[2]):
                caps[:] = kept
            ok = hit == op[2]
        if ok:
            pc += 1
            continue
        # Back to the last choice.
        while True:
            if not stack:
                return -1
            e = stack.pop()
            k = e[0]
            if k == 0:
                _, pc, lo, i = e
                if i > lo:
                    stack.append((0, pc, lo, i - 1))
                break
            if k == 1:
                _, pc, j, t, most = e
                if j < most and _test(t, text[j]):
                    i = j + 1
                    stack.append((1, pc, i, t, most))
                    break
            elif k == 2:
                caps[e[1]] = e[2]
            elif k == 3:
                pc = e[1]
                i = e[2]
                break
            elif k == 4:
                counters[e[1]] = e[2]
            else:
                pc = e[1] + 1
                i = e[2]
                counters[e[3]] = e[4]
                stack.append((4, e[3], e[5]))
                break


class Match:
    def __init__(self, pattern, string, caps, pos, endpos):
        self.re = pattern
        self.string = string
        self._caps = caps
        self.pos = pos
        self.endpos = endpos

    def _number(self, group):
        if isinstance(group, str):
            if group not in self.re.groupindex:
                raise IndexError("no such group")
            return self.re.groupindex[group]
        if not 0 <= group <= self.re.groups:
            raise IndexError("no such group")
        return group

    def _text(self, n, default=None):
        a = self._caps[2 * n]
        b = self._caps[2 * n + 1]
        return default if a < 0 or b < 0 else self.string[a:b]

    def group(self, *groups):
        if not groups:
            return self._text(0)
        if len(groups) == 1:
            return self._text(self._number(groups[0]))
        return tuple([self._text(self._number(g)) for g in groups])

    __getitem__ = lambda self, group: self._text(self._number(group))

    def groups(self, default=None):
        return tuple([self._text(n, default) for n in range(1, self.re.groups + 1)])

    def groupdict(self, default=None):
        names = sorted(self.re.groupindex.items(), key=lambda item: item[1])
        return {name: self._text(n, default) for name, n in names}

    def start(self, group=0):
        return self._caps[2 * self._number(group)]

    def end(self, group=0):
        return self._caps[2 * self._number(group) + 1]

    def span(self, group=0):
        return (self.start(group), self.end(group))

    @property
    def lastindex(self):
        best = None
        at = -1
        for n in range(1, self.re.groups + 1):
            if self._caps[2 * n + 1] > at:
                at = self._caps[2 * n + 1]
                best = n
        return best

    @property
    def lastgroup(self):
        n = self.lastindex
        for name, m in self.re.groupindex.items():
            if m == n:
                return name
        return None

    def expand(self, template):
        return _expand(_template(template, self.re), self)

    def __repr__(self):
        return "<re.Match object; span=%r, match=%r>" % (self.span(), self.group())


def _template(template, pattern):
    """A replacement as texts and group numbers."""
    if "\\" not in template:
        return [template]
    parts = []
    text = ""
    i = 0
    n = len(template)
    while i < n:
        c = template[i]
        i += 1
        if c != "\\" or i == n:
            text += c
            continue
        c = template[i]
        i += 1
        group = None
        if c == "g" and template[i : i + 1] == "<":
            end = template.find(">", i)
            name = template[i + 1 : end]
            i = end + 1
            group = int(name) if name.isdigit() else pattern.groupindex.get(name, -1)
            if group < 0:
                raise IndexError("unknown group name " + repr(name))
        elif c.isdigit():
            group = int(c)
            if c != "0" and i < n and template[i].isdigit():
                group = group * 10 + int(template[i])
                i += 1
        if group is None:
            at = "nrtfva\\".find(c)
            text += "\n\r\t\f\v\a\\"[at] if at >= 0 else "\\" + c
        else:
            if group > pattern.groups:
                raise error("invalid group reference %d" % group)
            parts.append(text)
            parts.append(group)
            text = ""
    parts.append(text)
    return parts


def _expand(parts, match):
    empty = match.string[:0]
    return empty.join([match._text(p, empty) if isinstance(p, int) else p for p in parts])


class Pattern:
    def __init__(self, pattern, flags):
        self.pattern = pattern
        parser = _Parser(pattern, flags)
        if isinstance(pattern, str) and pattern.startswith("(?") and pattern[2:3] in "aiLmsux":
            # Flags at the beginning are the whole pattern's.
            head = pattern[2 : pattern.find(")")]
            if ":" not in head:
                for c in head:
                    parser.flags |= {"a": A, "i": I, "L": L, "m": M, "s": S, "u": U, "x": X}[c]
                parser.i = len(head) + 3
        self.flags = parser.flags | (U if isinstance(pattern, str) else 0)
        code = parser.alternatives()
        if parser.i < len(parser.p):
            parser.fail("unbalanced parenthesis")
        self._code = code + [(_MATCH,)]
        self.groups = parser.groups
        self.groupindex = parser.names
        self._counters = parser.counters
        self._first = code[0][1] if code and code[0][0] == _CHAR else None

    def _at(self, codes, i, end, origin, forbidden=-1):
        caps = [-1] * (2 * self.groups + 2)
        stop = _run(self._code, codes, i, end, caps, [(0, -1)] * self._counters, origin, forbidden)
        if stop < 0:
            return None
        caps[0] = i
        caps[1] = stop
        return caps

    def _text(self, string):
        if isinstance(string, str):
            if not isinstance(self.pattern, str):
                raise TypeError("cannot use a bytes pattern on a string-like object")
            return _codes(string)
        if not isinstance(string, (bytes, bytearray)):
            raise TypeError("expected string or bytes-like object, got " + repr(type(string).__name__))
        if isinstance(self.pattern, str):
            raise TypeError("cannot use a string pattern on a bytes-like object")
        return string

    def _find(self, codes, i, end, forbidden=-1):
        first = self._first
        while i <= end:
            if first is not None:
                while i < end and codes[i] != first:
                    i += 1
                if i == end:
                    return None
            caps = self._at(codes, i, end, 0, forbidden)
            if caps is not None:
                return caps
            i += 1
        return None

    def match(self, string, pos=0, endpos=None):
        codes = self._text(string)
        end = len(codes) if endpos is None else min(endpos, len(codes))
        caps = self._at(codes, pos, end, pos) if pos <= end else None
        return None if caps is None else Match(self, string, caps, pos, end)

    def fullmatch(self, string, pos=0, endpos=None):
        codes = self._text(string)
        end = len(codes) if endpos is None else min(endpos, len(codes))
        code = self._code
        # The same program, which goes on until it ends at the end.
        self._code = code[:-1] + [(_EOT,), (_MATCH,)]
        try:
            caps = self._at(codes, pos, end, pos) if pos <= end else None
        finally:
            self._code = code
        return None if caps is None else Match(self, string, caps, pos, end)

    def search(self, string, pos=0, endpos=None):
        codes = self._text(string)
        end = len(codes) if endpos is None else min(endpos, len(codes))
        caps = self._find(codes, pos, end)
        return None if caps is None else Match(self, string, caps, pos, end)

    def _all(self, string, pos=0, endpos=None):
        codes = self._text(string)
        end = len(codes) if endpos is None else min(endpos, len(codes))
        i = pos
        # Behind a match of nothing there is no second one at the same place.
        forbidden = -1
        while i <= end:
            caps = self._find(codes, i, end, forbidden)
            if caps is None:
                return
            i = caps[1]
            forbidden = i if caps[0] == i else -1
            yield Match(self, string, caps, pos, end)

    def finditer(self, string, pos=0, endpos=None):
        return self._all(string, pos, endpos)

    def findall(self, string, pos=0, endpos=None):
        empty = string[:0]
        n = self.groups
        if n == 0:
            return [m._text(0) for m in self._all(string, pos, endpos)]
        if n == 1:
            return [m._text(1, empty) for m in self._all(string, pos, endpos)]
        return [m.groups(empty) for m in self._all(string, pos, endpos)]

    def split(self, string, maxsplit=0):
        parts = []
        last = 0
        for m in self._all(string):
            if maxsplit and len(parts) // (self.groups + 1) >= maxsplit:
                break
            a, b = m._caps[0], m._caps[1]
            parts.append(string[last:a])
            parts.extend(m.groups())
            last = b
        parts.append(string[last:])
        return parts

    def subn(self, repl, string, count=0):
        parts = []
        last = 0
        n = 0
        template = None if callable(repl) else _template(repl, self) if isinstance(repl, str) else [repl]
        for m in self._all(string):
            if count and n >= count:
                break
            parts.append(string[last : m._caps[0]])
            parts.append(repl(m) if template is None else _expand(template, m))
            last = m._caps[1]
            n += 1
        parts.append(string[last:])
        return (string[:0].join(parts), n)

    def sub(self, repl, string, count=0):
        return self.subn(repl, string, count)[0]

    def __repr__(self):
        return "re.compile(%r)" % (self.pattern,)


_known = {}


def compile(pattern, flags=0):
    if isinstance(pattern, Pattern):
        return pattern
    key = (pattern, flags)
    p = _known.get(key)
    if p is None:
        if len(_known) > 64:
            _known.clear()
        p = _known[key] = Pattern(pattern, flags)
    return p


def match(pattern, string, flags=0):
    return compile(pattern, flags).match(string)


def fullmatch(pattern, string, flags=0):
    return compile(pattern, flags).fullmatch(string)


def search(pattern, string, flags=0):
    return compile(pattern, flags).search(string)


def findall(pattern, string, flags=0):
    return compile(pattern, flags).findall(string)


def finditer(pattern, string, flags=0):
    return compile(pattern, flags).finditer(string)


def split(pattern, string, maxsplit=0, flags=0):
    return compile(pattern, flags).split(string, maxsplit)


def sub(pattern, repl, string, count=0, flags=0):
    return compile(pattern, flags).sub(repl, string, count)


def subn(pattern, repl, string, count=0, flags=0):
    return compile(pattern, flags).subn(repl, string, count)


def escape(pattern):
    special = "()[]{}?*+-|^$\\.&~# \t\n\r\v\f"
    return "".join(["\\" + c if c in special else c for c in pattern])


def purge():
    _known.clear()
