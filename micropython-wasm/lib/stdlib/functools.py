def reduce(function, iterable, *initial):
    it = iter(iterable)
    if initial:
        value = initial[0]
    else:
        try:
            value = next(it)
        except StopIteration:
            raise TypeError("reduce() of empty iterable with no initial value")
    for x in it:
        value = function(value, x)
    return value


class partial:
    def __init__(self, func, *args, **keywords):
        self.func = __compat__.int_ if func is int and keywords else func
        self.args = args
        self.keywords = keywords

    def __call__(self, *args, **keywords):
        return self.func(*(self.args + args), **__compat__.merge(self.keywords, keywords))


WRAPPER_ASSIGNMENTS = ()
WRAPPER_UPDATES = ()


# Functions have no attributes of their own here: names are looked up by what compat/ puts in for `f.__name__`.
_wrapped = {}


def update_wrapper(wrapper, wrapped, *args, **kwargs):
    _wrapped[wrapper] = wrapped
    return wrapper


def wraps(wrapped, *args, **kwargs):
    return lambda wrapper: update_wrapper(wrapper, wrapped)


_MISSING = object()


class _Cache:
    def __init__(self, func, maxsize, typed):
        self.__wrapped__ = func
        self._maxsize = maxsize
        self._typed = typed
        self.cache_clear()

    def cache_clear(self):
        self._known = {}
        self._order = []
        self._hits = self._misses = 0

    def cache_info(self):
        from collections import namedtuple

        info = namedtuple("CacheInfo", "hits misses maxsize currsize")
        return info(self._hits, self._misses, self._maxsize, len(self._known))

    def cache_parameters(self):
        return {"maxsize": self._maxsize, "typed": self._typed}

    def __get__(self, instance, owner):
        return self if instance is None else partial(self, instance)


def _key(args, kwargs, typed):
    if not kwargs and not typed:
        return args
    key = args + (_MISSING,) + tuple(sorted(kwargs.items())) if kwargs else args
    return key + tuple([type(a) for a in args]) if typed else key


class _Unbounded(_Cache):
    def __call__(self, *args, **kwargs):
        key = _key(args, kwargs, self._typed) if kwargs or self._typed else args
        value = self._known.get(key, _MISSING)
        if value is _MISSING:
            value = self.__wrapped__(*args, **kwargs)
            self._misses += 1
            self._known[key] = value
        else:
            self._hits += 1
        return value


class _Bounded(_Cache):
    def __call__(self, *args, **kwargs):
        key = _key(args, kwargs, self._typed)
        known = self._known
        entry = known.get(key)
        if entry is None:
            value = self.__wrapped__(*args, **kwargs)
            self._misses += 1
            if self._maxsize == 0:
                return value
            self._stamp(key, [value, 0])
            if len(known) > self._maxsize:
                self._drop()
            return value
        self._hits += 1
        self._stamp(key, entry)
        return entry[0]

    # The queue has each use; only the last one of a key counts.
    def _stamp(self, key, entry):
        entry[1] += 1
        self._known[key] = entry
        order = self._order
        order.append((key, entry[1]))
        if len(order) > 4 * self._maxsize + 64:
            known = self._known
            self._order = [(k, n) for k, n in order if k in known and known[k][1] == n]

    def _drop(self):
        order = self._order
        i = 0
        while True:
            key, n = order[i]
            i += 1
            entry = self._known.get(key)
            if entry is not None and entry[1] == n:
                del self._known[key]
                break
        order[0:i] = []


def lru_cache(maxsize=128, typed=False):
    if callable(maxsize):
        return _Bounded(maxsize, 128, False)
    make = _Unbounded if maxsize is None else _Bounded
    return lambda func: make(func, maxsize, typed)


def cache(func):
    return _Unbounded(func, None, False)


class cached_property:
    def __init__(self, func):
        self.func = func
        self.name = None

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        slots = instance.__dict__
        if self.name not in slots:
            setattr(instance, "_cached_" + self.name, self.func(instance)) if "_cached_" + self.name not in slots else None
            return getattr(instance, "_cached_" + self.name)
        return slots[self.name]


def cmp_to_key(mycmp):
    class K:
        def __init__(self, obj):
            self.obj = obj

        def __lt__(self, other):
            return mycmp(self.obj, other.obj) < 0

        def __gt__(self, other):
            return mycmp(self.obj, other.obj) > 0

        def __eq__(self, other):
            return mycmp(self.obj, other.obj) == 0

        def __le__(self, other):
            return mycmp(self.obj, other.obj) <= 0

        def __ge__(self, other):
            return mycmp(self.obj, other.obj) >= 0

    return K


def total_ordering(cls):
    has = cls.__dict__
    if "__lt__" in has:
        less = lambda a, b: a < b
    elif "__gt__" in has:
        less = lambda a, b: b > a
    elif "__le__" in has:
        less = lambda a, b: a <= b and not a == b
    elif "__ge__" in has:
        less = lambda a, b: b >= a and not a == b
    else:
        raise ValueError("must define at least one ordering operation: < > <= >=")
    if "__lt__" not in has:
        cls.__lt__ = lambda a, b: less(a, b)
    if "__gt__" not in has:
        cls.__gt__ = lambda a, b: less(b, a)
    if "__le__" not in has:
        cls.__le__ = lambda a, b: less(a, b) or a == b
    if "__ge__" not in has:
        cls.__ge__ = lambda a, b: less(b, a) or a == b
    return cls


class singledispatch:
    def __init__(self, func):
        self.registry = {object: func}
        self.default = func

    def register(self, cls, func=None):
        if func is None:
            return lambda f: self.register(cls, f)
        self.registry[cls] = func
        return func

    def dispatch(self, cls):
        found = self.registry.get(cls)
        if found is None:
            best = None
            for known in self.registry:
                if known is not object and issubclass(cls, known) and (best is None or issubclass(known, best)):
                    best = known
            found = self.default if best is None else self.registry[best]
        return found

    def __call__(self, *args, **kwargs):
        return self.dispatch(type(args[0]))(*args, **kwargs)


class singledispatchmethod(singledispatch):
    def __get__(self, instance, owner=None):
        return lambda *args, **kwargs: self.dispatch(type(args[0]))(instance, *args, **kwargs)


class partialmethod:
    def __init__(self, func, *args, **keywords):
        self.made = partial(func, *args, **keywords)

    def __get__(self, instance, owner=None):
        made = self.made
        return lambda *args, **kw: made.func(instance, *(made.args + args), **__compat__.merge(made.keywords, kw))
