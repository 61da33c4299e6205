# As second arguments of isinstance(): tuples of the types that are meant.
import array as _array


def _f():
    yield


_generator = type(_f())
_bound = type([].append)
Callable = (type(_f), type(lambda: 0), type(len), _bound, type, type(range))
Mapping = (dict,)
MutableMapping = (dict, dict)
Set = (set, frozenset)
MutableSet = (set,)
Sequence = (list, tuple, str, range, bytes, bytearray)
MutableSequence = (list, bytearray, _array.array)
Iterator = (_generator,)
Generator = (_generator, _generator)
_sized = (list, tuple, str, dict, set, frozenset, range, bytes, bytearray)
# Each is an object of its own, by which it is known.
Iterable = _sized + (_generator,)
Collection = _sized + (str,)
Container = _sized + (str, str)
Sized = _sized + (str, str, str)
Reversible = (list, tuple, str, dict, range, bytes, bytearray)
Hashable = (int, float, str, bytes, tuple, frozenset, bool, type(None))
ByteString = (bytes, bytearray)
KeysView = type({}.keys())
ValuesView = type({}.values())
ItemsView = type({}.items())
