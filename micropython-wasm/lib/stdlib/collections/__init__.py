from ucollections import OrderedDict as _OrderedDict, namedtuple as _namedtuple


class OrderedDict(_OrderedDict):
    @staticmethod
    def fromkeys(iterable, value=None):
        return OrderedDict([(key, value) for key in iterable])

    def move_to_end(self, key, last=True):
        value = self.pop(key)
        if last:
            self[key] = value
        else:
            items = list(self.items())
            self.clear()
            self[key] = value
            for k, v in items:
                self[k] = v

    def popitem(self, last=True):
        if not len(self):
            raise KeyError("dictionary is empty")
        if last:
            return super().popitem()
        key = next(iter(self))
        return (key, self.pop(key))

    def clear(self):
        for key in list(self.keys()):
            del self[key]

    def copy(self):
        return OrderedDict(self.items())

    def __str__(self):
        return self.__repr__()

    def __repr__(self):
        return "OrderedDict(%s)" % (list(self.items()) if len(self) else "")


class defaultdict(dict):
    def __init__(self, default_factory=None, *args, **kwargs):
        super().__init__(*(__compat__.mkdict(*args),) if args else (), **kwargs)
        self.default_factory = default_factory

    def __getitem__(self, key):
        try:
            return super().__getitem__(key)
        except KeyError:
            return self.__missing__(key)

    def __missing__(self, key):
        if self.default_factory is None:
            raise KeyError(key)
        self[key] = value = self.default_factory()
        return value

    def copy(self):
        return defaultdict(self.default_factory, self)

    def __str__(self):
        return self.__repr__()

    def __repr__(self):
        return "defaultdict(%r, %r)" % (self.default_factory, dict(self.items()))


class Counter(dict):
    def __init__(self, iterable=None, **kwargs):
        super().__init__()
        self.update(iterable, **kwargs)

    def __getitem__(self, key):
        return self.get(key, 0)

    def __delitem__(self, key):
        if key in self:
            super().__delitem__(key)

    def update(self, iterable=None, **kwargs):
        if iterable is not None:
            get = self.get
            if isinstance(iterable, dict):
                for key, n in iterable.items():
                    self[key] = get(key, 0) + n
            else:
                for key in iterable:
                    self[key] = get(key, 0) + 1
        for key, n in kwargs.items():
            self[key] = self.get(key, 0) + n

    def subtract(self, iterable=None, **kwargs):
        if iterable is not None:
            if isinstance(iterable, dict):
                for key, n in iterable.items():
                    self[key] = self.get(key, 0) - n
            else:
                for key in iterable:
                    self[key] = self.get(key, 0) - 1
        for key, n in kwargs.items():
            self[key] = self.get(key, 0) - n

    def most_common(self, n=None):
        items = __compat__.sorted(self.items(), key=lambda item: -item[1])
        return items if n is None else items[:n]

    def elements(self):
        for key, n in self.items():
            for _ in range(n):
                yield key

    def total(self):
        return sum(self.values())

    def copy(self):
        return Counter(self)

    def _keep(self, pairs):
        result = Counter()
        for key, n in pairs:
            if n > 0:
                result[key] = n
        return result

    def __add__(self, other):
        result = self.copy()
        result.update(other)
        return self._keep(result.items())

    def __sub__(self, other):
        result = self.copy()
        result.subtract(other)
        return self._keep(result.items())

    def __or__(self, other):
        result = self.copy()
        for key, n in other.items():
            if n > result[key]:
                result[key] = n
        return self._keep(result.items())

    def __and__(self, other):
        return self._keep([(key, min(n, other[key])) for key, n in self.items()])

    def __pos__(self):
        return self._keep(self.items())

    def __neg__(self):
        return self._keep([(key, -n) for key, n in self.items()])

    def __eq__(self, other):
        for key, n in self.items():
            if other.get(key, 0) != n:
                return False
        for key, n in other.items():
            if self.get(key, 0) != n:
                return False
        return True

    def __str__(self):
        return self.__repr__()

    def __repr__(self):
        if not len(self):
            return "Counter()"
        return "Counter({%s})" % ", ".join(["%r: %r" % item for item in self.most_common()])


class deque:
    # Items are _a[_h:]: what was taken from the left leaves room there.
    def __init__(self, iterable=(), maxlen=None):
        self._a = []
        self._h = 0
        self.maxlen = maxlen
        self.extend(iterable)

    def append(self, x):
        self._a.append(x)
        if self.maxlen is not None and len(self._a) - self._h > self.maxlen:
            self.popleft()

    def appendleft(self, x):
        if not self._h:
            room = len(self._a) + 8
            self._a[0:0] = [None] * room
            self._h = room
        self._h -= 1
        self._a[self._h] = x
        if self.maxlen is not None and len(self._a) - self._h > self.maxlen:
            self._a.pop()

    def pop(self):
        if len(self._a) == self._h:
            raise IndexError("pop from an empty deque")
        return self._a.pop()

    def popleft(self):
        a = self._a
        h = self._h
        if len(a) == h:
            raise IndexError("pop from an empty deque")
        x = a[h]
        a[h] = None
        h += 1
        if h > 32 and h * 2 > len(a):
            a[0:h] = []
            h = 0
        self._h = h
        return x

    def extend(self, iterable):
        if self.maxlen is None:
            self._a.extend(iterable)
        else:
            for x in iterable:
                self.append(x)

    def extendleft(self, iterable):
        for x in iterable:
            self.appendleft(x)

    def _list(self):
        return self._a[self._h :]

    def _set(self, items):
        self._a = items
        self._h = 0

    def clear(self):
        self._set([])

    def copy(self):
        return deque(self._list(), self.maxlen)

    __copy__ = copy

    def count(self, x):
        return self._list().count(x)

    def index(self, x, *bounds):
        items = self._list()
        for i in range(*(bounds if len(bounds) == 2 else (bounds[0] if bounds else 0, len(items)))):
            if items[i] == x:
                return i
        raise ValueError("%r is not in deque" % (x,))

    def insert(self, i, x):
        if self.maxlen is not None and len(self) >= self.maxlen:
            raise IndexError("deque already at its maximum size")
        items = self._list()
        items.insert(i, x)
        self._set(items)

    def remove(self, x):
        items = self._list()
        if x not in items:
            raise ValueError("deque.remove(x): x not in deque")
        items.remove(x)
        self._set(items)

    def reverse(self):
        items = self._list()
        items.reverse()
        self._set(items)

    def rotate(self, n=1):
        items = self._list()
        if items:
            n %= len(items)
            if n:
                self._set(items[-n:] + items[:-n])

    def __len__(self):
        return len(self._a) - self._h

    def __bool__(self):
        return len(self._a) > self._h

    def __iter__(self):
        return iter(self._a[self._h :])

    def __reversed__(self):
        return reversed(self._a[self._h :])

    def __contains__(self, x):
        return x in self._a[self._h :]

    def _at(self, i):
        n = len(self._a) - self._h
        if i < 0:
            i += n
        if not 0 <= i < n:
            raise IndexError("deque index out of range")
        return i + self._h

    def __getitem__(self, i):
        return self._a[self._at(i)]

    def __setitem__(self, i, x):
        self._a[self._at(i)] = x

    def __delitem__(self, i):
        self._a.pop(self._at(i))

    def __eq__(self, other):
        return isinstance(other, deque) and self._list() == other._list()

    def __lt__(self, other):
        return self._list() < other._list()

    def __add__(self, other):
        return deque(self._list() + other._list(), self.maxlen)

    def __iadd__(self, other):
        self.extend(other)
        return self

    def __mul__(self, n):
        return deque(self._list() * n, self.maxlen)

    def __repr__(self):
        if self.maxlen is None:
            return "deque(%r)" % self._list()
        return "deque(%r, maxlen=%r)" % (self._list(), self.maxlen)


class ChainMap:
    def __init__(self, *maps):
        self.maps = list(maps) or [{}]

    def __getitem__(self, key):
        for m in self.maps:
            if key in m:
                return m[key]
        raise KeyError(key)

    def get(self, key, default=None):
        return self[key] if key in self else default

    def __setitem__(self, key, value):
        self.maps[0][key] = value

    def __delitem__(self, key):
        del self.maps[0][key]

    def __contains__(self, key):
        for m in self.maps:
            if key in m:
                return True
        return False

    def _all(self):
        d = {}
        for m in reversed(self.maps):
            d.update(m)
        return d

    def __iter__(self):
        return iter(self._all())

    def __len__(self):
        return len(self._all())

    def keys(self):
        return self._all().keys()

    def values(self):
        return [self[k] for k in self._all()]

    def items(self):
        return [(k, self[k]) for k in self._all()]

    def new_child(self, m=None, **kwargs):
        m = {} if m is None else m
        m.update(kwargs)
        return ChainMap(m, *self.maps)

    @property
    def parents(self):
        return ChainMap(*self.maps[1:])

    def __repr__(self):
        return "ChainMap(%s)" % ", ".join([repr(m) for m in self.maps])


def __getattr__(name):
    if name in ("UserDict", "UserList", "UserString"):
        import _user

        return getattr(_user, name)
    if name == "abc":
        import collections.abc

        return collections.abc
    raise AttributeError("module 'collections' has no attribute '%s'" % name)


def namedtuple(typename, field_names, rename=False, defaults=None, module=None):
    if isinstance(field_names, str):
        field_names = field_names.replace(",", " ").split()
    names = tuple(field_names)
    base = _namedtuple(typename, names)
    values = tuple(defaults or ())
    first = len(names) - len(values)

    def make(args, kwargs):
        if values and len(args) + len(kwargs) < len(names):
            for i in range(max(first, len(args)), len(names)):
                if names[i] not in kwargs:
                    kwargs[names[i]] = values[i - first]
        return args, kwargs

    class T(base):
        _fields = names
        _field_defaults = dict(zip(names[first:], values))

        def __init__(self, *args, **kwargs):
            args, kwargs = make(args, kwargs)
            super().__init__(*args, **kwargs)

        @classmethod
        def _make(cls, iterable):
            return cls(*iterable)

        def _asdict(self):
            return {n: getattr(self, n) for n in names}

        def _replace(self, **kwargs):
            for n in kwargs:
                if n not in names:
                    raise ValueError("Got unexpected field names: " + repr([n]))
            return type(self)(*[kwargs.get(n, getattr(self, n)) for n in names])

        def __getnewargs__(self):
            return tuple(self)

        def __setattr__(self, name, value):
            # Classes derived from a named tuple have attributes beside its fields; the named tuple has none.
            if name in names or type(self) is T:
                raise AttributeError("can't set attribute")
            object.__setattr__(self, name, value)

    T.__name__ = typename
    return T
