# literal_eval() alone: there are no trees of programs here.
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\n": ""}
_NAMES = {"None": None, "True": True, "False": False, "Ellipsis": ...}


class _Reader:
    def __init__(self, text):
        self.text = text
        self.at = 0

    def fails(self):
        text = self.text.strip()
        raise ValueError("malformed node or string: %r" % text) if text else SyntaxError("invalid syntax")

    def peek(self):
        text = self.text
        while self.at < len(text):
            c = text[self.at]
            if c == "#":
                while self.at < len(text) and text[self.at] != "\n":
                    self.at += 1
            elif c in " \t\r\n":
                self.at += 1
            else:
                return c
        return ""

    def take(self, c):
        if self.peek() == c:
            self.at += 1
            return True
        return False

    def expect(self, c):
        if not self.take(c):
            raise SyntaxError("invalid syntax")

    def value(self):
        c = self.peek()
        if c == "[":
            self.at += 1
            return self.items("]")
        if c == "(":
            self.at += 1
            if self.take(")"):
                return ()
            first = self.sum()
            if self.take(")"):
                return first
            self.expect(",")
            return (first,) + tuple(self.items(")"))
        if c == "{":
            self.at += 1
            return self.braces()
        if c and c in "+-":
            self.at += 1
            n = self.value()
            if isinstance(n, bool) or not isinstance(n, (int, float, complex)):
                self.fails()
            return -n if c == "-" else +n
        if c and (c in "0123456789." or c in "'\""):
            return self.number() if c in "0123456789." else self.strings()
        end = self.at
        text = self.text
        while end < len(text) and (text[end].isalpha() or text[end].isdigit() or text[end] == "_"):
            end += 1
        word = text[self.at : end]
        if end < len(text) and text[end] in "'\"" and word.lower() in ("b", "r", "u", "br", "rb"):
            return self.strings()
        self.at = end
        if word == "set" and self.take("("):
            self.expect(")")
            return set()
        if word not in _NAMES:
            self.fails()
        return _NAMES[word]

    def sum(self):
        value = self.value()
        c = self.peek()
        if c and c in "+-" and isinstance(value, (int, float)):
            self.at += 1
            imaginary = self.value()
            if not isinstance(imaginary, complex):
                self.fails()
            value = value - imaginary if c == "-" else value + imaginary
        return value

    def items(self, end):
        found = []
        while not self.take(end):
            found.append(self.sum())
            if not self.take(","):
                self.expect(end)
                break
        return found

    def braces(self):
        if self.take("}"):
            return {}
        first = self.sum()
        if not self.take(":"):
            return {first} if self.take("}") else (self.expect(","), {first} | set(self.items("}")))[1]
        found = {first: self.sum()}
        while not self.take("}"):
            self.expect(",")
            if self.take("}"):
                break
            key = self.sum()
            self.expect(":")
            found[key] = self.sum()
        return found

    def number(self):
        text = self.text
        end = self.at
        if text[end : end + 2].lower() in ("0x", "0o", "0b"):
            end += 2
            while end < len(text) and (text[end].isalpha() or text[end].isdigit() or text[end] == "_"):
                end += 1
            word = text[self.at : end].replace("_", "")
            self.at = end
            return int(word, 0)
        while end < len(text) and (text[end] in "0123456789._eEjJ" or (text[end] in "+-" and text[end - 1] in "eE")):
            end += 1
        word = text[self.at : end].replace("_", "")
        self.at = end
        if word[-1] in "jJ":
            return complex(0, float(word[:-1]))
        return float(word) if "." in word or "e" in word or "E" in word else int(word)

    def strings(self):
        value = self.string()
        while True:
            c = self.peek()
            if not c or not (c in "'\"" or (c in "bBrRuU" and self.text[self.at + 1 : self.at + 2] in ("'", '"'))):
                return value
            value += self.string()

    def string(self):
        text = self.text
        prefix = ""
        while text[self.at] not in "'\"":
            prefix += text[self.at].lower()
            self.at += 1
        quote = text[self.at]
        if text[self.at : self.at + 3] == quote * 3:
            quote *= 3
        i = self.at + len(quote)
        out = []
        while text[i : i + len(quote)] != quote:
            if i >= len(text) or (len(quote) == 1 and text[i] == "\n"):
                raise SyntaxError("unterminated string literal")
            c = text[i]
            i += 1
            if c != "\\" or "r" in prefix:
                out.append(c)
                continue
            c = text[i]
            i += 1
            if c in "xuU" and not (c != "x" and "b" in prefix):
                n = 2 if c == "x" else 4 if c == "u" else 8
                out.append(chr(int(text[i : i + n], 16)))
                i += n
            else:
                out.append(_ESCAPES[c] if c in _ESCAPES else "\\" + c)
        self.at = i + len(quote)
        value = "".join(out)
        return bytes([ord(c) for c in value]) if "b" in prefix else value


def literal_eval(node_or_string):
    if not isinstance(node_or_string, str):
        raise ValueError("malformed node or string: %r" % node_or_string)
    reader = _Reader(node_or_string.lstrip(" \t"))
    value = reader.sum()
    if reader.take(","):
        value = (value,) + tuple(reader.items(""))
    if reader.peek():
        reader.fails()
    return value
