from uheapq import heapify, heappop, heappush


def heappushpop(heap, item):
    if heap and heap[0] < item:
        item, heap[0] = heap[0], item
        _down(heap, 0)
    return item


def heapreplace(heap, item):
    top = heap[0]
    heap[0] = item
    _down(heap, 0)
    return top


def _down(heap, i):
    n = len(heap)
    item = heap[i]
    while True:
        child = 2 * i + 1
        if child >= n:
            break
        if child + 1 < n and heap[child + 1] < heap[child]:
            child += 1
        if not heap[child] < item:
            break
        heap[i] = heap[child]
        i = child
    heap[i] = item


def nlargest(n, iterable, key=None):
    return __compat__.sorted(iterable, key=key, reverse=True)[:n] if n > 0 else []


def nsmallest(n, iterable, key=None):
    return __compat__.sorted(iterable, key=key)[:n] if n > 0 else []


def merge(*iterables, key=None, reverse=False):
    sources = [iter(it) for it in iterables]
    heads = []
    for i, source in enumerate(sources):
        for value in source:
            heads.append((value if key is None else key(value), i, value))
            break
    while heads:
        best = 0
        for j in range(1, len(heads)):
            k = heads[j][0]
            if (heads[best][0] < k) if reverse else (k < heads[best][0]):
                best = j
        _, i, value = heads[best]
        yield value
        for value in sources[i]:
            heads[best] = (value if key is None else key(value), i, value)
            break
        else:
            heads.pop(best)
