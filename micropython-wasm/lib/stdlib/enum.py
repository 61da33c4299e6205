# MicroPython has no metaclasses. compat/ hands the class to _make(), and its name is bound to what that gives: an
# object that stands for the class, is iterated, subscripted and called, and whose members are instances of the class.
import builtins as _builtins


class auto:
    # Flags are put together of others before they have values: `RW = R | W`.
    def __init__(self, *parts):
        self._parts = parts
        self._found = None

    def __or__(self, other):
        return auto(self, other)

    __ror__ = __or__

    def _value(self):
        n = 0
        for part in self._parts:
            n |= part._value() if isinstance(part, auto) else part
        return n if self._parts else self._found


class nonmember:
    def __init__(self, value):
        self.value = value


class member(nonmember):
    pass


class Enum:
    def __repr__(self):
        return "<%s.%s: %r>" % (self._type.__name__, self._name_, self._value_)

    def __str__(self):
        return "%s.%s" % (self._type.__name__, self._name_)

    def __format__(self, spec):
        return __compat__.fmt(str(self), spec)

    def __hash__(self):
        return hash(self._name_)

    def __eq__(self, other):
        return self is other

    def __ne__(self, other):
        return self is not other

    @property
    def name(self):
        return self._name_

    @property
    def value(self):
        return self._value_

    @staticmethod
    def _generate_next_value_(name, start, count, last_values):
        return max(last_values) + 1 if last_values else start


class _Valued(Enum):
    """Members that act as their values do."""

    def __hash__(self):
        return hash(self._value_)

    def __eq__(self, other):
        return self._value_ == _value(other)

    def __ne__(self, other):
        return self._value_ != _value(other)

    def __lt__(self, other):
        return self._value_ < _value(other)

    def __le__(self, other):
        return self._value_ <= _value(other)

    def __gt__(self, other):
        return self._value_ > _value(other)

    def __ge__(self, other):
        return self._value_ >= _value(other)

    def __add__(self, other):
        return self._value_ + _value(other)

    def __radd__(self, other):
        return other + self._value_

    def __len__(self):
        return len(self._value_)

    def __getitem__(self, i):
        return self._value_[i]


class IntEnum(_Valued):
    def __str__(self):
        return str(self._value_)

    def __int__(self):
        return self._value_

    def __index__(self):
        return self._value_

    def __bool__(self):
        return bool(self._value_)

    def __sub__(self, other):
        return self._value_ - _value(other)

    def __rsub__(self, other):
        return other - self._value_

    def __mul__(self, other):
        return self._value_ * _value(other)

    def __rmul__(self, other):
        return other * self._value_

    def __floordiv__(self, other):
        return self._value_ // _value(other)

    def __mod__(self, other):
        return self._value_ % _value(other)

    def __format__(self, spec):
        return __compat__.fmt(self._value_, spec)


class StrEnum(_Valued):
    def __str__(self):
        return self._value_

    def __format__(self, spec):
        return __compat__.fmt(self._value_, spec)

    def __getattr__(self, name):
        return getattr(object.__getattribute__(self, "_value_") if False else self.__dict__["_value_"], name)

    @staticmethod
    def _generate_next_value_(name, start, count, last_values):
        return name.lower()


class Flag(Enum):
    @staticmethod
    def _generate_next_value_(name, start, count, last_values):
        n = 1
        for v in last_values:
            while n <= v:
                n <<= 1
        return n

    def _of(self, value):
        return self._type(value)

    def __or__(self, other):
        return self._of(self._value_ | _value(other))

    def __and__(self, other):
        return self._of(self._value_ & _value(other))

    def __xor__(self, other):
        return self._of(self._value_ ^ _value(other))

    def __invert__(self):
        return self._of(self._type._mask & ~self._value_)

    def __contains__(self, other):
        return other._value_ & self._value_ == other._value_

    def __bool__(self):
        return self._value_ != 0

    def __eq__(self, other):
        return self is other or (isinstance(other, Flag) and self._type is other._type and self._value_ == other._value_)

    def __hash__(self):
        return hash(self._value_)

    def __iter__(self):
        return iter([m for m in self._type if m._value_ & self._value_])


class IntFlag(Flag):
    def __int__(self):
        return self._value_

    def __index__(self):
        return self._value_

    def __eq__(self, other):
        return self._value_ == _value(other)

    def __str__(self):
        return str(self._value_)


def _value(x):
    return x._value_ if isinstance(x, Enum) else x


def unique(enumeration):
    if not hasattr(enumeration, "__members__"):
        # A decorator comes before the class is made an enumeration.
        enumeration._is_unique = True
        return enumeration
    doubled = []
    for name, m in enumeration.__members__.items():
        if m._name_ != name:
            doubled.append("%s -> %s" % (name, m._name_))
    if doubled:
        raise ValueError("duplicate values found in <enum %r>: %s" % (enumeration.__name__, ", ".join(doubled)))
    return enumeration


class EnumType:
    def __iter__(self):
        if issubclass(self._class, Flag):
            # Those of several flags are names for what is put together.
            return iter([m for m in self._list if m._value_ and not m._value_ & (m._value_ - 1)])
        return iter(self._list)

    def __reversed__(self):
        return reversed(self._list)

    def __len__(self):
        return len(self._list)

    def __bool__(self):
        return True

    def __contains__(self, x):
        if isinstance(x, Enum):
            return x._type is self
        return any([m._value_ == x for m in self._list])

    def __getitem__(self, name):
        return self.__members__[name]

    def __getattr__(self, name):
        if name == "__wrapped__":
            raise AttributeError(name)
        return getattr(self.__dict__["_class"], name)

    def __call__(self, value, *more):
        for m in self._list:
            if m is value or m._value_ == value:
                return m
        if issubclass(self._class, Flag) and isinstance(value, int) and not value & ~self._mask:
            return self._combined(value)
        missing = getattr(self._class, "_missing_", None)
        if missing is not None:
            m = missing(value)
            if m is not None:
                return m
        raise ValueError("%r is not a valid %s" % (value, self.__name__))

    def _combined(self, value):
        m = self._others.get(value)
        if m is None:
            m = self._others[value] = _bare(self._class)
            object.__setattr__(m, "_type", self)
            object.__setattr__(m, "_value_", value)
            object.__setattr__(m, "_name_", "|".join([x._name_ for x in self if x._value_ & value]) or "0")
        return m

    def __repr__(self):
        return "<enum %r>" % self.__name__


EnumMeta = EnumType


def _bare(cls):
    return object.__new__(cls)


def _make(cls, names):
    space = cls.__dict__
    t = EnumType()
    t._class = cls
    t.__name__ = cls.__name__
    t._list = []
    t._others = {}
    t._mask = 0
    members = {}
    t.__members__ = members
    used = []
    last = []
    types = []
    for base in cls.__bases__:
        if not issubclass(base, Enum) and base is not object:
            types.append(base)
    for name in names:
        if name not in space or name.startswith("_") or name in ("name", "value"):
            continue
        value = space[name]
        if isinstance(value, nonmember):
            setattr(cls, name, value.value)
            continue
        if callable(value) and not isinstance(value, auto) or isinstance(value, (property, staticmethod, classmethod)):
            continue
        if isinstance(value, auto):
            made = value
            value = made._value()
            if value is None:
                value = made._found = cls._generate_next_value_(name, 1, len(last), last)
        m = None
        for known in t._list:
            if known._value_ == value:
                m = known
        if m is None:
            m = _bare(cls)
            m._type = t
            m._name_ = name
            m._value_ = value
            if "__init__" in space:
                m.__init__(*(value if isinstance(value, tuple) else (value,)))
            t._list.append(m)
            if isinstance(value, int):
                t._mask |= value
        last.append(value)
        members[name] = m
        setattr(cls, name, m)
    if "_is_unique" in space:
        unique(t)
    _watch()
    return t


_watches = False


def _watch():
    """isinstance() with what stands for a class."""
    global _watches
    if not _watches:
        # What is put among the built-ins is not found there by getattr().
        _watches = True
        plain = isinstance

        def _isinstance(o, t):
            if plain(t, EnumType):
                t = t._class
            elif plain(t, tuple):
                t = tuple([x._class if plain(x, EnumType) else x for x in t])
            return plain(o, t)

        _builtins.isinstance = _isinstance


def _functional(cls, name, names, start=1):
    if isinstance(names, str):
        names = names.replace(",", " ").split()
    pairs = list(names.items()) if isinstance(names, dict) else list(names)
    space = {}
    order = []
    for i, pair in enumerate(pairs):
        key, value = (pair, i + start) if isinstance(pair, str) else pair
        space[key] = value
        order.append(key)
    return _make(type(name, (cls,), space), order)


def _new(cls, *args, **kwargs):
    if len(args) >= 2 or kwargs:
        return _functional(cls, *args, **kwargs)
    return object.__new__(cls)


for _cls in (Enum, IntEnum, StrEnum, Flag, IntFlag):
    _cls.__new__ = staticmethod(_new)
