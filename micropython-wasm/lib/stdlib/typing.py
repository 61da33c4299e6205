# Types are for readers and checkers: at run time every name here takes any subscript.


class _Form:
    def __init__(self, name):
        self._name = name

    def __getitem__(self, item):
        return self

    def __call__(self, *args, **kwargs):
        return args[-1] if args else None

    def __or__(self, other):
        return self

    def __ror__(self, other):
        return self

    def __repr__(self):
        return "typing." + self._name


class _Alias(_Form):
    def __init__(self, name, origin):
        self._name = name
        self._origin = origin

    def __call__(self, *args, **kwargs):
        return self._origin(*args, **kwargs)


def _forms(names):
    for name in names.split():
        globals()[name] = _Form(name)


_forms(
    "Any Union Optional Callable Iterable Iterator Generator Literal Final ClassVar Annotated Awaitable Coroutine "
    "AsyncIterator AsyncIterable AsyncGenerator Sequence MutableSequence Mapping MutableMapping Collection Container "
    "Hashable Sized Reversible SupportsInt SupportsFloat SupportsAbs SupportsRound SupportsIndex SupportsBytes Text "
    "AnyStr NoReturn Never Self TypeAlias Concatenate TypeGuard Required NotRequired LiteralString Unpack IO TextIO "
    "BinaryIO Pattern Match AbstractSet MutableSet KeysView ValuesView ItemsView ByteString"
)
List = _Alias("List", list)
Dict = _Alias("Dict", dict)
Tuple = _Alias("Tuple", tuple)
Set = _Alias("Set", set)
FrozenSet = _Alias("FrozenSet", frozenset)
Type = _Alias("Type", type)


def _late(name, module):
    def make(*args, **kwargs):
        return getattr(__import__(module), name)(*args, **kwargs)

    return _Alias(name, make)


DefaultDict = _late("defaultdict", "collections")
Counter = _late("Counter", "collections")
Deque = _late("deque", "collections")
OrderedDict = _late("OrderedDict", "collections")
ChainMap = _late("ChainMap", "collections")
TYPE_CHECKING = False


class _Generic:
    pass


class _GenericForm(_Form):
    def __getitem__(self, item):
        return _Generic


Generic = _GenericForm("Generic")


class Protocol:
    pass


class TypeVar(_Form):
    def __init__(self, name, *constraints, bound=None, covariant=False, contravariant=False):
        self.__name__ = name
        self._name = name

    def __repr__(self):
        return "~" + self._name


ParamSpec = TypeVar
TypeVarTuple = TypeVar


def NewType(name, tp):
    return lambda x: x


def cast(typ, val):
    return val


def overload(func):
    return func


def final(func):
    return func


def no_type_check(func):
    return func


def runtime_checkable(cls):
    return cls


def override(func):
    return func


def get_type_hints(obj, *args, **kwargs):
    return {}


def get_origin(tp):
    return getattr(tp, "_origin", None)


def get_args(tp):
    return ()


def assert_never(arg):
    raise AssertionError("Expected code to be unreachable, but got: " + repr(arg))


def assert_type(val, typ):
    return val


def reveal_type(obj):
    return obj


class TypedDict:
    def __new__(cls, *args, **kwargs):
        d = {}
        d.update(*args, **kwargs)
        return d


def NamedTuple(name, fields):
    from collections import namedtuple

    return namedtuple(name, [f[0] for f in fields])
