import heapq
data = [9, 3, 7, 1, 8, 2, 5, 6, 4, 0]
print(sorted(data), sorted(data, reverse=True), sorted(data, key=lambda v: (v % 3, v)))
def quick(a):
    if len(a) < 2: return a
    p, rest = a[0], a[1:]
    return quick([v for v in rest if v < p]) + [p] + quick([v for v in rest if v >= p])
def merge(a):
    if len(a) < 2: return a
    m = len(a) // 2
    l, r, out = merge(a[:m]), merge(a[m:]), []
    while l and r: out.append(l.pop(0) if l[0] <= r[0] else r.pop(0))
    return out + l + r
def bubble(a):
    a = a[:]
    for i in range(len(a)):
        for j in range(len(a) - 1 - i):
            if a[j] > a[j + 1]: a[j], a[j + 1] = a[j + 1], a[j]
    return a
seed = 12345
nums = []
for _ in range(200):
    seed = (seed * 1103515245 + 12345) % (1 << 31)
    nums.append(seed % 1000)
ref = sorted(nums)
print(quick(nums) == ref, merge(nums) == ref, bubble(nums) == ref, ref[:5], ref[-5:], sum(nums))
h = []
for v in nums: heapq.heappush(h, v)
print([heapq.heappop(h) for _ in range(10)])
h = nums[:]; heapq.heapify(h); print(h[0], len(h))
people = [("Bob", 30), ("Al", 25), ("Cy", 35), ("Di", 25)]
print(sorted(people, key=lambda p: (p[1], p[0])), min(people, key=lambda p: p[1] * 100 + len(p[0])), sorted(p[0] for p in people))
def bisect(a, v):
    lo, hi = 0, len(a)
    while lo < hi:
        mid = (lo + hi) // 2
        if a[mid] < v: lo = mid + 1
        else: hi = mid
    return lo
print([bisect([1, 3, 5, 7], v) for v in range(9)])
words = "the quick brown fox jumps over the lazy dog".split()
words.sort(); print(words); words.sort(key=lambda w: (len(w), w), reverse=True); print(words)
def perms(a):
    if not a: yield []
    for i in range(len(a)):
        for p in perms(a[:i] + a[i + 1:]): yield [a[i]] + p
print(list(perms([1, 2, 3])), len(list(perms([1, 2, 3, 4, 5]))))
