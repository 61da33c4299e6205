# Metaclasses, which MicroPython has not: compat/ hands over each class when it is there, and writes Type where a program
# has `type` for a base. A class is made first; what its metaclass makes of its names is put into it then.
_metas = {}
_making = []
_inits = {}
# What the metaclass's __call__() has just given: the __init__() that follows is not for it.
_given = []


class Type:
    def __new__(mcls, name, bases, names, **kwargs):
        cls = _making[-1]
        if name != cls.__name__ or tuple(bases) != cls.__bases__:
            return type(name, tuple(bases) or (object,), names)
        before = cls.__dict__
        for key, value in names.items():
            if key not in before or before[key] is not value:
                setattr(cls, key, value)
        for key in before:
            if key not in names:
                delattr(cls, key)
        return cls

    def __init__(cls, name, bases, names, **kwargs):
        pass

    def __call__(cls, *args, **kwargs):
        o = object.__new__(cls)
        for base in __compat__.mro_of(cls):
            init = _inits[base] if base in _inits else base.__dict__.get("__init__")
            if init is not None:
                init(o, *args, **kwargs)
                break
        return o


def _find(meta, name):
    for cls in __compat__.mro_of(meta):
        if cls is Type or cls is object:
            return None
        if name in cls.__dict__:
            return cls.__dict__[name]
    return None


def of_meta(cls, meta=None, **kwargs):
    if meta is None:
        for base in cls.__bases__:
            meta = meta or _metas.get(base)
    if meta is None or not isinstance(meta, type):
        return cls
    _making.append(cls)
    try:
        names = dict(cls.__dict__)
        name, bases = cls.__name__, cls.__bases__
        make = _find(meta, "__new__")
        if make is not None:
            cls = _plain(make)(meta, name, tuple([base for base in bases if base is not object]), names, **kwargs)
    finally:
        _making.pop()
    if not isinstance(cls, type):
        return cls
    _metas[cls] = meta
    for base in __compat__.mro_of(meta):
        if base is Type:
            break
        for key, value in base.__dict__.items():
            if not key.startswith("__") and not hasattr(cls, key):
                setattr(cls, key, classmethod(value) if callable(value) else value)
    call = _find(meta, "__call__")
    if call is not None:
        _called(cls, call)
    init = _find(meta, "__init__")
    if init is not None:
        init(cls, name, bases, names, **kwargs)
    return cls


def _plain(f):
    return f.__func__ if hasattr(f, "__func__") else f if callable(f) else lambda meta, *a, **k: meta.__new__(meta, *a, **k)


def _called(cls, call):
    own = _inits[cls] = cls.__dict__.get("__init__")

    def __new__(c, *args, **kwargs):
        o = call(c, *args, **kwargs)
        _given[:] = [o]
        return o

    def __init__(self, *args, **kwargs):
        if _given and _given[0] is self:
            _given.clear()
        elif own is not None:
            own(self, *args, **kwargs)
        else:
            for base in __compat__.mro_of(cls)[1:]:
                init = base.__dict__.get("__init__")
                if init is not None:
                    init(self, *args, **kwargs)
                    break

    cls.__new__ = __new__
    cls.__init__ = __init__
