def count(start=0, step=1):
    while True:
        yield start
        start += step


def cycle(iterable):
    saved = []
    for x in iterable:
        yield x
        saved.append(x)
    while saved:
        for x in saved:
            yield x


def repeat(object, times=None):
    if times is None:
        while True:
            yield object
    for _ in range(times):
        yield object


def accumulate(iterable, func=None, *, initial=None):
    it = iter(iterable)
    if initial is None:
        try:
            total = next(it)
        except StopIteration:
            return
    else:
        total = initial
    yield total
    for x in it:
        total = total + x if func is None else func(total, x)
        yield total


class chain:
    def __init__(self, *iterables):
        self._it = _chain(iterables)

    @staticmethod
    def from_iterable(iterables):
        return _chain(iterables)

    def __iter__(self):
        return self._it

    def __next__(self):
        return next(self._it)


def _chain(iterables):
    for it in iterables:
        for x in it:
            yield x


def compress(data, selectors):
    for x, s in zip(data, selectors):
        if s:
            yield x


def dropwhile(predicate, iterable):
    it = iter(iterable)
    for x in it:
        if not predicate(x):
            yield x
            break
    for x in it:
        yield x


def takewhile(predicate, iterable):
    for x in iterable:
        if not predicate(x):
            break
        yield x


def filterfalse(predicate, iterable):
    for x in iterable:
        if not (x if predicate is None else predicate(x)):
            yield x


class _Group:
    def __init__(self, owner, key):
        self.owner = owner
        self.key = key

    def __iter__(self):
        return self

    def __next__(self):
        owner = self.owner
        if owner.group is not self or not owner.has or owner.key != self.key:
            raise StopIteration
        value = owner.value
        owner.advance()
        return value


class groupby:
    def __init__(self, iterable, key=None):
        self.it = iter(iterable)
        self.func = key
        self.group = None
        self.advance()

    def advance(self):
        try:
            self.value = next(self.it)
        except StopIteration:
            self.has = False
            return
        self.has = True
        self.key = self.value if self.func is None else self.func(self.value)

    def __iter__(self):
        return self

    def __next__(self):
        if self.group is not None:
            last = self.group.key
            while self.has and self.key == last:
                self.advance()
        if not self.has:
            raise StopIteration
        self.group = _Group(self, self.key)
        return (self.key, self.group)


def islice(iterable, *args):
    start, stop, step = (0, args[0], 1) if len(args) == 1 else (args + (1,))[:3]
    start = 0 if start is None else start
    step = 1 if step is None else step
    if start < 0 or step < 1 or (stop is not None and stop < 0):
        raise ValueError("Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.")
    if stop is not None and start >= stop:
        return
    i = 0
    for x in iterable:
        if i == start:
            yield x
            start += step
            if stop is not None and start >= stop:
                return
        i += 1
        if stop is not None and i >= stop:
            return


def pairwise(iterable):
    it = iter(iterable)
    try:
        a = next(it)
    except StopIteration:
        return
    for b in it:
        yield (a, b)
        a = b


def batched(iterable, n):
    batch = []
    for x in iterable:
        batch.append(x)
        if len(batch) == n:
            yield tuple(batch)
            batch = []
    if batch:
        yield tuple(batch)


def starmap(function, iterable):
    for args in iterable:
        yield function(*args)


def tee(iterable, n=2):
    it = iter(iterable)
    queues = [[] for _ in range(n)]

    def one(mine):
        i = 0
        while True:
            if i == len(mine):
                try:
                    x = next(it)
                except StopIteration:
                    return
                for q in queues:
                    q.append(x)
            x = mine[i]
            mine[i] = None
            i += 1
            yield x

    return tuple([one(q) for q in queues])


def zip_longest(*iterables, fillvalue=None):
    sources = [iter(it) for it in iterables]
    live = len(sources)
    done = [False] * live
    while live:
        row = []
        for i, source in enumerate(sources):
            x = fillvalue
            if not done[i]:
                try:
                    x = next(source)
                except StopIteration:
                    done[i] = True
                    live -= 1
            row.append(x)
        if live:
            yield tuple(row)


def product(*iterables, repeat=1):
    pools = [tuple(it) for it in iterables] * repeat
    n = len(pools)
    for pool in pools:
        if not pool:
            return
    at = [0] * n
    row = [pool[0] for pool in pools]
    while True:
        yield tuple(row)
        i = n - 1
        while i >= 0:
            pool = pools[i]
            at[i] += 1
            if at[i] < len(pool):
                row[i] = pool[at[i]]
                break
            at[i] = 0
            row[i] = pool[0]
            i -= 1
        if i < 0:
            return


def permutations(iterable, r=None):
    pool = tuple(iterable)
    n = len(pool)
    r = n if r is None else r
    if r > n:
        return
    order = list(range(n))
    cycles = list(range(n, n - r, -1))
    yield tuple([pool[i] for i in order[:r]])
    while n:
        i = r - 1
        while i >= 0:
            cycles[i] -= 1
            if cycles[i] == 0:
                order[i:] = order[i + 1 :] + order[i : i + 1]
                cycles[i] = n - i
                i -= 1
            else:
                j = n - cycles[i]
                order[i], order[j] = order[j], order[i]
                yield tuple([pool[k] for k in order[:r]])
                break
        if i < 0:
            return


def combinations(iterable, r):
    pool = tuple(iterable)
    n = len(pool)
    if r > n:
        return
    at = list(range(r))
    yield tuple([pool[i] for i in at])
    while True:
        i = r - 1
        while i >= 0 and at[i] == i + n - r:
            i -= 1
        if i < 0:
            return
        at[i] += 1
        for j in range(i + 1, r):
            at[j] = at[j - 1] + 1
        yield tuple([pool[k] for k in at])


def combinations_with_replacement(iterable, r):
    pool = tuple(iterable)
    n = len(pool)
    if not n and r:
        return
    at = [0] * r
    yield tuple([pool[i] for i in at])
    while True:
        i = r - 1
        while i >= 0 and at[i] == n - 1:
            i -= 1
        if i < 0:
            return
        at[i:] = [at[i] + 1] * (r - i)
        yield tuple([pool[k] for k in at])
