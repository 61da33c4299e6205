class Error(Exception):
    pass


error = Error
_ATOMS = (int, float, complex, bool, str, bytes, type(None), type, range, type(len), type(lambda: 0), type(Ellipsis))


def copy(x):
    if isinstance(x, _ATOMS):
        return x
    if hasattr(x, "__copy__"):
        return x.__copy__()
    t = type(x)
    if t in (list, set, bytearray):
        return t(x)
    if t is dict:
        return dict(x.items())
    if t in (tuple, frozenset):
        return x
    if isinstance(x, (dict, list, set)) and hasattr(x, "copy"):
        return x.copy()
    return _fill(_new(x), x, lambda v: v)


def _new(x):
    try:
        return object.__new__(type(x))
    except TypeError:
        raise Error("un(deep)copyable object of type %s" % type(x))


def _fill(y, x, each):
    if not hasattr(x, "__dict__"):
        return x
    put = object.__setattr__
    for name, value in x.__dict__.items():
        put(y, name, each(value))
    return y


def deepcopy(x, memo=None):
    if isinstance(x, _ATOMS):
        return x
    if memo is None:
        memo = {}
    known = memo.get(id(x))
    if known is not None:
        return known
    if hasattr(x, "__deepcopy__"):
        y = x.__deepcopy__(memo)
        memo[id(x)] = y
        return y
    t = type(x)
    if t is list:
        y = memo[id(x)] = []
        for v in x:
            y.append(deepcopy(v, memo))
    elif t is dict:
        y = memo[id(x)] = {}
        for k, v in x.items():
            y[deepcopy(k, memo)] = deepcopy(v, memo)
    elif t is tuple:
        y = tuple([deepcopy(v, memo) for v in x])
        for a, b in zip(x, y):
            if a is not b:
                break
        else:
            y = x
        memo[id(x)] = y
    elif t in (set, frozenset):
        y = memo[id(x)] = t([deepcopy(v, memo) for v in x])
    elif t is bytearray:
        y = memo[id(x)] = bytearray(x)
    elif isinstance(x, dict):
        y = memo[id(x)] = x.copy() if hasattr(x, "copy") else t(x)
        for k, v in list(y.items()):
            y[k] = deepcopy(v, memo)
    elif isinstance(x, tuple):
        y = memo[id(x)] = t(*[deepcopy(v, memo) for v in x])
    elif isinstance(x, list):
        y = memo[id(x)] = t([deepcopy(v, memo) for v in x])
    else:
        y = _new(x)
        memo[id(x)] = y
        y = _fill(y, x, lambda v: deepcopy(v, memo))
    return y


def replace(obj, **changes):
    return obj.__replace__(**changes)
