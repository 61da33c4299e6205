GRID = ["530070000", "600195000", "098000060", "800060003", "400803001", "700020006", "060000280", "000419005", "000080079"]
cells = [[int(c) for c in row] for row in GRID]
def options(r, c):
    used = set(cells[r]) | {cells[i][c] for i in range(9)}
    br, bc = r // 3 * 3, c // 3 * 3
    for i in range(br, br + 3):
        used |= set(cells[i][bc:bc + 3])
    return [d for d in range(1, 10) if d not in used]
filled = True
rounds = 0
while filled and rounds < 12:
    filled = False
    rounds += 1
    for r in range(9):
        for c in range(9):
            if cells[r][c] == 0:
                o = options(r, c)
                if len(o) == 1:
                    cells[r][c] = o[0]
                    filled = True
print(rounds, sum(map(sum, cells)), cells[0])
a, b = set(range(0, 60, 2)), set(range(0, 60, 3))
print(len(a & b), len(a | b), len(a - b), len(a ^ b), a.isdisjoint({1}), {2, 4} <= a, a.issuperset({0}))
a.discard(0); a.add(1); a.update([5, 7]); a.remove(5)
print(sorted(a)[:5], frozenset([1, 2]) == frozenset([2, 1]), len({(x, y) for x in range(8) for y in range(8) if x < y}))
def permutations(items):
    if len(items) <= 1:
        return [items]
    return [[items[i]] + rest for i in range(len(items)) for rest in permutations(items[:i] + items[i + 1:])]
found = permutations([1, 2, 3, 4, 5])
print(len(found), found[17], len(set(map(tuple, found))))
def hanoi(n, a="A", b="B", c="C"):
    return 0 if n == 0 else hanoi(n - 1, a, c, b) + 1 + hanoi(n - 1, c, b, a)
print(hanoi(7), [hanoi(i) for i in range(5)])
def subsets(items):
    out = [[]]
    for x in items:
        out += [s + [x] for s in out]
    return out
print(len(subsets(range(7))), sum(sum(s) == 10 for s in subsets(range(1, 8))))
anagrams = {}
for w in "listen silent enlist google elbow below state taste night thing inch chin".split():
    anagrams.setdefault("".join(sorted(w)), []).append(w)
print(sorted(v for v in anagrams.values() if len(v) > 1))
inverted = {v: k for k, v in {"a": 1, "b": 2}.items()}
d = dict(inverted); d.update({3: "c"}); d.pop(1)
print(inverted, d, list(d), 2 in d, d.get(9, "none"), len(d), sorted(d.keys()), d.setdefault(5, "e"), d.popitem() is not None)
