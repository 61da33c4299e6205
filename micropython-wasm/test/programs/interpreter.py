class Num:
    def __init__(self, v): self.v = v
    def eval(self, env): return self.v
class Var:
    def __init__(self, n): self.n = n
    def eval(self, env): return env[self.n]
class Op:
    table = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a // b}
    def __init__(self, op, l, r): self.op, self.l, self.r = op, l, r
    def eval(self, env): return self.table[self.op](self.l.eval(env), self.r.eval(env))
def parse(src):
    toks, i = [], 0
    while i < len(src):
        c = src[i]
        if c.isdigit():
            j = i
            while j < len(src) and src[j].isdigit(): j += 1
            toks.append(int(src[i:j])); i = j
        else:
            if c != " ": toks.append(c)
            i += 1
    pos = 0
    def peek(): return toks[pos] if pos < len(toks) else None
    def take():
        nonlocal pos
        pos += 1
        return toks[pos - 1]
    def atom():
        t = take()
        if t == "(":
            e = expr()
            if take() != ")": raise SyntaxError("expected )")
            return e
        return Num(t) if isinstance(t, int) else Var(t)
    def term():
        l = atom()
        while peek() in ("*", "/"): l = Op(take(), l, atom())
        return l
    def expr():
        l = term()
        while peek() in ("+", "-"): l = Op(take(), l, term())
        return l
    return expr()
for src in ("1 + 2 * 3", "(1 + 2) * 3", "a * (b - 4) / 2", "2*2*2*2*2"):
    print(src, "=", parse(src).eval({"a": 10, "b": 9}))
try: parse("(1 + 2").eval({})
except (SyntaxError, IndexError) as e: print(type(e).__name__)
def bf(code):
    tape, ptr, out, pc, stack, jump = [0] * 50, 0, [], 0, [], {}
    for i, c in enumerate(code):
        if c == "[": stack.append(i)
        elif c == "]": j = stack.pop(); jump[i] = j; jump[j] = i
    while pc < len(code):
        c = code[pc]
        if c == ">": ptr += 1
        elif c == "<": ptr -= 1
        elif c == "+": tape[ptr] = (tape[ptr] + 1) % 256
        elif c == "-": tape[ptr] = (tape[ptr] - 1) % 256
        elif c == ".": out.append(chr(tape[ptr]))
        elif c == "[" and not tape[ptr]: pc = jump[pc]
        elif c == "]" and tape[ptr]: pc = jump[pc]
        pc += 1
    return "".join(out)
print(bf("++++++++[>++++[>++>+++>+++>+<<<<-]>+>+>->>+[<]<-]>>.>---.+++++++..+++.>>.<-.<.+++.------.--------.>>+."))
