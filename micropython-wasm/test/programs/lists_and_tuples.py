a = [5, 3, 8, 1]
a.append(9); a.insert(0, 7); a.extend([2, 2])
print(a, len(a), a.index(8), a.count(2), 3 in a, 4 not in a)
a.remove(2); print(a, a.pop(), a.pop(0), a)
a.sort(); print(a); a.reverse(); print(a)
print(sorted(["bb", "a", "ccc"], key=len), sorted([3, 1, 2], reverse=True))
b = a[:]; b[1:3] = [100, 200, 300]; print(b, a)
del b[0]; del b[1:3]; print(b)
print([1, 2] + [3], [0] * 4, [1, [2, [3]]][1][1][0], [1, 2] == [1, 2], [1, 2] < [1, 3])
print(a[-2:], a[::2], a[::-1], a[10:], [][1:])
x, *y, z = range(6); print(x, y, z)
(p, q), r = (1, 2), 3; print(p, q, r)
t = (1, "two", 3.0, (4,)); print(t, t[1], len(t), t[1:], t + (5,), t.index(3.0), t.count(1))
print(tuple([1]), (), ((1, 2), (3,)), (1, 2) < (1, 2, 0), hash((1, 2)) == hash((1, 2)))
m = [[i * j for j in range(4)] for i in range(3)]; print(m, [row[1] for row in m], list(zip(*m)))
print(list(map(lambda v: v * v, a)), list(filter(lambda v: v % 2, a)), any(a), all([1, 0]), sum(a))
print(list(zip("ab", [1, 2, 3])), list(enumerate("ab")), list(reversed([1, 2, 3])), list(range(10, 0, -3)))
c = [3, 1, 2]; d = c; d.append(4); print(c is d, c, c == sorted(d), c[c.index(max(c))])
print([i for i in range(20) if i % 3 == 0 if i % 2], [(i, j) for i in range(3) for j in range(i)])
for bad in (lambda: [][0], lambda: [1].index(2), lambda: (1,)[5], lambda: [].pop()):
    try:
        bad()
    except (IndexError, ValueError) as e:
        print(type(e).__name__)
