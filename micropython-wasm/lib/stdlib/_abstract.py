# Abstract types of collections.abc, typing and numbers: as bases, and for isinstance() and issubclass().


class Sized:
    pass


class Callable(Sized):
    pass


class Hashable(Sized):
    pass


class Container(Sized):
    pass


class Iterable:
    pass


class Iterator(Iterable):
    def __iter__(self):
        return self


class Generator(Iterator):
    pass


class Collection(Iterable):
    pass


class Sequence(Collection):
    def __iter__(self):
        for i in range(len(self)):
            yield self[i]

    def __contains__(self, value):
        for item in self:
            if item is value or item == value:
                return True
        return False

    def __reversed__(self):
        for i in range(len(self) - 1, -1, -1):
            yield self[i]

    def index(self, value, start=0, stop=None):
        for i in range(start, len(self) if stop is None else min(stop, len(self))):
            if self[i] is value or self[i] == value:
                return i
        raise ValueError

    def count(self, value):
        return sum([1 for item in self if item is value or item == value])


class MutableSequence(Sequence):
    def append(self, value):
        self.insert(len(self), value)

    def clear(self):
        while len(self):
            self.pop()

    def reverse(self):
        n = len(self)
        for i in range(n // 2):
            self[i], self[n - i - 1] = self[n - i - 1], self[i]

    def extend(self, values):
        for value in list(values):
            self.append(value)

    def pop(self, index=-1):
        value = self[index]
        del self[index]
        return value

    def remove(self, value):
        del self[self.index(value)]

    def __iadd__(self, values):
        self.extend(values)
        return self


class Mapping(Collection):
    def get(self, key, default=None):
        try:
            return self[key]
        except KeyError:
            return default

    def __contains__(self, key):
        try:
            self[key]
        except KeyError:
            return False
        return True

    def keys(self):
        return list(self)

    def values(self):
        return [self[key] for key in self]

    def items(self):
        return [(key, self[key]) for key in self]

    def __eq__(self, other):
        if not isinstance(other, (Mapping, dict)):
            return NotImplemented
        return dict(self.items()) == dict(other.items())


_NONE = object()


class MutableMapping(Mapping):
    def pop(self, key, default=_NONE):
        try:
            value = self[key]
        except KeyError:
            if default is _NONE:
                raise
            return default
        del self[key]
        return value

    def popitem(self):
        for key in self:
            value = self[key]
            del self[key]
            return key, value
        raise KeyError

    def clear(self):
        for key in list(self):
            del self[key]

    def update(self, *args, **kwargs):
        for other in args:
            if hasattr(other, "keys"):
                for key in other.keys():
                    self[key] = other[key]
            else:
                for key, value in other:
                    self[key] = value
        for key, value in kwargs.items():
            self[key] = value

    def setdefault(self, key, default=None):
        try:
            return self[key]
        except KeyError:
            self[key] = default
        return default


class Set(Collection):
    @classmethod
    def _from_iterable(cls, it):
        return cls(it)

    def __le__(self, other):
        return len(self) <= len(other) and all([x in other for x in self])

    def __lt__(self, other):
        return len(self) < len(other) and self <= other

    def __ge__(self, other):
        return len(self) >= len(other) and all([x in self for x in other])

    def __gt__(self, other):
        return len(self) > len(other) and self >= other

    def __eq__(self, other):
        return len(self) == len(other) and self <= other

    def __and__(self, other):
        return self._from_iterable([x for x in other if x in self])

    def __or__(self, other):
        return self._from_iterable([x for s in (self, other) for x in s])

    def __sub__(self, other):
        return self._from_iterable([x for x in self if x not in other])

    def __xor__(self, other):
        return (self - other) | self._from_iterable([x for x in other if x not in self])

    def isdisjoint(self, other):
        return not any([x in self for x in other])


class MutableSet(Set):
    def remove(self, value):
        if value not in self:
            raise KeyError(value)
        self.discard(value)

    def pop(self):
        for value in self:
            self.discard(value)
            return value
        raise KeyError

    def clear(self):
        for value in list(self):
            self.discard(value)

    def __ior__(self, values):
        for value in values:
            self.add(value)
        return self


def _has(*names):
    def test(o):
        for name in names:
            if not hasattr(o, name):
                return False
        return True

    return test


def _hashes(o):
    try:
        hash(o)
    except TypeError:
        return False
    return True


def _iterates(o):
    try:
        iter(o)
    except TypeError:
        return hasattr(o, "__iter__")
    return hasattr(o, "__iter__") or not hasattr(type(o), "__getitem__") or isinstance(o, (str, bytes))


def _sizes(o):
    try:
        len(o)
    except TypeError:
        return False
    return True


def _nexts(o):
    return hasattr(o, "__next__") or type(o).__name__ in ("iterator", "generator", "map", "filter", "zip", "enumerate", "reversed")


def _contains(o):
    return _sizes(o) and _iterates(o) or hasattr(o, "__contains__")


# Abstract type -> class among the bases, what an object of any type is asked.
_KINDS = {}


def _fill():
    import collections.abc as abc

    tests = {
        "Iterable": _iterates,
        "Iterator": _nexts,
        "Sized": _sizes,
        "Container": _contains,
        "Collection": lambda o: _sizes(o) and _iterates(o),
        "Hashable": _hashes,
        "Callable": callable,
        "Generator": lambda o: type(o).__name__ == "generator",
    }
    for name, kind in list(globals().items()):
        if isinstance(kind, type) and hasattr(abc, name):
            _KINDS[id(getattr(abc, name))] = (kind, tests.get(name))
    return abc


def base_of(kind):
    if isinstance(kind, type):
        return kind
    if not _KINDS:
        _fill()
    if id(kind) in _KINDS:
        return _KINDS[id(kind)][0]
    name = getattr(kind, "_name", None)
    found = globals().get(name) if name else None
    return found if isinstance(found, type) else object


def is_a(o, kinds):
    if isinstance(kinds, type):
        return isinstance(o, kinds)
    if not _KINDS:
        _fill()
    name = getattr(kinds, "_name", None)
    if name is not None:
        kinds = getattr(__import__("collections.abc").abc, name, kinds)
    known = _KINDS.get(id(kinds))
    if known is not None:
        base, test = known
        if isinstance(o, base) or (test is not None and test(o)):
            return True
        return isinstance(o, kinds)
    if isinstance(kinds, tuple):
        for kind in kinds:
            if is_a(o, kind):
                return True
        return False
    return isinstance(o, kinds)


def is_below(cls, kinds):
    if isinstance(kinds, type):
        return issubclass(cls, kinds)
    if not _KINDS:
        _fill()
    known = _KINDS.get(id(kinds))
    if known is not None and issubclass(cls, known[0]):
        return True
    if isinstance(kinds, tuple):
        for kind in kinds:
            if is_below(cls, kind):
                return True
    return False
