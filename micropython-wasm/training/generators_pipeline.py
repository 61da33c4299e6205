def numbers(n):
    i = 0
    while i < n:
        sent = yield i
        if sent is not None:
            i = sent
        i += 1

def squares(source):
    for x in source:
        yield x * x

def take(n, source):
    for i, x in enumerate(source):
        if i >= n:
            return
        yield x

def chunks(items, size):
    for i in range(0, len(items), size):
        yield items[i:i + size]

class Countdown:
    def __init__(self, n): self.n = n
    def __iter__(self): return self
    def __next__(self):
        if self.n <= 0:
            raise StopIteration
        self.n -= 1
        return self.n

total = 0
for round in range(12):
    total += sum(take(40, squares(numbers(1000))))
    total += sum(x for x in Countdown(50) if x % 3)
    total ^= len([c for c in chunks(list(range(60)), 7)])
print(total)
g = numbers(10)
print(next(g), next(g), g.send(6), list(g))
def closing():
    try:
        yield 1
        yield 2
    finally:
        print("closed")
c = closing()
next(c)
c.close()
print(list(map(lambda a, b: a * b, range(5), squares(range(5)))), list(filter(lambda v: v & 1, range(9))), dict(zip("abc", range(3))))
print(any(x > 90 for x in range(100)), all(x < 90 for x in range(100)), sorted((x % 7, x) for x in range(12))[:4], list(reversed(range(4))))
