print([x * 2 for x in range(5)], [x for x in range(20) if x % 5 == 0])
print([[j for j in range(i)] for i in range(4)], [(a, b) for a in "xy" for b in (1, 2)])
print(sorted({x * x for x in range(-3, 4)}), sorted({k: v for k, v in zip("abc", range(3))}.items()))
print(sum(x * x for x in range(100)), max(len(w) for w in "a bbb cc".split()), list(x for x in ()))
matrix = [[1, 2, 3], [4, 5, 6]]
print([[row[i] for row in matrix] for i in range(3)], [v for row in matrix for v in row if v > 2])
x = "outer"
[x for x in range(3)]
print(x, [x for x in [x]])
fs = [(lambda n: lambda: n)(i) for i in range(3)]
print([f() for f in fs], [i if i % 2 else -i for i in range(6)])
triples = [(a, b, c) for c in range(1, 30) for b in range(1, c) for a in range(1, b) if a * a + b * b == c * c]
print(triples)
print({len(w): sorted(v for v in ["a", "bb", "cc", "ddd"] if len(v) == len(w)) for w in ["bb"]})
sieve = [n for n in range(2, 100) if not any(n % d == 0 for d in range(2, int(n ** 0.5) + 1))]
print(sieve, len(sieve))
print([f"{i}:{c}" for i, c in enumerate("abc")], dict((v, k) for k, v in {"a": 1}.items()))
