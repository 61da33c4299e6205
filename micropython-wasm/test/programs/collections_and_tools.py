from collections import OrderedDict, deque, namedtuple, defaultdict
from functools import reduce, partial
import itertools
P = namedtuple("P", ["x", "y"])
p = P(1, y=2)
print(p, p.x, p[1], p == (1, 2), len(p), [v for v in p])
od = OrderedDict([("z", 1), ("a", 2)])
od["m"] = 3
print(list(od.items()), list(od), od.popitem(), len(od))
d = deque([1, 2, 3], 5)
d.append(4); d.appendleft(0); d.append(5)
print(list(d), d.popleft(), d.pop(), len(d))
dd = defaultdict(list)
for k, v in [("a", 1), ("b", 2), ("a", 3)]: dd[k].append(v)
print([(k, dd[k]) for k in "ab"])
print(reduce(lambda a, b: a * b, range(1, 6)), reduce(lambda a, b: a + b, ["x", "y"], ">"), partial(pow, 2)(5))
print(list(itertools.chain([1], [2, 3])), list(itertools.islice(itertools.count(5), 3)), list(itertools.accumulate([1, 2, 3])))
def graph_search(g, start, goal):
    queue, seen = deque([], 100), {start}
    queue.append([start])
    while queue:
        path = queue.popleft()
        if path[-1] == goal: return path
        for n in g[path[-1]]:
            if n not in seen:
                seen.add(n); queue.append(path + [n])
g = {"a": ["b", "c"], "b": ["d"], "c": ["d", "e"], "d": ["f"], "e": ["f"], "f": []}
print(graph_search(g, "a", "f"))
import copy
a = [[1], {"k": [2]}]
b = copy.copy(a); c = copy.deepcopy(a)
a[0].append(9); a[1]["k"].append(8)
print(b, c)
try:
    p.x = 5
except AttributeError:
    print("AttributeError")
