for i in range(10):
    if i == 3:
        continue
    if i == 6:
        break
    print(i, end=" ")
else:
    print("not printed")
print()
for i in range(3):
    pass
else:
    print("else after for", i)
n = 27
steps = 0
while n != 1:
    n = n // 2 if n % 2 == 0 else 3 * n + 1
    steps += 1
else:
    print("collatz", steps)
x = 5
print("small" if x < 3 else "medium" if x < 10 else "large")
print(1 < x < 10, 1 < x > 3, x == 5 != 6, not x, x and 0, x or 1, 0 or None)
total = 0
for i in range(5):
    for j in range(5):
        if j > i:
            break
        total += i * j
print(total)
primes = [2]
c = 3
while len(primes) < 25:
    if all(c % p for p in primes if p * p <= c):
        primes.append(c)
    c += 2
print(primes)
def classify(v):
    if isinstance(v, bool):
        return "bool"
    elif isinstance(v, (int, float)):
        return "number"
    elif v is None:
        return "none"
    return type(v).__name__
print([classify(v) for v in (True, 3, 2.5, None, "s", [], {}, ())])
if (m := len(primes)) > 10:
    print("walrus", m)
print([y := 1, y ** 2, y + 1], [last := i for i in range(3)], last)
assert total > 0, "never"
try:
    assert total < 0, "message"
except AssertionError as e:
    print("AssertionError", e)
del x
try:
    x
except NameError:
    print("NameError")
