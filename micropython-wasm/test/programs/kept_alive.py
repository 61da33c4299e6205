# What lives stays, wherever it is kept: in C code that allocates, in frames, in exceptions, in generators.
class Node:
    def __init__(self, value, rest):
        self.value, self.rest = value, rest


def walk(node):
    while node:
        yield str(node.value)
        node = node.rest


rest = None
for i in range(12):
    rest = Node([i, str(i)], rest)
print(" ".join(walk(rest)))
print(sorted([str(9 - i) for i in range(9)], key=lambda s: s + "x" * 9))
print(dict(zip([str(i) * 2 for i in range(5)], map(lambda i: [i] * 3, range(5))))["33"])


def fail(n):
    try:
        raise ValueError("n" * n)
    except ValueError as e:
        return str(e) + repr(e.args)
    finally:
        "".join([str(i) for i in range(9)])


print(fail(20))
print(*[("%s-%d" % (str(i), i), "{:>4}".format(i)) for i in range(5)], sep=str(1) + ";")
print((lambda *a, **k: (a, k))(*[str(i) for i in range(4)], x=str(5)))
print(int("9" * 40) ** 2 % int("7" * 30), 1.5 * float("2" * 3))


def deep(n):
    text = str(n) + "!"
    if n == 0:
        return [text]
    return [text] + deep(n - 1)


print("".join(deep(30)))
it = map(str, filter(lambda i: i % 3, range(20)))
print(next(it), list(it), min([str(i) for i in range(9)], key=lambda s: -int(s)))
x = [[str(i)] for i in range(20)]
x[3:5] = [str(i) + "," for i in range(9)]
x.insert(2, "a" + str(1))
print(x, b"".join([bytes([i]) * 3 for i in range(60, 66)]))
print({str(i): {str(i)} for i in range(4)}["2"], set(str(i) for i in range(1)))
print(eval("[str(i) for i in range(4)]"))
