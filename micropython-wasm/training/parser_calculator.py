class Token:
    def __init__(self, kind, text):
        self.kind, self.text = kind, text
    def __repr__(self):
        return "Token(%r, %r)" % (self.kind, self.text)

def tokenize(source):
    i = 0
    while i < len(source):
        c = source[i]
        if c.isspace():
            i += 1
        elif c.isdigit() or c == ".":
            j = i
            while j < len(source) and (source[j].isdigit() or source[j] == "."):
                j += 1
            yield Token("number", source[i:j])
            i = j
        elif c.isalpha():
            j = i
            while j < len(source) and source[j].isalpha():
                j += 1
            yield Token("name", source[i:j])
            i = j
        elif c in "+-*/^()=,":
            yield Token("sign", c)
            i += 1
        else:
            raise SyntaxError("what is %r at %d" % (c, i))
    yield Token("end", "")

class Parser:
    POWER = {"+": (1, 2), "-": (1, 2), "*": (3, 4), "/": (3, 4), "^": (6, 5)}
    def __init__(self, source, names):
        self.tokens = list(tokenize(source))
        self.at = 0
        self.names = names
    def peek(self):
        return self.tokens[self.at]
    def next(self):
        token = self.tokens[self.at]
        self.at += 1
        return token
    def expression(self, least=0):
        token = self.next()
        if token.kind == "number":
            left = float(token.text) if "." in token.text else int(token.text)
        elif token.kind == "name":
            if token.text not in self.names:
                raise NameError(token.text)
            left = self.names[token.text]
        elif token.text == "(":
            left = self.expression()
            if self.next().text != ")":
                raise SyntaxError("no )")
        elif token.text == "-":
            left = -self.expression(5)
        else:
            raise SyntaxError("found " + (token.text or "nothing"))
        while True:
            sign = self.peek().text
            if sign not in self.POWER:
                return left
            l, r = self.POWER[sign]
            if l < least:
                return left
            self.next()
            right = self.expression(r)
            if sign == "+": left = left + right
            elif sign == "-": left = left - right
            elif sign == "*": left = left * right
            elif sign == "/": left = left / right
            else: left = left ** right

names = {"x": 3, "pi": 3.14159, "big": 10 ** 12}
for source in ["1 + 2 * 3", "(1 + 2) * 3", "2 ^ 3 ^ 2", "-x * 2 + 10 / 4", "pi * x ^ 2", "big - 1", "1 / 0", "(1", "y + 1", "3 $ 4", "2 * (3 + 4 * (5 - 6))"] * 4:
    try:
        print(source, "=", Parser(source, names).expression())
    except (SyntaxError, NameError, ZeroDivisionError) as error:
        print(source, "!", type(error).__name__, error)
