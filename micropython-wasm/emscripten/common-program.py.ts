// A program that does a little of what most programs do: what it has run of the interpreter comes lowered with the
// package (support.ts). It calls the function `host` of the host's.

export const COMMON_PROGRAM = `
import sys, json, re, math, time, random, collections, os, io, binascii, struct

class Shape:
    kind = "shape"
    def __init__(self, name, *sides, **more):
        self.name = name
        self.sides = sides
        self.more = more
    @property
    def area(self):
        return self.sides[0] * self.sides[1]
    def __repr__(self):
        return "%s(%r)" % (type(self).__name__, self.name)
    def __lt__(self, other):
        return self.area < other.area

class Square(Shape):
    def __init__(self, name, side):
        super().__init__(name, side, side, colour="red")

def squares(n):
    for i in range(n):
        yield i * i

def average(values):
    total = 0
    for value in values:
        total += value
    return total / len(values)

def fails(text):
    try:
        return int(text)
    except ValueError as error:
        return str(error)
    finally:
        pass

shapes = sorted([Square("b", 3), Shape("a", 1, 2), Square("c", 2)], reverse=True)
print(shapes, [s.area for s in shapes], isinstance(shapes[0], Shape), hasattr(shapes[0], "area"))
words = "the quick brown fox jumps over the lazy dog".split()
counts = {}
for word in words:
    counts[word] = counts.get(word, 0) + 1
print(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:3], len(set(words)))
print("{:>8.3f}|{:<5}|{:05d}|{}".format(3.14159, "ab", 42, None), f"{len(words)} {average([1, 2, 3.5])!r}", "%5.1f %s %x" % (2.25, [1, 2], 255))
print(list(squares(5)), sum(squares(10)), max(words), min(words, key=len), any(words), all([]), list(zip(words, range(2))))
print(fails("x"), fails("12"), 2 ** 100, 7 // 2, -7 % 3, 1 << 40, 0xFF ^ 0x0F, ~5, 10 ** 20 // 3, 1e10, 0.1 + 0.2, 5 / 3)
print(json.dumps({"a": [1, 2.5, None, True], "b": "text"}), json.loads('{"x": [1, {"y": "z"}], "f": -1.5e3}'))
print(re.match(r"(\\w+) (\\d+)", "abc 123").group(2), re.compile("[a-c]+").sub("-", "xabcx"))
print(math.sqrt(2), math.floor(2.7), math.pi, round(2.567, 2), abs(-3), divmod(17, 5), math.sin(1.0), math.log(10))
print(words[1:4], words[::-1][:2], "-".join(words), "abc".upper().replace("B", "x"), " a ".strip(), "abc".find("c"), "a,b".split(","))
matrix = [[i * j for j in range(4)] for i in range(4)]
print(matrix, {n: n for n in range(3)}, {1, 2} | {3}, (1, 2) + (3,), dict(a=1, **{"b": 2}))
first, *rest = words
print(first, len(rest), list(map(len, words)), list(filter(None, [0, 1])), list(enumerate("ab")), list(reversed([1, 2])))
try:
    shapes[7]
except (IndexError, KeyError) as error:
    print(type(error).__name__, error)
try:
    raise ValueError("wrong")
except Exception as error:
    sys.print_exception(error, io.StringIO())
while True:
    first = first[:-1]
    if not first:
        break
with open("/tmp.txt", "w") as file:
    file.write("line one\\nline two\\n")
with open("/tmp.txt") as file:
    print([line.rstrip() for line in file])
os.remove("/tmp.txt")
print(bytes([1, 2, 3]), bytearray(b"abc")[1], b"abc".decode(), "é".encode(), struct.pack("<IH", 1, 2), binascii.hexlify(b"ab"))
print(collections.namedtuple("P", "x y")(1, 2), collections.OrderedDict(a=1), time.time() > 0, random.randint(1, 6) > 0)
counter = 0
def count():
    global counter
    counter += 1
    def inner():
        nonlocal_value = counter
        return nonlocal_value
    return inner()
assert count() == 1, "counts"
print(globals().get("counter"), eval("1 + 1"), str(3), repr("a"), int("ff", 16), float("1.5"), chr(97), ord("a"), hex(255), bool([]))
exec("y = 1\\ndel y")
del shapes, matrix
print(host(1, "a", [2.5, None], key={"b": True}))
[counter, "value", {"a": (1, 2.5)}]
`;
