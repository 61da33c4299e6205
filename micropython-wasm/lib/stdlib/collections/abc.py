# As second arguments of isinstance(): tuples of the types that are meant.
import array as _array


def _f():
    yield


_generator = type(_f())
_bound = type([].append)
Callable = (type(_f), type(lambda: 0), type(len), _bound, type, type(range))
Mapping = MutableMapping = dict
Set = MutableSet = (set, frozenset)
Sequence = (list, tuple, str, range, bytes, bytearray)
MutableSequence = (list, bytearray, _array.array)
Iterator = Generator = _generator
Iterable = Collection = Container = Sized = (list, tuple, str, dict, set, frozenset, range, bytes, bytearray, _generator)
Hashable = (int, float, str, bytes, tuple, frozenset, bool, type(None))
ByteString = (bytes, bytearray)
KeysView = type({}.keys())
ValuesView = type({}.values())
ItemsView = type({}.items())
