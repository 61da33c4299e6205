d = {"one": 1, "two": 2}
d["three"] = 3
d.update({"four": 4}, five=5)
print(sorted(d.items()), len(d), "one" in d, d.get("x"), d.get("x", 0), d["two"])
print(sorted(d.keys()), sorted(d.values()), d.pop("one"), d.pop("nope", None), sorted(d))
del d["two"]
print(d.setdefault("z", 26), d.setdefault("z", 0), sorted(d.items()))
print({"a": 1, "b": 2} == {"b": 2, "a": 1}, {1: "a", 1.0: "b", True: "c"})
sq = {i: i * i for i in range(5)}
print(sorted(sq.items()), sum(sq.values()), sorted(k for k, v in sq.items() if v > 3))
print(dict([(1, 2), (3, 4)]) == {1: 2, 3: 4}, dict(a=1) == {"a": 1}, {} == dict(), bool({}))
words = "the cat and the dog and the bird".split()
counts = {}
for w in words:
    counts[w] = counts.get(w, 0) + 1
print(sorted(counts.items(), key=lambda kv: (-kv[1], kv[0])))
s = {3, 1, 2, 3}
s.add(4); s.discard(9); s.remove(1)
print(sorted(s), len(s), 2 in s, sorted(s | {9}), sorted(s & {2, 3}), sorted(s - {2}), sorted(s ^ {2, 7}))
print({1, 2} <= {1, 2, 3}, {1, 2}.issubset({1}), {1}.isdisjoint({2}), {1, 2} == {2, 1}, sorted(set("hello")))
print(frozenset([1, 2]) == {1, 2}, hash(frozenset([1])) == hash(frozenset([1])), sorted({x % 3 for x in range(10)}))
nested = {"list": [1, 2], "dict": {"k": (1, 2)}, (1, 2): "tuple key", None: "none"}
print(nested["dict"]["k"][1], nested[(1, 2)], nested[None])
for bad in (lambda: {}["k"], lambda: {[]: 1}, lambda: set().pop(), lambda: {1}.remove(2)):
    try:
        bad()
    except (KeyError, TypeError) as e:
        print(type(e).__name__)
big = {}
for i in range(2000):
    big[i * 7919 % 10007] = i
print(len(big), big[7919], sum(big.values()), sum(big.keys()))
for i in range(0, 2000, 2):
    del big[i * 7919 % 10007]
print(len(big), sorted(big)[:5])
