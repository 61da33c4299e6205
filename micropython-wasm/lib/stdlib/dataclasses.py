# The fields are the names that compat/ has noted in the class, in their order (`__order__`).
class _Missing:
    def __repr__(self):
        return "MISSING"


MISSING = _Missing()


class _KwOnly:
    pass


KW_ONLY = _KwOnly()


class FrozenInstanceError(AttributeError):
    pass


class InitVar:
    pass


class Field:
    def __init__(self, default, default_factory, init, repr, hash, compare, metadata, kw_only):
        self.name = None
        self.type = None
        self.default = default
        self.default_factory = default_factory
        self.init = init
        self.repr = repr
        self.hash = hash
        self.compare = compare
        self.metadata = metadata or {}
        self.kw_only = kw_only
        self.is_init_only = False


def field(
    *,
    default=MISSING,
    default_factory=MISSING,
    init=True,
    repr=True,
    hash=None,
    compare=True,
    metadata=None,
    kw_only=False
):
    if default is not MISSING and default_factory is not MISSING:
        raise ValueError("cannot specify both default and default_factory")
    return Field(default, default_factory, init, repr, hash, compare, metadata, kw_only)


def _own(cls, kw_only):
    found = []
    for name in cls.__dict__.get("__order__", ()):
        if name == "*":
            kw_only = True
            continue
        is_init_only = name[0] == "="
        if is_init_only:
            name = name[1:]
        value = cls.__dict__.get(name, MISSING)
        if isinstance(value, Field):
            f = value
        else:
            if isinstance(value, (list, dict, set)):
                raise ValueError(
                    "mutable default %r for field %s is not allowed: use default_factory" % (type(value), name)
                )
            f = field(default=value)
        f.name = name
        f.kw_only = f.kw_only or kw_only
        f.is_init_only = is_init_only
        if f.default is not MISSING:
            setattr(cls, name, f.default)
        elif name in cls.__dict__:
            delattr(cls, name)
        found.append(f)
    return found


def dataclass(
    cls=None,
    *,
    init=True,
    repr=True,
    eq=True,
    order=False,
    unsafe_hash=False,
    frozen=False,
    match_args=True,
    kw_only=False,
    slots=False,
    weakref_slot=False
):
    if cls is None:
        return lambda c: _process(c, init, repr, eq, order, unsafe_hash, frozen, kw_only)
    return _process(cls, init, repr, eq, order, unsafe_hash, frozen, kw_only)


def _process(cls, init, repr_, eq, order, unsafe_hash, frozen, kw_only):
    all_fields = []
    for base in cls.__bases__:
        for f in getattr(base, "__fields__", ()):
            all_fields = [g for g in all_fields if g.name != f.name] + [f]
    for f in _own(cls, kw_only):
        for i, g in enumerate(all_fields):
            if g.name == f.name:
                all_fields[i] = f
                break
        else:
            all_fields.append(f)
    fields_ = tuple(all_fields)
    cls.__fields__ = fields_
    has = cls.__dict__
    positional = [f for f in fields_ if f.init and not f.kw_only]
    seen = False
    for f in positional:
        if f.default is not MISSING or f.default_factory is not MISSING:
            seen = True
        elif seen:
            raise TypeError("non-default argument %r follows default argument" % f.name)
    cls.__match_args__ = tuple([f.name for f in positional])
    if init and "__init__" not in has:
        cls.__init__ = _init(fields_, positional, hasattr(cls, "__post_init__"), frozen)
    if repr_ and "__repr__" not in has:
        shown = [f.name for f in fields_ if f.repr and not f.is_init_only]
        cls.__repr__ = lambda self: "%s(%s)" % (
            type(self).__name__,
            ", ".join(["%s=%r" % (name, getattr(self, name)) for name in shown]),
        )
    names = [f.name for f in fields_ if f.compare and not f.is_init_only]
    values = lambda self: tuple([getattr(self, name) for name in names])
    if eq and "__eq__" not in has:
        cls.__eq__ = lambda self, other: type(self) is type(other) and values(self) == values(other)
        if (frozen or unsafe_hash) and "__hash__" not in has:
            hashed = [f.name for f in fields_ if (f.compare if f.hash is None else f.hash) and not f.is_init_only]
            cls.__hash__ = lambda self: hash(tuple([getattr(self, name) for name in hashed]))
    if order:
        cls.__lt__ = lambda self, other: values(self) < values(other)
        cls.__le__ = lambda self, other: values(self) <= values(other)
        cls.__gt__ = lambda self, other: values(self) > values(other)
        cls.__ge__ = lambda self, other: values(self) >= values(other)
    if frozen:

        def refuse(self, name, value):
            raise FrozenInstanceError("cannot assign to field %r" % name)

        def refuse_del(self, name):
            raise FrozenInstanceError("cannot delete field %r" % name)

        cls.__setattr__ = refuse
        cls.__delattr__ = refuse_del
    return cls


def _init(fields_, positional, has_post, frozen):
    names = [f.name for f in positional]
    known = set([f.name for f in fields_ if f.init])

    def __init__(self, *args, **kwargs):
        put = object.__setattr__ if frozen else setattr
        if len(args) > len(names):
            raise TypeError(
                "%s.__init__() takes %s but %d were given"
                % (type(self).__name__, "%d positional arguments" % (len(names) + 1), len(args) + 1)
            )
        missing = []
        # What is only for __post_init__(), in the order of the fields.
        given = {}
        for f in fields_:
            name = f.name
            i = names.index(name) if name in names else len(args)
            if i < len(args):
                if name in kwargs:
                    raise TypeError("%s.__init__() got multiple values for argument '%s'" % (type(self).__name__, name))
                value = args[i]
            elif f.init and name in kwargs:
                value = kwargs[name]
            elif f.default_factory is not MISSING:
                value = f.default_factory()
            elif f.default is not MISSING:
                value = f.default
            else:
                if f.init:
                    missing.append(name)
                continue
            if f.is_init_only:
                given[name] = value
            else:
                put(self, name, value)
        for name in kwargs:
            if name not in known:
                raise TypeError("%s.__init__() got an unexpected keyword argument '%s'" % (type(self).__name__, name))
        if missing:
            quoted = ["'%s'" % name for name in missing]
            listed = quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + (
                "," if len(quoted) > 2 else ""
            ) + " and " + quoted[-1]
            raise TypeError(
                "%s.__init__() missing %d required positional argument%s: %s"
                % (type(self).__name__, len(missing), "" if len(missing) == 1 else "s", listed)
            )
        if has_post:
            self.__post_init__(*[given[name] for name in given])

    return __init__


def fields(class_or_instance):
    found = getattr(class_or_instance, "__fields__", None)
    if found is None:
        raise TypeError("must be called with a dataclass type or instance")
    return tuple([f for f in found if not f.is_init_only])


def is_dataclass(obj):
    return hasattr(obj, "__fields__")


def _plain(x, make, dicts):
    if hasattr(x, "__fields__") and not isinstance(x, type):
        return make(x)
    if isinstance(x, list):
        return [_plain(y, make, dicts) for y in x]
    if isinstance(x, tuple):
        return tuple([_plain(y, make, dicts) for y in x])
    if isinstance(x, dict):
        return {k: _plain(v, make, dicts) for k, v in x.items()}
    return x


def asdict(instance, *, dict_factory=None):
    make = lambda x: asdict(x, dict_factory=dict_factory)
    pairs = [(f.name, _plain(getattr(instance, f.name), make, True)) for f in fields(instance)]
    return (dict_factory or dict)(pairs)


def astuple(instance, *, tuple_factory=tuple):
    make = lambda x: astuple(x, tuple_factory=tuple_factory)
    return tuple_factory([_plain(getattr(instance, f.name), make, False) for f in fields(instance)])


def replace(instance, **changes):
    for f in fields(instance):
        if f.init and f.name not in changes:
            changes[f.name] = getattr(instance, f.name)
    return type(instance)(**changes)


def make_dataclass(cls_name, fields, *, bases=(), namespace=None, **kwargs):
    names = []
    space = dict(namespace or {})
    for f in fields:
        if isinstance(f, str):
            names.append(f)
        else:
            names.append(f[0])
            if len(f) > 2:
                space[f[0]] = f[2]
    space["__order__"] = tuple(names)
    return dataclass(type(cls_name, tuple(bases) or (object,), space), **kwargs)
